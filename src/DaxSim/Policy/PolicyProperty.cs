namespace DaxSim.Policy;

/// <summary>The named behaviours in which kernels differ; each is a property of <see cref="KernelPolicy"/> of the same name.</summary>
/// <remarks>The members are grouped by theme; each theme's properties stand in <c>KernelPolicy.(theme).cs</c>, its changes in <c>Changes.(theme).cs</c>.</remarks>
public enum PolicyProperty
{
    // ---- Architecture theme (page table entries, ZONE_DEVICE) ----
#pragma warning disable CS1591 // Documented at the property of the same name.
    DevmapPte,

    // ---- Devices theme ----

    // ---- Admission theme ----
    FsDaxDecision,
    AdmissionAnswer,
    AdmissionMessageSubject,
    AdmissionMessageLevel,
    AdmissionQueueFlag,
    AdmissionPfnTest,
    AdmissionProbe,
    AdmissionNullDevice,
    AdmissionLimitedWarning,
    AdmissionHolder,
    BlockDeviceFileDax,
    CharacterDeviceFsDax,

    // ---- FileSystems theme ----
    Ext2DaxOption,
    Ext2UnsupportedDax,
    Ext2DaxWarning,
    Ext2MountOptionWord,
    Ext2OptionParser,
    Ext4DaxOption,
    Ext4UnsupportedDax,
    Ext4InlineDataDax,
    Ext4DaxProbe,
    Ext4ExperimentalWarning,
    Ext4RemountDax,
    Ext4OptionParser,
    Ext4InodeDax,
    Ext4InodeDaxFlag,
    Ext4MountMessage,
    Ext4DataModeShown,
    Ext4NoJournalOptions,
    Ext4JournalDataWarning,
    Ext4VerityFeature,
    Ext4EncryptFeature,
    XfsDaxOption,
    XfsDaxTests,
    XfsReflinkDax,
    XfsExperimentalWarning,
    XfsInodeDax,
    XfsDaxFlagIoctl,
    XfsMountMessage,
    XfsShownDefaults,
    XfsOptionParser,
    XfsInodeCountFeature,
    ReflinkWithDax,
    ErofsDax,
    ErofsDaxMessages,
    VirtioFsDax,
    VirtioFsWithoutWindow,
    MapSyncRule,
    StatxDaxAttribute,
    ReadOnlyDeviceMessage,
    FlaggedInodeCaching,

    // ---- AddressSpaces theme ----

    // ---- Processes theme ----

    /// <summary>Not a behaviour: the number of members before this one.</summary>
    Count,
}
