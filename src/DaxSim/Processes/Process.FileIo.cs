using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// read(2) and write(2) with a buffer in the process's memory: copied, or for O_DIRECT by reference.
public sealed partial class Process
{
    /// <summary>pread(2).</summary>
    /// <param name="file">The file; O_DIRECT when it was opened so.</param>
    /// <param name="address">The buffer.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="offset">Position in the file.</param>
    /// <returns>Bytes read, or the errno.</returns>
    public Result<int> Pread(FileHandle file, ulong address, int length, long offset)
    {
        using var call = Call("pread", address);
        return call.Of(Transfer(file, [new IoVec(address, length)], offset, write: false));
    }

    /// <summary>pwrite(2).</summary>
    /// <inheritdoc cref="Pread"/>
    /// <returns>Bytes written, or the errno.</returns>
    public Result<int> Pwrite(FileHandle file, ulong address, int length, long offset)
    {
        using var call = Call("pwrite", address);
        return call.Of(Transfer(file, [new IoVec(address, length)], offset, write: true));
    }

    /// <summary>preadv(2).</summary>
    /// <param name="file">The file; O_DIRECT when it was opened so.</param>
    /// <param name="buffers">The buffers, filled one after the other.</param>
    /// <param name="offset">Position in the file.</param>
    /// <returns>Bytes read, or the errno.</returns>
    public Result<int> Preadv(FileHandle file, IReadOnlyList<IoVec> buffers, long offset)
    {
        using var call = Call("preadv");
        return call.Of(Transfer(file, buffers, offset, write: false));
    }

    /// <summary>pwritev(2).</summary>
    /// <inheritdoc cref="Preadv"/>
    /// <returns>Bytes written, or the errno.</returns>
    public Result<int> Pwritev(FileHandle file, IReadOnlyList<IoVec> buffers, long offset)
    {
        using var call = Call("pwritev");
        return call.Of(Transfer(file, buffers, offset, write: true));
    }

    /// <summary>An asynchronous read (libaio's IOCB_CMD_PREAD, io_uring's IORING_OP_READ) and the wait for its completion.</summary>
    /// <inheritdoc cref="Pread"/>
    /// <returns>What the completion says: bytes read, or the errno, which is not always the one of a plain read.</returns>
    public Result<int> AioRead(FileHandle file, ulong address, int length, long offset)
    {
        using var call = Call("asynchronous read", address);
        return call.Of(Transfer(file, [new IoVec(address, length)], offset, write: false, async: true));
    }

    /// <summary>An asynchronous write (IOCB_CMD_PWRITE, IORING_OP_WRITE) and the wait for its completion.</summary>
    /// <inheritdoc cref="AioRead"/>
    public Result<int> AioWrite(FileHandle file, ulong address, int length, long offset)
    {
        using var call = Call("asynchronous write", address);
        return call.Of(Transfer(file, [new IoVec(address, length)], offset, write: true, async: true));
    }

    private Result<int> Transfer(FileHandle file, IReadOnlyList<IoVec> buffers, long offset, bool write, bool async = false)
    {
        Kernel.Require(file);
        ArgumentNullException.ThrowIfNull(buffers);

        using var observed = Observe(write ? "pwrite" : "pread", buffers.Count > 0 ? buffers[0].Address : 0);
        return observed.End(TransferUnobserved(file, buffers, offset, write, async));
    }

    private Result<int> TransferUnobserved(FileHandle file, IReadOnlyList<IoVec> buffers, long offset, bool write, bool async)
    {
        if (write ? !file.File.CanWrite : !file.File.CanRead)
        {
            return Verdict.Fail(Errno.EBADF, Mm.Because("ksys_pread64", "The file is not open for that."));
        }

        var inode = file.File.Inode;
        if (inode.Kind is MappingKind.DeviceDax or MappingKind.PciBar or MappingKind.SecretMemory)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("vfs_read", "The file can only be mapped."));
        }

        var cursor = new IoVecCursor(buffers);
        var (first, last) = ((ulong)offset >> Mm.PageShift, (ulong)(offset + cursor.Remaining - 1) >> Mm.PageShift);
        if (inode.Kind == MappingKind.DevMem && Mm.CheckDevMem(first, last - first + 1) is { IsOk: false } refused)
        {
            return refused;
        }

        // A DAX file is copied by the CPU even with O_DIRECT.
        return file.File.IsDirect && inode.Kind == MappingKind.PageCache
            ? DirectTransfer(inode, buffers, cursor, offset, write, async)
            : Copy(inode, cursor, offset, write, file.File);
    }

    private Result<int> Copy(Inode inode, IoVecCursor cursor, long offset, bool write, OpenFile? by = null)
    {
        var pageSize = (int)Mm.PageSize;
        var bytes = new byte[Math.Min(cursor.Remaining, pageSize)];
        var done = 0;
        while (cursor.Remaining > 0)
        {
            var at = offset + done;
            var part = Math.Min(cursor.InBuffer, pageSize - (int)(at & (pageSize - 1)));
            if (write)
            {
                // The source is touched first, outside the page lock; what the copy then cannot read ends the write.
                var missing = Mm.CopyFromUser(Space, cursor.Address, bytes.AsSpan(0, part));
                part -= missing;
                if (part == 0)
                {
                    return done > 0 ? done : Verdict.Fail(Errno.EFAULT, Mm.Because("fault_in_iov_iter_readable", "The source cannot be read."));
                }

                var verdict = Kernel.FileIo.WriteBytes(inode, at, bytes.AsSpan(0, part));
                if (!verdict.IsOk)
                {
                    return done > 0 ? done : verdict;
                }

                cursor.Advance(part);
            }
            else
            {
                part = Kernel.FileIo.ReadBytes(inode, at, bytes.AsSpan(0, part), by: by);
                if (part == 0)
                {
                    if (done == 0 && at < inode.Size && inode.Kind == MappingKind.PageCache)
                    {
                        return Verdict.Fail(Errno.EIO, Mm.Because("filemap_read", "The page could not be read from the device."));
                    }

                    return done > 0 || at >= inode.Size || !Kernel.FileIo.IsPoisoned(inode, (ulong)at >> Mm.PageShift)
                        ? done
                        : Verdict.Fail(Errno.EIO, Mm.Because("shmem_file_read_iter", "The file's page is poisoned."));
                }

                var missing = Mm.CopyToUser(Space, cursor.Address, bytes.AsSpan(0, part));
                cursor.Advance(part - missing);
                done += part - missing;
                if (missing > 0)
                {
                    return done > 0 ? done : Verdict.Fail(Errno.EFAULT, Mm.Because("copy_page_to_iter", "The destination cannot be written."));
                }

                continue;
            }

            done += part;
        }

        return done;
    }
}
