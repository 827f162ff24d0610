using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.AddressSpaces;

/// <summary>swapoff (try_to_unuse): everything that is in a swap area comes back into memory.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>try_to_unuse; on ENOMEM or EIO the area is on as before, and what came back is back.</summary>
    internal Verdict SwapOff(int number)
    {
        var swap = Memory.Swap!;
        var area = swap.Areas[number];
        area.SetOn(false);
        foreach (var space in spaces)
        {
            foreach (var run in space.PageTable.Ptes.Extents().Where(r => r.Value.Has(PteFlags.Swap)).ToArray())
            {
                for (var page = run.Start; page < run.End; page++)
                {
                    if (SwapSpace.AreaOf(run.Value.Pfn(page)) == number && !TryUnuse(space, page, out var error))
                    {
                        area.SetOn(true);
                        return error;
                    }
                }
            }
        }

        foreach (var inode in Files)
        {
            var (first, end) = (SwapSpace.FileKey(inode.Id, 0), SwapSpace.FileKey(inode.Id + 1, 0));
            foreach (var run in swap.Files.Extents(first, end).ToArray())
            {
                for (var key = run.Start; key < run.End; key++)
                {
                    if (SwapSpace.AreaOf(run.Value.Target(key)) == number && inode.GetCachePage(key - first, out _) is var failed and not Errno.None)
                    {
                        area.SetOn(true);
                        return Verdict.Fail(failed, Because("shmem_unuse", "A page of a memory file could not be brought back."));
                    }
                }
            }
        }

        foreach (var run in swap.Cache.Extents(SwapSpace.FirstEntry(number), SwapSpace.FirstEntry(number + 1)).ToArray())
        {
            for (var entry = run.Start; entry < run.End; entry++)
            {
                Memory.TryFreeSwap(run.Value.Target(entry));
            }
        }

        return Verdict.Ok;
    }

    /// <summary>unuse_pte: the entry maps the page again, read-only and old; the slot goes with its last reference.</summary>
    private bool TryUnuse(AddressSpace space, ulong page, out Verdict error)
    {
        error = Verdict.Ok;
        var area = space.Find(page << PageShift)!;
        var original = space.PageTable[page];
        if (!PrepareAnon(space, area) || !TryReadSwapped(area, page << PageShift, original.Pfn(page), bypass: false, out var pfn, out var failed))
        {
            error = Verdict.Fail(failedIsIo() ? Errno.EIO : Errno.ENOMEM, Because("try_to_unuse", "A page could not be brought back."));
            return false;
        }

        if (!TryMapSwapped(space, area, page << PageShift, original, pfn, FaultFlags.Remote))
        {
            error = Verdict.Fail(Errno.ENOMEM, Because("unuse_pte", "No page could be allocated for a copy."));
            return false;
        }

        space.PageTable[page] = space.PageTable[page].Without(PteFlags.Young | PteFlags.Write);
        Memory.TryFreeSwap(space.PageTable[page].Pfn(page));
        return true;

        bool failedIsIo() => Memory.Swap!.Areas[SwapSpace.AreaOf(original.Pfn(page))].FailsReads;
    }
}
