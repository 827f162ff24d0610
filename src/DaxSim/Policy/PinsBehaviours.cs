namespace DaxSim.Policy;

/// <summary>What fork does with a pinned page of hugetlb memory.</summary>
public enum HugeTlbEarlyCopyRule
{
    /// <summary>It is shared for copy on write like any other, so that the pin may end up with the child's page.</summary>
    SharesPinned,

    /// <summary>The child gets a copy at once, and the parent keeps the pinned page.</summary>
    CopiesPinned,
}

/// <summary>What a forced write to a shared area without VM_WRITE does besides failing.</summary>
public enum SharedForceRule
{
    /// <summary>It fails.</summary>
    Silent,

    /// <summary>It fails; where the area might be made writable the kernel warns once per boot.</summary>
    WarnsOnce,
}

/// <summary>How much generic_access_phys maps for a request.</summary>
public enum GenericAccessRule
{
    /// <summary>One page, whatever is asked for: what lies behind it is not mapped, and reading it crashes the kernel.</summary>
    OnePage,

    /// <summary>All that is asked for, even past the end of the area.</summary>
    WholeRequest,

    /// <summary>All that is asked for up to the end of the area.</summary>
    WithinArea,
}

/// <summary>How ib_umem_get takes the memory of an RDMA region.</summary>
public enum RdmaMemoryRule
{
    /// <summary>FOLL_GET, for writing even where the region is only read (FOLL_FORCE then).</summary>
    Reference,

    /// <summary>The same, refusing DAX files (get_user_pages_longterm).</summary>
    LongTermReference,

    /// <summary>FOLL_PIN and FOLL_LONGTERM, by the fast path first.</summary>
    LongTermPin,

    /// <summary>The same without FOLL_FORCE: a region that is only read is only pinned for reading.</summary>
    LongTermPinUnforced,
}

/// <summary>How V4L2 takes the memory of a user buffer.</summary>
public enum VideoBufferRule
{
    /// <summary>References by get_user_pages; device memory (VM_IO or VM_PFNMAP) by its frame numbers.</summary>
    PagesOrFrames,

    /// <summary>The same, refusing DAX files.</summary>
    PagesOrFramesNotDax,

    /// <summary>Long-term pins first; device memory by its frame numbers where that fails.</summary>
    PinsOrFrames,

    /// <summary>Long-term pins: device memory can no longer be used.</summary>
    PinsOnly,
}

/// <summary>How AF_XDP takes the memory of a packet buffer (umem).</summary>
public enum XdpMemoryRule
{
    /// <summary>There is no AF_XDP.</summary>
    Missing,

    /// <summary>FOLL_GET.</summary>
    Reference,

    /// <summary>FOLL_GET and FOLL_LONGTERM.</summary>
    LongTermReference,

    /// <summary>FOLL_PIN and FOLL_LONGTERM.</summary>
    LongTermPin,
}

/// <summary>How vfio's type 1 driver takes memory for a device.</summary>
public enum VfioMemoryRule
{
    /// <summary>FOLL_GET.</summary>
    Reference,

    /// <summary>FOLL_GET, refusing DAX files.</summary>
    LongTermReference,

    /// <summary>FOLL_PIN and FOLL_LONGTERM.</summary>
    LongTermPin,
}

/// <summary>How vfio finds the frame of device memory that has no struct page.</summary>
public enum VfioDeviceFrameRule
{
    /// <summary>Counted from the beginning of the area, whatever the page table says.</summary>
    FromTheArea,

    /// <summary>From the page table's entry, which is faulted in first when it is missing.</summary>
    FollowsEntry,
}

/// <summary>How KVM finds the frame of device memory behind a guest's address.</summary>
public enum KvmDeviceFrameRule
{
    /// <summary>Counted from the beginning of the area; a frame that is not reserved is a BUG.</summary>
    FromTheArea,

    /// <summary>From the page table's entry, which is faulted in first when it is missing.</summary>
    FollowsEntry,
}

/// <summary>Whether the file of a running program is kept from writers, and a file with writers from being run.</summary>
public enum RunningTextRule
{
    /// <summary>ETXTBSY in both directions.</summary>
    KeptFromWriters,

    /// <summary>Nobody is stopped.</summary>
    Unprotected,
}

/// <summary>How much of a script's first line execve looks at.</summary>
public enum ScriptLineRule
{
    /// <summary>128 bytes; what does not fit is cut off.</summary>
    Bytes128Truncated,

    /// <summary>256 bytes; a path that does not fit is ENOEXEC.</summary>
    Bytes256,
}

/// <summary>Which files can have uprobes.</summary>
public enum UprobeFileRule
{
    /// <summary>Those whose pages can be read through the page cache, DAX files among them, and shmem.</summary>
    WithReadPage,

    /// <summary>The same without DAX files, which have operations of their own: EIO.</summary>
    NotDax,
}

/// <summary>What becomes of a poisoned page of memory files (shmem).</summary>
public enum ShmemFailureRule
{
    /// <summary>It leaves the file, whose data are silently lost: the next reader sees zeros.</summary>
    Truncated,

    /// <summary>It stays, and whoever touches it learns of the failure.</summary>
    KeptPoisoned,
}
