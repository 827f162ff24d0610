namespace DaxSim.Policy;

/// <summary>Who watches a program's writes, and moves its pages: userfaultfd's write protection, soft-dirty bits, migration.</summary>
internal static class TrackingChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("soft-dirty", "3.11", "mm: soft-dirty bits for user memory changes tracking", (PolicyProperty.ClearReferences, (int)ClearReferencesRule.SoftDirty), (PolicyProperty.PagemapSoftDirty, (int)PagemapSoftDirtyRule.AfterFirstClear))
        {
            Commit = "0f8975ec4db2",
            Effect = "Writing 4 to /proc/pid/clear_refs makes pages read-only, and pagemap tells which were written since, once anybody did so.",
            Evidence = Evidence.Source,
            Source = "fs/proc/task_mmu.c before 4.3 (soft_dirty_cleared); id and release from memory",
        },
        new("soft-dirty-areas", "3.12", "mm: track vma changes with VM_SOFTDIRTY bit", (PolicyProperty.SoftDirtyAreas, (int)SoftDirtyAreaRule.NewAreasToo))
        {
            Commit = "d9104d1ca966",
            Effect = "A new area counts as written as a whole until the bits are cleared.",
            Evidence = Evidence.CommitMessage,
            Source = "blame of mm/mmap.c (2013-09-11), a list of candidate commits by release",
        },
        new("soft-dirty-notify", "3.18", "mm: softdirty: enable write notifications on VMAs after VM_SOFTDIRTY cleared", (PolicyProperty.SoftDirtyNotify, (int)SoftDirtyNotifyRule.FirstStores))
        {
            Commit = "64e455079e1b",
            Effect = "New entries of shared memory fault at the first store after the bits were cleared.",
            Evidence = Evidence.CommitMessage,
            Source = "named by later fixes; a list of candidate commits by release",
        },
        new("clear-refs-peak", "4.0", "fs/proc/task_mmu.c: add user-space support for resetting mm->hiwater_rss (peak RSS)", (PolicyProperty.ClearReferences, (int)ClearReferencesRule.PeakResident))
        {
            Effect = "Writing 5 to /proc/pid/clear_refs resets the peak of the resident set.",
            Evidence = Evidence.CommitMessage,
            Source = "fs/proc/task_mmu.c; release from memory",
        },
        new("pagemap-soft-dirty", "4.3", "pagemap: switch to the new format and do some cleanup", (PolicyProperty.PagemapSoftDirty, (int)PagemapSoftDirtyRule.Reported))
        {
            Commit = "deb945441b94",
            Effect = "Bit 55 of pagemap always tells whether a page was written.",
            Evidence = Evidence.Source,
            Source = "the patch that takes soft_dirty_cleared out; id and release from memory",
        },
        new("soft-dirty-pinned", "5.11", "mm: don't play games with pinned pages in clear_page_refs", (PolicyProperty.SoftDirtyPinned, (int)SoftDirtyPinnedRule.LeftAlone))
        {
            Commit = "9348b73c2e1b",
            Effect = "Clearing soft-dirty bits leaves pinned pages writable, so that the pin stays on the page that the process sees.",
            Evidence = Evidence.Source,
            Source = "pte_is_pinned in mainline; merged for 5.11-rc4; 5.10.y took it and took it back",
        },
        new("soft-dirty-mprotect", "6.0", "mm/mprotect: fix soft-dirty check in can_change_pte_writable()", (PolicyProperty.SoftDirtyMprotect, (int)SoftDirtyMprotectRule.Checked))
        {
            Commit = "76aefad628aa",
            Effect = "mprotect no longer makes a page writable whose next store soft-dirty tracking waits for.",
            Evidence = Evidence.CommitMessage,
            Source = "mm/mprotect.c, blame of 2022-07-25; release from memory",
        },
        new("hugetlb-migration", "3.12", "mm: migrate: add hugepage migration code to move_pages()", (PolicyProperty.HugeTlbMigration, (int)HugeTlbMigrationRule.Whole))
        {
            Commit = "e632a938d914",
            Effect = "Pages of the huge page pool can be moved while they are mapped.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Source,
            Source = "vma_migratable without VM_HUGETLB, hugepage_migration_supported (x86_64); id and release from memory",
        },
        new("hugetlb-migration-elsewhere", "3.12", "[hugepage_migration_supported on other architectures]", (PolicyProperty.HugeTlbMigration, (int)HugeTlbMigrationRule.NotKnown))
        {
            Effect = "Whether pages of the huge page pool move on this architecture is not known.",
            Architectures = [Architecture.S390X, Architecture.Ppc64Cell, Architecture.Ppc64Le, Architecture.Arm64],
            Evidence = Evidence.Unconfirmed,
            Source = "pmd_huge_support, later ARCH_ENABLE_HUGEPAGE_MIGRATION, were not looked up for each release",
        },
        new("thp-migration", "4.14", "mm: thp: enable thp migration in generic path", (PolicyProperty.HugePageMigration, (int)HugePageMigrationRule.Whole))
        {
            Commit = "616b8371539a",
            Effect = "Transparent huge pages move whole, with PMD migration entries in between.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Source,
            Source = "set_pmd_migration_entry; ARCH_ENABLE_THP_MIGRATION if X86_64; id and release from memory",
        },
        new("thp-migration-powerpc", "4.14", "[ARCH_ENABLE_THP_MIGRATION on powerpc]", (PolicyProperty.HugePageMigration, (int)HugePageMigrationRule.NotKnown))
        {
            Effect = "Whether transparent huge pages move whole on powerpc is not known for each release.",
            Architectures = [Architecture.Ppc64Le, Architecture.Ppc64Cell],
            Evidence = Evidence.Unconfirmed,
            Source = "selected by PPC_BOOK3S_64 in 2021 (arch/powerpc/platforms/Kconfig.cputype); since when was not found",
        },
        new("thp-migration-arm64", "5.11", "arm64/mm: Enable THP migration", (PolicyProperty.HugePageMigration, (int)HugePageMigrationRule.Whole))
        {
            Commit = "53fa117bb33c",
            Effect = "Transparent huge pages move whole on arm64 too.",
            Architectures = [Architecture.Arm64],
            Evidence = Evidence.Source,
            Source = "ARCH_ENABLE_THP_MIGRATION in arch/arm64/Kconfig; id and release from memory",
        },
        new("thp-migration-s390", "6.14", "s390/mm: Introduce region-third and segment table swap entries", (PolicyProperty.HugePageMigration, (int)HugePageMigrationRule.NotKnown))
        {
            Effect = "A segment table entry of s390 can hold a swap entry, which moving a huge page whole needs; whether it is used for that is not known.",
            Architectures = [Architecture.S390X],
            Evidence = Evidence.Unconfirmed,
            Source = "list of commits of November 2024; ARCH_ENABLE_THP_MIGRATION of s390 was not found",
        },
        new("migration-bits", "6.1", "mm: remember young/dirty bit for page migrations", (PolicyProperty.MigrationBits, (int)MigrationBitsRule.Kept))
        {
            Commit = "2e3468778dbe",
            Effect = "A page that was moved is as young and as dirty in the page table as before.",
            Evidence = Evidence.CommitMessage,
            Source = "remove_migration_pte, named by a fix of February 2023; release from memory",
        },
        new("soft-dirty-merge", "6.19", "mm: propagate VM_SOFTDIRTY on merge", (PolicyProperty.SoftDirtyMerge, (int)SoftDirtyMergeRule.DirtyWins))
        {
            Effect = "An area that is merged with one that counts as written counts as written.",
            Evidence = Evidence.Mail,
            Source = "the back-port to 6.18.y asked for on stable in April 2026",
        },
        new("userfault-events", "4.11", "userfaultfd: non-cooperative: Add fork() event", (PolicyProperty.UserfaultFeature, (int)UserfaultFeatureRule.Events))
        {
            Commit = "893e26e61d04",
            Effect = "A userfaultfd can follow fork (the child's areas stay registered), mremap, MADV_DONTNEED and munmap.",
            Evidence = Evidence.CommitMessage,
            Source = "fs/userfaultfd.c; a list of the features by release",
        },
        new("userfault-sigbus", "4.14", "mm: userfaultfd: add feature to request for a signal delivery", (PolicyProperty.UserfaultFeature, (int)UserfaultFeatureRule.Signals))
        {
            Commit = "2d6d6f5a09a9",
            Effect = "UFFD_FEATURE_SIGBUS: a fault in a registered area raises SIGBUS instead of waiting for the handler.",
            Evidence = Evidence.CommitMessage,
            Source = "fs/userfaultfd.c; a list of the features by release",
        },
        new("userfault-protection-x86", "5.7", "userfaultfd: wp: add helper for writeprotect check", (PolicyProperty.UserfaultProtection, (int)UserfaultProtectionRule.Available))
        {
            Architectures = [Architecture.X8664],
            Effect = "x86_64 has a bit for userfaultfd's write protection.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 uffd",
        },
        new("userfault-protection-unchecked", "5.7", "userfaultfd: wp: enabled write protection in userfaultfd API", (PolicyProperty.UserfaultProtection, (int)UserfaultProtectionRule.Unchecked))
        {
            Commit = "e06f1e1dd499",
            Architectures = [Architecture.S390X, Architecture.Ppc64Cell, Architecture.Ppc64Le, Architecture.Arm64],
            Effect = "Registering for write protection is accepted, though the architecture has no bit for it: stores are not stopped.",
            Evidence = Evidence.CommitMessage,
            Source = "00b151f21f39, which ends this, and the mail of a later review that names both",
        },
        new("userfault-protection-refused", "5.14", "mm/userfaultfd: fail uffd-wp registration if not supported", (PolicyProperty.UserfaultProtection, (int)UserfaultProtectionRule.Missing))
        {
            Commit = "00b151f21f39",
            Architectures = [Architecture.S390X, Architecture.Ppc64Cell, Architecture.Ppc64Le, Architecture.Arm64],
            Effect = "Without a bit of the architecture registering for write protection is EINVAL.",
            Evidence = Evidence.CommitMessage,
            Source = "the commit's title; merged for 5.14",
        },
        new("userfault-fork", "5.14", "mm/userfaultfd: fix uffd-wp special cases for fork()", (PolicyProperty.UserfaultFork, (int)UserfaultForkRule.ChildDecides))
        {
            Commit = "8f34f1eac382",
            Effect = "fork clears the write protection of userfaultfd in a child that nobody watches; before, the parent's area was asked instead of the child's.",
            Evidence = Evidence.CommitMessage,
            Source = "the commit's message, from memory; merged for 5.14",
        },
        new("pagemap-userfault", "5.14", "mm/pagemap: export uffd-wp protection information", (PolicyProperty.PagemapUserfault, (int)PagemapUserfaultRule.Reported))
        {
            Commit = "fb8e37f35a2f",
            Effect = "Bit 57 of pagemap tells that userfaultfd write-protects the page.",
            Evidence = Evidence.CommitMessage,
            Source = "fs/proc/task_mmu.c; the manual page says 5.14",
        },
        new("userfault-unregister-resets", "6.0", "mm/uffd: reset write protection when unregister with wp-mode", (PolicyProperty.UserfaultLeaving, (int)UserfaultLeavingRule.UnregisterResets))
        {
            Commit = "f369b07c8614",
            Effect = "UFFDIO_UNREGISTER takes the write protection out of the page table.",
            Evidence = Evidence.CommitMessage,
            Source = "the patch of 2022-08-11 on linux-mm",
        },
        new("userfault-wp-ranges", "6.4", "mm/userfaultfd: support WP on multiple VMAs", (PolicyProperty.UserfaultRange, (int)UserfaultRangeRule.ManyAreas))
        {
            Commit = "a1b92a3f1498",
            Effect = "UFFDIO_WRITEPROTECT may span several areas.",
            Evidence = Evidence.Source,
            Source = "mm/userfaultfd.c of mainline; merged together with d155df53f310 (6.4-rc1)",
        },
        new("userfault-wp-unpopulated", "6.4", "mm/uffd: UFFD_FEATURE_WP_UNPOPULATED", (PolicyProperty.Userfault, (int)UserfaultRule.WriteProtectUnpopulated))
        {
            Commit = "2bad466cc9d9",
            Effect = "Anonymous pages that are not there yet can be write-protected too.",
            Evidence = Evidence.CommitMessage,
            Source = "the patch of 2023-03-09 on linux-mm; a list of the features by release",
        },
        new("userfault-wp-async", "6.7", "userfaultfd: UFFD_FEATURE_WP_ASYNC", (PolicyProperty.Userfault, (int)UserfaultRule.WriteProtectAsync))
        {
            Commit = "d61ea1cb0095",
            Effect = "The kernel itself resolves write protection when asked to, on memory of any kind, DAX files and page-less memory included; PAGEMAP_SCAN reads who was written.",
            Evidence = Evidence.Source,
            Source = "vma_can_userfault before and after; a list of the features by release",
        },
        new("userfault-close-resets", "6.9", "mm/userfaultfd: reset ptes when close() for wr-protected ones", (PolicyProperty.UserfaultLeaving, (int)UserfaultLeavingRule.CloseResetsToo))
        {
            Commit = "c88033efe9a3",
            Effect = "Closing a userfaultfd takes its write protection out of the page table.",
            Evidence = Evidence.CommitMessage,
            Source = "merged after 6.9-rc7; back-ported to stable",
        },
        new("userfault-protection-arm64", "6.10", "arm64/mm: Add uffd write-protect support", (PolicyProperty.UserfaultProtection, (int)UserfaultProtectionRule.Available))
        {
            Commit = "5b32510af77b",
            Architectures = [Architecture.Arm64],
            Effect = "arm64 has a bit for userfaultfd's write protection.",
            Evidence = Evidence.CommitMessage,
            Source = "arch/arm64/Kconfig; release from memory",
        },
        new("userfault-mremap-clears", "6.13", "mm: clear uffd-wp PTE/PMD state on mremap()", (PolicyProperty.UserfaultMremap, (int)UserfaultMremapRule.BitsCleared))
        {
            Commit = "0cef0bb836e3",
            Effect = "mremap clears the write protection of entries whose registration stays behind.",
            Evidence = Evidence.CommitMessage,
            Source = "the patch of 2025-01-07 on linux-mm",
        },
    ];
}
