using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim;

public sealed partial class Machine
{
    internal FileSystemTable FileSystemTable { get; }

    /// <summary>The mounted filesystems, in the order of /proc/mounts.</summary>
    public IReadOnlyList<Mount> Mounts => [.. FileSystemTable.Mounts.Select(m => new Mount(this, m))];

    /// <summary>mkfs: makes a new filesystem on a device. A device that was never formatted gets one with defaults when it is first mounted.</summary>
    /// <param name="device">For example <c>/dev/pmem0</c>.</param>
    /// <param name="fileSystemType">ext2, ext4, xfs or erofs.</param>
    /// <param name="blockSize">Bytes; null for the page size.</param>
    /// <param name="features">For example <c>inline_data</c>, <c>^has_journal</c>, <c>reflink</c>; further <c>sectsize=512</c> for xfs and <c>uuid=…</c>.</param>
    /// <exception cref="ArgumentException">There is no such device, type, block size or feature; the message says which there are.</exception>
    /// <exception cref="InvalidOperationException">The device is mounted.</exception>
    public void Format(string device, string fileSystemType, int? blockSize = null, params IReadOnlyList<string> features)
    {
        var disk = RequireDisk(device);
        if (FileSystemTable.FindImage(disk) is { Instance: not null })
        {
            throw new InvalidOperationException($"{device} is mounted: unmount it before formatting.");
        }

        MakeFileSystem.On(FileSystemTable, disk, fileSystemType, blockSize, features);
    }

    /// <summary>The types of filesystem that know DAX.</summary>
    public static IReadOnlyList<string> FileSystemTypes { get; } = ["ext2", "ext4", "xfs", "erofs", "virtiofs"];

    /// <summary>The options with which an administrator of this kernel would ask for DAX: <c>xip</c> for the ext2 that has XIP instead, read-only too on a read-only device.</summary>
    /// <param name="device">As for <see cref="Mount"/>; need not exist.</param>
    /// <param name="fileSystemType">As for <see cref="Mount"/>.</param>
    public string UsualDaxOptions(string device, string fileSystemType)
    {
        ArgumentNullException.ThrowIfNull(device);
        var option = fileSystemType == "ext2" && Policy.Ext2DaxOption == DaxSim.Policy.Ext2DaxOption.Xip ? "xip" : "dax";
        return FindDevice(device) is { IsReadOnly: true } ? $"ro,{option}" : option;
    }

    /// <summary>mount(2).</summary>
    /// <param name="device">For example <c>/dev/dcssblk0</c>; the tag for virtiofs.</param>
    /// <param name="path">Where.</param>
    /// <param name="fileSystemType">For example <c>ext4</c>.</param>
    /// <param name="options">As for mount(8), separated by commas, for example <c>ro,dax</c>.</param>
    public Result<Mount> Mount(string device, string path, string fileSystemType, string options = "")
    {
        using var call = Call("mount", device);
        return call.Of(DoMount(device, path, fileSystemType, options));
    }

    private Result<Mount> DoMount(string device, string path, string fileSystemType, string options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fileSystemType);
        using var observed = OperationObservation.Begin("mount", Policy, Log.Silent);
        var mounted = Mounting.Mount(FileSystemTable, device, path, fileSystemType, MountOptions.Parse(options), Trace);
        return observed.End(mounted.IsOk ? new Result<Mount>(new Mount(this, mounted.Value), mounted.Verdict.Reason) : mounted.Verdict);
    }

    /// <summary>mount(2) with MS_REMOUNT.</summary>
    public Verdict Remount(string path, string options)
    {
        using var call = Call("remount", path);
        return call.Of(DoRemount(path, options));
    }

    private Verdict DoRemount(string path, string options)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var observed = OperationObservation.Begin("remount", Policy, Log.Silent);
        return observed.End(FileSystemTable.FindMount(path) is { } mount
            ? Mounting.Remount(FileSystemTable, mount, MountOptions.Parse(options), Trace)
            : Verdict.Fail(Errno.EINVAL, new Reason("do_remount", $"Nothing is mounted on {path}.")));
    }

    /// <summary>umount(2).</summary>
    public Verdict Unmount(string path)
    {
        using var call = Call("umount", path);
        return call.Of(DoUnmount(path));
    }

    private Verdict DoUnmount(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var observed = OperationObservation.Begin("umount", Policy, Log.Silent);
        return observed.End(FileSystemTable.FindMount(path) is { } mount
            ? Mounting.Unmount(FileSystemTable, mount)
            : Verdict.Fail(Errno.EINVAL, new Reason("path_umount", $"Nothing is mounted on {path}.")));
    }

    /// <summary>Writes 3 to /proc/sys/vm/drop_caches after a sync: inodes that nobody uses leave the cache.</summary>
    public void DropCaches()
    {
        foreach (var image in FileSystemTable.Images)
        {
            if (image.Instance is not null)
            {
                Mounting.EvictUnused(FileSystemTable, image.Root, root: true);
            }
        }
    }

    /// <summary>BLKDAXGET (4.5, 4.6): whether the file of the block device itself is mapped with DAX.</summary>
    public Verdict BlockDeviceFileUsesDax(string device) => Admission.BlockDeviceFile(RequireDisk(device), Trace);

    /// <summary>Formats and mounts on a copy of the present state, and tells all about it; the machine itself is not changed.</summary>
    /// <param name="device">For example <c>/dev/pmem0</c>.</param>
    /// <param name="fileSystemType">For example <c>xfs</c>.</param>
    /// <param name="blockSize">Bytes; null for the page size.</param>
    /// <param name="features">As for <see cref="Format"/>; null for none.</param>
    /// <param name="options">As for <see cref="Mount"/>.</param>
    public AdmissionReport TryAdmit(string device, string fileSystemType, int? blockSize = null, IReadOnlyList<string>? features = null, string options = "")
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(fileSystemType);
        var version = journal.Mark();
        var before = (Log.Entries.Count, Trace, Log.Silent);
        var trace = new DecisionTrace();
        Trace = trace;
        Log.Silent = true;
        try
        {
            if (DeviceTable.Find(device) is { } disk && FileSystems.FileSystemTable.FindType(fileSystemType) is not null and not VirtioFsDriver)
            {
                MakeFileSystem.On(FileSystemTable, disk, fileSystemType, blockSize, features ?? []);
            }

            var mount = Mount(device, "/mnt", fileSystemType, options);
            return new AdmissionReport(mount.Verdict, mount.IsOk ? mount.Value : null, [.. Log.Entries.Skip(before.Count)], trace.Steps);
        }
        finally
        {
            Trace = before.Trace;
            Log.Silent = before.Silent;
            journal.Return(version);
        }
    }
}
