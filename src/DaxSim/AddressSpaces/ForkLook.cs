using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>
/// The two halves of copying one anonymous page at fork: is it pinned, and then share it or copy it. Between them the page is
/// protected from everything but the lockless walk of get_user_pages_fast, which takes no lock.
/// </summary>
internal sealed partial class MemoryManager
{
    /// <summary>Fork asks whether a page is pinned only in COW areas of an address space that ever pinned one.</summary>
    internal bool ForkAsksForPins(AddressSpace parent, Vma area)
        => area.IsCow && parent.HasPinned && Policy.ForkEarlyCopy != ForkEarlyCopyRule.Never;

    /// <summary>page_needs_cow_for_dma for the next entry. False: that entry maps no anonymous page, so there is nothing to ask.</summary>
    /// <param name="parent">The address space that forks.</param>
    /// <param name="area">The area being copied.</param>
    /// <param name="page">Where to look from; moved to the entry that was found.</param>
    /// <param name="end">The end of the area.</param>
    /// <param name="early">True when the child must get its own copy at once.</param>
    internal bool LookForPin(AddressSpace parent, Vma area, ref ulong page, ulong end, out bool early)
    {
        early = false;
        if (!parent.PageTable.Ptes.TryNext(page, end, out var run) || !run.Value.IsPresent || run.Value.IsSpecial)
        {
            return false;
        }

        var pfn = PfnOf(run.Value, run.Start);
        if (!Memory.HasStructPage(pfn) || !Memory.PageOf(pfn).IsAnon)
        {
            return false;
        }

        page = run.Start;
        early = MustCopyEarly(parent, area, pfn);
        return true;
    }

    /// <summary>The second half of copy_present_pte, by what <see cref="LookForPin"/> found. False: out of memory.</summary>
    internal bool ShareOrCopy(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ref ulong page, bool early, out Reason? failure)
    {
        failure = null;
        if (!MayAllocate())
        {
            failure = Because("copy_pte_range", "No memory for a page table.");
            return false;
        }

        var pte = parent.PageTable[page];
        var pfn = PfnOf(pte, page);
        if (early)
        {
            if (!TryCopyPinned(parent, child, area, childArea, page, pfn))
            {
                failure = Because("copy_present_page", "No page for the early copy of a pinned page.", PolicyProperty.ForkEarlyCopy);
                return false;
            }

            page++;
            return true;
        }

        Memory.Get(pfn, 1);
        Memory.AddMapping(pfn, 1);
        Memory.SetFlags(pfn, PageFlags.None, PageFlags.AnonExclusive);
        CountRss(child, pfn, 1);
        if (pte.IsWrite)
        {
            pte = pte.Without(PteFlags.Write);
            parent.PageTable[page] = pte;
        }

        child.PageTable[page] = pte.Without(ChangedForChild(area, childArea));
        page++;
        return true;
    }
}
