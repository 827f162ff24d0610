namespace DaxSim.Policy;

/// <summary>What ext2 makes of -o xip and -o dax.</summary>
public enum Ext2DaxOption
{
    /// <summary>xip maps execute in place; dax is no option.</summary>
    Xip,

    /// <summary>dax; xip is an old name for it.</summary>
    Flag,

    /// <summary>Both are ignored with a warning.</summary>
    Removed,
}

/// <summary>What an ext2 mount with dax does on a device or block size that cannot do it.</summary>
public enum Ext2UnsupportedDax
{
    /// <summary>It fails with EINVAL.</summary>
    Fails,

    /// <summary>It succeeds without DAX.</summary>
    TurnsOff,
}

/// <summary>What ext2 says when it reads the dax option.</summary>
public enum Ext2DaxWarning
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>That DAX is experimental.</summary>
    Experimental,

    /// <summary>That DAX in ext2 will be removed.</summary>
    Deprecated,
}

/// <summary>What the ext2 mount option word holds before the options are read.</summary>
public enum Ext2MountOptionWord
{
    /// <summary>Zero.</summary>
    Cleared,

    /// <summary>Whatever was on the kernel stack: /proc/mounts lists options nobody gave.</summary>
    Uninitialised,
}

/// <summary>How ext2 reads its options.</summary>
public enum Ext2OptionParser
{
    /// <summary>With a table of tokens of its own; an unknown option fails silently.</summary>
    Tokens,

    /// <summary>With the common parameter parser.</summary>
    FsContext,
}

/// <summary>Which dax options ext4 knows.</summary>
public enum Ext4DaxOption
{
    /// <summary>None.</summary>
    Unknown,

    /// <summary>dax.</summary>
    Flag,

    /// <summary>dax, dax=always, dax=inode and dax=never.</summary>
    Mode,
}

/// <summary>What an ext4 mount with dax does on a device or block size that cannot do it.</summary>
public enum Ext4UnsupportedDax
{
    /// <summary>It fails with EINVAL after ext4's own tests.</summary>
    FailsByOwnTests,

    /// <summary>It fails with the error number of the common test.</summary>
    FailsWithCoreErrno,

    /// <summary>It succeeds without DAX.</summary>
    TurnsOff,

    /// <summary>It fails with EINVAL.</summary>
    FailsInvalid,
}

/// <summary>What an ext4 mount with dax does on a filesystem with the inline_data feature.</summary>
public enum Ext4InlineDataDax
{
    /// <summary>It does not ask.</summary>
    NotTested,

    /// <summary>It fails with EINVAL.</summary>
    Fails,

    /// <summary>It succeeds without DAX.</summary>
    TurnsOff,
}

/// <summary>When ext4 asks whether the device can do DAX.</summary>
public enum Ext4DaxProbe
{
    /// <summary>When the mount asks for DAX.</summary>
    WhenRequested,

    /// <summary>At every mount.</summary>
    EveryMount,
}

/// <summary>Whether ext4 calls DAX experimental.</summary>
public enum Ext4ExperimentalWarning
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It does, when it reads the option.</summary>
    AtParsing,
}

/// <summary>What an ext4 remount does that changes the dax option.</summary>
public enum Ext4RemountDax
{
    /// <summary>It keeps the old setting, warns, and succeeds.</summary>
    Ignored,

    /// <summary>It fails with EINVAL.</summary>
    Refused,
}

/// <summary>How ext4 reads its options.</summary>
public enum Ext4OptionParser
{
    /// <summary>With a table of tokens of its own.</summary>
    Tokens,

    /// <summary>With the common parameter parser, before the device is opened.</summary>
    FsContext,
}

/// <summary>Which inodes of an ext4 filesystem use DAX.</summary>
public enum Ext4InodeDax
{
    /// <summary>Every inode of a DAX mount.</summary>
    AnyInode,

    /// <summary>Regular files of a DAX mount.</summary>
    RegularFile,

    /// <summary>Regular files without data journalling, inline data or encryption.</summary>
    PlainData,

    /// <summary>The same, without fs-verity either.</summary>
    PlainDataNoVerity,

    /// <summary>The mount's mode decides, where nothing of that stands in the way and the device can do it.</summary>
    Mode,
}

