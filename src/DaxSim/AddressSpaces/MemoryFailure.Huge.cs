using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>What memory failure and soft offlining do with large folios: transparent huge pages are split first, pages of the pool move whole.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>split_huge_page for a folio of anonymous memory on which the caller has one reference; afterwards that reference is on the page alone.</summary>
    /// <param name="pfn">The page that the caller is interested in.</param>
    /// <returns>Ok, or EBUSY when somebody else holds a page of the folio.</returns>
    /// <param name="dropZeros">Kernels that give pages of zeros back when they split may do so.</param>
    internal Verdict SplitFolio(ulong pfn, bool dropZeros = true)
    {
        var head = Memory.HeadOf(pfn);
        var pages = 1UL << Memory.PageOf(head).Order;
        var mappings = Memory.PageOf(head).EntireMapCount;
        for (var page = head; page < head + pages; page++)
        {
            mappings += Memory.PageOf(page).MapCount;
        }

        if (Memory.PageOf(head).References != mappings + 1)
        {
            return Verdict.Fail(Errno.EBUSY, Because("split_huge_page", "Somebody else holds a page of the huge page: it cannot be split."));
        }

        foreach (var space in spaces)
        {
            foreach (var run in space.PageTable.Pmds.Extents().ToArray())
            {
                for (var index = run.Start; index < run.End; index++)
                {
                    if (run.Value.IsPresent && !run.Value.IsZero && space.PageTable.PmdPfn(index, run.Value) == head && space.Find(index << PmdShift) is { } area)
                    {
                        SplitPmd(space, area, index);
                    }
                }
            }
        }

        for (var page = head; page < head + pages; page++)
        {
            var state = Memory.Pages[page];
            state.Order = 0;
            state.EntireMapCount = 0;
            state.References = state.MapCount + 1;
            Memory.Pages[page] = state;
        }

        if (dropZeros && Policy.SplitZeroPages == SplitZeroPagesRule.Dropped && Memory.PageOf(head).IsAnon)
        {
            MapZeroPages(head, pages);
        }

        for (var page = head; page < head + pages; page++)
        {
            if (page != pfn)
            {
                Memory.Put(page, 1);
            }
        }

        Trace?.Step("split_huge_page", "can the huge page be split?", "yes: nobody but its mappings holds it");
        return Verdict.Ok;
    }

    /// <summary>try_to_map_unused_to_zeropage: where a page of a split folio holds zeros only the zero page takes its place.</summary>
    private void MapZeroPages(ulong head, ulong pages)
    {
        var bytes = new byte[PageSize];
        for (var pfn = head; pfn < head + pages; pfn++)
        {
            Memory.Contents.Read(pfn, 0, bytes);
            if (bytes.AsSpan().ContainsAnyExcept((byte)0))
            {
                continue;
            }

            foreach (var space in spaces)
            {
                foreach (var (page, entry) in EntriesOf(space, pfn, 1, migrating: false))
                {
                    var area = space.Find(page << PageShift)!;
                    if (!area.Has(VmFlags.Locked))
                    {
                        space.PageTable[page] = new Pte(page, 0, AreaBits(area) | PteFlags.Present | PteFlags.Special | PteFlags.Zero | PteFlags.Young | (entry.Flags & (PteFlags.SoftDirty | PteFlags.UffdWp)));
                        RemoveMapping(space, pfn);
                    }
                }
            }
        }
    }

    /// <summary>The size of what a memory failure in an area makes useless, as siginfo gives it (si_addr_lsb): a page of the pool fails whole.</summary>
    internal int FailureShift(Vma area) => area.Has(VmFlags.HugeTlb) ? PmdShift : PageShift;

    /// <summary>memory_failure_hugetlb: the huge page leaves every page table, and a hwpoison entry takes its place; the pool loses it.</summary>
    private Verdict FailHugeTlb(ulong pfn)
    {
        var head = Memory.HeadOf(pfn);
        var state = Memory.PageOf(head);
        var inode = state.Has(PageFlags.PageCache) ? FileOf(state.Owner) : null;
        foreach (var space in spaces)
        {
            PoisonHugeEntries(space, head);
        }

        Memory.Poison(pfn);
        if (counters.HugeTlbCommitted < HugeTlbPoolSize)
        {
            counters.CommitHugeTlb(1);
        }

        var kept = inode is not null && Policy.HugeTlbFailure == HugeTlbFailureRule.KeptPoisoned;
        if (inode is not null && !kept)
        {
            var first = Memory.IndexOf(head);
            inode.DropCache(first, first + (1UL << state.Order));
        }

        // Of what is left one reference is the caller's and one, perhaps, the file's.
        var held = Memory.PageOf(head).References > (kept ? 2 : 1);
        var busy = held && (inode is not null || Policy.HeldFailure != HeldFailureRule.BasePagesBusy);
        ReportFailure(pfn, "huge page", busy);
        return busy ? Verdict.Fail(Errno.EBUSY, Because("me_huge_page", "Somebody else holds the huge page: it is poisoned and unmapped, but not recovered.", inode is null ? PolicyProperty.HeldFailure : null)) : Verdict.Ok;
    }

    private void ReportFailure(ulong pfn, string what, bool busy)
        => Log.Print(KernelLogLevel.Error, Subsystem.Mm, $"Memory failure: 0x{pfn:x}: recovery action for {what}: {(busy ? "Failed" : "Recovered")}");

    private void PoisonHugeEntries(AddressSpace space, ulong head)
    {
        var table = space.PageTable;
        foreach (var run in table.Pmds.Extents().ToArray())
        {
            for (var index = run.Start; index < run.End; index++)
            {
                if (run.Value.IsPresent && !run.Value.IsZero && table.PmdPfn(index, run.Value) == head)
                {
                    table.Pmds[index] = table.MakePmd(index, head, PteFlags.HwPoison);
                    Memory.AddMapping(head, -1, entire: true);
                    Memory.Put(head, 1);
                }
            }
        }
    }

    /// <summary>soft_offline_huge_page: the whole page moves to another one, and the old one leaves the pool.</summary>
    private Verdict MoveHugeTlb(ulong pfn)
    {
        var head = Memory.HeadOf(pfn);
        var state = Memory.PageOf(head);
        var inode = state.Has(PageFlags.PageCache) ? FileOf(state.Owner) : null;
        if (state.References != state.EntireMapCount + (inode is null ? 0 : 1) + 1)
        {
            return Verdict.Fail(Errno.EBUSY, Because("migrate_huge_page_move_mapping", "Somebody else holds the page: it cannot be moved."));
        }

        if (!TryMoveFolio(head, state, inode, new NodeChoice(Memory.NodeOf(head), 0, 0)))
        {
            return Verdict.Fail(Errno.ENOMEM, Because("alloc_migration_target", "No huge page to move to."));
        }

        if (counters.HugeTlbCommitted < HugeTlbPoolSize)
        {
            // dissolve_free_huge_page: the pool is one smaller.
            counters.CommitHugeTlb(1);
        }

        Memory.Poison(pfn);
        return Verdict.Ok;
    }
}
