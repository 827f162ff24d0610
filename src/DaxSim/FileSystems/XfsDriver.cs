using System.Globalization;
using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>fs/xfs: where DAX is not possible it goes on without, except that reflink may fail the mount.</summary>
internal sealed partial class XfsDriver : FileSystemDriver
{
    private const string FillSuper = "xfs_fs_fill_super";

    internal override string Name => "xfs";

    internal override bool KnowsMapSync => true;

    internal override IReadOnlyList<string> KnownFeatures => ["reflink", "rmapbt", "inobtcount"];

    internal override bool ReadsOptionsFirst(KernelPolicy policy) => policy.XfsOptionParser == XfsOptionParser.FsContext;

    internal override Verdict Fill(MountAttempt attempt, FileSystemInstance instance)
    {
        // The buffer targets look for their dax_devices when the devices are opened, whether or not dax was asked for.
        instance.SetDevices(
            FindDaxDevice(attempt, attempt.Device, instance),
            attempt.Realtime is { } realtime ? FindDaxDevice(attempt, realtime, instance) : null);

        var verdict = CheckSuperBlock(attempt);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        instance.SetMode(attempt.Asked ?? DaxMountMode.Default);
        if (attempt.Asked == DaxMountMode.Always)
        {
            verdict = DecideDax(attempt, instance);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }
        else
        {
            instance.SetDaxReason(Plain(attempt, FillSuper, attempt.Asked switch
            {
                DaxMountMode.Inode => "dax=inode was given: the inode's flag decides.",
                DaxMountMode.Never => "dax=never was given.",
                _ when attempt.Policy.XfsInodeDax >= XfsInodeDax.MountOrFlag => "No dax option was given: the inode's flag decides.",
                _ => "No dax option was given.",
            }));
        }

        var uuid = attempt.Policy.XfsMountMessage == XfsMountMessage.Uuid ? $" {attempt.Image.Uuid}" : "";
        Say(attempt, KernelLogLevel.Notice, $"Mounting V5 Filesystem{uuid}");
        Say(attempt, KernelLogLevel.Info, "Ending clean mount");
        return Verdict.Ok;
    }

    /// <summary>xfs_mount_validate_sb and what stands before it.</summary>
    private static Verdict CheckSuperBlock(MountAttempt attempt)
    {
        const string Function = "xfs_mount_validate_sb";
        var image = attempt.Image;
        if (image.SectorSize < attempt.Device.LogicalBlockSize)
        {
            Say(attempt, KernelLogLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"device supports {attempt.Device.LogicalBlockSize} byte sectors (not {image.SectorSize})"));
            return Verdict.Fail(Errno.ENOSYS, attempt.Because("xfs_readsb", "The filesystem was made for smaller sectors than the device has."));
        }

        var unknown = UnknownFeatures(attempt);
        if (unknown != 0)
        {
            Say(attempt, KernelLogLevel.Warning, $"Superblock has unknown read-only compatible features (0x{unknown:x}) enabled.");
            if (!attempt.Options.ReadOnly)
            {
                Say(attempt, KernelLogLevel.Warning, "Attempted to mount read-only compatible filesystem read-write.");
                Say(attempt, KernelLogLevel.Warning, "Filesystem can only be safely mounted read only.");
                Say(attempt, KernelLogLevel.Warning, "SB validate failed with error -22.");
                return Invalid(attempt.Because(Function, "The kernel does not know a feature of the filesystem and could only read it."));
            }
        }

