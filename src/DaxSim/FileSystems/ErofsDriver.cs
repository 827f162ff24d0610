using System.Globalization;
using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>fs/erofs: always read-only; where DAX is not possible it goes on without.</summary>
internal sealed class ErofsDriver : FileSystemDriver
{
    private const string FillSuper = "erofs_fc_fill_super";

    private static readonly string[] OtherOptions = ["user_xattr", "nouser_xattr", "acl", "noacl", "cache_strategy=disabled", "cache_strategy=readahead", "cache_strategy=readaround"];

    internal override string Name => "erofs";

    internal override IReadOnlyList<string> KnownFeatures => ["compressed", "chunked"];

    internal override bool ReadsOptionsFirst(KernelPolicy policy) => true;

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
        const string Function = "erofs_fc_parse_param";
        var at = option.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = at < 0 ? (option, null) : (option[..at], option[(at + 1)..]);
        if (key == "dax" && attempt.Policy.ErofsDax == ErofsDax.Known && value is null or "always" or "never")
        {
            var built = attempt.Policy.Config.IsEnabled("FS_DAX");
            attempt.Step(Function, "is FS_DAX built?", built ? "yes" : "no");
            if (!built)
            {
                attempt.Print(KernelLogLevel.Error, "erofs: dax options not supported");
                return Invalid(Admission.NotBuilt(attempt.Policy, Function));
            }

            attempt.Asked = value == "never" ? DaxMountMode.Never : DaxMountMode.Always;
            return Verdict.Ok;
        }

        if (key == "device" && value is { Length: > 0 })
        {
            attempt.ExtraDevices.Add(value);
            return Verdict.Ok;
        }

        if (key == "inode_share" && attempt.Policy.ErofsInodeShare != ErofsInodeShare.Unknown)
        {
            attempt.InodeShare = true;
            return Verdict.Ok;
        }

        if (Array.IndexOf(OtherOptions, option) >= 0)
        {
            return Verdict.Ok;
        }

        attempt.Print(KernelLogLevel.Error, key == "dax" && value is not null && attempt.Policy.ErofsDax == ErofsDax.Known ? "erofs: Bad value for 'dax'" : $"erofs: Unknown parameter '{key}'");
        return Invalid(attempt.Because(Function, $"erofs of this kernel does not know the option {option}.", key == "dax" ? PolicyProperty.ErofsDax : null));
    }

    internal override Verdict Fill(MountAttempt attempt, FileSystemInstance instance)
    {
        instance.SetReadOnly(true);
        if (attempt is { InodeShare: true, Asked: DaxMountMode.Always })
        {
            var name = attempt.Policy.ErofsInodeShare == ErofsInodeShare.CalledInodeIshare ? "inode_ishare" : "inode_share";
            attempt.Print(KernelLogLevel.Error, $"erofs: FSDAX is not allowed when {name} is on");
            return Invalid(attempt.Because(FillSuper, "Pages shared between filesystems cannot be those of one device.", PolicyProperty.ErofsInodeShare));
        }

        var dax = FindDaxDevice(attempt, attempt.Device, null);
        instance.SetDevices(dax);
        instance.SetMode(attempt.Asked ?? DaxMountMode.Default);
        if (attempt.Asked != DaxMountMode.Always)
        {
            instance.SetDaxReason(Plain(attempt, FillSuper, attempt.Asked == DaxMountMode.Never ? "dax=never was given." : "No dax option was given."));
            return Verdict.Ok;
        }

        DecideDax(attempt, instance, dax);
        return Verdict.Ok;
    }

    private static void DecideDax(MountAttempt attempt, FileSystemInstance instance, DaxDevice? found)
    {
        var lookup = attempt.Policy.FsDaxDecision == FsDaxDecision.LookupOnly;
        var answer = lookup ? LookupAnswer(attempt.Device, found) : AskCommonPart(attempt, attempt.Device);
        attempt.Step(FillSuper, "can the device do DAX?", answer.Admitted ? "yes" : "no", PolicyProperty.FsDaxDecision);
        if (!answer.Admitted)
        {
            TurnOff(attempt, instance, "DAX unsupported by block device. Turning off DAX.", answer.Reason);
            return;
        }

        foreach (var name in attempt.ExtraDevices)
        {
            var extra = attempt.Table.Devices.Find(name);
            var usable = extra is not null && Admission.FsDaxGetByBdev(extra, null, attempt.Trace) is not null;
            attempt.Step("erofs_init_device", $"can {name} do DAX?", usable ? "yes" : "no", PolicyProperty.ErofsDaxMessages);
            if (!usable && lookup)
            {
                var text = attempt.Policy.ErofsDaxMessages == ErofsDaxMessages.InfoWithDevice ? $"DAX unsupported by {name}. Turning off DAX." : "DAX unsupported by block device. Turning off DAX.";
                TurnOff(attempt, instance, text, attempt.Because("erofs_init_device", $"The further device {name} cannot do DAX."));
                return;
            }
        }

        if (lookup && attempt.Image.BlockSize != attempt.Policy.Architecture.PageSize)
        {
            TurnOff(attempt, instance, "unsupported blocksize for DAX", attempt.Because(FillSuper, string.Create(CultureInfo.InvariantCulture, $"The block size is {attempt.Image.BlockSize}, and only {attempt.Policy.Architecture.PageSize}, the page size, will do.")));
            return;
        }

        instance.SetDaxReason(answer.Reason);
    }

    private static void TurnOff(MountAttempt attempt, FileSystemInstance instance, string text, Reason cause)
    {
        if (attempt.Policy.ErofsDaxMessages == ErofsDaxMessages.InfoWithDevice)
        {
            attempt.Print(KernelLogLevel.Info, $"erofs (device {attempt.Id}): {text}");
        }
        else
        {
            attempt.Print(KernelLogLevel.Error, $"erofs: {text}");
        }

        instance.SetMode(DaxMountMode.Default);
        instance.SetDaxReason(attempt.React(FillSuper, "erofs turns DAX off", cause, PolicyProperty.ErofsDax));
    }

    /// <summary>A changed dax option of a remount is taken over for inodes that are read in later.</summary>
    internal override Verdict Remount(MountAttempt attempt, FileSystemInstance instance) => ReadOptions(attempt, instance);

    internal override void ShowOptions(FileSystemInstance instance, List<string> shown)
    {
        shown.AddRange(["user_xattr", "acl", "cache_strategy=readaround"]);
        if (instance.Mode is DaxMountMode.Always or DaxMountMode.Never)
        {
            shown.Add(instance.Mode == DaxMountMode.Always ? "dax=always" : "dax=never");
        }
    }

    /// <summary>Only plain regular files of a dax=always mount; compressed data cannot be reached directly.</summary>
    internal override bool UsesDax(FileSystemInstance instance, Inode inode)
        => instance.Mode == DaxMountMode.Always
            && !inode.IsDirectory
            && !instance.Image.Has("compressed")
            && (!instance.Image.Has("chunked") || instance.Policy.ErofsChunkFiles == ErofsChunkFiles.Dax);

    internal override Verdict SetDaxFlag(FileSystemInstance instance, Inode inode, bool on)
        => Verdict.Fail(Errno.EROFS, new Reason("mnt_want_write_file", "erofs is read-only."));
}
