using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>What one change alters: a behaviour before and after, and on which of its architectures.</summary>
internal sealed record ChangeEffect(PolicyProperty Property, string Before, string After, IReadOnlyList<Architecture> Architectures);

/// <summary>A change of the history together with what it alters.</summary>
internal sealed record ChangeWithEffects(KernelChange Change, IReadOnlyList<ChangeEffect> Effects)
{
    /// <summary>Folds the kernel of the change's first release with and without it, on every architecture it concerns.</summary>
    internal static ChangeWithEffects Of(KernelChange change)
    {
        var effects = new List<ChangeEffect>();
        foreach (var architecture in Architecture.All.Where(change.Concerns))
        {
            var after = KernelPolicy.Mainline(change.Since, architecture);
            var before = after.Revert(change.Key);
            foreach (var property in after.DifferencesTo(before))
            {
                var (was, became) = (before.Describe(property), after.Describe(property));
                var index = effects.FindIndex(e => e.Property == property && e.Before == was && e.After == became);
                if (index < 0)
                {
                    effects.Add(new ChangeEffect(property, was, became, [architecture]));
                }
                else
                {
                    effects[index] = effects[index] with { Architectures = [.. effects[index].Architectures, architecture] };
                }
            }
        }

        return new ChangeWithEffects(change, effects);
    }
}

/// <summary>Which changes of the history are asked for. An empty filter lets everything through.</summary>
internal sealed class HistoryFilter
{
    internal IReadOnlyList<(KernelVersion From, KernelVersion To)> Ranges { get; init; } = [];

    internal Architecture? Architecture { get; init; }

    internal string? Text { get; init; }

    internal PolicyProperty? Property { get; init; }

    internal Evidence? Evidence { get; init; }

    internal IReadOnlyList<ChangeWithEffects> Apply()
        => [.. KernelHistory.Changes.Where(Matches).Select(ChangeWithEffects.Of).Where(c => Property is null || c.Effects.Any(e => e.Property == Property))];

    private bool Matches(KernelChange change)
        => (Ranges.Count == 0 || Ranges.Any(r => change.Backports.Prepend(change.Since).Any(v => v >= r.From && v <= r.To)))
        && (Architecture is null || change.Concerns(Architecture))
        && (Evidence is null || change.Evidence == Evidence)
        && (Text is null || Contains(change.Key) || Contains(change.Commit) || Contains(change.Title) || Contains(change.Effect));

    private bool Contains(string? text) => text is not null && text.Contains(Text!, StringComparison.OrdinalIgnoreCase);
}
