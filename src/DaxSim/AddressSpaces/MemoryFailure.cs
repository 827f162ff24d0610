using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Memory failure and soft offlining (mm/memory-failure.c), as MADV_HWPOISON and MADV_SOFT_OFFLINE inject them.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>madvise_inject_error: one page after the other, until the first that cannot be treated.</summary>
    private Verdict InjectMemoryFailure(AddressSpace space, ulong start, ulong end, bool soft)
    {
        var pages = new ulong[1];
        for (var at = start; at < end;)
        {
            var result = GetUserPagesFast(space, at, 1, GupFlags.Get, pages);
            if (result.Count == 0)
            {
                return result.Verdict;
            }

            var pfn = pages[0];
            var size = PageSize << Memory.PageOf(Memory.HeadOf(pfn)).Order;
            var verdict = soft ? SoftOffline(pfn) : Fail(space, pfn);
            Release(pfn, pin: false);
            if (!verdict.IsOk)
            {
                return verdict;
            }

            at = (at & ~(size - 1)) + size;
        }

        return Verdict.Ok;
    }

    /// <summary>memory_failure for one page.</summary>
    internal Verdict Fail(AddressSpace? current, ulong pfn)
    {
        var pagemap = Memory.PagemapOf(pfn);
        if (pagemap is not null && Policy.DeviceMemoryFailure == DeviceMemoryFailureRule.NotHandled)
        {
            return Verdict.Fail(Errno.ENXIO, Because("memory_failure", "Device memory is not handled.", PolicyProperty.DeviceMemoryFailure));
        }

        if (Memory.PageOf(pfn).Has(PageFlags.Reserved))
        {
            ReportFailure(pfn, "reserved kernel page", busy: true);
            return Verdict.Fail(Errno.EBUSY, Because("me_kernel", "The zero page is the kernel's: nothing can be done about a failure in it."));
        }

        if (Memory.PageOf(pfn).Has(PageFlags.Hugetlb))
        {
            return FailHugeTlb(pfn);
        }

        if (pagemap is null && Memory.PageOf(pfn).Order > 0)
        {
            var split = SplitFolio(pfn);
            if (!split.IsOk)
            {
                return split;
            }
        }

        Memory.Poison(pfn);
        if (Memory.PageOf(pfn).Has(PageFlags.Merged) && Policy.MergedFailure == MergedFailureRule.Ignored)
        {
            // hwpoison_user_mappings gives up: the page is marked, and everybody goes on with it.
            Log.Print(KernelLogLevel.Error, Subsystem.Mm, $"Memory failure: 0x{pfn:x}: can't handle KSM pages.");
            Log.Print(KernelLogLevel.Error, Subsystem.Mm, $"Memory failure: 0x{pfn:x}: recovery action for unmapping failed page: Ignored");
            return Verdict.Fail(Errno.EBUSY, Because("hwpoison_user_mappings", "Who maps a merged page cannot be found: it stays mapped.", PolicyProperty.MergedFailure));
        }

        if (IsCleanFilePage(pfn, out var inode))
        {
            // me_pagecache_clean: the file still has the data, so nobody is hurt; the next touch reads it again.
            var index = Memory.IndexOf(pfn);
            UnmapRange(inode, index, index + 1, evenCopies: false);
            inode.DropCache(index, index + 1);
        }
        else
        {
            foreach (var space in spaces)
            {
                PoisonEntries(space, pfn);
            }

            ForgetPoisonedData(pfn);
        }

        var busy = pagemap is null && IsHeldAfterFailure(pfn);
        ReportFailure(pfn, pagemap is null ? "page" : "dax page", busy);
        return busy ? Verdict.Fail(Errno.EBUSY, Because("page_action", "Somebody else holds the page: it is poisoned and unmapped, but not recovered.", PolicyProperty.HeldFailure)) : Verdict.Ok;
    }

    /// <summary>has_extra_refcount: does anybody hold the page besides the caller, and a memory file that keeps it?</summary>
    private bool IsHeldAfterFailure(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        return state.IsAnon
            ? Policy.HeldFailure != HeldFailureRule.HugePagesBusy && state.References > 1
            : state.References > (state.Has(PageFlags.PageCache) ? 2 : 1);
    }

    /// <summary>
    /// me_pagecache_dirty: what was in the page and not on the disk is lost. It leaves the file, and the next fsync tells. A memory file loses its
    /// page silently, or keeps it as poisoned, by era.
    /// </summary>
    private void ForgetPoisonedData(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        if (!state.Has(PageFlags.PageCache) || !files.TryGetValue(state.Owner, out var inode) || (inode.Kind == MappingKind.Shmem && Policy.ShmemFailure == ShmemFailureRule.KeptPoisoned))
        {
            return;
        }

        if (inode.Kind is MappingKind.PageCache or MappingKind.Shmem)
        {
            var index = Memory.IndexOf(pfn);
            inode.DropCache(index, index + 1);
            if (inode.Kind == MappingKind.PageCache)
            {
                inode.SetWritebackError(true);
            }
        }
    }

    private bool IsCleanFilePage(ulong pfn, out Inode inode)
    {
        var state = Memory.PageOf(pfn);
        inode = null!;
        return state.Has(PageFlags.PageCache) && state.Order == 0 && files.TryGetValue(state.Owner, out inode!)
            && inode.Kind == MappingKind.PageCache && !inode.Cache[Memory.IndexOf(pfn)].Has(CacheFlags.Dirty) && !HasDirtyEntry(inode, Memory.IndexOf(pfn));
    }

    /// <summary>A store whose dirty bit has not reached the page yet (folio_mkclean finds it).</summary>
    private bool HasDirtyEntry(Inode inode, ulong index)
    {
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas)
            {
                if (area.Inode == inode && area.IsShared && TryOverlap(area, index, index + 1, out var from, out _) && space.PageTable[PageOf(from)].Has(PteFlags.Dirty))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>soft_offline_page_store: a frame by its number, whoever uses it.</summary>
    internal Verdict SoftOfflineFrame(ulong pfn)
    {
        if (!Policy.Config.IsEnabled("MEMORY_FAILURE"))
        {
            return Verdict.Fail(Errno.EINVAL, Because("soft_offline_page", "The kernel was built without MEMORY_FAILURE."));
        }

        if (!Memory.HasStructPage(pfn))
        {
            return Verdict.Fail(Errno.ENXIO, Because("soft_offline_page", "There is no such frame, or it has no struct page."));
        }

        if (Memory.PagemapOf(pfn) is not null)
        {
            return SoftOffline(pfn);
        }

        if (Memory.IsFree(pfn))
        {
            return Verdict.Unknown(Because("page_handle_poison", "How a free frame is taken out of the free lists is not modelled."));
        }

        var head = Memory.HeadOf(pfn);
        Memory.Get(head, 1);
        var verdict = SoftOffline(pfn);
        Release(pfn, pin: false);
        return verdict;
    }

    /// <summary>soft_offline_page: moves the content elsewhere; device memory cannot be taken offline.</summary>
    private Verdict SoftOffline(ulong pfn)
    {
        if (Memory.PagemapOf(pfn) is not null)
        {
            return Verdict.Fail(Errno.EIO, Because("soft_offline_page", "Device memory is never online, so it cannot be taken offline."));
        }

        var state = Memory.PageOf(pfn);
        if (state.Has(PageFlags.Reserved))
        {
            // The zero page: nobody frees it, and it is only counted as not movable.
            return Verdict.Ok;
        }

        if (state.Order > 0)
        {
            if (state.Has(PageFlags.Hugetlb))
            {
                return MoveHugeTlb(pfn);
            }

            var split = SplitFolio(pfn);
            if (!split.IsOk)
            {
                return split;
            }
        }

        if (IsCleanFilePage(pfn, out var inode) && Memory.PageOf(pfn).MapCount == 0)
        {
            // invalidate_inode_page: a clean page that nobody maps is simply dropped.
            var index = Memory.IndexOf(pfn);
            inode.DropCache(index, index + 1);
            Memory.Poison(pfn);
            return Verdict.Ok;
        }

        return MovePage(pfn);
    }

    /// <summary>try_to_unmap with hwpoison entries: every later touch is a SIGBUS.</summary>
    private void PoisonEntries(AddressSpace space, ulong pfn)
    {
        foreach (var run in space.PageTable.Ptes.Extents().ToArray())
        {
            if (!run.Value.IsPresent || run.Value.IsZero)
            {
                continue;
            }

            var first = run.Value.Pfn(run.Start);
            if (pfn < first || pfn >= first + run.Length)
            {
                continue;
            }

            var page = run.Start + (pfn - first);
            var area = space.Find(page << PageShift);
            if (area is null)
            {
                continue;
            }

            if (!run.Value.IsSpecial)
            {
                CountRss(space, pfn, -1);
                Memory.AddMapping(pfn, -1);
                Memory.Put(pfn, 1);
            }

            space.PageTable[page] = new Pte(page, pfn, PteFlags.HwPoison);
        }
    }
}
