using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>One entry of /proc/pid/pagemap.</summary>
/// <param name="Present">Bit 63: the page is in memory.</param>
/// <param name="FileOrShared">Bit 61: a file page or shared anonymous memory.</param>
/// <param name="Exclusive">Bit 56: mapped by nobody else.</param>
/// <param name="Pfn">The page frame; 0 when not present.</param>
public readonly record struct PagemapEntry(bool Present, bool FileOrShared, bool Exclusive, ulong Pfn)
{
    /// <summary>Bit 62: the entry is a swap entry; one that is migrating, dead or a marker counts as such.</summary>
    public bool Swapped { get; init; }

    /// <summary>Bits 0 to 4 of a swap entry: which swap area; null for everything else.</summary>
    public int? SwapArea { get; init; }

    /// <summary>Bits 5 to 54 of a swap entry: which slot of the area.</summary>
    public ulong SwapOffset { get; init; }

    /// <summary>Bit 55: written since the bits were cleared; always in an area that is newer than that.</summary>
    public bool SoftDirty { get; init; }

    /// <summary>Bit 57: userfaultfd write-protects the page.</summary>
    public bool UserfaultProtected { get; init; }
}

/// <summary>What /proc tells of an address space.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>pagemap_pmd_range and pte_to_pagemap_entry for one page.</summary>
    internal PagemapEntry Pagemap(AddressSpace space, ulong address)
    {
        if (space.Find(address) is not { } area)
        {
            return default;
        }

        if (area.Has(VmFlags.PfnMap))
        {
            // Not walked: pagemap_pte_hole.
            return default(PagemapEntry) with { SoftDirty = ShowsSoftDirty && IsSoftDirty(area) };
        }

        var entry = PagemapOf(space, area, PageOf(address));
        return ShowsSoftDirty && (IsSoftDirty(area) || (!area.Has(VmFlags.HugeTlb) && EntryAt(space, PageOf(address)).Has(PteFlags.SoftDirty))) ? entry with { SoftDirty = true } : entry;
    }

    private static Pte EntryAt(AddressSpace space, ulong page) => space.PageTable[page] is { IsNone: false } pte ? pte : space.PageTable.PmdOf(page);

    private PagemapEntry PagemapOf(AddressSpace space, Vma area, ulong page)
    {

        var pte = space.PageTable[page];
        if (pte.IsPresent)
        {
            var normal = TryNormalPage(space, area, page, pte, "pagemap_pmd_range", out var pfn);
            WalkPagemapBehind(space, page);
            return Entry(normal, pfn) with { UserfaultProtected = ShowsProtection(pte) };
        }

        WalkPagemapBehind(space, page);
        if (pte.Has(PteFlags.Swap))
        {
            var entry = pte.Pfn(page);
            return new PagemapEntry(false, false, false, 0) { Swapped = true, SwapArea = SwapSpace.AreaOf(entry), SwapOffset = SwapSpace.OffsetOf(entry), UserfaultProtected = ShowsProtection(pte) };
        }

        if (!pte.IsNone)
        {
            return new PagemapEntry { Swapped = true, FileOrShared = pte.Has(PteFlags.Migration) && !Memory.PageOf(pte.Pfn(page)).IsAnon, UserfaultProtected = ShowsProtection(pte) };
        }

        var pmd = space.PageTable.PmdOf(page);
        if (!pmd.IsPresent)
        {
            // pagemap_hugetlb_range does not call a marker swapped.
            return pmd.IsNone ? default : new PagemapEntry { Swapped = !area.Has(VmFlags.HugeTlb), UserfaultProtected = ShowsProtection(pmd) };
        }

        var index = page >> space.PageTable.PmdOrder;
        var huge = pmd.IsZero ? HugeZeroPfn(page) : space.PageTable.PmdPfn(index, pmd) + (page & (space.PageTable.PagesPerPmd - 1));
        if (pmd.IsZero)
        {
            // Where vm_normal_page_pmd does not know the huge zero page, it is a page like any other, and not an anonymous one.
            return new PagemapEntry(true, Policy.PagemapHugeZero == PagemapHugeZeroRule.LikeFilePages, false, huge) { UserfaultProtected = ShowsProtection(pmd) };
        }

        return Entry(Memory.HasStructPage(huge), huge) with { UserfaultProtected = ShowsProtection(pmd) };
    }

    private bool ShowsProtection(Pte entry) => entry.Has(PteFlags.UffdWp) && Policy.PagemapUserfault == PagemapUserfaultRule.Reported;

    /// <summary>pagemap_read walks to the end of the PMD however little is wanted, and meets the bad entries there.</summary>
    private void WalkPagemapBehind(AddressSpace space, ulong page)
    {
        var table = space.PageTable;
        foreach (var run in table.Ptes.Extents(page + 1, (page | (table.PagesPerPmd - 1)) + 1).ToArray())
        {
            if (!run.Value.IsPresent || !run.Value.IsSpecial || run.Value.IsZero || run.Value.IsDevmap)
            {
                continue;
            }

            for (var other = run.Start; other < run.End; other++)
            {
                if (space.Find(other << PageShift) is { } area && !area.Has(VmFlags.PfnMap))
                {
                    TryNormalPage(space, area, other, table[other], "pagemap_pmd_range", out _);
                }
            }
        }
    }

    private PagemapEntry Entry(bool normal, ulong pfn)
    {
        if (!normal)
        {
            return new PagemapEntry(true, false, false, pfn);
        }

        var state = Memory.PageOf(pfn);
        var head = Memory.PageOf(Memory.HeadOf(pfn));
        return new PagemapEntry(true, !head.IsAnon, Policy.PagemapExclusive == PagemapExclusiveRule.Reported && state.MapCount + head.EntireMapCount == 1, pfn);
    }
}
