namespace DaxSim.Policy;

/// <summary>What fork does with a pinned page of hugetlb memory.</summary>
public enum HugeTlbEarlyCopyRule
{
    /// <summary>It is shared for copy on write like any other, so that the pin may end up with the child's page.</summary>
    SharesPinned,

    /// <summary>The child gets a copy at once, and the parent keeps the pinned page.</summary>
    CopiesPinned,
}

/// <summary>What a forced write to a shared area without VM_WRITE does besides failing.</summary>
public enum SharedForceRule
{
    /// <summary>It fails.</summary>
    Silent,

    /// <summary>It fails; where the area might be made writable the kernel warns once per boot.</summary>
    WarnsOnce,
}

/// <summary>How much generic_access_phys maps for a request.</summary>
public enum GenericAccessRule
{
    /// <summary>One page, whatever is asked for: what lies behind it is not mapped, and reading it crashes the kernel.</summary>
    OnePage,

    /// <summary>All that is asked for, even past the end of the area.</summary>
    WholeRequest,
}
