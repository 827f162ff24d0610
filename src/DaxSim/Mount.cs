using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.State;

namespace DaxSim;

/// <summary>A mounted filesystem: a handle, like a path to its root directory.</summary>
public sealed partial class Mount
{
    private readonly MountPoint point;

    internal Mount(Machine machine, MountPoint point)
    {
        Machine = machine;
        this.point = point;
    }

    /// <summary>The machine it is mounted on.</summary>
    public Machine Machine { get; }

    /// <summary>Where it is mounted.</summary>
    public string Path => point.Path;

    /// <summary>What is mounted: <c>/dev/pmem0</c>, or the tag of a virtiofs device.</summary>
    public string Source => point.Source;

    /// <summary>The type that was asked for, as /proc/mounts shows it.</summary>
    public string FileSystemType => point.Instance.MountedAs;

    /// <summary>True when nothing can be written.</summary>
    public bool IsReadOnly => point.Instance.IsReadOnly;

    /// <summary>The mount-wide decision about DAX.</summary>
    public DaxMountMode DaxMode => point.Instance.Mode;

    /// <summary>True when an ordinary new file uses DAX.</summary>
    public bool IsDax => point.Instance.NewFilesUseDax;

    /// <summary>What decided about DAX when it was mounted.</summary>
    public Reason? DaxReason => point.Instance.DaxReason;

    /// <summary>The options that the filesystem itself adds in /proc/mounts, after <c>rw,relatime</c>.</summary>
    public IReadOnlyList<string> ShownOptions
    {
        get
        {
            var shown = new List<string>();
            point.Instance.Driver.ShowOptions(point.Instance, shown);
            return shown;
        }
    }

    /// <summary>The option of /proc/mounts that speaks of DAX (<c>dax</c>, <c>dax=always</c>, …, or <c>xip</c>); empty when there is none.</summary>
    public string ShownDaxOption
        => ShownOptions.FirstOrDefault(o => o.StartsWith("dax", StringComparison.Ordinal)) ?? (DaxMode == DaxMountMode.Xip ? "xip" : "");

    /// <summary>The line of /proc/mounts.</summary>
    public string ProcMountsLine
        => $"{Source} {Path} {FileSystemType} {string.Join(',', [IsReadOnly ? "ro" : "rw", "relatime", .. ShownOptions])} 0 0";

    /// <summary>mkdir(2), with a path below the mount.</summary>
    public Verdict Mkdir(string path) => Make(path, directory: true).Verdict;

    /// <summary>open(2) with a path below the mount. Close the file before unmounting.</summary>
    /// <param name="path">For example <c>bin/ls</c>.</param>
    /// <param name="flags">How to open; with <see cref="OpenFlags.Create"/> a missing file is made.</param>
    public Result<FileHandle> Open(string path, OpenFlags flags = OpenFlags.ReadOnly)
    {
        using var call = Machine.Call("open", path);
        return call.Of(DoOpen(path, flags));
    }

    private Result<FileHandle> DoOpen(string path, OpenFlags flags)
    {
        var found = Find(path);
        if (found.Errno == Errno.ENOENT && (flags & OpenFlags.Create) != 0)
        {
            found = Make(path, directory: false);
        }

        if (!found.IsOk)
        {
            return found.Verdict;
        }

        var inode = found.Value;
        var writes = (flags & (OpenFlags)3) != OpenFlags.ReadOnly;
        if (writes && inode.IsDirectory)
        {
            return Verdict.Fail(Errno.EISDIR, new Reason("may_open", "A directory cannot be written."));
        }

        if (writes && IsReadOnly)
        {
            return Verdict.Fail(Errno.EROFS, ReadOnlyReason);
        }

        if (writes && Machine.Kernel.IsExecuting(inode))
        {
            return Verdict.Fail(Errno.ETXTBSY, new Reason("deny_write_access", "A process runs the program."));
        }

        inode.AddUser();
        point.Instance.AddOpenFile(1);
        return Machine.Kernel.Open(inode, flags, $"{Path}/{path.Trim('/')}");
    }

    /// <summary>unlink(2) or rmdir(2).</summary>
    public Verdict Remove(string path)
    {
        using var call = Machine.Call("unlink", path);
        return call.Of(DoRemove(path));
    }

