namespace DaxSim.Policy;

/// <summary>How the users of get_user_pages hold pages, and how held pages fare.</summary>
public sealed partial record KernelPolicy
{
    /// <summary>What fork does with a pinned page of hugetlb memory.</summary>
    public HugeTlbEarlyCopyRule HugeTlbEarlyCopy { get => (HugeTlbEarlyCopyRule)Get(PolicyProperty.HugeTlbEarlyCopy); init => Set(PolicyProperty.HugeTlbEarlyCopy, (int)value); }

    /// <summary>What a forced write to a shared area without VM_WRITE does besides failing.</summary>
    public SharedForceRule SharedForce { get => (SharedForceRule)Get(PolicyProperty.SharedForce); init => Set(PolicyProperty.SharedForce, (int)value); }

    /// <summary>How much generic_access_phys maps for a request.</summary>
    public GenericAccessRule GenericAccess { get => (GenericAccessRule)Get(PolicyProperty.GenericAccess); init => Set(PolicyProperty.GenericAccess, (int)value); }

    private static string? DescribePins(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.HugeTlbEarlyCopy => ((HugeTlbEarlyCopyRule)value).ToString(),
        PolicyProperty.SharedForce => ((SharedForceRule)value).ToString(),
        PolicyProperty.GenericAccess => ((GenericAccessRule)value).ToString(),
        _ => null,
    };
}
