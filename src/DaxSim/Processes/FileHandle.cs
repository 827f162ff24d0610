using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

/// <summary>An open file of a simulated machine (struct file): what a descriptor refers to and what mmap takes.</summary>
public sealed partial class FileHandle
{
    internal FileHandle(RunningKernel kernel, OpenFile file)
    {
        Kernel = kernel;
        File = file;
    }

    internal RunningKernel Kernel { get; }

    /// <summary>What stands behind a mapping of the file.</summary>
    public MappingKind Kind => File.Inode.Kind;

    /// <summary>i_size in bytes.</summary>
    public long Size => File.Inode.Size;

    internal OpenFile File { get; }

    /// <summary>ftruncate. On a DAX file with a referenced page the outcome is <see cref="VerdictKind.Blocked"/> and nothing is changed, as when a signal ends the wait; use <see cref="BeginTruncate"/> to keep waiting.</summary>
    /// <param name="size">The new size in bytes.</param>
    public Verdict Truncate(long size)
    {
        var operation = BeginTruncate(size);
        var verdict = operation.Verdict;
        operation.Interrupt();
        return verdict;
    }

    /// <summary>Starts ftruncate and lets it run until it is over or asleep.</summary>
    /// <param name="size">The new size in bytes.</param>
    public FileOperation BeginTruncate(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return new FileOperation(Kernel.MemoryManager.BeginTruncate(File.Inode, size));
    }

    /// <summary>fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE); blocks like <see cref="Truncate"/>.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public Verdict PunchHole(long offset, long length)
    {
        var operation = BeginPunchHole(offset, length);
        var verdict = operation.Verdict;
        operation.Interrupt();
        return verdict;
    }

    /// <summary>Starts punching a hole and lets it run until it is over or asleep.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public FileOperation BeginPunchHole(long offset, long length)
        => new(Kernel.MemoryManager.BeginChange(File.Inode, AddressSpaces.LayoutChange.PunchHole, offset, length));

    /// <summary>Reads bytes as pread(2) into kernel memory would; fewer than asked at the end of the file.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where they go.</param>
    public int ReadBytes(long offset, Span<byte> destination) => Kernel.FileIo.ReadBytes(File.Inode, offset, destination);

    /// <summary>Writes bytes as pwrite(2) from kernel memory would, growing the file.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="source">The bytes.</param>
    public Verdict WriteBytes(long offset, ReadOnlySpan<byte> source) => Kernel.FileIo.WriteBytes(File.Inode, offset, source);

    /// <summary>fsync: writes dirty pages back and write-protects their mappings.</summary>
    public Verdict Sync()
    {
        if (File.Inode.Kind is MappingKind.DevMem or MappingKind.PciBar or MappingKind.DeviceDax)
        {
            return Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("vfs_fsync_range", "The file has no fsync method."));
        }

        File.Inode.WriteBack(Kernel.MemoryManager);
        return Verdict.Ok;
    }

    /// <summary>Opens the same file again with other flags.</summary>
    public FileHandle Reopen(OpenFlags flags) => new(Kernel, new OpenFile(Kernel.Journal, File.Inode, flags));
}

/// <summary>A truncate or hole punch that may be asleep for a referenced page.</summary>
public sealed class FileOperation
{
    private readonly AddressSpaces.LayoutOperation operation;

    internal FileOperation(AddressSpaces.LayoutOperation operation)
    {
        this.operation = operation;
        Verdict = operation.Run();
    }

    /// <summary>The outcome so far; <see cref="VerdictKind.Blocked"/> while asleep.</summary>
    public Verdict Verdict { get; private set; }

    /// <summary>True while it sleeps for a page.</summary>
    public bool IsBlocked => operation.IsBlocked;

    /// <summary>Goes on after it was woken: over, or asleep again.</summary>
    public Verdict Resume() => Verdict = operation.IsFinished ? operation.Verdict : operation.Run();

    /// <summary>A signal ends the sleep (EINTR); nothing happens when it is not asleep.</summary>
    public Verdict Interrupt()
    {
        if (operation.IsBlocked)
        {
            operation.Interrupt();
            Verdict = operation.Verdict;
        }

        return Verdict;
    }
}
