using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>What devices take of RAM when the machine is built.</summary>
internal sealed partial class PhysicalMemory
{
    private readonly ExtentMap<Number> claimed;

    /// <summary>Memory that cannot be read any more: 512-byte sectors by physical address, as the firmware reports them.</summary>
    internal ExtentMap<Number> MediaErrors { get; }

    /// <summary>Is a sector of the frame a media error?</summary>
    internal bool HasMediaError(ulong pfn) => !MediaErrors.IsEmpty && MediaErrors.TryNext(pfn << (PageShift - 9), (pfn + 1) << (PageShift - 9), out _);

    /// <summary>A driver wrote the whole frame, which repairs it.</summary>
    internal void ClearMediaErrors(ulong pfn)
    {
        if (!MediaErrors.IsEmpty)
        {
            MediaErrors.Clear(pfn << (PageShift - 9), (pfn + 1) << (PageShift - 9));
        }
    }

    /// <summary>request_mem_region: from now on the frames are a driver's (IORESOURCE_BUSY).</summary>
    internal void Claim(ulong startPfn, ulong pages) => claimed.Set(startPfn, startPfn + pages, 1);

    /// <summary>release_mem_region.</summary>
    internal void Unclaim(ulong startPfn, ulong pages) => claimed.Clear(startPfn, startPfn + pages);

    /// <summary>Does the frame belong to a driver?</summary>
    internal bool IsClaimed(ulong pfn) => claimed[pfn] != 0;

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
