#pragma warning disable CS1591 // The names are Linux's own.
namespace DaxSim.AddressSpaces;

/// <summary>PROT_* of mmap and mprotect.</summary>
[Flags]
public enum Prot
{
    /// <summary>PROT_NONE.</summary>
    None = 0,
    Read = 1,
    Write = 2,
    Exec = 4,
}

/// <summary>MAP_* of mmap, with Linux's values.</summary>
[Flags]
public enum MapFlags
{
    Shared = 0x01,
    Private = 0x02,

    /// <summary>MAP_SHARED_VALIDATE: like shared, but unknown flags are refused.</summary>
    SharedValidate = 0x03,
    Fixed = 0x10,
    Anonymous = 0x20,
    GrowsDown = 0x0100,
    Locked = 0x2000,
    NoReserve = 0x4000,
    Populate = 0x8000,
    NonBlock = 0x10000,
    Stack = 0x20000,
    HugeTlb = 0x40000,
    Sync = 0x80000,
    FixedNoReplace = 0x100000,
}

/// <summary>MREMAP_* with Linux's values.</summary>
[Flags]
public enum MremapFlags
{
    None = 0,
    MayMove = 1,
    Fixed = 2,
    DontUnmap = 4,
}

/// <summary>MADV_* with Linux's values.</summary>
public enum Advice
{
    Normal = 0,
    Random = 1,
    Sequential = 2,
    WillNeed = 3,
    DontNeed = 4,
    Free = 8,
    Remove = 9,
    DontFork = 10,
    DoFork = 11,
    Mergeable = 12,
    Unmergeable = 13,
    HugePage = 14,
    NoHugePage = 15,
    DontDump = 16,
    DoDump = 17,
    WipeOnFork = 18,
    KeepOnFork = 19,
    Cold = 20,
    PageOut = 21,
    PopulateRead = 22,
    PopulateWrite = 23,
    DontNeedLocked = 24,
    Collapse = 25,
    HwPoison = 100,
    SoftOffline = 101,
    GuardInstall = 102,
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

    /// <summary>VM_PAT: only shown by smaps.</summary>
    ArchPat = 0x1000000,

    WipeOnFork = 0x2000000,
    DontDump = 0x4000000,
    SoftDirty = 0x8000000,
    MixedMap = 0x10000000,
    HugePage = 0x20000000,
    NoHugePage = 0x40000000,
    Mergeable = 0x80000000,

    /// <summary>VM_UFFD_MISSING and the like are kept in one bit: only registration is modelled. Shares the (unused) stack bit.</summary>
    UserFault = 0x200,

    /// <summary>VM_SEALED (6.10+), in a bit that is unused here.</summary>
    Sealed = 0x1000,

    /// <summary>VM_SPECIAL: areas that no one may merge, lock or migrate.</summary>
    Special = Io | DontExpand | PfnMap | MixedMap,
}
