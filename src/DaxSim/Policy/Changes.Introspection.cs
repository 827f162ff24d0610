namespace DaxSim.Policy;

/// <summary>What changed in /proc/pid/smaps, pagemap, kpageflags and core files, and in the direct I/O engines.</summary>
internal static class IntrospectionChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("pagemap-exclusive", "4.3", "pagemap: add mmap-exclusive bit for marking pages mapped only here", (PolicyProperty.PagemapExclusive, (int)PagemapExclusiveRule.Reported))
        {
            Commit = "77bb499bb60f",
            Effect = "Bit 56 of pagemap tells that nobody else maps the page.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 against 4.14.177 pagemap; id and release from memory",
        },
        new("coredump-dax-filter", "4.4", "coredump: add DAX filtering for ELF coredumps", (PolicyProperty.CoreDumpDax, (int)CoreDumpDaxRule.OwnBits))
        {
            Commit = "ab27a8d04b32",
            Effect = "DAX areas obey bits 7 and 8 of coredump_filter, which are off by default; also the pages copied on write.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 against 4.14.177 coredump_filter_0x7f; id from memory",
        },
        new("smaps-hugetlb", "4.4", "mm: hugetlb: proc: add hugetlb-related fields to /proc/PID/smaps", (PolicyProperty.SmapsLines, (int)SmapsLinesRule.HugeTlb))
        {
            Commit = "25ee01a2fca0",
            Effect = "smaps shows Shared_Hugetlb and Private_Hugetlb.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 smaps; id and release from memory",
        },
        new("smaps-shmem-pmd", "4.8", "thp, vmstats: add counters for huge file pages", (PolicyProperty.SmapsLines, (int)SmapsLinesRule.ShmemPmd))
        {
            Commit = "65c453778aea",
            Effect = "smaps shows ShmemPmdMapped.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 smaps; id and release from memory",
        },
        new("block-direct-io", "4.10", "block_dev: implement new direct-io", (PolicyProperty.BlockDirectIo, (int)DirectIoEngineRule.BlockLayer), (PolicyProperty.AsyncDirectIoError, (int)AsyncDirectIoErrorRule.Eio))
        {
            Effect = "Direct I/O of a block device ends short where the buffer ends being good, and the page cache copies the rest; an asynchronous caller gets EIO.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 against 4.14.177 odirect_read_straddle_anon and aio_read_into; the release is from memory",
        },
        new("xfs-iomap-direct-io", "4.10", "xfs: use iomap_dio_rw", (PolicyProperty.XfsDirectIo, (int)DirectIoEngineRule.Iomap))
        {
            Commit = "acdda3aae146",
            Effect = "A direct write from a buffer that is good only at its beginning leaves the rest of the blocks alone.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 against 4.14.177 odirect_xfsfile_straddle_overwrite; id and release from memory",
        },
        new("direct-io-short-reads", "4.10", "[fs/direct-io.c ignores EFAULT after some data]", (PolicyProperty.Ext4DirectIo, (int)DirectIoEngineRule.ClassicShortReads))
        {
            Effect = "A direct read of a file that met EFAULT after some data is short instead of failing, and the page cache copies the rest.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 against 4.14.177 odirect_ext4file_straddle_read; commit and first release in between not known",
        },
        new("ext4-direct-extend", "4.15", "[a direct write that extends an ext4 file goes through the page cache]", (PolicyProperty.Ext4DirectIo, (int)DirectIoEngineRule.ClassicExtendsBuffered))
        {
            Effect = "A direct write behind the end of an ext4 file is done by the page cache, once its first page could be taken.",
            Evidence = Evidence.Recorded,
            Source = "old 4.14.177 against 4.16.13-limited and 4.19.0 odirect_ext4file_straddle_extend; old.md: 4.15 too",
        },
        new("smaps-thp-eligible", "5.0", "mm, thp, proc: report THP eligibility for each vma", (PolicyProperty.SmapsLines, (int)SmapsLinesRule.ThpEligible))
        {
            Commit = "7635d9cbe832",
            Effect = "smaps shows THPeligible.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0 against 6.1 vma_flags; cells 5.10 smaps; id and release from memory",
        },
        new("kpageflags-online", "5.4", "fs/proc/page.c: don't access uninitialized memmaps in fs/proc/page.c", (PolicyProperty.KpageflagsDevice, (int)KpageflagsDeviceRule.NoPage))
        {
            Commit = "aad5f69bc161",
            Backports = [KernelVersion.Parse("4.14.151"), KernelVersion.Parse("4.19.82"), KernelVersion.Parse("5.3.8")],
            Effect = "kpageflags says KPF_NOPAGE of device pages.",
            Evidence = Evidence.Recorded,
            Source = "old 4.14.177 (has it), 4.16.13 and 4.19.0 (have not) pagemap; cells 5.10; id and point releases from memory",
        },
        new("smaps-file-pmd", "5.4", "mm,thp: stats for file backed THP", (PolicyProperty.SmapsLines, (int)SmapsLinesRule.FilePmd))
        {
            Commit = "60fbf0ab5da1",
            Effect = "smaps shows FilePmdMapped.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0 against 6.1 vma_flags; cells 5.10 smaps; id and release from memory",
        },
        new("ext4-iomap-direct-io", "5.5", "ext4: introduce direct I/O write using iomap infrastructure", (PolicyProperty.Ext4DirectIo, (int)DirectIoEngineRule.Iomap))
        {
            Commit = "378f32bab371",
            Effect = "A direct write from a buffer that is good only at its beginning leaves the rest of the blocks alone; a direct read fails with the error.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0 against 6.1 odirect_ext4file_straddle_overwrite; s390.md: 5.11 like 6.1; id from memory",
        },
        new("kpageflags-end", "5.7", "fs/proc/page.c: allow inspection of last section and fix end detection", (PolicyProperty.KpageflagsReach, (int)KpageflagsReachRule.MemoryAndDevices))
        {
            Commit = "abec749facff",
            Effect = "kpageflags ends at the end of memory.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0 against 6.1 pagemap; id and release from memory",
        },
        new("async-direct-io-error", "5.16", "block: add single bio async direct IO helper", (PolicyProperty.AsyncDirectIoError, (int)AsyncDirectIoErrorRule.OfThePages))
        {
            Commit = "54a88eb838d3",
            Effect = "The completion of an asynchronous direct transfer carries the error that taking the pages gave.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: EIO on 5.10, EFAULT later; s390 6.1 aio_read_into (EEXIST); id and release from memory",
        },
        new("smaps-devdax-compound", "5.17", "device-dax: compound devmap support", (PolicyProperty.SmapsDaxPmd, (int)SmapsDaxPmdRule.CompoundWhole))
        {
            Commit = "14606001efb4",
            Effect = "smaps counts a huge device-dax page whole.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 smaps of devdax; id and release from memory",
        },
        new("kpageflags-devices", "6.1", "[device memory no longer raises the end of memory]", (PolicyProperty.KpageflagsReach, (int)KpageflagsReachRule.Ram))
        {
            Effect = "kpageflags does not reach device pages above RAM.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 pagemap; first release in between not known",
        },
        new("smaps-devmap-pmd", "6.12", "[smaps asks vm_normal_page_pmd]", (PolicyProperty.SmapsDaxPmd, (int)SmapsDaxPmdRule.NotCounted))
        {
            Effect = "smaps does not count huge device pages.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: counted on 6.1, not on 6.12; first release in between not known",
        },
        new("smaps-pfnmap", "6.12", "[smaps walks VM_PFNMAP areas]", (PolicyProperty.SmapsPfnMap, (int)SmapsPfnMapRule.CopiesCounted))
        {
            Effect = "smaps counts the copied pages of private VM_PFNMAP areas.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: from 6.12 on; not on 6.1; first release in between not known",
        },
        new("smaps-dax-folios", "6.15", "fs/dax: properly refcount fs dax pages", (PolicyProperty.SmapsDaxPmd, (int)SmapsDaxPmdRule.CompoundWhole))
        {
            Effect = "Huge DAX pages are normal folios and counted whole.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 smaps",
        },
        new("kpageflags-snapshot", "7.0", "[kpageflags works on a snapshot of the page]", (PolicyProperty.KpageflagsDevice, (int)KpageflagsDeviceRule.Nothing))
        {
            Effect = "kpageflags shows no flags for device pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 pagemap of e820dax; first release in between not known",
        },
        new("pagemap-huge-zero", "7.3", "[the huge zero page is no normal page]", (PolicyProperty.PagemapHugeZero, (int)PagemapHugeZeroRule.NoPage))
        {
            Effect = "pagemap no longer calls the huge zero page a file's page.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2.12 against 7.3.4 pagemap of anon_thp",
        },
        new("smaps-file-thp", "7.0", "[THPeligible of filesystems with large folios]", (PolicyProperty.SmapsFileThp, (int)SmapsFileThpRule.LargeFolios))
        {
            Effect = "smaps calls mappings of ordinary files eligible for large pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 smaps; first release in between not known",
        },
        new("disk-integrity-attributes", "4.4", "block: Inline blk_integrity in struct gendisk", (PolicyProperty.DiskAttributes, (int)DiskAttributesRule.WithIntegrity))
        {
            Commit = "25520d55cdb6",
            Effect = "Every disk has a directory integrity in sysfs.",
            Evidence = Evidence.Recorded,
            Source = "s390 6.1 attr_dev_dax; release and id from memory",
        },
        new("disk-hidden-attribute", "4.15", "block: introduce GENHD_FL_HIDDEN", (PolicyProperty.DiskAttributes, (int)DiskAttributesRule.WithHidden))
        {
            Commit = "8ddcd653257c",
            Effect = "Disks have an attribute hidden.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0 attr_dev_dax; release and id from memory",
        },
        new("disk-event-attributes", "5.13", "block: move the disk events code into an attribute group of every disk", (PolicyProperty.DiskAttributes, (int)DiskAttributesRule.WithEvents))
        {
            Effect = "Every disk has the attributes events, events_async and events_poll_msecs.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0 against 6.1 attr_dev_dax; the release in between is from memory",
        },
        new("disk-sequence-attribute", "5.15", "block: export diskseq in sysfs", (PolicyProperty.DiskAttributes, (int)DiskAttributesRule.WithSequence))
        {
            Commit = "13927b31b13f",
            Effect = "Disks have an attribute diskseq.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0 against 6.1 attr_dev_dax; release and id from memory",
        },
        new("disk-partscan-attribute", "6.10", "block: add a partscan sysfs attribute for disks", (PolicyProperty.DiskAttributes, (int)DiskAttributesRule.WithPartScan))
        {
            Commit = "a4217c6740dc",
            Effect = "Disks have an attribute partscan.",
            Evidence = Evidence.Recorded,
            Source = "s390 6.1 against 7.2 attr_dev_dax; release and id from memory",
        },
        new("ext4-direct-write-falls-back", "6.15", "[a direct write to ext4 whose pages cannot be taken is copied instead]", (PolicyProperty.Ext4DirectIo, (int)DirectIoEngineRule.IomapWritesBuffered))
        {
            Effect = "O_DIRECT writes to ext4 from memory without struct pages succeed: the page cache copies the data. Reads still fail with EFAULT.",
            Evidence = Evidence.Recorded,
            Source = "programs on 6.16.3 against 6.12.107; first release in between not known",
        },
        new("ext4-direct-write-fails-again", "6.17", "[a direct write to ext4 whose pages cannot be taken fails]", (PolicyProperty.Ext4DirectIo, (int)DirectIoEngineRule.Iomap))
        {
            Effect = "O_DIRECT writes to ext4 from memory without struct pages fail with EFAULT, as before 6.15.",
            Evidence = Evidence.Recorded,
            Source = "programs on 6.16.3 against 6.17.13",
        },
    ];
}
