using DaxSim.Outcomes;

namespace DaxSim.Devices;

/// <summary>A device that was asked for and that this kernel cannot drive.</summary>
/// <param name="Device">The name it would have had below /dev.</param>
/// <param name="Reason">Why: the driver that is missing, and the change that removed or has not yet brought it.</param>
public sealed record DeviceRefusal(string Device, Reason Reason)
{
    /// <summary>For example <c>axonram0: axon_ram_probe: …</c>.</summary>
    public override string ToString() => $"{Device}: {Reason}";
}
