using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>vm_normal_page: does this page table entry have a struct page that may be counted?</summary>
internal sealed partial class MemoryManager
{
    /// <summary>
    /// vm_normal_page for a base page entry. False means "no struct page to look at"; on the way an entry that should not be
    /// there is reported as "Bad page map", which taints the kernel.
    /// </summary>
    /// <param name="space">The address space, named in a report.</param>
    /// <param name="area">The area the entry lies in.</param>
    /// <param name="virtualPage">The entry's virtual page number.</param>
    /// <param name="pte">The entry, present.</param>
    /// <param name="caller">The kernel function that looked, for the report.</param>
    /// <param name="pfn">The page's frame when there is one.</param>
    internal bool TryNormalPage(AddressSpace space, Vma area, ulong virtualPage, Pte pte, string caller, out ulong pfn)
    {
        pfn = PfnOf(pte, virtualPage);
        if (pte.IsSpecial)
        {
            if (area.Has(VmFlags.PfnMap | VmFlags.MixedMap))
            {
                Trace?.Step("vm_normal_page", "special entry in a VM_PFNMAP or VM_MIXEDMAP area?", "yes: no struct page", PolicyProperty.DaxAreaFlags);
                return false;
            }

            if (pte.IsZero)
            {
                Trace?.Step("vm_normal_page", "the zero page?", "yes: not counted");
                return false;
            }

            if (pte.IsDevmap)
            {
                Trace?.Step("vm_normal_page", "devmap entry?", "yes: not counted by the mm", PolicyProperty.DevmapPte);
                return false;
            }

            Trace?.Step("vm_normal_page", "special entry where none should be?", "yes: Bad page map, no struct page", PolicyProperty.DaxAreaFlags);
            ReportBadPageMaps(space, virtualPage, 1, pte, caller);
            return false;
        }

        if (!Memory.HasStructPage(pfn))
        {
            ReportBadPageMaps(space, virtualPage, 1, pte, caller);
            return false;
        }

        Trace?.Step("vm_normal_page", "is the entry special?", $"no: pfn {pfn:x} has a struct page", StructPageProperty(pfn));
        return true;
    }

    /// <summary>The behaviour because of which an entry of this frame leads to a struct page; null where that was always so.</summary>
    internal PolicyProperty? StructPageProperty(ulong pfn)
        => Memory.PagemapOf(pfn) is null ? null : Policy.DaxPages == DaxPageRule.CountedLikeFilePages ? PolicyProperty.DaxPages : PolicyProperty.DevmapPte;

    /// <summary>vm_normal_page for a run of special entries, none of which has a page to look at: reports those that should not be there.</summary>
    private void LookAtSpecialRun(AddressSpace space, Vma area, ulong start, ulong end, Pte pte, string caller)
    {
        if (Trace is not null)
        {
            TryNormalPage(space, area, start++, pte, caller, out _);
        }

        if (IsMisplaced(area, pte) && start < end)
        {
            ReportBadPageMaps(space, start, end - start, pte, caller);
        }
    }

    /// <summary>A special entry where none should be.</summary>
    private static bool IsMisplaced(Vma area, Pte pte) => pte.IsSpecial && !pte.Has(PteFlags.Zero | PteFlags.Devmap) && !area.Has(VmFlags.PfnMap | VmFlags.MixedMap);

    /// <summary>print_bad_pte: at most 60 reports a minute, then silence until the minute is over.</summary>
    private void ReportBadPageMaps(AddressSpace space, ulong virtualPage, ulong count, Pte pte, string caller)
    {
        for (var page = virtualPage; page < virtualPage + count && counters.MayReportBadPageMap(); page++)
        {
            var pmd = page >> space.PageTable.PmdOrder;
            Log.Print(KernelLogLevel.Alert, Subsystem.Mm, $"BUG: Bad page map in process {space.Name}  pte:{PfnOf(pte, page) << PageShift | (ulong)pte.Flags:x16} pmd:{pmd:x16}");
            Log.Print(KernelLogLevel.Alert, Subsystem.Mm, $"addr:{page << PageShift:x16} in {caller}");
        }

        counters.CountBadPageMaps(caller, (long)count);
        Log.Taint(Taints.BadPage);
    }

    /// <summary>How many bad entries were met so far, reported or suppressed.</summary>
    internal long BadPageMaps => counters.BadPageMaps;

    /// <summary>The functions that met a bad entry, in order, since <paramref name="from"/> of <see cref="BadPageMaps"/>.</summary>
    internal IEnumerable<string> BadPageMapCallers(long from = 0)
    {
        foreach (var (caller, count) in counters.BadPageMapCallers)
        {
            for (var i = Math.Max(from, 0); i < count; i++)
            {
                yield return caller;
            }

            from -= count;
        }
    }

    /// <summary>So many bad entries in a row, met by one function.</summary>
    private readonly record struct BadEntries(string Caller, long Count);

    /// <summary>Lets time pass, in seconds: the rate limit of "Bad page map" reports starts afresh after 60.</summary>
    internal void PassTime(double seconds) => counters.PassTime(seconds);
}
