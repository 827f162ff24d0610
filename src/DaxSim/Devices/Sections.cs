using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.Devices;

/// <summary>The sections of the memory map (SECTION_SIZE_BITS): the unit in which struct pages came and went up to 5.2.</summary>
internal static class Sections
{
    /// <summary>Bytes of a section: 128 MiB on x86_64, 256 MiB on s390x, 16 MiB on powerpc, 1 GiB on arm64.</summary>
    internal static ulong Size(Architecture architecture)
        => 1UL << (architecture == Architecture.X8664 ? 27 : architecture == Architecture.S390X ? 28 : architecture == Architecture.Arm64 ? 30 : 24);

    /// <summary>Is there system RAM in the section that an address lies in?</summary>
    internal static bool HoldsRam(DeviceTable table, ulong address)
    {
        var size = Size(table.Policy.Architecture);
        var start = address / size * size;
        return table.Memory.Regions.Any(r => r.Kind == RegionKind.SystemRam && r.Start < start + size && start < r.End);
    }

    /// <summary>A page map of somebody else that has struct pages in a section of this range, or null.</summary>
    internal static DevPagemap? Neighbour(DeviceTable table, PfnRange frames)
    {
        var (first, last) = Bounds(table, frames);
        foreach (var pagemap in table.Memory.Pagemaps)
        {
            var other = Bounds(table, new PfnRange(pagemap.StartPfn, pagemap.PageCount));
            if (!pagemap.Dead && pagemap.StartPfn != frames.StartPfn && other.First <= last && first <= other.Last)
            {
                return pagemap;
            }
        }

        return null;
    }

    /// <summary>Does somebody else's range reach over the first or last page of this range's sections? Nothing between them is asked.</summary>
    internal static bool IsEdgeTaken(DeviceTable table, PfnRange frames)
    {
        var size = Size(table.Policy.Architecture);
        var (first, last) = Bounds(table, frames);
        foreach (var pagemap in table.Memory.Pagemaps)
        {
            var region = table.Memory.RegionOf(pagemap.StartPfn);
            if (!pagemap.Dead && region is not null && (Covers(region, first * size) || Covers(region, ((last + 1) * size) - 1)) && !Covers(region, frames.StartPfn << table.PageShift))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Covers(MemoryRegion region, ulong address) => address >= region.Start && address < region.End;

    private static (ulong First, ulong Last) Bounds(DeviceTable table, PfnRange frames)
    {
        var pages = Size(table.Policy.Architecture) >> table.PageShift;
        return (frames.StartPfn / pages, (frames.StartPfn + frames.PageCount - 1) / pages);
    }
}
