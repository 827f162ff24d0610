using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>What statx tells of DAX.</summary>
/// <param name="Attribute">STATX_ATTR_DAX is set: the file uses DAX.</param>
/// <param name="Supported">STATX_ATTR_DAX is in the mask: the kernel would tell.</param>
public readonly record struct StatxDax(bool Attribute, bool Supported)
{
    /// <summary>For example <c>attr=1 mask=1</c>.</summary>
    public override string ToString() => $"attr={(Attribute ? 1 : 0)} mask={(Supported ? 1 : 0)}";
}

/// <summary>The system calls on one file that depend on DAX.</summary>
internal static class FileQuestions
{
    /// <summary>vfs_getattr.</summary>
    internal static Result<StatxDax> Statx(FileSystemTable table, Inode inode) => table.Policy.StatxDaxAttribute switch
    {
        StatxDaxAttribute.NoStatx => Verdict.Fail(Errno.ENOSYS, table.Because("sys_ni_syscall", "There is no statx yet.", PolicyProperty.StatxDaxAttribute)),
        StatxDaxAttribute.NotReported => new StatxDax(false, false),
        _ => new StatxDax(inode.IsDax, true),
    };

    internal static Verdict SetDaxFlag(FileSystemTable table, Inode inode, bool on)
    {
        var instance = InstanceOf(inode);
        return instance.IsReadOnly
            ? Verdict.Fail(Errno.EROFS, new Reason("mnt_want_write_file", "The filesystem is read-only."))
            : instance.Driver.SetDaxFlag(instance, inode, on);
    }

    /// <summary>Sets one of the other flags that decide about DAX, as chattr, fscrypt and fsverity do.</summary>
    internal static Verdict SetFlag(FileSystemTable table, Inode inode, InodeFlags flag, bool on)
    {
        var instance = InstanceOf(inode);
        if (instance.IsReadOnly)
        {
            return Verdict.Fail(Errno.EROFS, new Reason("mnt_want_write_file", "The filesystem is read-only."));
        }

        if (flag == InodeFlags.Dax)
        {
            return instance.Driver.SetDaxFlag(instance, inode, on);
        }

        if (instance.Driver is Ext4Driver)
        {
            return Ext4Driver.SetExcludingFlag(instance, inode, flag, on);
        }

        if (instance.Driver is XfsDriver && flag is InodeFlags.Realtime)
        {
            inode.SetFlag(flag, on);
            return Verdict.Ok;
        }

        return Verdict.Fail(Errno.EOPNOTSUPP, new Reason("vfs_ioctl", $"{instance.MountedAs} does not know the flag {flag}."));
    }

    /// <summary>do_mmap and the filesystem's mmap with MAP_SHARED_VALIDATE | MAP_SYNC (dax-support 6.3).</summary>
    internal static Verdict MapSync(FileSystemTable table, Inode inode)
    {
        const PolicyProperty Property = PolicyProperty.MapSyncRule;
        if (table.Policy.MapSyncRule == MapSyncRule.UnknownFlag)
        {
            return Verdict.Fail(Errno.EINVAL, table.Because("do_mmap", "MAP_SHARED_VALIDATE and MAP_SYNC are not known.", Property));
        }

        if (inode.Image?.Instance is not { } instance || !instance.Driver.KnowsMapSync)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, table.Because("do_mmap", "The filesystem's mmap does not know MAP_SYNC.", Property));
        }

        var function = instance.Driver is XfsDriver ? "xfs_file_mmap" : "ext4_file_mmap";
        if (!inode.IsDax)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, table.Because(function, "The file does not use DAX.", Property));
        }

        return table.Policy.MapSyncRule == MapSyncRule.SynchronousDevice && instance.DaxDevice is { IsSynchronous: false }
            ? Verdict.Fail(Errno.EOPNOTSUPP, table.Because("daxdev_mapping_supported", $"The dax_device of {instance.Id} is not synchronous: its flush goes elsewhere.", Property))
            : Verdict.Ok;
    }

    /// <summary>FICLONE: may the two files share their extents?</summary>
    internal static Verdict Reflink(FileSystemTable table, Inode source, Inode destination)
    {
        const PolicyProperty Property = PolicyProperty.ReflinkWithDax;
        const string Function = "xfs_reflink_remap_prep";
        if (!ReferenceEquals(source.Image, destination.Image))
        {
            return Verdict.Fail(Errno.EXDEV, new Reason("ioctl_file_clone", "The files lie on different filesystems."));
        }

        var instance = InstanceOf(destination);
        if (instance.Driver is not XfsDriver || !instance.Image.Has("reflink") || table.Policy.ReflinkWithDax == ReflinkWithDax.NoReflink)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, table.Because("ioctl_file_clone", "The filesystem has no reflink.", Property));
        }

        if (instance.IsReadOnly)
        {
            return Verdict.Fail(Errno.EROFS, new Reason("mnt_want_write_file", "The filesystem is read-only."));
        }

        var refused = table.Policy.ReflinkWithDax == ReflinkWithDax.Refused ? source.IsDax || destination.IsDax : source.IsDax != destination.IsDax;
        if (refused)
        {
            return Verdict.Fail(Errno.EINVAL, table.Because(Function, table.Policy.ReflinkWithDax == ReflinkWithDax.Refused ? "A DAX file cannot share extents." : "A DAX file and one that is none cannot share extents.", Property));
        }

        source.SetFlag(InodeFlags.Reflinked, true);
        destination.SetFlag(InodeFlags.Reflinked, true);
        return Verdict.Ok;
    }

    /// <summary>The last reference of an open file goes away (fput).</summary>
    internal static void Close(FileSystemTable table, Inode inode)
    {
        if (inode.Image is null)
        {
            inode.RemoveUser();
            return;
        }

        if (inode.Image.Instance is not { } instance)
        {
            return;
        }

        instance.AddOpenFile(-1);
        if (inode.OpenCount == 1 && inode.DontCache)
        {
            table.Pages?.Forget(inode);
        }

        inode.RemoveUser();
    }

    private static FileSystemInstance InstanceOf(Inode inode)
        => inode.Image?.Instance ?? throw new InvalidOperationException("The file does not lie on a mounted filesystem: open one through Mount.");
}
