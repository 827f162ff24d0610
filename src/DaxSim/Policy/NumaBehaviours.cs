namespace DaxSim.Policy;

/// <summary>Which modes of memory policies there are besides the oldest.</summary>
public enum PolicyModesRule
{
    /// <summary>Up to MPOL_LOCAL.</summary>
    Local,

    /// <summary>MPOL_PREFERRED_MANY too.</summary>
    PreferredMany,

    /// <summary>MPOL_WEIGHTED_INTERLEAVE too.</summary>
    WeightedInterleave,
}

/// <summary>What get_mempolicy says of MPOL_LOCAL.</summary>
public enum LocalPolicyRule
{
    /// <summary>MPOL_PREFERRED without a node.</summary>
    PreferredWithoutNode,

    /// <summary>MPOL_LOCAL.</summary>
    Local,
}

/// <summary>May automatic NUMA balancing move pages among nodes that they are bound to (MPOL_F_NUMA_BALANCING)?</summary>
public enum BoundBalancingRule
{
    /// <summary>No; there is no such flag.</summary>
    Never,

    /// <summary>Where MPOL_BIND comes with the flag.</summary>
    WithFlag,
}

/// <summary>What mbind(MPOL_MF_MOVE | MPOL_MF_STRICT) says of pages that others map too.</summary>
public enum MbindSharedRule
{
    /// <summary>Nothing: they stay where they are.</summary>
    PassedOver,

    /// <summary>EIO, as of others that cannot be moved.</summary>
    CountsAsFailure,
}

/// <summary>What move_pages says of a page that somebody holds.</summary>
public enum MovePagesFailureRule
{
    /// <summary>Its status is the error; the call succeeds.</summary>
    StatusOfThePage,

    /// <summary>The call ends and returns the number of pages not moved; nothing is said of those that were to go with it.</summary>
    EndsTheCall,
}

/// <summary>Are read-only mappings of files (text) subject to automatic NUMA balancing?</summary>
public enum HintedFilesRule
{
    /// <summary>Yes.</summary>
    All,

    /// <summary>No: migrating them is of little use.</summary>
    WritableOnly,
}

/// <summary>Which pages of private mappings automatic NUMA balancing prepares.</summary>
public enum HintedCopiesRule
{
    /// <summary>All.</summary>
    All,

    /// <summary>Those that are mapped once.</summary>
    MappedOnce,

    /// <summary>Those that have one reference.</summary>
    ReferencedOnce,

    /// <summary>Those that are neither pinned nor mapped by others.</summary>
    NeitherPinnedNorShared,
}

/// <summary>Does automatic NUMA balancing prepare dirty pages of files?</summary>
public enum HintedDirtyRule
{
    /// <summary>Yes, in vain.</summary>
    Prepared,

    /// <summary>No.</summary>
    LeftAlone,
}

/// <summary>Does automatic NUMA balancing look at mappings of shmem (tmpfs, memfd, shared anonymous memory)?</summary>
public enum HintedShmemRule
{
    /// <summary>Only where mbind gave the file a policy that allows it: a file without any counts as one that forbids.</summary>
    WithPolicyOnly,

    /// <summary>As at others.</summary>
    LikeOthers,
}

/// <summary>What mbind(MPOL_MF_MOVE | MPOL_MF_STRICT) does to anonymous pages of mappings that cannot be migrated (copies in a private mapping of a DAX file or of device memory).</summary>
public enum MbindUnmigratableRule
{
    /// <summary>It moves them, and answers EIO nevertheless.</summary>
    MovesThem,

    /// <summary>It answers EIO.</summary>
    LeavesThem,
}

/// <summary>What move_pages says of a page of the huge page pool that is not the first of its huge page.</summary>
public enum MovePagesTailRule
{
    /// <summary>EACCES: only the first stands for the huge page.</summary>
    Eacces,

    /// <summary>EBUSY where the huge page is on its way already; otherwise it stands for the huge page like the first.</summary>
    LikeTheFirst,
}

/// <summary>What get_user_pages makes of an entry that waits for a hint fault of automatic NUMA balancing.</summary>
public enum GupHintRule
{
    /// <summary>A fault (FOLL_NUMA), unless forced; follow_page by itself takes the page.</summary>
    FaultsForUsers,

    /// <summary>A fault, unless forced.</summary>
    FaultsUnlessForced,

    /// <summary>It takes the page; KVM asks for the fault (FOLL_HONOR_NUMA_FAULT).</summary>
    FaultsIfAsked,
}
