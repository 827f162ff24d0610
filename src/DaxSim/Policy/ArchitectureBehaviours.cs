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

/// <summary>Whether the architecture can have ZONE_DEVICE.</summary>
public enum ZoneDeviceSupport
{
    /// <summary>Device memory cannot have struct pages.</summary>
    Impossible,

    /// <summary>It can, if CONFIG_ZONE_DEVICE was chosen.</summary>
    Possible,
}

/// <summary>Where the struct pages of device memory may lie (vmem_altmap).</summary>
public enum MemmapOnDevice
{
    /// <summary>In RAM only.</summary>
    Unsupported,

    /// <summary>In RAM or in the device's own first pages (map=dev).</summary>
    Supported,
}

/// <summary>Whether struct dev_pagemap has a type.</summary>
public enum PagemapTyping
{
    /// <summary>It has none: all device memory is alike.</summary>
    Untyped,

    /// <summary>Filesystem DAX (MEMORY_DEVICE_FS_DAX) is told from other device memory.</summary>
    Typed,
}

/// <summary>page_count() of an idle filesystem-DAX page.</summary>
public enum FsDaxIdlePage
{
    /// <summary>1: the pagemap holds a reference on every page.</summary>
    OneReference,

    /// <summary>0: a page is free like any other until a mapping or a pin takes it.</summary>
    NoReference,
}

/// <summary>What CONFIG_FS_DAX depends on, besides an MMU.</summary>
public enum FsDaxDependency
{
    /// <summary>Nothing: it can be built without struct pages.</summary>
    Nothing,

    /// <summary>ZONE_DEVICE or FS_DAX_LIMITED.</summary>
    ZoneDeviceOrLimited,

    /// <summary>ZONE_DEVICE.</summary>
    ZoneDevice,
}

/// <summary>Who selects CONFIG_FS_DAX_LIMITED, the licence for filesystem DAX without struct pages.</summary>
public enum FsDaxLimitedSelection
{
    /// <summary>The symbol does not exist.</summary>
    Absent,

    /// <summary>DCSSBLK selects it.</summary>
    ByDcssblk,

    /// <summary>It exists and nobody selects it.</summary>
    ByNobody,
}

/// <summary>What memremap_pages says to a filesystem-DAX pagemap when FS_DAX_LIMITED is on.</summary>
public enum LimitedFsDaxPagemap
{
    /// <summary>It makes the pages.</summary>
    Allowed,

    /// <summary>It warns and fails with EINVAL.</summary>
    Refused,
}
