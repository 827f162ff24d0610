namespace DaxSim.Policy;

/// <summary>What a driver's direct_access looks like (dax-support 1.1).</summary>
public enum DirectAccessInterface
{
    /// <summary>Operation of the block device; returns 0 with address and pfn. Called by get_xip_mem of ext2.</summary>
    XipKaddrPfn,

    /// <summary>Operation of the block device with a size; returns the bytes available. bdev_direct_access stands in front.</summary>
    SizedKaddrPfn,

    /// <summary>The driver no longer sees the size.</summary>
    Unsized,

    /// <summary>The driver sees the size again.</summary>
    Sized,

    /// <summary>Operation of a dax_device, in pages.</summary>
    DaxOperations,

    /// <summary>The same with an access mode.</summary>
    DaxOperationsWithMode,
}

/// <summary>What bdev_direct_access makes of the number of bytes that the driver reports.</summary>
public enum DirectAccessLength
{
    /// <summary>It takes any number.</summary>
    Any,

    /// <summary>It refuses one that is no page multiple with ENXIO.</summary>
    PageMultiple,
}

/// <summary>Whether queues advertise DAX.</summary>
public enum QueueDaxFlag
{
    /// <summary>There is no such flag.</summary>
    Absent,

    /// <summary>QUEUE_FLAG_DAX, later the queue limit BLK_FEAT_DAX.</summary>
    Advertised,
}

/// <summary>What dax_direct_access answers to a negative number of pages.</summary>
public enum DaxNegativeLength
{
    /// <summary>The number itself, which the caller takes for an error.</summary>
    ReturnedAsErrno,

    /// <summary>EINVAL.</summary>
    Einval,
}

/// <summary>Whether dax_direct_access tests that the driver supplied operations.</summary>
public enum DaxOperationsTest
{
    /// <summary>No.</summary>
    NotTested,

    /// <summary>Yes: EOPNOTSUPP.</summary>
    Tested,
}

/// <summary>How a driver says which page frame it means.</summary>
public enum PfnRepresentation
{
    /// <summary>A plain number.</summary>
    Number,

    /// <summary>A pfn_t with the flags PFN_DEV and PFN_MAP.</summary>
    PfnT,

    /// <summary>A pfn_t that can also be PFN_SPECIAL.</summary>
    PfnTWithSpecial,

    /// <summary>A plain number again: pfn_t was removed.</summary>
    NumberAgain,
}

/// <summary>Whether a dax_device knows that its flushes are asynchronous.</summary>
public enum DaxSynchronousFlag
{
    /// <summary>No: MAP_SYNC is believed of every device.</summary>
    NotTracked,

    /// <summary>Yes (DAXDEV_SYNC).</summary>
    Tracked,
}

/// <summary>Whether a dax_device has an exclusive holder.</summary>
public enum DaxHolder
{
    /// <summary>No.</summary>
    None,

    /// <summary>Yes: xfs and dm take it.</summary>
    Exclusive,
}

/// <summary>A driver that mainline did not have yet in 3.10.</summary>
public enum LaterDriver
{
    /// <summary>Not yet written.</summary>
    NotYet,

    /// <summary>There.</summary>
    Present,
}

/// <summary>A driver that mainline had in 3.10.</summary>
public enum LegacyDriver
{
    /// <summary>There.</summary>
    Present,

    /// <summary>Deleted from the kernel.</summary>
    Removed,
}

/// <summary>What pmem's direct_access does about known media errors.</summary>
public enum PmemBadblocks
{
    /// <summary>It does not look.</summary>
    NotTested,

    /// <summary>EIO when the range holds one; while there is any on the device, only the range asked for is handed out.</summary>
    Eio,

    /// <summary>The same, except in recovery mode: then the good pages before the first bad sector, at least one.</summary>
    EioUnlessRecovering,

    /// <summary>EHWPOISON in place of EIO.</summary>
    EhwpoisonUnlessRecovering,
}

/// <summary>The pfn_t flags of pmem.</summary>
public enum PmemPfnFlags
{
    /// <summary>None: a plain number.</summary>
    None,

    /// <summary>PFN_DEV, and PFN_MAP if the driver made struct pages.</summary>
    DevAndMap,

    /// <summary>None set in the pfn_t.</summary>
    NoneSet,

    /// <summary>PFN_DEV and PFN_SPECIAL for raw namespaces, as dcssblk does, whether or not they have struct pages; of no mainline kernel, for what-ifs.</summary>
    DevAndSpecial,
}

