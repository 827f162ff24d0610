namespace DaxSim.FileSystems;

/// <summary>What a mount decided about DAX.</summary>
public enum DaxMountMode
{
    /// <summary>Nothing was said: no DAX before the tri-state option, the inode's flag from then on.</summary>
    Default,

    /// <summary><c>dax</c> or <c>dax=always</c>, and in force.</summary>
    Always,

    /// <summary><c>dax=inode</c>, said explicitly.</summary>
    Inode,

    /// <summary><c>dax=never</c>, or turned off by the filesystem itself.</summary>
    Never,

    /// <summary>The <c>xip</c> of ext2 up to 3.19, and in force.</summary>
    Xip,
}
