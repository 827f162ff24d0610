using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>The entries of huge pages on the move: transparent ones since 4.14 (set_pmd_migration_entry), those of the pool before.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Is a page of the folio marked as one process's alone? Of a folio that PMDs map, the head says it.</summary>
    private bool IsExclusive(ulong head, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
        {
            if (Memory.PageOf(head + i).Has(PageFlags.AnonExclusive))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Is the page the head of a transparent huge page, which this kernel splits before it moves?</summary>
    internal bool MovesByPages(ulong pfn)
        => Memory.PageOf(pfn) is { Order: > 0 } state && !state.Has(PageFlags.Hugetlb) && Policy.HugePageMigration == HugePageMigrationRule.SplitFirst;

    /// <summary>try_to_migrate of PMD entries.</summary>
    private void UnmapHugeForMove(AddressSpace space, ulong head)
    {
        var table = space.PageTable;
        foreach (var (index, entry) in HugeEntriesOf(space, head, migrating: false))
        {
            if (entry.Has(PteFlags.Dirty))
            {
                MarkPageDirty(head);
            }

            var kept = PteFlags.Write | PteFlags.SoftDirty | PteFlags.UffdWp | (Policy.MigrationBits == MigrationBitsRule.Kept ? PteFlags.Young | PteFlags.Dirty : 0);
            table.Pmds[index] = table.MakePmd(index, head, PteFlags.Migration | (entry.Flags & kept));
            Memory.AddMapping(head, -1, entire: true);
            Memory.Put(head, 1);
        }
    }

    /// <summary>remove_migration_pmd, and its like for the huge page pool.</summary>
    private void MapHugeMoved(AddressSpace space, ulong source, ulong target)
    {
        var table = space.PageTable;
        foreach (var (index, entry) in HugeEntriesOf(space, source, migrating: true))
        {
            var area = space.Find(index << PmdShift)!;
            var flags = AreaBits(area) | PteFlags.Present | (entry.Flags & (PteFlags.Young | PteFlags.Dirty | PteFlags.SoftDirty | PteFlags.UffdWp));
            flags |= entry.IsWrite && area.Has(VmFlags.Write) ? PteFlags.Write : 0;
            table.Pmds[index] = table.MakePmd(index, target, flags);
            Memory.Get(target, 1);
            Memory.AddMapping(target, 1, entire: true);
        }
    }

    private static List<(ulong Index, Pte Entry)> HugeEntriesOf(AddressSpace space, ulong head, bool migrating)
    {
        var found = new List<(ulong, Pte)>();
        foreach (var run in space.PageTable.Pmds.Extents())
        {
            var entry = run.Value;
            if (entry.IsZero || entry.IsSpecial || entry.IsDevmap || (migrating ? !entry.Has(PteFlags.Migration) : !entry.IsPresent))
            {
                continue;
            }

            for (var index = run.Start; index < run.End; index++)
            {
                if (space.PageTable.PmdPfn(index, entry) == head)
                {
                    found.Add((index, entry));
                }
            }
        }

        return found;
    }

    /// <summary>__split_huge_pmd of a migration entry: 512 base migration entries of the same folio.</summary>
    private void SplitMovingPmd(AddressSpace space, ulong index, Pte pmd)
    {
        var table = space.PageTable;
        var pfn = table.PmdPfn(index, pmd);
        var change = new SubpageMapping(0, Memory.PageOf(pfn).Has(PageFlags.AnonExclusive));
        Memory.Pages.Transform(pfn, pfn + table.PagesPerPmd, ref change);
        var first = index << table.PmdOrder;
        table.Ptes.Set(first, first + table.PagesPerPmd, new Pte(first, pfn, pmd.Flags & ~PteFlags.Huge));
    }

    /// <summary>copy_huge_pmd and copy_hugetlb_page_range: what is on the move is shared like anything else, read-only where it is private.</summary>
    private void CopyMovingPmds(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, State.Extent<Pte> run)
    {
        var entry = area.IsCow ? run.Value.Without(PteFlags.Write) : run.Value;
        for (var index = run.Start; index < run.End; index++)
        {
            var pfn = parent.PageTable.PmdPfn(index, entry);
            CountRss(child, pfn, (long)parent.PageTable.PagesPerPmd);
            if (area.IsCow)
            {
                Memory.SetFlags(pfn, PageFlags.None, PageFlags.AnonExclusive);
            }
        }

        parent.PageTable.Pmds.Set(run.Start, run.End, entry);
        child.PageTable.Pmds.Set(run.Start, run.End, ForChild(entry, area, childArea));
    }
}
