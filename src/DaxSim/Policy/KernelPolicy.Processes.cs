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
    /// <summary>There is no io_uring.</summary>
    Missing,

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

/// <summary>How move_pages finds the page behind an address.</summary>
public enum MovePagesLookupRule
{
    /// <summary>follow_page without a reference: an entry without struct page is EFAULT, a devmap PMD EEXIST.</summary>
    FollowsWithoutReference,

    /// <summary>follow_page with a reference; device pages are ENOENT.</summary>
    FollowsWithReference,

    /// <summary>It walks the page table: zero pages are EFAULT, everything without a folio ENOENT.</summary>
    WalksEntries,
}

/// <summary>Whether pages in areas of DAX files can be moved between nodes.</summary>
public enum DaxMigrationRule
{
    /// <summary>Those with a struct page, private copies for instance.</summary>
    PagesOnly,

    /// <summary>The whole area is left out: EFAULT.</summary>
    Refused,
}

/// <summary>What move_pages writes as the status of a page that is on the right node already.</summary>
public enum MovePagesInPlaceRule
{
    /// <summary>The node.</summary>
    Node,

    /// <summary>Nothing: the caller's array keeps what it held.</summary>
    Unwritten,
}

/// <summary>What remap_file_pages does.</summary>
public enum RemapFilePagesRule
{
    /// <summary>It makes nonlinear mappings.</summary>
    NonlinearMappings,

    /// <summary>It maps the part anew and warns once (naming Documentation/vm).</summary>
    EmulatedNamingVm,

    /// <summary>The same, naming Documentation/mm.</summary>
    EmulatedNamingMm,
}

/// <summary>Whether there is mseal.</summary>
public enum MsealRule
{
    /// <summary>ENOSYS.</summary>
    Missing,

    /// <summary>There is.</summary>
    Available,
}

/// <summary>Whether there is process_madvise.</summary>
public enum ProcessMadviseRule
{
    /// <summary>ENOSYS.</summary>
    Missing,

    /// <summary>There is.</summary>
    Available,
}

/// <summary>What userfaultfd can register.</summary>
public enum UserfaultRule
{
    /// <summary>Nothing: there is no userfaultfd.</summary>
    Missing,

    /// <summary>Missing pages of anonymous memory.</summary>
    MissingAnon,

    /// <summary>Also of shmem and hugetlb.</summary>
    MissingShared,

    /// <summary>Also write protection of anonymous memory.</summary>
    WriteProtectAnon,

    /// <summary>Also minor faults of shmem and hugetlb.</summary>
    MinorShared,

    /// <summary>Also write protection of shmem and hugetlb.</summary>
    WriteProtectShared,

    /// <summary>Also write protection of anonymous pages that are not there yet (UFFD_FEATURE_WP_UNPOPULATED).</summary>
    WriteProtectUnpopulated,

    /// <summary>Also write protection that the kernel itself resolves, of any memory (UFFD_FEATURE_WP_ASYNC), and PAGEMAP_SCAN.</summary>
    WriteProtectAsync,
}

/// <summary>Whether there is MSG_ZEROCOPY.</summary>
public enum ZeroCopySendRule
{
    /// <summary>There is not.</summary>
    Missing,

    /// <summary>There is.</summary>
    Available,
}

/// <summary>The name of device-dax's mmap method, which its complaints show.</summary>
public enum DeviceDaxMmapRule
{
    /// <summary>dax_mmap.</summary>
    Mmap,

    /// <summary>dax_mmap_prepare.</summary>
    MmapPrepare,
}

/// <summary>Whether a tmpfs file can be opened with O_DIRECT.</summary>
public enum ShmemDirectIoRule
{
    /// <summary>EINVAL.</summary>
    Refused,

    /// <summary>It can; the data is copied as always.</summary>
    CopiedAsUsual,
}

/// <summary>How io_uring finds the pages of a buffer that is registered.</summary>
public enum RingLookupRule
{
    /// <summary>Through the areas only.</summary>
    SlowOnly,

    /// <summary>The lockless walk first: memory that was copied on write in a PFNMAP area can be registered.</summary>
    FastFirst,
}

public sealed partial record KernelPolicy
{
    /// <summary>How io_uring finds the pages of a buffer that is registered.</summary>
    public RingLookupRule RingLookup { get => (RingLookupRule)Get(PolicyProperty.RingLookup); init => Set(PolicyProperty.RingLookup, (int)value); }

