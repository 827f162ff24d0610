using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.FileSystems;

/// <summary>Pages of memory files that are swapped out: an entry stands in their place (mm/shmem.c).</summary>
internal sealed partial class Inode
{
    /// <summary>Is the page in memory or in a swap area?</summary>
    internal bool HasPage(ulong index) => !Cache[index].IsNone || (Memory.Swap is { } swap && swap.TryFile(Id, index, out _));

    /// <summary>Would the page have to be read from a swap device?</summary>
    internal bool MustReadSwapped(ulong index) => Memory.Swap is { } swap && swap.TryFile(Id, index, out var entry) && !swap.TryCached(entry, out _);

    /// <summary>Is the page swapped out, but in the swap cache?</summary>
    internal bool IsInSwapCache(ulong index) => Memory.Swap is { } swap && swap.TryFile(Id, index, out var entry) && swap.TryCached(entry, out _);

    /// <summary>Sets or clears PG_reclaim of a page in the page cache.</summary>
    internal void MarkReclaimed(ulong index, bool set)
    {
        var entry = Cache[index];
        if (!entry.IsNone)
        {
            Cache[index] = set ? entry.With(CacheFlags.Reclaim) : entry.Without(CacheFlags.Reclaim);
        }
    }

    /// <summary>shmem_swapin_folio: the page takes the entry's place again, and is dirty.</summary>
    private Errno ReadSwapped(SwapSpace swap, ulong index, ulong entry, out ulong pfn)
    {
        if (swap.TryCached(entry, out pfn))
        {
            Memory.Get(pfn, 1);
            Memory.RemoveFromSwapCache(pfn);
        }
        else if (!Memory.TryAllocate(0, PageFlags.SwapBacked, 0, 0, out pfn))
        {
            return Errno.ENOMEM;
        }
        else if (!swap.TryRead(Memory, entry, pfn))
        {
            Memory.Put(pfn, 1);
            return Errno.EIO;
        }

        swap.ClearFile(Id, index);
        swap.Count(entry, 1, -1);
        Memory.SetOwner(pfn, 1, Id, index);
        Memory.SetFlags(pfn, PageFlags.PageCache | PageFlags.SwapBacked, PageFlags.Dirty);
        Cache[index] = new CacheEntry(index, pfn, CacheFlags.Dirty);
        return Errno.None;
    }

    /// <summary>shmem_free_swap for a range: the slots are given back.</summary>
    private void ForgetSwapped(ulong first, ulong end)
    {
        var swap = Memory.Swap!;
        foreach (var extent in swap.Files.Extents(SwapSpace.FileKey(Id, first), SwapSpace.FileKey(Id, end)).ToArray())
        {
            var entry = extent.Value.Target(extent.Start);
            swap.Files.Clear(extent.Start, extent.End);
            Memory.FreeSwapEntries(entry, extent.Length);
        }
    }
}
