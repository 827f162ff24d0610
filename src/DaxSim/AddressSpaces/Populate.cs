using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Faulting pages in ahead of use: MAP_POPULATE, mlock, MADV_POPULATE_* (mm/gup.c, mm/mlock.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>__mm_populate: 0, or the errno that mlock returns.</summary>
    internal Verdict Populate(AddressSpace space, ulong start, ulong end, bool ignoreErrors)
    {
        for (var at = start; at < end;)
        {
            var area = space.FindAbove(at);
            if (area is null || area.Start >= end)
            {
                break;
            }

            at = Math.Max(at, area.Start);
            var stop = Math.Min(end, area.End);
            if (area.Has(VmFlags.LockOnFault) && Policy.LockOnFaultPopulate == LockOnFaultPopulateRule.ChecksAreas && !area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec) && !ignoreErrors)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("check_vma_flags", "The area may not be accessed at all.", PolicyProperty.LockOnFaultPopulate));
            }

            if (!area.Has(VmFlags.Io | VmFlags.PfnMap) && !area.Has(VmFlags.LockOnFault))
            {
                var flags = GupFlags.Touch;
                if ((area.Flags & (VmFlags.Write | VmFlags.Shared)) == VmFlags.Write)
                {
                    flags |= GupFlags.Write;
                }

                if (area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec))
                {
                    flags |= GupFlags.Force;
                }

                var result = PrefaultRange(space, at, stop, flags);
                if (!result.IsOk && !ignoreErrors)
                {
                    // __mlock_posix_error_return
                    return Verdict.Fail(result.Errno switch { Errno.EFAULT => Errno.ENOMEM, Errno.ENOMEM => Errno.EAGAIN, var other => other }, result.Reason);
                }
            }

            at = stop;
        }

        return Verdict.Ok;
    }

    internal Verdict Mlock(AddressSpace space, ulong address, ulong length, bool onFault = false)
    {
        var start = address & ~(PageSize - 1);
        var end = RoundUp(address + length);
        var verdict = ApplyLock(space, start, end, VmFlags.Locked | (onFault ? VmFlags.LockOnFault : 0));
        return verdict.IsOk ? Populate(space, start, end, ignoreErrors: false) : verdict;
    }

    internal Verdict Munlock(AddressSpace space, ulong address, ulong length)
        => ApplyLock(space, address & ~(PageSize - 1), RoundUp(address + length), VmFlags.None);

    /// <summary>mlockall: every area (MCL_CURRENT) and those to come (MCL_FUTURE).</summary>
    internal Verdict MlockAll(AddressSpace space, bool current, bool future)
    {
        space.SetDefaultFlags(future ? VmFlags.Locked : VmFlags.None);
        if (current)
        {
            foreach (var area in space.Areas.Span.ToArray())
            {
                SetLock(space, area, VmFlags.Locked);
            }

            Populate(space, 0, TaskSize, ignoreErrors: true);
        }

        return Verdict.Ok;
    }

    /// <summary>munlockall: nothing is locked any more, now or later.</summary>
    internal Verdict MunlockAll(AddressSpace space)
    {
        space.SetDefaultFlags(VmFlags.None);
        foreach (var area in space.Areas.Span.ToArray())
        {
            SetLock(space, area, VmFlags.None);
        }

        return Verdict.Ok;
    }

    /// <summary>MADV_POPULATE_READ and MADV_POPULATE_WRITE for a range.</summary>
    internal Verdict MadvisePopulate(AddressSpace space, ulong start, ulong end, bool write)
    {
        for (var at = start; at < end;)
        {
            var area = space.Find(at);
            if (area is null)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("madvise_populate", $"Nothing is mapped at 0x{at:x}."));
            }

            var stop = Math.Min(end, area.End);
            var flags = GupFlags.Touch | GupFlags.HwPoison | GupFlags.MadvPopulate | (write ? GupFlags.Write : 0);
            var allowed = CheckAreaFlags(area, flags);
            if (!allowed.IsOk)
            {
                return Verdict.Fail(Errno.EINVAL, allowed.Reason);
            }

            var result = PrefaultRange(space, at, stop, flags);
            if (!result.IsOk)
            {
                return result.Errno is Errno.EFAULT or Errno.EHWPOISON or Errno.EINVAL ? result : Verdict.Fail(Errno.ENOMEM, result.Reason);
            }

            at = stop;
        }

        return Verdict.Ok;
    }

    /// <summary>mincore: whether each page is in memory, bit 0 of a byte each.</summary>
    internal Result<byte[]> Mincore(AddressSpace space, ulong address, ulong length)
    {
        if ((address & (PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("mincore", "The address is not a multiple of the page size."));
        }

        var pages = RoundUp(length) >> PageShift;
        var vector = new byte[pages];
        for (ulong i = 0; i < pages; i++)
        {
            var at = address + (i << PageShift);
            if (space.Find(at) is not { } area)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("do_mincore", $"Nothing is mapped at 0x{at:x}."));
            }

            vector[i] = IsInCore(space, area, at) ? (byte)1 : (byte)0;
        }

        return vector;
    }

    internal Verdict Msync(AddressSpace space, ulong address, ulong length, bool sync, bool invalidate)
    {
        if ((address & (PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("msync", "The address is not a multiple of the page size."));
        }

        var end = address + RoundUp(length);
        var holes = false;
        for (var at = address; at < end;)
        {
            var area = space.FindAbove(at);
            if (area is null)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("msync", "Part of the range is not mapped."));
            }

            if (area.Start > at)
            {
                holes = true;
                at = area.Start;
                if (at >= end)
                {
                    break;
                }
            }

            if (invalidate && area.Has(VmFlags.Locked))
            {
                return Verdict.Fail(Errno.EBUSY, Because("msync", "MS_INVALIDATE on a locked area."));
            }

            var stop = Math.Min(end, area.End);
            if (sync && area.File is { } file && area.IsShared)
            {
                if (file.Inode.Kind is MappingKind.DevMem or MappingKind.DeviceDax or MappingKind.SecretMemory)
                {
                    return Verdict.Fail(Errno.EINVAL, Because("vfs_fsync_range", "The file has no fsync method."));
                }

                if (file.Inode.Kind != MappingKind.PciBar)
                {
                    file.Inode.WriteBack(this, area.PageIndex(at, PageShift), area.PageIndex(stop - 1, PageShift) + 1);
                    file.Inode.CommitMetadata();
                }
            }

            at = stop;
        }

        return holes ? Verdict.Fail(Errno.ENOMEM, Because("msync", "Part of the range is not mapped.")) : Verdict.Ok;
    }

    private bool IsInCore(AddressSpace space, Vma area, ulong address)
    {
        if (area.Special is not null && Policy.MincoreWithoutFile == MincoreWithoutFileRule.AllPresent)
        {
            return true;
        }

        var page = PageOf(address);
        var walked = !area.Has(VmFlags.PfnMap) || Policy.MincorePfnMap == MincorePfnMapRule.LooksAtEntries;
        if (walked && space.PageTable[page].Has(PteFlags.Swap))
        {
            // mincore_page of the swap cache.
            return Memory.Swap!.TryCached(space.PageTable[page].Pfn(page), out _);
        }

        if (walked && (space.PageTable[page].IsPresent || space.PageTable[page].Has(PteFlags.Migration) || space.PageTable.PmdOf(page).Has(PteFlags.Present | PteFlags.Migration)))
        {
            return true;
        }

        return area.File is { } file && file.Inode.HasPageCache && (!file.Inode.Cache[area.PageIndex(address, PageShift)].IsNone || file.Inode.IsInSwapCache(area.PageIndex(address, PageShift)));
    }

    /// <summary>populate_vma_page_range: get_user_pages without a pages array.</summary>
    private Verdict PrefaultRange(AddressSpace space, ulong start, ulong end, GupFlags flags)
    {
        var advanced = false;
        for (var at = start; at < end;)
        {
            var area = space.Find(at);
            var runs = area is not null && FaultsInRuns(area, flags);
            var run = runs ? PrefaultRun(space, area!, PageOf(at), PageOf(Math.Min(end, area!.End)), flags) : 0;
            if (run > 0)
            {
                at += run << PageShift;
                advanced = true;
                continue;
            }

            // Page by page, and where neighbours may be alike again, one page only.
            var result = GetUserPages(space, space, at, runs ? 1 : (int)Math.Min((end - at) >> PageShift, int.MaxValue), flags | GupFlags.Unlockable, null);
            if (result.Count > 0)
            {
                at += (ulong)result.Count << PageShift;
                advanced = true;
            }
            else if (runs && advanced)
            {
                // Had it walked on page by page, the error would have ended a prefix, and been met again by the next call.
                advanced = false;
            }
            else
            {
                return result.Verdict;
            }
        }

        return Verdict.Ok;
    }

    /// <summary>apply_vma_lock_flags.</summary>
    private Verdict ApplyLock(AddressSpace space, ulong start, ulong end, VmFlags lockFlags)
    {
        if (end < start)
        {
            return Verdict.Fail(Errno.EINVAL, Because("apply_vma_lock_flags", "The range wraps around."));
        }

        for (var at = start; at < end;)
        {
            var area = space.Find(at);
            if (area is null)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("apply_vma_lock_flags", $"Nothing is mapped at 0x{at:x}."));
            }

            var stop = Math.Min(end, area.End);
            if (CanLock(area) && (area.Flags & (VmFlags.Locked | VmFlags.LockOnFault)) != lockFlags)
            {
                if (SplitAt(space, at, stop) is { IsOk: false } refused)
                {
                    return refused;
                }

                SetLock(space, space.Find(at)!, lockFlags);
            }

            at = stop;
        }

        return Verdict.Ok;
    }

    private static bool CanLock(Vma area) => !area.Has(VmFlags.Special | VmFlags.HugeTlb) && !area.IsDax && area.Inode?.Kind != MappingKind.SecretMemory;

    private void SetLock(AddressSpace space, Vma area, VmFlags lockFlags)
    {
        if (!CanLock(area))
        {
            return;
        }

        var was = area.Has(VmFlags.Locked);
        area.SetFlags((area.Flags & ~(VmFlags.Locked | VmFlags.LockOnFault)) | lockFlags);
        var pages = (long)(area.Length >> PageShift);
        space.CountLocked(((lockFlags & VmFlags.Locked) != 0 ? pages : 0) - (was ? pages : 0));
        MergeNeighbours(space, area);
    }
}