/// <summary>When pmem sets its queue's DAX flag.</summary>
public enum PmemQueueFlag
{
    /// <summary>Always.</summary>
    Always,

    /// <summary>Only when it made struct pages.</summary>
    OnlyWithPages,
}

/// <summary>How pmem reckons the length it hands out.</summary>
public enum PmemLength
{
    /// <summary>All that follows.</summary>
    Rest,

    /// <summary>With struct pages, rounded down to the section size.</summary>
    WholeSections,
}

/// <summary>Which raw namespaces of pmem get struct pages (pmem_should_map_pages).</summary>
public enum PmemRawPages
{
    /// <summary>None.</summary>
    Never,

    /// <summary>Those of regions with the PAGEMAP flag.</summary>
    PagemapRegions,

    /// <summary>The same unless the namespace is marked force_raw.</summary>
    PagemapRegionsUnlessForced,
}

/// <summary>What the RAM disk offers.</summary>
public enum BrdDirectAccess
{
    /// <summary>XIP; ENOMEM when no page can be had.</summary>
    XipEnomem,

    /// <summary>XIP; ENOSPC when no page can be had.</summary>
    XipEnospc,

    /// <summary>DAX, one page at a time; ENOSPC when no page can be had.</summary>
    OnePage,

    /// <summary>Nothing.</summary>
    Removed,
}

/// <summary>What axonram's direct_access hands out.</summary>
public enum AxonRamDirectAccess
{
    /// <summary>A pfn made from the address of the local pointer variable: a wrong page.</summary>
    WrongPfn,

    /// <summary>The right pfn.</summary>
    RightPfn,

    /// <summary>The right pfn without a test of the range, with the bytes that follow.</summary>
    Unchecked,
}

/// <summary>Whether dcssblk has DAX, and with which pages.</summary>
public enum DcssDax
{
    /// <summary>DAX without struct pages.</summary>
    WithoutPages,

    /// <summary>No dax_device is registered (DCSSBLK_DAX depends on BROKEN).</summary>
    Broken,

    /// <summary>ZONE_DEVICE pages for segments that begin and end on a 2 MiB boundary, no DAX for others.</summary>
    ZoneDevicePages,
}

/// <summary>How dcssblk reckons the length it hands out.</summary>
public enum DcssLength
{
    /// <summary>It tests alignment and end itself and reports no length.</summary>
    TestedOnly,

    /// <summary>Last byte minus first: one byte short.</summary>
    OneByteShort,

    /// <summary>Right.</summary>
    Whole,
}

/// <summary>The pfn_t flags of dcssblk.</summary>
public enum DcssPfnFlags
{
    /// <summary>None: a plain number.</summary>
    None,

    /// <summary>PFN_DEV.</summary>
    Dev,

    /// <summary>PFN_DEV and PFN_SPECIAL.</summary>
    DevSpecial,
}

/// <summary>What segment_load answers on success.</summary>
public enum DcssSegmentType
{
    /// <summary>The segment's type.</summary>
    Reported,

    /// <summary>0, which means SW, for every type: read-only segments become writable devices.</summary>
    AlwaysSharedWrite,
}

/// <summary>What loading a segment over memory that Linux uses answers.</summary>
public enum DcssMemoryOverlap
{
    /// <summary>ENOSPC.</summary>
    Enospc,

    /// <summary>EBUSY.</summary>
    Ebusy,
}

/// <summary>How extmem prints the addresses of a segment.</summary>
public enum DcssLogAddresses
{
    /// <summary>As they are.</summary>
    Plain,

    /// <summary>As hashed pointers, which early in the boot read (____ptrval____).</summary>
    Hashed,
}

/// <summary>When a device-mapper table offers DAX.</summary>
public enum DeviceMapperDax
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When every target has direct_access and every member's queue the DAX flag.</summary>
    QueueFlags,

    /// <summary>When every member passes the admission test of the dax core.</summary>
    MembersAdmitted,

    /// <summary>When the span of every member that a target uses passes it.</summary>
    SpansAdmitted,

    /// <summary>When every member has a dax_device.</summary>
    MembersHaveDaxDevice,
}

/// <summary>Whether a device-mapper device is as synchronous as its members.</summary>
public enum DeviceMapperSynchronous
{
    /// <summary>Not tracked.</summary>
    NotTracked,

    /// <summary>Only if all members are.</summary>
    AllMembers,
}
