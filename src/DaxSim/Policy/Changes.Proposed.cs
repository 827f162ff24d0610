namespace DaxSim.Policy;

/// <summary>What was proposed and never merged. The release of such a change is the one that it was talked about for.</summary>
internal static class ProposedChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("proposed-read-only-dax", "4.16", "[direct_access without struct pages for read-only memory only]", (PolicyProperty.AdmissionPfnTest, (int)AdmissionPfnTest.DevmapOrReadOnly))
        {
            IsProposal = true,
            Effect = "Admission demands a devmap pfn, or a device that is read-only: execute-in-place and nothing else.",
            Evidence = Evidence.Mail,
            Source = "linux-fsdevel, 20 and 23 Oct 2017: a constrained direct_access for execute-in-place, a subset of DAX for read-only memory",
        },
    ];
}
