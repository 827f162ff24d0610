namespace DaxSim.Policy;

/// <summary>What the kernel does to pages on its own account: memory failure, merging, moving.</summary>
internal static class ScanChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("hugetlb-poison-fork", "3.16", "hugetlb: fix copy_hugetlb_page_range() to handle migration/hwpoisoned entry", (PolicyProperty.HugeTlbPoisonFork, (int)HugeTlbPoisonForkRule.Copied))
        {
            Commit = "4a705fef9862",
            Effect = "fork copies the entry of a poisoned huge page instead of taking it for a present one.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("gup-hugetlb-poison", "4.12", "mm/hugetlb: report -EHWPOISON not -EFAULT when FOLL_HWPOISON is specified", (PolicyProperty.GupHugeTlbPoison, (int)GupHugeTlbPoisonRule.Ehwpoison))
        {
            Commit = "9a291a7c9428",
            Effect = "KVM learns that a huge page is poisoned, and tells the process with SIGBUS instead of failing KVM_RUN.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("hugetlb-failure-dissolve", "5.11", "mm,hwpoison: take free pages off the buddy freelists for hugetlb", (PolicyProperty.HeldFailure, (int)HeldFailureRule.Busy))
        {
            Commit = "a8b2c2ce89d4",
            Effect = "Memory failure in a huge page of the pool succeeds only if the page can be dissolved, which nobody may hold.",
            Evidence = Evidence.Source,
            Source = "mm/memory-failure.c me_huge_page in a 4.19 tree and in patches against 5.11; the release from memory",
        },
        new("failure-extra-references", "5.16", "mm: hwpoison: refactor refcount check handling", (PolicyProperty.HeldFailure, (int)HeldFailureRule.HugePagesBusy))
        {
            Commit = "dd0f230a0a80",
            Effect = "An anonymous page that somebody else holds is no failed memory failure any more: with the repair of shmem in the same release the count is looked at for file pages only.",
            Evidence = Evidence.Mail,
            Source = "the patch and a7605426666e on linux-mm; page_action in a 4.19 tree",
        },
        new("hugetlb-failure-kept", "6.1", "hugetlbfs: don't delete error page from pagecache", (PolicyProperty.HugeTlbFailure, (int)HugeTlbFailureRule.KeptPoisoned))
        {
            Commit = "8625147cafaa",
            Effect = "A poisoned page of a hugetlb file stays in it, so that its loss is noticed: faults are SIGBUS, reads EIO.",
            Evidence = Evidence.Mail,
            Source = "the patch and its back-port on linux-mm; the release from memory",
        },
        new("hugetlb-poison-read", "6.6", "hugetlbfs: improve read HWPOISON hugepage", (PolicyProperty.HugeTlbPoisonRead, (int)HugeTlbPoisonReadRule.FailedPageOnly))
        {
            Commit = "38c1ddbde6c6",
            Effect = "read(2) of a poisoned huge page gives out all but the base page that failed.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("collapse-one-writable", "4.0", "mm: incorporate read-only pages into transparent huge pages", (PolicyProperty.CollapseWritable, (int)CollapseWritableRule.OnePage))
        {
            Commit = "10359213d05a",
            Effect = "khugepaged collapses ranges of which some pages are read-only, if one is writable.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("ksm-zero-pages", "4.12", "mm/ksm: improve deduplication of zero pages with colouring", (PolicyProperty.MergedZeroes, (int)MergedZeroesRule.BySwitch))
        {
            Commit = "e86c59b1b12d",
            Effect = "/sys/kernel/mm/ksm/use_zero_pages: pages full of zeroes become the zero page.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("ksm-failure", "6.4", "mm: ksm: support hwpoison for ksm page", (PolicyProperty.MergedFailure, (int)MergedFailureRule.Unmapped))
        {
            Commit = "4248d0083ec5",
            Effect = "Memory failure finds who maps a merged page.",
            Evidence = Evidence.Source,
            Source = "hwpoison_user_mappings up to 6.3 says that it cannot handle KSM pages; id and release from memory",
        },
        new("ksm-reuse", "5.1", "mm: reuse only-pte-mapped KSM page in do_wp_page()", (PolicyProperty.MergedReuse, (int)MergedReuseRule.ByItsLastMapper))
        {
            Commit = "52d1e606ee73",
            Effect = "The last mapper of a merged page may write it in place.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("collapse-shared", "5.8", "khugepaged: allow to collapse a page shared across fork", (PolicyProperty.CollapseShared, (int)CollapseSharedRule.UpToALimit))
        {
            Commit = "9445689f3b61",
            Effect = "Pages that other processes map too are collapsed, up to max_ptes_shared of them.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("kpageflags-ksm-wrong", "6.10", "proc: rewrite stable_page_flags()", (PolicyProperty.KpageflagsMerged, (int)KpageflagsMergedRule.AnonymousPages))
        {
            Commit = "dee3d0bef2b0",
            Effect = "/proc/kpageflags says KSM of every anonymous page.",
            Evidence = Evidence.Recorded,
            Source = "scans 6.12.107 against 6.1.192; id and release from memory",
        },
        new("kpageflags-ksm-right", "6.17", "fs/proc/page: fix KPF_KSM of all anonymous pages", (PolicyProperty.KpageflagsMerged, (int)KpageflagsMergedRule.MergedPages))
        {
            Effect = "/proc/kpageflags says KSM of merged pages only.",
            Evidence = Evidence.Recorded,
            Source = "scans 7.2.12 against 6.16.12; the release is bounded by them",
        },
        new("collapse-read-only", "6.18", "mm: enable khugepaged anonymous collapse on non-writable regions", (PolicyProperty.CollapseWritable, (int)CollapseWritableRule.NotAsked))
        {
            Effect = "Ranges of read-only anonymous pages can be collapsed.",
            Evidence = Evidence.Recorded,
            Source = "scans 7.2.12 against 6.16.12, khp_forked; the release is bounded by them",
        },
    ];
}
