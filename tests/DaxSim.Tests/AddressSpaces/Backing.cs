namespace DaxSim.Tests.AddressSpaces;

/// <summary>What stands behind the mapping of a scenario.</summary>
public enum Backing
{
    /// <summary>Anonymous memory.</summary>
    Anon,

    /// <summary>A file of an ordinary ext4: page cache.</summary>
    PageCache,

    /// <summary>A memfd.</summary>
    Shmem,

    /// <summary>A file of a DAX filesystem on memory with struct pages.</summary>
    FsDax,

    /// <summary>A file of a DAX filesystem on memory without struct pages.</summary>
    PageLess,

    /// <summary>Reserved memory through /dev/mem.</summary>
    DevMem,

    /// <summary>A device-dax range.</summary>
    DeviceDax,

    /// <summary>A RAM disk: struct pages exist, but DAX maps them by special entries.</summary>
    RamDisk,
}
