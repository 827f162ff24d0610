using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>Moving a page to another frame under everybody who maps it (mm/migrate.c).</summary>
internal sealed partial class MemoryManager
{
    private StateList<MigrationOperation> migrations = null!;

    /// <summary>The moves under way, oldest first.</summary>
    internal IReadOnlyList<MigrationOperation> Migrations => migrations;

    internal void AddMigration(MigrationOperation operation) => migrations.Add(operation);

    internal void RemoveMigration(MigrationOperation operation) => migrations.Remove(operation);

    /// <summary>Begins to move the page at an address, as compaction, memory hotplug or move_pages to another node do; the errno where it cannot be isolated.</summary>
    internal Result<MigrationOperation> BeginMove(AddressSpace space, ulong address, int? node = null)
    {
        var status = NodeStatus(space, address, move: true);
        if (status < 0)
        {
            return Verdict.Fail((Errno)(-status), Because("add_folio_for_migration", "There is no page at the address that can be moved."));
        }

        if (FrameAt(space, address) is not { } pfn || !Memory.HasStructPage(pfn) || Memory.PageOf(pfn).Has(PageFlags.Reserved | PageFlags.Secret) || Memory.PagemapOf(pfn) is not null)
        {
            return Verdict.Fail(Errno.EBUSY, Because("isolate_lru_page", "The page is on no LRU list: it cannot be isolated."));
        }

        var state = Memory.PageOf(pfn);
        var head = Memory.HeadOf(pfn);
        var splits = false;
        if (state.Order > 0)
        {
            var huge = state.Has(PageFlags.Hugetlb);
            if (huge ? Policy.HugeTlbMigration == HugeTlbMigrationRule.NotKnown : Policy.HugePageMigration == HugePageMigrationRule.NotKnown)
            {
                return Verdict.Unknown(Because("unmap_and_move", "How a huge page moves on this architecture is not known.", huge ? PolicyProperty.HugeTlbMigration : PolicyProperty.HugePageMigration));
            }

            if (!huge && (state.Has(PageFlags.PageCache) || state.Order != space.PageTable.PmdOrder))
            {
                return Verdict.Unknown(Because("migrate_folio_unmap", "How a large folio of a file moves is not modelled."));
            }

            splits = !huge && Policy.HugePageMigration == HugePageMigrationRule.SplitFirst;
        }

        return migrations.Any(m => m.Concerns(head))
            ? Verdict.Fail(Errno.EBUSY, Because("isolate_lru_page", "The page is being moved already."))
            : new MigrationOperation(Journal, this, splits ? pfn : head, ownsReference: true, node is { } target ? NodeChoice.Only(target) : null);
    }

    /// <summary>Moves a page that the caller references once, for good: the old frame is not used again.</summary>
    private Verdict MovePage(ulong pfn)
    {
        var moved = new MigrationOperation(Journal, this, pfn, ownsReference: false).Run();
        if (moved.IsOk)
        {
            Memory.Poison(pfn);
        }

        return moved.Errno == Errno.EAGAIN ? Verdict.Fail(Errno.EBUSY, moved.Reason) : moved;
    }

    /// <summary>True for a page of a file's cache.</summary>
    internal bool IsCached(ulong pfn) => Memory.PageOf(pfn).Has(PageFlags.PageCache);

    private bool IsCachedBy(ulong pfn, Inode inode) => IsCached(pfn) && FileOf(Memory.PageOf(pfn).Owner) == inode;

