namespace DaxSim.Policy;

/// <summary>What a direct transfer does whose buffer is good only at its beginning, or whose caller does not wait.</summary>
public enum DirectIoEngineRule
{
    /// <summary>fs/direct-io.c: the beginning is transferred and the error returned; a write over existing blocks fills their rest with zeros.</summary>
    Classic,

    /// <summary>fs/direct-io.c: EFAULT is forgotten when something was read, and the page cache copies the rest.</summary>
    ClassicShortReads,

    /// <summary>The same; a write that extends the file is left to the page cache altogether.</summary>
    ClassicExtendsBuffered,

    /// <summary>The block layer's own: a short transfer, whose rest the page cache copies.</summary>
    BlockLayer,

    /// <summary>fs/iomap: the beginning is transferred, the error returned, the file not extended.</summary>
    Iomap,

    /// <summary>The same; but where no page of a write's buffer can be taken, the page cache does it all, which only copies.</summary>
    IomapWritesBuffered,
}

/// <summary>What the completion of an asynchronous direct transfer of a block device says when pages could not be taken.</summary>
public enum AsyncDirectIoErrorRule
{
    /// <summary>The error that taking the pages gave.</summary>
    OfThePages,

    /// <summary>EIO, as for a failed device.</summary>
    Eio,
}

/// <summary>Which bits of coredump_filter decide about DAX areas.</summary>
public enum CoreDumpDaxRule
{
    /// <summary>Those of ordinary files and anonymous memory (0 to 3).</summary>
    LikeOtherFiles,

    /// <summary>Bits 7 (private) and 8 (shared) alone.</summary>
    OwnBits,
}

/// <summary>Which lines an area has in /proc/pid/smaps besides the oldest ones.</summary>
public enum SmapsLinesRule
{
    /// <summary>None.</summary>
    Basic,

    /// <summary>Shared_Hugetlb and Private_Hugetlb.</summary>
    HugeTlb,

    /// <summary>Also ShmemPmdMapped.</summary>
    ShmemPmd,

    /// <summary>Also THPeligible.</summary>
    ThpEligible,

    /// <summary>Also FilePmdMapped.</summary>
    FilePmd,
}

/// <summary>How smaps counts a DAX page mapped by a PMD.</summary>
public enum SmapsDaxPmdRule
{
    /// <summary>As the folio it is the head of: one base page for file systems and for device-dax.</summary>
    OnePage,

    /// <summary>Device-dax pages are compound and count whole; those of file systems count as one page.</summary>
    CompoundWhole,

    /// <summary>Not at all.</summary>
    NotCounted,
}

/// <summary>Whether smaps looks for pages copied on write in VM_PFNMAP areas.</summary>
public enum SmapsPfnMapRule
{
    /// <summary>The walk leaves such areas out.</summary>
    LeftOut,

    /// <summary>Their ordinary pages are counted.</summary>
    CopiesCounted,
}

/// <summary>Which mappings of files smaps calls eligible for large pages (THPeligible).</summary>
public enum SmapsFileThpRule
{
    /// <summary>None of ordinary files.</summary>
    None,

    /// <summary>Those of filesystems with large folios, where large pages are always wanted.</summary>
    LargeFolios,
}

/// <summary>What pagemap says of the huge zero page.</summary>
public enum PagemapHugeZeroRule
{
    /// <summary>A page like any other, and not an anonymous one: a file's.</summary>
    LikeFilePages,

    /// <summary>No normal page, as the small zero page.</summary>
    NoPage,
}

/// <summary>Whether pagemap says that a page is mapped only here (bit 56).</summary>
public enum PagemapExclusiveRule
{
    /// <summary>It does not: the bit is always 0.</summary>
    Missing,

    /// <summary>It does.</summary>
    Reported,
}

/// <summary>How far /proc/kpageflags and /proc/kpagecount reach.</summary>
public enum KpageflagsReachRule
{
    /// <summary>Any number can be read.</summary>
    Unbounded,

    /// <summary>The end of memory; on x86 pages of devices raise it.</summary>
    MemoryAndDevices,

    /// <summary>The end of RAM.</summary>
    Ram,
}

/// <summary>What /proc/kpageflags says of a device page.</summary>
public enum KpageflagsDeviceRule
{
    /// <summary>The flags of its struct page.</summary>
    ItsFlags,

    /// <summary>KPF_NOPAGE: it belongs to no online section.</summary>
    NoPage,

    /// <summary>No flag at all.</summary>
    Nothing,
}

/// <summary>What the directory of a disk in sysfs holds.</summary>
public enum DiskAttributesRule
{
    /// <summary>The attributes of 3.10.</summary>
    Original,

    /// <summary>Also integrity/, with CONFIG_BLK_DEV_INTEGRITY.</summary>
    WithIntegrity,

    /// <summary>Also hidden.</summary>
    WithHidden,

    /// <summary>Also events, events_async and events_poll_msecs, for every disk.</summary>
    WithEvents,

    /// <summary>Also diskseq.</summary>
    WithSequence,

    /// <summary>Also partscan.</summary>
    WithPartScan,
}

public sealed partial record KernelPolicy
{
    /// <summary>The direct I/O engine of block devices.</summary>
    public DirectIoEngineRule BlockDirectIo { get => (DirectIoEngineRule)Get(PolicyProperty.BlockDirectIo); init => Set(PolicyProperty.BlockDirectIo, (int)value); }

