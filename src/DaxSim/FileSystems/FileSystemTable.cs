using System.Globalization;
using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>Every filesystem of a machine: what lies on the devices, what is mounted where, and the drivers.</summary>
internal sealed class FileSystemTable : Recoverable
{
    private static readonly FileSystemDriver Ext2 = new Ext2Driver();
    private static readonly FileSystemDriver Ext4 = new Ext4Driver();
    private static readonly FileSystemDriver Xfs = new XfsDriver();
    private static readonly FileSystemDriver Erofs = new ErofsDriver();
    private static readonly FileSystemDriver VirtioFs = new VirtioFsDriver();

    private DeviceTable devices;
    private StateList<FileSystemImage> images;
    private StateList<MountPoint> mounts;
    private StateList<string> printedOnce;
    private int nextInode = 12;

    internal FileSystemTable(Journal journal, DeviceTable devices)
        : base(journal)
    {
        this.devices = devices;
        images = new(journal);
        mounts = new(journal);
        printedOnce = new(journal);
    }

    internal DeviceTable Devices => devices;

    internal KernelPolicy Policy => devices.Policy;

    internal KernelLog Log => devices.Log;

    internal PhysicalMemory Memory => devices.Memory;

    internal Journal HostJournal => Journal;

    /// <summary>Takes care of an inode's pages when it leaves the cache. The floor above sets it.</summary>
    internal IInodePages? Pages { get; set; }

    /// <summary>Every filesystem there is, mounted or not.</summary>
    internal IReadOnlyList<FileSystemImage> Images => images;

    /// <summary>What is mounted, in order.</summary>
    internal IReadOnlyList<MountPoint> Mounts => mounts;

    /// <summary>The types that mkfs can make, by name.</summary>
    internal static FileSystemDriver? FindType(string name) => name switch
    {
        "ext2" => Ext2,
        "ext4" => Ext4,
        "xfs" => Xfs,
        "erofs" => Erofs,
        "virtiofs" => VirtioFs,
        _ => null,
    };

    /// <summary>get_fs_type: the driver that serves a type on this kernel, or null.</summary>
    internal FileSystemDriver? FindDriver(string name)
    {
        var config = Policy.Config;
        return name switch
        {
            "ext2" when config.IsEnabled("EXT2_FS") => Ext2,
            "ext2" when config.IsEnabled("EXT4_USE_FOR_EXT2") && config.IsEnabled("EXT4_FS") => Ext4,
            "ext4" when config.IsEnabled("EXT4_FS") => Ext4,
            "xfs" when config.IsEnabled("XFS_FS") => Xfs,
            "erofs" when config.IsEnabled("EROFS_FS") => Erofs,
            "virtiofs" when config.IsEnabled("VIRTIO_FS") => VirtioFs,
            _ => null,
        };
    }

    /// <summary>Finds a virtiofs device by its tag.</summary>
    internal IVirtioFsDevice? FindVirtioFs(string tag)
    {
        foreach (var device in devices.VirtioFs)
        {
            if (device.Tag == tag)
            {
                return device;
            }
        }

        return null;
    }

    /// <summary>What lies on a device, or null when it was never formatted.</summary>
    internal FileSystemImage? FindImage(BlockDevice device)
    {
        foreach (var image in images)
        {
            if (ReferenceEquals(image.Device, device))
            {
                return image;
            }
        }

        return null;
    }

    /// <summary>What lies behind a virtiofs tag.</summary>
    internal FileSystemImage FindOrMakeShare(string tag)
    {
        foreach (var image in images)
        {
            if (image.Device is null && image.Uuid == tag)
            {
                return image;
            }
        }

        return AddImage(new FileSystemImage(Journal, null, "virtiofs", Memory.PageSize, 512, [], tag));
    }

