using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>MADV_FREE: pages are given up, but keep their bytes until memory is short or they are written again (madvise_free_pte_range).</summary>
internal sealed partial class MemoryManager
{
    private Verdict LazyFree(AddressSpace space, Vma area, ulong start, ulong end)
    {
        if (Policy.MadviseFree == MadviseFreeRule.DropsWithoutSwap && Memory.Swap is not { HasRoom: true })
        {
            Trace?.Step("madvise_vma", "is there swap space?", "no: MADV_FREE is MADV_DONTNEED", PolicyProperty.MadviseFree);
            return DontNeed(space, area, start, end, evenLocked: false);
        }

        SplitPmdsAt(space, area, start, end);
        FreeHugePages(space, start, end);
        foreach (var run in space.PageTable.Ptes.Extents(PageOf(start), PageOf(end)).ToArray())
        {
            if (run.Value.Has(PteFlags.Swap))
            {
                ZapSwapRun(space, run);
                continue;
            }

            if (!run.Value.IsPresent || run.Value.IsSpecial)
            {
                continue;
            }

            for (var page = run.Start; page < run.End; page++)
            {
                FreeLazily(space, page, run.Value);
            }
        }

        return Verdict.Ok;
    }

    private void FreeHugePages(AddressSpace space, ulong start, ulong end)
    {
        var table = space.PageTable;
        foreach (var run in table.Pmds.Extents((start + PmdSize - 1) >> PmdShift, end >> PmdShift).ToArray())
        {
            for (var index = run.Start; index < run.End; index++)
            {
                if (!run.Value.IsPresent || run.Value.IsZero || MappingsOfFolio(table.PmdPfn(index, run.Value)) != 1)
                {
                    continue;
                }

                var change = new LazyFreeChange();
                var head = table.PmdPfn(index, run.Value);
                Memory.Pages.Transform(head, head + table.PagesPerPmd, ref change);
                table.Pmds[index] = run.Value.Without(PteFlags.Dirty | PteFlags.Young);
            }
        }
    }

    /// <summary>A dirty page, or one of the swap cache, is given up only where nobody else maps it.</summary>
    private void FreeLazily(AddressSpace space, ulong page, Pte pte)
    {
        var pfn = pte.Pfn(page);
        if (!Memory.HasStructPage(pfn))
        {
            return;
        }

        var state = Memory.PageOf(pfn);
        if (!state.IsAnon || (state.Order > 0 && MappingsOfFolio(pfn) != 1) || (state.Has(PageFlags.Dirty | PageFlags.SwapCache) && state.MapCount != 1))
        {
            return;
        }

        if (state.Has(PageFlags.SwapCache) && !Memory.TryFreeSwap(pfn))
        {
            return;
        }

        space.PageTable[page] = pte.Without(PteFlags.Dirty | PteFlags.Young);
        if (state.Order == 0 && !state.Has(PageFlags.Merged))
        {
            Memory.SetFlags(pfn, PageFlags.None, PageFlags.SwapBacked | PageFlags.Dirty);
        }
    }

    private readonly struct LazyFreeChange : State.IExtentTransform<PageState>
    {
        public PageState Apply(ulong start, ulong end, PageState value)
        {
            value.Flags &= ~(PageFlags.SwapBacked | PageFlags.Dirty);
            return value;
        }
    }
}
