using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>mount, remount and umount: what the VFS does around a driver's own tests.</summary>
internal static class Mounting
{
    internal static Result<MountPoint> Mount(FileSystemTable table, string source, string path, string type, MountOptions options, DecisionTrace? trace)
    {
        var driver = table.FindDriver(type);
        trace?.Step("get_fs_type", $"does the kernel know {type}?", driver is null ? "no" : $"yes, the driver {driver.Name} serves it");
        if (driver is null)
        {
            return Verdict.Fail(Errno.ENODEV, new Reason("get_fs_type", $"This kernel has no driver for {type}: it is not written yet or was not built."));
        }

        return driver is VirtioFsDriver
            ? MountShare(table, source, path, driver, options, trace)
            : MountDevice(table, source, path, type, driver, options, trace);
    }

    private static Result<MountPoint> MountDevice(FileSystemTable table, string source, string path, string type, FileSystemDriver driver, MountOptions options, DecisionTrace? trace)
    {
        var device = table.Devices.Find(source);
        if (device is null)
        {
            return table.Devices.FindRefusal(source) is { } refusal
                ? Verdict.Fail(Errno.ENXIO, refusal.Reason)
                : table.Devices.FindRange(source) is not null
                    ? Verdict.Fail(Errno.ENOTBLK, new Reason("lookup_bdev", $"{source} is a character device: device-dax has no blocks for a filesystem."))
                    : Verdict.Fail(Errno.ENOENT, new Reason("lookup_bdev", $"There is no {source}."));
        }

        var page = table.Memory.PageSize;
        var image = table.FindImage(device) ?? table.Format(device, FileSystemTable.FindType(type) ?? driver, page, Math.Max(512, device.LogicalBlockSize), [.. (FileSystemTable.FindType(type) ?? driver).DefaultFeatures], null);
        var attempt = new MountAttempt(table, image, options, type, trace);
        source = $"/dev/{device.Name}";

        var first = driver.ReadsOptionsFirst(table.Policy);
        if (first)
        {
            var verdict = driver.ReadOptions(attempt, null);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        if (image.Instance is { } mounted)
        {
            return Share(table, mounted, source, path, type, options);
        }

        var opened = Open(table, device, source, options, first, trace);
        if (!opened.IsOk)
        {
            return opened;
        }

        var instance = new FileSystemInstance(table, image, driver, type, options.ReadOnly);
        var filled = Fill(attempt, instance, driver, first);
        if (!filled.IsOk)
        {
            instance.DaxDevice?.Release(instance);
            instance.RealtimeDaxDevice?.Release(instance);
            device.Close();
            return filled;
        }

        return Attach(table, instance, source, path);
    }

    /// <summary>The device is already mounted: the same superblock appears at another place.</summary>
    private static Result<MountPoint> Share(FileSystemTable table, FileSystemInstance mounted, string source, string path, string type, MountOptions options)
    {
        if (mounted.MountedAs != type)
        {
            return Verdict.Fail(Errno.EBUSY, new Reason("sget_fc", $"{mounted.Id} is already mounted as {mounted.MountedAs}."));
        }

        return mounted.IsReadOnly != options.ReadOnly && mounted.Driver is not ErofsDriver
            ? Verdict.Fail(Errno.EBUSY, new Reason("get_tree_bdev", $"{mounted.Id} is already mounted {(mounted.IsReadOnly ? "read-only" : "read-write")}."))
            : Attach(table, mounted, source, path);
    }

    private static Verdict Open(FileSystemTable table, BlockDevice device, string source, MountOptions options, bool commonContext, DecisionTrace? trace)
    {
        var verdict = device.Open(write: !options.ReadOnly);
        trace?.Step("blkdev_get_by_path", options.ReadOnly ? "can the device be opened for reading?" : "can the device be opened for writing?", verdict.IsOk ? "yes" : verdict.ToString());
        if (!verdict.IsOk && commonContext && table.Policy.ReadOnlyDeviceMessage == ReadOnlyDeviceMessage.CantOpen)
        {
            table.Log.Print(KernelLogLevel.Error, Subsystem.FileSystem, $"{source}: Can't open blockdev");
        }

        return verdict;
    }

    private static Verdict Fill(MountAttempt attempt, FileSystemInstance instance, FileSystemDriver driver, bool optionsRead)
    {
        if (!FitsDriver(attempt, driver))
        {
            return Verdict.Fail(Errno.EINVAL, new Reason("fill_super", $"On {attempt.Id} lies a {attempt.Image.Type} filesystem, not one of {driver.Name}."));
        }

        if (!optionsRead)
        {
            var verdict = driver.ReadOptions(attempt, null);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        return driver.Fill(attempt, instance);
    }

    /// <summary>The magic number: ext2 and ext4 have the same.</summary>
    private static bool FitsDriver(MountAttempt attempt, FileSystemDriver driver)
        => attempt.Image.Type == driver.Name || (attempt.Image.Type is "ext2" or "ext4" && driver is Ext2Driver or Ext4Driver);

    private static Result<MountPoint> MountShare(FileSystemTable table, string tag, string path, FileSystemDriver driver, MountOptions options, DecisionTrace? trace)
    {
        var device = table.FindVirtioFs(tag);
        if (device is null)
        {
            table.Log.Print(KernelLogLevel.Info, Subsystem.FileSystem, $"virtio-fs: tag <{tag}> not found");
            return table.Devices.FindRefusal(tag) is { } refusal
                ? Verdict.Fail(Errno.EINVAL, refusal.Reason)
                : Verdict.Fail(Errno.EINVAL, new Reason("virtio_fs_find_instance", $"There is no virtiofs device with the tag {tag}."));
        }

        var image = table.FindOrMakeShare(tag);
        var attempt = new MountAttempt(table, image, options, driver.Name, trace) { HasWindow = device.DaxDevice is not null };
        var verdict = driver.ReadOptions(attempt, null);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        if (image.Instance is { } mounted)
        {
            return Attach(table, mounted, tag, path);
        }

        var instance = new FileSystemInstance(table, image, driver, driver.Name, options.ReadOnly);
        instance.SetDevices(device.DaxDevice);
        verdict = driver.Fill(attempt, instance);
        return verdict.IsOk ? Attach(table, instance, tag, path) : verdict;
    }

    private static Result<MountPoint> Attach(FileSystemTable table, FileSystemInstance instance, string source, string path)
    {
        instance.AddMount(1);
        instance.Image.SetInstance(instance);
        instance.Get(instance.Image.Root);
        var mount = new MountPoint(table.HostJournal, path, source, instance);
        table.AddMount(mount);
        return new Result<MountPoint>(mount, instance.DaxReason);
    }

    internal static Verdict Remount(FileSystemTable table, MountPoint mount, MountOptions options, DecisionTrace? trace)
    {
        var instance = mount.Instance;
        if (!options.ReadOnly && instance.IsReadOnly && instance.Device is { ReadOnly: true })
        {
            return Verdict.Fail(Errno.EACCES, new Reason("do_remount_sb", $"{instance.Id} is a read-only device."));
        }

        var attempt = new MountAttempt(table, instance.Image, options, instance.MountedAs, trace);
        var verdict = instance.Driver.Remount(attempt, instance);
        if (verdict.IsOk && instance.Driver is not ErofsDriver)
        {
            instance.SetReadOnly(options.ReadOnly);
        }

        return verdict;
    }

    internal static Verdict Unmount(FileSystemTable table, MountPoint mount)
    {
        var instance = mount.Instance;
        if (instance.MountCount == 1 && instance.OpenFiles > 0)
        {
            return Verdict.Fail(Errno.EBUSY, new Reason("do_umount", $"{instance.OpenFiles} files of the filesystem are open."));
        }

        table.RemoveMount(mount);
        instance.AddMount(-1);
        if (instance.MountCount > 0)
        {
            return Verdict.Ok;
        }

        EvictUnused(table, instance.Image.Root, root: false);
        instance.Driver.Unmounted(instance);
        instance.Image.SetInstance(null);
        instance.Device?.Close();
        return Verdict.Ok;
    }

    /// <summary>Drops every cached inode of a tree that nobody uses.</summary>
    /// <param name="table">The filesystems.</param>
    /// <param name="inode">The directory to begin with.</param>
    /// <param name="root">True when that directory itself stays cached: its filesystem is mounted.</param>
    internal static void EvictUnused(FileSystemTable table, Inode inode, bool root)
    {
        if (inode.Children is { } children)
        {
            foreach (var (_, child) in children)
            {
                EvictUnused(table, child, root: false);
            }
        }

        if (!root && inode.IsInCore && inode.OpenCount == 0)
        {
            table.Pages?.Forget(inode);
            inode.Evict();
        }
    }
}
