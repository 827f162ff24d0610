using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.AddressSpaces;

/// <summary>Moving pages between nodes whole, for calls that do not stop in between (migrate_pages in mm/migrate.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>
    /// Moves the folio of a page. Ok; EBUSY where it is on no LRU list, EAGAIN where somebody holds it besides its mappings and its file's
    /// cache, ENOMEM where its new nodes are full.
    /// </summary>
    internal Verdict MoveTo(ulong pfn, NodeChoice nodes)
    {
        var head = Memory.HeadOf(pfn);
        var state = Memory.PageOf(head);
        if (!CanIsolate(head))
        {
            return Verdict.Fail(Errno.EBUSY, Because("isolate_lru_page", "The page is on no LRU list: it cannot be isolated."));
        }

        if (state.Has(PageFlags.Secret))
        {
            return Verdict.Fail(Errno.EBUSY, Because("secretmem_migrate_folio", "Secret memory never moves."));
        }

        if (state.Order == 0)
        {
            return migrations.Any(m => m.Source == pfn || m.Target == pfn)
                ? Verdict.Fail(Errno.EBUSY, Because("isolate_lru_page", "The page is being moved already."))
                : new MigrationOperation(Journal, this, pfn, ownsReference: true, nodes).Run();
        }

        var inode = state.Has(PageFlags.PageCache) ? FileOf(state.Owner) : null;
        if (state.References != MappingsOfFolio(head) + (inode is null ? 0 : 1))
        {
            return Verdict.Fail(Errno.EAGAIN, Because("folio_migrate_mapping", "Somebody else holds the page: it cannot be moved."));
        }

        Memory.Get(head, 1);
        var moved = TryMoveFolio(head, state, inode, nodes);
        Memory.Put(head, 1);
        return moved ? Verdict.Ok : Verdict.Fail(Errno.ENOMEM, Because("alloc_migration_target", "No huge page to move to."));
    }

    private bool CanIsolate(ulong pfn) => Memory.HasStructPage(pfn) && !Memory.PageOf(pfn).Has(PageFlags.Reserved) && Memory.PagemapOf(pfn) is null
        && (Memory.PageOf(pfn).IsAnon || Memory.PageOf(pfn).Has(PageFlags.PageCache));

    /// <summary>Moves a folio that only page tables, a file's cache and the caller hold. False without memory.</summary>
    private bool TryMoveFolio(ulong head, PageState state, Inode? inode, NodeChoice nodes)
    {
        if (!MayAllocate() || !Memory.TryAllocate(state.Order, state.Flags & ~(PageFlags.Allocated | PageFlags.AnonExclusive), state.Owner, Memory.IndexOf(head), nodes, out var target))
        {
            return false;
        }

        var pages = 1UL << state.Order;
        CopyFolio(head, target, pages);
        foreach (var part in Memory.Pages.Extents(head, head + pages).ToArray())
        {
            for (var page = part.Start; part.Value.Has(PageFlags.AnonExclusive) && page < part.End; page++)
            {
                Memory.SetFlags(target + (page - head), PageFlags.AnonExclusive);
            }
        }

        foreach (var space in spaces)
        {
            MoveHugeEntries(space, head, target);
            MoveBaseEntries(space, head, target, pages);
        }

        if (inode is not null)
        {
            var first = Memory.IndexOf(head);
            for (ulong i = 0; i < pages; i++)
            {
                inode.ReplaceCachePage(first + i, target + i);
            }

            Memory.ForgetCachePage(head);
        }
        else
        {
            Memory.Put(target, 1);
        }

        return true;
    }

    private void MoveHugeEntries(AddressSpace space, ulong head, ulong target)
    {
        var table = space.PageTable;
        foreach (var run in table.Pmds.Extents().ToArray())
        {
            for (var index = run.Start; index < run.End; index++)
            {
                if (run.Value.IsPresent && !run.Value.IsZero && table.PmdPfn(index, run.Value) == head)
                {
                    table.Pmds[index] = table.MakePmd(index, target, run.Value.Flags);
                    Memory.Get(target, 1);
                    Memory.AddMapping(target, 1, entire: true);
                    Memory.AddMapping(head, -1, entire: true);
                    Memory.Put(head, 1);
                }
            }
        }
    }

    /// <summary>Entries of single pages of the folio, left by a split of its PMD.</summary>
    private void MoveBaseEntries(AddressSpace space, ulong head, ulong target, ulong pages)
    {
        foreach (var run in space.PageTable.Ptes.Extents().ToArray())
        {
            if (!run.Value.IsPresent || run.Value.IsSpecial || run.Value.Pfn(run.Start) >= head + pages || run.Value.Pfn(run.End - 1) < head)
            {
                continue;
            }

            for (var page = run.Start; page < run.End; page++)
            {
                if (run.Value.Pfn(page) - head is var inFolio && inFolio < pages)
                {
                    space.PageTable[page] = new Pte(page, target + inFolio, run.Value.Flags);
                    Memory.Get(target + inFolio, 1);
                    Memory.AddMapping(target + inFolio, 1);
                    Memory.AddMapping(head + inFolio, -1);
                    Memory.Put(head + inFolio, 1);
                }
            }
        }
    }
}
