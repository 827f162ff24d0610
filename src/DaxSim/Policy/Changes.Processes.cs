namespace DaxSim.Policy;

/// <summary>What changed in the system calls that take references on user memory.</summary>
internal static class ProcessChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("ioremap-prot-310", "3.10", "[x86 and powerpc can ioremap with the protection of a mapping]", (PolicyProperty.IoremapProt, (int)IoremapProtRule.Available))
        {
            Effect = "ptrace and /proc/pid/mem reach device memory through the driver's access method.",
            Architectures = [Architecture.X8664, Architecture.Ppc64Cell, Architecture.Ppc64Le],
            Evidence = Evidence.Recorded,
            Source = "old 4.14.177 devmem; gup-fork 7.2",
        },
        new("s390-ioremap-prot", "5.10", "[s390 can ioremap with protection, with PCI]", (PolicyProperty.IoremapProt, (int)IoremapProtRule.Available))
        {
            Effect = "ptrace of device memory works on s390 kernels with PCI.",
            Architectures = [Architecture.S390X],
            Evidence = Evidence.Source,
            Source = "gup-fork 7.2 (absent in 4.14, if PCI in 5.10)",
        },
        new("dax-migration-refused", "4.9", "[vma_migratable leaves DAX areas out]", (PolicyProperty.DaxMigration, (int)DaxMigrationRule.Refused))
        {
            Effect = "move_pages says EFAULT of every page in an area of a DAX file, private copies included.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 against 4.14.177 move_pages; the release in between is from memory",
        },
        new("move-pages-in-place-unwritten", "4.17", "mm, numa: rework do_pages_move", (PolicyProperty.MovePagesInPlace, (int)MovePagesInPlaceRule.Unwritten), (PolicyProperty.MovePagesFailure, (int)MovePagesFailureRule.EndsTheCall))
        {
            Commit = "a49bd4d71637",
            Effect = "move_pages does not write the status of a page that is on the wanted node already. With the first pages that cannot be moved it ends and returns their number.",
            Evidence = Evidence.Recorded,
            Source = "old 4.16.13-limited against 4.19.0 move_pages; numa 5.10, 6.1, 6.12 and 7.2, numa_move_held; what was before, from memory",
        },
        new("move-pages-in-place-node", "5.5", "mm: move_pages: return valid node id in status if the page is already on the target node", (PolicyProperty.MovePagesInPlace, (int)MovePagesInPlaceRule.Node))
        {
            Commit = "e0153fc2c760",
            Effect = "move_pages writes the node as the status of a page that is there already.",
            Evidence = Evidence.CommitMessage,
            Source = "old 4.19.0 against cells 5.10 move_pages",
        },
        new("process-vm-pin", "5.6", "mm/process_vm_access: set FOLL_PIN via pin_user_pages_remote()", (PolicyProperty.ProcessVmReferences, (int)ProcessVmReferenceRule.Pin))
        {
            Commit = "803e4572d7c5",
            Effect = "process_vm_readv and writev pin the other process's pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 pvm_readv pins",
        },
        new("ioremap-ram-warning", "6.1", "[ioremap of RAM warns on the way from ptrace]", (PolicyProperty.IoremapOfRam, (int)IoremapOfRamRule.WarnsOnce))
        {
            Effect = "Peeking at a PFNMAP page that was copied on write prints a warning once.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 devmem_private; silent in 5.10, first release in between not known",
        },
        new("direct-io-pin", "6.5", "block: convert bio_map_user_iov and direct I/O to iov_iter_extract_pages", (PolicyProperty.DirectIoReferences, (int)DirectIoReferenceRule.Pin))
        {
            Effect = "Direct I/O pins the user's pages, so a fork meanwhile no longer diverts the data.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 inflight_fork_parent_write; gup-fork 6.5",
        },
        new("io-uring-buffers", "5.1", "io_uring: add support for pre-mapped user IO buffers", (PolicyProperty.RingReferences, (int)RingReferenceRule.Get))
        {
            Commit = "edafccee56ff",
            Effect = "There is io_uring, and its registered buffers hold user pages for long.",
            Evidence = Evidence.Recorded,
            Source = "old 4.19.0 against cells 5.10",
        },
        new("io-uring-pin", "5.6", "fs/io_uring: set FOLL_PIN via pin_user_pages()", (PolicyProperty.RingReferences, (int)RingReferenceRule.Pin))
        {
            Commit = "2113b05d039e",
            Effect = "io_uring pins registered buffers with FOLL_PIN.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 iouring_register pins",
        },
        new("io-uring-file-buffers", "6.5", "io_uring/rsrc: Remove unused file-backed buffer test", (PolicyProperty.RingFileBuffers, (int)RingFileBufferRule.Allowed))
        {
            Effect = "io_uring registers memory of any file that can be pinned for long.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: refused on 5.10 and 6.1, allowed on 6.12; first release in between not known",
        },
        new("remap-file-pages-emulated", "4.0", "mm: replace remap_file_pages() syscall with emulation", (PolicyProperty.RemapFilePages, (int)RemapFilePagesRule.EmulatedNamingVm))
        {
            Commit = "c8d78c1823f4",
            Effect = "remap_file_pages maps the part anew instead of making a nonlinear mapping.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 remap_file_pages",
        },
        new("userfault", "4.3", "userfaultfd: add new syscall to provide memory externalization", (PolicyProperty.Userfault, (int)UserfaultRule.MissingAnon))
        {
            Commit = "86039bd3b4e6",
            Effect = "userfaultfd handles missing pages of anonymous memory.",
            Evidence = Evidence.Source,
            Source = "gup-fork 7, row 28",
        },
        new("userfault-shared", "4.11", "userfaultfd: shmem: add userfaultfd hook for shared memory faults", (PolicyProperty.Userfault, (int)UserfaultRule.MissingShared))
        {
            Effect = "userfaultfd handles missing pages of shmem and hugetlb.",
            Evidence = Evidence.Recorded,
            Source = "old 4.14.177; cells 5.10 uffd",
        },
        new("msg-zerocopy", "4.14", "sock: enable MSG_ZEROCOPY", (PolicyProperty.ZeroCopySend, (int)ZeroCopySendRule.Available))
        {
            Commit = "f214f915e7db",
            Effect = "send can take the user's pages by reference.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 zerocopy_send",
        },
        new("userfault-wp", "5.7", "userfaultfd: wp: add the writeprotect API to userfaultfd ioctl", (PolicyProperty.Userfault, (int)UserfaultRule.WriteProtectAnon))
        {
            Commit = "63b2d4174c4a",
            Effect = "userfaultfd handles stores to write-protected anonymous memory.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 uffd",
        },
        new("process-madvise", "5.10", "mm/madvise: introduce process_madvise() syscall: an external memory hinting API", (PolicyProperty.ProcessMadvise, (int)ProcessMadviseRule.Available))
        {
            Commit = "ecb8ac8b1f14",
            Effect = "process_madvise exists.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 process_madvise_cold",
        },
        new("userfault-minor", "5.14", "userfaultfd: support minor faults for shmem", (PolicyProperty.Userfault, (int)UserfaultRule.MinorShared))
        {
            Effect = "userfaultfd handles minor faults of shmem and hugetlb (hugetlb one release earlier).",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 uffd",
        },
        new("userfault-wp-shared", "5.19", "mm/shmem: handle uffd-wp during fork()", (PolicyProperty.Userfault, (int)UserfaultRule.WriteProtectShared))
        {
            Effect = "userfaultfd handles stores to write-protected shmem and hugetlb memory.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 uffd",
        },
        new("move-pages-reference", "6.0", "mm: migration: fix the FOLL_GET failure on following huge page", (PolicyProperty.MovePagesLookup, (int)MovePagesLookupRule.FollowsWithReference))
        {
            Commit = "831568214883",
            Effect = "The status of move_pages takes a reference: device pages are ENOENT.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 move_pages_status; the release in between is from memory",
        },
        new("remap-file-pages-docs", "6.0", "docs: rename Documentation/vm to Documentation/mm", (PolicyProperty.RemapFilePages, (int)RemapFilePagesRule.EmulatedNamingMm))
        {
            Commit = "ee65728e103b",
            Effect = "The warning of remap_file_pages names Documentation/mm.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 remap_file_pages",
        },
        new("mseal", "6.10", "mseal: add mseal syscall", (PolicyProperty.Mseal, (int)MsealRule.Available))
        {
            Commit = "8be7258aad44",
            Effect = "Areas can be sealed against changes.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 mseal",
        },
        new("move-pages-walk", "6.12", "mm/migrate: convert do_pages_stat_array() from follow_page() to folio_walk", (PolicyProperty.MovePagesLookup, (int)MovePagesLookupRule.WalksEntries))
        {
            Effect = "move_pages walks the page table itself: entries without a folio are ENOENT.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 move_pages_status; gup-fork 7, rows 20 and 21",
        },
        new("io-uring-fast-pin", "6.12", "[io_uring registers buffers through pin_user_pages_fast]", (PolicyProperty.RingLookup, (int)RingLookupRule.FastFirst))
        {
            Effect = "Registered buffers are pinned by the lockless walk where it can, which does not look at areas.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: private PFNMAP memory can be registered on 6.12, not on 6.1; cells 7.2 iouring_register pins; the release in between is not known",
        },
        new("tmpfs-direct-io", "6.6", "tmpfs: trivial support for direct IO", (PolicyProperty.ShmemDirectIo, (int)ShmemDirectIoRule.CopiedAsUsual))
        {
            Commit = "e88e0d366f9c",
            Effect = "A tmpfs file can be opened with O_DIRECT.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 env/file_calls/tmpfs",
        },
        new("device-dax-mmap-prepare", "7.0", "[device-dax uses the mmap_prepare method]", (PolicyProperty.DeviceDaxMmap, (int)DeviceDaxMmapRule.MmapPrepare))
        {
            Effect = "Complaints about a device-dax mapping name dax_mmap_prepare.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 env/devdax; the release in between is not known",
        },
        new("proc-mem-force-config", "6.12", "proc: add config & param to block forcing mem writes", (PolicyProperty.ProcMemForce, (int)ProcMemForceRule.ByConfiguration))
        {
            Commit = "41e8149c8892",
            Effect = "A kernel can be configured so that /proc/pid/mem does not override protections.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 procmem_none",
        },
    ];
}
