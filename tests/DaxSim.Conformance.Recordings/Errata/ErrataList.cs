using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Policy;

namespace DaxSim.Conformance.Errata;

/// <summary>Every known deviation. <c>docs/errata.md</c> is generated from this list.</summary>
public static class ErrataList
{
    /// <summary>The entries, in the order of the document.</summary>
    public static IReadOnlyList<Erratum> Entries { get; } =
    [
        new(
            "s390-72-nodax-breakpoint",
            "In one boot of 7.2.13 (s390x), a program on ext4 without dax that had run through a function once was not stopped by a breakpoint planted there, and was killed by SIGILL in another run.",
            "Not understood, and not the kernel's page handling: the same operations on `plain-ext4` of the same boot, also page cache, are stopped. The emulated processor may have run translated code.",
            "7.2.13+deb14-s390x",
            Evidence.Recorded,
            "s390 7.2.13 nodax-ext4, exec_*.readtouched")
        {
            Explains = static (difference, release) => release.IsS390 && difference.Observation.Text("case") == "nodax-ext4"
                && difference.Observation.Operation is ("exec_peektext.readtouched" or "exec_breakpoint_peek_then_poke.readtouched" or "exec_breakpoint_blind_poke.readtouched" or "exec_text_pagemap"),
        },
        new(
            "s390-72-private-registration",
            "Private memory of a DAX file that was written first, so that its pages are anonymous: 7.2.13 on s390x refused to register it with io_uring in some runs (EOPNOTSUPP) and took it in others; the simulator always takes it.",
            "get_user_pages_fast takes anonymous pages without looking at the area, and the area is looked at (and refused, being a DAX file's) only when the fast path gives up. It gives up on a page that may not be pinned for long where it lies, as one of a contiguous memory area, which 7.2 on s390x has and the simulator does not model: so the answer depends on which free page the store happened to get. Both answers are the kernel's.",
            "6.12 and later on s390x",
            Evidence.Recorded,
            "s390 7.2.13 io_uring_register_buffer.written private of sr-ext4 and ew-xfs; s390.md: \"ok in some runs, EOPNOTSUPP in others: both correct\"; that contiguous memory is the reason is derived")
        {
            Explains = static (difference, release) => release.IsS390 && difference.Observation.Mapping == "private" && difference.Observation.Operation == "io_uring_register_buffer.written" && difference.Expected.Contains("EOPNOTSUPP", StringComparison.Ordinal),
        },
        new(
            "swap-fresh-page",
            "From 5.9 to 5.17 a store to a page that a load has just brought back from swap copies it, though the process has it alone; the simulator writes it in place.",
            "A page that was just put on the LRU list waits in a list of the CPU, which has a reference on it, and do_wp_page counts references; 5.18 empties the list first (d4c470970d45). When the list is emptied otherwise depends on how many pages pass through it.",
            "5.9 to 5.17",
            Evidence.Recorded,
            "swap 5.10.262 po_read_write, po_fork_exit")
        {
            Explains = static (difference, release) => difference.Observation.Operation is "po_read_write" or "po_fork_exit" && release.Version >= KernelVersion.Parse("5.9") && release.Version < KernelVersion.Parse("5.18"),
        },
        new(
            "swap-device-dax-cleared",
            "What is left of a huge page of device-dax after MADV_PAGEOUT on 5.10, which takes its entry for a bad one: the simulator maps it again at the next access, the kernel's pagemap did not show it in one case.",
            "Not understood; the kernel's page table is damaged by then. A second message of that boot says that the emulated timer was late.",
            "5.10",
            Evidence.Recorded,
            "swap 5.10.262 devdax_shared po_read_write, po_fork_po")
        {
            Explains = static (difference, release) => difference.Observation.Mapping == "devdax_shared" && difference.Observation.Operation is "po_read_write" or "po_fork_po" && release.Version < KernelVersion.Parse("5.11"),
        },
        new(
            "swap-readahead-mark",
            "A load of a dirty page of a file that reclaim unmapped counted as a major fault on 6.1, where the simulator counts a minor one.",
            "PG_reclaim is PG_readahead as well, so that the fault reads ahead and tries again; whether that counts as major depends on whether the readahead begun lets the mmap lock go. On 6.12 it did not count.",
            "6.1",
            Evidence.Recorded,
            "swap 6.1.192 ext4_shared po_faults")
        {
            Explains = static (difference, _) => difference.Observation.Mapping == "ext4_shared" && difference.Observation.Operation == "po_faults",
        },
        new(
            "swap-soft-dirty-dax",
            "Stores to a DAX file of ext4 did not show in pagemap's soft-dirty bits in the recordings of 7.2 and 7.3 that were made with a swap device; the simulator shows them.",
            "Not understood. Other DAX mappings of the same boots show them, and nothing of it has to do with swap: a DAX page is never swapped.",
            "7.2 and 7.3",
            Evidence.Recorded,
            "swap 7.2.12 and 7.3.4 ext4dax_shared po_softdirty")
        {
            Explains = static (difference, release) => difference.Observation.Mapping == "ext4dax_shared" && difference.Observation.Operation == "po_softdirty" && release.Version >= KernelVersion.Parse("7.0"),
        },
        new(
            "swap-scope",
            "Swap is modelled page by page. Not modelled: readahead (recordings and simulator are as with vm.page-cluster 0), large folios that stay whole in a swap area and come back whole, priorities of areas beyond their order, zswap and memory control groups, reclaim that the kernel begins by itself (it comes by MADV_PAGEOUT or Machine.Reclaim), writeback that takes time (a page written to a disk stays in the swap cache until reclaim meets it again), memory failure of a page that is only in a swap area, and SIGBUS markers of unreadable slots (a read that failed is tried again).",
            "Each would need clocks or sizes that no recording has.",
            "all",
            Evidence.Derived,
            "mm/vmscan.c, mm/swap_state.c"),
        new(
            "sleeping-calls",
            "A system call that falls asleep in a fault on its way through a buffer (userfaultfd, or a page on the move) shows nothing of what it had done before: the machine is as before the call until it is made again. A real call has moved bytes already, and holds references on the pages before.",
            "Calls of the library are functions that return; who sleeps is told by the outcome `blocked`. The operations that take steps (faults, get_user_pages, truncate) do sleep in the middle.",
            "all",
            Evidence.Source,
            "handle_userfault and migration_entry_wait sleep inside the call"),
        new(
            "userfault-fork-event",
            "With UFFD_FEATURE_EVENT_FORK the child's descriptor is there at once, and fork returns; a real fork waits until the handler has read the event. Likewise mremap, munmap and MADV_DONTNEED with their events.",
            "Events are not queued.",
            "4.11 and later",
            Evidence.Source,
            "dup_userfaultfd_complete, userfaultfd_event_wait_completion"),
        new(
            "userfault-marker-on-dax",
            "An access to a page of a DAX file that is not mapped but write-protected asynchronously is answered Unknown (get_user_pages: blocked).",
            "The inserter finds an entry that is not none, the marker, and leaves it (-EBUSY counts as success), so that the kernel's fault repeats for ever: derived from vmf_insert_mixed, insert_pfn and insert_page_into_pte_locked, which nobody was found to have seen.",
            "6.7 and later",
            Evidence.Derived,
            "mm/memory.c; userfaultfd_wp_use_markers"),
        new(
            "pagemap-scan-page-tables",
            "PAGEMAP_SCAN treats an empty entry of an existing page table differently from a range without one (it counts as written, and is protected). The simulator takes a page table for existing where one entry of its 512 is in use; a real one stays until the areas around it go.",
            "Page tables are kept by extent, so that an empty one leaves no trace.",
            "6.7 and later",
            Evidence.Source,
            "pagemap_scan_pmd_entry and pagemap_scan_pte_hole"),
        new(
            "moves-of-large-folios",
            "Huge pages of anonymous memory and of the huge page pool move step by step on x86_64 (transparent ones on arm64 too, and split first on s390x up to 6.13); on the other architectures and releases, and for large folios of files, the answer is Unknown.",
            "Since when each architecture has PMD migration entries was not found; the page cache knows huge folios of the pool only.",
            "all",
            Evidence.Source,
            "set_pmd_migration_entry; ARCH_ENABLE_THP_MIGRATION, ARCH_ENABLE_HUGEPAGE_MIGRATION"),
        new(
            "journal-commits-by-itself",
            "A file's block map becomes durable by fsync, msync and synchronous faults only; a real journal also commits every few seconds, and when another file's fsync forces it.",
            "There is no clock behind the filesystems.",
            "all",
            Evidence.Source,
            "ext4's commit interval, xfs's log worker"),
        new(
            "nodes-in-turn",
            "Pages of a file's cache that a task with an interleaving policy reads or writes come from the nodes in turn by their place in the file; a real kernel goes on where the task's last allocation stopped. The first node of a shmem file with such a policy depends on its inode's number in a real kernel. MPOL_WEIGHTED_INTERLEAVE gives every node the weight 1.",
            "A task's allocations for the kernel itself (page tables, slabs) are not modelled, nor are a platform's bandwidths.",
            "all, on machines of several nodes",
            Evidence.Recorded,
            "numa_place_interleave of files in 6.1.192 and 6.12.117 (left out of the recordings, because it depends on what ran before)"),
        new(
            "balancing-at-once",
            "Automatic NUMA balancing runs when Machine.PlantNumaHints says so, and moves a page at the first access from elsewhere. A real kernel scans by and by, looks only at areas that the thread has used (6.4 and later), and may wait for a second access before it moves a page that several threads use. MPOL_F_NUMA_BALANCING with MPOL_PREFERRED_MANY (6.10 and later), tiers of memory (numa_balancing = 2) and distances of nodes are not modelled; every other node is equally far.",
            "There is no clock behind the scans.",
            "3.10 and later, on machines of several nodes",
            Evidence.Source,
            "task_numa_work, should_numa_migrate_memory, mpol_misplaced"),
        new(
            "numa-61-shared-huge-page",
            "On 6.1.192, a child that shared a transparent huge page with its parent, while automatic balancing ran in the parent and the parent stored into four of its pages, had nothing mapped there in the end; the simulator leaves it its page, as 6.12.117 does.",
            "Not understood.",
            "6.1",
            Evidence.Recorded,
            "numa 6.1.192, anon_thp/wr/numa_hint_shared")
        {
            Explains = static (difference, release) => release.Version.Mainline == KernelVersion.Parse("6.1") && difference.Observation.Operation == "numa_hint_shared" && difference.Observation.Mapping == "anon_thp",
        },
        new(
            "mbind-splits-huge-zero",
            "mbind with MPOL_MF_STRICT or a move splits the huge zero page of a DAX file's hole where it meets one, so that the mapping is empty afterwards; the simulator leaves it mapped.",
            "Not modelled.",
            "before 5.14",
            Evidence.Recorded,
            "numa 5.10.262, numa_bind_strict and numa_bind_both of ext4dax_pmdhole_shared; commit e5947d23edd8")
        {
            Explains = static (difference, release) => release.Version < KernelVersion.Parse("5.14") && difference.Observation.Mapping == "ext4dax_pmdhole_shared" && (difference.Observation.Operation is "numa_bind_strict" or "numa_bind_both"),
        },
        new(
            "khugepaged-files",
            "khugepaged and MADV_COLLAPSE collapse anonymous memory only; a real kernel also collapses shmem and, with CONFIG_READ_ONLY_THP_FOR_FS, text of ordinary files. DAX files have no pages to collapse on any kernel.",
            "collapse_file is not modelled.",
            "4.8 and later (shmem), 5.4 and later (files)",
            Evidence.Source,
            "mm/khugepaged.c collapse_file"),
        new(
            "dax-area-not-joined",
            "A DAX area that mmap puts below an equal one of the same file is joined with it; a real 6.16.12 left the two apart, so that mremap across both was EFAULT.",
            "Not understood: mmap looks for neighbours once more after the file set its flags. Joining was seen on 5.10.",
            "6.16",
            Evidence.Recorded,
            "one of 150 random programs on 6.16.12, the same on a second boot"),
        new(
            "file-readahead",
            "Reading a file ahead works page by page, with the usual window of 128 KiB, and each open file remembers its last window. Not modelled: large folios that readahead makes (ext4 from 6.16, xfs from 5.18), other windows (read_ahead_kb, posix_fadvise), and the older order of questions at a miss, which continued the last window without looking at the cache.",
            "Which folio sizes readahead picks changed with nearly every release; in files of a few pages the order of questions makes no difference.",
            "all",
            Evidence.Source,
            "page_cache_sync_ra, page_cache_async_ra; random programs of 6.1.192, 6.18.15 and 7.2.12 (mincore and pagemap after a read)"),
        new(
            "shared-sections",
            "Where two devices share a section of memory and nobody notices, what unbinding one of them does is answered Unknown.",
            "The struct pages of the other go with it; protection faults were observed, which one is a matter of what touches them.",
            "4.3, 4.4, 4.14 to 4.18",
            Evidence.CommitMessage,
            "mm: disallow mappings that conflict for devm_memremap_pages() (4.19)"),
        new(
            "bad-memory",
            "A machine check is modelled for the load of a program on x86_64 that reaches a known media error. A store there is Unknown; a copy by the kernel from or to user memory does not notice the error.",
            "What a store does is the processor's matter; which copies of the kernel survive a machine check changed several times.",
            "all",
            Evidence.Derived,
            "do_machine_check; copy_mc of 5.10 and before"),
        new(
            "namespace-metadata",
            "The bytes of a namespace's info block and of struct pages on the device are not modelled: read in raw mode, they are what was there before. Conversions from and to sector mode are Unknown; errors cleared by the firmware leave the bytes that the model has.",
            "Nobody but the driver reads them.",
            "all",
            Evidence.Source,
            "struct nd_pfn_sb; ACPI leaves open what cleared memory holds"),
    ];

    /// <summary>The entry that lists a difference, or null.</summary>
    internal static Erratum? Find(Judgement difference, KernelRelease release) => Entries.FirstOrDefault(e => e.Explains?.Invoke(difference, release) == true);
}
