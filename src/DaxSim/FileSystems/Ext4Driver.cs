using System.Globalization;
using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>fs/ext4, also where it serves ext2 filesystems (EXT4_USE_FOR_EXT2).</summary>
internal sealed partial class Ext4Driver : FileSystemDriver
{
    private const string FillSuper = "ext4_fill_super";

    internal override string Name => "ext4";

    internal override bool KnowsMapSync => true;

    internal override IReadOnlyList<string> DefaultFeatures => ["has_journal", "extents", "64bit", "metadata_csum"];

    internal override IReadOnlyList<string> KnownFeatures => ["has_journal", "extents", "64bit", "metadata_csum", "inline_data", "encrypt", "verity", "bigalloc"];

    internal override bool ReadsOptionsFirst(KernelPolicy policy) => policy.Ext4OptionParser == Ext4OptionParser.FsContext;

    internal override Verdict Fill(MountAttempt attempt, FileSystemInstance instance)
    {
        var dax = FindDaxDevice(attempt, attempt.Device, null);
        instance.SetDevices(dax);
        if (attempt.AskedData is { } data)
        {
            instance.SetDataMode(instance.Image.Has("has_journal") ? data : DataMode.None);
        }

        var verdict = CheckJournalDataMode(attempt);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        verdict = CheckFeatures(attempt);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        verdict = DecideDax(attempt, instance, dax);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        verdict = CheckBlockSize(attempt);
        if (verdict.IsOk)
        {
            attempt.Print(KernelLogLevel.Info, Prefix(attempt, MountMessage(attempt, instance)));
        }

        return verdict;
    }

    private static string Prefix(MountAttempt attempt, string text) => $"EXT4-fs ({attempt.Id}): {text}";

    /// <summary>ext4_check_journal_data_mode.</summary>
    private static Verdict CheckJournalDataMode(MountAttempt attempt)
    {
        if (attempt.AskedData != DataMode.Journal)
        {
            return Verdict.Ok;
        }

        if (attempt.Table.PrintOnce("ext4-data-journal"))
        {
            var disabled = attempt.Policy.Ext4JournalDataWarning switch
            {
                Ext4JournalDataWarning.DirectIo => "delayed allocation and O_DIRECT support!",
                Ext4JournalDataWarning.DioreadNolock => "delayed allocation, dioread_nolock, and O_DIRECT support!",
                _ => "delayed allocation, dioread_nolock, O_DIRECT and fast_commit support!",
            };
            attempt.Print(KernelLogLevel.Warning, $"EXT4-fs: Warning: mounting with data=journal disables {disabled}");
        }

        attempt.Step(FillSuper, "are both data=journal and dax wanted?", attempt.Asked == DaxMountMode.Always ? "yes" : "no");
        if (attempt.Asked != DaxMountMode.Always)
        {
            return Verdict.Ok;
        }

        attempt.Print(KernelLogLevel.Error, Prefix(attempt, "can't mount with both data=journal and dax"));
        return Invalid(attempt.Because(FillSuper, "Data journalling and DAX exclude each other."));
    }

    /// <summary>ext2_feature_set_ok and ext4_feature_set_ok.</summary>
    private static Verdict CheckFeatures(MountAttempt attempt)
    {
        var image = attempt.Image;
        if (attempt.MountedAs == "ext2")
        {
            if (image.Type != "ext2")
            {
                attempt.Print(KernelLogLevel.Error, Prefix(attempt, "couldn't mount as ext2 due to feature incompatibilities"));
                return Invalid(attempt.Because("ext2_feature_set_ok", $"The filesystem on {attempt.Id} is {image.Type}, with features that ext2 does not have."));
            }

            attempt.Print(KernelLogLevel.Info, Prefix(attempt, "mounting ext2 file system using the ext4 subsystem"));
        }

        const string Function = "ext4_feature_set_ok";
        if (image.Has("encrypt") && attempt.Policy.Ext4EncryptFeature == Ext4EncryptFeature.Unknown)
        {
            attempt.Print(KernelLogLevel.Error, Prefix(attempt, "couldn't mount because of unsupported optional features (10000)"));
            return Invalid(attempt.Because(Function, "The kernel does not know the encrypt feature.", PolicyProperty.Ext4EncryptFeature));
        }

        if (image.Has("verity") && !attempt.Options.ReadOnly && attempt.Policy.Ext4VerityFeature == Ext4VerityFeature.Unknown)
        {
            attempt.Print(KernelLogLevel.Error, Prefix(attempt, "couldn't mount RDWR because of unsupported optional features (8000)"));
            return Invalid(attempt.Because(Function, "The kernel does not know the verity feature and could only read the filesystem.", PolicyProperty.Ext4VerityFeature));
        }

        return Verdict.Ok;
    }

