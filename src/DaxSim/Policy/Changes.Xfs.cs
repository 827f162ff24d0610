namespace DaxSim.Policy;

/// <summary>What xfs makes of its dax options, and what it prints.</summary>
internal static class XfsChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("xfs-dax-introduced", "4.2", "xfs: add initial DAX support", (PolicyProperty.XfsDaxOption, (int)XfsDaxOption.Flag))
        {
            Commit = "cbe4dab119f2",
            Effect = "xfs knows dax, calls it experimental, and turns it off where device or block size cannot do it.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.7, 2.3",
        },
        new("xfs-diflag2-dax", "4.5", "xfs: introduce per-inode DAX enablement", (PolicyProperty.XfsInodeDax, (int)XfsInodeDax.MountOrFlag), (PolicyProperty.XfsDaxFlagIoctl, (int)XfsDaxFlagIoctl.AtOnce))
        {
            Commit = "58f88ca2df72",
            Effect = "A flag on the inode enables DAX without the mount option.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3",
        },
        new("xfs-sdax-46", "4.6", "[xfs S_DAX needs a regular file and page-sized blocks]", (PolicyProperty.XfsInodeDax, (int)XfsInodeDax.RegularFile))
        {
            Effect = "Only regular files on a filesystem with page-sized blocks use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3",
        },
        new("xfs-reflink-dax-warn", "4.9", "[xfs reflink with DAX only warns]", (PolicyProperty.XfsReflinkDax, (int)XfsReflinkDax.Alerts), (PolicyProperty.XfsInodeDax, (int)XfsInodeDax.NotReflinked), (PolicyProperty.ReflinkWithDax, (int)ReflinkWithDax.Refused))
        {
            Effect = "A reflink filesystem mounts with dax and an alert; files with shared extents do not use DAX, and DAX files cannot be reflinked.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3",
        },
        new("xfs-setdax-ioctl-410", "4.9", "[FS_XFLAG_DAX checks]", (PolicyProperty.XfsDaxFlagIoctl, (int)XfsDaxFlagIoctl.CheckedAtOnce))
        {
            Effect = "FS_XFLAG_DAX is EINVAL on anything but files and directories and with blocks that are not page-sized; it takes effect at once.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3",
        },
        new("xfs-perinode-flag-disabled", "4.14", "xfs: disable per-inode DAX flag", (PolicyProperty.XfsDaxFlagIoctl, (int)XfsDaxFlagIoctl.CheckedForLater))
        {
            Commit = "742d84290739",
            Effect = "Changing FS_XFLAG_DAX leaves a cached inode as it is.",
            Evidence = Evidence.CommitMessage,
            Source = "an xfstests change names the commit and its effect; the release from general knowledge",
        },
        new("xfs-bdev-inode-flag", "4.14", "xfs: validate bdev support for DAX inode flag", (PolicyProperty.XfsDaxFlagDevice, (int)XfsDaxFlagDevice.Asked))
        {
            Commit = "6851a3db7e22",
            Backports = [KernelVersion.Parse("4.13.5")],
            Effect = "FS_XFLAG_DAX is EINVAL where the device cannot do DAX.",
            Evidence = Evidence.Unconfirmed,
            Source = "distribution changelog 4.13.5",
        },
        new("xfs-reflink-dax-einval", "4.16", "[xfs refuses dax with reflink]", (PolicyProperty.XfsReflinkDax, (int)XfsReflinkDax.Fails))
        {
            Effect = "dax on a reflink filesystem fails with EINVAL.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.3; recording 5.10",
        },
        new("xfs-sdax-own-device", "4.18", "[xfs S_DAX asks the inode's own device]", (PolicyProperty.XfsInodeDax, (int)XfsInodeDax.OwnDevice))
        {
            Effect = "A file uses DAX only when the device its data lies on has a dax_device.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3",
        },
        new("xfs-log-buffers-shown", "5.3", "[xfs keeps the log buffers of a mount]", (PolicyProperty.XfsShownDefaults, (int)XfsShownDefaults.Attr2AndLog))
        {
            Effect = "/proc/mounts lists logbufs and logbsize even where they are the defaults.",
            Evidence = Evidence.Recorded,
            Source = "s390 recordings, between 4.19 and 6.1",
        },
        new("xfs-mount-api", "5.6", "[xfs converted to the new mount API]", (PolicyProperty.XfsOptionParser, (int)XfsOptionParser.FsContext))
        {
            Effect = "Options are read before the device is opened, by the common parser.",
            Evidence = Evidence.Unconfirmed,
            Source = "general knowledge; s390 recording 6.1",
        },
        new("xfs-dax-tristate", "5.8", "fs/xfs: Make DAX mount option a tri-state", (PolicyProperty.XfsDaxOption, (int)XfsDaxOption.Mode), (PolicyProperty.XfsInodeDax, (int)XfsInodeDax.Mode), (PolicyProperty.XfsDaxFlagIoctl, (int)XfsDaxFlagIoctl.Hint))
        {
            Commit = "8d6c3446ec23",
            Effect = "dax=always, dax=inode and dax=never; FS_XFLAG_DAX is a hint that counts when the inode is next read in.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.3; recording 5.10",
        },
        new("xfs-inobtcount", "5.10", "[xfs inode btree counters]", (PolicyProperty.XfsInodeCountFeature, (int)XfsInodeCountFeature.Known))
        {
            Effect = "Filesystems with the inobtcount feature can be mounted read-write.",
            Evidence = Evidence.Recorded,
            Source = "s390 recordings, between 4.19 and 6.1",
        },
        new("xfs-dax-reflink", "6.0", "[xfs allows DAX with reflink]", (PolicyProperty.XfsReflinkDax, (int)XfsReflinkDax.Works), (PolicyProperty.ReflinkWithDax, (int)ReflinkWithDax.BothOrNeither))
        {
            Effect = "dax and reflink work together; two DAX files can be reflinked.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 2.3; recording 6.1",
        },
        new("xfs-reflink-partition", "6.0", "xfs: fail dax mount if reflink is enabled on a partition", (PolicyProperty.XfsReflinkDax, (int)XfsReflinkDax.FailsOnPartition))
        {
            Commit = "35fcd75af3ed",
            Condition = static p => p.XfsReflinkDax == XfsReflinkDax.Works,
            Effect = "dax with reflink fails with EINVAL on a partition.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3",
        },
        new("xfs-mount-uuid", "6.2", "xfs: Print XFS UUID on mount and umount events.", (PolicyProperty.XfsMountMessage, (int)XfsMountMessage.Uuid))
        {
            Effect = "The mount message names the filesystem's UUID.",
            Evidence = Evidence.Recorded,
            Source = "s390 recordings, between 6.1 and 7.2",
        },
        new("fsdax-page-share", "6.2", "[pages of shared extents count the files that map them]", (PolicyProperty.DaxPageOwner, (int)DaxPageOwnerRule.FilesThatShare))
        {
            Effect = "Mapping one shared extent through two files no longer warns in dax_insert_entry and dax_disassociate_entry.",
            Evidence = Evidence.Recorded,
            Source = "cells env/reflink: 6.1 warns, 7.2 does not; the release is that of the series' last patch, 480017957d63",
        },
        new("xfs-sdax-reflink-inode", "6.2", "xfs: remove restrictions for fsdax and reflink", (PolicyProperty.XfsInodeDax, (int)XfsInodeDax.ModeWithReflink))
        {
            Commit = "480017957d63",
            Effect = "Files with shared extents may use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3 (bracketed 6.1..6.2.1)",
        },
        new("xfs-experimental-removed", "6.8", "xfs: drop experimental warning for FSDAX", (PolicyProperty.XfsExperimentalWarning, (int)XfsExperimentalWarning.None))
        {
            Commit = "27c86d43bcdb",
            Effect = "xfs no longer calls DAX experimental.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.3 (bracketed 6.4.6..6.8.1)",
        },
        new("xfs-large-blocks", "6.12", "[xfs block sizes above the page size]", (PolicyProperty.XfsLargeBlocks, (int)XfsLargeBlocks.Accepted))
        {
            Effect = "Blocks larger than pages can be mounted.",
            Evidence = Evidence.Unconfirmed,
            Source = "general knowledge",
        },
        new("xfs-attr2-removed", "6.18", "[xfs drops the attr2 option]", (PolicyProperty.XfsShownDefaults, (int)XfsShownDefaults.Log))
        {
            Effect = "/proc/mounts no longer lists attr2.",
            Evidence = Evidence.Recorded,
            Source = "s390 recordings, between 6.1 and 7.2; the release from general knowledge",
        },
    ];
}
