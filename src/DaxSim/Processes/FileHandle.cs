using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

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

    /// <summary>The file's number in its machine, by which <see cref="Machine.FindFile"/> finds it again on a clone.</summary>
    public int Id => File.Inode.Id;

    /// <summary>What stands behind a mapping of the file.</summary>
    public MappingKind Kind => File.Inode.Kind;

    /// <summary>i_size in bytes.</summary>
    public long Size => File.Inode.Size;

    /// <summary>True when it is open for reading.</summary>
    public bool CanRead => File.CanRead;

    /// <summary>True when it is open for writing.</summary>
    public bool CanWrite => File.CanWrite;

    private Recording Call(string name) => Kernel.Record(name, File.Path);

    private bool IsRegular => File.Inode.BlockDevice is null && Kind is not (MappingKind.DeviceDax or MappingKind.DevMem);

    internal OpenFile File { get; }

    /// <summary>fchmod(2): sets or clears the execute bits.</summary>
    public void SetExecutable(bool executable = true) => File.Inode.SetExecutable(executable);

    /// <summary>ftruncate. On a DAX file with a referenced page the outcome is <see cref="VerdictKind.Blocked"/> and nothing is changed, as when a signal ends the wait; use <see cref="BeginTruncate"/> to keep waiting.</summary>
    /// <param name="size">The new size in bytes.</param>
    public Verdict Truncate(long size)
    {
        using var call = Call("ftruncate");
        return call.Of(DoTruncate(size));
    }

    private Verdict DoTruncate(long size)
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
        if (!IsRegular)
        {
            return new FileOperation(Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("do_sys_ftruncate", "Only regular files have a size that can be changed.")));
        }

        if (!File.CanWrite)
        {
            return new FileOperation(Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("do_sys_ftruncate", "The file is not open for writing.")));
        }

        if (Kind == MappingKind.SecretMemory && Size > 0)
        {
            return new FileOperation(Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("secretmem_setattr", "Secret memory gets its size once.")));
        }

        // sysfs takes a new size and forgets it.
        return Kind == MappingKind.PciBar ? new FileOperation(Verdict.Ok) : new FileOperation(Kernel.MemoryManager.BeginTruncate(File.Inode, size));
    }

    /// <summary>fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE); blocks like <see cref="Truncate"/>.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public Verdict PunchHole(long offset, long length)
    {
        using var call = Call("fallocate(FALLOC_FL_PUNCH_HOLE)");
        return call.Of(DoPunchHole(offset, length));
    }

    private Verdict DoPunchHole(long offset, long length)
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
        => BeginAllocate(FallocateMode.PunchHole | FallocateMode.KeepSize, offset, length);

    /// <summary>fallocate(2); punching, zeroing, collapsing and inserting may sleep for referenced pages of a DAX file.</summary>
    /// <param name="mode">FALLOC_FL_*; none allocates unwritten blocks and grows the file.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public FileOperation BeginAllocate(FallocateMode mode, long offset, long length)
    {
        if (offset < 0 || length <= 0)
        {
            return new FileOperation(Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("vfs_fallocate", "The range is empty or negative.")));
        }

        var change = (mode & ~FallocateMode.KeepSize) switch
        {
            FallocateMode.PunchHole => AddressSpaces.LayoutChange.PunchHole,
            FallocateMode.ZeroRange => AddressSpaces.LayoutChange.ZeroRange,
            FallocateMode.CollapseRange => AddressSpaces.LayoutChange.CollapseRange,
            FallocateMode.InsertRange => AddressSpaces.LayoutChange.InsertRange,
            _ => (AddressSpaces.LayoutChange?)null,
        };
        if ((change is not null || Kind is MappingKind.PageCache or MappingKind.FsDax) && Kernel.MemoryManager.CheckAllocation(File.Inode) is { IsOk: false } unsupported)
        {
            return new FileOperation(unsupported);
        }

        if (change is { } layout)
        {
            if (Kind is not (MappingKind.PageCache or MappingKind.FsDax) && layout != AddressSpaces.LayoutChange.PunchHole)
            {
                return new FileOperation(Verdict.Fail(Errno.EOPNOTSUPP, Kernel.MemoryManager.Because("vfs_fallocate", "The file does not support that.")));
            }

            return new FileOperation(Kernel.MemoryManager.BeginChange(File.Inode, layout, offset, length));
        }

        var pageShift = Kernel.Memory.PageShift;
        var first = (ulong)offset >> pageShift;
        var end = ((ulong)(offset + length) + (ulong)Kernel.Memory.PageSize - 1) >> pageShift;
        var error = File.Inode.Preallocate(first, end, end - first >= 1UL << (Kernel.Policy.Architecture.PmdShift - pageShift) ? 1UL << (Kernel.Policy.Architecture.PmdShift - pageShift) : 1);
        if (error == Errno.None && (mode & FallocateMode.KeepSize) == 0 && offset + length > Size)
        {
            File.Inode.SetSize(offset + length);
        }

        return new FileOperation(error == Errno.None ? Verdict.Ok : Verdict.Fail(error));
    }

    /// <summary>Reads bytes as pread(2) into kernel memory would; fewer than asked at the end of the file.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where they go.</param>
    public int ReadBytes(long offset, Span<byte> destination) => Kernel.FileIo.ReadBytes(File.Inode, offset, destination, by: File);

    /// <summary>Writes bytes as pwrite(2) from kernel memory would, growing the file.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="source">The bytes.</param>
    public Verdict WriteBytes(long offset, ReadOnlySpan<byte> source)
    {
        using var call = Call("pwrite");
        return call.Of(Kernel.FileIo.WriteBytes(File.Inode, offset, source));
    }

    /// <summary>fsync: writes dirty pages back and write-protects their mappings.</summary>
    public Verdict Sync()
    {
        using var call = Call("fsync");
        return call.Of(DoSync());
    }

    private Verdict DoSync()
    {
        if (File.Inode.Kind is MappingKind.DevMem or MappingKind.DeviceDax)
        {
            return Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("vfs_fsync_range", "The file has no fsync method."));
        }

        File.Inode.WriteBack(Kernel.MemoryManager);
        File.Inode.CommitMetadata();
        if (File.Inode.HasWritebackError)
        {
            File.Inode.SetWritebackError(false);
            return Verdict.Fail(Errno.EIO, Kernel.MemoryManager.Because("file_check_and_advance_wb_err", "Data of the file were lost before they reached the disk."));
        }

        return Verdict.Ok;
    }

    /// <summary>splice(2) into a pipe: page cache pages by reference, everything else copied.</summary>
    /// <param name="pipe">The pipe.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public Result<int> SpliceTo(Pipe pipe, long offset, int length)
    {
        using var call = Call("splice");
        return call.Of(DoSpliceTo(pipe, offset, length));
    }

    private Result<int> DoSpliceTo(Pipe pipe, long offset, int length)
    {
        Kernel.Require(pipe);
        var inode = File.Inode;
        var done = 0;
        while (done < length && !pipe.IsFull)
        {
            var at = offset + done;
            var start = (int)(at & (Kernel.Memory.PageSize - 1));
            var part = (int)Math.Min(Math.Min(length - done, Kernel.Memory.PageSize - start), Math.Max(0, Size - at));
            if (part == 0)
            {
                break;
            }

            if (inode.HasPageCache)
            {
                var error = inode.GetCachePage((ulong)at >> Kernel.Memory.PageShift, out var pfn);
                if (error != Errno.None)
                {
                    return done > 0 ? done : Verdict.Fail(error);
                }

                Kernel.Memory.Get(pfn, 1);
                pipe.Push(new Pipe.PipeBuffer(pfn, start, part));
            }
            else
            {
                var bytes = new byte[part];
                Kernel.FileIo.ReadBytes(inode, at, bytes);
                pipe.Write(bytes);
            }

            done += part;
        }

        return done;
    }

    /// <summary>open(2) of the same file by another description: a handle of its own, also of a file whose handle was closed.</summary>
    /// <param name="flags">How to open it.</param>
    /// <returns>The file; ETXTBSY for writing to a program that runs; EINVAL for O_DIRECT on tmpfs before 6.6.</returns>
    public Result<FileHandle> Reopen(OpenFlags flags)
    {
        if ((flags & (OpenFlags)3) != OpenFlags.ReadOnly && Kernel.IsExecuting(File.Inode))
        {
            return Verdict.Fail(Errno.ETXTBSY, Kernel.MemoryManager.Because("deny_write_access", "A process runs the program."));
        }

        if ((flags & OpenFlags.Direct) != 0 && Kind == MappingKind.Shmem && Kernel.Policy.ShmemDirectIo == ShmemDirectIoRule.Refused)
        {
            return Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("do_dentry_open", "tmpfs has no direct I/O.", PolicyProperty.ShmemDirectIo));
        }

        File.Inode.AddUser();
        File.Inode.Image?.Instance?.AddOpenFile(1);
        return Kernel.OpenUncounted(File.Inode, File.Path, flags);
    }
}

