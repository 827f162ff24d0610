using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

/// <summary>read(2) and write(2) with a buffer in the process's memory: copied, or for O_DIRECT by reference.</summary>
public sealed partial class Process
{
    /// <summary>pread(2).</summary>
    /// <param name="file">The file; O_DIRECT when it was opened so.</param>
    /// <param name="address">The buffer.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="offset">Position in the file.</param>
    /// <returns>Bytes read, or the errno.</returns>
    public Result<int> Pread(FileHandle file, ulong address, int length, long offset) => Transfer(file, address, length, offset, write: false);

    /// <summary>pwrite(2).</summary>
    /// <inheritdoc cref="Pread"/>
    public Result<int> Pwrite(FileHandle file, ulong address, int length, long offset) => Transfer(file, address, length, offset, write: true);

    private Result<int> Transfer(FileHandle file, ulong address, int length, long offset, bool write)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Kernel != Kernel)
        {
            throw new ArgumentException("The file belongs to another kernel.", nameof(file));
        }

        if (write ? !file.File.CanWrite : !file.File.CanRead)
        {
            return Verdict.Fail(Errno.EBADF, Mm.Because("ksys_pread64", "The file is not open for that."));
        }

        var inode = file.File.Inode;
        if (inode.Kind is MappingKind.DeviceDax or MappingKind.PciBar or MappingKind.SecretMemory)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("vfs_read", "The file can only be mapped."));
        }

        if (inode.Kind == MappingKind.DevMem && Mm.CheckDevMem((ulong)offset >> Mm.PageShift, ((ulong)(offset + length - 1) >> Mm.PageShift) - ((ulong)offset >> Mm.PageShift) + 1) is { IsOk: false } refused)
        {
            return refused;
        }

        // A DAX file is copied by the CPU even with O_DIRECT.
        return file.File.IsDirect && inode.Kind == MappingKind.PageCache
            ? DirectTransfer(inode, address, length, offset, write)
            : Copy(inode, address, length, offset, write);
    }

    private Result<int> Copy(Inode inode, ulong address, int length, long offset, bool write)
    {
        var pageSize = (int)Mm.PageSize;
        var bytes = new byte[Math.Min(length, pageSize)];
        var done = 0;
        while (done < length)
        {
            var at = offset + done;
            var part = Math.Min(length - done, pageSize - (int)(at & (pageSize - 1)));
            if (write)
            {
                // The source is touched first, outside the page lock; what the copy then cannot read ends the write.
                var missing = Mm.CopyFromUser(Space, address + (ulong)done, bytes.AsSpan(0, part));
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
            }
            else
            {
                part = Kernel.FileIo.ReadBytes(inode, at, bytes.AsSpan(0, part));
                if (part == 0)
                {
                    return done;
                }

                var missing = Mm.CopyToUser(Space, address + (ulong)done, bytes.AsSpan(0, part));
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

    /// <summary>Direct I/O of a page cache file: the device reads or writes the user's pages themselves.</summary>
    private Result<int> DirectTransfer(Inode inode, ulong address, int length, long offset, bool write)
    {
        if (((ulong)offset & 511) != 0 || (length & 511) != 0 || (address & 511) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("iomap_dio_bio_iter", "Buffer, offset and length must be multiples of the device's sector size."));
        }

        if (!write)
        {
            length = (int)Math.Min(length, Math.Max(0, inode.Size - offset));
        }

        // kiocb_invalidate: what is in the page cache goes to the disk first, and for a write is dropped.
        inode.WriteBack(Mm);
        var pin = Kernel.Policy.DirectIoReferences == DirectIoReferenceRule.Pin;
        var pages = new ulong[1];
        var done = 0;
        while (done < length)
        {
            var at = address + (ulong)done;
            var start = (int)(at & (Mm.PageSize - 1));
            var part = Math.Min(length - done, (int)Mm.PageSize - start);
            var result = Mm.GetUserPagesFast(Space, at, 1, (write ? 0 : GupFlags.Write) | (pin ? GupFlags.Pin : GupFlags.Get), pages);
            if (result.Count == 0)
            {
                return done > 0 && result.Verdict.Errno == Errno.EFAULT ? done : result.Verdict;
            }

            MoveDirect(inode, pages[0], start, part, offset + done, write);
            Mm.ReleasePages(pages, 0, 1, pin, dirty: !write, ReleaseKind.DirectIo);
            done += part;
        }

        return done;
    }

    private void MoveDirect(Inode inode, ulong pfn, int start, int count, long position, bool write)
    {
        var bytes = new byte[count];
        var pageMask = (long)Mm.PageSize - 1;
        if (write)
        {
            Mm.Memory.Contents.Read(pfn, start, bytes);
        }

        for (var moved = 0; moved < count;)
        {
            var index = (ulong)(position + moved) >> Mm.PageShift;
            var offset = (int)((position + moved) & pageMask);
            var part = Math.Min(count - moved, (int)Mm.PageSize - offset);
            if (write)
            {
                if (!inode.Cache[index].IsNone)
                {
                    Mm.UnmapRange(inode, index, index + 1, evenCopies: false);
                    inode.DropCache(index, index + 1);
                }

                inode.GetBlock(index, out var store, out var block);
                store.Write(block, offset, bytes.AsSpan(moved, part));
            }
            else if (inode.TryBlock(index, out var store, out var block))
            {
                store.Read(block, offset, bytes.AsSpan(moved, part));
            }
            else
            {
                bytes.AsSpan(moved, part).Clear();
            }

            moved += part;
        }

        if (write)
        {
            if (position + count > inode.Size)
            {
                inode.SetSize(position + count);
            }
        }
        else
        {
            Mm.Memory.Contents.Write(pfn, start, bytes);
        }
    }
}
