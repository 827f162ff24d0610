using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DaxSim.Memory;

/// <summary>The flags of a struct page (PG_*) that decide something in this model.</summary>
[Flags]
internal enum PageFlags : ushort
{
    None = 0,

    /// <summary>PageAnon: the mapping is an anon_vma.</summary>
    Anon = 1 << 0,

    /// <summary>PG_anon_exclusive (5.19+): mapped by one process that may write it without a copy.</summary>
    AnonExclusive = 1 << 1,

    /// <summary>PG_dirty.</summary>
    Dirty = 1 << 2,

    /// <summary>PG_hwpoison.</summary>
    HwPoison = 1 << 3,

    /// <summary>PG_mlocked.</summary>
    Mlocked = 1 << 4,

    /// <summary>The page belongs to a hugetlb folio.</summary>
    Hugetlb = 1 << 5,

    /// <summary>The page lies in a file's page cache.</summary>
    PageCache = 1 << 6,

    /// <summary>A page of memfd_secret: not in the kernel's own mapping, never handed out by get_user_pages.</summary>
    Secret = 1 << 7,

    /// <summary>Never counted: the shared zero page.</summary>
    Reserved = 1 << 8,

    /// <summary>A page of shmem (tmpfs, memfd, shared anonymous memory).</summary>
    SwapBacked = 1 << 9,

    /// <summary>The page is in use by the allocator's owner (allocated).</summary>
    Allocated = 1 << 10,

    /// <summary>On a fsdax page: more than one file extent maps it (page->share, 6.0+).</summary>
    DaxShared = 1 << 11,

    /// <summary>PageKsm: an anonymous page that stands for several equal ones; nobody writes it in place.</summary>
    Merged = 1 << 12,

    /// <summary>PG_swapcache: the page has a slot in a swap area.</summary>
    SwapCache = 1 << 13,
}

/// <summary>What one struct page says, its index apart. Neighbouring pages with equal states are one record.</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct PageState : IEquatable<PageState>
{
    /// <summary>_refcount above the idle value (0 for RAM, the pagemap's idle count for device pages). Every page of a folio says what its head says.</summary>
    internal int References;

    /// <summary>_mapcount + 1: how many page table entries map this very page.</summary>
    internal int MapCount;

    /// <summary>Large folio: how often it is mapped whole by a PMD or PUD (entire_mapcount). Every page of it says the same.</summary>
    internal int EntireMapCount;

    /// <summary>How often FOLL_PIN took it; the kernel knows this number only for large folios (_pincount), every page of which says the same.</summary>
    internal int PinCount;

    /// <summary>Who it belongs to: the root anon_vma's id or the inode's id; 0 for nobody.</summary>
    internal int Owner;

    internal PageFlags Flags;

    /// <summary>log2 of the pages of the folio this page belongs to.</summary>
    internal byte Order;

    /// <summary>Fills the state up to 24 bytes, so that two can be compared word by word. Always 0.</summary>
    private readonly byte unused;

    internal readonly bool IsAnon => (Flags & PageFlags.Anon) != 0;

    internal readonly bool Has(PageFlags flag) => (Flags & flag) != 0;

    public readonly bool Equals(PageState other)
    {
        // Mostly they differ here; and a state that was just changed field by field is slow to read back in words.
        if (References != other.References)
        {
            return false;
        }

        ref var mine = ref Unsafe.As<PageState, ulong>(ref Unsafe.AsRef(in this));
        ref var theirs = ref Unsafe.As<PageState, ulong>(ref other);
        return ((mine ^ theirs) | (Unsafe.Add(ref mine, 1) ^ Unsafe.Add(ref theirs, 1)) | (Unsafe.Add(ref mine, 2) ^ Unsafe.Add(ref theirs, 2))) == 0;
    }

    public override readonly bool Equals(object? obj) => obj is PageState other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(References, MapCount, EntireMapCount, PinCount, Owner, Flags, Order, unused);
}