/// <summary>FALLOC_FL_* of fallocate(2), with Linux's values.</summary>
[Flags]
public enum FallocateMode
{
    /// <summary>Allocate, growing the file.</summary>
    None = 0,

    /// <summary>FALLOC_FL_KEEP_SIZE.</summary>
    KeepSize = 1,

    /// <summary>FALLOC_FL_PUNCH_HOLE.</summary>
    PunchHole = 2,

    /// <summary>FALLOC_FL_COLLAPSE_RANGE.</summary>
    CollapseRange = 8,

    /// <summary>FALLOC_FL_ZERO_RANGE.</summary>
    ZeroRange = 16,

    /// <summary>FALLOC_FL_INSERT_RANGE.</summary>
    InsertRange = 32,
}

/// <summary>A truncate or hole punch that may be asleep for a referenced page.</summary>
public sealed class FileOperation
{
    private readonly AddressSpaces.LayoutOperation? operation;

    internal FileOperation(Verdict verdict) => Verdict = verdict;

    internal FileOperation(AddressSpaces.LayoutOperation operation)
    {
        this.operation = operation;
        Verdict = operation.Run();
    }

    /// <summary>The outcome so far; <see cref="VerdictKind.Blocked"/> while asleep.</summary>
    public Verdict Verdict { get; private set; }

    /// <summary>True while it sleeps for a page.</summary>
    public bool IsBlocked => operation is { IsBlocked: true };

    /// <summary>Goes on after it was woken: over, or asleep again.</summary>
    public Verdict Resume() => operation is null ? Verdict : Verdict = operation.IsFinished ? operation.Verdict : operation.Run();

    /// <summary>The kernel functions it sleeps in, innermost first, as /proc/pid/stack lists them; empty when it is not asleep. The names are those of the kernels where a sleeper was recorded.</summary>
    public IReadOnlyList<string> SleepsIn => operation is { IsBlocked: true } ? operation.SleepsIn : [];

    /// <summary>A signal ends the sleep: EINTR, unless the page became idle without waking the sleeper, who goes on then. Nothing happens when it is not asleep.</summary>
    public Verdict Interrupt()
    {
        if (operation is { IsBlocked: true })
        {
            operation.Interrupt();
            Verdict = operation.Verdict;
        }

        return Verdict;
    }
}
