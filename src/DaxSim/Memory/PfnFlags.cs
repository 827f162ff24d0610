namespace DaxSim.Memory;

/// <summary>The flags of a pfn_t (include/linux/pfn_t.h, 4.5 to 6.16) as a driver's direct_access returned them.</summary>
[Flags]
internal enum PfnFlags
{
    /// <summary>No flag: a pfn of ordinary memory, or a plain number before 4.5 and from 6.17 on.</summary>
    None = 0,

    /// <summary>PFN_DEV: not covered by the normal memmap.</summary>
    Dev = 1,

    /// <summary>PFN_MAP: a driver made struct pages for it.</summary>
    Map = 2,

    /// <summary>PFN_SPECIAL: no struct page, no get_user_pages, execute in place only.</summary>
    Special = 4,
}
