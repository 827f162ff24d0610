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

        if (Memory.PageOf(pfn).Order > 0)
        {
            return Verdict.Unknown(Because("migrate_folio_unmap", "Only base pages are moved step by step; how a large folio moves is not modelled."));
        }

        return migrations.Any(m => m.Source == pfn || m.Target == pfn)
            ? Verdict.Fail(Errno.EBUSY, Because("isolate_lru_page", "The page is being moved already."))
            : new MigrationOperation(Journal, this, pfn, ownsReference: true, node is { } target ? NodeChoice.Only(target) : null);
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
        if (state.Has(PageFlags.AnonExclusive) && Policy.ForkEarlyCopy == ForkEarlyCopyRule.MaybePinnedAndExclusive && MaybePinned(pfn))
        {
            Trace?.Step("try_to_migrate", "is the exclusive page pinned?", "yes: it stays mapped", PolicyProperty.ForkEarlyCopy);
            return false;
        }

        foreach (var space in spaces)
        {
            foreach (var (page, entry) in EntriesOf(space, pfn, migrating: false))
            {
                if (entry.Has(PteFlags.Dirty))
                {
                    MarkPageDirty(pfn);
                    if (state.IsAnon)
                    {
                        Memory.SetFlags(pfn, PageFlags.Dirty);
                    }
                }

                var kept = PteFlags.Write | PteFlags.SoftDirty | PteFlags.UffdWp | (Policy.MigrationBits == MigrationBitsRule.Kept ? PteFlags.Young | PteFlags.Dirty : 0);
                space.PageTable[page] = new Pte(page, pfn, PteFlags.Migration | (entry.Flags & kept));
                Memory.AddMapping(pfn, -1);
                Memory.Put(pfn, 1);
            }
        }

        return true;
    }

    /// <summary>move_to_new_folio: a page with the same bytes takes the place of the old one, in a file's cache too.</summary>
    internal bool TryCopyForMove(ulong pfn, NodeChoice? nodes, out ulong target)
    {
        var state = Memory.PageOf(pfn);
        target = 0;
        if (!MayAllocate() || !Memory.TryAllocate(0, state.Flags & ~PageFlags.Allocated, state.Owner, Memory.IndexOf(pfn), nodes ?? Memory.Choice, out target))
        {
            return false;
        }

        Memory.Contents.CopyPage(Memory.Contents, pfn, target);
        if (state.Has(PageFlags.SwapCache))
        {
            Memory.MoveInSwapCache(pfn, target);
        }

        if (state.Has(PageFlags.PageCache))
        {
            FileOf(state.Owner)!.ReplaceCachePage(Memory.IndexOf(pfn), target);
            Memory.ForgetCachePage(pfn);
        }

        return true;
    }

    /// <summary>remove_migration_ptes: whoever still has a migration entry of the page maps its target again.</summary>
    internal void MapMoved(ulong source, ulong target)
    {
        if (!Memory.PageOf(source).Has(PageFlags.AnonExclusive))
        {
            // fork shared it meanwhile.
            Memory.SetFlags(target, PageFlags.None, PageFlags.AnonExclusive);
        }

        foreach (var space in spaces)
        {
            foreach (var (page, entry) in EntriesOf(space, source, migrating: true))
            {
                var area = space.Find(page << PageShift)!;
                var flags = AreaBits(area) | PteFlags.Present | (entry.Flags & (PteFlags.Young | PteFlags.Dirty | PteFlags.SoftDirty | PteFlags.UffdWp));
                flags |= entry.IsWrite && area.Has(VmFlags.Write) ? PteFlags.Write : 0;
                space.PageTable[page] = new Pte(page, target, flags);
                Memory.Get(target, 1);
                Memory.AddMapping(target, 1);
            }
        }
    }

    /// <summary>rmap_walk: the entries that map a page, or that say it is being moved.</summary>
    private static List<(ulong Page, Pte Entry)> EntriesOf(AddressSpace space, ulong pfn, bool migrating)
    {
        var found = new List<(ulong, Pte)>();
        foreach (var run in space.PageTable.Ptes.Extents())
        {
            var entry = run.Value;
            if (entry.Has(PteFlags.Migration) != migrating || (!migrating && (!entry.IsPresent || entry.IsSpecial)))
            {
                continue;
            }

            // Equal entries map neighbouring frames, so that one page at most is the one.
            var first = entry.Pfn(run.Start);
            if (pfn >= first && pfn - first < run.Length)
            {
                found.Add((run.Start + (pfn - first), entry));
            }
        }

        return found;
    }

    /// <summary>migration_entry_wait: an access to a page that is being moved sleeps until it is mapped again.</summary>
    internal FaultResult WaitForMove(ulong pfn)
    {
        var reason = Because("migration_entry_wait", $"The page (pfn {pfn:x}) is being moved: the access sleeps until it is mapped again.");
        FallAsleep(null, default, reason);
        return new FaultResult(FaultCode.Asleep, reason);
    }
}
