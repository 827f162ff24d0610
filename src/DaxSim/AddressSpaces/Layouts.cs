using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>Taking blocks away from a file that may be mapped or pinned (fs/dax.c, mm/truncate.c).</summary>
internal sealed partial class MemoryManager
{
    private StateList<LayoutOperation> waiters = null!;

    /// <summary>The operations that sleep for a busy page, oldest first.</summary>
    internal IReadOnlyList<LayoutOperation> Waiters => waiters;

    internal LayoutOperation BeginTruncate(Inode inode, long size) => new(Journal, this, inode, LayoutChange.Truncate, size, 0);

    internal LayoutOperation BeginChange(Inode inode, LayoutChange change, long offset, long length) => new(Journal, this, inode, change, offset, length);

    /// <summary>Truncates without being able to sleep: a busy page makes it give up, as a signal would.</summary>
    internal Verdict Truncate(Inode inode, long size) => RunOrGiveUp(BeginTruncate(inode, size));

    internal Verdict PunchHole(Inode inode, long offset, long length) => RunOrGiveUp(BeginChange(inode, LayoutChange.PunchHole, offset, length));

    /// <summary>vfs_fallocate: does the file have such a method, and can it take ranges away?</summary>
    internal Verdict CheckAllocation(Inode inode, ulong offset = 0)
    {
        if (inode.BlockDevice is not null)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, Because("blkdev_fallocate", "The device cannot discard or zero ranges."));
        }

        if (inode.Kind is MappingKind.DevMem or MappingKind.DeviceDax)
        {
            return Verdict.Fail(Errno.ENODEV, Because("vfs_fallocate", "The file is neither regular nor a block device."));
        }

        if (inode.Kind == MappingKind.PciBar && Policy.SysfsFileSize == SysfsFileSizeRule.TwoGigabytes && offset > int.MaxValue)
        {
            return Verdict.Fail(Errno.EFBIG, Because("vfs_fallocate", "The range lies behind the largest file of sysfs, 2 GiB: the offset is the resource's bus address.", PolicyProperty.SysfsFileSize));
        }

        return inode.SupportsAllocation && inode.Kind is not (MappingKind.PciBar or MappingKind.SecretMemory) ? Verdict.Ok : Verdict.Fail(Errno.EOPNOTSUPP, Because("vfs_fallocate", "The filesystem has no fallocate method."));
    }

    internal Verdict RunOrGiveUp(LayoutOperation operation)
    {
        var verdict = operation.Run();
        operation.Interrupt();
        return verdict;
    }

    internal void AddWaiter(LayoutOperation operation) => waiters.Add(operation);

    internal void RemoveWaiter(LayoutOperation operation) => waiters.Remove(operation);

    /// <summary>Does this file's filesystem break layouts in this era? Without struct pages there is nothing to wait for, and a kernel with FS_DAX_LIMITED does not even look.</summary>
    internal bool BreaksLayouts(Inode inode)
        => inode.Kind == MappingKind.FsDax && !Policy.Config.IsEnabled("FS_DAX_LIMITED") && (Policy.LayoutBreak == LayoutBreakRule.AllFileSystems || (Policy.LayoutBreak == LayoutBreakRule.XfsOnly && inode.IsOnXfs));

    /// <summary>dax_layout_busy_page: the first page of the mapping that somebody besides page tables references.</summary>
    internal bool FindBusyPage(Inode inode, out ulong pfn) => FindBusyPage(inode, 0, ulong.MaxValue >> 12, out pfn);

    private bool FindBusyPage(Inode inode, ulong from, ulong until, out ulong pfn)
    {
        foreach (var extent in inode.Cache.Extents(from, until))
        {
            if (extent.Value.Has(CacheFlags.Zero))
            {
                continue;
            }

            var first = extent.Value.Target(extent.Start);
            if (!Memory.HasStructPage(first))
            {
                continue;
            }

            for (var page = first; page < first + extent.Length;)
            {
                var stretch = Memory.Pages.StretchAt(page, first + extent.Length);
                var state = stretch.Value;
                if (state.References - (state.MapCount + state.EntireMapCount) * (Policy.DaxPages == DaxPageRule.CountedLikeFilePages ? 1 : 0) > 0)
                {
                    pfn = stretch.Start;
                    return true;
                }

                page = stretch.End;
            }
        }

        pfn = 0;
        return false;
    }

    /// <summary>The last reference beyond the idle ones was given back: whoever sleeps for the page is woken.</summary>
    private void WakeIdleWaiters(ulong pfn, ReleaseKind kind)
    {
        if (waiters.Count == 0 || Memory.PageOf(pfn).References > 0)
        {
            return;
        }

        if (kind == ReleaseKind.DirectIo && Policy.LayoutWakeup == LayoutWakeupRule.ForgottenByDirectIo)
        {
            Trace?.Step("put_devmap_managed_page", "wake the sleeper for this page?", "no: direct I/O gives its references back another way", PolicyProperty.LayoutWakeup);
            return;
        }

        foreach (var waiter in waiters.ToArray())
        {
            if (Memory.HeadOf(waiter.WaitsFor) == pfn)
            {
                waiter.Wake();
            }
        }
    }

    /// <summary>Where mappings are references (6.15 on), the last of them may be what a sleeper waits for.</summary>
    private void WakeWaitersForUnmappedPages()
    {
        if (waiters.Count == 0 || Policy.DaxPages != DaxPageRule.CountedLikeFilePages)
        {
            return;
        }

        foreach (var waiter in waiters.ToArray())
        {
            if (Memory.PageOf(Memory.HeadOf(waiter.WaitsFor)).References == 0)
            {
                waiter.Wake();
            }
        }
    }

    /// <summary>The change itself, once nothing stands in its way.</summary>
    internal Verdict ChangeLayout(Inode inode, LayoutChange change, long offset, long length)
    {
        if (RangeTest(inode, change, offset, length) is { } over)
        {
            return over;
        }

        switch (change)
        {
            case LayoutChange.Truncate:
                SetFileSize(inode, offset);
                return Verdict.Ok;
            case LayoutChange.PunchHole:
            case LayoutChange.ZeroRange:
                if (change == LayoutChange.PunchHole && !inode.IsOnXfs && inode.Kind is MappingKind.FsDax or MappingKind.PageCache)
                {
                    // ext4_punch_hole: not further than the page in which the file ends.
                    length = Math.Min(length, (inode.Size & ~(long)(PageSize - 1)) + (long)PageSize - offset);
                }

                ZeroFileRange(inode, offset, length, keepBlocks: change == LayoutChange.ZeroRange);
                return Verdict.Ok;
            default:
                return ShiftFileRange(inode, offset, length, insert: change == LayoutChange.InsertRange);
        }
    }

    /// <summary>
    /// What the position of a range in its file already decides, or null. ext4_punch_hole: past the end there is nothing to do. ext4_collapse_range and
    /// ext4_insert_range: blocks are shifted whole, and only within the file. xfs punches past the end too, where blocks may lie.
    /// </summary>
    internal Verdict? RangeTest(Inode inode, LayoutChange change, long offset, long length) => change switch
    {
        LayoutChange.PunchHole when !inode.IsOnXfs && inode.Kind is MappingKind.FsDax or MappingKind.PageCache && offset >= inode.Size => Verdict.Ok,
        LayoutChange.CollapseRange or LayoutChange.InsertRange
            when (offset & (long)(PageSize - 1)) != 0 || (length & (long)(PageSize - 1)) != 0 || length == 0
                || (change == LayoutChange.InsertRange ? offset >= inode.Size : offset + length >= inode.Size)
            => Verdict.Fail(Errno.EINVAL, Because(inode.IsOnXfs ? "xfs_file_fallocate" : "ext4_collapse_range", "The range is not block-aligned or reaches the end of the file.")),
        _ => null,
    };

    /// <summary>truncate_setsize and what follows it.</summary>
    private void SetFileSize(Inode inode, long size)
    {
        var old = inode.Size;
        var firstGone = ((ulong)size + PageSize - 1) >> PageShift;
        inode.SetSize(size);
        if (size < old)
        {
            UnmapRange(inode, firstGone, ulong.MaxValue >> 12, evenCopies: true);
            WarnOfBusyPages(inode, firstGone, ulong.MaxValue >> 12);
        }

        if (size < old || inode.Kind == MappingKind.PageCache)
        {
            // truncate_pagecache, also of a file that grows: pages that a read past the end had left go.
            inode.DropCache(firstGone, ulong.MaxValue >> 12);
        }

        if (size < old)
        {
            inode.FreeBlocks(firstGone, ulong.MaxValue >> 12);
            var tail = (int)((ulong)size & (PageSize - 1));
            if (tail != 0)
            {
                inode.ZeroPartial((ulong)size >> PageShift, tail, (int)PageSize);
            }
        }
    }

    /// <summary>dax_disassociate_entry: entries of a range go although somebody still references their pages. Once pages name their file this is noticed, once.</summary>
    private void WarnOfBusyPages(Inode inode, ulong first, ulong end)
    {
        if (inode.Kind == MappingKind.FsDax && !Policy.Config.IsEnabled("FS_DAX_LIMITED") && Policy.DaxPageOwner != DaxPageOwnerRule.Nobody && Policy.DaxPages != DaxPageRule.CountedLikeFilePages
            && FindBusyPage(inode, first, end, out _) && counters.WarnOnce("dax_disassociate_entry"))
        {
            Log.Print(KernelLogLevel.Warning, Subsystem.Mm, "WARNING: CPU: 0 PID: 0 at fs/dax.c dax_disassociate_entry");
            Log.Taint(Taints.Warn);
        }
    }

    private void ZeroFileRange(Inode inode, long offset, long length, bool keepBlocks)
    {
        var first = ((ulong)offset + PageSize - 1) >> PageShift;
        var end = (ulong)(offset + length) >> PageShift;
        if (((ulong)offset & (PageSize - 1)) != 0)
        {
            inode.ZeroPartial((ulong)offset >> PageShift, (int)((ulong)offset & (PageSize - 1)), (int)Math.Min((long)PageSize, ((long)((ulong)offset & (PageSize - 1))) + length));
        }

        if (first < end)
        {
            UnmapRange(inode, first, end, evenCopies: false);
            WarnOfBusyPages(inode, first, end);
            inode.DropCache(first, end);
            if (keepBlocks)
            {
                foreach (var extent in inode.Blocks.Extents(first, end).ToArray())
                {
                    inode.Blocks.Set(extent.Start, extent.End, extent.Value.With(CacheFlags.Unwritten));
                }
            }
            else
            {
                inode.FreeBlocks(first, end);
            }
        }

        if (((ulong)(offset + length) & (PageSize - 1)) != 0 && end >= first)
        {
            inode.ZeroPartial(end, 0, (int)((ulong)(offset + length) & (PageSize - 1)));
        }
    }

    /// <summary>FALLOC_FL_COLLAPSE_RANGE and INSERT_RANGE: the blocks behind move.</summary>
    private Verdict ShiftFileRange(Inode inode, long offset, long length, bool insert)
    {
        var first = (ulong)offset >> PageShift;
        var pages = (ulong)length >> PageShift;
        inode.WriteBack(this);
        // ext4 cuts the cache off as a truncation does; xfs only flushes it, and private copies stay.
        UnmapRange(inode, first, ulong.MaxValue >> 12, evenCopies: !inode.IsOnXfs);
        inode.DropCache(first, ulong.MaxValue >> 12);
        if (!insert)
        {
            inode.FreeBlocks(first, first + pages);
        }

        var moved = inode.Blocks.Extents(insert ? first : first + pages).ToArray();
        inode.Blocks.Clear(first, ulong.MaxValue >> 12);
        inode.ShiftDisk(first, pages, insert);
        foreach (var extent in moved)
        {
            var start = insert ? extent.Start + pages : extent.Start - pages;
            var flags = extent.Value.Flags & ~CacheFlags.Present;
            var target = inode.Volume is null ? start : extent.Value.Target(extent.Start);
            inode.Blocks.Set(start, start + extent.Length, new CacheEntry(start, target, flags));
        }

        inode.SetSize(insert ? inode.Size + length : inode.Size - length);
        if (!insert)
        {
            // truncate_setsize: behind the new end even private copies go.
            UnmapRange(inode, inode.PagesInSize, ulong.MaxValue >> 12, evenCopies: true);
        }

        return Verdict.Ok;
    }
}