/// <summary>Whether ext4 keeps a DAX flag for each inode.</summary>
public enum Ext4InodeDaxFlag
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It does: it decides under dax=inode.</summary>
    OnDisk,
}

/// <summary>What ext4 reports after a successful mount.</summary>
public enum Ext4MountMessage
{
    /// <summary>Data mode and options.</summary>
    Options,

    /// <summary>Data mode, options and quota mode.</summary>
    OptionsAndQuota,

    /// <summary>Data mode and quota mode.</summary>
    Quota,

    /// <summary>UUID, data mode and quota mode.</summary>
    Uuid,

    /// <summary>UUID, r/w or ro, data mode and quota mode.</summary>
    UuidAndAccess,
}

/// <summary>Whether /proc/mounts shows the data mode of ext4.</summary>
public enum Ext4DataModeShown
{
    /// <summary>Always, where there is a journal.</summary>
    Always,

    /// <summary>Only when it is not the default.</summary>
    UnlessDefault,
}

/// <summary>What /proc/mounts compares the options of an ext4 filesystem without journal with.</summary>
public enum Ext4NoJournalOptions
{
    /// <summary>With the defaults.</summary>
    Defaults,

    /// <summary>With nothing: it lists defaults as if they had been given.</summary>
    Nothing,
}

/// <summary>What data=journal disables, by ext4's own words.</summary>
public enum Ext4JournalDataWarning
{
    /// <summary>Delayed allocation and O_DIRECT.</summary>
    DirectIo,

    /// <summary>Also dioread_nolock.</summary>
    DioreadNolock,

    /// <summary>Also fast_commit.</summary>
    FastCommit,
}

/// <summary>Whether ext4 knows the verity feature.</summary>
public enum Ext4VerityFeature
{
    /// <summary>It does not: read-only mounts only.</summary>
    Unknown,

    /// <summary>It does.</summary>
    Known,
}

/// <summary>Whether ext4 knows the encrypt feature.</summary>
public enum Ext4EncryptFeature
{
    /// <summary>It does not: no mounts.</summary>
    Unknown,

    /// <summary>It does.</summary>
    Known,
}

/// <summary>Which dax options xfs knows.</summary>
public enum XfsDaxOption
{
    /// <summary>None.</summary>
    Unknown,

    /// <summary>dax.</summary>
    Flag,

    /// <summary>dax, dax=always, dax=inode and dax=never.</summary>
    Mode,
}

/// <summary>How xfs tests whether DAX is possible.</summary>
public enum XfsDaxTests
{
    /// <summary>Block size and data device.</summary>
    DataDevice,

    /// <summary>Data or realtime device; one of them must pass.</summary>
    DataOrRealtime,

    /// <summary>First the devices, then the block size, and only then reflink.</summary>
    DeviceThenBlockSize,
}

/// <summary>What an xfs mount with dax does on a filesystem with reflink.</summary>
public enum XfsReflinkDax
{
    /// <summary>xfs does not know reflink.</summary>
    NoReflink,

    /// <summary>It says that the two were not tested together, and goes on.</summary>
    Alerts,

    /// <summary>It fails with EINVAL.</summary>
    Fails,

    /// <summary>It fails on a partition; on a whole disk the two work together.</summary>
    FailsOnPartition,
}

/// <summary>When xfs calls DAX experimental.</summary>
public enum XfsExperimentalWarning
{
    /// <summary>When the option was given, before the tests.</summary>
    BeforeTests,

    /// <summary>Only when DAX is really used.</summary>
    OnSuccess,

    /// <summary>Never.</summary>
    None,
}

/// <summary>Which inodes of an xfs filesystem use DAX.</summary>
public enum XfsInodeDax
{
    /// <summary>Every inode of a DAX mount.</summary>
    Mount,

    /// <summary>Those of a DAX mount and those with the on-disk flag.</summary>
    MountOrFlag,

    /// <summary>The same, regular files with page-sized blocks only.</summary>
    RegularFile,

    /// <summary>The same, without shared extents.</summary>
    NotReflinked,

    /// <summary>The same, and the inode's own device must have a dax_device.</summary>
    OwnDevice,

    /// <summary>The mount's mode decides, then the flag.</summary>
    Mode,

    /// <summary>The same, shared extents allowed.</summary>
    ModeWithReflink,
}

