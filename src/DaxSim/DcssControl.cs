using DaxSim.Devices;
using DaxSim.Devices.Drivers;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim;

/// <summary>
/// z/VM saved segments from the guest's side: the files of the driver dcssblk below /sys/devices/dcssblk. Every write returns
/// what write(2) returns: the number of characters taken, or the error.
/// </summary>
public sealed class DcssControl
{
    private readonly DeviceTable table;

    internal DcssControl(DeviceTable table) => this.table = table;

    /// <summary>Loads a segment as block device, or several neighbouring ones as one: <c>A</c>, <c>A:B</c>.</summary>
    /// <param name="text">What is written to <c>/sys/devices/dcssblk/add</c>.</param>
    public Result<int> Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryFindDriver(out var absent) ? DcssBlockDriver.Add(table, text) : absent;
    }

    /// <summary>Takes a device away.</summary>
    /// <param name="text">What is written to <c>/sys/devices/dcssblk/remove</c>: the name of the first segment.</param>
    public Result<int> Remove(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryFindDriver(out var absent) ? DcssBlockDriver.Remove(table, text) : absent;
    }

    /// <summary>Switches between shared and exclusive-writable.</summary>
    /// <param name="device">The name of the first segment.</param>
    /// <param name="text">What is written to the device's file <c>shared</c>: 1 or 0.</param>
    public Result<int> SetShared(string device, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryFindDevice(device, out var disk, out var absent) ? DcssBlockDriver.SetShared(table, disk, text) : absent;
    }

    /// <summary>Saves the segments of a device, now or when it becomes idle, or cancels that.</summary>
    /// <param name="device">The name of the first segment.</param>
    /// <param name="text">What is written to the device's file <c>save</c>: 1 or 0.</param>
    public Result<int> Save(string device, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryFindDevice(device, out var disk, out var absent) ? DcssBlockDriver.Save(table, disk, text) : absent;
    }

    /// <summary>The device's files, or null when there is no such device.</summary>
    /// <param name="device">The name of the first segment, in any case.</param>
    public DcssDeviceInfo? Find(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return DcssBlockDriver.Find(table, device.ToUpperInvariant()) is { } disk ? new DcssDeviceInfo(disk) : null;
    }

    /// <summary>Lets the next request for a segment fail in CP with that return code (44: no such segment).</summary>
    /// <param name="segment">The segment's name.</param>
    /// <param name="returnCode">The code, not 0.</param>
    /// <exception cref="ArgumentException">No such segment is defined.</exception>
    public void FailNextRequest(string segment, int returnCode)
    {
        ArgumentNullException.ThrowIfNull(segment);
        ArgumentOutOfRangeException.ThrowIfZero(returnCode);
        var definition = table.Segments?.FindDefinition(segment.ToUpperInvariant())
            ?? throw new ArgumentException($"No segment {segment} is defined: define it with DefineDcss first.", nameof(segment));
        definition.SetNextReturnCode(returnCode);
    }

    private bool TryFindDriver(out Verdict absent)
    {
        absent = DriverPresence.OfDcssBlock(table) is { } reason ? Verdict.Fail(Errno.ENOENT, reason) : Verdict.Ok;
        return absent.IsOk;
    }

    private bool TryFindDevice(string device, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DcssDisk? disk, out Verdict absent)
    {
        ArgumentNullException.ThrowIfNull(device);
        disk = null;
        if (!TryFindDriver(out absent))
        {
            return false;
        }

        disk = DcssBlockDriver.Find(table, device.ToUpperInvariant());
        if (disk is null)
        {
            absent = Verdict.Fail(Errno.ENOENT, new Reason("path_lookupat", $"There is no directory /sys/devices/dcssblk/{device}."));
        }

        return disk is not null;
    }
}

/// <summary>The files of one device below /sys/devices/dcssblk, as they were when asked.</summary>
public sealed class DcssDeviceInfo
{
    internal DcssDeviceInfo(DcssDisk disk)
    {
        BlockDevice = disk.Name;
        Shared = disk.IsShared;
        SavePending = disk.IsSavePending;
        Segments = [.. disk.Segments];
        Type = disk.Type;
    }

    /// <summary>The name of the block device below /dev.</summary>
    public string BlockDevice { get; }

    /// <summary>The file shared.</summary>
    public bool Shared { get; }

    /// <summary>The file save.</summary>
    public bool SavePending { get; }

    /// <summary>The file seglist, a line for each segment.</summary>
    public IReadOnlyList<string> Segments { get; }

    /// <summary>The type that the driver believes the first segment to have.</summary>
    public DcssType Type { get; }
}
