using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>The block devices, then the dax ranges, each in the order in which they appeared.</summary>
    public IReadOnlyList<DeviceInfo> Devices => [.. DeviceTable.Disks.Select(d => new DeviceInfo(d)), .. DeviceTable.Ranges.Select(r => new DeviceInfo(r, DeviceTable))];

    /// <summary>The devices that were asked for and that this kernel cannot drive, each with the reason.</summary>
    public IReadOnlyList<DeviceRefusal> Refusals => DeviceTable.Refusals;

    /// <summary>The ranges of physical memory, as /proc/iomem lists them.</summary>
    public IReadOnlyList<MemoryRegion> MemoryRegions => [.. Memory.Regions];

    /// <summary>
    /// How many pages the zone of device memory spans, as /proc/zoneinfo says: from the first to the last page that ever had a struct page of a
    /// driver's, because this zone is never made smaller. 0 before there is one.
    /// </summary>
    public ulong DeviceZonePages => Memory.Pagemaps.Count == 0 ? 0 : Memory.Pagemaps.Max(p => p.StartPfn + p.PageCount) - Memory.Pagemaps.Min(p => p.StartPfn);

    /// <summary>The files of dcssblk, by which saved segments of z/VM are loaded and removed.</summary>
    public DcssControl Dcss => new(DeviceTable);

    /// <summary>
    /// What <c>cat /proc/sysinfo</c> prints (sysinfo_show, arch/s390/kernel/sysinfo.c): ENOENT on other architectures than s390x, Unknown on a
    /// machine that nobody described with <see cref="MachineBuilder.SystemInformation"/>.
    /// </summary>
    public Result<string> ReadSysinfo()
    {
        const string Function = "sysinfo_show";
        if (DeviceTable.Segments is not { } segments)
        {
            return Verdict.Fail(Errno.ENOENT, new Reason(Function, $"A kernel of {Policy.Architecture} has no /proc/sysinfo."));
        }

        return segments.Information is { } information
            ? SysinfoText.Write(information)
            : Verdict.Unknown(new Reason(Function, "Nobody said what the firmware says of this machine: describe it with MachineBuilder.SystemInformation."));
    }

    internal DeviceTable DeviceTable { get; }

    /// <summary>What can be said of a device, or null when there is none of that name.</summary>
    /// <param name="name">With or without <c>/dev/</c>.</param>
    public DeviceInfo? FindDevice(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return DeviceTable.Find(name) is { } disk ? new DeviceInfo(disk) : DeviceTable.FindRange(name) is { } range ? new DeviceInfo(range, DeviceTable) : null;
    }

    /// <summary>Reads from a block device through its driver, without any filesystem or page cache.</summary>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public Verdict ReadDevice(string device, long offset, Span<byte> destination)
    {
        using var call = Call("device read", device);
        return call.Of(RequireDisk(device).Read(offset, destination));
    }

    /// <summary>Writes to a block device through its driver, without any filesystem or page cache.</summary>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public Verdict WriteDevice(string device, long offset, ReadOnlySpan<byte> source)
    {
        using var call = Call("device write", device);
        return call.Of(RequireDisk(device).Write(offset, source));
    }

    /// <summary>Makes a part of a device a known media error (badblocks).</summary>
    /// <param name="device">The device or partition.</param>
    /// <param name="offset">Where the error begins, in bytes.</param>
    /// <param name="length">How long it is; whole 512-byte sectors become bad.</param>
    /// <exception cref="ArgumentException">There is no such device, or its driver keeps no list of media errors.</exception>
    public void InjectMediaError(string device, long offset, long length = 512)
    {
        var disk = RequireDisk(device);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, disk.SizeBytes);
        var badblocks = disk.WholeDisk.Badblocks
            ?? throw new ArgumentException($"The driver {disk.Driver} of {disk.Name} keeps no list of media errors; pmem does.", nameof(device));
        var first = (ulong)offset >> BlockDevice.SectorShift;
        var last = (ulong)(offset + length - 1) >> BlockDevice.SectorShift;
        badblocks.Add(first + disk.StartSector, last - first + 1);
    }

    /// <summary>Lets the memory controller of a device correct an error, which its driver counts.</summary>
    /// <exception cref="ArgumentException">There is no such device, or it does not count errors.</exception>
    public void CorrectMemoryError(string device)
    {
        var disk = RequireDisk(device);
        var memory = disk.WholeDisk as IErrorCountingMemory
            ?? throw new ArgumentException($"The driver {disk.Driver} of {disk.Name} counts no corrected errors; axonram does.", nameof(device));
        memory.CountCorrectedError();
    }

    /// <summary>Sets or clears the read-only mark of a device (blockdev --setro, --setrw).</summary>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public void SetReadOnly(string device, bool readOnly) => RequireDisk(device).SetReadOnly(readOnly);

    private BlockDevice RequireDisk(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return DeviceTable.Find(device)
            ?? throw new ArgumentException(DeviceTable.FindRefusal(device) is { } refusal ? $"There is no {device}: {refusal.Reason.Because}" : $"There is no block device {device}.", nameof(device));
    }
}
