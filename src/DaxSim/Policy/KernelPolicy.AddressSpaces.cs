namespace DaxSim.Policy;

public sealed partial record KernelPolicy
{
    /// <summary>Where MADV_GUARD_INSTALL can make pages that every access faults on.</summary>
    public GuardRegionRule GuardRegions { get => (GuardRegionRule)Get(PolicyProperty.GuardRegions); init => Set(PolicyProperty.GuardRegions, (int)value); }

    /// <summary>When two neighbouring areas of which only one has anonymous pages are joined.</summary>
    public AreaMergeRule AreaMerging { get => (AreaMergeRule)Get(PolicyProperty.AreaMerging); init => Set(PolicyProperty.AreaMerging, (int)value); }

    /// <summary>The flags that mmap of a DAX file gives its area: they decide what fork copies and what vm_normal_page says.</summary>
    public DaxAreaFlagsRule DaxAreaFlags { get => (DaxAreaFlagsRule)Get(PolicyProperty.DaxAreaFlags); init => Set(PolicyProperty.DaxAreaFlags, (int)value); }

    /// <summary>When a write fault may keep an anonymous base page instead of copying it.</summary>
    public AnonReuseRule AnonReuse { get => (AnonReuseRule)Get(PolicyProperty.AnonReuse); init => Set(PolicyProperty.AnonReuse, (int)value); }

    /// <summary>The same for a transparent huge page mapped by a PMD.</summary>
    public HugeAnonReuseRule HugeAnonReuse { get => (HugeAnonReuseRule)Get(PolicyProperty.HugeAnonReuse); init => Set(PolicyProperty.HugeAnonReuse, (int)value); }

    /// <summary>What a copy on write of a page without struct page does when the running process cannot read the address.</summary>
    public CopyWithoutPageRule CopyWithoutPage { get => (CopyWithoutPageRule)Get(PolicyProperty.CopyWithoutPage); init => Set(PolicyProperty.CopyWithoutPage, (int)value); }

    /// <summary>How a DAX fault treats the page it maps.</summary>
    public DaxPageRule DaxPages { get => (DaxPageRule)Get(PolicyProperty.DaxPages); init => Set(PolicyProperty.DaxPages, (int)value); }

    /// <summary>Whether the struct page of a mapped DAX page names its file (page->mapping).</summary>
    public DaxPageOwnerRule DaxPageOwner { get => (DaxPageOwnerRule)Get(PolicyProperty.DaxPageOwner); init => Set(PolicyProperty.DaxPageOwner, (int)value); }

    /// <summary>Whether mmap of a memfd_secret file locks the area.</summary>
    public SecretMemoryLockRule SecretMemoryLock { get => (SecretMemoryLockRule)Get(PolicyProperty.SecretMemoryLock); init => Set(PolicyProperty.SecretMemoryLock, (int)value); }

    /// <summary>Whether a DAX fault may map a whole PMD.</summary>
    public DaxHugePageRule DaxHugePages { get => (DaxHugePageRule)Get(PolicyProperty.DaxHugePages); init => Set(PolicyProperty.DaxHugePages, (int)value); }

    /// <summary>What fork does with a PMD of a DAX mapping.</summary>
    public DaxPmdForkRule DaxPmdFork { get => (DaxPmdForkRule)Get(PolicyProperty.DaxPmdFork); init => Set(PolicyProperty.DaxPmdFork, (int)value); }

    /// <summary>Which areas without anonymous pages have their page tables copied by fork.</summary>
    public ForkCopyRule ForkCopies { get => (ForkCopyRule)Get(PolicyProperty.ForkCopies); init => Set(PolicyProperty.ForkCopies, (int)value); }

    /// <summary>Whether fork of a private VM_PFNMAP area depends on its first page.</summary>
    public PfnMapForkRule PfnMapForkTracking { get => (PfnMapForkRule)Get(PolicyProperty.PfnMapForkTracking); init => Set(PolicyProperty.PfnMapForkTracking, (int)value); }

    /// <summary>Whether what mremap leaves behind of a private PFNMAP area still depends on its first page.</summary>
    public PfnMapMoveRule PfnMapMoveTracking { get => (PfnMapMoveRule)Get(PolicyProperty.PfnMapMoveTracking); init => Set(PolicyProperty.PfnMapMoveTracking, (int)value); }

    /// <summary>When ext4 looks whether the range of fallocate lies within the file.</summary>
    public FallocateRangeRule FallocateRange { get => (FallocateRangeRule)Get(PolicyProperty.FallocateRange); init => Set(PolicyProperty.FallocateRange, (int)value); }

