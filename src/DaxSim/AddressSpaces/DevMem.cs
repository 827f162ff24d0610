using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>What /dev/mem lets a program reach (drivers/char/mem.c, devmem_is_allowed).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>The first MiB, which a strict kernel leaves open: BIOS and video memory.</summary>
    private const ulong LowMemory = 1UL << 20;

    /// <summary>valid_mmap_phys_addr_range and range_is_allowed: RAM and memory that a driver has claimed are closed on a strict kernel.</summary>
    internal Verdict CheckDevMem(ulong firstPfn, ulong pages)
    {
        if (firstPfn + pages > 1UL << (PhysicalAddressBits - PageShift))
        {
            return Verdict.Fail(Errno.EINVAL, Because("valid_mmap_phys_addr_range", "The range lies beyond what the processor can address."));
        }

        for (var pfn = firstPfn; pfn < firstPfn + pages; pfn++)
        {
            if (pfn << PageShift < LowMemory || Memory.RegionOf(pfn) is not { } region)
            {
                continue;
            }

            var closed = region.Kind == RegionKind.SystemRam ? Policy.Config.IsEnabled("STRICT_DEVMEM") : (region.Kind == RegionKind.AxonRam || Memory.IsClaimed(pfn)) && Policy.Config.IsEnabled("IO_STRICT_DEVMEM");
            if (closed)
            {
                return Verdict.Fail(Errno.EPERM, Because("devmem_is_allowed", $"pfn {pfn:x} is {region.Name}, which a strict kernel does not let programs reach."));
            }
        }

        return Verdict.Ok;
    }

    /// <summary>revoke_devmem: a driver has just claimed the memory, and whoever mapped it through /dev/mem loses it, if the mapping would not be allowed now.</summary>
    internal void RevokeDevMem(ulong firstPfn, ulong pages)
    {
        if (Policy.DevMemRevocation == DevMemRevocationRule.MappingsStay || !Policy.Config.IsEnabled("IO_STRICT_DEVMEM"))
        {
            return;
        }

        foreach (var inode in Files.Where(f => f.Kind == MappingKind.DevMem))
        {
            Trace?.Step("revoke_devmem", "does anybody map the memory through /dev/mem?", "whoever does loses it", PolicyProperty.DevMemRevocation);
            UnmapRange(inode, firstPfn, firstPfn + pages, evenCopies: true);
        }
    }

    /// <summary>Bits of a physical address; 40 is what small and emulated processors have.</summary>
    private const int PhysicalAddressBits = 40;
}
