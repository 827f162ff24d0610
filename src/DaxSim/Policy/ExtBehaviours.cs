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

/// <summary>Whether data=journal has a future in ext4.</summary>
public enum Ext4JournalDataFuture
{
    /// <summary>Nothing is said about it.</summary>
    Kept,

    /// <summary>Every mount that asks for it is told that it will go.</summary>
    Deprecated,
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

/// <summary>What ext4 reports when it is unmounted.</summary>
public enum Ext4UnmountMessage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>That the filesystem is unmounted; with its UUID where the mount message has it.</summary>
    Said,
}

/// <summary>Whether ext4 mounts blocks larger than pages.</summary>
public enum Ext4LargeBlocks
{
    /// <summary>It does not.</summary>
    Refused,

    /// <summary>It does.</summary>
    Accepted,
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

/// <summary>What setting the DAX flag of ext4 does on an inode with inline data.</summary>
public enum Ext4DaxFlagInlineData
{
    /// <summary>It is allowed.</summary>
    Allowed,

    /// <summary>EOPNOTSUPP.</summary>
    Refused,

    /// <summary>EOPNOTSUPP on files; directories are exempt.</summary>
    RefusedOnFiles,
}

/// <summary>What switching the data journalling of a file does under dax.</summary>
public enum Ext4JournalFlagUnderDax
{
    /// <summary>It is allowed.</summary>
    Allowed,

    /// <summary>EOPNOTSUPP.</summary>
    Refused,
}

/// <summary>Whether a new file in an encrypted directory uses DAX until it is read in again.</summary>
public enum Ext4NewEncryptedFile
{
    /// <summary>It may: its encryption is not yet seen.</summary>
    MayUseDax,

    /// <summary>It does not.</summary>
    NeverDax,
}
