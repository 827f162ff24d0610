namespace DaxSim.Policy;

/// <summary>What becomes of a poisoned page of a hugetlb file.</summary>
public enum HugeTlbFailureRule
{
    /// <summary>It leaves the file, whose data are silently lost there.</summary>
    Truncated,

    /// <summary>It stays, and whoever touches it learns of the failure.</summary>
    KeptPoisoned,
}

/// <summary>How much of a poisoned huge page that its file keeps read(2) gives out.</summary>
public enum HugeTlbPoisonReadRule
{
    /// <summary>Nothing: EIO.</summary>
    WholeHugePage,

    /// <summary>Everything but the base page that failed.</summary>
    FailedPageOnly,
}

/// <summary>What memory failure answers for an anonymous page that somebody else still holds (a pin, a pipe).</summary>
public enum HeldFailureRule
{
    /// <summary>Base pages: EBUSY, though the page is poisoned and unmapped. Huge pages of the pool: nobody counts, so it succeeds.</summary>
    BasePagesBusy,

    /// <summary>EBUSY for both: the huge page could not be dissolved.</summary>
    Busy,

    /// <summary>Base pages: it succeeds, as the holder does no harm. Huge pages of the pool: EBUSY.</summary>
    HugePagesBusy,
}

/// <summary>May a merged page (KSM) be written in place?</summary>
public enum MergedReuseRule
{
    /// <summary>Never: a store makes a copy.</summary>
    Never,

    /// <summary>By the only one who still maps it.</summary>
    ByItsLastMapper,
}

/// <summary>What memory failure does with a merged page (KSM).</summary>
public enum MergedFailureRule
{
    /// <summary>It marks the page and gives up: everybody keeps it mapped.</summary>
    Ignored,

    /// <summary>As with other pages: it is unmapped, and an access is SIGBUS.</summary>
    Unmapped,
}

/// <summary>Can pages full of zeroes be merged into the zero page (/sys/kernel/mm/ksm/use_zero_pages)?</summary>
public enum MergedZeroesRule
{
    /// <summary>No: there is no such switch.</summary>
    Never,

    /// <summary>Where the switch says so.</summary>
    BySwitch,
}

/// <summary>Of which pages /proc/kpageflags says KSM.</summary>
public enum KpageflagsMergedRule
{
    /// <summary>Of merged pages.</summary>
    MergedPages,

    /// <summary>Of every anonymous page, by mistake.</summary>
    AnonymousPages,
}

/// <summary>Are anonymous pages that other processes map too collapsed into a huge page?</summary>
public enum CollapseSharedRule
{
    /// <summary>No: a page may have one reference.</summary>
    Never,

    /// <summary>Yes; khugepaged, if they are not more than max_ptes_shared.</summary>
    UpToALimit,
}

/// <summary>How many of the pages must be writable that are collapsed into a huge page.</summary>
public enum CollapseWritableRule
{
    /// <summary>All.</summary>
    EveryPage,

    /// <summary>One.</summary>
    OnePage,

    /// <summary>None.</summary>
    NotAsked,
}

/// <summary>What fork does with the entry of a poisoned huge page of the pool.</summary>
public enum HugeTlbPoisonForkRule
{
    /// <summary>It takes the entry for a present one and counts a page that is not there.</summary>
    TakenForPresent,

    /// <summary>The child gets the same entry.</summary>
    Copied,
}

/// <summary>What get_user_pages with FOLL_HWPOISON answers for a poisoned huge page of the pool.</summary>
public enum GupHugeTlbPoisonRule
{
    /// <summary>EFAULT, as for any failed fault there.</summary>
    Efault,

    /// <summary>EHWPOISON, as for other memory.</summary>
    Ehwpoison,
}
