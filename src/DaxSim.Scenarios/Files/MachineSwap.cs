namespace DaxSim.Scenarios.Files;

/// <summary>A swap area of a machine.</summary>
/// <param name="Bytes">How much it holds.</param>
/// <param name="Disk">It is on a disk, whose writes take time; otherwise on a device in memory, like zram.</param>
/// <param name="Name">What /proc/swaps calls it; null for the simulator's own name.</param>
public sealed record MachineSwap(long Bytes, bool Disk = false, string? Name = null);
