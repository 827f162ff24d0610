namespace DaxSim.Policy;

/// <summary>What mincore says about an area without a file whose memory is not anonymous: the kernel's own [vdso] and [vvar].</summary>
public enum MincoreWithoutFileRule
{
    /// <summary>What the page table shows.</summary>
    LooksAtEntries,

    /// <summary>Nobody owns the pages, so nobody may learn about them: all are called present.</summary>
    AllPresent,
}

/// <summary>Which pages the area of the vDSO's data has on x86-64.</summary>
public enum VvarLayoutRule
{
    /// <summary>There is no such area: the data lie in the fixed map of the kernel.</summary>
    None,

    /// <summary>The clock data and a timer's registers.</summary>
    DataAndTimer,

    /// <summary>The clock data and two paravirtual clocks.</summary>
    DataAndClocks,

    /// <summary>One more page, for processes in a time namespace.</summary>
    WithTimeNamespace,

    /// <summary>The paravirtual clocks have an area of their own, [vvar_vclock].</summary>
    ClocksApart,

    /// <summary>The layout that all architectures share: clock data, time namespace, random numbers, the architecture's own.</summary>
    Generic,

    /// <summary>The same, and every page can be touched: what is not in use reads as zeros.</summary>
    GenericWhole,
}

/// <summary>How the pages of [vvar] are mapped.</summary>
public enum VvarPagesRule
{
    /// <summary>All at once by remap_pfn_range, in a VM_PFNMAP area.</summary>
    RemappedWhole,

    /// <summary>By faults, as raw frames in a VM_PFNMAP area.</summary>
    RawFrames,

    /// <summary>By faults, as ordinary pages with a struct page, in an area that is still called device memory (VM_IO).</summary>
    PagesOfDeviceArea,

    /// <summary>As ordinary pages in an area that get_user_pages may enter.</summary>
    OrdinaryPages,
}

/// <summary>Whether get_user_pages_fast keeps a small page without a mapping (page->mapping), such as those of the vDSO.</summary>
public enum FastGupUnownedPageRule
{
    /// <summary>Yes.</summary>
    Kept,

    /// <summary>No: where secret memory is built in, it takes the page, finds that it cannot tell whose it is, and gives it back to the slow path.</summary>
    GivenBack,
}