    private Verdict DoRemove(string path)
    {
        var found = Find(path);
        if (!found.IsOk)
        {
            return found.Verdict;
        }

        if (IsReadOnly)
        {
            return Verdict.Fail(Errno.EROFS, ReadOnlyReason);
        }

        if (found.Value.Children is { Count: > 0 })
        {
            return Verdict.Fail(Errno.ENOTEMPTY, new Reason("vfs_rmdir", "The directory is not empty."));
        }

        var (parent, name) = FindParent(path).Value;
        parent.Children!.Remove(name);
        found.Value.SetLinks(0);
        return Verdict.Ok;
    }

    /// <summary>statx, as far as STATX_ATTR_DAX is concerned.</summary>
    public Result<StatxDax> Statx(string path)
    {
        if (Table.Policy.StatxDaxAttribute == Policy.StatxDaxAttribute.NoStatx)
        {
            return FileQuestions.Statx(Table, point.Instance.Image.Root);
        }

        var found = Find(path);
        return found.IsOk ? FileQuestions.Statx(Table, found.Value) : found.Verdict;
    }

    /// <summary>Whether the file uses DAX now (S_DAX), told where statx cannot.</summary>
    public Result<bool> UsesDax(string path)
    {
        var found = Find(path);
        return found.IsOk ? found.Value.IsDax : found.Verdict;
    }

    /// <summary>Sets or clears a flag of a file or directory, as chattr, xfs_io, fscrypt and fsverity do.</summary>
    public Verdict SetFlag(string path, InodeFlags flag, bool on = true)
    {
        var found = Find(path);
        if (!found.IsOk)
        {
            return found.Verdict;
        }

        // The call is made on an open file, so that closing it is the end of a use.
        found.Value.AddUser();
        point.Instance.AddOpenFile(1);
        var verdict = FileQuestions.SetFlag(Table, found.Value, flag, on);
        FileQuestions.Close(Table, found.Value);
        return verdict;
    }

    /// <summary>The flags of a file or directory as they stand on disk.</summary>
    public Result<InodeFlags> Flags(string path)
    {
        var found = Find(path);
        return found.IsOk ? found.Value.Flags : found.Verdict;
    }

    /// <summary>Whether mmap of the file with MAP_SHARED_VALIDATE | MAP_SYNC would be allowed. With plain MAP_SHARED the flag is ignored.</summary>
    public Verdict AllowsMapSync(string path)
    {
        var found = Find(path);
        return found.IsOk ? FileQuestions.MapSync(Table, found.Value) : found.Verdict;
    }

    /// <summary>FICLONE: lets the second file share the extents of the first, if the filesystem allows it.</summary>
    public Verdict Reflink(string source, string destination)
    {
        using var call = Machine.Call("FICLONE", destination);
        return call.Of(DoReflink(source, destination));
    }

    private Verdict DoReflink(string source, string destination)
    {
        var from = Find(source);
        var to = Find(destination);
        if (!from.IsOk || !to.IsOk)
        {
            return from.IsOk ? to.Verdict : from.Verdict;
        }

        var allowed = FileQuestions.Reflink(Table, from.Value, to.Value);
        if (allowed.IsOk)
        {
            to.Value.ShareBlocksOf(from.Value, Machine.MemoryManager);
        }

        return allowed;
    }

    /// <summary>
    /// Puts a file there, with its directories, as if it had been on the device before it was mounted, so that a read-only mount does not mind.
    /// Its blocks are allocated and written. A file that is there already grows.
    /// </summary>
    /// <param name="path">Below the mount, for example <c>bin/ls</c>.</param>
    /// <param name="size">Bytes, at least those of <paramref name="content"/>.</param>
    /// <param name="content">The first bytes.</param>
    /// <param name="executable">Whether the file has the execute bits.</param>
    /// <returns>Ok, or ENOSPC when the device is too small.</returns>
    /// <exception cref="ArgumentException">The path leads through a file, or to a directory.</exception>
    public Verdict PlaceFile(string path, long size, ReadOnlySpan<byte> content = default, bool executable = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var (directory, name) = PlaceDirectories(path);
        var inode = directory.Children!.TryGetValue(name, out var there) ? point.Instance.Get(there) : PlaceInode(directory, name, isDirectory: false);
        if (inode.IsDirectory)
        {
            throw new ArgumentException($"{Path}/{path.Trim('/')} is a directory.", nameof(path));
        }

        var error = inode.Plant(Math.Max(size, content.Length));
        if (error != Errno.None)
        {
            return Verdict.Fail(error, new Reason("ext2_get_blocks", $"The device has no room for a file of {size} bytes."));
        }

        if (executable)
        {
            inode.SetExecutable(true);
        }

        inode.PlantBytes(content);
        return Verdict.Ok;
    }

