namespace DaxSim.Policy;

/// <summary>When two neighbouring areas of which only one has anonymous pages are joined.</summary>
public enum AreaMergeRule
{
    /// <summary>Only when the area that did not change is the one with anonymous pages, not inherited from a parent.</summary>
    NeighbourMustBeTouched,

    /// <summary>Whichever of the two has them, unless they were inherited from a parent.</summary>
    EitherMayBeTouched,
}

/// <summary>The flags that mmap of a DAX file gives its area: they decide what fork copies and what vm_normal_page says.</summary>
public enum DaxAreaFlagsRule
{
    /// <summary>VM_MIXEDMAP.</summary>
    MixedMap,

    /// <summary>VM_MIXEDMAP and VM_HUGEPAGE.</summary>
    MixedMapAndHugePage,

    /// <summary>VM_HUGEPAGE only: entries without struct page are now reported as Bad page map unless they are devmap.</summary>
    HugePage,
}

/// <summary>When a write fault may keep an anonymous base page instead of copying it.</summary>
public enum AnonReuseRule
{
    /// <summary>One mapping; other references do not matter.</summary>
    MapCount,

    /// <summary>One mapping and no other reference at all.</summary>
    PageCount,

    /// <summary>The page is marked exclusive to its process, or nobody else references it.</summary>
    Exclusive,
}

/// <summary>The same for a transparent huge page mapped by a PMD.</summary>
public enum HugeAnonReuseRule
{
    /// <summary>One mapping; other references do not matter.</summary>
    MapCount,

    /// <summary>The page is marked exclusive to its process, or nobody else references it.</summary>
    Exclusive,
}

/// <summary>What a copy on write of a page without struct page does when the running process cannot read the address.</summary>
public enum CopyWithoutPageRule
{
    /// <summary>The copy is zeros and nobody is told.</summary>
    ZerosSilently,

    /// <summary>The entry is checked and the copy tried again; then the copy is zeros and the kernel warns once.</summary>
    ZerosWithWarning,
}

/// <summary>How a DAX fault treats the page it maps.</summary>
public enum DaxPageRule
{
    /// <summary>The entry is special or devmap; mapping takes no reference.</summary>
    NeverCounted,

    /// <summary>The entry is an ordinary one; mapping takes a reference and counts in the resident set.</summary>
    CountedLikeFilePages,
}

/// <summary>Whether the struct page of a mapped DAX page names its file (page->mapping).</summary>
public enum DaxPageOwnerRule
{
    /// <summary>It does not: a shared futex finds no key, memory failure no file.</summary>
    Nobody,

    /// <summary>It does while the file has a DAX entry for it. A second file that shares the block takes it over, and WARN_ON_ONCE complains.</summary>
    FileOfTheEntry,

    /// <summary>It does, and pages of shared blocks count their files (page->share): nothing to complain about.</summary>
    FilesThatShare,
}

/// <summary>Whether mmap of a memfd_secret file locks the area.</summary>
public enum SecretMemoryLockRule
{
    /// <summary>It is VM_LOCKED and counts as locked memory.</summary>
    Locked,

    /// <summary>It is not; the pages stay because nothing ever takes them away.</summary>
    NotLocked,
}

/// <summary>Whether a DAX fault may map a whole PMD.</summary>
public enum DaxHugePageRule
{
    /// <summary>Base pages only.</summary>
    Never,

    /// <summary>A PMD is mapped even where there is no struct page.</summary>
    ForAnyMemory,

    /// <summary>Only where the memory has struct pages.</summary>
    ForPagesWithStructPage,
}

/// <summary>What fork does with a PMD of a DAX mapping.</summary>
public enum DaxPmdForkRule
{
    /// <summary>It treats it as a huge page of ordinary memory and takes a reference on its struct page: an oops where there is none.</summary>
    TakesPageReferences,

    /// <summary>It copies the entry, write-protected on both sides even in a shared mapping.</summary>
    CopiesWriteProtected,

    /// <summary>Nothing is copied; the child faults it in.</summary>
    LeavesItToFaults,
}

/// <summary>Which areas without anonymous pages have their page tables copied by fork.</summary>
public enum ForkCopyRule
{
    /// <summary>hugetlb, VM_PFNMAP and VM_MIXEDMAP areas.</summary>
    SpecialAndHugeTlb,

