namespace DaxSim.FileSystems;

/// <summary>State of one page of a file in memory.</summary>
[Flags]
internal enum CacheFlags : byte
{
    None = 0,

    /// <summary>There is an entry.</summary>
    Present = 1,

    /// <summary>Written since the last writeback (PAGECACHE_TAG_DIRTY).</summary>
    Dirty = 2,

    /// <summary>A DAX entry for a hole: the shared zero page is mapped.</summary>
    Zero = 4,

    /// <summary>A DAX entry of PMD size.</summary>
    Pmd = 8,

    /// <summary>A DAX entry locked by a fault in progress.</summary>
    Locked = 16,

    /// <summary>A block that is allocated but reads as zeros until it is written (unwritten extent).</summary>
    Unwritten = 32,

    /// <summary>A block that more than one file refers to (reflink).</summary>
    Shared = 64,

    /// <summary>PG_reclaim, which is PG_readahead as well: reclaim met the page when it was dirty.</summary>
    Reclaim = 128,
}

/// <summary>
/// One page of a file: in the page cache or as a DAX entry (then <see cref="Target"/> is a pfn), or as a block of its device
/// (then it is a device page). Neighbouring pages with neighbouring targets are equal and thus one extent.
/// </summary>
internal readonly struct CacheEntry : IEquatable<CacheEntry>
{
    private readonly ulong bits;

    internal CacheEntry(ulong index, ulong target, CacheFlags flags) => bits = ((target - index) << 8) | (ulong)(flags | CacheFlags.Present);

    private CacheEntry(ulong bits) => this.bits = bits;

    internal bool IsNone => bits == 0;

    internal CacheFlags Flags => (CacheFlags)(bits & 0xff);

    internal bool Has(CacheFlags flag) => (bits & (ulong)flag) != 0;

    internal ulong Target(ulong index) => (index + (bits >> 8)) & (ulong.MaxValue >> 8);

    internal CacheEntry With(CacheFlags flag) => new(bits | (ulong)flag);

    internal CacheEntry Without(CacheFlags flag) => new(bits & ~(ulong)flag);

    public bool Equals(CacheEntry other) => bits == other.bits;

    public override bool Equals(object? obj) => obj is CacheEntry other && Equals(other);

    public override int GetHashCode() => bits.GetHashCode();
}
