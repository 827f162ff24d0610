using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>The struct pages of the memmap and the allocator of system RAM.</summary>
internal sealed partial class PhysicalMemory
{
    private ExtentMap<PageState> pages = null!;
    private ExtentMap<byte> freed = null!;
    private Allocator allocator = null!;

    /// <summary>The pfn of the shared zero page: the first frame of system RAM.</summary>
    internal ulong ZeroPfn { get; private set; }

    /// <summary>Struct page states by pfn. Only pfns with a struct page have one; asking for another's state is a defect of the caller.</summary>
    internal ExtentMap<PageState> Pages => pages;

    /// <summary>Pages taken from RAM and not yet given back.</summary>
    internal long AllocatedPages => allocator.InUse;

    /// <summary>A number for a new owner of page cache pages (an inode), unique in the machine.</summary>
    internal int NewOwner() => allocator.NewOwner();

    /// <summary>The state of a page that is known to have a struct page.</summary>
    internal PageState PageOf(ulong pfn) => pages[pfn];

    /// <summary>The struct page of a pfn, if a memmap covers it.</summary>
    internal bool TryGetPage(ulong pfn, out PageState page)
    {
        if (!HasStructPage(pfn))
        {
            page = default;
            return false;
        }

        page = pages[pfn];
        return true;
    }

    /// <summary>page_count() of an idle page of that memmap.</summary>
    internal int IdleReferences(ulong pfn) => PagemapOf(pfn)?.IdleRefCount ?? 0;

    /// <summary>page_count().</summary>
    internal int PageCount(ulong pfn) => IdleReferences(pfn) + pages[HeadOf(pfn)].References;

    /// <summary>compound_head(): folios are naturally aligned.</summary>
    internal ulong HeadOf(ulong pfn)
    {
        var order = pages[pfn].Order;
        return order == 0 ? pfn : pfn & ~((1UL << order) - 1);
    }

    /// <summary>Takes 2^order naturally aligned frames from system RAM, zero-filled, with one reference. False when RAM is exhausted.</summary>
    internal bool TryAllocate(int order, PageFlags flags, int owner, ulong index, out ulong pfn)
    {
        if (!TryTakeFrames(order, out pfn))
        {
            return false;
        }

        var count = 1UL << order;
        Contents.Fill(pfn, pfn + count, 0);
        var state = new PageState { References = 0, Flags = flags | PageFlags.Allocated, Owner = owner, Order = (byte)order, IndexDelta = index - pfn };
        pages.Set(pfn, pfn + count, state);
        state.References = 1;
        pages.Set(pfn, pfn + 1, state);
        allocator.Add((long)count);
        return true;
    }

    /// <summary>Gives the frames of a folio whose last reference is gone back to RAM.</summary>
    internal void Free(ulong head)
    {
        var order = pages[head].Order;
        var count = 1UL << order;
        pages.Clear(head, head + count);
        freed.Set(head, head + count, 1);
        allocator.Add(-(long)count);
    }

    /// <summary>filemap_remove_folio: the page leaves the page cache, and with it goes the cache's reference.</summary>
    internal void ForgetCachePage(ulong pfn)
    {
        var head = HeadOf(pfn);
        var count = 1UL << pages[head].Order;
        var owner = new OwnerChange(0, 0, PageFlags.PageCache | PageFlags.Dirty);
        pages.Transform(head, head + count, ref owner);
        Put(head, 1);
    }

    /// <summary>Sets page->mapping and index of a range of pages (0: nobody).</summary>
    internal void SetOwner(ulong pfn, ulong count, int owner, ulong index)
    {
        for (var page = pfn; page < pfn + count;)
        {
            var stretch = pages.StretchAt(page, pfn + count);
            var state = stretch.Value;
            state.Owner = owner;
            state.IndexDelta = owner == 0 ? 0 : index - pfn;
            pages.Set(stretch.Start, stretch.End, state);
            page = stretch.End;
        }
    }

    /// <summary>get_page: more references on the folio that the page belongs to.</summary>
    internal void Get(ulong pfn, int number)
    {
        var head = HeadOf(pfn);
        var state = pages[head];
        state.References += number;
        pages[head] = state;
    }

