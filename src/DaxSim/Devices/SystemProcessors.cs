namespace DaxSim.Devices;

/// <summary>The processors of a machine, a partition or a virtual machine.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Configured">Those that can be used.</param>
/// <param name="Standby">Those that can be configured.</param>
/// <param name="Reserved">Those that can be made standby.</param>
public readonly record struct SystemProcessors(int Total, int Configured, int Standby, int Reserved);