    /// <summary>Whether a lockless pin notices that fork write-protects pages meanwhile.</summary>
    public WriteProtectSequenceRule WriteProtectSequence { get => (WriteProtectSequenceRule)Get(PolicyProperty.WriteProtectSequence); init => Set(PolicyProperty.WriteProtectSequence, (int)value); }

    /// <summary>Which anonymous pages fork copies for the child at once because they may be pinned.</summary>
    public ForkEarlyCopyRule ForkEarlyCopy { get => (ForkEarlyCopyRule)Get(PolicyProperty.ForkEarlyCopy); init => Set(PolicyProperty.ForkEarlyCopy, (int)value); }

    /// <summary>What get_user_pages and pin_user_pages say of an entry without struct page.</summary>
    public GupWithoutStructPageRule GupWithoutStructPage { get => (GupWithoutStructPageRule)Get(PolicyProperty.GupWithoutStructPage); init => Set(PolicyProperty.GupWithoutStructPage, (int)value); }

    /// <summary>Whether drivers can pin user pages (pin_user_pages, FOLL_PIN).</summary>
    public UserPinRule UserPins { get => (UserPinRule)Get(PolicyProperty.UserPins); init => Set(PolicyProperty.UserPins, (int)value); }

    /// <summary>What get_user_pages without a pages array (mlock, populate) says of an entry without struct page.</summary>
    public GupPrefaultRule GupPrefaultWithoutStructPage { get => (GupPrefaultRule)Get(PolicyProperty.GupPrefaultWithoutStructPage); init => Set(PolicyProperty.GupPrefaultWithoutStructPage, (int)value); }

    /// <summary>When get_user_pages takes a page for writing although its entry is not writable (FOLL_FORCE).</summary>
    public FollowWriteRule FollowWrite { get => (FollowWriteRule)Get(PolicyProperty.FollowWrite); init => Set(PolicyProperty.FollowWrite, (int)value); }

    /// <summary>Whether a read-only pin breaks COW sharing first.</summary>
    public PinUnshareRule PinUnshare { get => (PinUnshareRule)Get(PolicyProperty.PinUnshare); init => Set(PolicyProperty.PinUnshare, (int)value); }

    /// <summary>How FOLL_PIN counts.</summary>
    public PinCountingRule PinCounting { get => (PinCountingRule)Get(PolicyProperty.PinCounting); init => Set(PolicyProperty.PinCounting, (int)value); }

    /// <summary>Whether pinning the shared zero page is counted.</summary>
    public ZeroPagePinRule ZeroPagePin { get => (ZeroPagePinRule)Get(PolicyProperty.ZeroPagePin); init => Set(PolicyProperty.ZeroPagePin, (int)value); }

    /// <summary>Whether a referenced device page keeps its dev_pagemap alive.</summary>
    public PinnedPagemapRule PinnedPagemap { get => (PinnedPagemapRule)Get(PolicyProperty.PinnedPagemap); init => Set(PolicyProperty.PinnedPagemap, (int)value); }

    /// <summary>Whether get_user_pages for reading breaks COW first.</summary>
    public ForcedCowOnReadRule ForcedCowOnRead { get => (ForcedCowOnReadRule)Get(PolicyProperty.ForcedCowOnRead); init => Set(PolicyProperty.ForcedCowOnRead, (int)value); }

    /// <summary>Whether the lockless walk reads the entry again after taking the reference.</summary>
    public FastGupRecheckRule FastGupRecheck { get => (FastGupRecheckRule)Get(PolicyProperty.FastGupRecheck); init => Set(PolicyProperty.FastGupRecheck, (int)value); }

    /// <summary>Whether the lockless walk tests write permission on devmap entries.</summary>
    public FastGupDevmapWriteRule FastGupDevmapWrite { get => (FastGupDevmapWriteRule)Get(PolicyProperty.FastGupDevmapWrite); init => Set(PolicyProperty.FastGupDevmapWrite, (int)value); }

    /// <summary>Who takes long-term references on device pages.</summary>
    public FastGupLongTermRule FastGupLongTermDevmap { get => (FastGupLongTermRule)Get(PolicyProperty.FastGupLongTermDevmap); init => Set(PolicyProperty.FastGupLongTermDevmap, (int)value); }