    private static Verdict DecideDax(MountAttempt attempt, FileSystemInstance instance, DaxDevice? found)
    {
        var policy = attempt.Policy;
        var wanted = attempt.Asked == DaxMountMode.Always;
        instance.SetMode(attempt.Asked ?? DaxMountMode.Default);

        AdmissionVerdict? device = null;
        if (policy.FsDaxDecision == FsDaxDecision.LookupOnly)
        {
            device = JudgeFoundDevice(attempt, found);
        }
        else if (policy.Ext4DaxProbe == Ext4DaxProbe.EveryMount)
        {
            device = AskCommonPart(attempt, attempt.Device);
        }

        instance.SetDeviceIsDax(device?.Admitted ?? false);
        if (!wanted)
        {
            var why = attempt.Asked switch
            {
                DaxMountMode.Inode => "dax=inode was given: the inode's flag decides.",
                DaxMountMode.Never => "dax=never was given.",
                _ when policy.Ext4DaxOption == Ext4DaxOption.Mode => "No dax option was given: the inode's flag decides.",
                _ => "No dax option was given.",
            };
            instance.SetDaxReason(Plain(attempt, FillSuper, why));
            return Verdict.Ok;
        }

        var inline = CheckInlineData(attempt);
        if (inline is not null && policy.Ext4InlineDataDax == Ext4InlineDataDax.Fails)
        {
            return Invalid(inline);
        }

        var verdict = JudgeDevice(attempt, instance, device);
        if (inline is not null)
        {
            // The device was asked all the same; its answer changes nothing any more.
            instance.SetMode(DaxMountMode.Default);
            instance.SetDaxReason(inline);
        }

        return verdict;
    }

    /// <summary>The device and block size tests of a mount with dax.</summary>
    private static Verdict JudgeDevice(MountAttempt attempt, FileSystemInstance instance, AdmissionVerdict? known)
    {
        if (attempt.Policy.FsDaxDecision <= FsDaxDecision.DirectAccessOperation)
        {
            return TestDirectAccess(attempt, instance);
        }

        var answer = known ?? AskCommonPart(attempt, attempt.Device);
        attempt.Step(FillSuper, "can the device do DAX?", answer.Admitted ? "yes" : "no", PolicyProperty.Ext4UnsupportedDax);
        if (answer.Admitted)
        {
            instance.SetDaxReason(answer.Reason);
            return Verdict.Ok;
        }

        const PolicyProperty Property = PolicyProperty.Ext4UnsupportedDax;
        switch (attempt.Policy.Ext4UnsupportedDax)
        {
            case Ext4UnsupportedDax.TurnsOff:
                attempt.Print(KernelLogLevel.Error, Prefix(attempt, "DAX unsupported by block device. Turning off DAX."));
                instance.SetMode(DaxMountMode.Default);
                instance.SetDaxReason(attempt.React(FillSuper, "ext4 turns DAX off", answer.Reason, Property));
                return Verdict.Ok;

            case Ext4UnsupportedDax.FailsInvalid:
                attempt.Print(KernelLogLevel.Error, Prefix(attempt, "DAX unsupported by block device."));
                return Invalid(attempt.React(FillSuper, "ext4 fails the mount", answer.Reason, Property));

            default:
                // Where the common part answers true or false only, its error number is lost and the preset EINVAL remains.
                return Verdict.Fail(answer.Errno == Errno.None ? Errno.EINVAL : answer.Errno, attempt.React(FillSuper, "ext4 fails the mount", answer.Reason, Property));
        }
    }

