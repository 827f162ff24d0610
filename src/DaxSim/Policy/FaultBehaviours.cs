namespace DaxSim.Policy;

/// <summary>Which function of the kernel handles a fault of one page on a DAX file: its name in explanations.</summary>
public enum DaxFaultFunction
{
    /// <summary>xip_file_fault (mm/filemap_xip.c).</summary>
    XipFileFault,

    /// <summary>do_dax_fault (fs/dax.c).</summary>
    DoDaxFault,

    /// <summary>__dax_fault, for filesystems that lock by themselves.</summary>
    UnlockedDaxFault,

    /// <summary>dax_fault, with the radix tree's locks.</summary>
    DaxFault,

    /// <summary>dax_iomap_fault, which asks the filesystem for extents.</summary>
    DaxIomapFault,

    /// <summary>dax_iomap_pte_fault, one size among several.</summary>
    DaxIomapPteFault,
}

/// <summary>When a page fault gives up the mmap lock and is tried again, and how getrusage counts it (mm_account_fault).</summary>
public enum FaultRetryRule
{
    /// <summary>Never: what a fault read in, it maps itself.</summary>
    Never,

    /// <summary>After reading a page of a file. The second try finds it in memory and maps its neighbours with it.</summary>
    Reads,

    /// <summary>Also after dirtying a page of a shared file, to throttle the writer.</summary>
    ReadsAndDirtying,

    /// <summary>As before, and every fault that was tried again counts as major.</summary>
    CountedAsMajor,

    /// <summary>A fault that only dirtied a page is complete without a second try: a minor one.</summary>
    DirtyingCompletes,
}

/// <summary>What a read fault of a file's page maps beside it (filemap_map_pages), where there is no page table for these addresses yet.</summary>
public enum FaultAroundRule
{
    /// <summary>The neighbours that are in memory and before the end of the file.</summary>
    MakesTable,

    /// <summary>
    /// Nothing, if the first of them is the file's last page: the check that keeps huge entries away from the end of the file also skips
    /// the call that would put the page table in. Memory files are exempt.
    /// </summary>
    NeedsTableAtEnd,
}

/// <summary>What a write to private anonymous memory that reads as the huge zero page makes.</summary>
public enum HugeZeroWriteRule
{
    /// <summary>A huge page.</summary>
    HugePage,

    /// <summary>The entry is split, and the one page that was written becomes a base page.</summary>
    Split,
}

/// <summary>Whether mlock2(MLOCK_ONFAULT) looks at the areas before it leaves them alone.</summary>
public enum LockOnFaultPopulateRule
{
    /// <summary>It walks them without faulting; one that may not be accessed at all is an error.</summary>
    ChecksAreas,

    /// <summary>It skips them.</summary>
    Skipped,
}

/// <summary>How long a file of sysfs may be (s_maxbytes): offsets behind it are refused with EFBIG.</summary>
public enum SysfsFileSizeRule
{
    /// <summary>2 GiB.</summary>
    TwoGigabytes,

    /// <summary>As long as any file.</summary>
    Unlimited,
}

/// <summary>How get_mempolicy(MPOL_F_ADDR) finds the page behind an address.</summary>
public enum NodeLookupRule
{
    /// <summary>By get_user_pages, which refuses device areas.</summary>
    SlowOnly,

    /// <summary>By get_user_pages_fast, which looks at the page table first and so finds a private copy in a device area.</summary>
    FastFirst,
}

/// <summary>Whether a page of a DAX device remembers that somebody wrote it behind the CPU's back (PG_dirty).</summary>
public enum DaxPageDirtyRule
{
    /// <summary>No: the file's mapping alone knows what is dirty.</summary>
    NotKept,

    /// <summary>Yes, and nobody ever takes the mark away.</summary>
    KeptForever,
}

/// <summary>What a read(2) that begins at or reaches past the end of a file in the page cache does there.</summary>
public enum ReadAtEndRule
{
    /// <summary>It makes and fills a page before it looks at the size: mincore shows it, although nothing can be mapped there.</summary>
    CachesThePageThere,

    /// <summary>It stops at the size.</summary>
    StopsAtTheSize,
}