    /// <summary>Whether pages of a DAX file can be pinned for long.</summary>
    public FsDaxLongTermRule FsDaxLongTerm { get => (FsDaxLongTermRule)Get(PolicyProperty.FsDaxLongTerm); init => Set(PolicyProperty.FsDaxLongTerm, (int)value); }

    /// <summary>Whether a writer may pin pages of a file for long whose filesystem tracks dirty pages.</summary>
    public LongTermFileWriteRule LongTermFileWrite { get => (LongTermFileWriteRule)Get(PolicyProperty.LongTermFileWrite); init => Set(PolicyProperty.LongTermFileWrite, (int)value); }

    /// <summary>Whether FOLL_FORCE may write to hugetlb memory that is not writable.</summary>
    public ForcedHugeTlbWriteRule ForcedHugeTlbWrite { get => (ForcedHugeTlbWriteRule)Get(PolicyProperty.ForcedHugeTlbWrite); init => Set(PolicyProperty.ForcedHugeTlbWrite, (int)value); }

    /// <summary>Whether get_user_pages can be told to take anonymous memory only (FOLL_ANON).</summary>
    public GupAnonOnlyRule GupAnonOnly { get => (GupAnonOnlyRule)Get(PolicyProperty.GupAnonOnly); init => Set(PolicyProperty.GupAnonOnly, (int)value); }

    /// <summary>Whether taking blocks away from a DAX file waits for references on its pages.</summary>
    public LayoutBreakRule LayoutBreak { get => (LayoutBreakRule)Get(PolicyProperty.LayoutBreak); init => Set(PolicyProperty.LayoutBreak, (int)value); }

    /// <summary>Whether the end of direct I/O wakes whoever waits for a DAX page.</summary>
    public LayoutWakeupRule LayoutWakeup { get => (LayoutWakeupRule)Get(PolicyProperty.LayoutWakeup); init => Set(PolicyProperty.LayoutWakeup, (int)value); }

    /// <summary>Whether the search for referenced pages of a DAX file also unmaps private copies.</summary>
    public LayoutUnmapRule LayoutUnmap { get => (LayoutUnmapRule)Get(PolicyProperty.LayoutUnmap); init => Set(PolicyProperty.LayoutUnmap, (int)value); }

    /// <summary>Which DAX files are searched for referenced pages before blocks are taken away from them.</summary>
    public LayoutSearchRule LayoutSearch { get => (LayoutSearchRule)Get(PolicyProperty.LayoutSearch); init => Set(PolicyProperty.LayoutSearch, (int)value); }

    /// <summary>Whether a memory failure in device memory is handled.</summary>
    public DeviceMemoryFailureRule DeviceMemoryFailure { get => (DeviceMemoryFailureRule)Get(PolicyProperty.DeviceMemoryFailure); init => Set(PolicyProperty.DeviceMemoryFailure, (int)value); }

    /// <summary>Whether mprotect makes private pages writable at once.</summary>
    public MprotectWritableRule MprotectWritable { get => (MprotectWritableRule)Get(PolicyProperty.MprotectWritable); init => Set(PolicyProperty.MprotectWritable, (int)value); }

    /// <summary>Whether mremap knows MREMAP_DONTUNMAP, and for what.</summary>
    public MremapDontUnmapRule MremapDontUnmap { get => (MremapDontUnmapRule)Get(PolicyProperty.MremapDontUnmap); init => Set(PolicyProperty.MremapDontUnmap, (int)value); }

    /// <summary>Whether mremap moves a range of several areas.</summary>
    public MremapAcrossAreasRule MremapAcrossAreas { get => (MremapAcrossAreasRule)Get(PolicyProperty.MremapAcrossAreas); init => Set(PolicyProperty.MremapAcrossAreas, (int)value); }

    /// <summary>When mremap looks whether anything is mapped at the old address.</summary>
    public MremapLookupRule MremapLookup { get => (MremapLookupRule)Get(PolicyProperty.MremapLookup); init => Set(PolicyProperty.MremapLookup, (int)value); }

    /// <summary>Whether hugetlb areas can be remapped.</summary>
    public MremapHugeTlbRule MremapHugeTlb { get => (MremapHugeTlbRule)Get(PolicyProperty.MremapHugeTlb); init => Set(PolicyProperty.MremapHugeTlb, (int)value); }

    /// <summary>What mremap with an old length of 0 may duplicate.</summary>
    public MremapDuplicateRule MremapDuplicate { get => (MremapDuplicateRule)Get(PolicyProperty.MremapDuplicate); init => Set(PolicyProperty.MremapDuplicate, (int)value); }

