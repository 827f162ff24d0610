using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>Reading, writing, allocating and truncating a file's pages.</summary>
internal sealed partial class Inode
{
    /// <summary>The page of the page cache, read in (or made, for memory files) if it is not there. ENOMEM when RAM is exhausted, EIO where it cannot be read.</summary>
    /// <param name="index">The file page.</param>
    /// <param name="pfn">Its frame.</param>
    /// <param name="overwrites">Every byte is about to be written, so nothing is read.</param>
    internal Errno GetCachePage(ulong index, out ulong pfn, bool overwrites = false)
    {
        var entry = Cache[index];
        if (!entry.IsNone)
        {
            pfn = entry.Target(index);
            return Errno.None;
        }

        if (Kind == MappingKind.Shmem && Memory.Swap is { } swap && swap.TryFile(Id, index, out var swapped))
        {
            return ReadSwapped(swap, index, swapped, out pfn);
        }

        var flags = PageFlags.PageCache | (Kind == MappingKind.Shmem ? PageFlags.SwapBacked : 0) | (Kind == MappingKind.HugeTlb ? PageFlags.Hugetlb : 0) | (Kind == MappingKind.SecretMemory ? PageFlags.Secret : 0);
        var first = index & ~((1UL << FolioOrder) - 1);
        if (!Memory.TryAllocate(FolioOrder, flags, Id, first, NodesFor(index), out var head))
        {
            pfn = 0;
            return FolioOrder > 0 ? Errno.ENOSPC : Errno.ENOMEM;
        }

        if (!overwrites && TryBlock(index, out var store, out var block))
        {
            if (store == Memory.Contents && Memory.HasMediaError(block))
            {
                Memory.ForgetCachePage(head);
                pfn = 0;
                return Errno.EIO;
            }

            Memory.Contents.CopyPage(store, block, head);
        }

        Cache.Set(first, first + (1UL << FolioOrder), new CacheEntry(first, head, CacheFlags.None));
        pfn = head + (index - first);
        return Errno.None;
    }

    /// <summary>Where the bytes of a file page are now: in a frame, in a block of the disk, or nowhere (a hole).</summary>
    internal (ContentStore? Store, ulong Page) Locate(ulong index)
    {
        if (HasPageCache)
        {
            var entry = Cache[index];
            if (!entry.IsNone)
            {
                return (Memory.Contents, entry.Target(index));
            }

            if (Kind == MappingKind.Shmem && Memory.Swap is not null && HasPage(index))
            {
                return GetCachePage(index, out var pfn) == Errno.None ? (Memory.Contents, pfn) : (null, 0);
            }

            return TryBlock(index, out var store, out var block) ? (store, block) : (null, 0);
        }

        if (Kind == MappingKind.FsDax)
        {
            return TryBlock(index, out var store, out var block) ? (store, block) : (null, 0);
        }

        return (Memory.Contents, BasePfn + index);
    }

    /// <summary>The bytes of a page's block on the device. False for a hole or a block that was never written.</summary>
    internal bool TryBlock(ulong index, out ContentStore store, out ulong page)
    {
        store = Memory.Contents;
        page = 0;
        if (BlockDevice is { } device)
        {
            store = device.Contents ?? Memory.Contents;
            page = device.Contents is null ? device.Frames!.Value.StartPfn + index : index;
            return true;
        }

        var block = Blocks[index];
        if (block.IsNone || block.Has(CacheFlags.Unwritten) || !HasBlocks)
        {
            return false;
        }

        if (Volume is null)
        {
            store = Disk;
            page = index;
        }
        else
        {
            page = Volume.FrameOf(block.Target(index));
        }

        return true;
    }

    /// <summary>Gives a page of a page cache file a written block and says where its bytes lie.</summary>
    internal Errno GetBlock(ulong index, out ContentStore store, out ulong page)
    {
        var error = BlockDevice is null ? ReserveBlock(index) : Errno.None;
        if (error == Errno.None && BlockDevice is null)
        {
            Blocks[index] = Blocks[index].Without(CacheFlags.Unwritten);
        }

        TryBlock(index, out store, out page);
        return error;
    }

    /// <summary>Gives a page a block, unwritten if it is new.</summary>
    private Errno ReserveBlock(ulong index)
    {
        if (!Blocks[index].IsNone && !Blocks[index].Has(CacheFlags.Shared))
        {
            return Errno.None;
        }

        var page = index;
        if (Volume is not null && !Volume.TryAllocate(1, 1, out page))
        {
            return Errno.ENOSPC;
        }

        Blocks[index] = new CacheEntry(index, page, CacheFlags.Unwritten);
        MetadataChanged();
        return Errno.None;
    }

