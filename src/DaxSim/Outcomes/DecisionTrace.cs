using DaxSim.Policy;

namespace DaxSim.Outcomes;

/// <summary>One test that the simulated kernel made on its way to an outcome.</summary>
/// <param name="Function">The kernel function that tested.</param>
/// <param name="Test">What it asked.</param>
/// <param name="Answer">What it saw.</param>
/// <param name="Property">The policy property that made it ask or decide so, if any.</param>
public sealed record DecisionStep(string Function, string Test, string Answer, PolicyProperty? Property = null);

/// <summary>Collects the tests of one operation when somebody wants an explanation; null otherwise, which costs nothing.</summary>
/// <param name="limit">How many steps are kept: of more than that, the first half and the last.</param>
internal sealed class DecisionTrace(int limit = int.MaxValue)
{
    private readonly List<DecisionStep> steps = [];

    internal IReadOnlyList<DecisionStep> Steps => steps;

    /// <summary>How many steps were left out between the first half and the last.</summary>
    internal int Omitted { get; private set; }

    internal void Step(string function, string test, string answer, PolicyProperty? property = null)
        => Add(new DecisionStep(function, test, answer, property));

    /// <summary>The steps of an operation within the one that is traced.</summary>
    internal void Append(DecisionTrace inner)
    {
        foreach (var step in inner.steps)
        {
            Add(step);
        }

        Omitted += inner.Omitted;
    }

    private void Add(DecisionStep step)
    {
        if (steps.Count >= limit)
        {
            steps.RemoveAt(limit / 2);
            Omitted++;
        }

        steps.Add(step);
    }
}
