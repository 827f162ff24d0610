namespace DaxSim.FileSystems;

/// <summary>What stands behind a mapping of a file: it decides faults, pins, fork and truncation.</summary>
public enum MappingKind
{
    /// <summary>A regular file in the page cache of a disk filesystem.</summary>
    PageCache,

    /// <summary>tmpfs, memfd or shared anonymous memory.</summary>
    Shmem,

    /// <summary>A hugetlbfs file or MAP_HUGETLB memory.</summary>
    HugeTlb,

    /// <summary>A file with S_DAX on a filesystem over a DAX device.</summary>
    FsDax,

    /// <summary>A device-dax character device.</summary>
    DeviceDax,

    /// <summary>/dev/mem.</summary>
    DevMem,

    /// <summary>A PCI BAR mapped through sysfs.</summary>
    PciBar,

    /// <summary>memfd_secret.</summary>
    SecretMemory,
}
