using DaxSim.Devices;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>The block and character devices, in the order in which they appeared.</summary>
    public IReadOnlyList<DeviceInfo> Devices => [.. DeviceTable.Disks.Select(d => new DeviceInfo(d))];

    /// <summary>The devices that were asked for and that this kernel cannot drive, each with the reason.</summary>
    public IReadOnlyList<DeviceRefusal> Refusals => DeviceTable.Refusals;

    internal DeviceTable DeviceTable { get; }
}