    /// <summary>Copies bytes of one page out of the file as read(2) would see them.</summary>
    internal void ReadPage(ulong index, int offset, Span<byte> destination)
    {
        var (store, page) = Locate(index);
        if (store is null)
        {
            destination.Clear();
        }
        else
        {
            store.Read(page, offset, destination);
        }
    }

    /// <summary>Copies bytes into one page of the file as write(2) would do it, allocating what is missing. The size is not changed.</summary>
    internal Verdict WritePage(ulong index, int offset, ReadOnlySpan<byte> source)
    {
        if (HasPageCache)
        {
            var error = GetCachePage(index, out var pfn, overwrites: source.Length == Memory.PageSize);
            if (error != Errno.None)
            {
                return Verdict.Fail(error);
            }

            Memory.Contents.Write(pfn, offset, source);
            MarkDirty(index);
            return Verdict.Ok;
        }

        if (Kind == MappingKind.FsDax)
        {
            var allocated = AllocateBlock(index, zero: true);
            if (!allocated.IsOk)
            {
                return allocated;
            }

            var access = Volume!.Access(Blocks[index].Target(index), 1);
            if (!access.IsOk)
            {
                return access.Verdict;
            }

            Memory.Contents.Write(access.Value.Pfn, offset, source);
            return Verdict.Ok;
        }

        Memory.Contents.Write(BasePfn + index, offset, source);
        return Verdict.Ok;
    }

    /// <summary>Tags a page of the cache dirty and, on a disk, gives it a block (delayed allocation is not modelled).</summary>
    internal void MarkDirty(ulong index)
    {
        var entry = Cache[index];
        if (!entry.IsNone && !entry.Has(CacheFlags.Dirty))
        {
            Cache[index] = entry.With(CacheFlags.Dirty);
        }

        if (HasBlocks && BlockDevice is null)
        {
            ReserveBlock(index);
        }
    }

    /// <summary>Gives a fsdax file page a block of its own. With <paramref name="zero"/>, new and unwritten blocks are cleared and become written.</summary>
    internal Verdict AllocateBlock(ulong index, bool zero)
    {
        var block = Blocks[index];
        if (block.Has(CacheFlags.Shared))
        {
            return Unshare(index);
        }

        if (!block.IsNone && !block.Has(CacheFlags.Unwritten))
        {
            return Verdict.Ok;
        }

        if (block.IsNone)
        {
            if (!Volume!.TryAllocate(1, 1, out var page))
            {
                return Verdict.Fail(Errno.ENOSPC);
            }

            block = new CacheEntry(index, page, zero ? CacheFlags.None : CacheFlags.Unwritten);
        }

        if (zero)
        {
            block = block.Without(CacheFlags.Unwritten);
            var access = Volume!.Access(block.Target(index), 1);
            if (!access.IsOk)
            {
                return access.Verdict;
            }

            Memory.Contents.Fill(access.Value.Pfn, access.Value.Pfn + 1, 0);
        }

        Blocks[index] = block;
        MetadataChanged();
        return Verdict.Ok;
    }

    /// <summary>fallocate without a mode: blocks for a whole range, unwritten, contiguous and aligned where the volume can.</summary>
    internal Errno Preallocate(ulong first, ulong end, ulong alignment)
    {
        for (var index = first; index < end;)
        {
            var stretch = Blocks.StretchAt(index, end);
            if (stretch.Value.IsNone)
            {
                MetadataChanged();
                if (Volume is null)
                {
                    Blocks.Set(stretch.Start, stretch.End, new CacheEntry(0, 0, CacheFlags.Unwritten));
                }
                else if (Volume.TryAllocate(stretch.Length, alignment, out var page))
                {
                    Blocks.Set(stretch.Start, stretch.End, new CacheEntry(stretch.Start, page, CacheFlags.Unwritten));
                }
                else
                {
                    return Errno.ENOSPC;
                }
            }

            index = stretch.End;
        }

        return Errno.None;
    }

