using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>fork at the PMD level (copy_huge_pmd, copy_hugetlb_page_range).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Copies the PMD leaves of an area in one go; it is done when the walk is at the area's beginning.</summary>
    internal void CopyHugeEntries(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ref ulong page, ulong end, out Verdict? fatal)
    {
        fatal = null;
        if (page != PageOf(area.Start))
        {
            return;
        }

        var table = parent.PageTable;
        for (var index = (area.Start + PmdSize - 1) >> PmdShift; table.Pmds.TryNext(index, area.End >> PmdShift, out var run); index = run.End)
        {
            if (run.Value.IsZero && !area.Has(VmFlags.HugeTlb))
            {
                child.PageTable.Pmds.Set(run.Start, run.End, ForChild(run.Value, area, childArea));
            }
            else if (area.File is not null && !area.Has(VmFlags.HugeTlb))
            {
                if (CopyDeviceEntries(parent, child, area, run) is { } oops)
                {
                    fatal = Verdict.Oops(oops);
                    return;
                }
            }
            else if (run.Value.IsMarker)
            {
                child.PageTable.Pmds.Set(run.Start, run.End, ForChild(run.Value, area, childArea));
            }
            else if (run.Value.Has(PteFlags.Migration) && (!area.Has(VmFlags.HugeTlb) || Policy.HugeTlbPoisonFork != HugeTlbPoisonForkRule.TakenForPresent))
            {
                CopyMovingPmds(parent, child, area, childArea, run);
            }
            else if (!run.Value.IsPresent)
            {
                if (!TryCopyPoisonedEntries(child, run))
                {
                    fatal = Verdict.Undefined(Because("copy_hugetlb_page_range", "The entry of a huge page that is poisoned or on the move is taken for a present one: fork counts a page that is not there.", PolicyProperty.HugeTlbPoisonFork));
                    return;
                }
            }
            else
            {
                for (var each = run.Start; each < run.End; each++)
                {
                    CopyMemoryEntry(parent, child, area, childArea, each, run.Value);
                }
            }
        }
    }

    /// <summary>copy_huge_pmd for equal PMD entries of device memory: one step however many there are. In an area with a file none is anonymous.</summary>
    private Reason? CopyDeviceEntries(AddressSpace parent, AddressSpace child, Vma area, State.Extent<Pte> run)
    {
        if (Policy.DaxPmdFork == DaxPmdForkRule.TakesPageReferences)
        {
            var first = parent.PageTable.PmdPfn(run.Start, run.Value);
            var pages = run.Length << parent.PageTable.PmdOrder;
            if (Memory.StructPagesFrom(first, first + pages) < pages)
            {
                return Because("copy_huge_pmd", "A DAX PMD is treated like a huge page of ordinary memory, but it has no struct page.", PolicyProperty.DaxPmdFork);
            }
        }
        else if (Policy.DaxPmdFork == DaxPmdForkRule.CopiesWriteProtected && area.IsDax)
        {
            var copy = run.Value.Without(PteFlags.Write);
            parent.PageTable.Pmds.Set(run.Start, run.End, copy);
            child.PageTable.Pmds.Set(run.Start, run.End, copy.Without(PteFlags.Young));
        }

        return null;
    }

    private void CopyMemoryEntry(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ulong index, Pte pmd)
    {
        var pfn = parent.PageTable.PmdPfn(index, pmd);
        if (area.Has(VmFlags.HugeTlb))
        {
            CopyHugeTlbEntry(parent, child, area, childArea, index, pmd, pmd.IsZero ? 0 : pfn);
        }
        else if (IsAnonHuge(area, pmd, pfn))
        {
            CopyAnonPmd(parent, child, area, childArea, index, pmd, pfn);
        }
    }

    private void CopyAnonPmd(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ulong index, Pte pmd, ulong pfn)
    {
        if (MustCopyEarly(parent, area, pfn))
        {
            // copy_huge_pmd returns -EAGAIN: split, and the base page level copies what is pinned.
            SplitPmd(parent, area, index);
            return;
        }

        Memory.Get(pfn, 1);
        Memory.AddMapping(pfn, 1, entire: true);
        Memory.SetFlags(pfn, PageFlags.None, PageFlags.AnonExclusive);
        child.CountRss((long)parent.PageTable.PagesPerPmd, 0, 0);
        var copy = pmd.Without(PteFlags.Write);
        parent.PageTable.Pmds[index] = copy;
        child.PageTable.Pmds[index] = ForChild(copy.Without(PteFlags.Young), area, childArea);
    }

    private Pte ForChild(Pte pmd, Vma area, Vma childArea) => KeepsProtection(area, childArea) ? pmd : pmd.Without(PteFlags.UffdWp);

    /// <summary>Entries of poisoned huge pages. False: the kernel goes on as if they were present.</summary>
    private bool TryCopyPoisonedEntries(AddressSpace child, State.Extent<Pte> run)
    {
        if (Policy.HugeTlbPoisonFork == HugeTlbPoisonForkRule.TakenForPresent)
        {
            return false;
        }

        child.PageTable.Pmds.Set(run.Start, run.End, run.Value);
        return true;
    }

    private void CopyHugeTlbEntry(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ulong index, Pte pmd, ulong pfn)
    {
        if (area.IsShared)
        {
            Memory.Get(pfn, 1);
            Memory.AddMapping(pfn, 1, entire: true);
            child.PageTable.Pmds[index] = ForChild(pmd, area, childArea);
            return;
        }

        if (Memory.PageOf(pfn).IsAnon && Policy.HugeTlbEarlyCopy == HugeTlbEarlyCopyRule.CopiesPinned && MustCopyEarly(parent, area, pfn)
            && Memory.TryAllocate(parent.PageTable.PmdOrder, PageFlags.Anon | PageFlags.Hugetlb, childArea.Anon?.Root.Id ?? 0, childArea.PageIndex(index << PmdShift, PageShift), out var own))
        {
            CopyFolio(pfn, own, parent.PageTable.PagesPerPmd);
            Memory.SetFlags(own, PageFlags.AnonExclusive);
            Memory.AddMapping(own, 1, entire: true);
            child.PageTable.Pmds[index] = child.PageTable.MakePmd(index, own, ForChild(pmd, area, childArea).Flags);
            return;
        }

        Memory.Get(pfn, 1);
        Memory.AddMapping(pfn, 1, entire: true);
        Memory.SetFlags(pfn, PageFlags.None, PageFlags.AnonExclusive);
        var copy = pmd.Without(PteFlags.Write);
        parent.PageTable.Pmds[index] = copy;
        child.PageTable.Pmds[index] = ForChild(copy, area, childArea);
    }
}
