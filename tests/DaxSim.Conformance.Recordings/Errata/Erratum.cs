using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Policy;

namespace DaxSim.Conformance.Errata;

/// <summary>A known deviation of the simulator from a real kernel.</summary>
/// <param name="Id">A short name.</param>
/// <param name="What">What differs.</param>
/// <param name="Cause">Why the simulator does not do it like the kernel.</param>
/// <param name="Kernels">The kernels concerned, in words.</param>
/// <param name="Evidence">How the kernel's behaviour is known.</param>
/// <param name="Source">Where it was read or recorded.</param>
public sealed record Erratum(string Id, string What, string Cause, string Kernels, Evidence Evidence, string Source)
{
    /// <summary>True for a difference that this entry explains; null for an entry without recorded differences.</summary>
    internal Func<Judgement, KernelRelease, bool>? Explains { get; init; }
}
