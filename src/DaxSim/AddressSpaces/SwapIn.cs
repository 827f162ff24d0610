using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Bringing swapped pages back (do_swap_page, mm/swap_state.c, unuse_pte).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>
    /// The unlocked half of do_swap_page: finds the page in the swap cache or reads it. The caller gets a reference. Without readahead:
    /// as with vm.page-cluster 0.
    /// </summary>
    /// <param name="area">The area that wants it.</param>
    /// <param name="address">Where.</param>
    /// <param name="entry">The swap entry.</param>
    /// <param name="bypass">May it be read past the swap cache?</param>
    /// <param name="pfn">The page.</param>
    /// <param name="error">What went wrong, if the result is false.</param>
    internal bool TryReadSwapped(Vma area, ulong address, ulong entry, bool bypass, out ulong pfn, out FaultResult error)
    {
        var swap = Memory.Swap!;
        error = FaultResult.Done;
        if (swap.TryCached(entry, out pfn))
        {
            Trace?.Step("do_swap_page", $"is slot {SwapSpace.OffsetOf(entry):x} in the swap cache?", $"yes: pfn {pfn:x}");
            Memory.Get(pfn, 1);
            return true;
        }

        if (!TryAllocateAnon(area, address, out pfn))
        {
            error = new FaultResult(FaultCode.OutOfMemory, Because("do_swap_page", "No page could be allocated."));
            return false;
        }

        if (!swap.TryRead(Memory, entry, pfn))
        {
            Memory.Put(pfn, 1);
            error = new FaultResult(FaultCode.Sigbus, Because("do_swap_page", "The swap device could not read the page."), major: true);
            return false;
        }

        error = new FaultResult(FaultCode.Done, null, major: true);
        var direct = bypass && Policy.SwapBypass == SwapBypassRule.SoleOwnerOfFastDevice && swap.Areas[SwapSpace.AreaOf(entry)].IsSynchronous && swap.CountOf(entry) == 1;
        Trace?.Step("do_swap_page", $"is slot {SwapSpace.OffsetOf(entry):x} read past the swap cache?", direct ? "yes: nobody else refers to it" : "no", PolicyProperty.SwapBypass);
        if (!direct)
        {
            Memory.AddToSwapCache(entry, pfn);
        }

        return true;
    }

    /// <summary>The locked half of do_swap_page, where the entry is still the same: maps the page, whose reference becomes the entry's.</summary>
    /// <returns>False where no page could be allocated for a copy.</returns>
    internal bool TryMapSwapped(AddressSpace space, Vma area, ulong address, Pte original, ulong pfn, FaultFlags flags)
    {
        var page = PageOf(address);
        var entry = original.Pfn(page);
        var cached = Memory.PageOf(pfn).Has(PageFlags.SwapCache);
        var write = (flags & FaultFlags.Write) != 0;
        var copied = false;
        if (cached && !IsPlaceOf(area, address, pfn))
        {
            // ksm_might_need_to_copy: a page that was merged stands for others elsewhere.
            if (!TryAllocateAnon(area, address, out var copy))
            {
                Memory.Put(pfn, 1);
                return false;
            }

            Memory.Contents.CopyPage(Memory.Contents, pfn, copy);
            Memory.Put(pfn, 1);
            (pfn, copied) = (copy, true);
        }

        var exclusive = copied || !cached || (original.Has(PteFlags.SwapExclusive) && Policy.SwapExclusive == SwapExclusiveRule.Kept);
        if (Policy.SwapReuse == SwapReuseRule.SlotGivenUpFirst)
        {
            Memory.Swap!.Count(entry, 1, -1);
            GiveUpSlot(area, pfn, write && Memory.PageOf(pfn).References == 2);
            exclusive |= Memory.PageOf(pfn).References == 1 && Memory.PageOf(pfn).MapCount == 0;
        }
        else
        {
            exclusive |= write && ReusesSwapPage(pfn);
            Memory.Swap!.Count(entry, 1, -1);
        }

        exclusive &= !Memory.PageOf(pfn).Has(PageFlags.Merged);
        MapSwapped(space, area, page, pfn, original, exclusive, write);
        if (Policy.SwapReuse != SwapReuseRule.SlotGivenUpFirst)
        {
            GiveUpSlot(area, pfn, likely: false);
        }

        return true;
    }

    /// <summary>Is the page that of this place of the area, as rmap finds it? A page that KSM merged may be another's.</summary>
    private bool IsPlaceOf(Vma area, ulong address, ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        return state.Has(PageFlags.Merged) ? state.MapCount > 0 && state.Owner == area.Anon!.Root.Id && Memory.IndexOf(pfn) == area.PageIndex(address, PageShift)
            : state.Owner == area.Anon!.Root.Id && Memory.IndexOf(pfn) == area.PageIndex(address, PageShift);
    }

    private void MapSwapped(AddressSpace space, Vma area, ulong page, ulong pfn, Pte original, bool exclusive, bool write)
    {
        var flags = AreaBits(area) | PteFlags.Present | PteFlags.Young | (original.Flags & (PteFlags.SoftDirty | PteFlags.UffdWp));
        var writable = exclusive && area.Has(VmFlags.Write) && !(original.Has(PteFlags.UffdWp) && area.IsUserfaultProtected);
        if (writable && write)
        {
            flags |= PteFlags.Write | Dirtied(area);
        }
        else if (writable && Policy.SwapInWritable == SwapInWritableRule.AtOnce && !(TracksSoftDirty(area) && !original.Has(PteFlags.SoftDirty)))
        {
            flags |= PteFlags.Write;
        }

        Trace?.Step("do_swap_page", $"does pfn {pfn:x} belong to the process alone?", exclusive ? "yes" : "not surely", PolicyProperty.SwapReuse);
        Memory.AddMapping(pfn, 1);
        Memory.SetFlags(pfn, exclusive ? PageFlags.AnonExclusive : PageFlags.None, Memory.PageOf(pfn).MapCount > 1 ? PageFlags.AnonExclusive : PageFlags.None);
        space.CountRss(1, 0, 0);
        space.CountSwap(-1);
        space.PageTable[page] = new Pte(page, pfn, flags);
    }

    /// <summary>reuse_swap_page up to 5.17: mappings and swap entries together are one. The slot goes then.</summary>
    private bool ReusesSwapPage(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        if (!state.Has(PageFlags.SwapCache))
        {
            return state.MapCount <= 1 && !state.Has(PageFlags.Merged);
        }

        var users = state.MapCount + Memory.SwapCountOf(pfn);
        if (state.Has(PageFlags.Merged) || users > 1)
        {
            return false;
        }

        // Where the one user is the entry that is being resolved, its slot is freed with it.
        Memory.SetFlags(pfn, PageFlags.Dirty);
        Memory.RemoveFromSwapCache(pfn);
        return true;
    }

    /// <summary>should_try_to_free_swap: when swap is half full, in locked areas, or where a store could have the page to itself then.</summary>
    private void GiveUpSlot(Vma area, ulong pfn, bool likely)
    {
        if (!Memory.PageOf(pfn).Has(PageFlags.SwapCache))
        {
            return;
        }

        var fast = Policy.SwapBypass == SwapBypassRule.NeverButGivenUp && Memory.Swap!.Areas[SwapSpace.AreaOf(Memory.Swap.EntryOf(pfn))].IsSynchronous;
        if (likely || fast || area.Has(VmFlags.Locked) || Memory.Swap!.IsHalfFull)
        {
            Memory.TryFreeSwap(pfn);
        }
    }

    /// <summary>free_swap_cache: a page that nobody maps any more leaves the swap cache, if its slot has no reference.</summary>
    private void FreeSwapCache(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        if (state.Has(PageFlags.SwapCache) && state.MapCount == 0)
        {
            Memory.TryFreeSwap(pfn);
        }
    }

    /// <summary>MADV_WILLNEED for anonymous memory and memory files: what is swapped is read into the swap cache.</summary>
    private void ReadAheadSwapped(AddressSpace space, Vma area, ulong start, ulong end)
    {
        var swap = Memory.Swap!;
        if (area.Inode is { Kind: MappingKind.Shmem } inode)
        {
            for (var address = start; address < end; address += PageSize)
            {
                if (swap.TryFile(inode.Id, area.PageIndex(address, PageShift), out var entry) && !swap.TryCached(entry, out _) && Memory.TryAllocate(0, PageFlags.SwapBacked, 0, 0, out var pfn))
                {
                    Keep(entry, pfn);
                }
            }

            return;
        }

        foreach (var run in space.PageTable.Ptes.Extents(PageOf(start), PageOf(end)).Where(r => area.File is null && r.Value.Has(PteFlags.Swap)).ToArray())
        {
            for (var page = run.Start; page < run.End; page++)
            {
                var entry = run.Value.Pfn(page);
                if (!swap.TryCached(entry, out _) && TryAllocateAnon(area, page << PageShift, out var pfn))
                {
                    Keep(entry, pfn);
                }
            }
        }

        void Keep(ulong entry, ulong pfn)
        {
            if (swap.TryRead(Memory, entry, pfn))
            {
                Memory.AddToSwapCache(entry, pfn);
            }

            Memory.Put(pfn, 1);
        }
    }

    /// <summary>copy_nonpresent_pte for swapped pages: child and parent refer to the same slots, and neither entry is exclusive any more.</summary>
    /// <returns>False where swap_map needed another page to count in, and there was none.</returns>
    private bool TryCopySwapRun(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, State.Extent<Pte> run)
    {
        var shared = run.Value.Without(PteFlags.SwapExclusive);
        var copy = KeepsProtection(area, childArea) ? shared : shared.Without(PteFlags.UffdWp);
        for (var page = run.Start; page < run.End; page++)
        {
            var entry = run.Value.Pfn(page);
            for (var missing = Memory.Swap!.MissingContinuations(entry); missing > 0; missing--)
            {
                if (!MayAllocate())
                {
                    return false;
                }

                Memory.Swap.AddContinuation(entry);
            }

            Memory.Swap.Count(entry, 1, 1);
            parent.PageTable[page] = shared;
            child.PageTable[page] = copy;
            child.CountSwap(1);
        }

        return true;
    }

    /// <summary>zap_nonpresent_ptes for swapped pages: the slots lose a reference.</summary>
    private void ZapSwapRun(AddressSpace space, State.Extent<Pte> run)
    {
        space.PageTable.Ptes.Clear(run.Start, run.End);
        space.CountSwap(-(long)run.Length);
        Memory.FreeSwapEntries(run.Value.Pfn(run.Start), run.Length);
    }
}
