namespace DaxSim.Policy;

/// <summary>Who decides whether a filesystem may use DAX on a device, and what is tested.</summary>
internal static class AdmissionChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("xip-replaced-by-dax", "4.0", "[XIP removed in favour of DAX]", (PolicyProperty.FsDaxDecision, (int)FsDaxDecision.DirectAccessOperation))
        {
            Effect = "Filesystems get DAX instead of execute in place; each looks for the driver's direct_access operation itself.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.1, 1.7",
        },
        new("blk-dev-dax", "4.5", "block: enable dax for raw block devices", (PolicyProperty.BlockDeviceFileDax, (int)BlockDeviceFileDax.WhenCapable))
        {
            Commit = "5a023cdba50c",
            Effect = "With BLK_DEV_DAX the file of a block device is mapped with DAX when operation, alignment and bad blocks allow it.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.7",
        },
        new("bdev-dax-supported", "4.7", "block: Add bdev_dax_supported() for dax mount checks", (PolicyProperty.FsDaxDecision, (int)FsDaxDecision.BlockCore), (PolicyProperty.Ext4UnsupportedDax, (int)Ext4UnsupportedDax.FailsWithCoreErrno))
        {
            Commit = "2d96afc8f3cb",
            Effect = "One common test (block size, then a probe of the first page) decides, with messages of its own; ext4 passes its error number on.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.8, 2.1",
        },
        new("blk-dev-dax-removed", "4.7", "Revert \"block: enable dax for raw block devices\"", (PolicyProperty.BlockDeviceFileDax, (int)BlockDeviceFileDax.Never))
        {
            Commit = "acc93d30d7d4",
            Effect = "Files of block devices are no longer mapped with DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.7, 5",
        },
        new("dax-core-admission", "4.12", "[__bdev_dax_supported in drivers/dax]", (PolicyProperty.FsDaxDecision, (int)FsDaxDecision.DaxCore))
        {
            Effect = "The dax core decides: block size, alignment, a dax_device under the disk's name, a probe of the first page; alignment is judged before the device's presence.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.9",
        },
        new("fs-dax-device-lookup", "4.14", "[filesystems fetch their dax_device with fs_dax_get_by_bdev]", (PolicyProperty.FsDaxDeviceLookup, (int)FsDaxDeviceLookup.ByQueueFlag))
        {
            Effect = "A disk whose queue does not advertise DAX may pass admission and still have no dax_device for data.",
            Evidence = Evidence.Source,
            Source = "dax-support 3.3",
        },
        new("dax-core-debug-level", "4.15", "[admission messages become pr_debug]", (PolicyProperty.AdmissionMessageLevel, (int)AdmissionMessageLevel.Debug))
        {
            Effect = "The common admission messages are silent unless dynamic debug is on.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.9",
        },
        new("fsdax-requires-page", "4.16", "dax: require 'struct page' by default for filesystem dax", (PolicyProperty.AdmissionPfnTest, (int)AdmissionPfnTest.DevmapOrLimited))
        {
            Commit = "569d0365f571",
            Effect = "Admission demands a devmap pfn, or a special one where FS_DAX_LIMITED is built; memory without struct page is refused by default.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 1.10, 4.1; old recordings 4.15 against 4.16",
        },
        new("limited-warn-pmem-api", "4.17", "[WARN_ON FS_DAX_LIMITED with ARCH_HAS_PMEM_API]", (PolicyProperty.AdmissionLimitedWarning, (int)AdmissionLimitedWarning.Warns))
        {
            Effect = "A special pfn that FS_DAX_LIMITED admits on an architecture with a persistent memory API prints a WARN.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.10",
        },
        new("dax-per-device-check", "4.18", "fs: allow per-device dax status checking for filesystems", (PolicyProperty.AdmissionMessageSubject, (int)AdmissionMessageSubject.BlockDevice), (PolicyProperty.XfsDaxTests, (int)XfsDaxTests.DataOrRealtime))
        {
            Commit = "ba23cba9b3bd",
            Backports = [KernelVersion.Parse("4.14.74"), KernelVersion.Parse("4.17.6")],
            Effect = "The common test takes a block device instead of a superblock and names it; xfs can test data and realtime device separately.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.9, 1.11, 2.3",
        },
        new("dax-supported-bool", "4.18", "dax: change bdev_dax_supported() to support boolean returns", (PolicyProperty.AdmissionAnswer, (int)AdmissionAnswer.Bool))
        {
            Commit = "80660f20252d",
            Backports = [KernelVersion.Parse("4.14.74"), KernelVersion.Parse("4.17.6")],
            Effect = "The common test answers true or false; the error number is lost.",
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 1.9, 1.11, 2.1",
        },
        new("dax-queue-flag-check", "4.18", "dax: check for QUEUE_FLAG_DAX in bdev_dax_supported()", (PolicyProperty.AdmissionQueueFlag, (int)AdmissionQueueFlag.Asked))
        {
            Commit = "15256f6cc456",
            Backports = [KernelVersion.Parse("4.14.74"), KernelVersion.Parse("4.17.6")],
            Effect = "A queue without the DAX flag is refused: request queue doesn't support dax.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 1.9, 1.11; old recordings 4.19",
        },
        new("dax-last-page-check", "5.1", "dax: Check the end of the block-device capacity with dax_direct_access()", (PolicyProperty.AdmissionProbe, (int)AdmissionProbe.FirstAndLastPage))
        {
            Commit = "ad428cdb525a",
            Effect = "Admission probes the last page too; both must belong to one pagemap, and pfn and kernel address must agree.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.12",
        },
        new("dax-supported-op", "5.2", "dax: Arrange for dax_supported check to span multiple devices", (PolicyProperty.FsDaxDecision, (int)FsDaxDecision.DriverOperation), (PolicyProperty.DeviceMapperDax, (int)DeviceMapperDax.SpansAdmitted))
        {
            Commit = "7bf7eac8d648",
            Effect = "The driver's dax_supported operation decides; queue flag and dax_device are tested before the block size. Through the device mapper, every span that a target uses must pass.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.13, 3.7",
        },
        new("dax-info-messages", "5.9", "dax: print error message by pr_info() in __generic_fsdax_supported()", (PolicyProperty.AdmissionMessageLevel, (int)AdmissionMessageLevel.InfoFromDriverTest))
        {
            Commit = "231609785cbf",
            Effect = "The messages of the generic driver test are visible again, at KERN_INFO.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 1.14; recording 5.10",
        },
        new("dax-nonpersistent-detect", "5.9", "dax: fix detection of dax support for non-persistent memory block devices", (PolicyProperty.AdmissionNullDevice, (int)AdmissionNullDevice.Refused))
        {
            Commit = "c2affe920b0e",
            Effect = "The generic driver test refuses a missing dax_device with a message of its own.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.14",
        },
        new("fs-calls-dax-supported", "5.15", "[bdev_dax_supported removed: filesystems call fs_dax_get_by_bdev and dax_supported]", (PolicyProperty.FsDaxDecision, (int)FsDaxDecision.FileSystemAsksDriver))
        {
            Effect = "A queue without the DAX flag silently yields no dax_device; the driver is asked with the same five tests.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.15",
        },
        new("dax-capable-removed", "5.17", "dax: remove dax_capable", (PolicyProperty.FsDaxDecision, (int)FsDaxDecision.LookupOnly), (PolicyProperty.XfsDaxTests, (int)XfsDaxTests.DeviceThenBlockSize), (PolicyProperty.XfsExperimentalWarning, (int)XfsExperimentalWarning.OnSuccess))
        {
            Commit = "7b0800d00dae",
            Effect = "Only queue flag, alignment of start and length, and a dax_device are looked for, at every mount; no page is probed and no pfn examined. Filesystems judge the block size.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 1.16; recording 6.1",
        },
    ];
}
