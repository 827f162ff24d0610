namespace DaxSim.Policy;

/// <summary>What changed in page tables, faults, fork, get_user_pages and the calls that change an address space.</summary>
internal static class AddressSpaceChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("fast-gup-x86-310", "3.10", "[x86 has a lockless walk of its own]", (PolicyProperty.FastGupRecheck, (int)FastGupRecheckRule.RelysOnInterruptsOff), (PolicyProperty.PfnMapForkTracking, (int)PfnMapForkRule.AnyFirstPage))
        {
            Effect = "The x86 walk takes references with interrupts off and does not read the entry again; fork tracks the memory type of PFNMAP areas by whatever their first page maps.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Recorded,
            Source = "gup-fork 3.3, 5.6; programs on 5.15.30",
        },
        new("dax-vma-hugepage", "4.3", "[DAX areas may be mapped by huge pages]", (PolicyProperty.DaxAreaFlags, (int)DaxAreaFlagsRule.MixedMapAndHugePage), (PolicyProperty.DaxHugePages, (int)DaxHugePageRule.ForAnyMemory))
        {
            Effect = "mmap of a DAX file sets VM_HUGEPAGE, and a fault may map a PMD even over memory without struct page.",
            Evidence = Evidence.Source,
            Source = "gup-fork 1.6, 5.5",
        },
        new("gup-pfnmap-no-get-eexist", "4.3", "mm: make GUP handle pfn mapping unless FOLL_GET is requested", (PolicyProperty.GupPrefaultWithoutStructPage, (int)GupPrefaultRule.Skipped))
        {
            Commit = "1027e4436b6a",
            Effect = "mlock and MAP_POPULATE of memory without struct page succeed; mlock failed with ENOMEM before.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8, 4.14.177: mlock",
        },
        new("dax-disable-pmd", "4.4", "dax: disable pmd mappings", (PolicyProperty.DaxHugePages, (int)DaxHugePageRule.Never))
        {
            Commit = "ee82c9ed41e8",
            Effect = "DAX PMDs are switched off: fork oopsed on those without struct page.",
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 5.5",
        },
        new("dax-pmd-vs-thp", "4.5", "mm, dax: dax-pmd vs thp-pmd vs hugetlbfs-pmd", (PolicyProperty.DaxHugePages, (int)DaxHugePageRule.ForPagesWithStructPage), (PolicyProperty.DaxPmdFork, (int)DaxPmdForkRule.CopiesWriteProtected))
        {
            Commit = "5c7fb56e5e3f",
            Effect = "DAX PMDs come back for memory with struct pages; fork copies them write-protected.",
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 1.7, 5.5",
        },
        new("fast-gup-x86-devmap", "4.5", "[x86 gup_pte_range skips the access test for devmap entries]", (PolicyProperty.FastGupDevmapWrite, (int)FastGupDevmapWriteRule.Skipped))
        {
            Effect = "A lockless write reference on a read-only DAX entry succeeds on x86 without the filesystem's knowledge.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Source,
            Source = "gup-fork 3.3",
        },
        new("untrack-pfn-moved", "4.5", "x86/mm/pat: Add untrack_pfn_moved for mremap", (PolicyProperty.PfnMapMoveTracking, (int)PfnMapMoveRule.WholeAreaUntracked))
        {
            Commit = "d9fe4fab1197",
            Effect = "After mremap moved a part of a private PFNMAP area, fork no longer depends on the first page of what is left.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Recorded,
            Source = "random programs on 5.10.262, 6.1.192 and 6.12.117: fork after a partial mremap; mm/mremap.c calls it in 4.8 and not in 4.4, the release in between is from memory",
        },
        new("madv-free", "4.5", "mm: support madvise(MADV_FREE)", (PolicyProperty.MadviseKnows, (int)MadviseKnowsRule.Free))
        {
            Commit = "854e9ed09ded",
            Effect = "MADV_FREE exists.",
            Evidence = Evidence.Recorded,
            Source = "old 4.14.177",
        },
        new("madvise-hugepage-any", "4.8", "[MADV_HUGEPAGE accepts areas that khugepaged leaves alone]", (PolicyProperty.MadviseHugePage, (int)MadviseHugePageRule.AnyArea))
        {
            Effect = "MADV_HUGEPAGE succeeds on shared and special areas; it was EINVAL.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 against 4.14.177 madvise; the release in between, that of huge pages in shmem, is from memory",
        },
        new("dax-pmd-fork-lazy", "4.8", "[fork leaves DAX PMDs to the child's faults]", (PolicyProperty.DaxPmdFork, (int)DaxPmdForkRule.LeavesItToFaults))
        {
            Effect = "fork no longer copies PMDs of DAX mappings.",
            Evidence = Evidence.Source,
            Source = "gup-fork 5.5",
        },
        new("foll-cow", "4.9", "mm: remove gup_flags FOLL_WRITE games from __get_user_pages()", (PolicyProperty.FollowWrite, (int)FollowWriteRule.CowBrokenAndDirty))
        {
            Commit = "19be0eaffa3a",
            Effect = "A forced write to a read-only private mapping keeps asking for write access after it broke COW (Dirty COW fixed).",
            Backports = [KernelVersion.Parse("4.4.26"), KernelVersion.Parse("4.8.3")],
            Evidence = Evidence.Source,
            Source = "gup-fork 2.5.1",
        },
        new("gup-fast-devmap-write-fix", "4.11", "x86, mm: fix gup_pte_range() vs DAX mappings", (PolicyProperty.FastGupDevmapWrite, (int)FastGupDevmapWriteRule.Checked))
        {
            Commit = "ef947b2529f9",
            Effect = "The lockless walk tests access permission on devmap entries too.",
            Backports = [KernelVersion.Parse("4.9.15"), KernelVersion.Parse("4.10.3")],
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Source,
            Source = "gup-fork 3.3",
        },
        new("x86-generic-gup", "4.13", "x86/mm/gup: Switch GUP to the generic get_user_page_fast() implementation", (PolicyProperty.FastGupRecheck, (int)FastGupRecheckRule.ReadsEntryAgain))
        {
            Commit = "e585513b76f7",
            Effect = "x86 uses the generic lockless walk, which reads each entry again.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Source,
            Source = "gup-fork 3.1",
        },
        new("wipeonfork", "4.14", "mm,fork: introduce MADV_WIPEONFORK", (PolicyProperty.MadviseKnows, (int)MadviseKnowsRule.WipeOnFork))
        {
            Commit = "d2cd9ede6e19",
            Effect = "MADV_WIPEONFORK: the child of a fork sees zeros.",
            Evidence = Evidence.Recorded,
            Source = "old 4.14.177",
        },
        new("mremap-dup-shared-only", "4.14", "mm/mremap: fail map duplication attempts for private mappings", (PolicyProperty.MremapDuplicate, (int)MremapDuplicateRule.SharedOnly))
        {
            Commit = "dba58d3b8c50",
            Effect = "mremap with an old length of 0 refuses private mappings.",
            Evidence = Evidence.Source,
            Source = "gup-fork 2; linux-mm",
        },
        new("devdax-split", "4.15", "device-dax: implement ->split() to catch invalid munmap attempts", (PolicyProperty.DeviceDaxSplit, (int)DeviceDaxSplitRule.AtAlignment))
        {
            Commit = "9702cffdbf21",
            Effect = "munmap, mprotect, madvise and mmap that would cut a device-dax area off its alignment are EINVAL.",
            Backports = [KernelVersion.Parse("4.14.4")],
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 munmap_page; id, first release and back-port from memory",
        },
        new("gup-longterm-api", "4.15", "mm: introduce get_user_pages_longterm", (PolicyProperty.FsDaxLongTerm, (int)FsDaxLongTermRule.RefusedAfterPinning))
        {
            Commit = "2bb6d2837083",
            Effect = "Long-term users pin pages of a DAX file, then look at the area, give them back and get EOPNOTSUPP.",
            Backports = [KernelVersion.Parse("4.14.4")],
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 4.5",
        },
        new("fixed-noreplace", "4.17", "mm: introduce MAP_FIXED_NOREPLACE", (PolicyProperty.FixedNoReplace, (int)FixedNoReplaceRule.Known))
        {
            Commit = "a4ff8e8620d3",
            Effect = "mmap can refuse to replace what is mapped.",
            Evidence = Evidence.Source,
            Source = "linux-mm",
        },
        new("gup-foll-anon", "4.17", "proc: do not access cmdline nor environ from file-backed areas", (PolicyProperty.GupAnonOnly, (int)GupAnonOnlyRule.Refused))
        {
            Commit = "7f7ccc2ccc2e",
            Effect = "Reading /proc/pid/cmdline takes anonymous memory only.",
            Backports = [KernelVersion.Parse("4.14.41"), KernelVersion.Parse("4.16.9")],
            Evidence = Evidence.Source,
            Source = "gup-fork 2.3",
        },
        new("dax-page-mapping", "4.17", "dax: store pfns in the radix", (PolicyProperty.DaxPageOwner, (int)DaxPageOwnerRule.FileOfTheEntry))
        {
            Commit = "3fe0791c295c",
            Effect = "The struct page of a mapped DAX page names its file.",
            Evidence = Evidence.Source,
            Source = "gup-fork 8.1",
        },
        new("layout-break-xfs", "4.18", "xfs, dax: introduce xfs_break_dax_layouts()", (PolicyProperty.LayoutBreak, (int)LayoutBreakRule.XfsOnly))
        {
            Commit = "d6dc57e251a4",
            Effect = "Truncating or punching a DAX file on xfs waits for references on its pages.",
            Evidence = Evidence.Source,
            Source = "dax-support 6.4",
        },
        new("dax-remove-mixedmap", "4.19", "dax: remove VM_MIXEDMAP for fsdax and device dax", (PolicyProperty.DaxAreaFlags, (int)DaxAreaFlagsRule.HugePage))
        {
            Commit = "e1fb4a086495",
            Effect = "DAX areas are no longer VM_MIXEDMAP: fork leaves shared ones to faults, and special entries without the devmap bit (dcssblk) are reported as Bad page map.",
            Evidence = Evidence.Recorded,
            Source = "s390 4.19.0; old 4.19.0",
        },
        new("layout-break-ext4", "4.19", "ext4: handle layout changes to pinned DAX mappings", (PolicyProperty.LayoutBreak, (int)LayoutBreakRule.AllFileSystems))
        {
            Commit = "430657b6be89",
            Effect = "Truncating or punching a DAX file on ext4 waits for references on its pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 vmsplice_truncate",
        },
        new("memory-failure-dev-pagemap", "4.19", "mm, memory_failure: Teach memory_failure() about dev_pagemap pages", (PolicyProperty.DeviceMemoryFailure, (int)DeviceMemoryFailureRule.UnmapsAndSignals))
        {
            Commit = "6100e34b2526",
            Effect = "A memory failure in device memory unmaps the page and signals its users.",
            Evidence = Evidence.Source,
            Source = "dax-support 6.5",
        },
        new("layout-unmap-keeps-copies", "5.3", "dax: dax_layout_busy_page() should not unmap cow pages", (PolicyProperty.LayoutUnmap, (int)LayoutUnmapRule.FilePages))
        {
            Commit = "d75996dd022b",
            Effect = "Truncating or punching a DAX file no longer throws away the copies that private mappings of it hold elsewhere.",
            Evidence = Evidence.Recorded,
            Source = "old 4.19.0 truncate_partial_under_map, punch_hole_under_map against cells 5.10",
        },
        new("gup-fast-longterm", "5.2", "mm/gup: add FOLL_LONGTERM capability to GUP fast", (PolicyProperty.FastGupLongTermDevmap, (int)FastGupLongTermRule.LeftToTheSlowPath))
        {
            Commit = "7af75561e171",
            Effect = "The lockless walk leaves long-term references on device pages to the slow path.",
            Evidence = Evidence.Source,
            Source = "gup-fork 3.3",
        },
        new("madv-cold", "5.4", "mm: introduce MADV_COLD", (PolicyProperty.MadviseKnows, (int)MadviseKnowsRule.Cold))
        {
            Commit = "9c276cc65a58",
            Effect = "MADV_COLD and MADV_PAGEOUT exist; on a DAX PMD they report a bad pmd and drop the entry.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 madv_cold",
        },
        new("foll-pin", "5.6", "mm/gup: introduce pin_user_pages*() and FOLL_PIN", (PolicyProperty.GupWithoutStructPage, (int)GupWithoutStructPageRule.EfaultButPinsGetGarbage), (PolicyProperty.UserPins, (int)UserPinRule.PinUserPages))
        {
            Commit = "eddb1c228f79",
            Effect = "pin_user_pages exists; on an entry without struct page it reports a page and leaves garbage.",
            Evidence = Evidence.Recorded,
            Source = "s390 5.11 process_vm_writev; gup-fork 2.5",
        },
        new("pfn-cow-retry", "5.6", "mm: avoid data corruption on CoW fault into PFN-mapped VMA", (PolicyProperty.CopyWithoutPage, (int)CopyWithoutPageRule.ZerosWithWarning))
        {
            Commit = "c3e5ea6ee574",
            Effect = "A copy on write of a page without struct page that cannot read the address warns once.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 ptrace_poke",
        },
        new("foll-pin-tracked", "5.7", "mm/gup: track FOLL_PIN pages", (PolicyProperty.PinCounting, (int)PinCountingRule.Biased))
        {
            Commit = "3faa52c03f44",
            Effect = "FOLL_PIN adds 1024 to a page's reference count, so that pinned pages can be told.",
            Evidence = Evidence.Source,
            Source = "gup-fork 4.2",
        },
        new("mremap-dontunmap", "5.7", "mm/mremap: add MREMAP_DONTUNMAP to mremap()", (PolicyProperty.MremapDontUnmap, (int)MremapDontUnmapRule.PrivateAnonymousOnly))
        {
            Commit = "e346b3813067",
            Effect = "mremap can move pages and leave the old area behind, for private anonymous memory.",
            Evidence = Evidence.Source,
            Source = "linux-mm",
        },
        new("force-cow-read-gup", "5.8", "gup: document and work around \"COW can break either way\" issue", (PolicyProperty.ForcedCowOnRead, (int)ForcedCowOnReadRule.ReadsOfCowMappingsBreakThem), (PolicyProperty.FollowWrite, (int)FollowWriteRule.CowBrokenAndDirtyWithoutForce))
        {
            Commit = "17839856fd58",
            Effect = "get_user_pages for reading breaks COW in a COW mapping, so even a page without struct page can be read-pinned there.",
            Backports = [KernelVersion.Parse("4.4.289"), KernelVersion.Parse("4.9.287"), KernelVersion.Parse("4.14.232"), KernelVersion.Parse("4.19.189"), KernelVersion.Parse("5.4.47"), KernelVersion.Parse("5.6.19"), KernelVersion.Parse("5.7.3")],
            Evidence = Evidence.Source,
            Source = "gup-fork 2.5.1, 6.5",
        },
        new("do-wp-page-simplification", "5.9", "mm: do_wp_page() simplification", (PolicyProperty.AnonReuse, (int)AnonReuseRule.PageCount), (PolicyProperty.MergedReuse, (int)MergedReuseRule.Never), (PolicyProperty.SwapReuse, (int)SwapReuseRule.MappingsAndEntriesAtSwapIn))
        {
            Commit = "09854ba94c6a",
            Effect = "A write fault copies an anonymous page that anybody else references, however briefly; the swap cache counts as somebody.",
            Evidence = Evidence.Source,
            Source = "gup-fork 6.3",
        },
        new("force-cow-removed", "5.9", "mm/gup: Remove enfornced COW mechanism", (PolicyProperty.ForcedCowOnRead, (int)ForcedCowOnReadRule.Never), (PolicyProperty.FollowWrite, (int)FollowWriteRule.CowBrokenAndDirty))
        {
            Commit = "a308c71bf1e6",
            Effect = "get_user_pages for reading no longer breaks COW.",
            Evidence = Evidence.Source,
            Source = "gup-fork 6.5",
        },
        new("fork-early-copy", "5.9", "mm: Do early cow for pinned pages during fork() for ptes", (PolicyProperty.ForkEarlyCopy, (int)ForkEarlyCopyRule.MaybePinned))
        {
            Commit = "70e806e4e645",
            Effect = "fork copies pages that may be pinned for the child at once.",
            Evidence = Evidence.Source,
            Source = "gup-fork 5.4",
        },
        new("write-protect-seq", "5.11", "mm/gup: prevent gup_fast from racing with COW during fork", (PolicyProperty.WriteProtectSequence, (int)WriteProtectSequenceRule.CheckedByFastPin))
        {
            Commit = "57efa1fe5957",
            Effect = "A lockless pin notices a fork that runs meanwhile and falls back to the slow path.",
            Backports = [KernelVersion.Parse("5.10.4")],
            Evidence = Evidence.Source,
            Source = "gup-fork 3.6",
        },
        new("fsdax-longterm-precheck", "5.11", "mm/gup: remove the vma allocation from gup_longterm_locked()", (PolicyProperty.FsDaxLongTerm, (int)FsDaxLongTermRule.RefusedBeforePinning))
        {
            Commit = "52650c8b466b",
            Effect = "A long-term pin of a DAX file is refused before any page is touched.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 iouring_register",
        },
        new("mremap-split-check", "5.11", "mremap: check if it's possible to split original vma", (PolicyProperty.MremapSplit, (int)MremapSplitRule.BeforeMoving))
        {
            Effect = "mremap of a part that cannot be cut off is EINVAL and moves nothing.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 devdax mremap_move_page; first release from memory",
        },
        new("mremap-dontunmap-any", "5.13", "mm: Extend MREMAP_DONTUNMAP to non-anonymous mappings", (PolicyProperty.MremapDontUnmap, (int)MremapDontUnmapRule.AnyExpandableArea))
        {
            Commit = "a4609387859f",
            Effect = "MREMAP_DONTUNMAP works on shared and file areas.",
            Evidence = Evidence.Source,
            Source = "linux-mm",
        },
        new("madv-populate", "5.14", "mm/madvise: introduce MADV_POPULATE_(READ|WRITE) to prefault page tables", (PolicyProperty.MadviseKnows, (int)MadviseKnowsRule.Populate))
        {
            Commit = "4ca9b3859dac",
            Effect = "MADV_POPULATE_READ and MADV_POPULATE_WRITE exist.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 populate_read",
        },
        new("mremap-hugetlb", "5.16", "mm, hugepages: add mremap() support for hugepage backed vma", (PolicyProperty.MremapHugeTlb, (int)MremapHugeTlbRule.Allowed), (PolicyProperty.MremapLookup, (int)MremapLookupRule.AreaFirst))
        {
            Commit = "550a7d60bd5e",
            Effect = "mremap looks for the area first, and hugetlb areas can be remapped.",
            Evidence = Evidence.Recorded,
            Source = "random 5.10 against 6.1 (mremap of nothing)",
        },
        new("foll-pin-hole-fix", "5.18", "mm: fix invalid page pointer returned with FOLL_PIN gups", (PolicyProperty.GupWithoutStructPage, (int)GupWithoutStructPageRule.Eexist))
        {
            Commit = "7196040e19ad",
            Effect = "An entry without struct page is EEXIST for pins and references alike.",
            Backports = [KernelVersion.Parse("5.17.8")],
            Evidence = Evidence.Recorded,
            Source = "s390 6.1.0 (EEXIST) against 4.19.0 (EFAULT)",
        },
        new("zone-device-extra-refcount", "5.18", "mm: remove the extra ZONE_DEVICE struct page refcount", (PolicyProperty.PinnedPagemap, (int)PinnedPagemapRule.NotHeld))
        {
            Commit = "27674ef6c73f",
            Effect = "A referenced device page no longer holds a reference on its dev_pagemap.",
            Evidence = Evidence.Source,
            Source = "gup-fork 8.3",
        },
        new("fsdax-wakeup-lost", "5.18", "[the end of direct I/O does not wake who waits for a DAX page]", (PolicyProperty.LayoutWakeup, (int)LayoutWakeupRule.ForgottenByDirectIo))
        {
            Effect = "A truncate that sleeps for a page under direct I/O sleeps until a signal.",
            Evidence = Evidence.Unconfirmed,
            Source = "cells 6.1 inflight_truncate (recorded there; both ends of the range are not)",
        },
        new("madv-dontneed-locked", "5.18", "mm: madvise: MADV_DONTNEED_LOCKED", (PolicyProperty.MadviseKnows, (int)MadviseKnowsRule.DontNeedLocked))
        {
            Commit = "9457056ac426",
            Effect = "MADV_DONTNEED_LOCKED exists.",
            Evidence = Evidence.Source,
            Source = "linux-mm",
        },
        new("hugetlb-dontneed", "5.18", "mm: enable MADV_DONTNEED for hugetlb mappings", (PolicyProperty.HugeTlbDontNeed, (int)HugeTlbDontNeedRule.Allowed))
        {
            Commit = "90e7e7f5ef3f",
            Effect = "MADV_DONTNEED drops huge pages of hugetlb memory.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 madv_dontneed",
        },
        new("thp-anon-reuse", "5.18", "mm/huge_memory: streamline COW logic in do_huge_pmd_wp_page()", (PolicyProperty.HugeAnonReuse, (int)HugeAnonReuseRule.Exclusive))
        {
            Commit = "3bff7e3f1f16",
            Effect = "A huge page is kept by a write fault only if nobody else references it.",
            Evidence = Evidence.Source,
            Source = "gup-fork 6.3",
        },
        new("anon-exclusive", "5.19", "mm: remember exclusively mapped anonymous pages with PG_anon_exclusive", (PolicyProperty.AnonReuse, (int)AnonReuseRule.Exclusive), (PolicyProperty.ForkEarlyCopy, (int)ForkEarlyCopyRule.MaybePinnedAndExclusive))
        {
            Commit = "6c287605fd56",
            Effect = "An anonymous page that is exclusive to its process is always kept by a write fault; fork clears the mark or copies.",
            Evidence = Evidence.Source,
            Source = "gup-fork 6.3, 5.4",
        },
        new("fault-flag-unshare", "5.19", "mm: support GUP-triggered unsharing of anonymous pages", (PolicyProperty.PinUnshare, (int)PinUnshareRule.Anon))
        {
            Commit = "a7f226604170",
            Effect = "A read-only pin of a shared anonymous page makes a copy first.",
            Evidence = Evidence.Source,
            Source = "gup-fork 2.5",
        },
        new("foll-force-cow", "6.0", "mm/gup: fix FOLL_FORCE COW security issue and remove FOLL_COW", (PolicyProperty.FollowWrite, (int)FollowWriteRule.AnonExclusive))
        {
            Commit = "5535be309971",
            Effect = "A forced write needs an exclusive anonymous page in a private mapping.",
            Backports = [KernelVersion.Parse("5.19.6")],
            Evidence = Evidence.Source,
            Source = "gup-fork 2.5.1",
        },
        new("fork-hugetlb-lazy", "6.0", "hugetlb: lazy page table copies in fork()", (PolicyProperty.ForkCopies, (int)ForkCopyRule.SpecialOnly))
        {
            Commit = "bcd51a3c679d",
            Effect = "fork leaves hugetlb areas without anonymous pages to the child's faults.",
            Evidence = Evidence.Source,
            Source = "gup-fork 5.2",
        },
        new("mprotect-exclusive-writable", "6.0", "mm/mprotect: try avoiding write faults for exclusive anonymous pages when changing protection", (PolicyProperty.MprotectWritable, (int)MprotectWritableRule.ExclusivePagesAtOnce))
        {
            Commit = "64fe24a3e05e",
            Effect = "mprotect makes exclusive anonymous pages writable at once.",
            Evidence = Evidence.Source,
            Source = "gup-fork 2.5.1",
        },
        new("madv-collapse", "6.1", "mm/madvise: introduce MADV_COLLAPSE sync hugepage collapse", (PolicyProperty.MadviseKnows, (int)MadviseKnowsRule.Collapse))
        {
            Commit = "7d8faaf15545",
            Effect = "MADV_COLLAPSE exists.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 madv_collapse",
        },
        new("forced-hugetlb-write-refused", "6.1", "[a forced write to hugetlb memory is refused]", (PolicyProperty.ForcedHugeTlbWrite, (int)ForcedHugeTlbWriteRule.Refused))
        {
            Effect = "FOLL_FORCE writes to read-only hugetlb memory are EFAULT.",
            Evidence = Evidence.Source,
            Source = "gup-fork 2.3",
        },
        new("longterm-ro-cow", "6.2", "mm/gup: reliable R/O long-term pinning in COW mappings", (PolicyProperty.PinUnshare, (int)PinUnshareRule.AnonAndLongTermFile))
        {
            Commit = "84209e87c696",
            Effect = "A read-only long-term pin in a private mapping makes a copy first.",
            Evidence = Evidence.Source,
            Source = "gup-fork 4.4",
        },
        new("zero-page-nopin", "6.5", "mm: Don't pin ZERO_PAGE in pin_user_pages()", (PolicyProperty.ZeroPagePin, (int)ZeroPagePinRule.NotCounted))
        {
            Commit = "c8070b787519",
            Effect = "Pinning the zero page takes no reference and counts nothing.",
            Backports = [KernelVersion.Parse("6.1.130")],
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 4.2",
        },
        new("longterm-file-write", "6.5", "mm/gup: disallow FOLL_LONGTERM GUP-nonfast writing to file-backed mappings", (PolicyProperty.LongTermFileWrite, (int)LongTermFileWriteRule.RefusedWhereDirtyIsTracked))
        {
            Commit = "8ac268436e6d",
            Effect = "A long-term writer of a shared file mapping whose filesystem tracks dirty pages gets EFAULT.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: io_uring registration of ext4, 6.12",
        },
        new("fsdax-wakeup-restored", "6.5", "[direct I/O gives its pages back as pins, which wakes]", (PolicyProperty.LayoutWakeup, (int)LayoutWakeupRule.OnLastReference))
        {
            Effect = "A truncate that sleeps for a page under direct I/O is woken when it ends.",
            Evidence = Evidence.Unconfirmed,
            Source = "modern.md: 6.12 is fine; where between 6.1 and 6.12 is not known",
        },
        new("cold-devmap-pmd", "6.5", "[MADV_COLD leaves DAX PMDs alone]", (PolicyProperty.ColdDevmapPmd, (int)ColdDevmapPmdRule.LeftAlone))
        {
            Effect = "MADV_COLD and MADV_PAGEOUT no longer trip over a DAX PMD.",
            Evidence = Evidence.Unconfirmed,
            Source = "modern.md: seen on 5.10 and 6.1, not on 6.12",
        },
        new("populate-whole-range", "6.9", "mm/madvise: make MADV_POPULATE_(READ|WRITE) handle VM_FAULT_RETRY properly", (PolicyProperty.PopulateWalk, (int)PopulateWalkRule.WholeRange))
        {
            Commit = "631426ba1d45",
            Effect = "MADV_POPULATE_* reports the first problem of a range with holes.",
            Evidence = Evidence.Unconfirmed,
            Source = "modern.md: 6.1 and 6.12 differ",
        },
        new("mmap-over-error", "6.12", "[mmap reports why the old mapping cannot be taken away]", (PolicyProperty.MmapOver, (int)MmapOverRule.ErrorOfMunmap))
        {
            Effect = "mmap over a part of an area that cannot be cut is EINVAL, not ENOMEM.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 devdax map_over; first release in between not known",
        },
        new("pfnmap-fork-raw", "6.9", "x86/mm/pat: fix VM_PAT handling in COW mappings", (PolicyProperty.PfnMapForkTracking, (int)PfnMapForkRule.FirstPageMustBeRaw))
        {
            Commit = "04c35ab3bdae",
            Backports = [KernelVersion.Parse("4.19.312"), KernelVersion.Parse("5.4.274"), KernelVersion.Parse("5.10.215"), KernelVersion.Parse("5.15.154"), KernelVersion.Parse("6.1.85"), KernelVersion.Parse("6.6.26"), KernelVersion.Parse("6.8.5")],
            Effect = "fork of a private PFNMAP area whose first page was copied on write fails, because a copy's frame is not the area's memory.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Recorded,
            Source = "fork works on 5.15.30 and fails on 5.10.262, 6.1.192 and 6.12.117; id and point releases from memory",
        },
        new("pfnmap-fork-untracked", "6.16", "mm: convert track_pfn_insert() to pfnmap_setup_cachemode*()", (PolicyProperty.PfnMapForkTracking, (int)PfnMapForkRule.NotTracked))
        {
            Commit = "f8e97613fed2",
            Effect = "fork of a private PFNMAP area no longer depends on its first page.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Unconfirmed,
            Source = "modern.md: fails up to 6.12, works on 7.2",
        },
        new("guard-regions", "6.13", "mm: madvise: implement lightweight guard page mechanism", (PolicyProperty.GuardRegions, (int)GuardRegionRule.WritableAnonymous))
        {
            Commit = "662df3e5c376",
            Effect = "MADV_GUARD_INSTALL makes pages of private anonymous memory fault on every access.",
            Evidence = Evidence.Unconfirmed,
            Source = "linux-mm; recorded on 7.2 only",
        },
        new("ext4-fallocate-common", "6.14", "ext4: move out common parts into ext4_fallocate()", (PolicyProperty.FallocateRange, (int)FallocateRangeRule.AfterLayoutBreak))
        {
            Commit = "2890e5e0f49e",
            Effect = "Punching a hole past the end of a DAX file waits for pages of the file that are in use, and unmaps the file.",
            Backports = [KernelVersion.Parse("6.12.117")],
            Evidence = Evidence.Recorded,
            Source = "random programs: 5.10.262 and 6.1.192 do not wait, 6.12.117, 7.2.12 and 7.3.4 do; the stable release that took it lies between 6.12.107 and 6.12.117",
        },
        new("guard-regions-files", "6.15", "mm: allow guard regions in file-backed and read-only mappings", (PolicyProperty.GuardRegions, (int)GuardRegionRule.OrdinaryMemory))
        {
            Effect = "Guard pages work in shared, file and read-only mappings too.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 madv_guard_install; the release is not confirmed",
        },
        new("layout-search-every-file", "6.15", "fs/dax: Return unmapped busy pages from dax_layout_busy_page_range()", (PolicyProperty.LayoutSearch, (int)LayoutSearchRule.EveryFile))
        {
            Effect = "Truncating or punching a DAX file waits for references on its pages also when nobody maps the file any more.",
            Evidence = Evidence.CommitMessage,
            Source = "dax_layout_busy_page(_range) with and without mapping_mapped(); the commit says that skipping files that are not mapped was wrong",
        },
        new("area-merge-symmetric", "6.15", "mm/vma: fix incorrectly disallowed anonymous VMA merges", (PolicyProperty.AreaMerging, (int)AreaMergeRule.EitherMayBeTouched))
        {
            Commit = "879bca0a2c4f",
            Effect = "Neighbouring areas of which one has anonymous pages are joined whichever of them changed.",
            Evidence = Evidence.Derived,
            Source = "random 7.2 (mremap over neighbours)",
        },
        new("secretmem-not-locked", "7.0", "[areas of memfd_secret are not VM_LOCKED]", (PolicyProperty.SecretMemoryLock, (int)SecretMemoryLockRule.NotLocked))
        {
            Effect = "madvise no longer refuses secret memory as locked, and it does not count as locked memory.",
            Backports = [KernelVersion.Parse("6.1.192"), KernelVersion.Parse("6.12.117")],
            Evidence = Evidence.Recorded,
            Source = "cells smaps of secretmem: lo in 6.12.107, not in 6.1.192, 7.2.12 and 7.3.4; swap of secretmem: not in 6.12.117 either; the first releases are not known",
        },
        new("mremap-multi-vma", "6.17", "mm/mremap: permit mremap() move of multiple VMAs", (PolicyProperty.MremapAcrossAreas, (int)MremapAcrossAreasRule.MovesEveryArea))
        {
            Commit = "d23cb648e365",
            Effect = "mremap(MREMAP_FIXED) with an unchanged size moves a range of several areas.",
            Evidence = Evidence.Recorded,
            Source = "random 7.2 against 6.1",
        },
        new("dofork-special", "6.17", "[MADV_DOFORK refuses every special area]", (PolicyProperty.DoFork, (int)DoForkRule.RefusesSpecial))
        {
            Effect = "MADV_DOFORK of hugetlb memory is EINVAL.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 hugetlb madv_dofork; first release in between not known",
        },
        new("forced-hugetlb-write-allowed", "7.2", "[a forced write to hugetlb memory is allowed again]", (PolicyProperty.ForcedHugeTlbWrite, (int)ForcedHugeTlbWriteRule.Allowed))
        {
            Effect = "FOLL_FORCE writes to read-only hugetlb memory work.",
            Evidence = Evidence.Unconfirmed,
            Source = "gup-fork 2.3: refused in 6.12, not in 7.2",
        },
        new("mincore-pfnmap", "7.3", "[mincore looks at the entries of PFNMAP areas]", (PolicyProperty.MincorePfnMap, (int)MincorePfnMapRule.LooksAtEntries))
        {
            Effect = "mincore of PFNMAP memory is 1.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: 7.3",
        },
    ];
}
