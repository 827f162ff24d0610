using System.Runtime.CompilerServices;

namespace DaxSim.AddressSpaces;

/// <summary>The bits of a page table entry that decide something in this model.</summary>
[Flags]
internal enum PteFlags : uint
{
    None = 0,

    /// <summary>The entry maps something.</summary>
    Present = 1 << 0,

    /// <summary>The hardware allows user writes.</summary>
    Write = 1 << 1,

    Dirty = 1 << 2,

    Young = 1 << 3,

    /// <summary>pte_special: do not look for a struct page.</summary>
    Special = 1 << 4,

    /// <summary>pte_devmap: a ZONE_DEVICE page, usable while a dev_pagemap reference is held.</summary>
    Devmap = 1 << 5,

    /// <summary>The hardware allows no user access (PROT_NONE); the kernel still sees a present entry.</summary>
    ProtNone = 1 << 6,

    SoftDirty = 1 << 7,

    UffdWp = 1 << 8,

    /// <summary>A migration entry: not present, its page is being moved.</summary>
    Migration = 1 << 9,

    /// <summary>A hwpoison entry: not present, its page is dead.</summary>
    HwPoison = 1 << 10,

    /// <summary>Maps the shared zero page, whose pfn is the same at every address.</summary>
    Zero = 1 << 11,

    /// <summary>A leaf of a higher level (PMD or PUD).</summary>
    Huge = 1 << 12,

    /// <summary>A guard marker: not present, every access faults.</summary>
    Guard = 1 << 13,

    /// <summary>A swap entry: not present, the page's bytes are in a slot of a swap area, which takes the place of the pfn.</summary>
    Swap = 1 << 14,

    /// <summary>pte_swp_exclusive: the page that was swapped out belonged to this entry alone.</summary>
    SwapExclusive = 1 << 15,
}

/// <summary>
/// A page table entry. The pfn is stored relative to the virtual page number, so that a physically contiguous mapping has
/// equal entries throughout and is one record of the page table.
/// </summary>
internal readonly struct Pte : IEquatable<Pte>
{
    internal const int FlagBits = 18;
    private const ulong FlagMask = (1UL << FlagBits) - 1;
    internal const ulong PfnMask = (1UL << (64 - FlagBits)) - 1;

    private readonly ulong bits;

    private Pte(ulong bits) => this.bits = bits;

    internal Pte(ulong virtualPage, ulong pfn, PteFlags flags)
    {
        var delta = (flags & PteFlags.Zero) != 0 ? 0 : (pfn - virtualPage) & PfnMask;
        bits = (delta << FlagBits) | (ulong)flags;
    }

    internal PteFlags Flags => (PteFlags)(bits & FlagMask);

    internal bool IsNone => bits == 0;

    /// <summary>A marker of userfaultfd (PTE_MARKER_UFFD_WP): nothing is mapped, but what will be is to be write-protected.</summary>
    internal bool IsMarker => (Flags & (PteFlags.UffdWp | PteFlags.Present | PteFlags.Migration | PteFlags.HwPoison | PteFlags.Guard | PteFlags.Swap)) == PteFlags.UffdWp;

    internal static Pte Marker => default(Pte).With(PteFlags.UffdWp);

    /// <summary>pte_none_mostly: nothing is mapped, with or without a marker.</summary>
    internal bool IsNoneMostly => IsNone || IsMarker;

    internal bool IsPresent => (bits & (ulong)PteFlags.Present) != 0;

    internal bool IsWrite => (bits & (ulong)PteFlags.Write) != 0;

    internal bool IsSpecial => (bits & (ulong)PteFlags.Special) != 0;

    internal bool IsDevmap => (bits & (ulong)PteFlags.Devmap) != 0;

    internal bool IsZero => (bits & (ulong)PteFlags.Zero) != 0;

    internal bool IsProtNone => (bits & (ulong)PteFlags.ProtNone) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Has(PteFlags flags) => (bits & (ulong)flags) != 0;

    /// <summary>The page frame that the entry at <paramref name="virtualPage"/> maps; 0 for the zero page (whose pfn the memory knows).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Pfn(ulong virtualPage) => IsZero ? 0 : (virtualPage + (bits >> FlagBits)) & PfnMask;

    /// <summary>The same for an entry that is known not to map the zero page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong CountedPfn(ulong virtualPage) => (virtualPage + (bits >> FlagBits)) & PfnMask;

    internal Pte With(PteFlags flags) => new(bits | (ulong)flags);

    internal Pte Without(PteFlags flags) => new(bits & ~(ulong)flags);

    /// <summary>The same entry for another virtual page: the pfn stays, as when mremap moves an entry.</summary>
    internal Pte MovedTo(ulong fromPage, ulong toPage) => IsZero || IsNoneMostly || Has(PteFlags.Guard) ? this : new(toPage, Pfn(fromPage), Flags);

    /// <summary>The bits in words, for explanations.</summary>
    internal string Describe() => IsNone ? "none" : string.Join(' ', Bits);

    /// <summary>The names of the bits that are set, as kernel helpers call them.</summary>
    internal IReadOnlyList<string> Bits => BitNames.All.Of((uint)Flags);

    /// <summary>The words for the bits that there are, in the order in which they are shown.</summary>
    internal static IReadOnlyList<string> WordsForBits => BitNames.All.Of(uint.MaxValue);

    public bool Equals(Pte other) => bits == other.bits;

    public override bool Equals(object? obj) => obj is Pte other && Equals(other);

    public override int GetHashCode() => bits.GetHashCode();

    public override string ToString() => IsNone ? "none" : Flags.ToString();

    /// <summary>Apart, so that entries need nothing initialized.</summary>
    private static class BitNames
    {
        internal static readonly Outcomes.FlagNames All = new(
            [(uint)PteFlags.Present, (uint)PteFlags.Write, (uint)PteFlags.Dirty, (uint)PteFlags.Young, (uint)PteFlags.Special, (uint)PteFlags.Devmap, (uint)PteFlags.ProtNone, (uint)PteFlags.SoftDirty, (uint)PteFlags.UffdWp, (uint)PteFlags.Migration, (uint)PteFlags.HwPoison, (uint)PteFlags.Zero, (uint)PteFlags.Huge, (uint)PteFlags.Swap, (uint)PteFlags.SwapExclusive],
            ["present", "write", "dirty", "young", "special", "devmap", "protnone", "soft-dirty", "uffd-wp", "migration", "hwpoison", "zero-page", "huge", "swap", "exclusive"]);
    }
}
