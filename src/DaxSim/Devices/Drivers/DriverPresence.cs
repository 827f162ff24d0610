using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Devices.Drivers;

/// <summary>Why a driver is not there: the architecture, a release before it was written, its removal, or the configuration.</summary>
/// <remarks>Each function returns null when the driver is there.</remarks>
internal static class DriverPresence
{
    internal static Reason? OfDcssBlock(DeviceTable table)
        => OnArchitecture(table, "dcssblk_init", "dcssblk", a => a.CanRunUnderZvm) ?? Built(table, "dcssblk_init", "dcssblk", "DCSSBLK");

    internal static Reason? OfXpram(DeviceTable table)
        => OnArchitecture(table, "xpram_init", "xpram", a => a == Architecture.S390X)
            ?? NotRemoved(table, "xpram_init", "xpram", table.Policy.XpramDriver, PolicyProperty.XpramDriver)
            ?? Built(table, "xpram_init", "xpram", "BLK_DEV_XPRAM");

    internal static Reason? OfAxonRam(DeviceTable table)
        => OnArchitecture(table, "axon_ram_init", "axonram", a => a == Architecture.Ppc64Cell)
            ?? NotRemoved(table, "axon_ram_init", "axonram", table.Policy.AxonRamDriver, PolicyProperty.AxonRamDriver)
            ?? Built(table, "axon_ram_init", "axonram", "AXON_RAM");

    internal static Reason? OfPmem(DeviceTable table)
        => OnArchitecture(table, "pmem_init", "pmem", HasPmem)
            ?? Written(table, "pmem_init", "pmem", table.Policy.PmemDriver, PolicyProperty.PmemDriver)
            ?? Built(table, "pmem_init", "pmem", "BLK_DEV_PMEM");

    internal static Reason? OfLegacyPmem(DeviceTable table)
        => OnArchitecture(table, "e820_pmem_probe", "nd_e820", a => a == Architecture.X8664)
            ?? OfPmem(table)
            ?? Built(table, "e820_pmem_probe", "nd_e820", "X86_PMEM_LEGACY");

    internal static Reason? OfVirtioPmem(DeviceTable table)
        => OnArchitecture(table, "virtio_pmem_probe", "virtio_pmem", HasPmem)
            ?? Written(table, "virtio_pmem_probe", "virtio_pmem", table.Policy.VirtioPmemDriver, PolicyProperty.VirtioPmemDriver)
            ?? Built(table, "virtio_pmem_probe", "virtio_pmem", "VIRTIO_PMEM")
            ?? OfPmem(table);

    internal static Reason? OfBtt(DeviceTable table) => OfPmem(table) ?? Built(table, "nd_btt_probe", "btt", "BTT");

    internal static Reason? OfDeviceDax(DeviceTable table)
        => OnArchitecture(table, "dax_init", "device_dax", HasPmem)
            ?? Written(table, "dax_init", "device_dax", table.Policy.DeviceDaxDriver, PolicyProperty.DeviceDaxDriver)
            ?? Built(table, "dax_init", "device_dax", "DEV_DAX");

    internal static Reason? OfKmem(DeviceTable table)
        => OfDeviceDax(table)
            ?? Written(table, "dax_kmem_init", "kmem", table.Policy.KmemDriver, PolicyProperty.KmemDriver)
            ?? Built(table, "dax_kmem_init", "kmem", "DEV_DAX_KMEM");

    internal static Reason? OfFsdev(DeviceTable table)
        => OfDeviceDax(table)
            ?? Written(table, "fsdev_dax_init", "fsdev_dax", table.Policy.FsdevDriver, PolicyProperty.FsdevDriver)
            ?? Built(table, "fsdev_dax_init", "fsdev_dax", "DEV_DAX_FSDEV");

    internal static Reason? OfBrd(DeviceTable table) => Built(table, "brd_init", "brd", "BLK_DEV_RAM");

    internal static Reason? OfLoop(DeviceTable table) => Built(table, "loop_init", "loop", "BLK_DEV_LOOP");

    internal static Reason? OfDeviceMapper(DeviceTable table) => Built(table, "dm_init", "device-mapper", "BLK_DEV_DM");

    internal static Reason? OfVirtioFs(DeviceTable table)
        => Exists(table, "virtio_fs_init", "virtiofs", "VIRTIO_FS") ?? Built(table, "virtio_fs_init", "virtiofs", "VIRTIO_FS");

    private static bool HasPmem(Architecture architecture) => architecture == Architecture.X8664 || architecture == Architecture.Arm64 || architecture == Architecture.Ppc64Le;

    private static Reason? OnArchitecture(DeviceTable table, string function, string driver, Func<Architecture, bool> has)
    {
        var architecture = table.Policy.Architecture;
        return has(architecture) ? null : new Reason(function, $"The driver {driver} is not for {architecture}; it is for {string.Join(", ", Architecture.All.Where(has))}.");
    }

    private static Reason? NotRemoved(DeviceTable table, string function, string driver, LegacyDriver state, PolicyProperty property)
    {
        if (state == LegacyDriver.Present)
        {
            return null;
        }

        var change = table.Policy.SetBy(property);
        var by = change is null ? "" : $" in {change.Since}{(change.Commit is null ? "" : $" by {change.Commit}")}: {change.Title}";
        return table.Because(function, $"The driver {driver} was removed{by}.", property);
    }

    private static Reason? Written(DeviceTable table, string function, string driver, LaterDriver state, PolicyProperty property)
    {
        if (state == LaterDriver.Present)
        {
            return null;
        }

        // The change that brought it is in the history, but not in this kernel.
        var change = KernelHistory.Changes.FirstOrDefault(c => c.Key == KeyOf(property));
        var from = change is null ? "" : $"; it came with {change.Since}{(change.Commit is null ? "" : $" ({change.Commit})")}";
        return table.Because(function, $"{table.Policy.Version} does not have the driver {driver} yet{from}.", property);
    }

    private static Reason? Built(DeviceTable table, string function, string driver, string symbol)
        => table.Policy.Config.Excludes(symbol) ? new Reason(function, $"The kernel was built without the driver {driver} (CONFIG_{symbol}).") : null;

    /// <summary>For a driver that no property of the policy stands for: whether its symbol exists in this release.</summary>
    private static Reason? Exists(DeviceTable table, string function, string driver, string symbol)
        => table.Policy.Config.Knows(symbol) ? null : new Reason(function, $"{table.Policy.Version} does not have the driver {driver}.");

    private static string KeyOf(PolicyProperty property) => property switch
    {
        PolicyProperty.PmemDriver => "pmem-driver",
        PolicyProperty.VirtioPmemDriver => "virtio-pmem",
        PolicyProperty.DeviceDaxDriver => "device-dax",
        PolicyProperty.KmemDriver => "kmem",
        _ => "fsdev",
    };
}
