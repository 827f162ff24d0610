namespace DaxSim.Policy;

/// <summary>erofs and virtiofs, and what the VFS itself says about DAX files.</summary>
internal static class FileSystemChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("statx", "4.11", "[statx]", (PolicyProperty.StatxDaxAttribute, (int)StatxDaxAttribute.NotReported))
        {
            Effect = "statx exists.",
            Evidence = Evidence.Unconfirmed,
            Source = "general knowledge; s390 recording 4.19 answers without the DAX attribute",
        },
        new("map-sync", "4.15", "mm: Define MAP_SYNC and VM_SYNC flags", (PolicyProperty.MapSyncRule, (int)MapSyncRule.DaxFile))
        {
            Commit = "b6fb293f2497",
            Effect = "MAP_SYNC is accepted for DAX files of ext4 and xfs, and EOPNOTSUPP elsewhere.",
            Evidence = Evidence.Recorded,
            Source = "dax-support 6.3; old recordings 4.14, 4.16, 4.19",
        },
        new("map-sync-needs-synchronous-device", "5.3", "[ext4 and xfs do not enable MAP_SYNC on asynchronous dax]", (PolicyProperty.MapSyncRule, (int)MapSyncRule.SynchronousDevice))
        {
            Effect = "MAP_SYNC is refused where the dax_device is not synchronous.",
            Evidence = Evidence.Source,
            Source = "dax-support 6.3",
        },
        new("statx-dax", "5.8", "statx: add STATX_ATTR_DAX", (PolicyProperty.StatxDaxAttribute, (int)StatxDaxAttribute.Reported))
        {
            Commit = "80340fe3605c",
            Effect = "statx tells whether a file uses DAX.",
            Evidence = Evidence.Recorded,
            Source = "recordings 4.19, 5.10",
        },
        new("dax-inode-dontcache", "5.8", "fs: Introduce DCACHE_DONTCACHE", (PolicyProperty.FlaggedInodeCaching, (int)FlaggedInodeCaching.DroppedAtLastClose))
        {
            Commit = "2c567af418e3",
            Effect = "An inode whose DAX flag was changed leaves the cache at its last close.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.1, 2.3",
        },
        new("virtiofs-dax", "5.10", "virtiofs: add a mount option to enable dax", (PolicyProperty.VirtioFsDax, (int)VirtioFsDax.Flag), (PolicyProperty.VirtiofsWindow, (int)LaterDriver.Present))
        {
            Commit = "1dd539577c42",
            Effect = "virtiofs maps the host's page cache through a window of device memory, and knows dax.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4",
        },
        new("virtiofs-dax-fail", "5.12", "virtiofs: Fail dax mount if device does not support it", (PolicyProperty.VirtioFsWithoutWindow, (int)VirtioFsWithoutWindow.Fails))
        {
            Commit = "3f9b9efd82a8",
            Backports = [KernelVersion.Parse("5.10.28")],
            Effect = "dax on a virtiofs device without window fails with EINVAL.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4 (read in 5.10.223)",
        },
        new("erofs-dax", "5.15", "erofs: dax support for non-tailpacking regular file", (PolicyProperty.ErofsDax, (int)ErofsDax.Known))
        {
            Commit = "06252e9ce05b",
            Effect = "erofs knows dax, dax=always and dax=never, and turns DAX off where the device cannot do it.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4",
        },
        new("virtiofs-tristate", "5.17", "fuse: make DAX mount option a tri-state", (PolicyProperty.VirtioFsDax, (int)VirtioFsDax.Mode))
        {
            Commit = "780b1b959f9b",
            Effect = "virtiofs knows dax=always, dax=inode and dax=never.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4 (bracketed 5.14..6.12)",
        },
        new("erofs-fsdax-chunk", "6.5", "erofs: fix fsdax unavailability for chunk-based regular files", (PolicyProperty.ErofsChunkFiles, (int)ErofsChunkFiles.Dax))
        {
            Backports = [KernelVersion.Parse("6.1.40"), KernelVersion.Parse("6.4.5")],
            Effect = "Chunk-based files can use DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4; distribution changelog 6.1.40",
        },
        new("open-blockdev-message", "6.6", "[block devices opened after the superblock was found]", (PolicyProperty.ReadOnlyDeviceMessage, (int)ReadOnlyDeviceMessage.Silent))
        {
            Effect = "A read-write mount of a read-only device fails without a message.",
            Evidence = Evidence.Recorded,
            Source = "s390 recordings, between 6.1 and 7.2",
        },
        new("erofs-dax-info", "6.17", "[erofs reports DAX trouble at information level]", (PolicyProperty.ErofsDaxMessages, (int)ErofsDaxMessages.InfoWithDevice))
        {
            Effect = "erofs says at KERN_INFO that it turned DAX off.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4",
        },
        new("erofs-inode-share", "7.0", "[erofs page cache sharing]", (PolicyProperty.ErofsInodeShare, (int)ErofsInodeShare.CalledInodeIshare))
        {
            Effect = "DAX together with inode sharing is refused.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4",
        },
        new("erofs-inode-share-renamed", "7.3", "[erofs inode sharing under its final name]", (PolicyProperty.ErofsInodeShare, (int)ErofsInodeShare.CalledInodeShare))
        {
            Effect = "The refusal calls it inode_share.",
            Evidence = Evidence.Source,
            Source = "dax-support 2.4",
        },
    ];
}
