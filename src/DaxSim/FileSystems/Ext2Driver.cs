using System.Globalization;
using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>fs/ext2: execute in place up to 3.19, DAX from 4.0 to 7.1, neither from 7.2 on.</summary>
internal sealed class Ext2Driver : FileSystemDriver
{
    private const string FillSuper = "ext2_fill_super";

    private static readonly string[] OtherOptions =
    [
        "errors=continue", "errors=remount-ro", "errors=panic", "user_xattr", "nouser_xattr", "acl", "noacl", "nouid32", "debug", "nobh", "bsddf", "minixdf", "check=none", "nocheck",
    ];

    internal override string Name => "ext2";

    internal override bool KnowsAllocation => false;

    /// <inheritdoc/>
    internal override bool IsWithoutHugeFaults => true;

    internal override IReadOnlyList<string> KnownFeatures => ["metadata_csum"];

    internal override bool ReadsOptionsFirst(KernelPolicy policy) => policy.Ext2OptionParser == Ext2OptionParser.FsContext;

    internal override Verdict ReadOptions(MountAttempt attempt, FileSystemInstance? remounted)
    {
        foreach (var option in attempt.Options.Data)
        {
            var known = option switch
            {
                "xip" => ReadXip(attempt),
                "dax" when attempt.Policy.Ext2DaxOption != Ext2DaxOption.Xip => ReadDax(attempt, option),
                _ => Array.IndexOf(OtherOptions, option) >= 0,
            };
            if (!known)
            {
                if (attempt.Policy.Ext2OptionParser == Ext2OptionParser.FsContext)
                {
                    var at = option.IndexOf('=', StringComparison.Ordinal);
                    var key = at < 0 ? option : option[..at];
                    attempt.Print(KernelLogLevel.Error, key == "dax" ? "ext2: Unexpected value for 'dax'" : $"ext2: Unknown parameter '{key}'");
                }

                return Invalid(attempt.Because("parse_options", $"ext2 of this kernel does not know the option {option}.", PolicyProperty.Ext2DaxOption));
            }
        }

        return Verdict.Ok;
    }

    private static bool ReadXip(MountAttempt attempt)
    {
        switch (attempt.Policy.Ext2DaxOption)
        {
            case Ext2DaxOption.Xip:
                var built = attempt.Policy.Config.IsEnabled("EXT2_FS_XIP");
                attempt.Step("parse_options", "is EXT2_FS_XIP built?", built ? "yes" : "no");
                if (built)
                {
                    attempt.Asked = DaxMountMode.Xip;
                    attempt.SaidXip = true;
                }
                else
                {
                    Say(attempt, KernelLogLevel.Info, "xip option not supported");
                }

                return true;

            case Ext2DaxOption.Flag:
                Say(attempt, KernelLogLevel.Info, "use dax instead of xip");
                attempt.SaidXip = true;
                return ReadDax(attempt, "xip");

            default:
                return ReadDax(attempt, "xip");
        }
    }

    private static bool ReadDax(MountAttempt attempt, string option)
    {
        if (attempt.Policy.Ext2DaxOption == Ext2DaxOption.Removed)
        {
            attempt.Step("ext2_parse_param", "does ext2 still have DAX?", "no", PolicyProperty.Ext2DaxOption);
            Say(attempt, KernelLogLevel.Warning, $"DAX support has been removed. {option} option ignored.");
            return true;
        }

        var built = attempt.Policy.Config.IsEnabled("FS_DAX");
        attempt.Step("parse_options", "is FS_DAX built?", built ? "yes" : "no");
        if (!built)
        {
            Say(attempt, KernelLogLevel.Info, "dax option not supported");
            return true;
        }

        var warning = attempt.Policy.Ext2DaxWarning switch
        {
            Ext2DaxWarning.Experimental => "DAX enabled. Warning: EXPERIMENTAL, use at your own risk",
            Ext2DaxWarning.Deprecated => "DAX enabled. Warning: DAX support in ext2 driver is deprecated and will be removed at the end of 2025. Please use ext4 driver instead.",
            _ => null,
        };
        if (warning is not null)
        {
            Say(attempt, KernelLogLevel.Warning, warning);
        }

        attempt.Asked = DaxMountMode.Always;
        return true;
    }