    /// <summary>Puts a new file there, with its directories, as if it had been on the device before it was mounted: a read-only mount does not mind.</summary>
    /// <param name="path">Below the mount, for example <c>bin/ls</c>.</param>
    /// <param name="content">What is in it.</param>
    /// <exception cref="ArgumentException">Something of that name is there already, the path leads through a file, or the device is too small.</exception>
    public void PlaceFile(string path, ReadOnlySpan<byte> content)
    {
        var (directory, name) = PlaceDirectories(path);
        if (directory.Children!.ContainsKey(name))
        {
            throw new ArgumentException($"{Path}/{path.Trim('/')} is there already.", nameof(path));
        }

        var file = PlaceInode(directory, name, isDirectory: false);
        if (!Machine.Kernel.FileIo.WriteBytes(file, 0, content).IsOk)
        {
            // This kernel cannot write there, but the file is older than its boot.
            if (file.Plant(content.Length) != Errno.None)
            {
                throw new ArgumentException($"{Source} has no room for {content.Length} bytes.", nameof(content));
            }

            file.PlantBytes(content);
        }
    }

    /// <summary>The line of /proc/mounts.</summary>
    public override string ToString() => ProcMountsLine;

    /// <summary>The directory that a path leads to, made where it is missing, and the last name.</summary>
    private (Inode Directory, string Name) PlaceDirectories(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            throw new ArgumentException("The path names no file: give one below the mount, for example bin/ls.", nameof(path));
        }

        var directory = point.Instance.Get(point.Instance.Image.Root);
        for (var i = 0; i < parts.Length - 1; i++)
        {
            directory = directory.Children!.TryGetValue(parts[i], out var next) ? point.Instance.Get(next) : PlaceInode(directory, parts[i], isDirectory: true);
            if (!directory.IsDirectory)
            {
                throw new ArgumentException($"{parts[i]} on the way to {path} is a file.", nameof(path));
            }
        }

        return (directory, parts[^1]);
    }

    private Inode PlaceInode(Inode directory, string name, bool isDirectory)
    {
        var made = Table.NewInode(point.Instance, isDirectory, point.Instance.Driver.Inherited(point.Instance, directory));
        directory.Children![name] = made;
        return point.Instance.Get(made);
    }

    private FileSystemTable Table => Machine.FileSystemTable;

    private static Reason ReadOnlyReason => new("mnt_want_write", "The filesystem is read-only.");

    private Result<Inode> Make(string path, bool directory)
    {
        var parent = FindParent(path);
        if (!parent.IsOk)
        {
            return parent.Verdict;
        }

        var (inode, name) = parent.Value;
        if (inode.Children!.ContainsKey(name))
        {
            return Verdict.Fail(Errno.EEXIST, new Reason("filename_create", "The name exists."));
        }

        if (IsReadOnly)
        {
            return Verdict.Fail(Errno.EROFS, ReadOnlyReason);
        }

        var made = Table.NewInode(point.Instance, directory, point.Instance.Driver.Inherited(point.Instance, inode));
        inode.Children[name] = made;
        return made;
    }

    private Result<Inode> Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Trim('/').Length == 0)
        {
            return point.Instance.Get(point.Instance.Image.Root);
        }

        var parent = FindParent(path);
        if (!parent.IsOk)
        {
            return parent.Verdict;
        }

        return parent.Value.Directory.Children!.TryGetValue(parent.Value.Name, out var inode)
            ? point.Instance.Get(inode)
            : Verdict.Fail(Errno.ENOENT, new Reason("path_openat", $"There is no {path}."));
    }

    private Result<Place> FindParent(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (point.Instance.Image.Instance != point.Instance)
        {
            throw new InvalidOperationException($"{Path} was unmounted: mount it again and use that handle.");
        }

        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return Verdict.Fail(Errno.EEXIST, new Reason("filename_create", "That is the root directory."));
        }

        var directory = point.Instance.Get(point.Instance.Image.Root);
        for (var i = 0; i < parts.Length - 1; i++)
        {
            var part = parts[i];
            if (!directory.Children!.TryGetValue(part, out var next))
            {
                return Verdict.Fail(Errno.ENOENT, new Reason("link_path_walk", $"There is no {part} on the way to {path}."));
            }

            if (!next.IsDirectory)
            {
                return Verdict.Fail(Errno.ENOTDIR, new Reason("link_path_walk", $"{part} on the way to {path} is no directory."));
            }

            directory = point.Instance.Get(next);
        }

        return new Place(directory, parts[^1]);
    }

    /// <summary>A name in a directory.</summary>
    private readonly record struct Place(Inode Directory, string Name);
}
