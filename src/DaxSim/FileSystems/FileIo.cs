using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>Reading and writing files from kernel memory (generic_file_read_iter, generic_perform_write, dax_iomap_rw).</summary>
internal sealed class FileIo(PhysicalMemory memory, IFileMappings mappings, KernelPolicy policy)
{
    private readonly PhysicalMemory memory = memory;

    /// <summary>read(2) into kernel memory: the bytes up to the end of the file. Only a direct read leaves the page cache as it is.</summary>
    internal int ReadBytes(Inode inode, long offset, Span<byte> destination, bool direct = false, OpenFile? by = null)
    {
        var hasSize = inode.HasPageCache || inode.Kind == MappingKind.FsDax;
        var available = hasSize ? Math.Max(0, inode.Size - offset) : ((long)inode.DevicePages << memory.PageShift) - offset;
        var length = (int)Math.Min(destination.Length, Math.Max(0, available));
        for (var done = 0; done < length;)
        {
            var at = (ulong)(offset + done);
            var start = (int)(at & (ulong)(memory.PageSize - 1));
            var part = Math.Min(length - done, memory.PageSize - start);
            // A read brings a disk file's page into the page cache, as readahead would; holes of memory files stay holes.
            if (inode.Kind == MappingKind.PageCache && !direct)
            {
                ReadAhead(by, inode, at >> memory.PageShift, ((ulong)(offset + length - 1) >> memory.PageShift) - (at >> memory.PageShift) + 1);
                if (inode.GetCachePage(at >> memory.PageShift, out _) == Errno.EIO)
                {
                    return done;
                }
            }

            if (IsPoisoned(inode, at >> memory.PageShift))
            {
                return done;
            }

            inode.ReadPage(at >> memory.PageShift, start, destination.Slice(done, part));
            done += part;
        }

        if (length < destination.Length && inode.Kind == MappingKind.PageCache && !direct && policy.ReadAtEnd == ReadAtEndRule.CachesThePageThere)
        {
            inode.GetCachePage((ulong)(offset + length) >> memory.PageShift, out _);
        }

        if (length > 0 && inode.Kind == MappingKind.PageCache && !direct)
        {
            by?.ReadEndedIn((ulong)(offset + length) >> memory.PageShift);
        }

        return length;
    }

    /// <summary>filemap_get_pages: a page that is not there is read with others, one with the mark makes the reader read on.</summary>
    private static void ReadAhead(OpenFile? by, Inode inode, ulong index, ulong wanted)
    {
        if (by is null)
        {
            return;
        }

        if (!inode.HasPage(index))
        {
            by.ReadAheadAtMiss(index, wanted);
        }

        if (inode.Cache[index].Has(CacheFlags.Reclaim))
        {
            inode.MarkReclaimed(index, false);
            by.ReadAheadAfterMark(index, wanted);
        }
    }

    /// <summary>True where reading stops with EIO: a memory file that keeps a poisoned page.</summary>
    internal bool IsPoisoned(Inode inode, ulong index)
    {
        if (inode.Kind is not (MappingKind.Shmem or MappingKind.HugeTlb) || inode.Cache[index] is not { IsNone: false } entry)
        {
            return false;
        }

        return memory.PageOf(entry.Target(index)).Has(PageFlags.HwPoison)
            || (inode.Kind == MappingKind.HugeTlb && policy.HugeTlbPoisonRead == HugeTlbPoisonReadRule.WholeHugePage && memory.IsFolioPoisoned(entry.Target(index)));
    }

    internal Verdict WriteBytes(Inode inode, long offset, ReadOnlySpan<byte> source)
    {
        for (var done = 0; done < source.Length;)
        {
            var at = (ulong)(offset + done);
            var start = (int)(at & (ulong)(memory.PageSize - 1));
            var part = Math.Min(source.Length - done, memory.PageSize - start);
            if (inode.Kind == MappingKind.FsDax && (inode.Cache[at >> memory.PageShift].Has(CacheFlags.Zero) || inode.Blocks[at >> memory.PageShift].Has(CacheFlags.Shared)))
            {
                // A block is about to replace a hole or a shared block: what is mapped must vanish from every mapping (invalidate_inode_pages2_range).
                var index = at >> memory.PageShift;
                mappings.UnmapRange(inode, index, index + 1, evenCopies: false);
                inode.DropCache(index, index + 1);
            }

            var written = inode.WritePage(at >> memory.PageShift, start, source.Slice(done, part));
            if (!written.IsOk)
            {
                return written.Reason is null ? Verdict.Fail(written.Errno, new Reason("vfs_write", $"The file's page {at >> memory.PageShift} could not be had: {written.Errno}.")) : written;
            }

            done += part;
            if ((inode.HasPageCache || inode.Kind == MappingKind.FsDax) && offset + done > inode.Size)
            {
                inode.SetSize(offset + done);
            }
        }

        return Verdict.Ok;
    }
}
