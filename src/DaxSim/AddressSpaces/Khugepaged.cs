using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>
/// Collapsing base pages of anonymous memory into a huge page (mm/khugepaged.c): by khugepaged, which looks for ranges that are worth it, and
/// by MADV_COLLAPSE, which is told. Pages that anybody holds besides their mappings block both.
/// </summary>
internal sealed partial class MemoryManager
{
    /// <summary>max_ptes_shared: khugepaged leaves a range alone of which more pages are shared with other processes.</summary>
    private const int MostShared = 256;

    /// <summary>max_ptes_swap: khugepaged leaves a range alone of which more pages are swapped.</summary>
    private const int MostSwapped = 64;

    /// <summary>Enough scans of khugepaged that everything that can be collapsed is.</summary>
    /// <returns>How many huge pages it made.</returns>
    internal int CollapseByScan()
    {
        var made = 0;
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas.Span.ToArray())
            {
                var wanted = area.IsAnonymous && !area.Has(VmFlags.NoHugePage | VmFlags.Special) && (TransparentHugePagesAlways || area.Has(VmFlags.HugePage));
                for (var index = (area.Start + PmdSize - 1) >> PmdShift; wanted && index < area.End >> PmdShift; index++)
                {
                    made += space.PageTable.Pmds[index].IsNone && Collapse(space, area, index, asked: false).IsOk ? 1 : 0;
                }
            }
        }

        return made;
    }

    /// <summary>madvise_collapse: 0 if every huge page of the range is there in the end, or what stopped the last that is not.</summary>
    private Verdict Collapse(AddressSpace space, Vma area, ulong start, ulong end)
    {
        var verdict = Verdict.Ok;
        for (var index = (start + PmdSize - 1) >> PmdShift; index < end >> PmdShift; index++)
        {
            if (space.PageTable.Pmds[index].IsNone && Collapse(space, area, index, asked: true) is { IsOk: false } failed)
            {
                verdict = failed;
                if (failed.Errno == Errno.ENOMEM)
                {
                    break;
                }
            }
        }

        return verdict;
    }

    /// <summary>hpage_collapse_scan_pmd and collapse_huge_page.</summary>
    private Verdict Collapse(AddressSpace space, Vma area, ulong index, bool asked)
    {
        var table = space.PageTable;
        var first = index << table.PmdOrder;
        if (CheckCollapse(table, area, first, asked) is { IsOk: false } refused)
        {
            return refused;
        }

        if (ReadSwapped(space, area, first, out var unreadable))
        {
            var again = unreadable ? Verdict.Fail(Errno.EINVAL, Because("__collapse_huge_page_swapin", "A swapped page cannot be read in.")) : CheckCollapse(table, area, first, asked);
            if (!again.IsOk)
            {
                return again;
            }
        }

        if (!PrepareAnon(space, area) || !MayAllocate() || !Memory.TryAllocate(table.PmdOrder, PageFlags.Anon | PageFlags.SwapBacked, area.Anon!.Root.Id, area.PageIndex(index << PmdShift, PageShift), CollapseChoice(table, first), out var head))
        {
            return Verdict.Fail(Errno.ENOMEM, Because("collapse_huge_page", "No huge page is free."));
        }

        for (ulong i = 0; i < table.PagesPerPmd; i++)
        {
            var pte = table[first + i];
            if (!pte.IsPresent)
            {
                continue;
            }

            var pfn = PfnOf(pte, first + i);
            Memory.Contents.CopyPage(Memory.Contents, pfn, head + i);
            table[first + i] = default;
            if (!pte.IsSpecial)
            {
                RemoveMapping(space, pfn);
            }
        }

        Memory.AddMapping(head, 1, entire: true);
        Memory.SetFlags(head, PageFlags.AnonExclusive);
        space.CountRss((long)table.PagesPerPmd, 0, 0);
        table.Pmds[index] = table.MakePmd(index, head, AreaBits(area) | PteFlags.Present | PteFlags.Young | Dirtied(area) | (area.Has(VmFlags.Write) ? PteFlags.Write : 0));
        return Verdict.Ok;
    }

    /// <summary>__collapse_huge_page_swapin: the range's swapped pages are read in. False when there are none.</summary>
    private bool ReadSwapped(AddressSpace space, Vma area, ulong first, out bool unreadable)
    {
        var any = false;
        unreadable = false;
        for (var page = first; Memory.Swap is not null && page < first + space.PageTable.PagesPerPmd; page++)
        {
            if (space.PageTable[page].Has(PteFlags.Swap))
            {
                any = true;
                HandleFault(space, area, page << PageShift, FaultFlags.Remote, null);
                unreadable |= !space.PageTable[page].IsPresent;
            }
        }

        return any;
    }

    private Verdict CheckCollapse(PageTable table, Vma area, ulong first, bool asked)
    {
        if (area.Handler is not null && table.Ptes.StretchAt(first, first + table.PagesPerPmd) is { Value.IsNone: true })
        {
            return Verdict.Fail(Errno.EINVAL, Because("hpage_collapse_scan_pmd", "userfaultfd wants to hear of the missing pages."));
        }

        var present = 0;
        var entries = 0;
        var writable = 0;
        var shared = 0;
        var swapped = 0;
        var young = 0;
        for (var page = first; page < first + table.PagesPerPmd; page++)
        {
            var pte = table[page];
            entries += pte.IsNone ? 0 : 1;
            if (pte.Has(PteFlags.Migration))
            {
                return Verdict.Blocked(WaitForMove(pte.Pfn(page)).Reason!);
            }

            if (pte.Has(PteFlags.UffdWp))
            {
                return Verdict.Fail(Errno.EINVAL, Because("hpage_collapse_scan_pmd", "userfaultfd protects a page."));
            }

            if (pte.IsNone || pte.IsZero)
            {
                continue;
            }

            if (pte.Has(PteFlags.Swap) && Policy.CollapseSwapped == CollapseSwappedRule.ReadIn)
            {
                swapped++;
                continue;
            }

            if (!pte.IsPresent || pte.IsSpecial)
            {
                return Verdict.Fail(Errno.EINVAL, Because("hpage_collapse_scan_pmd", "An entry is no ordinary page's."));
            }

            present++;
            young += pte.Has(PteFlags.Young) ? 1 : 0;
            writable += pte.IsWrite ? 1 : 0;
            var pfn = pte.Pfn(page);
            var state = Memory.PageOf(pfn);
            var maps = MappingsOfFolio(pfn) + PhysicalMemory.SwapCacheReferences(state);
            shared += state.MapCount + state.EntireMapCount > 1 ? 1 : 0;
            if (Memory.PageOf(pfn).References != maps || (Policy.CollapseShared == CollapseSharedRule.Never && maps > 1 && state.Order == 0))
            {
                return Verdict.Fail(Errno.EAGAIN, Because("is_refcount_suitable", $"pfn {pfn:x} is held by somebody besides its mappings.", PolicyProperty.CollapseShared));
            }
        }

        if (entries == 0 || (present == 0 && !asked))
        {
            return Verdict.Fail(Errno.EINVAL, Because("hpage_collapse_scan_pmd", "Nothing is there to collapse."));
        }

        if (!asked && swapped > 0 && (swapped > MostSwapped || young < (int)table.PagesPerPmd / 2))
        {
            return Verdict.Fail(Errno.EINVAL, Because("hpage_collapse_scan_pmd", "More pages than max_ptes_swap are swapped, or too few of the others were used.", PolicyProperty.CollapseSwapped));
        }

        if (!asked && shared > MostShared)
        {
            return Verdict.Fail(Errno.EINVAL, Because("hpage_collapse_scan_pmd", "More pages than max_ptes_shared are shared with other processes.", PolicyProperty.CollapseShared));
        }

        var enough = Policy.CollapseWritable switch
        {
            CollapseWritableRule.EveryPage => writable == present,
            CollapseWritableRule.OnePage => writable > 0,
            _ => true,
        };
        return enough ? Verdict.Ok : Verdict.Fail(Errno.EINVAL, Because("hpage_collapse_scan_pmd", "The pages are read-only.", PolicyProperty.CollapseWritable));
    }

    /// <summary>total_mapcount of the folio that a page belongs to.</summary>
    private int MappingsOfFolio(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        if (state.Order == 0)
        {
            return state.MapCount;
        }

        var head = Memory.HeadOf(pfn);
        var maps = state.EntireMapCount;
        foreach (var extent in Memory.Pages.Extents(head, head + (1UL << state.Order)))
        {
            maps += extent.Value.MapCount * (int)extent.Length;
        }

        return maps;
    }
}
