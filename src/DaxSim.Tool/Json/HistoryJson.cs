using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Json;

/// <summary>One behaviour that a change alters.</summary>
internal sealed record EffectJson(string Property, string Before, string After, string[] Architectures);

/// <summary>One element of what <c>daxsim history --json</c> prints.</summary>
internal sealed record HistoryJson(
    string Key,
    string? Commit,
    string Title,
    string Since,
    string[] Backports,
    string[] Architectures,
    string Effect,
    string Evidence,
    string Source,
    EffectJson[] Alters)
{
    internal static HistoryJson Of(ChangeWithEffects item)
    {
        var change = item.Change;
        return new HistoryJson(
            change.Key,
            change.Commit,
            change.Title,
            change.Since.ToString(),
            [.. change.Backports.Select(b => b.ToString())],
            [.. change.Architectures.Select(a => a.Name)],
            change.Effect,
            change.Evidence.ToString(),
            change.Source,
            [.. item.Effects.Select(e => new EffectJson(e.Property.ToString(), e.Before, e.After, [.. e.Architectures.Select(a => a.Name)]))]);
    }
}
