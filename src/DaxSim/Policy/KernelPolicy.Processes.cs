namespace DaxSim.Policy;

/// <summary>How process_vm_readv and writev hold the other process's pages.</summary>
public enum ProcessVmReferenceRule
{
    /// <summary>FOLL_GET.</summary>
    Get,

    /// <summary>FOLL_PIN.</summary>
    Pin,
}

/// <summary>How direct I/O holds the user's pages.</summary>
public enum DirectIoReferenceRule
{
    /// <summary>FOLL_GET: fork may leave the data to the child.</summary>
    Get,

    /// <summary>FOLL_PIN: fork copies the page for the child.</summary>
    Pin,
}

/// <summary>Whether device memory in another process can be read through the driver (HAVE_IOREMAP_PROT).</summary>
public enum IoremapProtRule
{
    /// <summary>It cannot: ptrace says EIO.</summary>
    Missing,

    /// <summary>It can.</summary>
    Available,
}

/// <summary>What mapping RAM as device memory says.</summary>
public enum IoremapOfRamRule
{
    /// <summary>It fails silently.</summary>
    Silent,

    /// <summary>It fails with a warning, once per boot.</summary>
    WarnsOnce,
}

/// <summary>Whether /proc/pid/mem overrides protections.</summary>
public enum ProcMemForceRule
{
    /// <summary>Always, as ptrace does.</summary>
    Always,

    /// <summary>As the kernel was configured (PROC_MEM_*).</summary>
    ByConfiguration,
}

/// <summary>How io_uring holds registered buffers.</summary>
public enum RingReferenceRule
{
    /// <summary>FOLL_GET.</summary>
    Get,

    /// <summary>FOLL_PIN.</summary>
    Pin,
}

/// <summary>Whether io_uring registers memory of files other than shmem and hugetlb.</summary>
public enum RingFileBufferRule
{
    /// <summary>EOPNOTSUPP, after the pages were pinned.</summary>
    Refused,

    /// <summary>It does.</summary>
    Allowed,
}

public sealed partial record KernelPolicy
{
    /// <summary>How process_vm_readv and writev hold the other process's pages.</summary>
    public ProcessVmReferenceRule ProcessVmReferences { get => (ProcessVmReferenceRule)Get(PolicyProperty.ProcessVmReferences); init => Set(PolicyProperty.ProcessVmReferences, (int)value); }

    /// <summary>How direct I/O holds the user's pages.</summary>
    public DirectIoReferenceRule DirectIoReferences { get => (DirectIoReferenceRule)Get(PolicyProperty.DirectIoReferences); init => Set(PolicyProperty.DirectIoReferences, (int)value); }

    /// <summary>Whether device memory in another process can be read through the driver (HAVE_IOREMAP_PROT).</summary>
    public IoremapProtRule IoremapProt { get => (IoremapProtRule)Get(PolicyProperty.IoremapProt); init => Set(PolicyProperty.IoremapProt, (int)value); }

    /// <summary>What mapping RAM as device memory says.</summary>
    public IoremapOfRamRule IoremapOfRam { get => (IoremapOfRamRule)Get(PolicyProperty.IoremapOfRam); init => Set(PolicyProperty.IoremapOfRam, (int)value); }

    /// <summary>Whether /proc/pid/mem overrides protections.</summary>
    public ProcMemForceRule ProcMemForce { get => (ProcMemForceRule)Get(PolicyProperty.ProcMemForce); init => Set(PolicyProperty.ProcMemForce, (int)value); }

    /// <summary>How io_uring holds registered buffers.</summary>
    public RingReferenceRule RingReferences { get => (RingReferenceRule)Get(PolicyProperty.RingReferences); init => Set(PolicyProperty.RingReferences, (int)value); }

    /// <summary>Whether io_uring registers memory of files other than shmem and hugetlb.</summary>
    public RingFileBufferRule RingFileBuffers { get => (RingFileBufferRule)Get(PolicyProperty.RingFileBuffers); init => Set(PolicyProperty.RingFileBuffers, (int)value); }

    private static string? DescribeProcesses(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.ProcessVmReferences => ((ProcessVmReferenceRule)value).ToString(),
        PolicyProperty.DirectIoReferences => ((DirectIoReferenceRule)value).ToString(),
        PolicyProperty.IoremapProt => ((IoremapProtRule)value).ToString(),
        PolicyProperty.IoremapOfRam => ((IoremapOfRamRule)value).ToString(),
        PolicyProperty.ProcMemForce => ((ProcMemForceRule)value).ToString(),
        PolicyProperty.RingReferences => ((RingReferenceRule)value).ToString(),
        PolicyProperty.RingFileBuffers => ((RingFileBufferRule)value).ToString(),
        _ => null,
    };
}
