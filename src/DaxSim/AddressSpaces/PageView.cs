using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.AddressSpaces;

/// <summary>What stands behind one user address at one moment: the area, the page table entry, and the struct page if there is one.</summary>
/// <param name="Address">The page's first address.</param>
/// <param name="AreaFlags">The VM_* flags of the area that matter here; null when nothing is mapped.</param>
/// <param name="Level">The level of the entry: <c>PTE</c>, <c>PMD</c>, or <c>none</c>.</param>
/// <param name="EntryBits">The bits of the entry (<c>present</c>, <c>write</c>, <c>dirty</c>, <c>young</c>, <c>special</c>, <c>devmap</c>, …); empty when there is none.</param>
/// <param name="Pfn">The page frame; null when there is no present entry.</param>
/// <param name="Kind">What the frame is: <c>anonymous</c>, <c>page cache</c>, <c>shmem</c>, <c>hugetlb</c>, <c>zero page</c>, <c>ZONE_DEVICE</c>, <c>other RAM</c>, <c>no struct page</c>; null without a frame.</param>
/// <param name="References">The reference count; null without a struct page.</param>
/// <param name="Mappings">The map count; null without a struct page.</param>
/// <param name="Pins">How often FOLL_PIN took it; null without a struct page.</param>
/// <param name="AnonExclusive">PG_anon_exclusive.</param>
/// <param name="ResidentPages">Pages in the address space's resident set (anonymous, file and shmem).</param>
public sealed record PageView(
    ulong Address,
    IReadOnlyList<string>? AreaFlags,
    string Level,
    IReadOnlyList<string> EntryBits,
    ulong? Pfn,
    string? Kind,
    int? References,
    int? Mappings,
    int? Pins,
    bool AnonExclusive,
    long ResidentPages)
{
    /// <summary>The process that was looked at.</summary>
    public int ProcessId { get; init; }

    /// <summary>That process's name.</summary>
    public string ProcessName { get; init; } = "";

    /// <summary>Who has the page: the processes that map it, the file whose page cache it is in, and who holds references or pins. Empty for the zero page.</summary>
    public IReadOnlyList<PageOwner> Owners { get; init; } = [];

    /// <summary>What the machine did last before the page was looked at, where it keeps records.</summary>
    internal PrecedingCall Preceding { get; init; }

    /// <summary>True when a struct page stands behind the frame.</summary>
    public bool HasStructPage => References is not null;

    /// <summary>True when the entry has the bit.</summary>
    /// <param name="bit">
    /// <c>present</c>, <c>write</c>, <c>dirty</c>, <c>young</c>, <c>special</c>, <c>devmap</c>, <c>protnone</c>, <c>soft-dirty</c>, <c>uffd-wp</c>, <c>migration</c>,
    /// <c>hwpoison</c>, <c>zero-page</c>, <c>huge</c>, <c>swap</c> or <c>exclusive</c> (of a swap entry).
    /// </param>
    /// <exception cref="ArgumentException">No entry has a bit of that name.</exception>
    public bool HasBit(string bit)
        => EntryBits.Contains(bit) || (Pte.WordsForBits.Contains(bit) ? false : throw new ArgumentException($"\"{bit}\" is no bit of an entry: the bits are {string.Join(", ", Pte.WordsForBits)}.", nameof(bit)));

    /// <summary>For example <c>PTE present write special, pfn 100200, no struct page</c>.</summary>
    public override string ToString()
    {
        if (Pfn is not { } pfn)
        {
            return AreaFlags is null ? "nothing mapped" : EntryBits.Count == 0 ? "no entry" : $"{Level} {string.Join(' ', EntryBits)}";
        }

        var counts = HasStructPage ? $", {References} reference{(References == 1 ? "" : "s")}, mapped {(Mappings == 1 ? "once" : $"{Mappings} times")}{(Pins > 0 ? $", {Pins} pin{(Pins == 1 ? "" : "s")}" : "")}{(AnonExclusive ? ", exclusive" : "")}" : "";
        return $"{Level} {string.Join(' ', EntryBits)}; pfn {pfn:x}, {Kind}{counts}";
    }
}

