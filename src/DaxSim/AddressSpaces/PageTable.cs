using System.Runtime.CompilerServices;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>
/// The page table of one address space by extents: one map of base page entries by virtual page number, one of PMD leaves by
/// virtual address / PMD size, one of PUD leaves. A page is mapped by exactly one of them.
/// </summary>
internal sealed class PageTable
{
    internal PageTable(Journal journal, int pageShift, int pmdShift, int pudShift)
    {
        Ptes = new(journal);
        Pmds = new(journal);
        Puds = new(journal);
        PmdOrder = pmdShift - pageShift;
        PudOrder = pudShift - pageShift;
    }

    private PageTable(CloneContext context, PageTable original)
    {
        Ptes = context.Map(original.Ptes);
        Pmds = context.Map(original.Pmds);
        Puds = context.Map(original.Puds);
        PmdOrder = original.PmdOrder;
        PudOrder = original.PudOrder;
    }

    internal ExtentMap<Pte> Ptes { get; }

    internal ExtentMap<Pte> Pmds { get; }

    internal ExtentMap<Pte> Puds { get; }

    /// <summary>log2 of the pages that a PMD entry maps.</summary>
    internal int PmdOrder { get; }

    internal int PudOrder { get; }

    internal ulong PagesPerPmd => 1UL << PmdOrder;

    /// <summary>The base page entry; none where a huge leaf maps the page.</summary>
    internal Pte this[ulong virtualPage]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Ptes[virtualPage];
        set => Ptes[virtualPage] = value;
    }

    /// <summary>The PMD leaf that covers a page, or none. Its pfn is kept in units of the PMD, relative to its index.</summary>
    internal Pte PmdOf(ulong virtualPage) => Pmds.IsEmpty ? default : Pmds[virtualPage >> PmdOrder];

    internal Pte PudOf(ulong virtualPage) => Puds.IsEmpty ? default : Puds[virtualPage >> PudOrder];

    /// <summary>The first base page frame that a PMD leaf maps.</summary>
    internal ulong PmdPfn(ulong pmdIndex, Pte pmd) => pmd.Pfn(pmdIndex) << PmdOrder;

    internal Pte MakePmd(ulong pmdIndex, ulong pfn, PteFlags flags) => new(pmdIndex, pfn >> PmdOrder, flags | PteFlags.Huge);

    internal PageTable CloneInto(CloneContext context) => new(context, this);
}
