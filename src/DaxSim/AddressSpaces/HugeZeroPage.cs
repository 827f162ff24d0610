using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>The reference that the kernel itself has on the huge zero page.</summary>
/// <param name="pfn">Its first frame.</param>
internal sealed class HugeZeroPage(ulong pfn) : IPageHolder
{
    string IPageHolder.HolderName => "huge zero page";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held => [(pfn, false)];

    object ICloned.CloneInto(CloneContext context) => new HugeZeroPage(pfn);

    void IDescribed.Describe(StateDigest digest) => digest.Add(pfn);
}

/// <summary>The huge zero page: a folio of zeros that any PMD may map. Unlike the small one it can be pinned like other pages.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>The frame that a PMD of zeros maps at a page.</summary>
    private ulong HugeZeroPfn(ulong virtualPage) => counters.HugeZeroPfn + (virtualPage & ((1UL << (PmdShift - PageShift)) - 1));

    /// <summary>Pages that the kernel keeps for itself, whoever exits: the huge zero page and those of the vDSO.</summary>
    internal long KernelPages => holders.Where(h => h is HugeZeroPage or SpecialPages).Sum(h => (long)h.Held.Sum(p => 1L << Memory.PageOf(p.Pfn).Order));

    /// <summary>True for a frame of the huge zero page.</summary>
    internal bool IsHugeZero(ulong pfn) => counters.HugeZeroPfn != 0 && pfn - counters.HugeZeroPfn < 1UL << (PmdShift - PageShift);

    /// <summary>mm_get_huge_zero_folio: allocated when first needed. The shrinker that frees an unused one is not modelled.</summary>
    private bool TryHugeZeroPage()
    {
        if (counters.HugeZeroPfn != 0)
        {
            return true;
        }

        if (!Memory.TryAllocate(PmdShift - PageShift, DaxSim.Memory.PageFlags.None, 0, 0, out var pfn))
        {
            return false;
        }

        counters.SetHugeZeroPfn(pfn);
        AddHolder(new HugeZeroPage(pfn));
        return true;
    }
}
