namespace DaxSim.Memory;

/// <summary>What a range of physical addresses is, as /proc/iomem tells.</summary>
public enum RegionKind
{
    /// <summary>System RAM, covered by the normal memmap.</summary>
    SystemRam,

    /// <summary>Reserved by firmware or the command line: never RAM, no memmap.</summary>
    Reserved,

    /// <summary>Persistent memory.</summary>
    PersistentMemory,

    /// <summary>A z/VM saved segment.</summary>
    SavedSegment,

    /// <summary>A memory bank of a Cell blade behind axonram.</summary>
    AxonRam,

    /// <summary>Device registers or video memory (a PCI BAR).</summary>
    Mmio,
}

/// <summary>A range of physical memory.</summary>
/// <param name="Name">The name in /proc/iomem.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Start">First physical address, a multiple of the page size.</param>
/// <param name="Length">Bytes, a multiple of the page size.</param>
public sealed record MemoryRegion(string Name, RegionKind Kind, ulong Start, ulong Length)
{
    /// <summary>The address behind the last byte.</summary>
    public ulong End => Start + Length;

    /// <summary>For example <c>1000000000-15fffffffff : Persistent Memory</c>.</summary>
    public override string ToString() => $"{Start:x}-{End - 1:x} : {Name}";
}
