using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Errata;

/// <summary>Every known deviation. <c>docs/errata.md</c> is generated from this list.</summary>
public static class ErrataList
{
    /// <summary>The entries, in the order of the document.</summary>
    public static IReadOnlyList<Erratum> Entries { get; } = [];

    /// <summary>The entry that lists a difference, or null.</summary>
    internal static Erratum? Find(Judgement difference, KernelRelease release) => Entries.FirstOrDefault(e => e.Explains?.Invoke(difference, release) == true);
}