/// <summary>The record of the call before a look at a page. No part of what was seen: two views of the same are equal whatever came before.</summary>
internal readonly struct PrecedingCall(IOperationRecord? record) : IEquatable<PrecedingCall>
{
    internal IOperationRecord? Record { get; } = record;

    public bool Equals(PrecedingCall other) => true;

    public override bool Equals(object? obj) => obj is PrecedingCall;

    public override int GetHashCode() => 0;
}

/// <summary>Looking without touching: no flag is set, nothing is reported.</summary>
internal sealed partial class MemoryManager
{
    private static readonly Outcomes.FlagNames AreaFlagNames = new(
        [(uint)VmFlags.Read, (uint)VmFlags.Write, (uint)VmFlags.Exec, (uint)VmFlags.Shared, (uint)VmFlags.PfnMap, (uint)VmFlags.MixedMap, (uint)VmFlags.Io, (uint)VmFlags.HugeTlb, (uint)VmFlags.HugePage, (uint)VmFlags.Locked, (uint)VmFlags.DontCopy],
        ["VM_READ", "VM_WRITE", "VM_EXEC", "VM_SHARED", "VM_PFNMAP", "VM_MIXEDMAP", "VM_IO", "VM_HUGETLB", "VM_HUGEPAGE", "VM_LOCKED", "VM_DONTCOPY"]);

    internal PageView View(AddressSpace space, ulong address)
    {
        var page = PageOf(address);
        var at = page << PageShift;
        var resident = space.AnonPages + space.FilePages + space.ShmemPages;
        var flags = space.Find(address) is { } area ? AreaFlagNames.Of((uint)area.Flags) : null;
        var entry = space.PageTable[page];
        var level = "PTE";
        var pfn = PfnOf(entry, page);
        if (entry.IsNone && space.PageTable.PmdOf(page) is { IsNone: false } pmd)
        {
            entry = pmd;
            level = "PMD";
            pfn = pmd.IsZero ? HugeZeroPfn(page) : space.PageTable.PmdPfn(page >> space.PageTable.PmdOrder, pmd) + (page & (space.PageTable.PagesPerPmd - 1));
        }

        if (entry.IsNone || !entry.IsPresent)
        {
            return new PageView(at, flags, entry.IsNone ? "none" : level, entry.Bits, null, null, null, null, null, false, resident);
        }

        if (!Memory.HasStructPage(pfn))
        {
            return new PageView(at, flags, level, entry.Bits, pfn, "no struct page", null, null, null, false, resident);
        }

        var state = Memory.PageOf(pfn);
        var head = Memory.PageOf(Memory.HeadOf(pfn));
        return new PageView(at, flags, level, entry.Bits, pfn, KindOf(entry, pfn, head), Memory.PageCount(pfn), state.MapCount + head.EntireMapCount, head.PinCount, head.Has(PageFlags.AnonExclusive), resident);
    }

    /// <summary>The frame that an address reaches by a present entry of whatever level; null without one.</summary>
    internal ulong? FrameAt(AddressSpace space, ulong address)
    {
        var page = PageOf(address);
        var entry = space.PageTable[page];
        if (!entry.IsNone)
        {
            return entry.IsPresent ? PfnOf(entry, page) : null;
        }

        return space.PageTable.PmdOf(page) is { IsNone: false, IsPresent: true } pmd
            ? pmd.IsZero ? Memory.ZeroPfn : space.PageTable.PmdPfn(page >> space.PageTable.PmdOrder, pmd) + (page & (space.PageTable.PagesPerPmd - 1))
            : null;
    }

    private string KindOf(Pte entry, ulong pfn, PageState head)
        => entry.IsZero ? "zero page"
            : head.Has(PageFlags.Hugetlb) ? "hugetlb"
            : head.IsAnon ? "anonymous"
            : Memory.PagemapOf(pfn) is not null ? "ZONE_DEVICE"
            : head.Has(PageFlags.SwapBacked) ? "shmem"
            : head.Has(PageFlags.PageCache) ? "page cache"
            : "other RAM";
}
