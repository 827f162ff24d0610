using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>When an anonymous page may be written in place, and how a page without a struct page is copied (do_wp_page, wp_page_copy).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>May the only mapper go on writing this anonymous base page? The rule changed twice (5.9, 5.19).</summary>
    internal bool CanReuseAnon(ulong pfn)
    {
        var page = Memory.PageOf(pfn);
        var head = Memory.HeadOf(pfn);
        bool reuse;
        if (page.Has(PageFlags.Merged))
        {
            reuse = Policy.MergedReuse == MergedReuseRule.ByItsLastMapper && page.MapCount == 1 && Memory.PageCount(pfn) == 1;
            Trace?.Step("do_wp_page", $"reuse the merged page (mapcount {page.MapCount}, count {Memory.PageCount(pfn)})?", reuse ? "yes: nobody else maps it" : "no: copy", PolicyProperty.MergedReuse);
            if (reuse)
            {
                Memory.SetFlags(pfn, PageFlags.None, PageFlags.Merged);
            }

            return reuse;
        }

        if (page.Has(PageFlags.SwapCache))
        {
            switch (Policy.SwapReuse)
            {
                case SwapReuseRule.MappingsAndEntries:
                    reuse = ReusesSwapPage(pfn);
                    Trace?.Step("reuse_swap_page", $"do mappings and swap entries of pfn {pfn:x} together make one?", reuse ? "yes" : "no: copy", PolicyProperty.SwapReuse);
                    return reuse;
                case SwapReuseRule.SlotGivenUpFirst when !page.Has(PageFlags.AnonExclusive):
                    Memory.TryFreeSwap(pfn);
                    page = Memory.PageOf(pfn);
                    break;
            }
        }

        switch (Policy.AnonReuse)
        {
            case AnonReuseRule.MapCount:
                reuse = page.MapCount + (head == pfn ? 0 : 0) + Memory.PageOf(head).EntireMapCount == 1;
                break;
            case AnonReuseRule.PageCount:
                reuse = page.MapCount == 1 && Memory.PageCount(pfn) == 1;
                break;
            default:
                reuse = page.Has(PageFlags.AnonExclusive) || (page.Order == 0 && page.MapCount == 1 && Memory.PageCount(pfn) == 1);
                if (reuse)
                {
                    Memory.SetFlags(pfn, PageFlags.AnonExclusive);
                }

                break;
        }

        Trace?.Step("do_wp_page", $"reuse the anonymous page (mapcount {page.MapCount}, count {Memory.PageCount(pfn)}{(page.Has(PageFlags.AnonExclusive) ? ", exclusive" : "")})?", reuse ? "yes" : "no: copy", PolicyProperty.AnonReuse);
        return reuse;
    }

    /// <summary>
    /// The copy that wp_page_copy makes when there is no struct page to map: from the user address, in the address space of
    /// whoever runs. Where that has nothing readable at the address, the copy is zeros.
    /// </summary>
    internal void CopyThroughUserAddress(AddressSpace? current, ulong address, ulong newPage)
    {
        if (current is not null && TryReadableFrame(current, PageOf(address), out var pfn))
        {
            Trace?.Step("wp_page_copy", "what is at this address in the running process?", $"pfn {pfn:x}: its bytes are copied", PolicyProperty.CopyWithoutPage);
            Memory.Contents.CopyPage(Memory.Contents, pfn, newPage);
            return;
        }

        Trace?.Step("wp_page_copy", "what is at this address in the running process?", "nothing readable: the copy is zeros", PolicyProperty.CopyWithoutPage);
        if (Policy.CopyWithoutPage == CopyWithoutPageRule.ZerosWithWarning && counters.WarnOnce("wp_page_copy"))
        {
            Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"WARNING: CPU: 0 PID: {current?.Id ?? 0} at mm/memory.c wp_page_copy");
            Log.Taint(Taints.Warn);
        }
    }

    /// <summary>What the hardware would read at a page of an address space without faulting.</summary>
    internal bool TryReadableFrame(AddressSpace space, ulong page, out ulong pfn)
    {
        var pte = space.PageTable[page];
        if (pte.IsPresent && !pte.IsProtNone)
        {
            pfn = PfnOf(pte, page);
            return true;
        }

        var pmd = space.PageTable.PmdOf(page);
        if (pmd.IsPresent && !pmd.IsProtNone)
        {
            pfn = pmd.IsZero ? HugeZeroPfn(page) : space.PageTable.PmdPfn(page >> space.PageTable.PmdOrder, pmd) + (page & (space.PageTable.PagesPerPmd - 1));
            return true;
        }

        pfn = 0;
        return false;
    }
}
