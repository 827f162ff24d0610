using DaxSim.Policy;

namespace DaxSim.Scenarios.Import;

/// <summary>What one file of a host's dump is.</summary>
public enum HostFileKind
{
    /// <summary>/proc/iomem, read by root.</summary>
    Iomem,

    /// <summary>A kernel configuration: /boot/config-* or /proc/config.gz.</summary>
    Config,

    /// <summary>The JSON of <c>ndctl list -NRDu</c> (other lists of ndctl will do).</summary>
    Ndctl,

    /// <summary>The JSON of <c>daxctl list</c>.</summary>
    Daxctl,

    /// <summary>/proc/mounts.</summary>
    Mounts,

    /// <summary>/etc/fstab: what the administrator wants mounted.</summary>
    Fstab,

    /// <summary>The JSON of <c>lsblk -J</c>, best with <c>-b -O</c>.</summary>
    Lsblk,

    /// <summary><c>uname -r</c>, <c>uname -a</c> or /proc/version.</summary>
    KernelName,

    /// <summary><c>blkid</c>: block sizes and UUIDs.</summary>
    Blkid,

    /// <summary><c>xfs_info MOUNT</c> or <c>xfs_info DEVICE</c>.</summary>
    XfsInfo,

    /// <summary><c>dumpe2fs -h DEVICE</c> or <c>tune2fs -l DEVICE</c>.</summary>
    Ext2Info,
}

/// <summary>A range of /proc/iomem.</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Name">The text after the colon.</param>
/// <param name="Depth">0 for the outermost ranges.</param>
public sealed record IomemRange(ulong Start, ulong Length, string Name, int Depth);

/// <summary>A namespace of persistent memory as ndctl lists it.</summary>
/// <param name="Name">For example <c>namespace0.0</c>.</param>
/// <param name="Mode">fsdax, raw, sector or devdax (memory and dax in old lists).</param>
public sealed record HostNamespace(string Name, string Mode)
{
    /// <summary>Bytes; null when the list does not say.</summary>
    public long? Size { get; init; }

    /// <summary>Where the struct pages lie: mem or dev; null for modes without.</summary>
    public string? Map { get; init; }

    /// <summary>The block device, for example <c>pmem0</c>; null without one.</summary>
    public string? BlockDevice { get; init; }

    /// <summary>The character device of devdax mode.</summary>
    public string? CharacterDevice { get; init; }

    /// <summary>The alignment in bytes.</summary>
    public long? Align { get; init; }

    /// <summary>The sector size in bytes.</summary>
    public int? SectorSize { get; init; }

    /// <summary>False when the namespace is disabled.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Who provides the bus: <c>ACPI.NFIT</c>, <c>e820</c>, a virtio device; null when the list has no buses.</summary>
    public string? Provider { get; init; }
}

/// <summary>A character DAX device as daxctl lists it.</summary>
/// <param name="Name">For example <c>dax0.0</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">devdax or system-ram.</param>
/// <param name="Align">The alignment in bytes; null when the list does not say.</param>
public sealed record HostDaxDevice(string Name, long Size, string Mode, long? Align);

/// <summary>A block device as lsblk lists it.</summary>
/// <param name="Name">Without /dev/.</param>
/// <param name="Type">disk, part, lvm, crypt, loop…</param>
public sealed record HostBlockDevice(string Name, string Type)
{
    /// <summary>Bytes; null when the list does not say.</summary>
    public long? Size { get; init; }

    /// <summary>The first 512-byte sector of a partition; null when the list does not say.</summary>
    public ulong? Start { get; init; }

    /// <summary>The logical sector size.</summary>
    public int? SectorSize { get; init; }

    /// <summary>True when it cannot be written.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The filesystem's type.</summary>
    public string? FileSystem { get; init; }

    /// <summary>The filesystem's UUID.</summary>
    public string? Uuid { get; init; }

    /// <summary>The filesystem's label.</summary>
    public string? Label { get; init; }

    /// <summary>The devices it lies on.</summary>
    public IReadOnlyList<string> Parents { get; init; } = [];
}

/// <summary>A line of /proc/mounts or /etc/fstab.</summary>
/// <param name="Source">The first field, its octal escapes resolved.</param>
/// <param name="Path">Where.</param>
/// <param name="Type">The filesystem's type.</param>
/// <param name="Options">The options, separated by commas.</param>
/// <param name="IsWish">True for a line of fstab that is not mounted.</param>
public sealed record HostMount(string Source, string Path, string Type, string Options, bool IsWish = false);

/// <summary>What is known of one filesystem beyond its mount.</summary>
/// <param name="Device">The device or mount point that the tool was run on; empty when its output does not say.</param>
/// <param name="Type">The filesystem's type.</param>
/// <param name="BlockSize">Bytes of a block; null when unknown.</param>
/// <param name="Features">Features that matter to DAX, as mkfs takes them.</param>
/// <param name="Uuid">The UUID.</param>
public sealed record HostFileSystem(string Device, string Type, int? BlockSize, IReadOnlyList<string> Features, string? Uuid);

/// <summary>What the files of a host say, before a machine is made of it.</summary>
public sealed class HostDump
{
    internal HostDump()
    {
    }

    /// <summary>The files that were used, in order, with what they are.</summary>
    public IReadOnlyList<(string Name, HostFileKind Kind)> Files => FileList;

    /// <summary>The kernel's own name of itself, for example <c>6.1.0-18-amd64</c>; null when no file says.</summary>
    public string? KernelRelease { get; internal set; }

    /// <summary>The version that it is taken for; null when no file says.</summary>
    public KernelVersion? Kernel { get; internal set; }

    /// <summary>The architecture; null when no file says.</summary>
    public Architecture? Architecture { get; internal set; }

    /// <summary>The kernel configuration; null without one.</summary>
    public KernelConfig? Config { get; internal set; }

    /// <summary>/proc/iomem.</summary>
    public IReadOnlyList<IomemRange> Memory => Ranges;

    /// <summary>Persistent memory.</summary>
    public IReadOnlyList<HostNamespace> Namespaces => NamespaceList;

    /// <summary>Character DAX devices that are no namespace of ndctl's list.</summary>
    public IReadOnlyList<HostDaxDevice> DaxDevices => DaxList;

    /// <summary>Block devices.</summary>
    public IReadOnlyList<HostBlockDevice> BlockDevices => BlockList;

    /// <summary>What is mounted, and what fstab wants mounted.</summary>
    public IReadOnlyList<HostMount> Mounts => MountList;

    /// <summary>Block sizes and features of filesystems.</summary>
    public IReadOnlyList<HostFileSystem> FileSystems => FileSystemList;

    /// <summary>What was left out or guessed, one sentence each.</summary>
    public IReadOnlyList<string> Notes => NoteList;

    internal List<(string Name, HostFileKind Kind)> FileList { get; } = [];

    internal List<IomemRange> Ranges { get; } = [];

    internal List<HostNamespace> NamespaceList { get; } = [];

    internal List<HostDaxDevice> DaxList { get; } = [];

    internal List<HostBlockDevice> BlockList { get; } = [];

    internal List<HostMount> MountList { get; } = [];

    internal List<HostFileSystem> FileSystemList { get; } = [];

    internal List<string> NoteList { get; } = [];

    /// <summary>Reads a directory, a tar archive (also compressed with gzip) or single files.</summary>
    /// <param name="paths">What to read.</param>
    /// <exception cref="FormatException">Nothing in it can be used, or a file is broken; the message is one line with file and reason.</exception>
    public static HostDump Read(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return HostDumpReader.Read(HostFiles.Collect(paths));
    }
}