    internal override Verdict Fill(MountAttempt attempt, FileSystemInstance instance)
    {
        var policy = attempt.Policy;
        var dax = policy.Ext2DaxOption == Ext2DaxOption.Removed ? null : FindDaxDevice(attempt, attempt.Device, null);
        instance.SetDevices(dax);
        instance.SetSaidXip(attempt.SaidXip);
        if (attempt.Image.Type != "ext2")
        {
            // Incompatible features of ext4: extents and 64bit.
            Say(attempt, KernelLogLevel.Error, "error: couldn't mount because of unsupported optional features (2c0)");
            return Invalid(attempt.Because(FillSuper, $"The filesystem on {attempt.Id} is {attempt.Image.Type}, with features that ext2 does not have."));
        }

        var verdict = attempt.Asked switch
        {
            DaxMountMode.Xip => DecideXip(attempt, instance),
            DaxMountMode.Always => DecideDax(attempt, instance, dax),
            _ => Verdict.Ok,
        };
        if (!verdict.IsOk)
        {
            return verdict;
        }

        if (attempt.Asked is null)
        {
            var ignored = attempt.Policy.Ext2DaxOption == Ext2DaxOption.Removed && attempt.Options.Data.Any(o => o is "dax" or "xip");
            instance.SetDaxReason(ignored
                ? attempt.Because(FillSuper, "DAX was removed from ext2; the option is ignored.", PolicyProperty.Ext2DaxOption)
                : Plain(attempt, FillSuper, "No dax option is in force."));
        }

        return CheckBlockSize(attempt);
    }

    /// <summary>ext2_xip_verify_sb and the block size test (up to 3.19).</summary>
    private static Verdict DecideXip(MountAttempt attempt, FileSystemInstance instance)
    {
        const PolicyProperty Property = PolicyProperty.FsDaxDecision;
        attempt.Step("ext2_xip_verify_sb", "has the driver a direct_access operation?", attempt.Device.HasDirectAccessOp ? "yes" : "no", Property);
        if (!attempt.Device.HasDirectAccessOp)
        {
            Say(attempt, KernelLogLevel.Warning, "warning: ignoring xip option - not supported by bdev");
            instance.SetDaxReason(attempt.Because("ext2_xip_verify_sb", $"The driver of {attempt.Id} has no direct_access: ext2 drops the option.", Property));
            return Verdict.Ok;
        }

        var verdict = TestBlockSize(attempt, "error: unsupported blocksize for xip");
        if (verdict.IsOk)
        {
            instance.SetMode(DaxMountMode.Xip);
            instance.SetDaxReason(attempt.Because("ext2_xip_verify_sb", "The driver has a direct_access operation; nothing touches the device.", Property));
        }

        return verdict;
    }

    private static Verdict DecideDax(MountAttempt attempt, FileSystemInstance instance, DaxDevice? found)
    {
        var policy = attempt.Policy;
        if (policy.FsDaxDecision <= FsDaxDecision.DirectAccessOperation)
        {
            return TestDirectAccess(attempt, instance);
        }

        var lookup = policy.FsDaxDecision == FsDaxDecision.LookupOnly;
        var answer = lookup ? LookupAnswer(attempt.Device, found) : AskCommonPart(attempt, attempt.Device);
        attempt.Step(FillSuper, "can the device do DAX?", answer.Admitted ? "yes" : "no", PolicyProperty.Ext2UnsupportedDax);
        var text = "DAX unsupported by block device. Turning off DAX.";
        if (answer.Admitted && lookup && !BlockSizeFits(attempt))
        {
            // The text ends in a newline of its own.
            text = "unsupported blocksize for DAX\n";
            answer = new(false, Errno.None, attempt.Because(FillSuper, BlockSizeText(attempt)));
        }

        if (answer.Admitted)
        {
            instance.SetMode(DaxMountMode.Always);
            instance.SetDaxReason(answer.Reason);
            return Verdict.Ok;
        }

        const PolicyProperty Property = PolicyProperty.Ext2UnsupportedDax;
        if (policy.Ext2UnsupportedDax == Ext2UnsupportedDax.Fails)
        {
            // The common part's error number is dropped: the preset EINVAL remains.
            return Invalid(attempt.React(FillSuper, "ext2 fails the mount", answer.Reason, Property));
        }

        Say(attempt, KernelLogLevel.Error, text);
        instance.SetDaxReason(attempt.React(FillSuper, "ext2 turns DAX off", answer.Reason, Property));
        return Verdict.Ok;
    }

    /// <summary>ext2's own tests (4.0 to 4.6).</summary>
    private static Verdict TestDirectAccess(MountAttempt attempt, FileSystemInstance instance)
    {
        var verdict = TestBlockSize(attempt, "error: unsupported blocksize for dax");
        if (!verdict.IsOk)
        {
            return verdict;
        }

        attempt.Step(FillSuper, "has the driver a direct_access operation?", attempt.Device.HasDirectAccessOp ? "yes" : "no", PolicyProperty.FsDaxDecision);
        if (!attempt.Device.HasDirectAccessOp)
        {
            Say(attempt, KernelLogLevel.Error, "error: device does not support dax");
            return Invalid(attempt.Because(FillSuper, $"The driver of {attempt.Id} has no direct_access.", PolicyProperty.FsDaxDecision));
        }

        instance.SetMode(DaxMountMode.Always);
        instance.SetDaxReason(attempt.Because(FillSuper, "The driver has a direct_access operation; nothing touches the device.", PolicyProperty.FsDaxDecision));
        return Verdict.Ok;
    }

