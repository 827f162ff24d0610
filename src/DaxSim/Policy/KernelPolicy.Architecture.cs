namespace DaxSim.Policy;

/// <summary>Whether the architecture's page table entries can be marked "devmap" (pte_devmap).</summary>
public enum DevmapPteSupport
{
    /// <summary>The helpers are constant false: a device page looks special.</summary>
    None,

    /// <summary>There is a bit for it: get_user_pages may follow the entry while it holds a dev_pagemap reference.</summary>
    Bit,

    /// <summary>The bit was removed for every architecture; device pages are mapped like any other page.</summary>
    Removed,
}

public sealed partial record KernelPolicy
{
    /// <summary>Whether page table entries can be marked devmap.</summary>
    public DevmapPteSupport DevmapPte { get => (DevmapPteSupport)Get(PolicyProperty.DevmapPte); init => Set(PolicyProperty.DevmapPte, (int)value); }

    private static string DescribeTheme(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.DevmapPte => ((DevmapPteSupport)value).ToString(),
        _ => DescribeAdmission(property, value)
            ?? DescribeFileSystems(property, value)
            ?? throw new ArgumentOutOfRangeException(nameof(property), property, "Not a policy property."),
    };
}
