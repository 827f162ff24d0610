using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Devices;

/// <summary>How a filesystem gets hold of its dax_device, and the DAX of block device files.</summary>
internal static partial class Admission
{
    /// <summary>fs_dax_get_by_bdev (4.14 on): the dax_device behind a block device, or null. From 5.17 on this is the whole admission.</summary>
    /// <param name="device">The device or partition.</param>
    /// <param name="holder">Who wants to hold the device exclusively; null for nobody.</param>
    /// <param name="trace">Collects the tests, or null.</param>
    internal static DaxDevice? FsDaxGetByBdev(BlockDevice device, object? holder, DecisionTrace? trace)
    {
        const string Function = "fs_dax_get_by_bdev";
        var policy = device.Policy;
        if (!policy.Config.IsEnabled("FS_DAX"))
        {
            trace?.Step(Function, "is FS_DAX built?", "no");
            return null;
        }

        if (!QueueHasFlag(Function, device, trace, PolicyProperty.FsDaxDecision))
        {
            return null;
        }

        if (policy.FsDaxDecision == FsDaxDecision.LookupOnly && !IsWholePages(device, trace))
        {
            device.Table.Print(KernelLogLevel.Info, Subsystem.Dax, $"{device.Name}: error: unaligned partition for dax");
            return null;
        }

        var dax = device.DaxDevice;
        trace?.Step(Function, "is there a live dax_device for the disk?", dax is { Alive: true } ? "yes" : "no", PolicyProperty.FsDaxDecision);
        if (dax is not { Alive: true })
        {
            return null;
        }

        if (holder is not null && policy.DaxHolder == DaxHolder.Exclusive)
        {
            var held = dax.TryHold(holder);
            trace?.Step(Function, "does somebody else hold the dax_device?", held ? "no" : "yes", PolicyProperty.DaxHolder);
            if (!held)
            {
                return null;
            }
        }

        return dax;
    }

    /// <summary>Why <see cref="FsDaxGetByBdev"/> yields, or would not yield, a dax_device.</summary>
    internal static Reason ExplainLookup(BlockDevice device, bool found)
    {
        const string Function = "fs_dax_get_by_bdev";
        if (found)
        {
            return Because(device, Function, "The queue advertises DAX and the disk has a dax_device; no page is looked at.", PolicyProperty.FsDaxDecision);
        }

        if (!device.Policy.Config.IsEnabled("FS_DAX"))
        {
            return NotBuilt(device.Policy, Function);
        }

        if (!device.HasQueueDaxFlag)
        {
            return NoQueueFlag(device, Function, PolicyProperty.FsDaxDecision);
        }

        if (device.Policy.FsDaxDecision == FsDaxDecision.LookupOnly && !IsWholePages(device, null))
        {
            return Unaligned(device, Function);
        }

        return device.DaxDevice switch
        {
            null => NoDaxDevice(device, Function),
            { Alive: false } => new Reason(Function, $"The dax_device of {device.WholeDisk.Name} was killed."),
            _ => Because(device, Function, "Another filesystem holds the dax_device.", PolicyProperty.DaxHolder),
        };
    }

