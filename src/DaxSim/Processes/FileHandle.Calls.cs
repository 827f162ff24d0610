using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

// Calls on an open file that tell DAX files from others.
public sealed partial class FileHandle
{
    /// <summary>copy_file_range(2) between two files.</summary>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="from">First byte here.</param>
    /// <param name="to">First byte there.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>Bytes copied.</returns>
    public Result<int> CopyRangeTo(FileHandle destination, long from, long to, int length)
    {
        Kernel.Require(destination);
        var bytes = new byte[length];
        var count = ReadBytes(from, bytes);
        var verdict = destination.WriteBytes(to, bytes.AsSpan(0, count));
        return verdict.IsOk ? count : verdict;
    }

    /// <summary>swapon(2) of a file that mkswap prepared: a DAX file and a memory file cannot be swapped to. The file's blocks hold pages from then on; its size counts as it is now.</summary>
    public Verdict SwapOn()
        => Kind == MappingKind.PageCache
            ? SwapOnFile()
            : Verdict.Fail(Errno.EINVAL, Kernel.MemoryManager.Because("setup_swap_extents", Kind == MappingKind.FsDax ? "A DAX file has no page cache to swap through." : "The file has no blocks to swap to."));

    private Verdict SwapOnFile()
    {
        var pages = (ulong)Size >> Kernel.Memory.PageShift;
        if (Kernel.Memory.Swap is { } swap && swap.Areas.Any(a => a.IsOn && a.Name == File.Path))
        {
            return Verdict.Fail(Errno.EBUSY, Kernel.MemoryManager.Because("claim_swapfile", "The file is swapped to already."));
        }

        if (pages > 1)
        {
            // Without room for a page behind the header there is nothing to swap to.
            Kernel.Memory.AddSwapArea(File.Path, pages, isSynchronous: false);
        }

        return Verdict.Ok;
    }

    /// <summary>preadv2(2) with RWF_NOWAIT: EOPNOTSUPP where reading may always sleep.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where the bytes go.</param>
    public Result<int> ReadWithoutWaiting(long offset, Span<byte> destination)
        => Kind is MappingKind.PageCache or MappingKind.FsDax
            ? ReadBytes(offset, destination)
            : Verdict.Fail(Errno.EOPNOTSUPP, Kernel.MemoryManager.Because("kiocb_set_rw_flags", "The file cannot be read without waiting."));

    /// <summary>lseek(2) with SEEK_HOLE: the first byte at or after <paramref name="offset"/> that no data stands behind.</summary>
    public Result<long> SeekHole(long offset)
    {
        if (offset < 0 || offset >= Size)
        {
            return Verdict.Fail(Errno.ENXIO, Kernel.MemoryManager.Because("generic_file_llseek", "The offset lies at or past the end of the file."));
        }

        var shift = Kernel.Memory.PageShift;
        for (var index = (ulong)offset >> shift; index < File.Inode.PagesInSize; index++)
        {
            var cached = File.Inode.Cache[index];
            if ((cached.IsNone || cached.Has(CacheFlags.Zero)) && !File.Inode.TryBlock(index, out _, out _))
            {
                return Math.Max(offset, (long)(index << shift));
            }
        }

        return Size;
    }

    /// <summary>fcntl(F_SETLEASE, F_WRLCK): EAGAIN while anybody else has the file open.</summary>
    public Verdict SetWriteLease()
        => File.Inode.OpenCount > 1 ? Verdict.Fail(Errno.EAGAIN, Kernel.MemoryManager.Because("check_conflicting_open", "The file is open elsewhere.")) : Verdict.Ok;

    /// <summary>FICLONE: this file becomes a copy of another that shares its blocks.</summary>
    /// <param name="source">The file to clone.</param>
    public Verdict CloneFrom(FileHandle source)
    {
        Kernel.Require(source);
        if (File.Inode.Image is null || source.File.Inode.Image is null)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, Kernel.MemoryManager.Because("ioctl_file_clone", "The file cannot share blocks."));
        }

        var allowed = FileQuestions.Reflink(Kernel.FileSystems, source.File.Inode, File.Inode);
        if (allowed.IsOk)
        {
            File.Inode.ShareBlocksOf(source.File.Inode, Kernel.MemoryManager);
        }

        return allowed;
    }
}