    private static Verdict TestBlockSize(MountAttempt attempt, string complaint)
    {
        var fits = BlockSizeFits(attempt);
        attempt.Step(FillSuper, "is the block size the page size?", fits ? "yes" : string.Create(CultureInfo.InvariantCulture, $"no, {attempt.Image.BlockSize}"), PolicyProperty.FsDaxDecision);
        if (fits)
        {
            return Verdict.Ok;
        }

        Say(attempt, KernelLogLevel.Error, complaint);
        return Invalid(attempt.Because(FillSuper, BlockSizeText(attempt), PolicyProperty.FsDaxDecision));
    }

    private static Verdict CheckBlockSize(MountAttempt attempt)
    {
        var size = attempt.Image.BlockSize;
        if (size >= attempt.Device.LogicalBlockSize && size <= attempt.Policy.Architecture.PageSize)
        {
            return Verdict.Ok;
        }

        Say(attempt, KernelLogLevel.Error, string.Create(CultureInfo.InvariantCulture, $"error: bad blocksize {size}"));
        return Invalid(attempt.Because(FillSuper, string.Create(CultureInfo.InvariantCulture, $"Blocks of {size} bytes do not fit sectors of {attempt.Device.LogicalBlockSize} and pages of {attempt.Policy.Architecture.PageSize}.")));
    }

    internal override Verdict Remount(MountAttempt attempt, FileSystemInstance instance)
    {
        const string Function = "ext2_remount";
        var verdict = ReadOptions(attempt, instance);
        if (!verdict.IsOk || attempt.Asked is not { } mode)
        {
            return verdict;
        }

        if (mode == DaxMountMode.Xip)
        {
            if (!attempt.Device.HasDirectAccessOp)
            {
                Say(attempt, KernelLogLevel.Warning, "warning: ignoring xip option - not supported by bdev");
                return Verdict.Ok;
            }

            if (!BlockSizeFits(attempt))
            {
                Say(attempt, KernelLogLevel.Warning, "warning: unsupported blocksize for xip");
                return Invalid(attempt.Because(Function, BlockSizeText(attempt), PolicyProperty.FsDaxDecision));
            }
        }

        if (mode != instance.Mode)
        {
            var name = mode == DaxMountMode.Xip ? "xip" : "dax";
            Say(attempt, KernelLogLevel.Warning, $"warning: refusing change of {name} flag with busy inodes while remounting");
            return Verdict.OkBecause(attempt.Because(Function, $"The {name} flag keeps its old setting; the remount succeeds all the same."));
        }

        return Verdict.Ok;
    }

    internal override void ShowOptions(FileSystemInstance instance, List<string> shown)
    {
        // In 4.16 the option word is not cleared: these are the bits that were seen in it.
        var garbage = instance.Policy.Ext2MountOptionWord == Ext2MountOptionWord.Uninitialised;
        if (garbage)
        {
            shown.Add("errors=remount-ro");
        }

        shown.Add("errors=continue");
        if (garbage)
        {
            shown.AddRange(["errors=panic", "debug", "nobh", "xip"]);
        }
        else if (instance.Mode == DaxMountMode.Xip || (instance.SaidXip && instance.Policy.Ext2DaxOption == Ext2DaxOption.Flag))
        {
            shown.Add("xip");
        }

        if (instance.Mode == DaxMountMode.Always)
        {
            shown.Add("dax");
        }
    }

    /// <summary>There is no control per inode.</summary>
    internal override bool UsesDax(FileSystemInstance instance, Inode inode) => !inode.IsDirectory && instance.Mode is DaxMountMode.Always or DaxMountMode.Xip;

    internal override Verdict SetDaxFlag(FileSystemInstance instance, Inode inode, bool on)
        => Verdict.Fail(Errno.ENOTTY, new Reason("ext2_ioctl", "ext2 has no DAX flag for inodes."));

    private static bool BlockSizeFits(MountAttempt attempt) => attempt.Image.BlockSize == attempt.Policy.Architecture.PageSize;

    private static string BlockSizeText(MountAttempt attempt)
        => string.Create(CultureInfo.InvariantCulture, $"The block size is {attempt.Image.BlockSize}, and only {attempt.Policy.Architecture.PageSize}, the page size, will do.");

    private static void Say(MountAttempt attempt, KernelLogLevel level, string text) => attempt.Print(level, $"EXT2-fs ({attempt.Id}): {text}");
}
