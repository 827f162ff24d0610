namespace DaxSim.Policy;

/// <summary>What becomes of a program's mapping of /dev/mem when a driver claims the memory (CONFIG_IO_STRICT_DEVMEM).</summary>
public enum DevMemRevocationRule
{
    /// <summary>It stays.</summary>
    MappingsStay,

    /// <summary>Its entries are taken away, and the next access is a SIGBUS.</summary>
    Revoked,
}

/// <summary>What devm_memremap_pages does where a section of memory has struct pages of another device already.</summary>
public enum SectionSharingRule
{
    /// <summary>Nothing is noticed: both devices use the section's struct pages, and the first that goes takes them away from the other.</summary>
    Unnoticed,

    /// <summary>EBUSY: the table of page maps has one entry a section.</summary>
    RefusedAsBusy,

    /// <summary>ENOMEM, with a warning.</summary>
    RefusedWithWarning,

    /// <summary>Sections have sub-sections of 2 MiB: neighbours do not meet.</summary>
    SubSections,
}

/// <summary>What is done about device memory in one section with system RAM.</summary>
public enum RamInSectionRule
{
    /// <summary>Nothing.</summary>
    Unnoticed,

    /// <summary>A namespace with an info block leaves the shared sections out; a range without one is refused with ENXIO.</summary>
    TrimmedOrRefused,
}

/// <summary>What the probe of a namespace does about known media errors where its struct pages are to lie.</summary>
public enum MetadataErrorRule
{
    /// <summary>Nothing: struct pages are written over bad memory.</summary>
    LeftAlone,

    /// <summary>They are overwritten with zeros through the firmware first, which clears them.</summary>
    Cleared,
}

/// <summary>Whether a region of persistent memory has a list of media errors of its own.</summary>
public enum RegionBadblocksRule
{
    /// <summary>No: only block devices have.</summary>
    Absent,

    /// <summary>Yes, and clearing an error through the firmware takes it off the list.</summary>
    Listed,
}
