namespace DaxSim.Policy;

// Nodes of memory: policies, moves and automatic balancing.
public sealed partial record KernelPolicy
{
    /// <summary>Which modes of memory policies there are.</summary>
    public PolicyModesRule PolicyModes { get => (PolicyModesRule)Get(PolicyProperty.PolicyModes); init => Set(PolicyProperty.PolicyModes, (int)value); }

    /// <summary>What get_mempolicy says of MPOL_LOCAL.</summary>
    public LocalPolicyRule LocalPolicy { get => (LocalPolicyRule)Get(PolicyProperty.LocalPolicy); init => Set(PolicyProperty.LocalPolicy, (int)value); }

    /// <summary>May automatic balancing move pages among nodes that they are bound to?</summary>
    public BoundBalancingRule BoundBalancing { get => (BoundBalancingRule)Get(PolicyProperty.BoundBalancing); init => Set(PolicyProperty.BoundBalancing, (int)value); }

    /// <summary>What mbind(MPOL_MF_MOVE | MPOL_MF_STRICT) says of pages that others map too.</summary>
    public MbindSharedRule MbindShared { get => (MbindSharedRule)Get(PolicyProperty.MbindShared); init => Set(PolicyProperty.MbindShared, (int)value); }

    /// <summary>What move_pages says of a page that somebody holds.</summary>
    public MovePagesFailureRule MovePagesFailure { get => (MovePagesFailureRule)Get(PolicyProperty.MovePagesFailure); init => Set(PolicyProperty.MovePagesFailure, (int)value); }

    /// <summary>Are read-only mappings of files subject to automatic balancing?</summary>
    public HintedFilesRule HintedFiles { get => (HintedFilesRule)Get(PolicyProperty.HintedFiles); init => Set(PolicyProperty.HintedFiles, (int)value); }

    /// <summary>Which pages of private mappings automatic balancing prepares.</summary>
    public HintedCopiesRule HintedCopies { get => (HintedCopiesRule)Get(PolicyProperty.HintedCopies); init => Set(PolicyProperty.HintedCopies, (int)value); }

    /// <summary>Does automatic balancing prepare dirty pages of files?</summary>
    public HintedDirtyRule HintedDirty { get => (HintedDirtyRule)Get(PolicyProperty.HintedDirty); init => Set(PolicyProperty.HintedDirty, (int)value); }

    /// <summary>What get_user_pages makes of an entry that waits for a hint fault.</summary>
    public GupHintRule GupHint { get => (GupHintRule)Get(PolicyProperty.GupHint); init => Set(PolicyProperty.GupHint, (int)value); }

    /// <summary>Does automatic balancing look at mappings of shmem?</summary>
    public HintedShmemRule HintedShmem { get => (HintedShmemRule)Get(PolicyProperty.HintedShmem); init => Set(PolicyProperty.HintedShmem, (int)value); }

    /// <summary>What mbind(MPOL_MF_MOVE | MPOL_MF_STRICT) does to anonymous pages of mappings that cannot be migrated.</summary>
    public MbindUnmigratableRule MbindUnmigratable { get => (MbindUnmigratableRule)Get(PolicyProperty.MbindUnmigratable); init => Set(PolicyProperty.MbindUnmigratable, (int)value); }

    /// <summary>What move_pages says of a page of the huge page pool that is not the first of its huge page.</summary>
    public MovePagesTailRule MovePagesTail { get => (MovePagesTailRule)Get(PolicyProperty.MovePagesTail); init => Set(PolicyProperty.MovePagesTail, (int)value); }

    private static string? DescribeNuma(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.PolicyModes => ((PolicyModesRule)value).ToString(),
        PolicyProperty.LocalPolicy => ((LocalPolicyRule)value).ToString(),
        PolicyProperty.BoundBalancing => ((BoundBalancingRule)value).ToString(),
        PolicyProperty.MbindShared => ((MbindSharedRule)value).ToString(),
        PolicyProperty.MovePagesFailure => ((MovePagesFailureRule)value).ToString(),
        PolicyProperty.HintedFiles => ((HintedFilesRule)value).ToString(),
        PolicyProperty.HintedCopies => ((HintedCopiesRule)value).ToString(),
        PolicyProperty.HintedDirty => ((HintedDirtyRule)value).ToString(),
        PolicyProperty.GupHint => ((GupHintRule)value).ToString(),
        PolicyProperty.HintedShmem => ((HintedShmemRule)value).ToString(),
        PolicyProperty.MbindUnmigratable => ((MbindUnmigratableRule)value).ToString(),
        PolicyProperty.MovePagesTail => ((MovePagesTailRule)value).ToString(),
        _ => null,
    };
}