    /// <summary>Where an area of a device-dax device may be cut.</summary>
    public DeviceDaxSplitRule DeviceDaxSplit { get => (DeviceDaxSplitRule)Get(PolicyProperty.DeviceDaxSplit); init => Set(PolicyProperty.DeviceDaxSplit, (int)value); }

    /// <summary>When mremap finds out that the old area cannot be cut.</summary>
    public MremapSplitRule MremapSplit { get => (MremapSplitRule)Get(PolicyProperty.MremapSplit); init => Set(PolicyProperty.MremapSplit, (int)value); }

    /// <summary>What mmap over an area answers when that cannot be cut.</summary>
    public MmapOverRule MmapOver { get => (MmapOverRule)Get(PolicyProperty.MmapOver); init => Set(PolicyProperty.MmapOver, (int)value); }

    /// <summary>Which areas MADV_DOFORK refuses.</summary>
    public DoForkRule DoFork { get => (DoForkRule)Get(PolicyProperty.DoFork); init => Set(PolicyProperty.DoFork, (int)value); }

    /// <summary>Whether mmap knows MAP_FIXED_NOREPLACE.</summary>
    public FixedNoReplaceRule FixedNoReplace { get => (FixedNoReplaceRule)Get(PolicyProperty.FixedNoReplace); init => Set(PolicyProperty.FixedNoReplace, (int)value); }

    /// <summary>The newest advice that madvise knows.</summary>
    public MadviseKnowsRule MadviseKnows { get => (MadviseKnowsRule)Get(PolicyProperty.MadviseKnows); init => Set(PolicyProperty.MadviseKnows, (int)value); }

    /// <summary>Which areas MADV_HUGEPAGE may be said of.</summary>
    public MadviseHugePageRule MadviseHugePage { get => (MadviseHugePageRule)Get(PolicyProperty.MadviseHugePage); init => Set(PolicyProperty.MadviseHugePage, (int)value); }

    /// <summary>How MADV_POPULATE_* walks a range with holes.</summary>
    public PopulateWalkRule PopulateWalk { get => (PopulateWalkRule)Get(PolicyProperty.PopulateWalk); init => Set(PolicyProperty.PopulateWalk, (int)value); }

    /// <summary>What mincore says of VM_PFNMAP memory.</summary>
    public MincorePfnMapRule MincorePfnMap { get => (MincorePfnMapRule)Get(PolicyProperty.MincorePfnMap); init => Set(PolicyProperty.MincorePfnMap, (int)value); }

    /// <summary>What mincore says about an area without a file whose memory is not anonymous.</summary>
    public MincoreWithoutFileRule MincoreWithoutFile { get => (MincoreWithoutFileRule)Get(PolicyProperty.MincoreWithoutFile); init => Set(PolicyProperty.MincoreWithoutFile, (int)value); }

    /// <summary>Which pages [vvar] has.</summary>
    public VvarLayoutRule VvarLayout { get => (VvarLayoutRule)Get(PolicyProperty.VvarLayout); init => Set(PolicyProperty.VvarLayout, (int)value); }

    /// <summary>How the pages of [vvar] are mapped.</summary>
    public VvarPagesRule VvarPages { get => (VvarPagesRule)Get(PolicyProperty.VvarPages); init => Set(PolicyProperty.VvarPages, (int)value); }

    /// <summary>Whether the lockless walk keeps a small page that belongs to no file and no process.</summary>
    public FastGupUnownedPageRule FastGupUnownedPage { get => (FastGupUnownedPageRule)Get(PolicyProperty.FastGupUnownedPage); init => Set(PolicyProperty.FastGupUnownedPage, (int)value); }

    /// <summary>When a fault gives up the mmap lock and is tried again, and how that is counted.</summary>
    public FaultRetryRule FaultRetry { get => (FaultRetryRule)Get(PolicyProperty.FaultRetry); init => Set(PolicyProperty.FaultRetry, (int)value); }

    /// <summary>What a read fault maps beside its own page where the address space has no page table yet.</summary>
    public FaultAroundRule FaultAround { get => (FaultAroundRule)Get(PolicyProperty.FaultAround); init => Set(PolicyProperty.FaultAround, (int)value); }

    /// <summary>Whether a read past the end of a file puts a page there into the page cache.</summary>
    public ReadAtEndRule ReadAtEnd { get => (ReadAtEndRule)Get(PolicyProperty.ReadAtEnd); init => Set(PolicyProperty.ReadAtEnd, (int)value); }

