using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Devices.Drivers;

/// <summary>virtio_fs_setup_dax: finds the window of a virtio filesystem device and gives it struct pages.</summary>
internal static class VirtioFsWindow
{
    internal static void Attach(DeviceTable table, string tag, long windowBytes, ulong from, ulong alignment)
    {
        var window = default(PfnRange);
        DevPagemap? pagemap = null;
        if (table.Policy.VirtiofsWindow == LaterDriver.Present && table.Policy.Config.IsEnabled("FUSE_DAX"))
        {
            if (windowBytes == 0)
            {
                table.Print(KernelLogLevel.Notice, Subsystem.FileSystem, "virtio_fs_setup_dax: No cache capability");
            }
            else
            {
                var start = table.Memory.FindGap(from, (ulong)windowBytes, alignment);
                table.Memory.TryAdd(new MemoryRegion(tag, RegionKind.Mmio, start, (ulong)windowBytes));
                window = new PfnRange(start >> table.PageShift, (ulong)windowBytes >> table.PageShift);
                var pages = table.MapPages(window, PagemapType.FsDax, MemmapPlacement.Ram);
                pagemap = pages.IsOk ? pages.Value : null;
            }
        }

        table.AddVirtioFs(new VirtioFsDevice(table, tag, window, pagemap));
    }
}
