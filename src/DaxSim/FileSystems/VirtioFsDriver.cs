using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>fs/fuse/virtio_fs: DAX over a window of memory that the host shares; no block device is asked.</summary>
internal sealed class VirtioFsDriver : FileSystemDriver
{
    private const string FillSuper = "virtio_fs_fill_super";

    internal override string Name => "virtiofs";

    internal override IReadOnlyList<string> KnownFeatures => [];

    internal override bool ReadsOptionsFirst(KernelPolicy policy) => true;

    internal override Verdict ReadOptions(MountAttempt attempt, FileSystemInstance? remounted)
    {
        const string Function = "virtio_fs_parse_param";
        foreach (var option in attempt.Options.Data)
        {
            var at = option.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = at < 0 ? (option, null) : (option[..at], option[(at + 1)..]);
            var known = key == "dax" && value switch
            {
                null => attempt.Policy.VirtioFsDax != VirtioFsDax.Unknown,
                "always" or "inode" or "never" => attempt.Policy.VirtioFsDax == VirtioFsDax.Mode,
                _ => false,
            };
            if (!known)
            {
                var text = key == "dax" && value is not null && attempt.Policy.VirtioFsDax != VirtioFsDax.Unknown
                    ? attempt.Policy.VirtioFsDax == VirtioFsDax.Flag ? "virtiofs: Unexpected value for 'dax'" : "virtiofs: Bad value for 'dax'"
                    : $"virtiofs: Unknown parameter '{key}'";
                attempt.Print(KernelLogLevel.Error, text);
                return Invalid(attempt.Because(Function, $"virtiofs of this kernel does not know the option {option}.", key == "dax" ? PolicyProperty.VirtioFsDax : null));
            }

            attempt.Asked = value switch { "inode" => DaxMountMode.Inode, "never" => DaxMountMode.Never, _ => DaxMountMode.Always };
        }

        return Verdict.Ok;
    }

    internal override Verdict Fill(MountAttempt attempt, FileSystemInstance instance)
    {
        var policy = attempt.Policy;
        var window = attempt.HasWindow && policy.Config.IsEnabled("FUSE_DAX");
        attempt.Step(FillSuper, "has the device a DAX window?", window ? "yes" : "no");
        instance.SetDeviceIsDax(window);
        instance.SetMode(attempt.Asked ?? DaxMountMode.Default);
        if (attempt.Asked != DaxMountMode.Always)
        {
            instance.SetDaxReason(Plain(attempt, FillSuper, attempt.Asked == DaxMountMode.Never ? "dax=never was given." : "Without dax=always the server decides for each file."));
            return Verdict.Ok;
        }

        if (window)
        {
            instance.SetDaxReason(attempt.Because(FillSuper, "The device has a window of shared memory, with struct pages.", PolicyProperty.VirtioFsDax));
            return Verdict.Ok;
        }

        var reason = attempt.Because(FillSuper, "The device has no DAX window.", PolicyProperty.VirtioFsWithoutWindow);
        if (policy.VirtioFsWithoutWindow == VirtioFsWithoutWindow.Fails)
        {
            attempt.Print(KernelLogLevel.Error, "virtio-fs: dax can't be enabled as filesystem device does not support it.");
            return Invalid(reason);
        }

        instance.SetMode(DaxMountMode.Default);
        instance.SetDaxReason(reason);
        return Verdict.Ok;
    }

    internal override Verdict Remount(MountAttempt attempt, FileSystemInstance instance) => ReadOptions(attempt, instance);

    internal override void ShowOptions(FileSystemInstance instance, List<string> shown)
    {
        var text = (instance.Mode, instance.Policy.VirtioFsDax) switch
        {
            (DaxMountMode.Always, VirtioFsDax.Flag) => "dax",
            (DaxMountMode.Always, _) => "dax=always",
            (DaxMountMode.Inode, _) => "dax=inode",
            (DaxMountMode.Never, _) => "dax=never",
            _ => null,
        };
        if (text is not null)
        {
            shown.Add(text);
        }
    }

    /// <summary>Under dax=inode and by default the server's flag decides, which the model keeps as the inode's DAX flag.</summary>
    internal override bool UsesDax(FileSystemInstance instance, Inode inode)
        => !inode.IsDirectory
            && instance.DeviceIsDax
            && (instance.Mode == DaxMountMode.Always
                || (inode.Has(InodeFlags.Dax) && instance.Mode is DaxMountMode.Default or DaxMountMode.Inode && instance.Policy.VirtioFsDax == VirtioFsDax.Mode));

    internal override Verdict SetDaxFlag(FileSystemInstance instance, Inode inode, bool on)
    {
        // The server stores it, and says so at the next lookup.
        inode.SetFlag(InodeFlags.Dax, on);
        return Verdict.Ok;
    }
}