    /// <summary>What a write to the huge zero page makes.</summary>
    public HugeZeroWriteRule HugeZeroWrite { get => (HugeZeroWriteRule)Get(PolicyProperty.HugeZeroWrite); init => Set(PolicyProperty.HugeZeroWrite, (int)value); }

    /// <summary>Whether mlock2(MLOCK_ONFAULT) looks at the areas before it leaves them alone.</summary>
    public LockOnFaultPopulateRule LockOnFaultPopulate { get => (LockOnFaultPopulateRule)Get(PolicyProperty.LockOnFaultPopulate); init => Set(PolicyProperty.LockOnFaultPopulate, (int)value); }

    /// <summary>How long a file of sysfs may be.</summary>
    public SysfsFileSizeRule SysfsFileSize { get => (SysfsFileSizeRule)Get(PolicyProperty.SysfsFileSize); init => Set(PolicyProperty.SysfsFileSize, (int)value); }

    /// <summary>How get_mempolicy finds the page behind an address.</summary>
    public NodeLookupRule NodeLookup { get => (NodeLookupRule)Get(PolicyProperty.NodeLookup); init => Set(PolicyProperty.NodeLookup, (int)value); }

    /// <summary>Whether a device page remembers that direct I/O wrote it.</summary>
    public DaxPageDirtyRule DaxPageDirty { get => (DaxPageDirtyRule)Get(PolicyProperty.DaxPageDirty); init => Set(PolicyProperty.DaxPageDirty, (int)value); }

    /// <summary>Whether MADV_DONTNEED works on hugetlb memory.</summary>
    public HugeTlbDontNeedRule HugeTlbDontNeed { get => (HugeTlbDontNeedRule)Get(PolicyProperty.HugeTlbDontNeed); init => Set(PolicyProperty.HugeTlbDontNeed, (int)value); }

    /// <summary>What MADV_COLD and MADV_PAGEOUT do with a devmap PMD.</summary>
    public ColdDevmapPmdRule ColdDevmapPmd { get => (ColdDevmapPmdRule)Get(PolicyProperty.ColdDevmapPmd); init => Set(PolicyProperty.ColdDevmapPmd, (int)value); }

