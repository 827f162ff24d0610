namespace DaxSim.Policy;

/// <summary>How the users of get_user_pages hold pages, and how held pages fare.</summary>
internal static class PinChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("shared-force-warning", "3.15", "mm: get_user_pages(write,force) refuse to COW in shared areas", p => p with { SharedForce = SharedForceRule.WarnsOnce })
        {
            Commit = "cda540ace6a1",
            Effect = "ptrace's POKE to a shared area without PROT_WRITE warns once where mprotect could make it writable.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 ptrace_poke_ro_mapping; release and id from memory",
        },
        new("generic-access-whole", "4.0", "mm/memory.c: actually remap enough memory", p => p with { GenericAccess = GenericAccessRule.WholeRequest })
        {
            Commit = "9cb12d7b4cca",
            Effect = "A driver's access method maps as much as was asked for, so that /proc/pid/mem reads on past the end of a device memory mapping.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10, 6.1 and 7.2 procmem_read_span of devmem and pcibar; release and id from memory",
        },
        new("shared-force-warning-retired", "4.5", "mm: retire GUP WARN_ON_ONCE that outlived its usefulness", p => p with { SharedForce = SharedForceRule.Silent })
        {
            Effect = "The warning is gone.",
            Evidence = Evidence.Mail,
            Source = "the patch against 4.5-rc1 on linux-mm; silent in old 4.14.177",
        },
        new("hugetlb-early-copy", "5.12", "hugetlb: do early cow when page pinned on src mm", p => p with { HugeTlbEarlyCopy = HugeTlbEarlyCopyRule.CopiesPinned })
        {
            Commit = "4eae4efa2c29",
            Effect = "fork copies a pinned hugetlb page for the child, as it does with other pinned pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 iouring_fork_parent_write of hugetlb_private; release and id from memory",
        },
    ];
}
