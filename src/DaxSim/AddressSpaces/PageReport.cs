using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>What /proc/kpageflags and /proc/kpagecount say of one page frame.</summary>
/// <param name="NoPage">KPF_NOPAGE: there is no struct page to look at.</param>
/// <param name="IsMapped">KPF_MMAP: some page table maps it.</param>
/// <param name="IsAnonymous">KPF_ANON.</param>
/// <param name="IsTransparentHuge">KPF_THP.</param>
/// <param name="IsHugeTlb">KPF_HUGE.</param>
/// <param name="IsZeroPage">KPF_ZERO_PAGE.</param>
/// <param name="MapCount">How often it is mapped (/proc/kpagecount).</param>
public readonly record struct PageReport(bool NoPage, bool IsMapped, bool IsAnonymous, bool IsTransparentHuge, bool IsHugeTlb, bool IsZeroPage, int MapCount)
{
    /// <summary>KPF_KSM: the page stands for several equal ones; on some kernels said of every anonymous page.</summary>
    public bool IsMerged { get; init; }

    /// <summary>KPF_SWAPCACHE: the page has a slot in a swap area.</summary>
    public bool IsInSwapCache { get; init; }

    /// <summary>KPF_SWAPBACKED: reclaim would write it to a swap area.</summary>
    public bool IsSwapBacked { get; init; }

    /// <summary>KPF_DIRTY.</summary>
    public bool IsDirty { get; init; }
}

/// <summary>/proc/kpageflags and /proc/kpagecount (fs/proc/page.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>stable_page_flags; null where the file has ended.</summary>
    internal PageReport? ReportPage(ulong pfn)
    {
        if (!KpageflagsReach(pfn))
        {
            return null;
        }

        if (!Memory.HasStructPage(pfn))
        {
            return new PageReport(NoPage: true, false, false, false, false, false, 0);
        }

        if (Memory.PagemapOf(pfn) is not null && Policy.KpageflagsDevice != KpageflagsDeviceRule.ItsFlags)
        {
            return new PageReport(Policy.KpageflagsDevice == KpageflagsDeviceRule.NoPage, false, false, false, false, false, 0);
        }

        if (pfn == Memory.ZeroPfn || IsHugeZero(pfn))
        {
            return new PageReport(false, false, false, pfn != Memory.ZeroPfn, false, true, 0);
        }

        var page = Memory.PageOf(pfn);
        var head = Memory.PageOf(Memory.HeadOf(pfn));
        var mappings = page.MapCount + head.EntireMapCount;
        var hugeTlb = head.Has(PageFlags.Hugetlb);
        return new PageReport(false, mappings > 0, head.IsAnon, head.Order > 0 && head.IsAnon && !hugeTlb, hugeTlb, false, mappings)
        {
            IsInSwapCache = page.Has(PageFlags.SwapCache),
            IsSwapBacked = page.Has(PageFlags.SwapBacked),
            IsDirty = IsPageDirty(pfn),
            IsMerged = page.Has(PageFlags.Merged) || (Policy.KpageflagsMerged == KpageflagsMergedRule.AnonymousPages && head.IsAnon),
        };
    }

    private bool KpageflagsReach(ulong pfn)
    {
        if (Policy.KpageflagsReach == KpageflagsReachRule.Unbounded || pfn <= Memory.HighestMemmapPfn)
        {
            return true;
        }

        // Only x86 moves the end of memory when devices add theirs.
        return Policy.KpageflagsReach == KpageflagsReachRule.MemoryAndDevices && Policy.Architecture == Architecture.X8664
            && Memory.Pagemaps.Any(p => !p.Dead && pfn < p.StartPfn + p.PageCount);
    }
}
