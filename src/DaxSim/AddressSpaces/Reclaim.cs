using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Taking pages out of memory (mm/vmscan.c): into a swap area, or, where a file has the same bytes, just away.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>
    /// reclaim_pages for the pages that a range maps. MADV_PAGEOUT leaves those alone that others map too; memory pressure does not,
    /// and takes pages out of the swap cache as well that nobody maps any more.
    /// </summary>
    /// <returns>How many pages left memory.</returns>
    internal int ReclaimRange(AddressSpace space, Vma area, ulong start, ulong end, bool pressure)
    {
        SplitForReclaim(space, area, start, end, pressure);
        var reclaimed = 0;
        foreach (var run in space.PageTable.Ptes.Extents(PageOf(start), PageOf(end)).ToArray())
        {
            if (run.Value.Has(PteFlags.Swap))
            {
                reclaimed += pressure ? ReclaimSwapCache(run) : 0;
                continue;
            }

            if (!run.Value.IsPresent || run.Value.IsSpecial || run.Value.IsDevmap)
            {
                continue;
            }

            for (var page = run.Start; page < run.End; page++)
            {
                var pte = space.PageTable[page];
                if (!pressure && Policy.PageOutHuge == PageOutHugeRule.StopsAtShared && pte.IsPresent && IsOnLru(pte.Pfn(page)) && Memory.PageOf(pte.Pfn(page)) is { Order: > 0, MapCount: var own, EntireMapCount: var whole } && own + whole != 1)
                {
                    // The rest of the page table is not looked at.
                    return reclaimed;
                }

                if (pte.IsPresent && MayPageOut(area, pte.Pfn(page), pressure) && space.PageTable[page].Equals(pte) && ReclaimPage(pte.Pfn(page), (space, page)))
                {
                    reclaimed++;
                }
            }
        }

        WakeWaitersForUnmappedPages();
        return reclaimed;
    }

    /// <summary>Pages that were written out but whose memory nobody had needed yet.</summary>
    private int ReclaimSwapCache(State.Extent<Pte> run)
    {
        var reclaimed = 0;
        for (var page = run.Start; page < run.End; page++)
        {
            if (Memory.Swap!.TryCached(run.Value.Pfn(page), out var pfn) && ReclaimPage(pfn, null))
            {
                reclaimed++;
            }
        }

        return reclaimed;
    }

    /// <summary>madvise_cold_or_pageout_pte_range for PMDs: a huge page that nobody else maps is split and goes page by page; without swap space it stays whole.</summary>
    private void SplitForReclaim(AddressSpace space, Vma area, ulong start, ulong end, bool pressure)
    {
        var table = space.PageTable;
        foreach (var run in table.Pmds.Extents(start >> PmdShift, (end + PmdSize - 1) >> PmdShift).ToArray())
        {
            for (var index = run.Start; index < run.End; index++)
            {
                if (!run.Value.IsPresent || run.Value.IsZero || run.Value.IsSpecial || run.Value.IsDevmap)
                {
                    continue;
                }

                var head = table.PmdPfn(index, run.Value);
                var whole = index << PmdShift >= start && (index + 1) << PmdShift <= end;
                if (!IsOnLru(head) || (!pressure && MappingsOfFolio(head) > 1) || (whole && Memory.Swap is not { HasRoom: true }))
                {
                    continue;
                }

                Memory.Get(head, 1);
                // A whole huge page goes out as such: its pages of zeros are written, too.
                SplitFolio(head, dropZeros: !whole);
                Memory.Put(head, 1);
            }
        }
    }

    /// <summary>May isolate_lru_page find the page? Device memory, the zero page, pages of the pool and secret memory are on no LRU list that reclaim looks at.</summary>
    private bool IsOnLru(ulong pfn)
    {
        if (!Memory.HasStructPage(pfn) || Memory.PagemapOf(pfn) is not null)
        {
            return false;
        }

        var state = Memory.PageOf(pfn);
        return (state.IsAnon || state.Has(PageFlags.PageCache | PageFlags.SwapCache)) && !state.Has(PageFlags.Reserved | PageFlags.Hugetlb | PageFlags.Secret | PageFlags.HwPoison)
            && !migrations.Any(m => m.Source == pfn || m.Target == pfn);
    }

    private bool MayPageOut(Vma area, ulong pfn, bool pressure)
    {
        if (!IsOnLru(pfn))
        {
            return false;
        }

        var state = Memory.PageOf(pfn);
        if (!pressure && !state.IsAnon && !MayPageOutFile(area))
        {
            Trace?.Step("can_do_pageout", "may the caller write the file?", "no: its pages are left alone");
            return false;
        }

        if (!pressure && state.MapCount + state.EntireMapCount != 1 && (Policy.PageOutShared == PageOutSharedRule.MappedOnce || state.Order > 0))
        {
            Trace?.Step("madvise_cold_or_pageout_pte_range", $"is pfn {pfn:x} mapped once?", $"no, {state.MapCount + state.EntireMapCount} times: it is left alone", PolicyProperty.PageOutShared);
            return false;
        }

        if (state.Order == 0)
        {
            return true;
        }

        Memory.Get(pfn, 1);
        var split = SplitFolio(pfn);
        Memory.Put(pfn, 1);
        return split.IsOk;
    }

    /// <summary>can_do_pageout: shared file pages leave memory only at the wish of somebody who could also write them. Everybody here is root.</summary>
    private static bool MayPageOutFile(Vma area) => area.File is not null || area.IsAnonymous;

    /// <summary>shrink_folio_list for one base page. False: it is still in memory.</summary>
    /// <param name="pfn">The page.</param>
    /// <param name="mapper">An entry that maps it, where one is known.</param>
    internal bool ReclaimPage(ulong pfn, (AddressSpace Space, ulong Page)? mapper)
    {
        var state = Memory.PageOf(pfn);
        if (state.IsAnon && state.Has(PageFlags.SwapBacked) && !state.Has(PageFlags.SwapCache))
        {
            if (Policy.SwapPinned == SwapPinnedRule.LeftAlone && MaybePinned(pfn))
            {
                Trace?.Step("shrink_folio_list", $"may pfn {pfn:x} be pinned?", "yes: it stays", PolicyProperty.SwapPinned);
                return false;
            }

            if (IsLockedByArea(pfn, mapper) || !Memory.TryAddToSwap(pfn))
            {
                Trace?.Step("add_to_swap", $"is there a slot for pfn {pfn:x}?", "no: it stays");
                return false;
            }
        }

        // The reference of whoever isolated it, so that it lives until its fate is known.
        Memory.Get(pfn, 1);
        var gone = UnmapForReclaim(pfn, mapper) && WriteAndRemove(pfn);
        Memory.Put(pfn, 1);
        return gone;
    }

    private bool IsLockedByArea(ulong pfn, (AddressSpace Space, ulong Page)? mapper)
    {
        foreach (var (space, page) in MappersOf(pfn, mapper))
        {
            if (space.Find(page << PageShift)!.Has(VmFlags.Locked))
            {
                return true;
            }
        }

        return false;
    }

    private List<(AddressSpace Space, ulong Page)> MappersOf(ulong pfn, (AddressSpace Space, ulong Page)? mapper)
    {
        var count = Memory.PageOf(pfn).MapCount;
        if (count == 0)
        {
            return [];
        }

        if (count == 1 && mapper is { } known)
        {
            return [known];
        }

        return [.. spaces.SelectMany(space => EntriesOf(space, pfn, 1, migrating: false).Select(e => (space, e.Page)))];
    }

    /// <summary>try_to_unmap. False where an area is locked, or where a page that MADV_FREE gave up turns out to be in use.</summary>
    private bool UnmapForReclaim(ulong pfn, (AddressSpace Space, ulong Page)? mapper)
    {
        var mappers = MappersOf(pfn, mapper);
        foreach (var (space, page) in mappers)
        {
            var area = space.Find(page << PageShift)!;
            if (area.Has(VmFlags.Locked))
            {
                return false;
            }

            var state = Memory.PageOf(pfn);
            if (!(!state.IsAnon ? UnmapFilePage(space, area, page, pfn) : state.Has(PageFlags.SwapBacked) ? UnmapToSwap(space, page, pfn) : UnmapLazyFree(space, page, pfn)))
            {
                return false;
            }
        }

        return true;
    }

    private bool UnmapFilePage(AddressSpace space, Vma area, ulong page, ulong pfn)
    {
        var pte = space.PageTable[page];
        if (pte.Has(PteFlags.Dirty))
        {
            MarkPageDirty(pfn);
        }

        space.PageTable[page] = pte.Has(PteFlags.UffdWp) && area.IsUserfaultProtected ? Pte.Marker : default;
        CountRss(space, pfn, -1);
        Memory.AddMapping(pfn, -1);
        Memory.Put(pfn, 1);
        return true;
    }

    private bool UnmapToSwap(AddressSpace space, ulong page, ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        var exclusive = state.Has(PageFlags.AnonExclusive) && Policy.SwapExclusive == SwapExclusiveRule.Kept;
        if (exclusive && MaybePinned(pfn))
        {
            Trace?.Step("try_to_unmap", "is the exclusive page pinned?", "yes: it stays mapped", PolicyProperty.SwapExclusive);
            return false;
        }

        var entry = Memory.Swap!.EntryOf(pfn);
        Memory.Swap.Count(entry, 1, 1);
        var pte = space.PageTable[page];
        space.PageTable[page] = new Pte(page, entry, PteFlags.Swap | (pte.Flags & (PteFlags.SoftDirty | PteFlags.UffdWp)) | (exclusive ? PteFlags.SwapExclusive : 0));
        space.CountRss(-1, 0, 0);
        space.CountSwap(1);
        Memory.SetFlags(pfn, PageFlags.None, PageFlags.AnonExclusive);
        Memory.AddMapping(pfn, -1);
        Memory.Put(pfn, 1);
        return true;
    }

    /// <summary>A page without PG_swapbacked: MADV_FREE gave it up. If it was written since it is an ordinary page again.</summary>
    private bool UnmapLazyFree(AddressSpace space, ulong page, ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        var used = space.PageTable[page].Has(PteFlags.Dirty) || state.Has(PageFlags.Dirty) || (Policy.LazyFreeReclaim == LazyFreeReclaimRule.CleanAndUnheld && state.References != state.MapCount + 1);
        if (used)
        {
            Trace?.Step("try_to_unmap", "was the page written since MADV_FREE, or does somebody hold it?", "yes: it stays", PolicyProperty.LazyFreeReclaim);
            Memory.SetFlags(pfn, PageFlags.SwapBacked);
            return false;
        }

        space.PageTable[page] = default;
        space.CountRss(-1, 0, 0);
        Memory.AddMapping(pfn, -1);
        Memory.Put(pfn, 1);
        return true;
    }

    /// <summary>pageout and __remove_mapping for a page that nobody maps any more and the caller holds.</summary>
    private bool WriteAndRemove(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        if (state.Has(PageFlags.PageCache))
        {
            return RemoveFilePage(pfn, state);
        }

        // Nobody maps it, so besides the caller's there is the swap cache's reference at most.
        if (state.References != 1 + PhysicalMemory.SwapCacheReferences(state))
        {
            Trace?.Step("is_page_cache_freeable", $"does anybody hold pfn {pfn:x}?", "yes: it stays in the swap cache");
            return false;
        }

        if (!state.Has(PageFlags.SwapCache))
        {
            return true;
        }

        var entry = Memory.Swap!.EntryOf(pfn);
        if (state.Has(PageFlags.Dirty))
        {
            if (Memory.TryFreeSwap(pfn))
            {
                return true;
            }

            Memory.Swap.Write(Memory, entry, pfn);
            Memory.SetFlags(pfn, PageFlags.None, PageFlags.Dirty);
            if (!Memory.Swap.Areas[SwapSpace.AreaOf(entry)].IsSynchronous)
            {
                // Under writeback: the next round takes it.
                return false;
            }
        }

        Memory.RemoveFromSwapCache(pfn);
        return true;
    }

    private bool RemoveFilePage(ulong pfn, PageState state)
    {
        var inode = FileOf(state.Owner);
        var index = Memory.IndexOf(pfn);
        if (inode is null)
        {
            return false;
        }

        if (inode.Cache[index].Has(CacheFlags.Dirty) && inode.Kind != MappingKind.Shmem)
        {
            // Only kswapd writes dirty pages of files back; PG_reclaim is to remind of them, which is PG_readahead as well.
            inode.MarkReclaimed(index, true);
            return false;
        }

        if (state.References != 2)
        {
            return false;
        }

        if (inode.Cache[index].Has(CacheFlags.Dirty))
        {
            return TrySwapFilePage(inode, index, pfn);
        }

        inode.DropCache(index, index + 1);
        return true;
    }

    /// <summary>shmem_writepage: a swap entry takes the page's place in the file.</summary>
    private bool TrySwapFilePage(Inode inode, ulong index, ulong pfn)
    {
        if (Memory.Swap is not { } swap || !swap.TryAllocate(out var entry))
        {
            return false;
        }

        swap.Count(entry, 1, 1);
        swap.SetFile(inode.Id, index, entry);
        swap.Write(Memory, entry, pfn);
        var synchronous = swap.Areas[SwapSpace.AreaOf(entry)].IsSynchronous;
        inode.DropCache(index, index + 1, keepSwap: true);
        if (!synchronous)
        {
            Memory.AddToSwapCache(entry, pfn);
            Memory.SetFlags(pfn, PageFlags.SwapBacked);
        }

        return synchronous;
    }
}
