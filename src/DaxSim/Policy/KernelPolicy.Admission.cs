namespace DaxSim.Policy;

/// <summary>Who decides whether a filesystem may use DAX on a block device.</summary>
public enum FsDaxDecision
{
    /// <summary>Execute in place: ext2 looks for the driver's direct_access operation (to 3.19).</summary>
    XipOperation,

    /// <summary>Every filesystem looks for the operation itself; nothing touches the device (4.0 to 4.6).</summary>
    DirectAccessOperation,

    /// <summary>bdev_dax_supported in fs/block_dev.c probes the first page (4.7 to 4.11).</summary>
    BlockCore,

    /// <summary>__bdev_dax_supported of the dax core, over dax_devices (4.12 to 5.1).</summary>
    DaxCore,

    /// <summary>__bdev_dax_supported asks the queue and the driver's dax_supported operation (5.2 to 5.14).</summary>
    DriverOperation,

    /// <summary>The filesystem calls fs_dax_get_by_bdev, then dax_supported (5.15 and 5.16).</summary>
    FileSystemAsksDriver,

    /// <summary>fs_dax_get_by_bdev alone: queue flag, alignment, dax_device; nothing touches the device (from 5.17).</summary>
    LookupOnly,
}

/// <summary>What the common admission function tells its caller.</summary>
public enum AdmissionAnswer
{
    /// <summary>0 or an error number.</summary>
    Errno,

    /// <summary>True or false: the error number is lost and the callers invent one.</summary>
    Bool,
}

/// <summary>Whom the common admission function names in its messages.</summary>
public enum AdmissionMessageSubject
{
    /// <summary>The superblock: <c>VFS (pmem0): error: …</c>.</summary>
    SuperBlock,

    /// <summary>The block device: <c>pmem0: error: …</c>.</summary>
    BlockDevice,
}

/// <summary>How loudly the common admission function complains.</summary>
public enum AdmissionMessageLevel
{
    /// <summary>KERN_ERR.</summary>
    Error,

    /// <summary>pr_debug: silent unless dynamic debug is on.</summary>
    Debug,

    /// <summary>The driver's test speaks at KERN_INFO, the tests before it at debug level.</summary>
    InfoFromDriverTest,
}

/// <summary>Whether admission in the dax core asks for the queue's DAX flag.</summary>
public enum AdmissionQueueFlag
{
    /// <summary>It does not.</summary>
    NotAsked,

    /// <summary>It does: a queue without the flag is refused.</summary>
    Asked,
}

/// <summary>What admission demands of the pfn that the driver hands out.</summary>
public enum AdmissionPfnTest
{
    /// <summary>Nothing: memory without struct page is admitted.</summary>
    None,

    /// <summary>A devmap pfn (of a pagemap of type FS_DAX, once pagemaps have types), or a special one on a FS_DAX_LIMITED kernel.</summary>
    DevmapOrLimited,

    /// <summary>Memory without struct page is admitted where it is read-only. No kernel did that: it was proposed.</summary>
    DevmapOrReadOnly,
}

/// <summary>Which pages of the device admission reads.</summary>
public enum AdmissionProbe
{
    /// <summary>The first.</summary>
    FirstPage,

    /// <summary>The first and the last, which must belong to one pagemap.</summary>
    FirstAndLastPage,
}

/// <summary>What the generic driver test does when there is no dax_device.</summary>
public enum AdmissionNullDevice
{
    /// <summary>It goes on, and the probe fails.</summary>
    ProbeFails,

    /// <summary>It says so and refuses.</summary>
    Refused,
}

/// <summary>What happens when a FS_DAX_LIMITED kernel that has a persistent memory API admits a special pfn.</summary>
public enum AdmissionLimitedWarning
{
    /// <summary>Nothing.</summary>
    Silent,

    /// <summary>A WARN is printed; the pfn is admitted all the same.</summary>
    Warns,
}

/// <summary>Whether the file of a block device itself is mapped with DAX.</summary>
public enum BlockDeviceFileDax
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>With BLK_DEV_DAX, when the driver has the operation, the partition is aligned and no bad block is known.</summary>
    WhenCapable,
}

/// <summary>How a filesystem finds the dax_device that its data goes through.</summary>
public enum FsDaxDeviceLookup
{
    /// <summary>By the disk's name.</summary>
    ByName,

    /// <summary>With fs_dax_get_by_bdev, which demands the queue's DAX flag.</summary>
    ByQueueFlag,
}

