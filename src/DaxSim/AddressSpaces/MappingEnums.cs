namespace DaxSim.AddressSpaces;

/// <summary>PROT_* of mmap and mprotect.</summary>
[Flags]
public enum Prot
{
    /// <summary>PROT_NONE.</summary>
    None = 0,

    /// <summary>PROT_READ.</summary>
    Read = 1,

    /// <summary>PROT_WRITE.</summary>
    Write = 2,

    /// <summary>PROT_EXEC.</summary>
    Exec = 4,
}

/// <summary>MAP_* of mmap, with Linux's values.</summary>
[Flags]
public enum MapFlags
{
    /// <summary>MAP_SHARED.</summary>
    Shared = 0x01,

    /// <summary>MAP_PRIVATE.</summary>
    Private = 0x02,

    /// <summary>MAP_SHARED_VALIDATE: like shared, but unknown flags are refused.</summary>
    SharedValidate = 0x03,

    /// <summary>MAP_FIXED.</summary>
    Fixed = 0x10,

    /// <summary>MAP_ANONYMOUS.</summary>
    Anonymous = 0x20,

    /// <summary>MAP_GROWSDOWN.</summary>
    GrowsDown = 0x0100,

    /// <summary>MAP_LOCKED.</summary>
    Locked = 0x2000,

    /// <summary>MAP_NORESERVE.</summary>
    NoReserve = 0x4000,

    /// <summary>MAP_POPULATE.</summary>
    Populate = 0x8000,

    /// <summary>MAP_NONBLOCK.</summary>
    NonBlock = 0x10000,

    /// <summary>MAP_STACK.</summary>
    Stack = 0x20000,

    /// <summary>MAP_HUGETLB.</summary>
    HugeTlb = 0x40000,

    /// <summary>MAP_SYNC.</summary>
    Sync = 0x80000,

    /// <summary>MAP_FIXED_NOREPLACE.</summary>
    FixedNoReplace = 0x100000,
}

/// <summary>MREMAP_* with Linux's values.</summary>
[Flags]
public enum MremapFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>MREMAP_MAYMOVE.</summary>
    MayMove = 1,

    /// <summary>MREMAP_FIXED.</summary>
    Fixed = 2,

    /// <summary>MREMAP_DONTUNMAP.</summary>
    DontUnmap = 4,
}

/// <summary>MADV_* with Linux's values.</summary>
public enum Advice
{
    /// <summary>MADV_NORMAL.</summary>
    Normal = 0,

    /// <summary>MADV_RANDOM.</summary>
    Random = 1,

    /// <summary>MADV_SEQUENTIAL.</summary>
    Sequential = 2,

    /// <summary>MADV_WILLNEED.</summary>
    WillNeed = 3,

    /// <summary>MADV_DONTNEED.</summary>
    DontNeed = 4,

    /// <summary>MADV_FREE.</summary>
    Free = 8,

    /// <summary>MADV_REMOVE.</summary>
    Remove = 9,

    /// <summary>MADV_DONTFORK.</summary>
    DontFork = 10,

    /// <summary>MADV_DOFORK.</summary>
    DoFork = 11,

    /// <summary>MADV_MERGEABLE.</summary>
    Mergeable = 12,

    /// <summary>MADV_UNMERGEABLE.</summary>
    Unmergeable = 13,

    /// <summary>MADV_HUGEPAGE.</summary>
    HugePage = 14,

    /// <summary>MADV_NOHUGEPAGE.</summary>
    NoHugePage = 15,

    /// <summary>MADV_DONTDUMP.</summary>
    DontDump = 16,

    /// <summary>MADV_DODUMP.</summary>
    DoDump = 17,

    /// <summary>MADV_WIPEONFORK.</summary>
    WipeOnFork = 18,

    /// <summary>MADV_KEEPONFORK.</summary>
    KeepOnFork = 19,

    /// <summary>MADV_COLD.</summary>
    Cold = 20,

    /// <summary>MADV_PAGEOUT.</summary>
    PageOut = 21,

    /// <summary>MADV_POPULATE_READ.</summary>
    PopulateRead = 22,

    /// <summary>MADV_POPULATE_WRITE.</summary>
    PopulateWrite = 23,

    /// <summary>MADV_DONTNEED_LOCKED.</summary>
    DontNeedLocked = 24,

    /// <summary>MADV_COLLAPSE.</summary>
    Collapse = 25,

    /// <summary>MADV_HWPOISON.</summary>
    HwPoison = 100,

    /// <summary>MADV_SOFT_OFFLINE.</summary>
    SoftOffline = 101,

    /// <summary>MADV_GUARD_INSTALL.</summary>
    GuardInstall = 102,

    /// <summary>MADV_GUARD_REMOVE.</summary>
    GuardRemove = 103,
}

/// <summary>VM_* flags of a memory area.</summary>
[Flags]
internal enum VmFlags : uint
{
    None = 0,
    Read = 0x1,
    Write = 0x2,
    Exec = 0x4,
    Shared = 0x8,
    MayRead = 0x10,
    MayWrite = 0x20,
    MayExec = 0x40,
    MayShare = 0x80,
    GrowsDown = 0x100,
    PfnMap = 0x400,
    Locked = 0x2000,
    Io = 0x4000,
    SeqRead = 0x8000,
    RandRead = 0x10000,
    DontCopy = 0x20000,
    DontExpand = 0x40000,
    LockOnFault = 0x80000,
    Account = 0x100000,
    NoReserve = 0x200000,
    HugeTlb = 0x400000,
    Sync = 0x800000,

    /// <summary>VM_PAT: the memory type of the raw pages from the first one on is tracked.</summary>
    ArchPat = 0x1000000,

    WipeOnFork = 0x2000000,
    DontDump = 0x4000000,

    /// <summary>VM_SOFTDIRTY is not set: somebody cleared it, and what is written now shows in the entries. A new area is soft-dirty as a whole.</summary>
    SoftClean = 0x8000000,

    MixedMap = 0x10000000,
    HugePage = 0x20000000,
    NoHugePage = 0x40000000,
    Mergeable = 0x80000000,

    /// <summary>VM_SEALED (6.10+), in a bit that is unused here.</summary>
    Sealed = 0x1000,

    /// <summary>VM_SPECIAL: areas that no one may merge, lock or migrate.</summary>
    Special = Io | DontExpand | PfnMap | MixedMap,
}
