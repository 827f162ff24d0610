using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Comparison;

/// <summary>One recorded observation set beside the simulator's answer.</summary>
/// <param name="Observation">What was recorded.</param>
/// <param name="Agreement">Whether they agree.</param>
/// <param name="Expected">The recorded fields that differ, as text; empty when they agree.</param>
/// <param name="Got">The simulated fields that differ, as text.</param>
/// <param name="Because">The simulator's explanation of its answer, or why it does not know.</param>
public sealed record Judgement(Observation Observation, Agreement Agreement, string Expected, string Got, string Because)
{
    /// <summary>The names of the fields that differ.</summary>
    public IReadOnlyList<string> DifferingFields { get; init; } = [];
}
