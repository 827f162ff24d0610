namespace DaxSim.Policy;

// What the kernel does to pages on its own account: memory failure, merging, moving.
public sealed partial record KernelPolicy
{
    /// <summary>What becomes of a poisoned page of a hugetlb file.</summary>
    public HugeTlbFailureRule HugeTlbFailure { get => (HugeTlbFailureRule)Get(PolicyProperty.HugeTlbFailure); init => Set(PolicyProperty.HugeTlbFailure, (int)value); }

    /// <summary>How much of a poisoned huge page that its file keeps read(2) gives out.</summary>
    public HugeTlbPoisonReadRule HugeTlbPoisonRead { get => (HugeTlbPoisonReadRule)Get(PolicyProperty.HugeTlbPoisonRead); init => Set(PolicyProperty.HugeTlbPoisonRead, (int)value); }

    /// <summary>What memory failure answers for an anonymous page that somebody else still holds.</summary>
    public HeldFailureRule HeldFailure { get => (HeldFailureRule)Get(PolicyProperty.HeldFailure); init => Set(PolicyProperty.HeldFailure, (int)value); }

    /// <summary>What fork does with the entry of a poisoned huge page of the pool.</summary>
    public HugeTlbPoisonForkRule HugeTlbPoisonFork { get => (HugeTlbPoisonForkRule)Get(PolicyProperty.HugeTlbPoisonFork); init => Set(PolicyProperty.HugeTlbPoisonFork, (int)value); }

    /// <summary>What get_user_pages with FOLL_HWPOISON answers for a poisoned huge page of the pool.</summary>
    public GupHugeTlbPoisonRule GupHugeTlbPoison { get => (GupHugeTlbPoisonRule)Get(PolicyProperty.GupHugeTlbPoison); init => Set(PolicyProperty.GupHugeTlbPoison, (int)value); }

    /// <summary>May a merged page (KSM) be written in place?</summary>
    public MergedReuseRule MergedReuse { get => (MergedReuseRule)Get(PolicyProperty.MergedReuse); init => Set(PolicyProperty.MergedReuse, (int)value); }

    /// <summary>Of which pages /proc/kpageflags says KSM.</summary>
    public KpageflagsMergedRule KpageflagsMerged { get => (KpageflagsMergedRule)Get(PolicyProperty.KpageflagsMerged); init => Set(PolicyProperty.KpageflagsMerged, (int)value); }

    /// <summary>Are anonymous pages that other processes map too collapsed into a huge page?</summary>
    public CollapseSharedRule CollapseShared { get => (CollapseSharedRule)Get(PolicyProperty.CollapseShared); init => Set(PolicyProperty.CollapseShared, (int)value); }

    /// <summary>How many of the pages must be writable that are collapsed into a huge page.</summary>
    public CollapseWritableRule CollapseWritable { get => (CollapseWritableRule)Get(PolicyProperty.CollapseWritable); init => Set(PolicyProperty.CollapseWritable, (int)value); }

    /// <summary>What memory failure does with a merged page (KSM).</summary>
    public MergedFailureRule MergedFailure { get => (MergedFailureRule)Get(PolicyProperty.MergedFailure); init => Set(PolicyProperty.MergedFailure, (int)value); }

    /// <summary>Can pages full of zeroes be merged into the zero page?</summary>
    public MergedZeroesRule MergedZeroes { get => (MergedZeroesRule)Get(PolicyProperty.MergedZeroes); init => Set(PolicyProperty.MergedZeroes, (int)value); }

    private static string? DescribeScans(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.HugeTlbFailure => ((HugeTlbFailureRule)value).ToString(),
        PolicyProperty.HugeTlbPoisonRead => ((HugeTlbPoisonReadRule)value).ToString(),
        PolicyProperty.HeldFailure => ((HeldFailureRule)value).ToString(),
        PolicyProperty.HugeTlbPoisonFork => ((HugeTlbPoisonForkRule)value).ToString(),
        PolicyProperty.GupHugeTlbPoison => ((GupHugeTlbPoisonRule)value).ToString(),
        PolicyProperty.MergedReuse => ((MergedReuseRule)value).ToString(),
        PolicyProperty.KpageflagsMerged => ((KpageflagsMergedRule)value).ToString(),
        PolicyProperty.CollapseShared => ((CollapseSharedRule)value).ToString(),
        PolicyProperty.CollapseWritable => ((CollapseWritableRule)value).ToString(),
        PolicyProperty.MergedFailure => ((MergedFailureRule)value).ToString(),
        PolicyProperty.MergedZeroes => ((MergedZeroesRule)value).ToString(),
        _ => null,
    };
}