    /// <summary>Is a page of the file locked because it is being moved?</summary>
    internal bool IsMoving(Inode inode)
    {
        foreach (var migration in migrations)
        {
            if (IsCachedBy(migration.Source, inode) || (migration.Target != 0 && IsCachedBy(migration.Target, inode)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>try_to_migrate: every entry of the page becomes a migration entry. False where the page is pinned and marked exclusive.</summary>
    internal bool TryUnmapForMove(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        if (Policy.ForkEarlyCopy == ForkEarlyCopyRule.MaybePinnedAndExclusive && MaybePinned(pfn) && IsExclusive(pfn, 1UL << state.Order))
        {
            Trace?.Step("try_to_migrate", "is the exclusive page pinned?", "yes: it stays mapped", PolicyProperty.ForkEarlyCopy);
            return false;
        }

        foreach (var space in spaces)
        {
            if (state.Order > 0)
            {
                UnmapHugeForMove(space, pfn);
            }

            foreach (var (page, entry) in EntriesOf(space, pfn, 1UL << state.Order, migrating: false))
            {
                var mapped = entry.Pfn(page);
                if (entry.Has(PteFlags.Dirty))
                {
                    MarkPageDirty(mapped);
                    if (state.IsAnon)
                    {
                        Memory.SetFlags(mapped, PageFlags.Dirty);
                    }
                }

                var kept = PteFlags.Write | PteFlags.SoftDirty | PteFlags.UffdWp | (Policy.MigrationBits == MigrationBitsRule.Kept ? PteFlags.Young | PteFlags.Dirty : 0);
                space.PageTable[page] = new Pte(page, mapped, PteFlags.Migration | (entry.Flags & kept));
                Memory.AddMapping(mapped, -1);
                Memory.Put(mapped, 1);
            }
        }

        return true;
    }

    /// <summary>move_to_new_folio: a page with the same bytes takes the place of the old one, in a file's cache too.</summary>
    internal bool TryCopyForMove(ulong pfn, NodeChoice? nodes, out ulong target)
    {
        var state = Memory.PageOf(pfn);
        target = 0;
        if (!MayAllocate() || !Memory.TryAllocate(state.Order, state.Flags & ~PageFlags.Allocated, state.Owner, Memory.IndexOf(pfn), nodes ?? Memory.Choice, out target))
        {
            return false;
        }

        CopyFolio(pfn, target, 1UL << state.Order);
        for (ulong i = 1; i < 1UL << state.Order; i++)
        {
            // What a page has of its own is whether it is one process's alone.
            var own = Memory.PageOf(pfn + i).Flags & PageFlags.AnonExclusive;
            Memory.SetFlags(target + i, own, PageFlags.AnonExclusive & ~own);
        }

        if (state.Has(PageFlags.SwapCache))
        {
            Memory.MoveInSwapCache(pfn, target);
        }

        if (state.Has(PageFlags.PageCache))
        {
            var (inode, index) = (FileOf(state.Owner)!, Memory.IndexOf(pfn));
            for (ulong i = 0; i < 1UL << state.Order; i++)
            {
                inode.ReplaceCachePage(index + i, target + i);
            }

            Memory.ForgetCachePage(pfn);
        }

        return true;
    }

    /// <summary>remove_migration_ptes: whoever still has a migration entry of the page maps its target again.</summary>
    internal void MapMoved(ulong source, ulong target)
    {
        var order = Memory.PageOf(source).Order;
        for (ulong i = 0; i < 1UL << order; i++)
        {
            if (!Memory.PageOf(source + i).Has(PageFlags.AnonExclusive))
            {
                // fork shared it meanwhile.
                Memory.SetFlags(target + i, PageFlags.None, PageFlags.AnonExclusive);
            }
        }

        foreach (var space in spaces)
        {
            if (order > 0)
            {
                MapHugeMoved(space, source, target);
            }

            foreach (var (page, entry) in EntriesOf(space, source, 1UL << order, migrating: true))
            {
                var moved = target + (entry.Pfn(page) - source);
                var area = space.Find(page << PageShift)!;
                var flags = AreaBits(area) | PteFlags.Present | (entry.Flags & (PteFlags.Young | PteFlags.Dirty | PteFlags.SoftDirty | PteFlags.UffdWp));
                flags |= entry.IsWrite && area.Has(VmFlags.Write) ? PteFlags.Write : 0;
                space.PageTable[page] = new Pte(page, moved, flags);
                Memory.Get(moved, 1);
                Memory.AddMapping(moved, 1);
            }
        }
    }

    /// <summary>rmap_walk: the entries that map a page, or that say it is being moved.</summary>
    private static List<(ulong Page, Pte Entry)> EntriesOf(AddressSpace space, ulong pfn, ulong pages, bool migrating)
    {
        var found = new List<(ulong, Pte)>();
        foreach (var run in space.PageTable.Ptes.Extents())
        {
            var entry = run.Value;
            if (entry.Has(PteFlags.Migration) != migrating || (!migrating && (!entry.IsPresent || entry.IsSpecial)))
            {
                continue;
            }

            // Equal entries map neighbouring frames.
            var first = entry.Pfn(run.Start);
            for (var each = Math.Max(pfn, first); each < Math.Min(pfn + pages, first + run.Length); each++)
            {
                found.Add((run.Start + (each - first), entry));
            }
        }

        return found;
    }

    /// <summary>migration_entry_wait: an access to a page that is being moved sleeps until it is mapped again.</summary>
    internal FaultResult WaitForMove(ulong pfn, bool huge = false)
    {
        var reason = Because(!huge ? "migration_entry_wait" : Memory.PageOf(pfn).Has(PageFlags.Hugetlb) ? "migration_entry_wait_huge" : "pmd_migration_entry_wait", $"The page (pfn {pfn:x}) is being moved: the access sleeps until it is mapped again.");
        FallAsleep(null, default, reason);
        return new FaultResult(FaultCode.Asleep, reason);
    }
}