/// <summary>What setting FS_XFLAG_DAX does in xfs.</summary>
public enum XfsDaxFlagIoctl
{
    /// <summary>The flag is not known.</summary>
    Unknown,

    /// <summary>It takes effect at once.</summary>
    AtOnce,

    /// <summary>It takes effect at once, where file type, block size and device allow it.</summary>
    CheckedAtOnce,

    /// <summary>It is stored, and counts when the inode is next read in.</summary>
    Hint,
}

/// <summary>What xfs reports when it mounts.</summary>
public enum XfsMountMessage
{
    /// <summary>The version of the format.</summary>
    Plain,

    /// <summary>Also the UUID.</summary>
    Uuid,
}

/// <summary>Which of its defaults xfs lists in /proc/mounts.</summary>
public enum XfsShownDefaults
{
    /// <summary>attr2 and inode64.</summary>
    Attr2,

    /// <summary>Also the log's buffers.</summary>
    Attr2AndLog,

    /// <summary>inode64 and the log's buffers.</summary>
    Log,
}

/// <summary>How xfs reads its options.</summary>
public enum XfsOptionParser
{
    /// <summary>With a table of tokens of its own.</summary>
    Tokens,

    /// <summary>With the common parameter parser, before the device is opened.</summary>
    FsContext,
}

/// <summary>Whether xfs knows the inobtcount feature.</summary>
public enum XfsInodeCountFeature
{
    /// <summary>It does not: read-only mounts only.</summary>
    Unknown,

    /// <summary>It does.</summary>
    Known,
}

/// <summary>What the reflink and dedupe calls do with DAX files.</summary>
public enum ReflinkWithDax
{
    /// <summary>There is no reflink.</summary>
    NoReflink,

    /// <summary>EINVAL when either file uses DAX.</summary>
    Refused,

    /// <summary>EINVAL when only one of the files uses DAX.</summary>
    BothOrNeither,
}

/// <summary>Whether erofs knows dax, dax=always and dax=never.</summary>
public enum ErofsDax
{
    /// <summary>It does not.</summary>
    Unknown,

    /// <summary>It does.</summary>
    Known,
}

/// <summary>How erofs reports that it turned DAX off.</summary>
public enum ErofsDaxMessages
{
    /// <summary>As an error of the mount call, without naming the device.</summary>
    ErrorWithoutDevice,

    /// <summary>As an information that names the device.</summary>
    InfoWithDevice,
}

/// <summary>Which dax options virtiofs knows.</summary>
public enum VirtioFsDax
{
    /// <summary>None.</summary>
    Unknown,

    /// <summary>dax.</summary>
    Flag,

    /// <summary>dax, dax=always, dax=inode and dax=never.</summary>
    Mode,
}

/// <summary>What a virtiofs mount that demands dax does when the device has no DAX window.</summary>
public enum VirtioFsWithoutWindow
{
    /// <summary>It succeeds without DAX.</summary>
    SilentlyOff,

    /// <summary>It fails with EINVAL.</summary>
    Fails,
}

/// <summary>What mmap with MAP_SYNC asks for.</summary>
public enum MapSyncRule
{
    /// <summary>The flag is not known: MAP_SHARED_VALIDATE is EINVAL.</summary>
    UnknownFlag,

    /// <summary>A file that uses DAX, on a filesystem that knows the flag.</summary>
    DaxFile,

    /// <summary>The same, and a synchronous dax_device.</summary>
    SynchronousDevice,
}

/// <summary>What statx tells of DAX.</summary>
public enum StatxDaxAttribute
{
    /// <summary>There is no statx.</summary>
    NoStatx,

    /// <summary>Nothing.</summary>
    NotReported,

    /// <summary>STATX_ATTR_DAX is supported and tells whether the file uses DAX.</summary>
    Reported,
}

/// <summary>What a read-write mount of a read-only device says, for filesystems that use the common mount context.</summary>
public enum ReadOnlyDeviceMessage
{
    /// <summary>Can't open blockdev.</summary>
    CantOpen,

    /// <summary>Nothing.</summary>
    Silent,
}

/// <summary>What happens to a cached inode whose DAX flag was changed.</summary>
public enum FlaggedInodeCaching
{
    /// <summary>It stays cached like any other.</summary>
    Kept,

    /// <summary>It leaves the cache at its last close.</summary>
    DroppedAtLastClose,
}