    /// <summary>The direct I/O engine of xfs.</summary>
    public DirectIoEngineRule XfsDirectIo { get => (DirectIoEngineRule)Get(PolicyProperty.XfsDirectIo); init => Set(PolicyProperty.XfsDirectIo, (int)value); }

    /// <summary>The direct I/O engine of ext4 and the other block filesystems.</summary>
    public DirectIoEngineRule Ext4DirectIo { get => (DirectIoEngineRule)Get(PolicyProperty.Ext4DirectIo); init => Set(PolicyProperty.Ext4DirectIo, (int)value); }

    /// <summary>What the completion of an asynchronous direct transfer of a block device says when pages could not be taken.</summary>
    public AsyncDirectIoErrorRule AsyncDirectIoError { get => (AsyncDirectIoErrorRule)Get(PolicyProperty.AsyncDirectIoError); init => Set(PolicyProperty.AsyncDirectIoError, (int)value); }

    /// <summary>Which bits of coredump_filter decide about DAX areas.</summary>
    public CoreDumpDaxRule CoreDumpDax { get => (CoreDumpDaxRule)Get(PolicyProperty.CoreDumpDax); init => Set(PolicyProperty.CoreDumpDax, (int)value); }

    /// <summary>Which lines an area has in /proc/pid/smaps besides the oldest ones.</summary>
    public SmapsLinesRule SmapsLines { get => (SmapsLinesRule)Get(PolicyProperty.SmapsLines); init => Set(PolicyProperty.SmapsLines, (int)value); }

    /// <summary>How smaps counts a DAX page mapped by a PMD.</summary>
    public SmapsDaxPmdRule SmapsDaxPmd { get => (SmapsDaxPmdRule)Get(PolicyProperty.SmapsDaxPmd); init => Set(PolicyProperty.SmapsDaxPmd, (int)value); }

    /// <summary>Whether smaps looks for pages copied on write in VM_PFNMAP areas.</summary>
    public SmapsPfnMapRule SmapsPfnMap { get => (SmapsPfnMapRule)Get(PolicyProperty.SmapsPfnMap); init => Set(PolicyProperty.SmapsPfnMap, (int)value); }

    /// <summary>Which mappings of files smaps calls eligible for large pages (THPeligible).</summary>
    public SmapsFileThpRule SmapsFileThp { get => (SmapsFileThpRule)Get(PolicyProperty.SmapsFileThp); init => Set(PolicyProperty.SmapsFileThp, (int)value); }

    /// <summary>What pagemap says of the huge zero page.</summary>
    public PagemapHugeZeroRule PagemapHugeZero { get => (PagemapHugeZeroRule)Get(PolicyProperty.PagemapHugeZero); init => Set(PolicyProperty.PagemapHugeZero, (int)value); }

    /// <summary>Whether pagemap says that a page is mapped only here (bit 56).</summary>
    public PagemapExclusiveRule PagemapExclusive { get => (PagemapExclusiveRule)Get(PolicyProperty.PagemapExclusive); init => Set(PolicyProperty.PagemapExclusive, (int)value); }

    /// <summary>How far /proc/kpageflags and /proc/kpagecount reach.</summary>
    public KpageflagsReachRule KpageflagsReach { get => (KpageflagsReachRule)Get(PolicyProperty.KpageflagsReach); init => Set(PolicyProperty.KpageflagsReach, (int)value); }

    /// <summary>What /proc/kpageflags says of a device page.</summary>
    public KpageflagsDeviceRule KpageflagsDevice { get => (KpageflagsDeviceRule)Get(PolicyProperty.KpageflagsDevice); init => Set(PolicyProperty.KpageflagsDevice, (int)value); }

    /// <summary>What the directory of a disk in sysfs holds.</summary>
    public DiskAttributesRule DiskAttributes { get => (DiskAttributesRule)Get(PolicyProperty.DiskAttributes); init => Set(PolicyProperty.DiskAttributes, (int)value); }

    private static string? DescribeIntrospection(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.BlockDirectIo or PolicyProperty.XfsDirectIo or PolicyProperty.Ext4DirectIo => ((DirectIoEngineRule)value).ToString(),
        PolicyProperty.AsyncDirectIoError => ((AsyncDirectIoErrorRule)value).ToString(),
        PolicyProperty.CoreDumpDax => ((CoreDumpDaxRule)value).ToString(),
        PolicyProperty.SmapsLines => ((SmapsLinesRule)value).ToString(),
        PolicyProperty.SmapsDaxPmd => ((SmapsDaxPmdRule)value).ToString(),
        PolicyProperty.SmapsPfnMap => ((SmapsPfnMapRule)value).ToString(),
        PolicyProperty.SmapsFileThp => ((SmapsFileThpRule)value).ToString(),
        PolicyProperty.PagemapHugeZero => ((PagemapHugeZeroRule)value).ToString(),
        PolicyProperty.PagemapExclusive => ((PagemapExclusiveRule)value).ToString(),
        PolicyProperty.KpageflagsReach => ((KpageflagsReachRule)value).ToString(),
        PolicyProperty.KpageflagsDevice => ((KpageflagsDeviceRule)value).ToString(),
        PolicyProperty.DiskAttributes => ((DiskAttributesRule)value).ToString(),
        _ => null,
    };
}
