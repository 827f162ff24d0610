namespace DaxSim.Policy;

/// <summary>The named behaviours in which kernels differ; each is a property of <see cref="KernelPolicy"/> of the same name.</summary>
/// <remarks>The members are grouped by theme; each theme's properties stand in <c>KernelPolicy.(theme).cs</c>, its changes in <c>Changes.(theme).cs</c>.</remarks>
public enum PolicyProperty
{
    // ---- Architecture theme (page table entries, ZONE_DEVICE) ----
#pragma warning disable CS1591 // Documented at the property of the same name.
    DevmapPte,
    ZoneDevice,
    MemmapOnDevice,
    PagemapTyping,
    FsDaxIdlePage,
    FsDaxDependency,
    FsDaxLimited,
    LimitedFsDaxPagemap,

    // ---- Devices theme ----
    DirectAccessInterface,
    DirectAccessLength,
    QueueDaxFlag,
    DaxNegativeLength,
    DaxOperationsTest,
    PfnRepresentation,
    DaxSynchronousFlag,
    DaxHolder,
    PmemDriver,
    PmemBadblocks,
    PmemPfnFlags,
    PmemQueueFlag,
    PmemLength,
    PmemRawPages,
    VirtioPmemDriver,
    DeviceDaxDriver,
    KmemDriver,
    FsdevDriver,
    VirtiofsWindow,
    BrdDirectAccess,
    AxonRamDriver,
    AxonRamDirectAccess,
    XpramDriver,
    DcssDax,
    DcssLength,
    DcssPfnFlags,
    DcssSegmentType,
    DcssMemoryOverlap,
    DcssLogAddresses,
    DeviceMapperDax,
    DeviceMapperSynchronous,

    // ---- Admission theme ----

    // ---- FileSystems theme ----

    // ---- AddressSpaces theme ----

    // ---- Processes theme ----

    /// <summary>Not a behaviour: the number of members before this one.</summary>
    Count,
}
