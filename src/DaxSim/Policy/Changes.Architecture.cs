namespace DaxSim.Policy;

/// <summary>What the architectures' page tables could express, and when ZONE_DEVICE could be built.</summary>
internal static class ArchitectureChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("x86-devmap-pte", "4.5", "mm, x86: get_user_pages() for dax mappings", p => p with { DevmapPte = DevmapPteSupport.Bit })
        {
            Commit = "3565fce3a659",
            Effect = "x86_64 page table entries can be marked devmap, so get_user_pages can pin DAX pages that have a struct page.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 1.1",
        },
    ];
}