    private static string? DescribeAddressSpaces(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.AreaMerging => ((AreaMergeRule)value).ToString(),
        PolicyProperty.DaxAreaFlags => ((DaxAreaFlagsRule)value).ToString(),
        PolicyProperty.AnonReuse => ((AnonReuseRule)value).ToString(),
        PolicyProperty.HugeAnonReuse => ((HugeAnonReuseRule)value).ToString(),
        PolicyProperty.CopyWithoutPage => ((CopyWithoutPageRule)value).ToString(),
        PolicyProperty.DaxPages => ((DaxPageRule)value).ToString(),
        PolicyProperty.DaxPageOwner => ((DaxPageOwnerRule)value).ToString(),
        PolicyProperty.SecretMemoryLock => ((SecretMemoryLockRule)value).ToString(),
        PolicyProperty.DaxHugePages => ((DaxHugePageRule)value).ToString(),
        PolicyProperty.DaxPmdFork => ((DaxPmdForkRule)value).ToString(),
        PolicyProperty.ForkCopies => ((ForkCopyRule)value).ToString(),
        PolicyProperty.PfnMapForkTracking => ((PfnMapForkRule)value).ToString(),
        PolicyProperty.PfnMapMoveTracking => ((PfnMapMoveRule)value).ToString(),
        PolicyProperty.FallocateRange => ((FallocateRangeRule)value).ToString(),
        PolicyProperty.WriteProtectSequence => ((WriteProtectSequenceRule)value).ToString(),
        PolicyProperty.ForkEarlyCopy => ((ForkEarlyCopyRule)value).ToString(),
        PolicyProperty.UserPins => ((UserPinRule)value).ToString(),
        PolicyProperty.GupWithoutStructPage => ((GupWithoutStructPageRule)value).ToString(),
        PolicyProperty.GupPrefaultWithoutStructPage => ((GupPrefaultRule)value).ToString(),
        PolicyProperty.FollowWrite => ((FollowWriteRule)value).ToString(),
        PolicyProperty.PinUnshare => ((PinUnshareRule)value).ToString(),
        PolicyProperty.PinCounting => ((PinCountingRule)value).ToString(),
        PolicyProperty.ZeroPagePin => ((ZeroPagePinRule)value).ToString(),
        PolicyProperty.PinnedPagemap => ((PinnedPagemapRule)value).ToString(),
        PolicyProperty.ForcedCowOnRead => ((ForcedCowOnReadRule)value).ToString(),
        PolicyProperty.FastGupRecheck => ((FastGupRecheckRule)value).ToString(),
        PolicyProperty.FastGupDevmapWrite => ((FastGupDevmapWriteRule)value).ToString(),
        PolicyProperty.FastGupLongTermDevmap => ((FastGupLongTermRule)value).ToString(),
        PolicyProperty.FsDaxLongTerm => ((FsDaxLongTermRule)value).ToString(),
        PolicyProperty.LongTermFileWrite => ((LongTermFileWriteRule)value).ToString(),
        PolicyProperty.ForcedHugeTlbWrite => ((ForcedHugeTlbWriteRule)value).ToString(),
        PolicyProperty.GupAnonOnly => ((GupAnonOnlyRule)value).ToString(),
        PolicyProperty.LayoutBreak => ((LayoutBreakRule)value).ToString(),
        PolicyProperty.LayoutWakeup => ((LayoutWakeupRule)value).ToString(),
        PolicyProperty.LayoutUnmap => ((LayoutUnmapRule)value).ToString(),
        PolicyProperty.LayoutSearch => ((LayoutSearchRule)value).ToString(),
        PolicyProperty.DeviceMemoryFailure => ((DeviceMemoryFailureRule)value).ToString(),
        PolicyProperty.MprotectWritable => ((MprotectWritableRule)value).ToString(),
        PolicyProperty.MremapDontUnmap => ((MremapDontUnmapRule)value).ToString(),
        PolicyProperty.MremapAcrossAreas => ((MremapAcrossAreasRule)value).ToString(),
        PolicyProperty.MremapLookup => ((MremapLookupRule)value).ToString(),
        PolicyProperty.MremapHugeTlb => ((MremapHugeTlbRule)value).ToString(),
        PolicyProperty.MremapDuplicate => ((MremapDuplicateRule)value).ToString(),
        PolicyProperty.DeviceDaxSplit => ((DeviceDaxSplitRule)value).ToString(),
        PolicyProperty.MremapSplit => ((MremapSplitRule)value).ToString(),
        PolicyProperty.MmapOver => ((MmapOverRule)value).ToString(),
        PolicyProperty.DoFork => ((DoForkRule)value).ToString(),
        PolicyProperty.FixedNoReplace => ((FixedNoReplaceRule)value).ToString(),
        PolicyProperty.MadviseKnows => ((MadviseKnowsRule)value).ToString(),
        PolicyProperty.MadviseHugePage => ((MadviseHugePageRule)value).ToString(),
        PolicyProperty.PopulateWalk => ((PopulateWalkRule)value).ToString(),
        PolicyProperty.MincorePfnMap => ((MincorePfnMapRule)value).ToString(),
        PolicyProperty.MincoreWithoutFile => ((MincoreWithoutFileRule)value).ToString(),
        PolicyProperty.VvarLayout => ((VvarLayoutRule)value).ToString(),
        PolicyProperty.VvarPages => ((VvarPagesRule)value).ToString(),
        PolicyProperty.FastGupUnownedPage => ((FastGupUnownedPageRule)value).ToString(),
        PolicyProperty.FaultAround => ((FaultAroundRule)value).ToString(),
        PolicyProperty.FaultRetry => ((FaultRetryRule)value).ToString(),
        PolicyProperty.ReadAtEnd => ((ReadAtEndRule)value).ToString(),
        PolicyProperty.HugeZeroWrite => ((HugeZeroWriteRule)value).ToString(),
        PolicyProperty.LockOnFaultPopulate => ((LockOnFaultPopulateRule)value).ToString(),
        PolicyProperty.SysfsFileSize => ((SysfsFileSizeRule)value).ToString(),
        PolicyProperty.NodeLookup => ((NodeLookupRule)value).ToString(),
        PolicyProperty.DaxPageDirty => ((DaxPageDirtyRule)value).ToString(),
        PolicyProperty.DaxFaultFunction => ((DaxFaultFunction)value).ToString(),
        PolicyProperty.HugeTlbDontNeed => ((HugeTlbDontNeedRule)value).ToString(),
        PolicyProperty.ColdDevmapPmd => ((ColdDevmapPmdRule)value).ToString(),
        PolicyProperty.GuardRegions => ((GuardRegionRule)value).ToString(),
        _ => null,
    };
}