    /// <summary>Gives the file written blocks up to a size, and that size if it was smaller: the state of a file that somebody wrote long ago.</summary>
    internal Errno Plant(long size)
    {
        var end = ((ulong)size + (ulong)Memory.PageSize - 1) / (ulong)Memory.PageSize;
        var error = HasBlocks ? Preallocate(0, end, 1) : Errno.None;
        if (error != Errno.None)
        {
            return error;
        }

        foreach (var extent in Blocks.Extents(0, end).Where(e => e.Value.Has(CacheFlags.Unwritten)).ToArray())
        {
            Blocks.Set(extent.Start, extent.End, extent.Value.Without(CacheFlags.Unwritten));
        }

        if (size > Size)
        {
            SetSize(size);
        }

        CommitMetadata();
        return Errno.None;
    }

    /// <summary>Puts bytes into the written blocks, past this kernel's own ways of writing.</summary>
    internal void PlantBytes(ReadOnlySpan<byte> content)
    {
        for (var index = 0UL; !content.IsEmpty; index++)
        {
            var part = Math.Min(content.Length, Memory.PageSize);
            var (store, page) = Locate(index);
            store?.Write(page, 0, content[..part]);
            content = content[part..];
        }
    }

    /// <summary>Writes dirty pages back to the disk and cleans them; DAX entries are merely cleaned (their stores are already in place).</summary>
    internal void WriteBack(IFileMappings mappings, ulong first = 0, ulong end = ulong.MaxValue)
    {
        foreach (var extent in Cache.Extents(first, end).Where(e => e.Value.Has(CacheFlags.Dirty)).ToArray())
        {
            if (Kind is MappingKind.PageCache or MappingKind.FsDax)
            {
                mappings.MakeClean(this, extent.Start, extent.End);
            }

            if (Kind == MappingKind.PageCache)
            {
                for (var index = extent.Start; index < extent.End; index++)
                {
                    GetBlock(index, out var store, out var page);
                    store.CopyPage(Memory.Contents, extent.Value.Target(index), page);
                    if (store == Memory.Contents)
                    {
                        Memory.ClearMediaErrors(page);
                    }
                }

                Cache.Set(extent.Start, extent.End, extent.Value.Without(CacheFlags.Dirty | CacheFlags.Reclaim));
            }
            else if (Kind == MappingKind.FsDax)
            {
                Cache.Set(extent.Start, extent.End, extent.Value.Without(CacheFlags.Dirty));
            }
        }
    }

    /// <summary>Another frame takes the place of a page in the cache; counts are the caller's.</summary>
    internal void ReplaceCachePage(ulong index, ulong pfn) => Cache[index] = new CacheEntry(index, pfn, Cache[index].Flags);

    /// <summary>Takes pages out of the page cache (or DAX entries out of the mapping) that no page table maps any more, and gives their swap slots back.</summary>
    internal void DropCache(ulong first, ulong end, bool keepSwap = false)
    {
        if (!keepSwap && Kind == MappingKind.Shmem && Memory.Swap is not null)
        {
            ForgetSwapped(first, end);
        }

        // A folio may lie in several stretches, where some of its pages are dirty and others are not.
        var step = 1UL << FolioOrder;
        var next = 0UL;
        foreach (var extent in Cache.Extents(first, end).ToArray())
        {
            if (HasPageCache)
            {
                for (var index = Math.Max(next, extent.Start & ~(step - 1)); index < extent.End; index += step)
                {
                    Memory.ForgetCachePage(extent.Value.Target(index));
                    next = index + step;
                }
            }
            else
            {
                ForgetDaxEntries(extent);
            }

            Cache.Clear(extent.Start, extent.End);
        }
    }

    /// <summary>Frees the blocks of a range.</summary>
    internal void FreeBlocks(ulong first, ulong end)
    {
        foreach (var extent in Blocks.Extents(first, end).ToArray())
        {
            if (Volume is not null && !extent.Value.Has(CacheFlags.Shared))
            {
                Volume.Free(extent.Value.Target(extent.Start), extent.Length);
            }
            else
            {
                disk?.Fill(extent.Start, extent.End, 0);
            }
        }

        Blocks.Clear(first, end);
        MetadataChanged();
    }

    /// <summary>Clears part of one page, as truncation to an odd size and punching an odd range do.</summary>
    internal void ZeroPartial(ulong index, int start, int end)
    {
        var (store, page) = Locate(index);
        if (store is null || start >= end)
        {
            return;
        }

        // A page cache file's page is read in and dirtied, so that a later writeback keeps the zeros.
        if (HasPageCache && GetCachePage(index, out page) == Errno.None)
        {
            store = Memory.Contents;
        }

        Span<byte> zeros = stackalloc byte[end - start];
        zeros.Clear();
        store.Write(page, start, zeros);
        if (HasPageCache)
        {
            MarkDirty(index);
        }
    }

