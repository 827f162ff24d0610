namespace DaxSim.Conformance.Adapter;

/// <summary>Where things were on the recorded machine.</summary>
internal static class OraclePaths
{
    internal const string DeviceDax = "/dev/dax1.0";
    internal const string PciRegion = "0000:00:02.0";
    internal const ulong PciStart = 0xfd00_0000;
    internal const ulong PciLength = 16UL << 20;
    internal const string PciBar = "/sys/bus/pci/devices/0000:00:02.0/resource0";
    internal const string SlowDisk = "/dev/vdb";
}