    /// <summary>VM_PFNMAP and VM_MIXEDMAP areas.</summary>
    SpecialOnly,
}

/// <summary>Whether fork of a private VM_PFNMAP area depends on its first page.</summary>
public enum PfnMapForkRule
{
    /// <summary>It does not.</summary>
    NotTracked,

    /// <summary>It fails with ENOMEM when the first page was copied on write, because memory type tracking cannot resolve it.</summary>
    FirstPageMustBeRaw,

    /// <summary>Tracking takes whatever the first page maps, a copy too, for the area's memory.</summary>
    AnyFirstPage,
}

/// <summary>What is left of a VM_PFNMAP area after mremap moved a part of it.</summary>
public enum PfnMapMoveRule
{
    /// <summary>An area like before: fork still asks for its first page.</summary>
    StaysTracked,

    /// <summary>An area whose memory type nobody tracks any more, so that fork does not ask for its first page; only the moved part is tracked.</summary>
    WholeAreaUntracked,
}

/// <summary>Whether a lockless pin notices that fork write-protects pages meanwhile.</summary>
public enum WriteProtectSequenceRule
{
    /// <summary>It does not: a page may end up pinned and shared.</summary>
    None,

    /// <summary>It does, and falls back to the slow path.</summary>
    CheckedByFastPin,
}

/// <summary>Which anonymous pages fork copies for the child at once because they may be pinned.</summary>
public enum ForkEarlyCopyRule
{
    /// <summary>None.</summary>
    Never,

    /// <summary>Those whose reference count looks pinned.</summary>
    MaybePinned,

    /// <summary>Those that look pinned and are exclusive to the parent.</summary>
    MaybePinnedAndExclusive,
}

/// <summary>What get_user_pages and pin_user_pages say of an entry without struct page.</summary>
public enum GupWithoutStructPageRule
{
    /// <summary>EFAULT.</summary>
    Efault,

    /// <summary>EFAULT for FOLL_GET; FOLL_PIN counts the page without storing a pointer.</summary>
    EfaultButPinsGetGarbage,

    /// <summary>EEXIST for both.</summary>
    Eexist,
}

/// <summary>Whether drivers can pin user pages.</summary>
public enum UserPinRule
{
    /// <summary>They take references with get_user_pages.</summary>
    ReferencesOnly,

    /// <summary>pin_user_pages (FOLL_PIN).</summary>
    PinUserPages,
}

/// <summary>What get_user_pages without a pages array (mlock, populate) says of an entry without struct page.</summary>
public enum GupPrefaultRule
{
    /// <summary>EFAULT, so mlock fails with ENOMEM.</summary>
    Efault,

    /// <summary>The page is there, and that is all that was asked.</summary>
    Skipped,
}

/// <summary>When get_user_pages takes a page for writing although its entry is not writable (FOLL_FORCE).</summary>
public enum FollowWriteRule
{
    /// <summary>Never; after breaking COW it forgets that it wanted to write (Dirty COW).</summary>
    WritableOnly,

    /// <summary>After it broke COW itself, if the entry is dirty.</summary>
    CowBrokenAndDirty,

    /// <summary>The same, even without FOLL_FORCE.</summary>
    CowBrokenAndDirtyWithoutForce,

    /// <summary>If it is an exclusive anonymous page of a private mapping.</summary>
    AnonExclusive,
}

/// <summary>Whether a read-only pin breaks COW sharing first.</summary>
public enum PinUnshareRule
{
    /// <summary>It does not.</summary>
    Never,

    /// <summary>Of an anonymous page that is not exclusive.</summary>
    Anon,

    /// <summary>Also, for a long-term pin, of a file page in a private mapping.</summary>
    AnonAndLongTermFile,
}

/// <summary>How FOLL_PIN counts.</summary>
public enum PinCountingRule
{
    /// <summary>One reference, as FOLL_GET.</summary>
    LikeGet,

    /// <summary>1024 references for a single page; a pin count of its own for a large folio.</summary>
    Biased,
}

/// <summary>Whether pinning the shared zero page is counted.</summary>
public enum ZeroPagePinRule
{
    /// <summary>It is.</summary>
    Counted,

    /// <summary>It is not: pin and unpin do nothing.</summary>
    NotCounted,
}