    /// <summary>ext4's own tests (4.0 to 4.6).</summary>
    private static Verdict TestDirectAccess(MountAttempt attempt, FileSystemInstance instance)
    {
        const PolicyProperty Property = PolicyProperty.FsDaxDecision;
        var pageSize = attempt.Policy.Architecture.PageSize;
        var fits = attempt.Image.BlockSize == pageSize;
        attempt.Step(FillSuper, "is the block size the page size?", fits ? "yes" : string.Create(CultureInfo.InvariantCulture, $"no, {attempt.Image.BlockSize}"), Property);
        if (!fits)
        {
            attempt.Print(KernelLogLevel.Error, Prefix(attempt, "error: unsupported blocksize for dax"));
            return Invalid(attempt.Because(FillSuper, string.Create(CultureInfo.InvariantCulture, $"The block size is {attempt.Image.BlockSize}, and only {pageSize}, the page size, will do."), Property));
        }

        attempt.Step(FillSuper, "has the driver a direct_access operation?", attempt.Device.HasDirectAccessOp ? "yes" : "no", Property);
        if (!attempt.Device.HasDirectAccessOp)
        {
            attempt.Print(KernelLogLevel.Error, Prefix(attempt, "error: device does not support dax"));
            return Invalid(attempt.Because(FillSuper, $"The driver of {attempt.Id} has no direct_access.", Property));
        }

        instance.SetDaxReason(attempt.Because(FillSuper, "The driver has a direct_access operation; nothing touches the device.", Property));
        return Verdict.Ok;
    }

    /// <summary>From 5.17 on: the block size is ext4's own business, and it speaks at every mount of a DAX disk.</summary>
    private static AdmissionVerdict JudgeFoundDevice(MountAttempt attempt, DaxDevice? found)
    {
        if (found is null)
        {
            return LookupAnswer(attempt.Device, null);
        }

        var fits = attempt.Image.BlockSize == attempt.Policy.Architecture.PageSize;
        attempt.Step(FillSuper, "is the block size the page size?", fits ? "yes" : string.Create(CultureInfo.InvariantCulture, $"no, {attempt.Image.BlockSize}"), PolicyProperty.FsDaxDecision);
        if (fits)
        {
            return LookupAnswer(attempt.Device, found);
        }

        // The text ends in a newline of its own.
        attempt.Print(KernelLogLevel.Error, Prefix(attempt, "unsupported blocksize for DAX\n"));
        return new(false, Errno.None, attempt.Because(FillSuper, string.Create(CultureInfo.InvariantCulture, $"The block size is {attempt.Image.BlockSize}, and only {attempt.Policy.Architecture.PageSize}, the page size, will do.")));
    }

    /// <summary>Why inline data stands in the way of DAX; null when it does not.</summary>
    private static Reason? CheckInlineData(MountAttempt attempt)
    {
        const PolicyProperty Property = PolicyProperty.Ext4InlineDataDax;
        if (attempt.Policy.Ext4InlineDataDax == Ext4InlineDataDax.NotTested)
        {
            return null;
        }

        var inline = attempt.Image.Has("inline_data");
        attempt.Step(FillSuper, "has the filesystem the inline_data feature?", inline ? "yes" : "no", Property);
        if (!inline)
        {
            return null;
        }

        attempt.Print(KernelLogLevel.Error, Prefix(attempt, "Cannot use DAX on a filesystem that may contain inline data"));
        return attempt.Because(FillSuper, "Inline data cannot be reached directly.", Property);
    }

    private static Verdict CheckBlockSize(MountAttempt attempt)
    {
        var size = attempt.Image.BlockSize;
        if (size >= attempt.Device.LogicalBlockSize && (size <= attempt.Policy.Architecture.PageSize || attempt.Policy.Ext4LargeBlocks == Ext4LargeBlocks.Accepted))
        {
            return Verdict.Ok;
        }

        attempt.Print(KernelLogLevel.Error, Prefix(attempt, string.Create(CultureInfo.InvariantCulture, $"bad block size {size}")));
        return Invalid(attempt.Because(FillSuper, string.Create(CultureInfo.InvariantCulture, $"Blocks of {size} bytes do not fit sectors of {attempt.Device.LogicalBlockSize} and pages of {attempt.Policy.Architecture.PageSize}."), PolicyProperty.Ext4LargeBlocks));
    }
}
