using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>
/// The two halves of physical memory: frames (bytes, for every pfn of every region) and struct pages, which exist only where
/// a memmap exists: over system RAM, or over a range for which a driver created a <see cref="DevPagemap"/>.
/// </summary>
/// <remarks>State order of ownership: regions &lt; memmap &lt; contents. Nothing here knows about processes.</remarks>
internal sealed partial class PhysicalMemory
{
    private readonly StateList<MemoryRegion> regions;
    private readonly StateList<DevPagemap> pagemaps;
    private readonly ExtentMap<Number> memmap;

    internal PhysicalMemory(Journal journal, int pageShift)
    {
        Journal = journal;
        PageShift = pageShift;
        regions = new(journal);
        pagemaps = new(journal);
        memmap = new(journal);
        Contents = new(journal, 1 << pageShift);
        InitializePages();
    }

    internal Journal Journal { get; }

    internal int PageShift { get; }

    internal int PageSize => 1 << PageShift;

    /// <summary>Every range, ordered by address.</summary>
    internal IReadOnlyList<MemoryRegion> Regions => regions;

    /// <summary>The bytes of the frames, by pfn.</summary>
    internal ContentStore Contents { get; }

    /// <summary>Every pagemap that was ever created, by id - 1; killed ones stay listed.</summary>
    internal IReadOnlyList<DevPagemap> Pagemaps => pagemaps;

    /// <summary>The highest pfn of the normal memmap (highest_memmap_pfn); ZONE_DEVICE ranges raise it too where they lie above RAM.</summary>
    internal ulong HighestMemmapPfn { get; private set; }

    /// <summary>Adds a range. Returns the range it overlaps, or null when it was added.</summary>
    internal MemoryRegion? TryAdd(MemoryRegion region)
    {
        var mask = (ulong)PageSize - 1;
        if ((region.Start & mask) != 0 || (region.Length & mask) != 0 || region.Length == 0)
        {
            throw new ArgumentException($"The range {region} must begin and end on a page boundary ({PageSize} bytes) and not be empty.", nameof(region));
        }

        var at = 0;
        foreach (var other in regions)
        {
            if (region.Start < other.End && other.Start < region.End)
            {
                return other;
            }

            if (other.Start < region.Start)
            {
                at++;
            }
        }

        regions.Insert(at, region);
        if (region.Kind == RegionKind.SystemRam)
        {
            memmap.Set(region.Start >> PageShift, region.End >> PageShift, SystemMemmap);
            HighestMemmapPfn = Math.Max(HighestMemmapPfn, (region.End >> PageShift) - 1);
            ReserveZeroPage(region.Start >> PageShift);
        }

        return null;
    }

    internal void Remove(MemoryRegion region) => regions.Remove(region);

    /// <summary>The range a pfn lies in, or null for a hole of the address space.</summary>
    internal MemoryRegion? RegionOf(ulong pfn)
    {
        var address = pfn << PageShift;
        foreach (var region in regions)
        {
            if (address >= region.Start && address < region.End)
            {
                return region;
            }
        }

        return null;
    }

    /// <summary>The first free address at or above <paramref name="from"/> where <paramref name="length"/> bytes fit, aligned to <paramref name="alignment"/>.</summary>
    internal ulong FindGap(ulong from, ulong length, ulong alignment)
    {
        var start = AlignUp(from, alignment);
        foreach (var region in regions)
        {
            if (region.End <= start)
            {
                continue;
            }

            if (region.Start >= start + length)
            {
                break;
            }

            start = AlignUp(region.End, alignment);
        }

        return start;
    }

    /// <summary>memremap_pages: gives struct pages to device memory.</summary>
    internal DevPagemap CreatePagemap(ulong startPfn, ulong pageCount, PagemapType type, MemmapPlacement placement, int idleRefCount)
    {
        var pagemap = new DevPagemap(Journal, pagemaps.Count + 1, startPfn, pageCount, type, placement, idleRefCount);
        pagemaps.Add(pagemap);
        memmap.Set(startPfn, startPfn + pageCount, pagemap.Id);
        return pagemap;
    }

    /// <summary>memunmap_pages, last step: the struct pages are gone.</summary>
    internal void RemoveMemmap(DevPagemap pagemap)
    {
        var end = pagemap.StartPfn + pagemap.PageCount;
        memmap.Clear(pagemap.StartPfn, end);
        pages.Clear(pagemap.StartPfn, end);
        indexes.Clear(pagemap.StartPfn, end);
    }

    /// <summary>pfn_valid: true when the pfn has a struct page.</summary>
    internal bool HasStructPage(ulong pfn) => memmap[pfn] != 0;

    /// <summary>The pagemap that gave the pfn its struct page; null for system RAM and for pfns without one.</summary>
    internal DevPagemap? PagemapOf(ulong pfn)
    {
        var id = memmap[pfn];
        return id > 0 ? pagemaps[id - 1] : null;
    }

    /// <summary>pfn_valid, and the pagemap that gave the pfn its struct page: null for system RAM.</summary>
    internal bool TryPagemapOf(ulong pfn, out DevPagemap? pagemap)
    {
        int id = memmap[pfn];
        pagemap = id > 0 ? pagemaps[id - 1] : null;
        return id != 0;
    }

    private const int SystemMemmap = -1;

    private static ulong AlignUp(ulong value, ulong alignment) => (value + alignment - 1) / alignment * alignment;

    partial void InitializePages();
}