/// <summary>Whether a referenced device page keeps its dev_pagemap alive.</summary>
public enum PinnedPagemapRule
{
    /// <summary>Every reference holds one on the pagemap, so unbinding waits for it.</summary>
    HeldByEveryPage,

    /// <summary>The pagemap is held only while the reference is taken.</summary>
    NotHeld,
}

/// <summary>Whether get_user_pages for reading breaks COW first.</summary>
public enum ForcedCowOnReadRule
{
    /// <summary>It does not.</summary>
    Never,

    /// <summary>In a COW mapping every read is treated as a write.</summary>
    ReadsOfCowMappingsBreakThem,
}

/// <summary>Whether the lockless walk reads the entry again after taking the reference.</summary>
public enum FastGupRecheckRule
{
    /// <summary>It does, and gives the page back if the entry changed.</summary>
    ReadsEntryAgain,

    /// <summary>It does not: with interrupts off nobody can finish changing the entry.</summary>
    RelysOnInterruptsOff,
}

/// <summary>Whether the lockless walk tests write permission on devmap entries.</summary>
public enum FastGupDevmapWriteRule
{
    /// <summary>It does.</summary>
    Checked,

    /// <summary>It does not: a write to a read-only DAX page is not noticed by the filesystem.</summary>
    Skipped,
}

/// <summary>Who takes long-term references on device pages.</summary>
public enum FastGupLongTermRule
{
    /// <summary>The lockless walk as well.</summary>
    Taken,

    /// <summary>The slow path, which knows the areas.</summary>
    LeftToTheSlowPath,
}

/// <summary>Whether a writer may pin pages of a file for long whose filesystem tracks dirty pages.</summary>
public enum LongTermFileWriteRule
{
    /// <summary>It may.</summary>
    Allowed,

    /// <summary>EFAULT.</summary>
    RefusedWhereDirtyIsTracked,
}

/// <summary>Whether FOLL_FORCE may write to hugetlb memory that is not writable.</summary>
public enum ForcedHugeTlbWriteRule
{
    /// <summary>It may.</summary>
    Allowed,

    /// <summary>EFAULT.</summary>
    Refused,
}

/// <summary>Whether get_user_pages can be told to take anonymous memory only (FOLL_ANON).</summary>
public enum GupAnonOnlyRule
{
    /// <summary>It cannot.</summary>
    Ignored,

    /// <summary>It can; other memory is EFAULT.</summary>
    Refused,
}

/// <summary>Whether a memory failure in device memory is handled.</summary>
public enum DeviceMemoryFailureRule
{
    /// <summary>It is not.</summary>
    NotHandled,

    /// <summary>The page is unmapped and its users are signalled.</summary>
    UnmapsAndSignals,
}

/// <summary>Whether mprotect makes private pages writable at once.</summary>
public enum MprotectWritableRule
{
    /// <summary>The next store faults.</summary>
    Never,

    /// <summary>Exclusive anonymous pages become writable at once.</summary>
    ExclusivePagesAtOnce,
}

/// <summary>Whether mremap knows MREMAP_DONTUNMAP, and for what.</summary>
public enum MremapDontUnmapRule
{
    /// <summary>EINVAL.</summary>
    Unknown,

    /// <summary>Private anonymous memory.</summary>
    PrivateAnonymousOnly,

    /// <summary>Any area that may grow.</summary>
    AnyExpandableArea,
}

/// <summary>Whether mremap moves a range of several areas.</summary>
public enum MremapAcrossAreasRule
{
    /// <summary>EFAULT.</summary>
    OneAreaOnly,

    /// <summary>MREMAP_FIXED with an unchanged size moves each of them.</summary>
    MovesEveryArea,
}

/// <summary>When mremap looks whether anything is mapped at the old address.</summary>
public enum MremapLookupRule
{
    /// <summary>Late: a shrink of nothing succeeds, and the destination of a move is already gone.</summary>
    WhenNeeded,

    /// <summary>At once: EFAULT.</summary>
    AreaFirst,
}

/// <summary>Whether hugetlb areas can be remapped.</summary>
public enum MremapHugeTlbRule
{
    /// <summary>EINVAL.</summary>
    Refused,

    /// <summary>They can.</summary>
    Allowed,
}

/// <summary>What mremap with an old length of 0 may duplicate.</summary>
public enum MremapDuplicateRule
{
    /// <summary>Any mapping.</summary>
    AnyMapping,

