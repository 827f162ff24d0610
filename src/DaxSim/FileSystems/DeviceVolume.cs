using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>The pages of a block device in memory, as the filesystem on it hands them out to files.</summary>
internal sealed class DeviceVolume : Recoverable
{
    /// <summary>Pages at the start that hold the filesystem's own structures.</summary>
    private const ulong MetadataPages = 512;

    private BlockDevice device;
    private readonly bool hasJournal;
    private ExtentMap<Number> freed;
    private ExtentMap<Number> committing;
    private ulong next = MetadataPages;

    /// <param name="journal">What the machine can take back.</param>
    /// <param name="device">The device.</param>
    /// <param name="pageShift">The page size of the machine, as a power of two.</param>
    /// <param name="hasJournal">Whether the filesystem has one (ext4, xfs): what it frees is given out again only after the next commit.</param>
    internal DeviceVolume(Journal journal, BlockDevice device, int pageShift, bool hasJournal)
        : base(journal)
    {
        this.device = device;
        this.hasJournal = hasJournal;
        freed = new(journal);
        committing = new(journal);
        PageShift = pageShift;
    }

    internal ulong PageCount => (ulong)device.SizeBytes >> PageShift;

    private int PageShift { get; }

    /// <summary>True when the page belongs to a file (or was never freed since).</summary>
    internal bool IsAllocated(ulong page) => page < next && freed[page] == 0 && committing[page] == 0;

    /// <summary>The memory of one page and those that follow it, through direct_access of the era.</summary>
    internal Result<DirectAccess> Access(ulong page, long pages)
    {
        if (device.Policy.DirectAccessInterface < DirectAccessInterface.DaxOperations)
        {
            return device.BdevDirectAccess(page << (PageShift - BlockDevice.SectorShift), pages << PageShift);
        }

        var start = device.StartSector << BlockDevice.SectorShift;
        if ((start & ((1UL << PageShift) - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, new Reason("bdev_dax_pgoff", $"The partition {device.Name} does not begin on a page boundary."));
        }

        return device.DaxDevice is { } dax
            ? dax.DirectAccess((start >> PageShift) + page, pages)
            : Verdict.Fail(Errno.EOPNOTSUPP, new Reason("dax_direct_access", $"{device.Name} has no dax_device."));
    }

    /// <summary>The frame that block I/O to a page reaches: the driver copies to and from it.</summary>
    internal ulong FrameOf(ulong page) => device.Frames is { } frames ? frames.StartPfn + page : Access(page, 1) is { IsOk: true } access ? access.Value.Pfn : 0;

    /// <summary>Takes <paramref name="count"/> neighbouring pages, aligned to <paramref name="alignment"/> pages of the device. False: ENOSPC.</summary>
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
            // ext4_should_retry_alloc: a full filesystem commits and looks again.
            return Commit() && TryAllocate(count, alignment, out page);
        }

        Touch();
        if (page > next)
        {
            freed.Set(next, page, 1);
        }

        next = page + count;
        return true;
    }

    internal void Free(ulong page, ulong count) => (hasJournal ? committing : freed).Set(page, page + count, 1);

    /// <summary>The journal commits (fsync, or the filesystem is full): what was freed before can be given out. False when that was nothing.</summary>
    internal bool Commit()
    {
        var any = false;
        foreach (var extent in committing.Extents(0, ulong.MaxValue).ToArray())
        {
            committing.Clear(extent.Start, extent.End);
            freed.Set(extent.Start, extent.End, 1);
            any = true;
        }

        return any;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(device);
        digest.Add(freed);
        digest.Add(committing);
        digest.Add(next);
    }

    private protected override void CopyFrom(Recoverable state) => next = ((DeviceVolume)state).next;

    private protected override void Remap(CloneContext context)
    {
        device = context.Map(device);
        freed = context.Map(freed);
        committing = context.Map(committing);
    }
}
