namespace DaxSim.Policy;

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

    /// <summary>The two work together.</summary>
    Works,

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

    /// <summary>The same tests, but a cached inode stays as it is: the flag counts when it is next read in.</summary>
    CheckedForLater,

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

/// <summary>Whether xfs mounts blocks larger than pages.</summary>
public enum XfsLargeBlocks
{
    /// <summary>It does not.</summary>
    Refused,

    /// <summary>It does.</summary>
    Accepted,
}

/// <summary>Whether setting FS_XFLAG_DAX asks the device.</summary>
public enum XfsDaxFlagDevice
{
    /// <summary>Only the block size is tested.</summary>
    NotAsked,

    /// <summary>EINVAL where the device or block size cannot do DAX.</summary>
    Asked,
}
