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
    internal static Verdict AttachRaw(DeviceTable table, PmemNamespace space, bool forceRaw)
    {
        var frames = space.Frames;
        DevPagemap? pagemap = null;
        if (ShouldMapPages(table.Policy, space.Region, forceRaw))
        {
            var pages = table.MapPages(frames, PagemapType.FsDax, MemmapPlacement.Ram);
            if (!pages.IsOk)
            {
                return pages.Verdict;
            }

            pagemap = pages.Value;
        }

        space.TakeDisk(frames, pagemap, isRaw: true);
        return Verdict.Ok;
    }

    /// <summary>nvdimm_namespace_attach_pfn for a namespace in fsdax mode.</summary>
    internal static Verdict AttachFsDax(DeviceTable table, PmemNamespace space, DecisionTrace? trace)
    {
        if (!table.Policy.Config.IsEnabled("NVDIMM_PFN"))
        {
            // Nobody understands the info block, so the whole namespace is a raw disk.
            return AttachRaw(table, space, forceRaw: false);
        }

        var map = space.Setup.Map;
        var frames = DataFrames(table, space, DataAlignment);
        if (map == MemmapPlacement.Device && table.Policy.MemmapOnDevice == MemmapOnDevice.Unsupported)
        {
            return Verdict.Fail(Errno.ENXIO, table.Because("nvdimm_namespace_attach_pfn", "The struct pages of this namespace lie on the device, which this kernel cannot use.", PolicyProperty.MemmapOnDevice));
        }

        var errors = CheckMetadata(table, space, frames, trace);
        if (!errors.IsOk)
        {
            return errors;
        }

        var pages = table.MapPages(frames, PagemapType.FsDax, map);
        if (!pages.IsOk)
        {
            return pages.Verdict;
        }

        space.TakeDisk(frames, pages.Value, isRaw: false);
        return Verdict.Ok;
    }

    /// <summary>dax_pmem_probe and the driver that the range is then bound to.</summary>
    internal static Verdict AttachDeviceDax(DeviceTable table, PmemNamespace space, DaxRangeDriver driver, DecisionTrace? trace)
    {
        var align = space.Setup.Alignment;
        var frames = DataFrames(table, space, (ulong)Math.Max(align, (long)DataAlignment));
        var alignPages = Math.Max((ulong)align >> table.PageShift, 1);
        frames = frames with { PageCount = frames.PageCount / alignPages * alignPages };
        if (frames.PageCount == 0)
        {
            return Verdict.Fail(Errno.ENXIO, new Reason("dax_pmem_probe", "Nothing is left of the namespace behind info block and struct pages."));
        }

        if (AlignProblem(table, align) is { } problem)
        {
            return Verdict.Fail(Errno.ENXIO, new Reason("is_align_valid", problem));
        }

        var errors = CheckMetadata(table, space, frames, trace);
        if (!errors.IsOk)
        {
            return errors;
        }

        // kmem makes the range ordinary RAM, which brings its own struct pages.
        var type = driver == DaxRangeDriver.Fsdev ? PagemapType.FsDax : PagemapType.Generic;
        var pages = table.MapPages(frames, type, space.Setup.Map);
        if (!pages.IsOk)
        {
            return pages.Verdict;
        }

        space.TakeRange(frames, align, pages.Value, driver);
        return Verdict.Ok;
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

    /// <summary>nd_pfn_clear_memmap_errors: what is done about media errors between the info block and the data, where the struct pages are to lie.</summary>
    private static Verdict CheckMetadata(DeviceTable table, PmemNamespace space, PfnRange data, DecisionTrace? trace)
    {
        const string Function = "nd_pfn_clear_memmap_errors";
        var first = InfoBlock >> BlockDevice.SectorShift;
        var end = (data.StartPfn - space.Frames.StartPfn) << (table.PageShift - BlockDevice.SectorShift);
        if (space.Setup.Map != MemmapPlacement.Device || !space.Errors.TryFind(first, end - first, out var bad, out _))
        {
            return Verdict.Ok;
        }

        trace?.Step(Function, "is there a media error where the struct pages are to lie?", $"yes, sector {bad}", PolicyProperty.MetadataErrors);
        if (table.Policy.MetadataErrors == MetadataErrorRule.LeftAlone)
        {
            return Verdict.Unknown(table.Because("memmap_init_zone", $"Struct pages are written over bad memory (sector {bad}), and nothing clears it: what the processor makes of that is not the kernel's to say.", PolicyProperty.MetadataErrors));
        }

        space.Errors.Clear(first, end - first);
        return Verdict.Ok;
    }

    /// <summary>nd_pfn_init: data begins behind the info block and, with map=dev, behind the struct pages.</summary>
    private static PfnRange DataFrames(DeviceTable table, PmemNamespace space, ulong alignment)
    {
        var (start, end) = WithoutSharedSections(table, space.Memory);
        if (start >= end)
        {
            return default;
        }

        var overhead = InfoBlock;
        if (space.Setup.Map == MemmapPlacement.Device)
        {
            overhead += StructPageSize * ((end - start - InfoBlock) >> table.PageShift);
        }

        var offset = (start + overhead + alignment - 1) / alignment * alignment - start;
        return offset >= end - start ? default : new PfnRange((start + offset) >> table.PageShift, (end - start - offset) >> table.PageShift);
    }

    /// <summary>start_pad and end_trunc: sections that hold RAM as well are left out.</summary>
    private static (ulong Start, ulong End) WithoutSharedSections(DeviceTable table, MemoryRegion memory)
    {
        if (table.Policy.RamInSection == RamInSectionRule.Unnoticed || table.Policy.SectionSharing == SectionSharingRule.SubSections)
        {
            return (memory.Start, memory.End);
        }

        var section = Sections.Size(table.Policy.Architecture);
        var start = Sections.HoldsRam(table, memory.Start) ? (memory.Start + section - 1) / section * section : memory.Start;
        var end = Sections.HoldsRam(table, memory.End - 1) ? memory.End / section * section : memory.End;
        return (start, end);
    }
}
