namespace DaxSim.Memory;

/// <summary>What devices take of RAM when the machine is built.</summary>
internal sealed partial class PhysicalMemory
{
    /// <summary>RAM from this pfn on belongs to RAM disks: the page allocator stays below.</summary>
    internal ulong AllocatableEnd { get; private set; } = ulong.MaxValue;

    /// <summary>The highest page frame of system RAM.</summary>
    internal ulong LastRamPfn
    {
        get
        {
            var last = 0UL;
            foreach (var region in regions)
            {
                if (region.Kind == RegionKind.SystemRam)
                {
                    last = (region.End >> PageShift) - 1;
                }
            }

            return last;
        }
    }

    /// <summary>Takes pages from the end of RAM for a RAM disk, at most the upper half of what is left of that range.</summary>
    /// <returns>The first pfn and how many pages could be had, perhaps fewer than wanted.</returns>
    internal (ulong StartPfn, ulong Count) ClaimFromEnd(ulong pages)
    {
        var end = Math.Min(AllocatableEnd, LastRamPfn + 1);
        var region = RegionOf(end - 1);
        var available = region is null ? 0 : (end - (region.Start >> PageShift)) / 2;
        var count = Math.Min(pages, available);
        AllocatableEnd = end - count;
        return (AllocatableEnd, count);
    }
}