    /// <summary>Shared mappings only.</summary>
    SharedOnly,
}

/// <summary>Where an area of a device-dax device may be cut.</summary>
public enum DeviceDaxSplitRule
{
    /// <summary>Between any two pages.</summary>
    Anywhere,

    /// <summary>At multiples of the device's alignment; EINVAL elsewhere.</summary>
    AtAlignment,
}

/// <summary>When mremap finds out that the old area cannot be cut.</summary>
public enum MremapSplitRule
{
    /// <summary>After the move: the old range stays mapped and the call succeeds.</summary>
    AfterMoving,

    /// <summary>Before it: EINVAL.</summary>
    BeforeMoving,
}

/// <summary>What mmap over an area answers when that cannot be cut.</summary>
public enum MmapOverRule
{
    /// <summary>ENOMEM.</summary>
    OutOfMemory,

    /// <summary>What munmap would.</summary>
    ErrorOfMunmap,
}

/// <summary>Which areas MADV_DOFORK refuses.</summary>
public enum DoForkRule
{
    /// <summary>VM_IO.</summary>
    RefusesIo,

    /// <summary>VM_SPECIAL: VM_IO, VM_DONTEXPAND, VM_PFNMAP, VM_MIXEDMAP.</summary>
    RefusesSpecial,
}

/// <summary>Whether mmap knows MAP_FIXED_NOREPLACE.</summary>
public enum FixedNoReplaceRule
{
    /// <summary>The flag is ignored and the address is a hint.</summary>
    Ignored,

    /// <summary>EEXIST where something is mapped.</summary>
    Known,
}

/// <summary>The newest advice that madvise knows.</summary>
public enum MadviseKnowsRule
{
    /// <summary>Nothing newer than 3.10.</summary>
    SoftOffline,

    /// <summary>MADV_FREE.</summary>
    Free,

    /// <summary>MADV_WIPEONFORK and MADV_KEEPONFORK.</summary>
    WipeOnFork,

    /// <summary>MADV_COLD and MADV_PAGEOUT.</summary>
    Cold,

    /// <summary>MADV_POPULATE_READ and MADV_POPULATE_WRITE.</summary>
    Populate,

    /// <summary>MADV_DONTNEED_LOCKED.</summary>
    DontNeedLocked,

    /// <summary>MADV_COLLAPSE.</summary>
    Collapse,
}

/// <summary>Which areas MADV_HUGEPAGE may be said of.</summary>
public enum MadviseHugePageRule
{
    /// <summary>Private ordinary ones: shared and special areas are EINVAL.</summary>
    NeverSharedOrSpecial,

    /// <summary>All.</summary>
    AnyArea,
}

/// <summary>How MADV_POPULATE_* walks a range with holes.</summary>
public enum PopulateWalkRule
{
    /// <summary>As other advice does: holes are skipped and reported last.</summary>
    AreaByArea,

    /// <summary>From the beginning: the first problem ends it.</summary>
    WholeRange,
}

/// <summary>What mincore says of VM_PFNMAP memory.</summary>
public enum MincorePfnMapRule
{
    /// <summary>Not in memory.</summary>
    AlwaysAbsent,

    /// <summary>In memory where an entry is present.</summary>
    LooksAtEntries,
}

/// <summary>Whether MADV_DONTNEED works on hugetlb memory.</summary>
public enum HugeTlbDontNeedRule
{
    /// <summary>EINVAL.</summary>
    Refused,

    /// <summary>Whole huge pages are dropped.</summary>
    Allowed,
}

/// <summary>What MADV_COLD and MADV_PAGEOUT do with a devmap PMD.</summary>
public enum ColdDevmapPmdRule
{
    /// <summary>It is taken for a broken entry, reported and dropped.</summary>
    TakenForBroken,

    /// <summary>Nothing.</summary>
    LeftAlone,
}

/// <summary>Where MADV_GUARD_INSTALL can make pages that every access faults on.</summary>
public enum GuardRegionRule
{
    /// <summary>Nowhere: the advice is unknown.</summary>
    Unknown,

    /// <summary>In private anonymous memory that is writable.</summary>
    WritableAnonymous,

    /// <summary>In all memory but hugetlb and special areas.</summary>
    OrdinaryMemory,
}