    /// <summary>fs_dax_get (7.1): a character dax device for a filesystem that sits on it.</summary>
    /// <param name="table">The devices.</param>
    /// <param name="dax">The dax_device, or null.</param>
    /// <param name="holder">Who wants to hold it.</param>
    /// <param name="trace">Collects the tests, or null.</param>
    internal static Result<DaxDevice> FsDaxGet(DeviceTable table, DaxDevice? dax, object holder, DecisionTrace? trace)
    {
        const string Function = "fs_dax_get";
        if (table.Policy.FsdevDriver != LaterDriver.Present)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, table.Because(Function, "The kernel has no fs_dax_get.", PolicyProperty.FsdevDriver));
        }

        trace?.Step(Function, "is there a live dax_device?", dax is { Alive: true } ? "yes" : "no");
        if (dax is not { Alive: true })
        {
            return Verdict.Fail(Errno.ENODEV, new Reason(Function, "There is no live dax_device."));
        }

        var range = table.Ranges.FirstOrDefault(r => ReferenceEquals(r.DaxDevice, dax));
        trace?.Step(Function, "is it a character device?", range is null ? "no" : "yes");
        if (range is null)
        {
            return Verdict.Fail(Errno.ENODEV, new Reason(Function, $"{dax.Name} is no character dax device."));
        }

        trace?.Step(Function, "is it bound to fsdev?", range.Driver == DaxRangeDriver.Fsdev ? "yes" : $"no, to {range.Driver}");
        if (range.Driver != DaxRangeDriver.Fsdev)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, new Reason(Function, $"{dax.Name} is bound to {range.Driver}; only fsdev lends it to filesystems."));
        }

        var held = dax.TryHold(holder);
        trace?.Step(Function, "does somebody hold it?", held ? "no" : "yes");
        return held ? dax : Verdict.Fail(Errno.EBUSY, new Reason(Function, $"{dax.Name} is held by somebody else."));
    }

    /// <summary>Why there is no FS_DAX: it was not chosen, or (on s390 in 6.15 and 6.16) cannot be built.</summary>
    internal static Reason NotBuilt(KernelPolicy policy, string function)
    {
        if (policy.FsDaxDependency == FsDaxDependency.Nothing || policy.Config.IsEnabled("ZONE_DEVICE"))
        {
            return new Reason(function, "The kernel was built without FS_DAX.");
        }

        var property = policy.FsDaxLimited == FsDaxLimitedSelection.ByNobody ? PolicyProperty.FsDaxLimited : PolicyProperty.FsDaxDependency;
        return new Reason(function, "FS_DAX cannot be built here: there is no ZONE_DEVICE, and nothing selects FS_DAX_LIMITED.", property, policy.SetBy(property));
    }

    /// <summary>blkdev_dax_capable (4.5, 4.6): whether the block device's own file is mapped with DAX.</summary>
    internal static Verdict BlockDeviceFile(BlockDevice device, DecisionTrace? trace)
    {
        const string Function = "blkdev_dax_capable";
        var policy = device.Policy;
        if (policy.BlockDeviceFileDax == BlockDeviceFileDax.Never || !policy.Config.IsEnabled("BLK_DEV_DAX"))
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, Because(device, Function, "Files of block devices go through the page cache.", PolicyProperty.BlockDeviceFileDax));
        }

        trace?.Step(Function, "has the driver a direct_access operation?", device.HasDirectAccessOp ? "yes" : "no");
        if (!device.HasDirectAccessOp)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, new Reason(Function, $"The driver of {device.WholeDisk.Name} has no direct_access."));
        }

        var sectorsOfPage = (ulong)device.Table.PageSize >> BlockDevice.SectorShift;
        var begins = device.StartSector % sectorsOfPage == 0;
        trace?.Step(Function, "does the partition begin at a page?", begins ? "yes" : "no");
        var ends = device.SectorCount % sectorsOfPage == 0;
        trace?.Step(Function, "is its length a multiple of the page size?", ends ? "yes" : "no");
        if (!begins || !ends)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, Unaligned(device, Function));
        }

        var bad = device.WholeDisk.Badblocks is { IsEmpty: false };
        trace?.Step(Function, "is a bad block known?", bad ? "yes" : "no");
        return bad
            ? Verdict.Fail(Errno.EOPNOTSUPP, new Reason(Function, $"{device.WholeDisk.Name} has a known media error."))
            : Verdict.OkBecause(Because(device, Function, "The driver has the operation, the device consists of whole pages and no media error is known.", PolicyProperty.BlockDeviceFileDax));
    }

    private static bool IsWholePages(BlockDevice device, DecisionTrace? trace)
    {
        const string Function = "fs_dax_get_by_bdev";
        var start = device.StartSector << BlockDevice.SectorShift;
        var whole = start % (ulong)device.Table.PageSize == 0 && device.SizeBytes % device.Table.PageSize == 0;
        trace?.Step(Function, "are start and length of the device multiples of the page size?", whole ? "yes" : "no", PolicyProperty.FsDaxDecision);
        return whole;
    }
}
