using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.AddressSpaces;

/// <summary>Moving a page to another frame under everybody who maps it (mm/migrate.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>migrate_pages for one base page that the caller references once; the old frame is not used again.</summary>
    private Verdict MovePage(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        var inode = state.Has(PageFlags.PageCache) ? FileOf(state.Owner) : null;
        if (state.References != state.MapCount + (inode is null ? 0 : 1) + 1)
        {
            return Verdict.Fail(Errno.EBUSY, Because("folio_migrate_mapping", "Somebody else holds the page: it cannot be moved."));
        }

        if (!MayAllocate() || !Memory.TryAllocate(0, state.Flags & ~PageFlags.Allocated, state.Owner, Memory.IndexOf(pfn), out var target))
        {
            return Verdict.Fail(Errno.ENOMEM, Because("alloc_migration_target", "No page to move to."));
        }

        Memory.Contents.CopyPage(Memory.Contents, pfn, target);
        foreach (var space in spaces)
        {
            MoveEntries(space, pfn, target);
        }

        if (inode is not null)
        {
            var index = Memory.IndexOf(pfn);
            inode.ReplaceCachePage(index, target);
            Memory.ForgetCachePage(pfn);
        }
        else
        {
            Memory.Put(target, 1);
        }

        Memory.Poison(pfn);
        return Verdict.Ok;
    }

    private void MoveEntries(AddressSpace space, ulong pfn, ulong target)
    {
        foreach (var run in space.PageTable.Ptes.Extents().ToArray())
        {
            if (!run.Value.IsPresent || run.Value.IsSpecial)
            {
                continue;
            }

            for (var page = run.Start; page < run.End; page++)
            {
                if (run.Value.Pfn(page) == pfn)
                {
                    space.PageTable[page] = new Pte(page, target, run.Value.Flags);
                    Memory.Get(target, 1);
                    Memory.AddMapping(target, 1);
                    Memory.AddMapping(pfn, -1);
                    Memory.Put(pfn, 1);
                }
            }
        }
    }
}
