using System.Globalization;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Devices;

/// <summary>bdev_direct_access of fs/block_dev.c (4.0 to 4.11): the tests around the driver's operation, in the kernel's order.</summary>
internal static class DirectAccessWrapper
{
    private const string Function = "bdev_direct_access";

    internal static Result<DirectAccess> Call(BlockDevice device, ulong sector, long bytes, DecisionTrace? trace)
    {
        var policy = device.Policy;
        var table = device.Table;
        var disk = device.WholeDisk;
        if (policy.DirectAccessInterface == DirectAccessInterface.XipKaddrPfn)
        {
            // There is no wrapper yet: get_xip_mem of the filesystem calls the driver and believes it.
            return device.HasDirectAccessOp
                ? disk.DriverDirectAccess(sector + device.StartSector, bytes, trace)
                : Verdict.Fail(Errno.EOPNOTSUPP, table.Because("ext2_get_xip_mem", $"The driver of {device.Name} has no direct_access.", PolicyProperty.DirectAccessInterface));
        }

        if (bytes < 0)
        {
            return Verdict.Fail((Errno)Math.Min(-bytes, int.MaxValue), new Reason(Function, "A negative size is handed back as it came."));
        }

        if (policy.QueueDaxFlag == QueueDaxFlag.Advertised)
        {
            trace?.Step(Function, "does the queue have QUEUE_FLAG_DAX?", device.HasQueueDaxFlag ? "yes" : "no", PolicyProperty.QueueDaxFlag);
            if (!device.HasQueueDaxFlag)
            {
                return Verdict.Fail(Errno.EOPNOTSUPP, table.Because(Function, $"The queue of {disk.Name} does not advertise DAX.", PolicyProperty.QueueDaxFlag));
            }
        }

        trace?.Step(Function, "has the driver a direct_access operation?", device.HasDirectAccessOp ? "yes" : "no", PolicyProperty.DirectAccessInterface);
        if (!device.HasDirectAccessOp)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, table.Because(Function, $"The driver of {disk.Name} has no direct_access.", PolicyProperty.DirectAccessInterface));
        }

        var sectors = ((ulong)bytes + 511) >> BlockDevice.SectorShift;
        var fits = sector + sectors <= device.SectorCount;
        trace?.Step(Function, "does the range end inside the device?", fits ? "yes" : "no");
        if (!fits)
        {
            return Verdict.Fail(Errno.ERANGE, new Reason(Function, $"Sectors {sector} to {sector + sectors} reach beyond the {device.SectorCount} of {device.Name}."));
        }

        sector += device.StartSector;
        var aligned = sector % ((ulong)table.PageSize >> BlockDevice.SectorShift) == 0;
        trace?.Step(Function, "does the sector on the disk begin a page?", aligned ? "yes" : "no");
        if (!aligned)
        {
            return Verdict.Fail(Errno.EINVAL, new Reason(Function, $"Sector {sector} of {disk.Name} does not begin a page."));
        }

        var answer = disk.DriverDirectAccess(sector, bytes, trace);
        if (!answer.IsOk)
        {
            return answer;
        }

        var memory = answer.Value;
        trace?.Step(Function, "how many bytes did the driver hand out?", memory.Bytes.ToString(CultureInfo.InvariantCulture));
        if (memory.Bytes == 0)
        {
            return Verdict.Fail(Errno.ERANGE, new Reason(Function, "The driver handed out nothing."));
        }

        if (policy.DirectAccessLength == DirectAccessLength.PageMultiple && memory.Bytes % table.PageSize != 0)
        {
            trace?.Step(Function, "is that a multiple of the page size?", "no", PolicyProperty.DirectAccessLength);
            return Verdict.Fail(Errno.ENXIO, table.Because(Function, $"The driver of {disk.Name} handed out {memory.Bytes} bytes, which is no multiple of the page size.", PolicyProperty.DirectAccessLength));
        }

        return memory with { Bytes = Math.Min(memory.Bytes, bytes) };
    }
}
