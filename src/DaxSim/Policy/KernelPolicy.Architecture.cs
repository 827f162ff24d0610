namespace DaxSim.Policy;

public sealed partial record KernelPolicy
{
    /// <summary>Whether page table entries can be marked devmap.</summary>
    public DevmapPteSupport DevmapPte { get => (DevmapPteSupport)Get(PolicyProperty.DevmapPte); init => Set(PolicyProperty.DevmapPte, (int)value); }

    /// <summary>Whether device memory can have struct pages at all (ZONE_DEVICE); whether it was built is up to the configuration.</summary>
    public ZoneDeviceSupport ZoneDevice { get => (ZoneDeviceSupport)Get(PolicyProperty.ZoneDevice); init => Set(PolicyProperty.ZoneDevice, (int)value); }

    /// <summary>Where the struct pages of device memory may lie.</summary>
    public MemmapOnDevice MemmapOnDevice { get => (MemmapOnDevice)Get(PolicyProperty.MemmapOnDevice); init => Set(PolicyProperty.MemmapOnDevice, (int)value); }

    /// <summary>Whether a pagemap says what kind of device memory it describes.</summary>
    public PagemapTyping PagemapTyping { get => (PagemapTyping)Get(PolicyProperty.PagemapTyping); init => Set(PolicyProperty.PagemapTyping, (int)value); }

    /// <summary>The reference count of a struct page of a filesystem-DAX device that nobody uses.</summary>
    public FsDaxIdlePage FsDaxIdlePage { get => (FsDaxIdlePage)Get(PolicyProperty.FsDaxIdlePage); init => Set(PolicyProperty.FsDaxIdlePage, (int)value); }

    /// <summary>What FS_DAX needs in Kconfig.</summary>
    public FsDaxDependency FsDaxDependency { get => (FsDaxDependency)Get(PolicyProperty.FsDaxDependency); init => Set(PolicyProperty.FsDaxDependency, (int)value); }

    /// <summary>Who selects FS_DAX_LIMITED in Kconfig.</summary>
    public FsDaxLimitedSelection FsDaxLimited { get => (FsDaxLimitedSelection)Get(PolicyProperty.FsDaxLimited); init => Set(PolicyProperty.FsDaxLimited, (int)value); }

    /// <summary>Whether a kernel with FS_DAX_LIMITED may also make filesystem-DAX pages.</summary>
    public LimitedFsDaxPagemap LimitedFsDaxPagemap { get => (LimitedFsDaxPagemap)Get(PolicyProperty.LimitedFsDaxPagemap); init => Set(PolicyProperty.LimitedFsDaxPagemap, (int)value); }

    internal KconfigFacts KconfigFacts => new(FsDaxDependency, FsDaxLimited, ZoneDevice);

    private static string? DescribeArchitecture(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.DevmapPte => ((DevmapPteSupport)value).ToString(),
        PolicyProperty.ZoneDevice => ((ZoneDeviceSupport)value).ToString(),
        PolicyProperty.MemmapOnDevice => ((MemmapOnDevice)value).ToString(),
        PolicyProperty.PagemapTyping => ((PagemapTyping)value).ToString(),
        PolicyProperty.FsDaxIdlePage => ((FsDaxIdlePage)value).ToString(),
        PolicyProperty.FsDaxDependency => ((FsDaxDependency)value).ToString(),
        PolicyProperty.FsDaxLimited => ((FsDaxLimitedSelection)value).ToString(),
        PolicyProperty.LimitedFsDaxPagemap => ((LimitedFsDaxPagemap)value).ToString(),
        _ => null,
    };
}
