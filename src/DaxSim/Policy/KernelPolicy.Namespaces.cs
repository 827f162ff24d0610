namespace DaxSim.Policy;

public sealed partial record KernelPolicy
{
    /// <summary>What becomes of mappings of /dev/mem when a driver claims the memory.</summary>
    public DevMemRevocationRule DevMemRevocation { get => (DevMemRevocationRule)Get(PolicyProperty.DevMemRevocation); init => Set(PolicyProperty.DevMemRevocation, (int)value); }

    /// <summary>What happens where two devices want struct pages in one section of memory.</summary>
    public SectionSharingRule SectionSharing { get => (SectionSharingRule)Get(PolicyProperty.SectionSharing); init => Set(PolicyProperty.SectionSharing, (int)value); }

    /// <summary>What is done about device memory in one section with system RAM.</summary>
    public RamInSectionRule RamInSection { get => (RamInSectionRule)Get(PolicyProperty.RamInSection); init => Set(PolicyProperty.RamInSection, (int)value); }

    /// <summary>What the probe of a namespace does about media errors where its struct pages are to lie.</summary>
    public MetadataErrorRule MetadataErrors { get => (MetadataErrorRule)Get(PolicyProperty.MetadataErrors); init => Set(PolicyProperty.MetadataErrors, (int)value); }

    /// <summary>Whether a region of persistent memory has a list of media errors of its own.</summary>
    public RegionBadblocksRule RegionBadblocks { get => (RegionBadblocksRule)Get(PolicyProperty.RegionBadblocks); init => Set(PolicyProperty.RegionBadblocks, (int)value); }

    /// <summary>Which function handles a fault of one page on a DAX file.</summary>
    public DaxFaultFunction DaxFaultFunction { get => (DaxFaultFunction)Get(PolicyProperty.DaxFaultFunction); init => Set(PolicyProperty.DaxFaultFunction, (int)value); }

    /// <summary>The name of that function, for explanations.</summary>
    internal string DaxFaultName => DaxFaultFunction switch
    {
        DaxFaultFunction.XipFileFault => "xip_file_fault",
        DaxFaultFunction.DoDaxFault => "do_dax_fault",
        DaxFaultFunction.UnlockedDaxFault => "__dax_fault",
        DaxFaultFunction.DaxFault => "dax_fault",
        DaxFaultFunction.DaxIomapFault => "dax_iomap_fault",
        _ => "dax_iomap_pte_fault",
    };

    private static string? DescribeNamespaces(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.DevMemRevocation => ((DevMemRevocationRule)value).ToString(),
        PolicyProperty.SectionSharing => ((SectionSharingRule)value).ToString(),
        PolicyProperty.RamInSection => ((RamInSectionRule)value).ToString(),
        PolicyProperty.MetadataErrors => ((MetadataErrorRule)value).ToString(),
        PolicyProperty.RegionBadblocks => ((RegionBadblocksRule)value).ToString(),
        _ => null,
    };
}
