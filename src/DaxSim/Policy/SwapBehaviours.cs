namespace DaxSim.Policy;

/// <summary>When a page of the swap cache may be written in place by the one process that maps it.</summary>
public enum SwapReuseRule
{
    /// <summary>When mappings and swap entries together are one (reuse_swap_page), at swap-in and at every later store.</summary>
    MappingsAndEntries,

    /// <summary>At swap-in as before; a later store counts references, and the swap cache has one: it copies.</summary>
    MappingsAndEntriesAtSwapIn,

    /// <summary>A slot that nobody else refers to is given up first; then references decide.</summary>
    SlotGivenUpFirst,
}

/// <summary>Does a swap entry say that its page belonged to one process alone?</summary>
public enum SwapExclusiveRule
{
    /// <summary>No: after swap-in references decide.</summary>
    Forgotten,

    /// <summary>Yes, by a bit of the entry (pte_swp_exclusive).</summary>
    Kept,
}

/// <summary>When a page is read in without going through the swap cache.</summary>
public enum SwapBypassRule
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When the device answers at once and nobody else refers to the slot.</summary>
    SoleOwnerOfFastDevice,

    /// <summary>Never; but pages of a device that answers at once leave the swap cache as soon as nobody else refers to their slot.</summary>
    NeverButGivenUp,
}

/// <summary>Does reclaim take pages that FOLL_PIN pinned?</summary>
public enum SwapPinnedRule
{
    /// <summary>It unmaps them: they stay in memory, but the next store of their owner may copy them, and the pin is of another page then.</summary>
    Unmapped,

    /// <summary>No: anonymous pages that may be pinned stay mapped.</summary>
    LeftAlone,
}

/// <summary>Is an anonymous page that a load brought back from swap writable at once?</summary>
public enum SwapInWritableRule
{
    /// <summary>No: only a store makes it writable.</summary>
    ByStores,

    /// <summary>Yes, where the area is writable and the page belongs to the process alone.</summary>
    AtOnce,
}

/// <summary>Which base pages MADV_PAGEOUT takes.</summary>
public enum PageOutSharedRule
{
    /// <summary>Those that others map, too.</summary>
    EvenShared,

    /// <summary>Only those that nobody else maps.</summary>
    MappedOnce,
}

/// <summary>What MADV_PAGEOUT does where it meets a page of a large folio that others map, too.</summary>
public enum PageOutHugeRule
{
    /// <summary>It looks at no further page of the same page table.</summary>
    StopsAtShared,

    /// <summary>It passes over that page.</summary>
    GoesOn,
}

/// <summary>What becomes of pages full of zeros when a huge page is split.</summary>
public enum SplitZeroPagesRule
{
    /// <summary>They stay.</summary>
    Kept,

    /// <summary>They are given back, and the zero page is mapped in their place.</summary>
    Dropped,
}

/// <summary>What reclaim demands of a page that MADV_FREE gave up.</summary>
public enum LazyFreeReclaimRule
{
    /// <summary>That it was not written since.</summary>
    Clean,

    /// <summary>Also that nobody holds it besides its mappings.</summary>
    CleanAndUnheld,
}

/// <summary>What MADV_FREE does on a machine without free swap space.</summary>
public enum MadviseFreeRule
{
    /// <summary>The same as MADV_DONTNEED: the pages go at once.</summary>
    DropsWithoutSwap,

    /// <summary>The same as with swap space.</summary>
    Lazy,
}

/// <summary>Are pages read in from swap when a range is collapsed into a huge page?</summary>
public enum CollapseSwappedRule
{
    /// <summary>No: a range with a swapped page is left alone.</summary>
    Never,

    /// <summary>Yes: for khugepaged up to max_ptes_swap (64) of them.</summary>
    ReadIn,
}

/// <summary>What /proc/pid/smaps tells of swap.</summary>
public enum SmapsSwapRule
{
    /// <summary>Swap: entries of page tables.</summary>
    Entries,

    /// <summary>SwapPss as well.</summary>
    Proportional,

    /// <summary>Also pages of memory files.</summary>
    MemoryFilesToo,
}
