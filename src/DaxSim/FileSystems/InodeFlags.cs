namespace DaxSim.FileSystems;

/// <summary>What a file or directory carries on disk that decides about DAX.</summary>
[Flags]
public enum InodeFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The DAX flag (FS_XFLAG_DAX).</summary>
    Dax = 1,

    /// <summary>fs-verity is enabled.</summary>
    Verity = 2,

    /// <summary>Encrypted with fscrypt.</summary>
    Encrypted = 4,

    /// <summary>Its data is journalled (chattr +j).</summary>
    JournalData = 8,

    /// <summary>Its data lies in the inode itself.</summary>
    InlineData = 16,

    /// <summary>It has extents that other files share (reflink).</summary>
    Reflinked = 32,

    /// <summary>Its data lies on the realtime device of xfs.</summary>
    Realtime = 64,
}