    /// <summary>The name of device-dax's mmap method, which its complaints show.</summary>
    public DeviceDaxMmapRule DeviceDaxMmap { get => (DeviceDaxMmapRule)Get(PolicyProperty.DeviceDaxMmap); init => Set(PolicyProperty.DeviceDaxMmap, (int)value); }

    /// <summary>Whether a tmpfs file can be opened with O_DIRECT.</summary>
    public ShmemDirectIoRule ShmemDirectIo { get => (ShmemDirectIoRule)Get(PolicyProperty.ShmemDirectIo); init => Set(PolicyProperty.ShmemDirectIo, (int)value); }

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

    /// <summary>How move_pages finds the page behind an address.</summary>
    public MovePagesLookupRule MovePagesLookup { get => (MovePagesLookupRule)Get(PolicyProperty.MovePagesLookup); init => Set(PolicyProperty.MovePagesLookup, (int)value); }

    /// <summary>Whether pages in areas of DAX files can be moved between nodes.</summary>
    public DaxMigrationRule DaxMigration { get => (DaxMigrationRule)Get(PolicyProperty.DaxMigration); init => Set(PolicyProperty.DaxMigration, (int)value); }

    /// <summary>What move_pages writes as the status of a page that is on the right node already.</summary>
    public MovePagesInPlaceRule MovePagesInPlace { get => (MovePagesInPlaceRule)Get(PolicyProperty.MovePagesInPlace); init => Set(PolicyProperty.MovePagesInPlace, (int)value); }

    /// <summary>What remap_file_pages does.</summary>
    public RemapFilePagesRule RemapFilePages { get => (RemapFilePagesRule)Get(PolicyProperty.RemapFilePages); init => Set(PolicyProperty.RemapFilePages, (int)value); }

    /// <summary>Whether there is mseal.</summary>
    public MsealRule Mseal { get => (MsealRule)Get(PolicyProperty.Mseal); init => Set(PolicyProperty.Mseal, (int)value); }

    /// <summary>Whether there is process_madvise.</summary>
    public ProcessMadviseRule ProcessMadvise { get => (ProcessMadviseRule)Get(PolicyProperty.ProcessMadvise); init => Set(PolicyProperty.ProcessMadvise, (int)value); }

    /// <summary>What userfaultfd can register.</summary>
    public UserfaultRule Userfault { get => (UserfaultRule)Get(PolicyProperty.Userfault); init => Set(PolicyProperty.Userfault, (int)value); }

    /// <summary>Whether there is MSG_ZEROCOPY.</summary>
    public ZeroCopySendRule ZeroCopySend { get => (ZeroCopySendRule)Get(PolicyProperty.ZeroCopySend); init => Set(PolicyProperty.ZeroCopySend, (int)value); }

    private static string? DescribeProcesses(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.ProcessVmReferences => ((ProcessVmReferenceRule)value).ToString(),
        PolicyProperty.DirectIoReferences => ((DirectIoReferenceRule)value).ToString(),
        PolicyProperty.IoremapProt => ((IoremapProtRule)value).ToString(),
        PolicyProperty.IoremapOfRam => ((IoremapOfRamRule)value).ToString(),
        PolicyProperty.ProcMemForce => ((ProcMemForceRule)value).ToString(),
        PolicyProperty.RingReferences => ((RingReferenceRule)value).ToString(),
        PolicyProperty.RingFileBuffers => ((RingFileBufferRule)value).ToString(),
        PolicyProperty.MovePagesLookup => ((MovePagesLookupRule)value).ToString(),
        PolicyProperty.MovePagesInPlace => ((MovePagesInPlaceRule)value).ToString(),
        PolicyProperty.DaxMigration => ((DaxMigrationRule)value).ToString(),
        PolicyProperty.RemapFilePages => ((RemapFilePagesRule)value).ToString(),
        PolicyProperty.Mseal => ((MsealRule)value).ToString(),
        PolicyProperty.ProcessMadvise => ((ProcessMadviseRule)value).ToString(),
        PolicyProperty.Userfault => ((UserfaultRule)value).ToString(),
        PolicyProperty.ZeroCopySend => ((ZeroCopySendRule)value).ToString(),
        PolicyProperty.DeviceDaxMmap => ((DeviceDaxMmapRule)value).ToString(),
        PolicyProperty.ShmemDirectIo => ((ShmemDirectIoRule)value).ToString(),
        PolicyProperty.RingLookup => ((RingLookupRule)value).ToString(),
        _ => null,
    };
}
