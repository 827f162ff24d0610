namespace DaxSim.Policy;

/// <summary>What the architectures' page tables could express, and when ZONE_DEVICE could be built.</summary>
internal static class ArchitectureChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("x86-devmap-pte", "4.5", "mm, x86: get_user_pages() for dax mappings", (PolicyProperty.DevmapPte, (int)DevmapPteSupport.Bit))
        {
            Commit = "3565fce3a659",
            Effect = "x86_64 page table entries can be marked devmap, so get_user_pages can pin DAX pages that have a struct page.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 1.1",
        },
        new("ppc64-devmap-pte", "4.13", "powerpc/mm: Add devmap support for ppc64", (PolicyProperty.DevmapPte, (int)DevmapPteSupport.Bit))
        {
            Commit = "ebd31197931d",
            Effect = "Page table entries of 64-bit powerpc (book3s) can be marked devmap.",
            Architectures = [Architecture.Ppc64Le],
            Evidence = Evidence.Source,
            Source = "gup-fork 1.1, 10.1",
        },
        new("devmap-pte-removed", "6.17", "mm: remove devmap related functions and page table bits", (PolicyProperty.DevmapPte, (int)DevmapPteSupport.Removed))
        {
            Commit = "d438d2734170",
            Effect = "No architecture's page table entries are marked devmap any more; device pages are mapped like others.",
            Evidence = Evidence.Source,
            Source = "gup-fork 1.1",
        },
    ];
}
