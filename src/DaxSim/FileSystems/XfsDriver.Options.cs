using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>How xfs reads its options and shows itself, and which of its inodes use DAX.</summary>
internal sealed partial class XfsDriver
{
    private static readonly string[] OtherOptions =
    [
        "inode64", "inode32", "noquota", "quota", "usrquota", "uquota", "grpquota", "gquota", "prjquota", "pquota", "discard", "nodiscard", "nouuid", "norecovery", "ikeep", "noikeep",
        "largeio", "nolargeio", "swalloc", "wsync", "noalign", "filestreams",
    ];

    internal override Verdict ReadOptions(MountAttempt attempt, FileSystemInstance? remounted)
    {
        foreach (var option in attempt.Options.Data)
        {
            var verdict = ReadOption(attempt, option);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        return Verdict.Ok;
    }

    private static Verdict ReadOption(MountAttempt attempt, string option)
    {
        const string Function = "xfs_fs_parse_param";
        var policy = attempt.Policy;
        var at = option.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = at < 0 ? (option, null) : (option[..at], option[(at + 1)..]);
        if (key == "dax")
        {
            // A kernel without FS_DAX takes the option all the same: it finds no dax_device then.
            var known = value switch
            {
                null => policy.XfsDaxOption != XfsDaxOption.Unknown,
                "always" or "inode" or "never" => policy.XfsDaxOption == XfsDaxOption.Mode,
                _ => false,
            };
            if (known)
            {
                attempt.Asked = value switch { "inode" => DaxMountMode.Inode, "never" => DaxMountMode.Never, _ => DaxMountMode.Always };
                return Verdict.Ok;
            }
        }
        else if (key == "rtdev" && value is { Length: > 0 })
        {
            attempt.Realtime = attempt.Table.Devices.Find(value);
            return attempt.Realtime is null
                ? Verdict.Fail(Errno.ENOENT, attempt.Because("xfs_blkdev_get", $"There is no device {value}."))
                : Verdict.Ok;
        }
        else if (Array.IndexOf(OtherOptions, option) >= 0 || key is "logbufs" or "logbsize" or "sunit" or "swidth" or "logdev" or "allocsize" || (key is "attr2" or "noattr2" && policy.XfsShownDefaults != XfsShownDefaults.Log))
        {
            return Verdict.Ok;
        }

        if (policy.XfsOptionParser == XfsOptionParser.Tokens)
        {
            Say(attempt, KernelLogLevel.Warning, $"unknown mount option [{option}].");
        }
        else if (key == "dax" && value is not null && policy.XfsDaxOption != XfsDaxOption.Unknown)
        {
            attempt.Print(KernelLogLevel.Error, policy.XfsDaxOption == XfsDaxOption.Flag ? "xfs: Unexpected value for 'dax'" : "xfs: Bad value for 'dax'");
        }
        else
        {
            attempt.Print(KernelLogLevel.Error, $"xfs: Unknown parameter '{key}'");
        }

        return Invalid(attempt.Because(Function, $"xfs of this kernel does not know the option {option}.", key == "dax" ? PolicyProperty.XfsDaxOption : null));
    }

    /// <summary>A changed dax option is ignored without a word.</summary>
    internal override Verdict Remount(MountAttempt attempt, FileSystemInstance instance) => ReadOptions(attempt, instance);

    internal override void Unmounted(FileSystemInstance instance)
    {
        instance.DaxDevice?.Release(instance);
        instance.RealtimeDaxDevice?.Release(instance);
        var uuid = instance.Policy.XfsMountMessage == XfsMountMessage.Uuid ? $" {instance.Image.Uuid}" : "";
        instance.Table.Log.Print(KernelLogLevel.Notice, Subsystem.FileSystem, $"XFS ({instance.Id}): Unmounting Filesystem{uuid}");
    }

    internal override void ShowOptions(FileSystemInstance instance, List<string> shown)
    {
        var policy = instance.Policy;
        if (policy.XfsShownDefaults != XfsShownDefaults.Log)
        {
            shown.Add("attr2");
        }

        if (instance.Mode == DaxMountMode.Always)
        {
            shown.Add(policy.XfsDaxOption == XfsDaxOption.Mode ? "dax=always" : "dax");
        }
        else if (instance.Mode == DaxMountMode.Never)
        {
            shown.Add("dax=never");
        }

        shown.Add("inode64");
        if (policy.XfsShownDefaults != XfsShownDefaults.Attr2)
        {
            shown.AddRange(["logbufs=8", "logbsize=32k"]);
        }

        shown.Add("noquota");
    }

    /// <summary>xfs_inode_should_enable_dax and its predecessors.</summary>
    internal override bool UsesDax(FileSystemInstance instance, Inode inode)
    {
        var policy = instance.Policy;
        var always = instance.Mode == DaxMountMode.Always;
        var wanted = always || inode.Has(InodeFlags.Dax);
        var plain = !inode.IsDirectory && instance.Image.BlockSize == policy.Architecture.PageSize;
        var ownDevice = (inode.Has(InodeFlags.Realtime) ? instance.RealtimeDaxDevice : instance.DaxDevice) is not null;
        return policy.XfsInodeDax switch
        {
            XfsInodeDax.Mount => always,
            XfsInodeDax.MountOrFlag => wanted,
            XfsInodeDax.RegularFile => plain && wanted,
            XfsInodeDax.NotReflinked => plain && wanted && !inode.Has(InodeFlags.Reflinked),
            XfsInodeDax.OwnDevice => plain && wanted && !inode.Has(InodeFlags.Reflinked) && ownDevice,
            XfsInodeDax.Mode => instance.Mode != DaxMountMode.Never && plain && wanted && !inode.Has(InodeFlags.Reflinked) && ownDevice && policy.Config.IsEnabled("FS_DAX"),
            _ => instance.Mode != DaxMountMode.Never && plain && wanted && ownDevice && policy.Config.IsEnabled("FS_DAX"),
        };
    }

    internal override InodeFlags Inherited(FileSystemInstance instance, Inode directory)
        => instance.Policy.XfsDaxFlagIoctl == XfsDaxFlagIoctl.Unknown ? InodeFlags.None : directory.Flags & InodeFlags.Dax;

    private static bool DeviceAdmits(FileSystemInstance instance)
        => instance.Policy.FsDaxDecision is > FsDaxDecision.DirectAccessOperation and < FsDaxDecision.LookupOnly
            ? Devices.Admission.BdevDaxSupported(instance.Device!, instance.Image.BlockSize, null).Admitted
            : instance.DaxDevice is not null || instance.Device!.HasDirectAccessOp;

    /// <summary>xfs_ioctl_setattr, as far as FS_XFLAG_DAX is concerned.</summary>
    internal override Verdict SetDaxFlag(FileSystemInstance instance, Inode inode, bool on)
    {
        const string Function = "xfs_ioctl_setattr";
        const PolicyProperty Property = PolicyProperty.XfsDaxFlagIoctl;
        var table = instance.Table;
        var rule = instance.Policy.XfsDaxFlagIoctl;
        switch (rule)
        {
            case XfsDaxFlagIoctl.Unknown:
                return Verdict.OkBecause(table.Because(Function, "The flag is not known and is ignored.", Property));

            case XfsDaxFlagIoctl.CheckedAtOnce or XfsDaxFlagIoctl.CheckedForLater when on && instance.Image.BlockSize != instance.Policy.Architecture.PageSize:
                return Invalid(table.Because("xfs_ioctl_setattr_dax_invalidate", "The blocks are not page-sized.", Property));

            case XfsDaxFlagIoctl.CheckedAtOnce or XfsDaxFlagIoctl.CheckedForLater when on && instance.Policy.XfsDaxFlagDevice == XfsDaxFlagDevice.Asked && !DeviceAdmits(instance):
                return Invalid(table.Because("xfs_ioctl_setattr_dax_invalidate", "The device cannot do DAX.", PolicyProperty.XfsDaxFlagDevice));

            case XfsDaxFlagIoctl.AtOnce or XfsDaxFlagIoctl.CheckedAtOnce:
                inode.SetFlag(InodeFlags.Dax, on);
                inode.ChangeDax(UsesDax(instance, inode));
                return Verdict.OkBecause(table.Because(Function, "The flag takes effect at once.", Property));

            case XfsDaxFlagIoctl.CheckedForLater:
                inode.SetFlag(InodeFlags.Dax, on);
                return Verdict.OkBecause(table.Because(Function, "The flag is stored; a cached inode stays as it is.", Property));
        }

        var changes = inode.Has(InodeFlags.Dax) != on;
        inode.SetFlag(InodeFlags.Dax, on);
        if (changes && !inode.IsDirectory && instance.Mode is not (DaxMountMode.Always or DaxMountMode.Never) && instance.Policy.FlaggedInodeCaching == FlaggedInodeCaching.DroppedAtLastClose)
        {
            inode.MarkDontCache();
        }

        return Verdict.OkBecause(table.Because(Function, "The flag is stored; it counts when the inode is next read in.", Property));
    }
}
