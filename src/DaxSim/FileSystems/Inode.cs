using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>
/// A file (struct inode with its address_space). Its pages in memory are <see cref="Cache"/> (page cache, or DAX entries); where
/// its data lies when not in memory is <see cref="Blocks"/>.
/// </summary>
internal sealed partial class Inode : Recoverable
{
    private ContentStore? disk;
    private Devices.BlockDevice? blockDevice;
    private Devices.CharacterDax? daxRange;

    internal Inode(Journal journal, int number, MappingKind kind, PhysicalMemory memory)
        : base(journal)
    {
        Number = number;
        Id = memory.NewOwner();
        Kind = kind;
        Memory = memory;
        Cache = new(journal);
        Blocks = new(journal);
    }

    /// <summary>The number in its filesystem (st_ino).</summary>
    internal int Number { get; }

    /// <summary>What the pages of its cache name as their owner (page->mapping): unique in the machine.</summary>
    internal int Id { get; }

    /// <summary>The name in kernel messages: a device's name, a file's path.</summary>
    internal string Name { get; init; } = "";

    internal MappingKind Kind { get; private set; }

    /// <summary>The filesystem type is xfs, which breaks layouts one release before ext4.</summary>
    internal bool IsOnXfs { get; init; }

    /// <summary>The allocator of its filesystem aligns a request for a PMD's worth of blocks (ext4's buddies; recorded for ext4 only).</summary>
    internal bool AllocatesAligned { get; init; }

    /// <summary>Only mappings refer to it: the file behind shared anonymous memory or MAP_HUGETLB.</summary>
    internal bool IsUnnamed { get; init; }

    /// <summary>The filesystem has a fallocate method (ext2's own driver has none).</summary>
    internal bool SupportsAllocation { get; init; } = true;

    /// <summary>The filesystem's mmap method does not mark DAX areas for huge pages (ext2).</summary>
    internal bool IsWithoutHugeFaults { get; init; }

    /// <summary>The file's mmap method knows MAP_SYNC (files of ext4 and xfs, device-dax).</summary>
    internal bool SupportsMapSyncFlag { get; init; }

    /// <summary>daxdev_mapping_supported: MAP_SYNC may be used on this DAX file.</summary>
    internal bool AllowsMapSync { get; init; } = true;

    /// <summary>IS_DAX of the mapping's host: a DAX file or a device-dax device.</summary>
    internal bool IsDaxMapping => Kind is MappingKind.FsDax or MappingKind.DeviceDax;

    /// <summary>True for kinds whose pages are copies in RAM that the file's own cache holds.</summary>
    internal bool HasPageCache => Kind is MappingKind.PageCache or MappingKind.Shmem or MappingKind.HugeTlb or MappingKind.SecretMemory;

    /// <summary>i_size in bytes. Devices have none.</summary>
    internal long Size { get; private set; }

    internal PhysicalMemory Memory { get; private set; }

    /// <summary>Pages in memory by file page: page cache pages, or DAX entries.</summary>
    internal ExtentMap<CacheEntry> Cache { get; private set; }

    /// <summary>Allocated blocks by file page: device pages of a <see cref="Volume"/>, or the file page itself for a disk file.</summary>
    internal ExtentMap<CacheEntry> Blocks { get; private set; }

    /// <summary>The memory of the device that the file's blocks lie in; null for files of other disks and in memory.</summary>
    internal DeviceVolume? Volume => Image?.Volume;

    /// <summary>True for files that have blocks on a device besides their pages in memory.</summary>
    internal bool HasBlocks => Kind is MappingKind.PageCache or MappingKind.FsDax;

    /// <summary>The bytes of a file's blocks, by file page, where the device does not lie in memory.</summary>
    private ContentStore Disk
    {
        get
        {
            if (disk is null)
            {
                Touch();
                disk = new ContentStore(Journal, Memory.PageSize);
            }

            return disk;
        }
    }

    /// <summary>The block device whose pages a block device file shows; null for every other file.</summary>
    internal Devices.BlockDevice? BlockDevice { get => blockDevice; init => blockDevice = value; }

    /// <summary>The dax range behind a device-dax file; null for every other file.</summary>
    internal Devices.CharacterDax? DaxRange { get => daxRange; init => daxRange = value; }

    /// <summary>First pfn of a device file (device-dax, a PCI BAR); 0 for /dev/mem, whose file pages are pfns.</summary>
    internal ulong BasePfn { get; init; }

    /// <summary>Pages of a device file.</summary>
    internal ulong DevicePages { get; init; }

    /// <summary>Pages that lie before the end of the file, a partial last page included.</summary>
    internal ulong PagesInSize => ((ulong)Size + (ulong)Memory.PageSize - 1) >> Memory.PageShift;

    /// <summary>log2 of the base pages of one page cache folio (hugetlb) .</summary>
    internal int FolioOrder { get; init; }

    /// <summary>i_nlink: 0 for files that have no name (any more).</summary>
    internal int Links { get; private set; } = 1;

    /// <summary>The mode has an execute bit.</summary>
    internal bool IsExecutable { get; private set; }

    internal void SetLinks(int links)
    {
        Touch();
        Links = links;
    }

    internal void SetExecutable(bool executable)
    {
        Touch();
        IsExecutable = executable;
    }

    internal void SetSize(long size)
    {
        Touch();
        Size = size;
        HasUncommittedMetadata = true;
    }

    /// <summary>The file's size or the map of its blocks changed since the journal last took it (IOMAP_F_DIRTY): after a power cut it would be the old one.</summary>
    internal bool HasUncommittedMetadata { get; private set; }

    private void MetadataChanged()
    {
        Touch();
        HasUncommittedMetadata = true;
    }

    /// <summary>The part of fsync that makes size and block map durable.</summary>
    internal void CommitMetadata()
    {
        Volume?.Commit();
        if (HasUncommittedMetadata)
        {
            Touch();
            HasUncommittedMetadata = false;
        }
    }

    /// <summary>Sets or clears S_DAX; only while no page of the file is in memory. A file whose memory is the host's (virtiofs) stays a plain one that cannot be mapped.</summary>
    internal void SetDax(bool dax)
    {
        Touch();
        Kind = dax && Volume is not null ? MappingKind.FsDax : MappingKind.PageCache;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Number);
        digest.Add(Id);
        digest.Add(Name);
        digest.Add(Kind);
        digest.Add(Size);
        digest.Add(HasUncommittedMetadata);
        digest.Add(FolioOrder);
        digest.Add(BasePfn);
        digest.Add(DevicePages);
        digest.Add(Cache);
        digest.Add(Blocks);
        disk?.Describe(digest);
        digest.Add(blockDevice);
        digest.Add(daxRange);
        DescribeFlags(digest);
        DescribePolicies(digest);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (Inode)state;
        Kind = other.Kind;
        Size = other.Size;
        HasUncommittedMetadata = other.HasUncommittedMetadata;
        disk = other.disk;
        Links = other.Links;
        IsExecutable = other.IsExecutable;
        policies = other.policies;
        CopyFlags(other);
    }

    private protected override void Remap(CloneContext context)
    {
        Memory = context.Known(Memory);
        Cache = context.Map(Cache);
        Blocks = context.Map(Blocks);
        disk = disk?.CloneInto(context);
        blockDevice = context.MapOrNull(blockDevice);
        daxRange = context.MapOrNull(daxRange);
        RemapFlags(context);
    }

    /// <summary>Copies the mount side's fields (flags on disk and in core).</summary>
    partial void CopyFlags(Inode other);

    partial void RemapFlags(CloneContext context);
}
