using DaxSim.Policy;

namespace DaxSim.Outcomes;

/// <summary>One test that the simulated kernel made on its way to an outcome.</summary>
/// <param name="Function">The kernel function that tested.</param>
/// <param name="Test">What it asked.</param>
/// <param name="Answer">What it saw.</param>
/// <param name="Property">The policy property that made it ask or decide so, if any.</param>
public sealed record DecisionStep(string Function, string Test, string Answer, PolicyProperty? Property = null);

/// <summary>Collects the tests of one operation when somebody wants an explanation; null otherwise, which costs nothing.</summary>
internal sealed class DecisionTrace
{
    private readonly List<DecisionStep> steps = [];

    internal IReadOnlyList<DecisionStep> Steps => steps;

    internal void Step(string function, string test, string answer, PolicyProperty? property = null)
        => steps.Add(new DecisionStep(function, test, answer, property));
}
