using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>The mount side of an inode: what stands on disk, and whether it is in core.</summary>
internal sealed partial class Inode
{
    private FileSystemImage? image;

    /// <summary>The filesystem it is stored on; null for files without one (memory files, devices).</summary>
    internal FileSystemImage? Image { get => image; init => image = value; }

    /// <summary>The names in a directory; null for everything else.</summary>
    internal StateMap<string, Inode>? Children { get; private set; }

    internal bool IsDirectory => Children is not null;

    /// <summary>The flags on disk.</summary>
    internal InodeFlags Flags { get; private set; }

    /// <summary>True while the inode is cached: its S_DAX was decided when it was read in.</summary>
    internal bool IsInCore { get; private set; }

    /// <summary>S_DAX of the cached inode.</summary>
    internal bool IsDax { get; private set; }

    /// <summary>I_DONTCACHE: it leaves the cache at the last close.</summary>
    internal bool DontCache { get; private set; }

    /// <summary>How many open files and mappings refer to it.</summary>
    internal int OpenCount { get; private set; }

    internal bool Has(InodeFlags flag) => (Flags & flag) != 0;

    internal void MakeDirectory() => Children = new(Journal, OrdinalOrder.Instance);

    internal void SetFlag(InodeFlags flag, bool on)
    {
        Touch();
        Flags = on ? Flags | flag : Flags & ~flag;
    }

    /// <summary>The last step of reading an inode in: S_DAX is decided.</summary>
    internal void EnterCore(bool dax)
    {
        Touch();
        IsInCore = true;
        DontCache = false;
        IsDax = dax;
        if (!IsDirectory)
        {
            SetDax(dax);
        }
    }

    /// <summary>Changes S_DAX of an inode in core, as xfs did at once up to 5.7.</summary>
    internal void ChangeDax(bool dax)
    {
        if (IsInCore && IsDax != dax)
        {
            EnterCore(dax);
        }
    }

    /// <summary>The inode leaves the cache; what it is stored as stays.</summary>
    internal void Evict()
    {
        Touch();
        IsInCore = false;
        DontCache = false;
        IsDax = false;
    }

    internal void MarkDontCache()
    {
        Touch();
        DontCache = true;
    }

    internal void AddUser()
    {
        Touch();
        OpenCount++;
    }

    /// <summary>i_writecount: open file descriptions that may write.</summary>
    internal int Writers { get; private set; }

    internal void AddWriter(int number)
    {
        Touch();
        Writers += number;
    }

    /// <summary>AS_EIO: data were lost that had not reached the disk; the next fsync says so.</summary>
    internal bool HasWritebackError { get; private set; }

    internal void SetWritebackError(bool lost)
    {
        Touch();
        HasWritebackError = lost;
    }

    internal void RemoveUser()
    {
        if (OpenCount == 0)
        {
            throw new InvalidOperationException("A file was closed more often than opened (simulator defect).");
        }

        Touch();
        OpenCount--;
        if (OpenCount == 0 && DontCache)
        {
            Evict();
        }
    }

    private void DescribeFlags(StateDigest digest)
    {
        digest.Add(image);
        digest.Add(Children);
        digest.Add(Flags);
        digest.Add(IsInCore);
        digest.Add(IsDax);
        digest.Add(DontCache);
        digest.Add(OpenCount);
        digest.Add(Writers);
        digest.Add(HasWritebackError);
    }

    partial void CopyFlags(Inode other)
    {
        Children = other.Children;
        Flags = other.Flags;
        IsInCore = other.IsInCore;
        IsDax = other.IsDax;
        DontCache = other.DontCache;
        OpenCount = other.OpenCount;
        Writers = other.Writers;
        HasWritebackError = other.HasWritebackError;
    }

    partial void RemapFlags(CloneContext context)
    {
        image = context.MapOrNull(image);
        Children = context.MapOrNull(Children);
    }
}
