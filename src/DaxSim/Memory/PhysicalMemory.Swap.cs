using System.Diagnostics.CodeAnalysis;
using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>Where pages go that reclaim takes away. A machine without a swap area has no swap space at all.</summary>
internal sealed partial class PhysicalMemory
{
    private SwapHolder swap = null!;

    /// <summary>The swap areas and the swap cache; null on a machine that never had a swap area.</summary>
    internal SwapSpace? Swap
    {
        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        get => swap.Space;
    }

    /// <summary>swapon: a new area, or one that was on before and is again.</summary>
    /// <returns>Its number.</returns>
    internal int AddSwapArea(string name, ulong slots, bool isSynchronous)
    {
        var space = swap.Make();
        for (var number = 0; number < space.Areas.Count; number++)
        {
            if (space.Areas[number].Name == name && space.Areas[number].Slots == slots)
            {
                space.Areas[number].SetOn(true);
                return number;
            }
        }

        space.Add(name, slots, isSynchronous, PageSize);
        return space.Areas.Count - 1;
    }

    /// <summary>add_to_swap: the page gets a slot. False where none is free.</summary>
    internal bool TryAddToSwap(ulong pfn)
    {
        if (Swap is not { } space || !space.TryAllocate(out var entry))
        {
            return false;
        }

        AddToSwapCache(entry, pfn);
        SetFlags(pfn, PageFlags.Dirty);
        return true;
    }

    internal void AddToSwapCache(ulong entry, ulong pfn)
    {
        Swap!.AddToCache(entry, pfn);
        SetFlags(pfn, PageFlags.SwapCache);
        Get(pfn, 1);
    }

    /// <summary>delete_from_swap_cache: the page loses its slot, and the cache's reference.</summary>
    internal void RemoveFromSwapCache(ulong pfn)
    {
        Swap!.RemoveFromCache(pfn);
        SetFlags(pfn, PageFlags.None, PageFlags.SwapCache);
        Put(pfn, 1);
    }

    /// <summary>Another page, which was allocated with the flags of the old one, takes its place in the swap cache.</summary>
    internal void MoveInSwapCache(ulong from, ulong to)
    {
        var entry = Swap!.EntryOf(from);
        Swap.MoveInCache(entry, from, to);
        Get(to, 1);
        SetFlags(from, PageFlags.None, PageFlags.SwapCache);
        Put(from, 1);
    }

    /// <summary>try_to_free_swap: a page whose slot nobody refers to any more leaves the swap cache, and is dirty then.</summary>
    internal bool TryFreeSwap(ulong pfn)
    {
        if (!pages[pfn].Has(PageFlags.SwapCache) || Swap!.CountOf(Swap.EntryOf(pfn)) > 0)
        {
            return false;
        }

        SetFlags(pfn, PageFlags.Dirty);
        RemoveFromSwapCache(pfn);
        return true;
    }

    /// <summary>page_swapcount: references of the slot of a page in the swap cache.</summary>
    internal int SwapCountOf(ulong pfn) => Swap!.CountOf(Swap.EntryOf(pfn));

    /// <summary>References that the swap cache has on a page: 1 or 0.</summary>
    internal static int SwapCacheReferences(PageState state) => state.Has(PageFlags.SwapCache) ? 1 : 0;

    /// <summary>free_swap_and_cache for neighbouring entries: with its last reference a slot's page in the swap cache goes too, unless it is mapped.</summary>
    internal void FreeSwapEntries(ulong entry, ulong number)
    {
        var space = Swap!;
        space.Count(entry, number, -1);
        for (var at = entry; at < entry + number; at++)
        {
            if (space.CountOf(at) == 0 && space.TryCached(at, out var pfn) && pages[pfn].MapCount == 0)
            {
                TryFreeSwap(pfn);
            }
        }
    }

    /// <summary>The place of the swap space, so that it may come later and go with a snapshot.</summary>
    private sealed class SwapHolder(Journal journal) : Recoverable(journal)
    {
        internal SwapSpace? Space { get; private set; }

        [MemberNotNull(nameof(Space))]
        internal SwapSpace Make()
        {
            if (Space is null)
            {
                Touch();
                Space = new SwapSpace(Journal);
            }

            return Space;
        }

        internal override void Describe(StateDigest digest) => digest.Add(Space);

        private protected override void CopyFrom(Recoverable state) => Space = ((SwapHolder)state).Space;

        private protected override void Remap(CloneContext context) => Space = context.MapOrNull(Space);
    }
}