        if (image.BlockSize > attempt.Policy.Architecture.PageSize && attempt.Policy.XfsLargeBlocks == XfsLargeBlocks.Refused)
        {
            Say(attempt, KernelLogLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"File system with blocksize {image.BlockSize} bytes. Only pagesize ({attempt.Policy.Architecture.PageSize}) or less will currently work."));
            return Verdict.Fail(Errno.ENOSYS, attempt.Because(FillSuper, "The blocks are larger than pages.", PolicyProperty.XfsLargeBlocks));
        }

        return Verdict.Ok;
    }

    private static int UnknownFeatures(MountAttempt attempt)
    {
        var unknown = 0;
        if (attempt.Policy.XfsReflinkDax == XfsReflinkDax.NoReflink)
        {
            unknown |= attempt.Image.Has("rmapbt") ? 2 : 0;
            unknown |= attempt.Image.Has("reflink") ? 4 : 0;
        }

        if (attempt.Policy.XfsInodeCountFeature == XfsInodeCountFeature.Unknown && attempt.Image.Has("inobtcount"))
        {
            unknown |= 8;
        }

        return unknown;
    }

    private static Verdict DecideDax(MountAttempt attempt, FileSystemInstance instance)
    {
        var policy = attempt.Policy;
        if (policy.XfsExperimentalWarning == XfsExperimentalWarning.BeforeTests)
        {
            SayExperimental(attempt);
        }

        if (policy.FsDaxDecision <= FsDaxDecision.DirectAccessOperation)
        {
            TestDirectAccess(attempt, instance);
            return TestReflink(attempt, instance);
        }

        var answer = AskDevices(attempt, instance);
        attempt.Step(FillSuper, "can the device do DAX?", answer.Admitted ? "yes" : "no", PolicyProperty.XfsDaxTests);
        if (answer.Admitted)
        {
            instance.SetDaxReason(answer.Reason);
        }
        else
        {
            TurnOff(attempt, instance, "DAX unsupported by block device. Turning off DAX.", answer.Reason);
        }

        if (policy.XfsDaxTests != XfsDaxTests.DeviceThenBlockSize)
        {
            return TestReflink(attempt, instance);
        }

        if (!answer.Admitted)
        {
            return Verdict.Ok;
        }

        var fits = attempt.Image.BlockSize == policy.Architecture.PageSize;
        attempt.Step("xfs_setup_dax_always", "is the block size the page size?", fits ? "yes" : string.Create(CultureInfo.InvariantCulture, $"no, {attempt.Image.BlockSize}"), PolicyProperty.XfsDaxTests);
        if (!fits)
        {
            TurnOff(attempt, instance, "DAX not supported for blocksize. Turning off DAX.", attempt.Because("xfs_setup_dax_always", string.Create(CultureInfo.InvariantCulture, $"The block size is {attempt.Image.BlockSize}, and only {policy.Architecture.PageSize}, the page size, will do.")));
            return Verdict.Ok;
        }

        var verdict = TestReflink(attempt, instance);
        if (verdict.IsOk && policy.XfsExperimentalWarning == XfsExperimentalWarning.OnSuccess)
        {
            SayExperimental(attempt);
        }

        return verdict;
    }

    /// <summary>xfs's own tests (4.2 to 4.6).</summary>
    private static void TestDirectAccess(MountAttempt attempt, FileSystemInstance instance)
    {
        const PolicyProperty Property = PolicyProperty.FsDaxDecision;
        var fits = attempt.Image.BlockSize == attempt.Policy.Architecture.PageSize;
        attempt.Step(FillSuper, "is the block size the page size?", fits ? "yes" : string.Create(CultureInfo.InvariantCulture, $"no, {attempt.Image.BlockSize}"), Property);
        if (!fits)
        {
            TurnOff(attempt, instance, "Filesystem block size invalid for DAX Turning DAX off.", attempt.Because(FillSuper, "The block size is not the page size.", Property));
            return;
        }

        attempt.Step(FillSuper, "has the driver a direct_access operation?", attempt.Device.HasDirectAccessOp ? "yes" : "no", Property);
        if (!attempt.Device.HasDirectAccessOp)
        {
            TurnOff(attempt, instance, "Block device does not support DAX Turning DAX off.", attempt.Because(FillSuper, $"The driver of {attempt.Id} has no direct_access.", Property));
            return;
        }

        instance.SetDaxReason(attempt.Because(FillSuper, "The driver has a direct_access operation; nothing touches the device.", Property));
    }

    /// <summary>The data device must pass, or the realtime device where the era asks it too.</summary>
    private static AdmissionVerdict AskDevices(MountAttempt attempt, FileSystemInstance instance)
    {
        if (attempt.Policy.FsDaxDecision == FsDaxDecision.LookupOnly)
        {
            var data = LookupAnswer(attempt.Device, instance.DaxDevice);
            return data.Admitted || attempt.Realtime is null ? data : LookupAnswer(attempt.Realtime, instance.RealtimeDaxDevice);
        }

        var answer = AskCommonPart(attempt, attempt.Device);
        if (attempt.Policy.XfsDaxTests == XfsDaxTests.DataDevice || attempt.Realtime is null)
        {
            return answer;
        }

        var second = AskCommonPart(attempt, attempt.Realtime);
        return answer.Admitted ? answer : second;
    }

    private static void TurnOff(MountAttempt attempt, FileSystemInstance instance, string text, Reason cause)
    {
        Say(attempt, KernelLogLevel.Alert, text);
        instance.SetMode(attempt.Policy.XfsDaxOption == XfsDaxOption.Mode ? DaxMountMode.Never : DaxMountMode.Default);
        instance.SetDaxReason(attempt.React(FillSuper, "xfs turns DAX off", cause, PolicyProperty.XfsDaxTests));
    }

    /// <summary>Reflink against DAX; up to 5.16 it is tested even after DAX was turned off.</summary>
    private static Verdict TestReflink(MountAttempt attempt, FileSystemInstance instance)
    {
        const PolicyProperty Property = PolicyProperty.XfsReflinkDax;
        var policy = attempt.Policy;
        if (policy.XfsReflinkDax == XfsReflinkDax.NoReflink)
        {
            return Verdict.Ok;
        }

        var reflink = attempt.Image.Has("reflink");
        attempt.Step(FillSuper, "has the filesystem reflink?", reflink ? "yes" : "no", Property);
        if (!reflink)
        {
            return Verdict.Ok;
        }

        switch (policy.XfsReflinkDax)
        {
            case XfsReflinkDax.Alerts:
                Say(attempt, KernelLogLevel.Alert, "DAX and reflink have not been tested together!");
                return Verdict.Ok;

            case XfsReflinkDax.Works:
                return Verdict.Ok;

            case XfsReflinkDax.Fails:
                Say(attempt, KernelLogLevel.Alert, "DAX and reflink cannot be used together!");
                return Invalid(attempt.Because(FillSuper, "DAX and reflink exclude each other.", Property));

            default:
                attempt.Step(FillSuper, "is the data device a partition?", attempt.Device.IsPartition ? "yes" : "no", Property);
                if (!attempt.Device.IsPartition || instance.Mode != DaxMountMode.Always)
                {
                    return Verdict.Ok;
                }

                Say(attempt, KernelLogLevel.Alert, "DAX and reflink cannot work with multi-partitions!");
                return Invalid(attempt.Because(FillSuper, "With reflink a failing page must be found by its place on the whole disk, which a partition does not allow.", Property));
        }
    }

    private static void SayExperimental(MountAttempt attempt) => Say(attempt, KernelLogLevel.Warning, "DAX enabled. Warning: EXPERIMENTAL, use at your own risk");

    private static void Say(MountAttempt attempt, KernelLogLevel level, string text) => attempt.Print(level, $"XFS ({attempt.Id}): {text}");
}
