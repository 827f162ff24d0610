using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// Direct I/O of page cache files and block devices: the device reads or writes the user's pages themselves. What a buffer gives
// that is good only at its beginning depends on the engine: fs/direct-io.c, iomap, or the block layer's own.
public sealed partial class Process
{
    /// <summary>DIO_PAGES: pages that are taken at a time.</summary>
    private const int BatchPages = 64;

    private DirectIoEngineRule EngineOf(Inode inode)
        => inode.BlockDevice is not null ? Kernel.Policy.BlockDirectIo : inode.IsOnXfs ? Kernel.Policy.XfsDirectIo : Kernel.Policy.Ext4DirectIo;

    private Result<int> DirectTransfer(Inode inode, IReadOnlyList<IoVec> buffers, IoVecCursor cursor, long offset, bool write, bool async)
    {
        if (((ulong)offset & 511) != 0 || buffers.Any(static b => ((b.Address | (uint)b.Length) & 511) != 0))
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("iomap_dio_bio_iter", "Buffer, offset and length must be multiples of the device's sector size."));
        }

        var length = cursor.Remaining;
        if (!write)
        {
            length = (int)Math.Min(length, Math.Max(0, inode.Size - offset));
        }

        // kiocb_invalidate: what is in the page cache goes to the disk first, and for a write is dropped.
        inode.WriteBack(Mm);
        var beyond = new List<(long Position, byte[] Bytes)>();
        if (write && offset + length > inode.Size && EngineOf(inode) == DirectIoEngineRule.ClassicExtendsBuffered)
        {
            return ExtendBuffered(inode, cursor, offset);
        }

        var (done, stopped) = MovePages(inode, cursor, offset, length, write, beyond);
        if (stopped.IsOk)
        {
            Extend(inode, beyond);
            return done;
        }

        var engine = EngineOf(inode);
        if (async && engine == DirectIoEngineRule.BlockLayer)
        {
            return FailAsync(done, stopped);
        }

        if (done == 0)
        {
            return write && engine == DirectIoEngineRule.IomapWritesBuffered ? WriteBuffered(inode, cursor, offset) : stopped;
        }

        return engine switch
        {
            DirectIoEngineRule.BlockLayer => Rest(inode, cursor, offset, done, write),
            DirectIoEngineRule.Iomap or DirectIoEngineRule.IomapWritesBuffered => FailIomap(cursor, write, stopped),
            _ => FailClassic(inode, cursor, offset, done, length, write, engine, stopped, beyond),
        };
    }

    /// <summary>The good beginning of the buffers: how many bytes were moved, and why no more. Data behind the end of the file waits.</summary>
    private (int Done, Verdict Stopped) MovePages(Inode inode, IoVecCursor cursor, long offset, int length, bool write, List<(long Position, byte[] Bytes)> beyond)
    {
        var pin = Kernel.Policy.DirectIoReferences == DirectIoReferenceRule.Pin;
        var flags = (write ? 0 : GupFlags.Write) | (pin ? GupFlags.Pin : GupFlags.Get);
        var pages = new ulong[BatchPages];
        var done = 0;
        while (done < length)
        {
            var left = Math.Min(length - done, cursor.InBuffer);
            var wanted = Math.Min(BatchPages, (int)((cursor.Address & (Mm.PageSize - 1)) + (ulong)left + Mm.PageSize - 1 >> Mm.PageShift));
            var result = Mm.GetUserPagesFast(Space, cursor.Address, wanted, flags, pages);
            if (result.Count == 0)
            {
                return (done, result.Verdict);
            }

            for (var i = 0; i < result.Count; i++)
            {
                var start = (int)(cursor.Address & (Mm.PageSize - 1));
                var part = Math.Min(Math.Min(length - done, cursor.InBuffer), (int)Mm.PageSize - start);
                MovePage(inode, pages[i], start, part, offset + done, write, beyond);
                cursor.Advance(part);
                done += part;
            }

            Mm.ReleasePages(pages, 0, result.Count, pin, dirty: !write, ReleaseKind.DirectIo);
        }

        return (done, Verdict.Ok);
    }

    private void MovePage(Inode inode, ulong pfn, int start, int count, long position, bool write, List<(long Position, byte[] Bytes)> beyond)
    {
        var bytes = new byte[count];
        if (!write)
        {
            ReadBlocks(inode, position, bytes);
            Mm.Memory.Contents.Write(pfn, start, bytes);
            return;
        }

        Mm.Memory.Contents.Read(pfn, start, bytes);
        if (position + count > inode.Size)
        {
            beyond.Add((position, bytes));
        }
        else
        {
            WriteBlocks(inode, position, bytes);
        }
    }

    /// <summary>iomap_dio_rw after a short bio: the same mapping is tried once more, and then a new one.</summary>
    private Result<int> FailIomap(IoVecCursor cursor, bool write, Verdict stopped)
    {
        var pin = Kernel.Policy.DirectIoReferences == DirectIoReferenceRule.Pin;
        var pages = new ulong[1];
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var result = Mm.GetUserPagesFast(Space, cursor.Address, 1, (write ? 0 : GupFlags.Write) | (pin ? GupFlags.Pin : GupFlags.Get), pages);
            Mm.ReleasePages(pages, 0, result.Count, pin, dirty: false, ReleaseKind.DirectIo);
        }

        return stopped;
    }

    /// <summary>__blkdev_direct_IO for an asynchronous caller: the error of the pages was a plain I/O error until the single-bio path came.</summary>
    private Result<int> FailAsync(int done, Verdict stopped)
    {
        if (Kernel.Policy.AsyncDirectIoError == AsyncDirectIoErrorRule.Eio)
        {
            return Verdict.Fail(Errno.EIO, Mm.Because("__blkdev_direct_IO", "The pages of the buffer could not be taken; the request ends as a failed one.", PolicyProperty.AsyncDirectIoError));
        }

        return done > 0 ? done : stopped;
    }

    /// <summary>A short direct transfer is finished through the page cache, which only copies.</summary>
    private Result<int> Rest(Inode inode, IoVecCursor cursor, long offset, int done, bool write)
    {
        var rest = Copy(inode, cursor, offset + done, write);
        if (write && rest.IsOk)
        {
            inode.WriteBack(Mm);
        }

        return rest.IsOk ? done + rest.Value : done;
    }

    /// <summary>ext4_dio_write_iter where the error of the pages is lost on the way (recorded on 6.16; how it is lost was not read): the page cache does it all.</summary>
    private Result<int> WriteBuffered(Inode inode, IoVecCursor cursor, long offset)
    {
        Mm.Trace?.Step("ext4_dio_write_iter", "was anything written directly?", "no: the page cache is tried, which only copies", PolicyProperty.Ext4DirectIo);
        var copied = Copy(inode, cursor, offset, write: true);
        if (copied.IsOk)
        {
            inode.WriteBack(Mm);
        }

        return copied;
    }

    /// <summary>No block is there for the first page, and none is made: ENOTBLK, once the first pages are taken. The page cache does it all.</summary>
    private Result<int> ExtendBuffered(Inode inode, IoVecCursor cursor, long offset)
    {
        var pin = Kernel.Policy.DirectIoReferences == DirectIoReferenceRule.Pin;
        var pages = new ulong[BatchPages];
        var wanted = Math.Min(BatchPages, (int)((cursor.Address & (Mm.PageSize - 1)) + (ulong)cursor.InBuffer + Mm.PageSize - 1 >> Mm.PageShift));
        var result = Mm.GetUserPagesFast(Space, cursor.Address, wanted, pin ? GupFlags.Pin : GupFlags.Get, pages);
        if (result.Count == 0)
        {
            return result.Verdict;
        }

        Mm.ReleasePages(pages, 0, result.Count, pin, dirty: false, ReleaseKind.DirectIo);
        var copied = Copy(inode, cursor, offset, write: true);
        inode.WriteBack(Mm);
        return copied;
    }

    /// <summary>dio_refill_pages and dio_complete of fs/direct-io.c.</summary>
    private Result<int> FailClassic(Inode inode, IoVecCursor cursor, long offset, int done, int length, bool write, DirectIoEngineRule engine, Verdict stopped, List<(long Position, byte[] Bytes)> beyond)
    {
        if (!write)
        {
            return engine == DirectIoEngineRule.Classic ? stopped : Rest(inode, cursor, offset, done, write);
        }

        // The blocks are there already, so what the buffer does not give is written as zeros, and the error is reported afterwards.
        var zeros = new byte[length - done];
        if (offset + length <= inode.Size)
        {
            WriteBlocks(inode, offset + done, zeros);
        }
        else if (inode.IsOnXfs)
        {
            beyond.Add((offset + done, zeros));
            Extend(inode, beyond);
        }

        return Verdict.Fail(stopped.Errno, stopped.Reason is { } reason ? reason with { Because = $"{reason.Because} The rest of the blocks was written as zeros." } : null);
    }

    /// <summary>Writes what lies behind the end of the file and moves the end.</summary>
    private void Extend(Inode inode, List<(long Position, byte[] Bytes)> beyond)
    {
        foreach (var (position, bytes) in beyond)
        {
            WriteBlocks(inode, position, bytes);
            if (position + bytes.Length > inode.Size)
            {
                inode.SetSize(position + bytes.Length);
            }
        }
    }

    private void WriteBlocks(Inode inode, long position, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var index = (ulong)position >> Mm.PageShift;
            var offset = (int)((ulong)position & (Mm.PageSize - 1));
            var part = Math.Min(bytes.Length, (int)Mm.PageSize - offset);
            if (!inode.Cache[index].IsNone)
            {
                Mm.UnmapRange(inode, index, index + 1, evenCopies: false);
                inode.DropCache(index, index + 1);
            }

            inode.GetBlock(index, out var store, out var block);
            store.Write(block, offset, bytes[..part]);
            position += part;
            bytes = bytes[part..];
        }
    }

    private void ReadBlocks(Inode inode, long position, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var index = (ulong)position >> Mm.PageShift;
            var offset = (int)((ulong)position & (Mm.PageSize - 1));
            var part = Math.Min(bytes.Length, (int)Mm.PageSize - offset);
            if (inode.TryBlock(index, out var store, out var block))
            {
                store.Read(block, offset, bytes[..part]);
            }
            else
            {
                bytes[..part].Clear();
            }

            position += part;
            bytes = bytes[part..];
        }
    }
}
