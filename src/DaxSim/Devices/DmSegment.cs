namespace DaxSim.Devices;

/// <summary>A stretch of a device for a linear device-mapper table.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="StartSector">The first sector of it.</param>
/// <param name="Sectors">How many sectors; null for all that follow.</param>
public sealed record DmSegment(string Device, ulong StartSector = 0, ulong? Sectors = null);
