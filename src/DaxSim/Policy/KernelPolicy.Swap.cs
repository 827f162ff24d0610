namespace DaxSim.Policy;

// Pages that reclaim takes away, and how they come back.
public sealed partial record KernelPolicy
{
    /// <summary>When a page of the swap cache may be written in place.</summary>
    public SwapReuseRule SwapReuse { get => (SwapReuseRule)Get(PolicyProperty.SwapReuse); init => Set(PolicyProperty.SwapReuse, (int)value); }

    /// <summary>Does a swap entry say that its page belonged to one process alone?</summary>
    public SwapExclusiveRule SwapExclusive { get => (SwapExclusiveRule)Get(PolicyProperty.SwapExclusive); init => Set(PolicyProperty.SwapExclusive, (int)value); }

    /// <summary>When a page is read in without going through the swap cache.</summary>
    public SwapBypassRule SwapBypass { get => (SwapBypassRule)Get(PolicyProperty.SwapBypass); init => Set(PolicyProperty.SwapBypass, (int)value); }

    /// <summary>Does reclaim take pages that FOLL_PIN pinned?</summary>
    public SwapPinnedRule SwapPinned { get => (SwapPinnedRule)Get(PolicyProperty.SwapPinned); init => Set(PolicyProperty.SwapPinned, (int)value); }

    /// <summary>Is an anonymous page that a load brought back from swap writable at once?</summary>
    public SwapInWritableRule SwapInWritable { get => (SwapInWritableRule)Get(PolicyProperty.SwapInWritable); init => Set(PolicyProperty.SwapInWritable, (int)value); }

    /// <summary>Which base pages MADV_PAGEOUT takes.</summary>
    public PageOutSharedRule PageOutShared { get => (PageOutSharedRule)Get(PolicyProperty.PageOutShared); init => Set(PolicyProperty.PageOutShared, (int)value); }

    /// <summary>What MADV_PAGEOUT does where it meets a page of a large folio that others map, too.</summary>
    public PageOutHugeRule PageOutHuge { get => (PageOutHugeRule)Get(PolicyProperty.PageOutHuge); init => Set(PolicyProperty.PageOutHuge, (int)value); }

    /// <summary>What becomes of pages full of zeros when a huge page is split.</summary>
    public SplitZeroPagesRule SplitZeroPages { get => (SplitZeroPagesRule)Get(PolicyProperty.SplitZeroPages); init => Set(PolicyProperty.SplitZeroPages, (int)value); }

    /// <summary>What reclaim demands of a page that MADV_FREE gave up.</summary>
    public LazyFreeReclaimRule LazyFreeReclaim { get => (LazyFreeReclaimRule)Get(PolicyProperty.LazyFreeReclaim); init => Set(PolicyProperty.LazyFreeReclaim, (int)value); }

    /// <summary>What MADV_FREE does on a machine without free swap space.</summary>
    public MadviseFreeRule MadviseFree { get => (MadviseFreeRule)Get(PolicyProperty.MadviseFree); init => Set(PolicyProperty.MadviseFree, (int)value); }

    /// <summary>Are pages read in from swap when a range is collapsed into a huge page?</summary>
    public CollapseSwappedRule CollapseSwapped { get => (CollapseSwappedRule)Get(PolicyProperty.CollapseSwapped); init => Set(PolicyProperty.CollapseSwapped, (int)value); }

    /// <summary>What /proc/pid/smaps tells of swap.</summary>
    public SmapsSwapRule SmapsSwap { get => (SmapsSwapRule)Get(PolicyProperty.SmapsSwap); init => Set(PolicyProperty.SmapsSwap, (int)value); }

    private static string? DescribeSwap(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.SwapReuse => ((SwapReuseRule)value).ToString(),
        PolicyProperty.SwapExclusive => ((SwapExclusiveRule)value).ToString(),
        PolicyProperty.SwapBypass => ((SwapBypassRule)value).ToString(),
        PolicyProperty.SwapPinned => ((SwapPinnedRule)value).ToString(),
        PolicyProperty.SwapInWritable => ((SwapInWritableRule)value).ToString(),
        PolicyProperty.PageOutShared => ((PageOutSharedRule)value).ToString(),
        PolicyProperty.PageOutHuge => ((PageOutHugeRule)value).ToString(),
        PolicyProperty.SplitZeroPages => ((SplitZeroPagesRule)value).ToString(),
        PolicyProperty.LazyFreeReclaim => ((LazyFreeReclaimRule)value).ToString(),
        PolicyProperty.MadviseFree => ((MadviseFreeRule)value).ToString(),
        PolicyProperty.CollapseSwapped => ((CollapseSwappedRule)value).ToString(),
        PolicyProperty.SmapsSwap => ((SmapsSwapRule)value).ToString(),
        _ => null,
    };
}