    /// <summary>put_page: fewer references; the folio is freed with the last one. True when it was freed.</summary>
    internal bool Put(ulong pfn, int number)
    {
        var head = HeadOf(pfn);
        var state = pages[head];
        if (state.References < number)
        {
            throw new InvalidOperationException($"pfn {head:x}: {number} references put, {state.References} held (simulator defect).");
        }

        state.References -= number;
        pages[head] = state;
        if (state.References == 0 && (state.Flags & PageFlags.Allocated) != 0)
        {
            Free(head);
            return true;
        }

        return false;
    }

    /// <summary>Adds to _mapcount (or for a whole mapping to the head's entire_mapcount) of one page.</summary>
    internal void AddMapping(ulong pfn, int number, bool entire = false)
    {
        var at = entire ? HeadOf(pfn) : pfn;
        var state = pages[at];
        if (entire)
        {
            state.EntireMapCount += number;
        }
        else
        {
            state.MapCount += number;
        }

        pages[at] = state;
    }

    internal void SetFlags(ulong pfn, PageFlags set, PageFlags clear = PageFlags.None)
    {
        var state = pages[pfn];
        var flags = (state.Flags & ~clear) | set;
        if (flags != state.Flags)
        {
            state.Flags = flags;
            pages[pfn] = state;
        }
    }

    /// <summary>True when the pfn is system RAM that nobody has allocated.</summary>
    internal bool IsFree(ulong pfn) => memmap[pfn] == SystemMemmap && (pages[pfn].Flags & (PageFlags.Allocated | PageFlags.Reserved)) == 0;

    private bool TryTakeFrames(int order, out ulong pfn)
    {
        var count = 1UL << order;
        ulong from = 0;
        while (freed.TryNext(from, ulong.MaxValue, out var extent))
        {
            var aligned = (extent.Start + count - 1) & ~(count - 1);
            if (aligned + count <= extent.End)
            {
                freed.Clear(aligned, aligned + count);
                pfn = aligned;
                return true;
            }

            from = extent.End;
        }

        foreach (var region in Regions)
        {
            if (region.Kind != RegionKind.SystemRam)
            {
                continue;
            }

            var end = region.End >> PageShift;
            var next = Math.Max(allocator.Next, region.Start >> PageShift);
            var aligned = (next + count - 1) & ~(count - 1);
            if (next < end && aligned + count <= end)
            {
                if (aligned > next)
                {
                    freed.Set(next, aligned, 1);
                }

                allocator.MoveTo(aligned + count);
                pfn = aligned;
                return true;
            }
        }

        pfn = 0;
        return false;
    }

    partial void InitializePages()
    {
        pages = new(Journal);
        freed = new(Journal);
        allocator = new(Journal);
    }

    /// <summary>Sets the first frame of RAM aside as the zero page.</summary>
    private void ReserveZeroPage(ulong firstPfn)
    {
        if (ZeroPfn == 0)
        {
            // Frame 0 of a machine is never RAM that anything maps, so that a pfn of 0 always means "none".
            ZeroPfn = Math.Max(firstPfn, 1);
            pages.Set(ZeroPfn, ZeroPfn + 1, new PageState { Flags = PageFlags.Reserved });
            allocator.MoveTo(Math.Max(allocator.Next, ZeroPfn + 1));
        }
    }

    private struct OwnerChange(int owner, ulong indexDelta, PageFlags clear) : IExtentTransform<PageState>
    {
        public readonly PageState Apply(ulong start, ulong end, PageState value)
        {
            value.Owner = owner;
            value.IndexDelta = indexDelta;
            value.Flags &= ~clear;
            return value;
        }
    }

    private sealed class Allocator(Journal journal) : Recoverable(journal)
    {
        internal ulong Next { get; private set; }

        internal long InUse { get; private set; }

        private int owners;

        internal int NewOwner()
        {
            Touch();
            return ++owners;
        }

        internal void MoveTo(ulong pfn)
        {
            Touch();
            Next = pfn;
        }

        internal void Add(long pages)
        {
            Touch();
            InUse += pages;
        }

        private protected override void CopyFrom(Recoverable state)
        {
            var other = (Allocator)state;
            Next = other.Next;
            InUse = other.InUse;
            owners = other.owners;
        }
    }
}
