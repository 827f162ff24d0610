using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Page faults on base pages: the pieces that <see cref="FaultOperation"/> puts together (mm/memory.c, fs/dax.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>handle_mm_fault on an area whose permissions were already checked.</summary>
    internal FaultResult HandleFault(AddressSpace space, Vma area, ulong address, FaultFlags flags, AddressSpace? current)
    {
        var result = new FaultOperation(space, area, address & ~(PageSize - 1), flags, current).Run(this);
        if (Telemetry.Faults.Enabled && !Log.Silent)
        {
            Observe(area, flags, result);
        }

        return result;
    }

    private static void Observe(Vma area, FaultFlags flags, FaultResult result)
        => Telemetry.Faults.Add(
            1,
            new KeyValuePair<string, object?>("mapping", area.File is { } file && !(area.IsAnonymous) ? file.Inode.Kind.ToString() : "Anonymous"),
            new("access", (flags & FaultFlags.Unshare) != 0 ? "unshare" : (flags & FaultFlags.Write) != 0 ? "write" : "read"),
            new("outcome", result.Code == FaultCode.Done ? result.Major ? "major" : "minor" : result.Code.ToString()));

    /// <summary>The hardware access right that every entry of an area has (vm_page_prot without the write bit).</summary>
    internal PteFlags AreaBits(Vma area) => area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec) ? PteFlags.None : PteFlags.ProtNone;

    /// <summary>vm_page_prot: does a new entry of this area get the write bit without being asked (shared, and nobody wants to hear of the first store)?</summary>
    internal bool NewEntriesAreWritable(Vma area)
        => area.IsShared && area.Has(VmFlags.Write) && !WantsWriteNotify(area) && !(Policy.SoftDirtyNotify == SoftDirtyNotifyRule.FirstStores && TracksSoftDirty(area));

    /// <summary>vma_wants_writenotify.</summary>
    private static bool WantsWriteNotify(Vma area) => area.File?.Inode.Kind is MappingKind.PageCache or MappingKind.FsDax;

    internal bool TryAllocateAnon(Vma area, ulong address, out ulong pfn)
    {
        pfn = 0;
        return MayAllocate() && Memory.TryAllocate(0, PageFlags.Anon | PageFlags.SwapBacked, area.Anon!.Root.Id, area.PageIndex(address, PageShift), ChoiceFor(area), out pfn);
    }

    /// <summary>Maps a fresh anonymous page (page_add_new_anon_rmap and set_pte_at). The page's own reference becomes the entry's.</summary>
    internal Pte InstallAnonPage(AddressSpace space, Vma area, ulong address, ulong pfn, bool writable, bool dirty)
    {
        var page = PageOf(address);
        var state = Memory.Pages[pfn];
        state.MapCount = 1;
        state.Flags |= PageFlags.AnonExclusive;
        Memory.Pages[pfn] = state;
        var pte = new Pte(page, pfn, AreaBits(area) | PteFlags.Present | PteFlags.Young | (dirty ? Dirtied(area) : 0) | (writable ? PteFlags.Write : 0));
        space.PageTable[page] = pte;
        return pte;
    }

    /// <summary>Counts a page of the given kind in (or out of) the resident set.</summary>
    internal void CountRss(AddressSpace space, ulong pfn, long number)
    {
        var state = Memory.PageOf(Memory.HeadOf(pfn));
        if (state.Has(PageFlags.Hugetlb))
        {
            return;
        }

        if (state.IsAnon)
        {
            space.CountRss(number, 0, 0);
        }
        else if (state.Has(PageFlags.SwapBacked))
        {
            space.CountRss(0, 0, number);
        }
        else
        {
            space.CountRss(0, number, 0);
        }
    }

    /// <summary>page_remove_rmap and put_page for one entry that mapped the page.</summary>
    internal void RemoveMapping(AddressSpace space, ulong pfn, bool count = true)
    {
        if (count)
        {
            CountRss(space, pfn, -1);
        }

        Memory.AddMapping(pfn, -1);
        if (Memory.PageOf(pfn).Has(PageFlags.SwapCache))
        {
            FreeSwapCache(pfn);
        }

        Memory.Put(pfn, 1);
        WakeWaitersForUnmappedPages();
    }

    /// <summary>do_read_fault and do_shared_fault.</summary>
    internal FaultResult MapFilePage(AddressSpace space, Vma area, ulong address, bool write, bool remote, bool mayRetry)
    {
        if (area.Special is not null)
        {
            return SpecialFault(space, area, address, remote);
        }

        var inode = area.File!.Inode;
        var index = area.PageIndex(address, PageShift);
        return inode.Kind switch
        {
            MappingKind.FsDax => DaxFault(space, area, address, index, write),
            MappingKind.DeviceDax or MappingKind.DevMem or MappingKind.PciBar => DeviceFault(space, area, address, index, write),
            _ => PageCacheFault(space, area, address, index, write, mayRetry && Policy.FaultRetry != FaultRetryRule.Never),
        };
    }

    /// <summary>The part of do_cow_fault that asks the file: fills a fresh anonymous page with the file page's bytes.</summary>
    internal FaultResult ReadFilePageInto(Vma area, ulong address, ulong newPage)
    {
        if (area.Special is { } special)
        {
            // Only the vDSO's image may be written, by force, and it is whole.
            Memory.Contents.CopyPage(Memory.Contents, special.Frames[(int)area.PageIndex(address, PageShift)]!.Value, newPage);
            return FaultResult.Done;
        }

        var inode = area.File!.Inode;
        var index = area.PageIndex(address, PageShift);
        if (inode.Kind is MappingKind.DevMem or MappingKind.PciBar or MappingKind.DeviceDax)
        {
            return new FaultResult(FaultCode.Sigbus, Because("do_fault", "The device has no fault handler for this page: it was mapped whole by mmap."));
        }

        if (index >= inode.PagesInSize)
        {
            return BeyondEnd();
        }

        if (inode.Kind == MappingKind.FsDax)
        {
            var block = inode.Blocks[index];
            if (block.IsNone || block.Has(CacheFlags.Unwritten))
            {
                return FaultResult.Done;
            }

            var access = inode.Volume!.Access(block.Target(index), 1);
            if (!access.IsOk)
            {
                return DaxAccessFailed(access.Verdict);
            }

            Memory.Contents.CopyPage(Memory.Contents, access.Value.Pfn, newPage);
            return FaultResult.Done;
        }

        var missing = ReadAhead(area, inode, index) || inode.MustReadSwapped(index);
        var error = inode.GetCachePage(index, out var pfn);
        if (error != Errno.None)
        {
            return CachePageFailed(error);
        }

        Memory.Contents.CopyPage(Memory.Contents, pfn, newPage);
        return new FaultResult(FaultCode.Done, null, missing);
    }

    /// <summary>
    /// do_sync_mmap_readahead: a page that is not in memory is read with those around it, up to the end of the file, unless the area is
    /// accessed at random. True when the page had to be read: a major fault.
    /// </summary>
    private static bool ReadAhead(Vma area, Inode inode, ulong index)
    {
        const ulong half = 16;
        if (inode.Kind != MappingKind.PageCache || !inode.Cache[index].IsNone)
        {
            return false;
        }

        if (!area.Has(VmFlags.RandRead))
        {
            var last = Math.Min(index + half, inode.PagesInSize);
            for (var page = index - Math.Min(index, half); page < last && inode.GetCachePage(page, out _) == Errno.None; page++)
            {
            }

            area.File!.SetReadAhead(index - Math.Min(index, half), 2 * half, half / 2);
        }

        return true;
    }

    /// <summary>wp_page_shared: asks the file (page_mkwrite), then makes the entry of a page with a struct page writable.</summary>
    internal FaultResult MakeSharedPageWritable(AddressSpace space, Vma area, ulong address, Pte original)
    {
        var inode = area.File!.Inode;
        var index = area.PageIndex(address, PageShift);
        if (inode.Kind == MappingKind.FsDax)
        {
            return DaxFault(space, area, address, index, write: true);
        }

        if (inode.HasPageCache)
        {
            inode.MarkDirty(index);
        }

        space.PageTable[PageOf(address)] = original.With(PteFlags.Write | Dirtied(area) | PteFlags.Young);
        return new FaultResult(FaultCode.Done, null, inode.Kind == MappingKind.PageCache && Policy.FaultRetry == FaultRetryRule.CountedAsMajor);
    }

    /// <summary>wp_pfn_shared: the same for an entry without one (pfn_mkwrite, or nobody to ask).</summary>
    internal FaultResult MakeSharedPfnWritable(AddressSpace space, Vma area, ulong address, Pte original)
    {
        if (area.File!.Inode.Kind == MappingKind.FsDax)
        {
            return DaxFault(space, area, address, area.PageIndex(address, PageShift), write: true);
        }

        space.PageTable[PageOf(address)] = original.With(PteFlags.Write | Dirtied(area) | PteFlags.Young);
        return FaultResult.Done;
    }

    private FaultResult BeyondEnd()
        => new(FaultCode.Sigbus, Because("filemap_fault", "The page lies at or past the end of the file."));

    private FaultResult CachePageFailed(Errno error)
        => error == Errno.ENOMEM
            ? new(FaultCode.OutOfMemory, Because("filemap_fault", "No page could be allocated."))
            : new(FaultCode.Sigbus, Because("filemap_fault", $"The file could not give the page: {error}."));

    /// <summary>filemap_fault and shmem_fault with finish_fault; a read also maps the neighbours that are in memory (do_fault_around).</summary>
    private FaultResult PageCacheFault(AddressSpace space, Vma area, ulong address, ulong index, bool write, bool mayRetry)
    {
        var inode = area.File!.Inode;
        // The neighbours are mapped before anybody asks for the page itself: even if that lies past the end, or is not in memory yet.
        var around = !write && (area.HandlerModes & (UserfaultMode.WriteProtect | UserfaultMode.Minor)) == 0 && inode.Kind is MappingKind.PageCache or MappingKind.Shmem;
        if (around && MapAround(space, area, address))
        {
            return FaultResult.Done;
        }

        if (index >= inode.PagesInSize)
        {
            return BeyondEnd();
        }

        var swapped = inode.MustReadSwapped(index);
        var major = ReadAhead(area, inode, index);
        if (major && around && mayRetry && MapAround(space, area, address))
        {
            return new FaultResult(FaultCode.Done, null, major);
        }

        var error = inode.GetCachePage(index, out var pfn);
        if (error != Errno.None)
        {
            return CachePageFailed(error);
        }

        if (Memory.PageOf(pfn).Has(PageFlags.HwPoison))
        {
            return new FaultResult(FaultCode.HwPoison, Because("__do_fault", "The page is poisoned."));
        }

        major |= swapped;
        if (inode.Cache[index].Has(CacheFlags.Reclaim))
        {
            // do_async_mmap_readahead takes it for the mark to read ahead at, lets the lock go and tries again.
            inode.MarkReclaimed(index, false);
            area.File.ReadAheadAfterMark(index, 1);
            major |= Policy.FaultRetry == FaultRetryRule.CountedAsMajor;
            if (around && mayRetry && MapAround(space, area, address))
            {
                return new FaultResult(FaultCode.Done, null, major);
            }
        }

        // fault_dirty_shared_page: page_mkwrite always counts as dirtying, without it only a clean page's first store.
        major |= write && Policy.FaultRetry == FaultRetryRule.CountedAsMajor && (inode.Kind == MappingKind.PageCache || (inode.Kind == MappingKind.Shmem && !inode.Cache[index].Has(CacheFlags.Dirty)));
        MapCachePage(space, area, PageOf(address), pfn, write);
        if (write && (WantsWriteNotify(area) || inode.Kind == MappingKind.Shmem))
        {
            inode.MarkDirty(index);
        }

        return new FaultResult(FaultCode.Done, null, major);
    }

    private void MapCachePage(AddressSpace space, Vma area, ulong page, ulong pfn, bool write)
    {
        Memory.Get(pfn, 1);
        Memory.AddMapping(pfn, 1);
        CountRss(space, pfn, 1);
        var flags = AreaBits(area) | PteFlags.Present | PteFlags.Young | (write ? PteFlags.Write | Dirtied(area) : NewEntriesAreWritable(area) ? PteFlags.Write : 0);
        if (space.PageTable[page].IsMarker)
        {
            // The page comes protected; a store faults once more.
            flags = (flags & ~(PteFlags.Write | PteFlags.Dirty | PteFlags.SoftDirty)) | PteFlags.UffdWp;
        }

        space.PageTable[page] = new Pte(page, pfn, flags);
        Trace?.Step("finish_fault", "what is mapped?", $"the page of the file's cache, pfn {pfn:x}");
    }

    /// <summary>do_fault_around and filemap_map_pages: maps those of the 16 surrounding pages that are in memory and before the end of the file. True when the page itself is among them.</summary>
    private bool MapAround(AddressSpace space, Vma area, ulong address)
    {
        const ulong window = 16;
        var inode = area.File!.Inode;
        var page = PageOf(address);
        var first = Math.Max(page & ~(window - 1), PageOf(area.Start));
        var last = Math.Min((page & ~(window - 1)) + window, PageOf(area.End));
        if (KnowsTables && inode.Kind == MappingKind.PageCache && !HasTable(space, address >> PmdShift) && BeginsWithLastPage(area, first, last))
        {
            Trace?.Step("filemap_map_pages", "may the neighbours be mapped?", "no: there is no page table, and the first page in memory is the file's last", PolicyProperty.FaultAround);
            return false;
        }

        for (var p = first; p < last; p++)
        {
            var index = area.PageIndex(p << PageShift, PageShift);
            if (index >= inode.PagesInSize || !space.PageTable[p].IsNone)
            {
                continue;
            }

            var entry = inode.Cache[index];
            if (!entry.IsNone && !entry.Has(CacheFlags.Reclaim) && !Memory.PageOf(entry.Target(index)).Has(PageFlags.HwPoison))
            {
                MapCachePage(space, area, p, entry.Target(index), write: false);
            }
        }

        return !space.PageTable[page].IsNone;
    }

    /// <summary>True when the first page in memory of a range of an area is the file's last one: folio_next_index lies past the end.</summary>
    private bool BeginsWithLastPage(Vma area, ulong first, ulong last)
    {
        var inode = area.File!.Inode;
        for (var page = first; page < last; page++)
        {
            var index = area.PageIndex(page << PageShift, PageShift);
            if (index < inode.PagesInSize && inode.Cache[index] is { IsNone: false } entry && !entry.Has(CacheFlags.Reclaim))
            {
                return index == inode.PagesInSize - 1;
            }
        }

        return false;
    }

    /// <summary>Device memory that is mapped by a fault: device-dax with base pages; everything else was mapped by mmap.</summary>
    private FaultResult DeviceFault(AddressSpace space, Vma area, ulong address, ulong index, bool write)
    {
        var inode = area.File!.Inode;
        if (inode.Kind != MappingKind.DeviceDax)
        {
            return new FaultResult(FaultCode.Sigbus, Because("do_fault", "The device has no fault handler for this page: it was mapped whole by mmap."));
        }

        return DeviceDaxFault(space, area, address, index, write);
    }

    /// <summary>dax_iomap_pte_fault for a read or a shared write.</summary>
    private FaultResult DaxFault(AddressSpace space, Vma area, ulong address, ulong index, bool write)
    {
        var inode = area.File!.Inode;
        if (index >= inode.PagesInSize)
        {
            return new FaultResult(FaultCode.Sigbus, Because(Policy.DaxFaultName, "The page lies at or past the end of the file."));
        }

        var page = PageOf(address);
        var block = inode.Blocks[index];
        var hole = block.IsNone || block.Has(CacheFlags.Unwritten);
        var allocates = write || (hole && AllocatesOnRead(area, inode));
        if (!allocates && hole)
        {
            return DaxLoadHole(space, area, page, inode, index, 1);
        }

        var allocated = allocates && (hole || block.Has(CacheFlags.Shared));
        if (allocated)
        {
            var given = block.Has(CacheFlags.Shared) ? inode.Unshare(index) : inode.AllocateBlock(index, zero: true);
            if (!given.IsOk)
            {
                return new FaultResult(FaultCode.Sigbus, given.Reason ?? Because(Policy.DaxFaultName, $"The filesystem could not allocate a block: {given.Errno}."));
            }

            block = inode.Blocks[index];
            if (inode.Cache[index].Has(CacheFlags.Zero) || !inode.Cache[index].IsNone)
            {
                // The zero page (or the shared block) must vanish from every mapping before the new block shows.
                UnmapRange(inode, index, index + 1, evenCopies: false);
                inode.DropCache(index, index + 1);
            }
        }

        var access = inode.Volume!.Access(block.Target(index), 1);
        if (!access.IsOk)
        {
            return DaxAccessFailed(access.Verdict);
        }

        // IOMAP_F_NEW: giving the page a block is what makes a DAX fault a major one.
        var inserted = InsertDaxPages(space, area, page, inode, index, 1, access.Value, write);
        return inserted.Code == FaultCode.Done && allocated ? new FaultResult(FaultCode.Done, null, major: true) : inserted;
    }

    /// <summary>
    /// VM_FAULT_NEEDDSYNC and dax_finish_sync_fault: in an area mapped with MAP_SYNC a page becomes writable only when the block that
    /// it lies in is durably the file's, so the fault itself does an fsync before.
    /// </summary>
    private void FinishSyncFault(Vma area, Inode inode, ulong index, ulong count, bool write)
    {
        if (!write || !area.Has(VmFlags.Sync) || !inode.HasUncommittedMetadata)
        {
            return;
        }

        Trace?.Step("dax_fault_is_synchronous", "may the page be mapped writable at once?", "no, VM_FAULT_NEEDDSYNC: the map of the file's blocks is not durable yet", PolicyProperty.MapSyncRule);
        inode.WriteBack(this, index, index + count);
        inode.CommitMetadata();
        Trace?.Step("dax_finish_sync_fault", "is the block durably the file's?", "yes, after vfs_fsync_range: now the entry is put in", PolicyProperty.MapSyncRule);
    }

    /// <summary>xip_file_fault: a hole that a shared mapping may come to write gets its block at once, even on a read.</summary>
    private static bool AllocatesOnRead(Vma area, Inode inode)
        => area.IsShared && area.Has(VmFlags.MayWrite) && inode.Image?.Instance is { Mode: DaxMountMode.Xip, IsReadOnly: false };

    private FaultResult DaxAccessFailed(Verdict verdict) => verdict.Errno switch
    {
        Errno.ENOMEM => new(FaultCode.OutOfMemory, verdict.Reason),
        Errno.EHWPOISON => new(FaultCode.HwPoison, verdict.Reason),
        _ => new(FaultCode.Sigbus, verdict.Reason ?? Because(Policy.DaxFaultName, $"direct_access failed with {verdict.Errno}.")),
    };

    /// <summary>dax_load_hole: a read of a hole maps zeros. For so many pages that are alike (a fault: one).</summary>
    private FaultResult DaxLoadHole(AddressSpace space, Vma area, ulong page, Inode inode, ulong index, ulong count)
    {
        if (inode.Cache[index].IsNone)
        {
            inode.Cache.Set(index, index + count, new CacheEntry(0, 0, CacheFlags.Zero));
        }

        if (space.PageTable[page].IsNone)
        {
            space.PageTable.Ptes.Set(page, page + count, new Pte(page, 0, AreaBits(area) | PteFlags.Present | PteFlags.Special | PteFlags.Zero | PteFlags.Young));
        }

        return FaultResult.Done;
    }

    /// <summary>dax_insert_entry and the inserter of the era (vm_insert_mixed, vmf_insert_mixed, vmf_insert_page_mkwrite), for so many pages that are alike (a fault: one).</summary>
    private FaultResult InsertDaxPages(AddressSpace space, Vma area, ulong page, Inode inode, ulong index, ulong count, Devices.DirectAccess access, bool write)
    {
        FinishSyncFault(area, inode, index, count, write);
        var entry = inode.Cache[index];
        var dirty = write || entry.Has(CacheFlags.Dirty);
        inode.Cache.Set(index, index + count, new CacheEntry(index, access.Pfn, (dirty ? CacheFlags.Dirty : 0) | (entry.Flags & CacheFlags.Pmd)));
        if ((entry.IsNone || entry.Has(CacheFlags.Zero)) && Memory.HasStructPage(access.Pfn) && Policy.DaxPageOwner != DaxPageOwnerRule.Nobody)
        {
            inode.NameDaxPages(access.Pfn, count, index);
        }

        var old = space.PageTable[page];
        if (old.IsMarker)
        {
            // insert_pfn finds an entry that is not none (-EBUSY) and leaves it: the fault comes again, and again.
            return FaultResult.Done;
        }

        var flags = AreaBits(area) | PteFlags.Present | PteFlags.Young | (write ? PteFlags.Write | Dirtied(area) : NewEntriesAreWritable(area) ? PteFlags.Write : 0);
        if (!old.IsNone)
        {
            if (PfnOf(old, page) != access.Pfn)
            {
                // Somebody else installed another page meanwhile (-EBUSY): success, the access is tried again.
                return FaultResult.Done;
            }

            Trace?.Step(Policy.DaxFaultName, "is the entry there already?", write ? "yes: it becomes writable and dirty" : "yes");
            space.PageTable[page] = old.With(write ? PteFlags.Write | Dirtied(area) | PteFlags.Young : PteFlags.Young);
            return FaultResult.Done;
        }

        if (Policy.DaxPages == DaxPageRule.CountedLikeFilePages)
        {
            if (!Memory.HasStructPage(access.Pfn))
            {
                return new FaultResult(FaultCode.Sigbus, Because("vmf_insert_page_mkwrite", "The memory has no struct page to map.", PolicyProperty.DaxPages));
            }

            var resident = new ResidentPages();
            Memory.AddMappings(access.Pfn, count, 1, PageFlags.None, ref resident);
            space.CountRss(resident);
        }
        else
        {
            flags |= PteFlags.Special | (IsDevmap(access.Flags) ? PteFlags.Devmap : 0);
        }

        var pte = new Pte(page, access.Pfn, flags);
        Trace?.Step(Policy.DaxPages == DaxPageRule.CountedLikeFilePages ? "vmf_insert_page_mkwrite" : "vm_insert_mixed", $"what entry for pfn {access.Pfn:x}?", pte.Describe(),
            Policy.DaxPages == DaxPageRule.CountedLikeFilePages ? PolicyProperty.DaxPages : pte.IsDevmap ? PolicyProperty.DevmapPte : null);
        space.PageTable.Ptes.Set(page, page + count, pte);
        return FaultResult.Done;
    }

    /// <summary>pfn_t_devmap: both flags, and an architecture that has the bit.</summary>
    internal bool IsDevmap(PfnFlags flags) => (flags & (PfnFlags.Dev | PfnFlags.Map)) == (PfnFlags.Dev | PfnFlags.Map) && Policy.DevmapPte == DevmapPteSupport.Bit;
}
