namespace DaxSim.Policy;

/// <summary>Faults: how often they are tried, how they are counted, what a write to zeros makes; and small neighbours of the fault path.</summary>
internal static class FaultChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("dax-fault", "4.0", "[fs/dax.c replaces mm/filemap_xip.c]", (PolicyProperty.DaxFaultFunction, (int)DaxFaultFunction.DoDaxFault))
        {
            Effect = "Faults of DAX files are handled by do_dax_fault instead of xip_file_fault.",
            Evidence = Evidence.Derived,
            Source = "names of functions in 4.0, from memory",
        },
        new("dax-fault-unlocked", "4.1", "dax: expose __dax_fault for filesystems with locking constraints", (PolicyProperty.DaxFaultFunction, (int)DaxFaultFunction.UnlockedDaxFault))
        {
            Effect = "Faults of DAX files are handled by __dax_fault.",
            Evidence = Evidence.Source,
            Source = "fs/dax.c of the time (__dax_fault with complete_unwritten); release from memory",
        },
        new("dax-fault-locks", "4.8", "[__dax_fault becomes dax_fault]", (PolicyProperty.DaxFaultFunction, (int)DaxFaultFunction.DaxFault))
        {
            Effect = "Faults of DAX files are handled by dax_fault.",
            Evidence = Evidence.Derived,
            Source = "names of functions, from memory",
        },
        new("dax-iomap-fault", "4.10", "dax: provide an iomap based fault handler", (PolicyProperty.DaxFaultFunction, (int)DaxFaultFunction.DaxIomapFault))
        {
            Commit = "a7d73fe6c538",
            Effect = "Faults of DAX files are handled by dax_iomap_fault (ext2 and xfs in 4.9 already).",
            Evidence = Evidence.Derived,
            Source = "names of functions, from memory",
        },
        new("dax-iomap-pte-fault", "4.11", "mm,fs,dax: change ->pmd_fault to ->huge_fault", (PolicyProperty.DaxFaultFunction, (int)DaxFaultFunction.DaxIomapPteFault))
        {
            Commit = "a2d581675d48",
            Effect = "Faults of DAX files are handled size by size, one page by dax_iomap_pte_fault.",
            Evidence = Evidence.Source,
            Source = "fs/dax.c: dax_iomap_pte_fault(struct vm_fault *); id and release from memory",
        },
        new("fault-read-retry", "5.1", "filemap: drop the mmap_sem for all blocking operations", (PolicyProperty.FaultRetry, (int)FaultRetryRule.Reads))
        {
            Commit = "6b4c9f446981",
            Effect = "A fault that had to read a file page lets go of the mmap lock and is tried again; that try maps the neighbours too.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 ext4_hole_shared/cold/fault_count_read (one major fault for four pages); id and release from memory",
        },
        new("fault-dirty-retry", "5.5", "mm: drop mmap_sem before calling balance_dirty_pages() in write fault", (PolicyProperty.FaultRetry, (int)FaultRetryRule.ReadsAndDirtying))
        {
            Commit = "89b15332af7c",
            Effect = "A shared write fault that dirtied a file page is tried again.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 fault_count_write of shared file mappings (no minor fault); id and release from memory",
        },
        new("read-stops-at-size", "5.16", "mm: Stop filemap_read() from grabbing a superfluous page", (PolicyProperty.ReadAtEnd, (int)ReadAtEndRule.StopsAtTheSize))
        {
            Effect = "Reading at or past the end of a file no longer leaves a page there in the page cache.",
            Evidence = Evidence.Recorded,
            Source = "random programs on 5.10.262 (file_read past the end, then mincore), not on 6.1.192; the patch is of October 2021, its release from memory",
        },
        new("huge-zero-split", "5.8", "thp: change CoW semantics for anon-THP", (PolicyProperty.HugeZeroWrite, (int)HugeZeroWriteRule.Split))
        {
            Commit = "3917c80280c9",
            Effect = "A write to the huge zero page splits it into base pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 and 6.1 anon_thp/rd/fault_count_write (512 faults); id and release from memory",
        },
        new("fault-accounting", "5.9", "mm: do page fault accounting in handle_mm_fault", (PolicyProperty.FaultRetry, (int)FaultRetryRule.CountedAsMajor))
        {
            Commit = "bce617edecad",
            Effect = "A fault that is tried again counts as major, even where only the writer was to be throttled.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 fault_count_write of ext4_shared, btt_shared, anon_shared (no minor fault); id and release from memory",
        },
        new("lock-on-fault-skips", "5.18", "mm/munlock: delete FOLL_MLOCK and FOLL_POPULATE", (PolicyProperty.LockOnFaultPopulate, (int)LockOnFaultPopulateRule.Skipped))
        {
            Commit = "b67bf49ce7aa",
            Effect = "mlock2(MLOCK_ONFAULT) no longer fails on memory without access rights.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 (ENOMEM) and 6.1 (ok) anon_none/cold/mlock_onfault; id and release from memory",
        },
        new("node-lookup-fast", "5.18", "mm: change lookup_node() to use get_user_pages_fast()", (PolicyProperty.NodeLookup, (int)NodeLookupRule.FastFirst))
        {
            Effect = "get_mempolicy by address finds the private copy of a device page.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 (EFAULT) and 6.1 (ok) devmem_private/wr/get_mempolicy_addr; title and release from memory",
        },
        new("dax-noop-dirty-folio", "5.18", "fs: Convert __set_page_dirty_no_writeback to noop_dirty_folio", (PolicyProperty.DaxPageDirty, (int)DaxPageDirtyRule.KeptForever))
        {
            Commit = "46de8b979492",
            Effect = "Direct I/O into a DAX page marks its struct page dirty for good; smaps calls it Private_Dirty even where it is only read.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 (dirty) and 5.10 (clean) devdax_shared/rd/smaps, recorded after transfers into the same page; id and release from memory",
        },
        new("fault-completed", "6.0", "mm: avoid unnecessary page fault retires on shared memory types", (PolicyProperty.FaultRetry, (int)FaultRetryRule.DirtyingCompletes))
        {
            Commit = "d92725256b4f",
            Effect = "A shared write fault that dirtied a file page is complete, and minor again.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 fault_count_write; id and release from memory",
        },
        new("huge-zero-write", "6.13", "mm: allocate THP on hugezeropage wp-fault", (PolicyProperty.HugeZeroWrite, (int)HugeZeroWriteRule.HugePage))
        {
            Commit = "1ced09e0331f",
            Effect = "A write to the huge zero page makes a huge page.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 (512 faults) and 7.2 (one) anon_thp/rd/fault_count_write; id and release from memory",
        },
        new("fault-around-end", "6.18", "mm/memory: do not populate page table entries beyond i_size", (PolicyProperty.FaultAround, (int)FaultAroundRule.NeedsTableAtEnd))
        {
            Commit = "74207de2ba10",
            Effect = "A read fault does not map its neighbours where there is no page table yet and the first page in memory is the file's last.",
            Backports = [KernelVersion.Parse("6.6.117"), KernelVersion.Parse("6.12.59"), KernelVersion.Parse("6.17.9")],
            Evidence = Evidence.Recorded,
            Source = "random programs: 6.17.13, 7.2.12 and 7.3.4 map nothing; can_map_large in filemap_map_pages as the commit changes it; not in 6.1, where its review copy oopsed for the missing page table",
        },
        new("sysfs-file-size", "6.19", "fs/kernfs: raise sb->maxbytes to MAX_LFS_FILESIZE", (PolicyProperty.SysfsFileSize, (int)SysfsFileSizeRule.Unlimited))
        {
            Commit = "2467f9928c98",
            Effect = "MADV_REMOVE on a PCI resource whose bus address lies above 2 GiB fails with EOPNOTSUPP instead of EFBIG.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10, 6.1 (EFBIG) and 7.2 (EOPNOTSUPP) pcibar_shared/wr/madv_remove; the title in a push to the driver-core tree of November 2025",
        },
    ];
}
