using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>The memory of a DAX device as a filesystem uses it: pages are allocated and freed by number, and reached through direct_access.</summary>
internal abstract class DaxVolume : Recoverable
{
    private ExtentMap<byte> freed;
    private ulong next;

    private protected DaxVolume(Journal journal, ulong firstPage, ulong pageCount)
        : base(journal)
    {
        freed = new(journal);
        next = firstPage;
        PageCount = pageCount;
    }

    internal ulong PageCount { get; }

    /// <summary>The pages on the free list; a page in use is never among them.</summary>
    internal ExtentMap<byte> FreedPages => freed;

    internal bool IsAllocated(ulong page) => page < next && freed[page] == 0;

    /// <summary>dax_direct_access for one device page and those that follow it.</summary>
    internal abstract Result<DirectAccess> Access(ulong page, long pages);

    /// <summary>Takes <paramref name="count"/> neighbouring pages, aligned to <paramref name="alignment"/> pages. False: ENOSPC.</summary>
    internal bool TryAllocate(ulong count, ulong alignment, out ulong page)
    {
        ulong from = 0;
        while (freed.TryNext(from, ulong.MaxValue, out var extent))
        {
            var aligned = (extent.Start + alignment - 1) / alignment * alignment;
            if (aligned + count <= extent.End)
            {
                freed.Clear(aligned, aligned + count);
                page = aligned;
                return true;
            }

            from = extent.End;
        }

        page = (next + alignment - 1) / alignment * alignment;
        if (page + count > PageCount)
        {
            return false;
        }

        Touch();
        if (page > next)
        {
            freed.Set(next, page, 1);
        }

        next = page + count;
        return true;
    }

    internal void Free(ulong page, ulong count) => freed.Set(page, page + count, 1);

    private protected override void CopyFrom(Recoverable state) => next = ((DaxVolume)state).next;

    private protected override void Remap(CloneContext context) => freed = context.Map(freed);
}
