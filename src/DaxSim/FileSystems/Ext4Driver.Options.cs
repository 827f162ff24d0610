using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>How ext4 reads its options, remounts, and shows itself.</summary>
internal sealed partial class Ext4Driver
{
    private static readonly string[] OtherOptions =
    [
        "errors=continue", "errors=remount-ro", "errors=panic", "delalloc", "nodelalloc", "barrier", "nobarrier", "barrier=0", "barrier=1",
        "user_xattr", "nouser_xattr", "acl", "noacl", "discard", "nodiscard", "block_validity", "noblock_validity", "dioread_lock", "dioread_nolock",
        "noload", "norecovery", "journal_checksum", "nojournal_checksum", "auto_da_alloc", "noauto_da_alloc", "init_itable", "noinit_itable", "debug", "minixdf", "bsddf",
    ];

    internal override Verdict ReadOptions(MountAttempt attempt, FileSystemInstance? remounted)
    {
        foreach (var option in attempt.Options.Data)
        {
            var verdict = ReadOption(attempt, option, remounted);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        return Verdict.Ok;
    }

    private static Verdict ReadOption(MountAttempt attempt, string option, FileSystemInstance? remounted)
    {
        const string Function = "parse_options";
        var (key, value) = Split(option);
        if (key == "dax" && attempt.Policy.Ext4DaxOption != Ext4DaxOption.Unknown && (value is null || attempt.Policy.Ext4DaxOption == Ext4DaxOption.Mode))
        {
            return ReadDax(attempt, option, value, remounted);
        }

        if (key == "data" && value is "ordered" or "writeback" or "journal")
        {
            if (value == "journal" && attempt.Policy.Ext4JournalDataFuture == Ext4JournalDataFuture.Deprecated)
            {
                attempt.Print(KernelLogLevel.Warning, "EXT4-fs: The data=journal mount option is deprecated and support will be removed in January 2028");
            }

            attempt.AskedData = value switch { "ordered" => DataMode.Ordered, "writeback" => DataMode.Writeback, _ => DataMode.Journal };
            return Verdict.Ok;
        }

        if (Array.IndexOf(OtherOptions, option) >= 0 || (key is "commit" or "stripe" or "resuid" or "resgid" or "sb" && value is { Length: > 0 } && !value.AsSpan().ContainsAnyExceptInRange('0', '9')))
        {
            return Verdict.Ok;
        }

        return Unrecognized(attempt, Function, option);
    }

    private static Verdict Unrecognized(MountAttempt attempt, string function, string option)
    {
        var (key, value) = Split(option);
        if (attempt.Policy.Ext4OptionParser == Ext4OptionParser.Tokens)
        {
            attempt.Print(KernelLogLevel.Error, Prefix(attempt, $"Unrecognized mount option \"{option}\" or missing value"));
        }
        else
        {
            attempt.Print(KernelLogLevel.Error, key is "dax" or "data" && value is not null ? $"ext4: Bad value for '{key}'" : $"ext4: Unknown parameter '{key}'");
        }

        return Invalid(attempt.Because(function, $"ext4 of this kernel does not know the option {option}.", key == "dax" ? PolicyProperty.Ext4DaxOption : null));
    }

    /// <summary>The dax options; on a remount a change is refused or put off.</summary>
    private static Verdict ReadDax(MountAttempt attempt, string option, string? value, FileSystemInstance? remounted)
    {
        const string Function = "handle_mount_opt";
        var tokens = attempt.Policy.Ext4OptionParser == Ext4OptionParser.Tokens;
        if (value is not (null or "always" or "inode" or "never"))
        {
            return Unrecognized(attempt, Function, option);
        }

        var built = attempt.Policy.Config.IsEnabled("FS_DAX");
        attempt.Step(Function, "is FS_DAX built?", built ? "yes" : "no");
        if (!built)
        {
            attempt.Print(KernelLogLevel.Info, tokens ? Prefix(attempt, "dax option not supported") : "EXT4-fs: dax option not supported");
            return Invalid(Devices.Admission.NotBuilt(attempt.Policy, Function));
        }

        var mode = value switch { "inode" => DaxMountMode.Inode, "never" => DaxMountMode.Never, _ => DaxMountMode.Always };
        if (remounted is not null && attempt.Policy.Ext4RemountDax == Ext4RemountDax.Refused)
        {
            var verdict = CheckRemountedDax(attempt, remounted, mode, tokens);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        if (mode == DaxMountMode.Always && attempt.Policy.Ext4ExperimentalWarning == Ext4ExperimentalWarning.AtParsing)
        {
            attempt.Print(KernelLogLevel.Warning, Prefix(attempt, "DAX enabled. Warning: EXPERIMENTAL, use at your own risk"));
        }

        attempt.Asked = mode;
        return Verdict.Ok;
    }

    private static Verdict CheckRemountedDax(MountAttempt attempt, FileSystemInstance remounted, DaxMountMode mode, bool tokens)
    {
        const string Function = "ext4_check_opt_consistency";
        attempt.Step(Function, "does the remount change the dax option?", remounted.Mode == mode ? "no" : "yes", PolicyProperty.Ext4RemountDax);
        if (remounted.Mode != mode)
        {
            const string Text = "can't change dax mount option while remounting";
            attempt.Print(KernelLogLevel.Error, tokens ? Prefix(attempt, Text) : $"EXT4-fs: {Text}");
            return Invalid(attempt.Because(Function, "A remount must not change the dax option.", PolicyProperty.Ext4RemountDax));
        }

        if (mode == DaxMountMode.Always && (attempt.AskedData ?? remounted.DataMode) == DataMode.Journal)
        {
            const string Text = "can't mount with both data=journal and dax";
            attempt.Print(KernelLogLevel.Error, tokens ? Prefix(attempt, Text) : $"EXT4-fs: {Text}");
            return Invalid(attempt.Because(Function, "Data journalling and DAX exclude each other."));
        }

        return Verdict.Ok;
    }

    internal override Verdict Remount(MountAttempt attempt, FileSystemInstance instance)
    {
        const string Function = "ext4_remount";
        var verdict = ReadOptions(attempt, instance);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        if (attempt.AskedData is { } data && data != instance.DataMode)
        {
            // dax and data=journal together is refused by its own text before the data mode is looked at.
            var both = data == DataMode.Journal && instance.Mode == DaxMountMode.Always && attempt.Policy.Ext4RemountDax == Ext4RemountDax.Refused;
            var text = both ? "can't mount with both data=journal and dax" : "Cannot change data mode on remount";
            attempt.Print(KernelLogLevel.Error, attempt.Policy.Ext4OptionParser == Ext4OptionParser.Tokens ? Prefix(attempt, text) : $"EXT4-fs: {text}");
            return Invalid(attempt.Because(Function, both ? "Data journalling and DAX exclude each other." : "The data mode cannot change while mounted."));
        }

        if (attempt.Policy.Ext4RemountDax == Ext4RemountDax.Ignored && attempt.Asked is { } mode && mode != instance.Mode)
        {
            attempt.Print(KernelLogLevel.Warning, Prefix(attempt, "warning: refusing change of dax flag with busy inodes while remounting"));
            return Verdict.OkBecause(attempt.Because(Function, "The dax flag keeps its old setting; the remount succeeds all the same.", PolicyProperty.Ext4RemountDax));
        }

        return Verdict.Ok;
    }

    private static string MountMessage(MountAttempt attempt, FileSystemInstance instance)
    {
        var mode = instance.DataMode switch
        {
            DataMode.None => "without journal",
            DataMode.Ordered => "with ordered data mode",
            DataMode.Writeback => "with writeback data mode",
            _ => "with journalled data mode",
        };
        var options = attempt.Options.DataText.Length == 0 ? "(null)" : attempt.Options.DataText;
        return attempt.Policy.Ext4MountMessage switch
        {
            Ext4MountMessage.Options => $"mounted filesystem {mode}. Opts: {options}",
            Ext4MountMessage.OptionsAndQuota => $"mounted filesystem {mode}. Opts: {options}. Quota mode: none.",
            Ext4MountMessage.Quota => $"mounted filesystem {mode}. Quota mode: none.",
            Ext4MountMessage.Uuid => $"mounted filesystem {instance.Image.Uuid} {mode}. Quota mode: none.",
            _ => $"mounted filesystem {instance.Image.Uuid} {(instance.IsReadOnly ? "ro" : "r/w")} {mode}. Quota mode: none.",
        };
    }

    internal override void Unmounted(FileSystemInstance instance)
    {
        if (instance.Policy.Ext4UnmountMessage == Ext4UnmountMessage.Said)
        {
            var uuid = instance.Policy.Ext4MountMessage >= Ext4MountMessage.Uuid ? $" {instance.Image.Uuid}" : "";
            instance.Table.Log.Print(KernelLogLevel.Info, Subsystem.FileSystem, $"EXT4-fs ({instance.Id}): unmounting filesystem{uuid}.");
        }
    }

    internal override void ShowOptions(FileSystemInstance instance, List<string> shown)
    {
        // Compared with nothing, the defaults of a filesystem without journal look like options that were given.
        var all = instance.DataMode == DataMode.None && instance.Policy.Ext4NoJournalOptions == Ext4NoJournalOptions.Nothing;
        if (all)
        {
            shown.Add("block_validity");
            if (instance.MountedAs == "ext4")
            {
                shown.Add("delalloc");
            }

            if (instance.Image.Has("metadata_csum"))
            {
                shown.Add("nojournal_checksum");
            }

            shown.Add("barrier");
        }

        if (ShownDax(instance) is { } dax)
        {
            shown.Add(dax);
        }

        if (instance.DataMode is DataMode.Writeback or DataMode.Journal || (instance.DataMode == DataMode.Ordered && instance.Policy.Ext4DataModeShown == Ext4DataModeShown.Always))
        {
            shown.Add(instance.DataMode switch { DataMode.Ordered => "data=ordered", DataMode.Writeback => "data=writeback", _ => "data=journal" });
        }

        if (all)
        {
            shown.Add("user_xattr");
        }
    }

    private static string? ShownDax(FileSystemInstance instance) => instance.Mode switch
    {
        DaxMountMode.Always => instance.Policy.Ext4DaxOption == Ext4DaxOption.Mode && instance.MountedAs != "ext2" ? "dax=always" : "dax",
        DaxMountMode.Inode => "dax=inode",
        DaxMountMode.Never => "dax=never",
        _ => null,
    };

    private static (string Key, string? Value) Split(string option)
    {
        var at = option.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? (option, null) : (option[..at], option[(at + 1)..]);
    }
}