public sealed partial record KernelPolicy
{
    /// <summary>Who decides whether a filesystem may use DAX on a block device.</summary>
    public FsDaxDecision FsDaxDecision { get => (FsDaxDecision)Get(PolicyProperty.FsDaxDecision); init => Set(PolicyProperty.FsDaxDecision, (int)value); }

    /// <summary>What the common admission function tells its caller.</summary>
    public AdmissionAnswer AdmissionAnswer { get => (AdmissionAnswer)Get(PolicyProperty.AdmissionAnswer); init => Set(PolicyProperty.AdmissionAnswer, (int)value); }

    /// <summary>Whom the common admission function names in its messages.</summary>
    public AdmissionMessageSubject AdmissionMessageSubject { get => (AdmissionMessageSubject)Get(PolicyProperty.AdmissionMessageSubject); init => Set(PolicyProperty.AdmissionMessageSubject, (int)value); }

    /// <summary>How loudly the common admission function complains.</summary>
    public AdmissionMessageLevel AdmissionMessageLevel { get => (AdmissionMessageLevel)Get(PolicyProperty.AdmissionMessageLevel); init => Set(PolicyProperty.AdmissionMessageLevel, (int)value); }

    /// <summary>Whether admission in the dax core asks for the queue's DAX flag.</summary>
    public AdmissionQueueFlag AdmissionQueueFlag { get => (AdmissionQueueFlag)Get(PolicyProperty.AdmissionQueueFlag); init => Set(PolicyProperty.AdmissionQueueFlag, (int)value); }

    /// <summary>What admission demands of the pfn that the driver hands out.</summary>
    public AdmissionPfnTest AdmissionPfnTest { get => (AdmissionPfnTest)Get(PolicyProperty.AdmissionPfnTest); init => Set(PolicyProperty.AdmissionPfnTest, (int)value); }

    /// <summary>Which pages of the device admission reads.</summary>
    public AdmissionProbe AdmissionProbe { get => (AdmissionProbe)Get(PolicyProperty.AdmissionProbe); init => Set(PolicyProperty.AdmissionProbe, (int)value); }

    /// <summary>What the generic driver test does when there is no dax_device.</summary>
    public AdmissionNullDevice AdmissionNullDevice { get => (AdmissionNullDevice)Get(PolicyProperty.AdmissionNullDevice); init => Set(PolicyProperty.AdmissionNullDevice, (int)value); }

    /// <summary>What happens when a FS_DAX_LIMITED kernel that has a persistent memory API admits a special pfn.</summary>
    public AdmissionLimitedWarning AdmissionLimitedWarning { get => (AdmissionLimitedWarning)Get(PolicyProperty.AdmissionLimitedWarning); init => Set(PolicyProperty.AdmissionLimitedWarning, (int)value); }

    /// <summary>Whether the file of a block device itself is mapped with DAX.</summary>
    public BlockDeviceFileDax BlockDeviceFileDax { get => (BlockDeviceFileDax)Get(PolicyProperty.BlockDeviceFileDax); init => Set(PolicyProperty.BlockDeviceFileDax, (int)value); }

    /// <summary>How a filesystem finds the dax_device that its data goes through.</summary>
    public FsDaxDeviceLookup FsDaxDeviceLookup { get => (FsDaxDeviceLookup)Get(PolicyProperty.FsDaxDeviceLookup); init => Set(PolicyProperty.FsDaxDeviceLookup, (int)value); }

    private static string? DescribeAdmission(PolicyProperty property, int value) => property switch
    {
        PolicyProperty.FsDaxDecision => ((FsDaxDecision)value).ToString(),
        PolicyProperty.AdmissionAnswer => ((AdmissionAnswer)value).ToString(),
        PolicyProperty.AdmissionMessageSubject => ((AdmissionMessageSubject)value).ToString(),
        PolicyProperty.AdmissionMessageLevel => ((AdmissionMessageLevel)value).ToString(),
        PolicyProperty.AdmissionQueueFlag => ((AdmissionQueueFlag)value).ToString(),
        PolicyProperty.AdmissionPfnTest => ((AdmissionPfnTest)value).ToString(),
        PolicyProperty.AdmissionProbe => ((AdmissionProbe)value).ToString(),
        PolicyProperty.AdmissionNullDevice => ((AdmissionNullDevice)value).ToString(),
        PolicyProperty.AdmissionLimitedWarning => ((AdmissionLimitedWarning)value).ToString(),
        PolicyProperty.BlockDeviceFileDax => ((BlockDeviceFileDax)value).ToString(),
        PolicyProperty.FsDaxDeviceLookup => ((FsDaxDeviceLookup)value).ToString(),
        _ => null,
    };
}