    /// <summary>mkfs.</summary>
    internal FileSystemImage Format(BlockDevice device, FileSystemDriver type, int blockSize, int sectorSize, string[] features, string? uuid)
    {
        if (FindImage(device) is { } old)
        {
            images.Remove(old);
        }

        return AddImage(new FileSystemImage(Journal, device, type.Name, blockSize, sectorSize, features, uuid ?? MakeUuid(device)));
    }

    private FileSystemImage AddImage(FileSystemImage image)
    {
        var root = new Inode(Journal, 2, MappingKind.PageCache, Memory) { Image = image };
        root.MakeDirectory();
        image.SetRoot(root);
        images.Add(image);
        return image;
    }

    /// <summary>A UUID that depends on nothing but the device's name: the simulation is deterministic.</summary>
    private static string MakeUuid(BlockDevice device)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in device.Name)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(uint)(hash >> 32):x8}-{(ushort)(hash >> 16):x4}-4{(int)(hash & 0xfff):x3}-8000-{hash & 0xffffffffffff:x12}");
    }

    /// <summary>A new file or directory of a filesystem.</summary>
    internal Inode NewInode(FileSystemInstance instance, bool directory, InodeFlags flags)
    {
        Touch();
        var inode = new Inode(Journal, nextInode++, MappingKind.PageCache, Memory)
        {
            Image = instance.Image,
            IsOnXfs = instance.Image.Type == "xfs",
            AllocatesAligned = instance.Image.Type == "ext4",
            SupportsAllocation = instance.Driver.KnowsAllocation,
            SupportsMapSyncFlag = instance.Driver.KnowsMapSync,
            IsWithoutHugeFaults = instance.Driver.IsWithoutHugeFaults,
            AllowsMapSync = Policy.MapSyncRule != MapSyncRule.SynchronousDevice || instance.DaxDevice is not { IsSynchronous: false },
        };
        if (directory)
        {
            inode.MakeDirectory();
        }

        inode.SetFlag(flags, flags != InodeFlags.None);
        inode.EnterCore(instance.Driver.NewFileUsesDax(instance, inode));
        return inode;
    }

    /// <summary>printk_once: true the first time.</summary>
    internal bool PrintOnce(string key)
    {
        foreach (var printed in printedOnce)
        {
            if (printed == key)
            {
                return false;
            }
        }

        printedOnce.Add(key);
        return true;
    }

    internal void AddMount(MountPoint mount) => mounts.Add(mount);

    internal void RemoveMount(MountPoint mount) => mounts.Remove(mount);

    /// <summary>The newest mount at a path, or null.</summary>
    internal MountPoint? FindMount(string path)
    {
        for (var i = mounts.Count - 1; i >= 0; i--)
        {
            if (mounts[i].Path == path)
            {
                return mounts[i];
            }
        }

        return null;
    }

    internal Reason Because(string function, string because, PolicyProperty? property = null) => devices.Because(function, because, property);

    internal override void Describe(StateDigest digest)
    {
        digest.Add(images);
        digest.Add(mounts);
        digest.Add(printedOnce);
        digest.Add(nextInode);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (FileSystemTable)state;
        images = other.images;
        mounts = other.mounts;
        printedOnce = other.printedOnce;
        nextInode = other.nextInode;
    }

    private protected override void Remap(CloneContext context)
    {
        devices = context.Map(devices);
        Pages = Pages is null ? null : context.Known(Pages);
        images = context.Map(images);
        mounts = context.Map(mounts);
        printedOnce = context.Map(printedOnce);
    }
}

/// <summary>One entry of /proc/mounts.</summary>
internal sealed class MountPoint(Journal journal, string path, string source, FileSystemInstance instance) : Recoverable(journal)
{
    private FileSystemInstance instance = instance;

    internal string Path { get; } = path;

    /// <summary>The first field of /proc/mounts.</summary>
    internal string Source { get; } = source;

    internal FileSystemInstance Instance => instance;

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Path);
        digest.Add(Source);
        digest.Add(instance);
    }

    private protected override void CopyFrom(Recoverable state)
    {
    }

    private protected override void Remap(CloneContext context) => instance = context.Map(instance);
}
