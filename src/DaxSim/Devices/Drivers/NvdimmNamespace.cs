using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Devices.Drivers;

/// <summary>What a region of persistent memory can do (struct nd_region).</summary>
/// <param name="HasPagemapFlag">ND_REGION_PAGEMAP: raw namespaces may get struct pages.</param>
/// <param name="IsSynchronous">False for ND_REGION_ASYNC: flushing takes a request to the host.</param>
internal readonly record struct NvdimmRegion(bool HasPagemapFlag, bool IsSynchronous)
{
    internal static NvdimmRegion Nfit => new(false, true);
}

/// <summary>Probing a pmem namespace: which block or character device comes of it, with which capacity and which struct pages.</summary>
internal static class NvdimmNamespace
{
    /// <summary>The info block of a pfn or dax personality.</summary>
    private const ulong InfoBlock = 8 << 10;

    /// <summary>The usual alignment of the data behind info block and struct pages.</summary>
    private const ulong DataAlignment = 2 << 20;

    private const ulong StructPageSize = 64;

    /// <summary>pmem_attach_disk for a raw namespace; struct pages only where pmem_should_map_pages says so.</summary>
    internal static void AttachRaw(DeviceTable table, string name, MemoryRegion memory, NvdimmRegion region, bool forceRaw)
    {
        var frames = Frames(table, memory);
        DevPagemap? pagemap = null;
        if (ShouldMapPages(table.Policy, region, forceRaw))
        {
            var pages = table.MapPages(frames, PagemapType.FsDax, MemmapPlacement.Ram);
            if (!pages.IsOk)
            {
                table.Refuse(name, pages.Verdict.Reason!);
                return;
            }

            pagemap = pages.Value;
        }

        table.Add(new PmemDisk(table, name, frames, pagemap, region.IsSynchronous || table.Policy.DaxSynchronousFlag == DaxSynchronousFlag.NotTracked, isRaw: true));
    }

    /// <summary>nvdimm_namespace_attach_pfn for a namespace in fsdax mode.</summary>
    internal static void AttachFsDax(DeviceTable table, string name, MemoryRegion memory, MemmapPlacement map, NvdimmRegion region)
    {
        if (!table.Policy.Config.IsEnabled("NVDIMM_PFN"))
        {
            // Nobody understands the info block, so the whole namespace is a raw disk.
            AttachRaw(table, name, memory, region, forceRaw: false);
            return;
        }

        var frames = DataFrames(table, memory, map, DataAlignment);
        if (map == MemmapPlacement.Device && table.Policy.MemmapOnDevice == MemmapOnDevice.Unsupported)
        {
            table.Refuse(name, table.Because("nvdimm_namespace_attach_pfn", "The struct pages of this namespace lie on the device, which this kernel cannot use.", PolicyProperty.MemmapOnDevice));
            return;
        }

        var pages = table.MapPages(frames, PagemapType.FsDax, map);
        if (!pages.IsOk)
        {
            table.Refuse(name, pages.Verdict.Reason!);
            return;
        }

        table.Add(new PmemDisk(table, name, frames, pages.Value, region.IsSynchronous || table.Policy.DaxSynchronousFlag == DaxSynchronousFlag.NotTracked, isRaw: false));
    }

    /// <summary>dax_pmem_probe and the driver that the range is then bound to.</summary>
    internal static void AttachDeviceDax(DeviceTable table, string name, MemoryRegion memory, MemmapPlacement map, long align, DaxRangeDriver driver)
    {
        var frames = DataFrames(table, memory, map, (ulong)Math.Max(align, (long)DataAlignment));
        var alignPages = Math.Max((ulong)align >> table.PageShift, 1);
        frames = frames with { PageCount = frames.PageCount / alignPages * alignPages };
        if (frames.PageCount == 0)
        {
            table.Refuse(name, new Reason("dax_pmem_probe", "Nothing is left of the namespace behind info block and struct pages."));
            return;
        }

        if (AlignProblem(table, align) is { } problem)
        {
            table.Refuse(name, new Reason("is_align_valid", problem));
            return;
        }

        // kmem makes the range ordinary RAM, which brings its own struct pages.
        var type = driver == DaxRangeDriver.Fsdev ? PagemapType.FsDax : PagemapType.Generic;
        var pages = table.MapPages(frames, type, map);
        if (!pages.IsOk)
        {
            table.Refuse(name, pages.Verdict.Reason!);
            return;
        }

        table.AddRange(new CharacterDax(table, name, frames, align, pages.Value, driver));
    }

    /// <summary>Valid alignments: a page, a PMD if huge pages are built, a PUD where the architecture has huge pages of that size.</summary>
    internal static string? AlignProblem(DeviceTable table, long align)
    {
        var architecture = table.Policy.Architecture;
        var huge = table.Policy.Config.IsEnabled("TRANSPARENT_HUGEPAGE");
        var valid = align == architecture.PageSize
            || (align == 1L << architecture.PmdShift && huge)
            || (align == 1L << architecture.PudShift && huge && architecture == Architecture.X8664);
        return valid ? null : $"{ByteSize.Format(align)} is no alignment that this kernel can map.";
    }

    internal static PfnRange Frames(DeviceTable table, MemoryRegion memory) => new(memory.Start >> table.PageShift, memory.Length >> table.PageShift);

    /// <summary>pmem_should_map_pages.</summary>
    private static bool ShouldMapPages(KernelPolicy policy, NvdimmRegion region, bool forceRaw)
        => policy.Config.IsEnabled("ZONE_DEVICE") && region.HasPagemapFlag && policy.PmemRawPages switch
        {
            PmemRawPages.Never => false,
            PmemRawPages.PagemapRegions => true,
            _ => !forceRaw,
        };

    /// <summary>nd_pfn_init: data begins behind the info block and, with map=dev, behind the struct pages.</summary>
    private static PfnRange DataFrames(DeviceTable table, MemoryRegion memory, MemmapPlacement map, ulong alignment)
    {
        var overhead = InfoBlock;
        if (map == MemmapPlacement.Device)
        {
            overhead += StructPageSize * ((memory.Length - InfoBlock) >> table.PageShift);
        }

        var offset = (memory.Start + overhead + alignment - 1) / alignment * alignment - memory.Start;
        return offset >= memory.Length ? default : new PfnRange((memory.Start + offset) >> table.PageShift, (memory.Length - offset) >> table.PageShift);
    }
}
