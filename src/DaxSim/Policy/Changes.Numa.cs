namespace DaxSim.Policy;

/// <summary>Nodes of memory: policies, moves between nodes, automatic balancing.</summary>
internal static class NumaChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("numa-hint-text", "3.13", "sched/numa: Avoid migrating and hinting read-only file-backed mappings", (PolicyProperty.HintedFiles, (int)HintedFilesRule.WritableOnly))
        {
            Effect = "Automatic NUMA balancing leaves read-only mappings of files alone.",
            Evidence = Evidence.Source,
            Source = "task_numa_work, quoted on linux-mm; numa 5.10, 6.1, 6.12 and 7.2; the release from memory",
        },
        new("move-access", "4.13", "Sanitize 'move_pages()' permission checks", (PolicyProperty.MoveAccess, (int)MoveAccessRule.MayTrace))
        {
            Commit = "197e7e521384",
            Effect = "move_pages of another process asks whether it may be traced (PTRACE_MODE_READ_REALCREDS).",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory; migrate_pages is taken to have changed with it",
        },
        new("numa-hint-shared-copies", "4.16", "mm: numa: do not trap faults on shared data section pages", (PolicyProperty.HintedCopies, (int)HintedCopiesRule.MappedOnce))
        {
            Commit = "859d4adc3415",
            Effect = "Automatic NUMA balancing leaves pages of private mappings alone that others map too.",
            Evidence = Evidence.Source,
            Source = "mm/mprotect.c, blame of 2018-01-31, and the patch on linux-mm",
        },
        new("numa-hint-dirty", "4.17", "mm, numa: do not trap faults on dirty file pages", (PolicyProperty.HintedDirty, (int)HintedDirtyRule.LeftAlone))
        {
            Commit = "09a913a7a947",
            Effect = "Automatic NUMA balancing leaves dirty pages of files alone, which it could not move anyway.",
            Evidence = Evidence.Source,
            Source = "mm/mprotect.c, blame of 2018-04-10",
        },
        new("numa-bound-balancing", "5.12", "numa balancing: migrate on fault among multiple bound nodes", (PolicyProperty.BoundBalancing, (int)BoundBalancingRule.WithFlag))
        {
            Commit = "bda420b98505",
            Effect = "MPOL_BIND with MPOL_F_NUMA_BALANCING lets automatic balancing move pages among the nodes.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.1 against 5.10, numa_hint_task; id from linux-mm, the release from memory",
        },
        new("numa-local-policy", "5.14", "mm/mempolicy: don't handle MPOL_LOCAL like a fake MPOL_PREFERRED policy", (PolicyProperty.LocalPolicy, (int)LocalPolicyRule.Local))
        {
            Commit = "7858d7bca7fb",
            Effect = "get_mempolicy reports MPOL_LOCAL as such.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.1 against 5.10, numa_place_local; the commit of 2021-07-01",
        },
        new("numa-preferred-many", "5.15", "mm/mempolicy: add MPOL_PREFERRED_MANY for multiple preferred nodes", (PolicyProperty.PolicyModes, (int)PolicyModesRule.PreferredMany))
        {
            Commit = "b27abaccf8e8",
            Effect = "MPOL_PREFERRED_MANY exists.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.1 against 5.10, numa_place_many; id and release from memory",
        },
        new("numa-hint-counted-copies", "5.17", "mm: don't try to NUMA-migrate COW pages that have other uses", (PolicyProperty.HintedCopies, (int)HintedCopiesRule.ReferencedOnce))
        {
            Commit = "80d47f5de5e3",
            Effect = "Automatic NUMA balancing leaves pages of private mappings alone that anybody else holds.",
            Evidence = Evidence.Source,
            Source = "mm/mprotect.c on both sides; id and release from memory",
        },
        new("numa-gup-forced", "6.1", "mm/gup: replace FOLL_NUMA by gup_can_follow_protnone()", (PolicyProperty.GupHint, (int)GupHintRule.FaultsUnlessForced))
        {
            Commit = "474098edac26",
            Effect = "follow_page no longer takes pages behind entries that wait for a hint fault.",
            Evidence = Evidence.Source,
            Source = "gup-fork 2.5 c; the id from memory",
        },
        new("mbind-unmigratable-moves", "6.1", "mm/mempolicy: mbind moves what it should not", (PolicyProperty.MbindUnmigratable, (int)MbindUnmigratableRule.MovesThem))
        {
            Effect = "mbind with MPOL_MF_STRICT and MPOL_MF_MOVE moves copies in private mappings of DAX files and device memory, though it answers EIO.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.1.192 against 5.10.262, numa_bind_both; the release is bounded by them",
        },
        new("move-pages-count", "6.1", "migrate: fix syscall move_pages() return value for failure", (PolicyProperty.MovePagesCount, (int)MovePagesCountRule.AllLeft))
        {
            Commit = "a7504ed14f9b",
            Effect = "move_pages no longer returns one page too few, which was 0 where the last batch failed.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.1.192 against 5.10.262, numa_move_held; id and release from memory",
        },
        new("numa-gup-asked", "6.5", "mm/gup: reintroduce FOLL_NUMA as FOLL_HONOR_NUMA_FAULT", (PolicyProperty.GupHint, (int)GupHintRule.FaultsIfAsked))
        {
            Commit = "d74943a2f3cd",
            Effect = "get_user_pages takes pages behind entries that wait for a hint fault; only KVM has them faulted.",
            Evidence = Evidence.Mail,
            Source = "the series and the list of fixes of August 2023 on linux-mm",
        },
        new("mbind-shared-failure", "6.7", "mempolicy: fix migrate_pages(2) syscall return nr_failed", (PolicyProperty.MbindShared, (int)MbindSharedRule.CountsAsFailure))
        {
            Commit = "1cb5d11a370f",
            Effect = "mbind with MPOL_MF_STRICT and MPOL_MF_MOVE is EIO where others map a misplaced page too.",
            Evidence = Evidence.Derived,
            Source = "the rework of queue_pages_range in 6.7; from memory",
        },
        new("mbind-unmigratable", "6.7", "mempolicy: fix migrate_pages(2) syscall return nr_failed", (PolicyProperty.MbindUnmigratable, (int)MbindUnmigratableRule.LeavesThem))
        {
            Effect = "mbind with MPOL_MF_STRICT and MPOL_MF_MOVE no longer moves copies in private mappings of DAX files and device memory.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.12.117 against 6.1.192, numa_bind_both; the release is bounded by them",
        },
        new("numa-hint-shmem", "6.7", "mempolicy: a shmem file without a policy is balanced like other memory", (PolicyProperty.HintedShmem, (int)HintedShmemRule.LikeOthers))
        {
            Effect = "Automatic NUMA balancing moves pages of shmem.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.12.117 against 6.1.192, numa_hint of shared memory; the release is bounded by them",
        },
        new("move-pages-tail", "6.7", "mm: migrate: use a folio in add_page_for_migration()", (PolicyProperty.MovePagesTail, (int)MovePagesTailRule.LikeTheFirst))
        {
            Effect = "move_pages takes any page of a huge page of the pool for the whole.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.12.117 against 6.1.192, numa_move of hugetlb memory; the release is bounded by them",
        },
        new("numa-weighted-interleave", "6.9", "mm/mempolicy: introduce MPOL_WEIGHTED_INTERLEAVE for weighted interleaving", (PolicyProperty.PolicyModes, (int)PolicyModesRule.WeightedInterleave))
        {
            Commit = "fa3bea4e1f82",
            Effect = "MPOL_WEIGHTED_INTERLEAVE exists.",
            Evidence = Evidence.Recorded,
            Source = "numa 6.12 against 6.1, numa_place_weighted; id and release from memory",
        },
        new("numa-hint-pinned-copies", "6.10", "mm: support multi-size THP numa balancing", (PolicyProperty.HintedCopies, (int)HintedCopiesRule.NeitherPinnedNorShared))
        {
            Commit = "d2136d749d76",
            Effect = "Automatic NUMA balancing leaves pages of private mappings alone that are pinned or mapped by others; a mere reference does not count.",
            Evidence = Evidence.Mail,
            Source = "the patch on linux-mm, March 2024; id and release from memory",
        },
    ];
}
