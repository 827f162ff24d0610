namespace DaxSim.Policy;

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

/// <summary>Whether erofs knows page cache sharing between filesystems, which excludes DAX.</summary>
public enum ErofsInodeShare
{
    /// <summary>It does not.</summary>
    Unknown,

    /// <summary>It does, and calls it inode_ishare in the log.</summary>
    CalledInodeIshare,

    /// <summary>It does, and calls it inode_share in the log.</summary>
    CalledInodeShare,
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

/// <summary>Whether chunk-based files of erofs use DAX.</summary>
public enum ErofsChunkFiles
{
    /// <summary>They do not.</summary>
    NoDax,

    /// <summary>They do.</summary>
    Dax,
}