    /// <summary>Reflink: every block of the other file becomes a block of this one too; the next store to either makes a copy.</summary>
    internal void ShareBlocksOf(Inode source, IFileMappings mappings)
    {
        source.WriteBack(mappings);
        mappings.UnmapRange(this, 0, ulong.MaxValue >> 12, evenCopies: false);
        DropCache(0, ulong.MaxValue >> 12);
        FreeBlocks(0, ulong.MaxValue >> 12);
        foreach (var extent in source.Blocks.Extents().ToArray())
        {
            if (extent.Value.Has(CacheFlags.Unwritten))
            {
                continue;
            }

            var shared = extent.Value.With(CacheFlags.Shared);
            source.Blocks.Set(extent.Start, extent.End, shared);
            Blocks.Set(extent.Start, extent.End, shared);
            if (Volume is null)
            {
                for (var index = extent.Start; index < extent.End; index++)
                {
                    Disk.CopyPage(source.Disk, index, index);
                }
            }
        }

        SetSize(source.Size);
    }

    /// <summary>Gives a file page that shares its block with another file a copy of its own (reflink copy on write).</summary>
    internal Verdict Unshare(ulong index)
    {
        var block = Blocks[index];
        if (!Volume!.TryAllocate(1, 1, out var page))
        {
            return Verdict.Fail(Errno.ENOSPC);
        }

        var from = Volume.Access(block.Target(index), 1);
        var to = Volume.Access(page, 1);
        if (!from.IsOk || !to.IsOk)
        {
            return from.IsOk ? to.Verdict : from.Verdict;
        }

        Memory.Contents.CopyPage(Memory.Contents, from.Value.Pfn, to.Value.Pfn);
        Blocks[index] = new CacheEntry(index, page, CacheFlags.None);
        MetadataChanged();
        return Verdict.Ok;
    }

    /// <summary>Moves the blocks' bytes of a disk file behind <paramref name="first"/> down or up by a number of pages.</summary>
    internal void ShiftDisk(ulong first, ulong pages, bool insert)
    {
        if (Volume is not null || disk is null)
        {
            return;
        }

        var end = PagesInSize;
        if (insert)
        {
            for (var index = end; index-- > first;)
            {
                disk.CopyPage(disk, index, index + pages);
            }

            disk.Fill(first, first + pages, 0);
        }
        else
        {
            for (var index = first + pages; index < end; index++)
            {
                disk.CopyPage(disk, index, index - pages);
            }
        }
    }

    /// <summary>dax_associate_entry: the struct pages behind new DAX entries name this file from now on.</summary>
    internal void NameDaxPages(ulong pfn, ulong pages, ulong index)
    {
        // Only blocks that two files share can have pages that name another file; the page keeps its first one where it can count them.
        if (!Has(InodeFlags.Reflinked) || !NamesAnotherFile(pfn) || !KeepsItsFile("dax_insert_entry"))
        {
            Memory.SetOwner(pfn, pages, Id, index);
        }
    }

    /// <summary>dax_disassociate_entry for a stretch of DAX entries: their pages no longer name this file.</summary>
    private void ForgetDaxEntries(State.Extent<CacheEntry> extent)
    {
        var pfn = extent.Value.Target(extent.Start);
        if (!extent.Value.Has(CacheFlags.Zero) && Memory.HasStructPage(pfn) && (!Has(InodeFlags.Reflinked) || !NamesAnotherFile(pfn) || !KeepsItsFile("dax_disassociate_entry")))
        {
            Memory.SetOwner(pfn, extent.Length, 0, 0);
        }
    }

    private bool NamesAnotherFile(ulong pfn) => Memory.PageOf(pfn).Owner is var owner && owner != 0 && owner != Id;

    /// <summary>False, with a WARN_ON_ONCE, on a kernel that knows one file for each DAX page only: the page is treated as this file's.</summary>
    private bool KeepsItsFile(string function)
    {
        if (Image?.Instance?.Table is not { } table || table.Policy.DaxPageOwner == DaxPageOwnerRule.FilesThatShare)
        {
            return true;
        }

        if (table.PrintOnce(function))
        {
            table.Log.Print(KernelLogLevel.Warning, Subsystem.Dax, $"WARNING: CPU: 0 PID: 1 at fs/dax.c {function}");
            table.Log.Taint(Taints.Warn);
        }

        return false;
    }
}
