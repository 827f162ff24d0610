using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>Which kernels a question is about: versions, architecture, configuration, commits taken out or put in.</summary>
internal sealed class KernelChoice
{
    private readonly HashSet<string> applied = new(StringComparer.Ordinal);

    internal required IReadOnlyList<KernelVersion> Versions { get; init; }

    /// <summary>Null when each device is to be looked at on the architecture where it is usually met.</summary>
    internal Architecture? Architecture { get; init; }

    internal KernelConfig? Config { get; init; }

    internal IReadOnlyList<string> Revert { get; init; } = [];

    internal IReadOnlyList<string> Pick { get; init; } = [];

    /// <summary>The one kernel of a question that has only one.</summary>
    internal KernelPolicy One(Architecture architecture) => PolicyOf(Versions[0], architecture);

    /// <summary>A kernel, with the commits taken out or put in. With several kernels, a commit is left alone where it does not apply.</summary>
    internal KernelPolicy PolicyOf(KernelVersion version, Architecture architecture)
    {
        var policy = Config is null ? KernelPolicy.Mainline(version, architecture) : KernelPolicy.Mainline(version, architecture, Config.For(version, architecture));
        foreach (var commit in Revert)
        {
            var change = Find(commit);
            if (policy.Has(change))
            {
                policy = policy.Revert(change.Key);
                applied.Add(commit);
            }
            else if (Versions.Count == 1 && Architecture is not null)
            {
                throw new UsageException($"Kernel {version} on {architecture} does not have {change}, so it cannot be reverted.{WhenItHas(change)}");
            }
        }

        foreach (var commit in Pick)
        {
            var change = Find(commit);
            if (!policy.Has(change) && change.Concerns(architecture))
            {
                policy = policy.Pick(change.Key);
                applied.Add(commit);
            }
            else if (Versions.Count == 1 && Architecture is not null)
            {
                throw new UsageException(change.Concerns(architecture)
                    ? $"Kernel {version} on {architecture} already has {change}, so it cannot be picked."
                    : $"{change} concerns {string.Join(", ", change.Architectures)} only, so it cannot be picked on {architecture}.");
            }
        }

        return policy;
    }

    /// <summary>What is unusual about the kernels, in a sentence; null when nothing is.</summary>
    internal string? Describe()
    {
        var parts = new List<string>();
        if (Config is not null)
        {
            parts.Add($"built as {Config.Source} says");
        }

        parts.AddRange(Revert.Select(c => $"without {Find(c).Commit ?? c}"));
        parts.AddRange(Pick.Select(c => $"with {Find(c).Commit ?? c}"));
        return parts.Count == 0 ? null : $"Kernels {string.Join(", ", parts)}.";
    }

    /// <summary>Complains about a commit that could be taken out of, or put into, none of the kernels.</summary>
    internal void CheckAllApplied()
    {
        foreach (var commit in Revert.Where(c => !applied.Contains(c)))
        {
            throw new UsageException($"None of the kernels asked about has {Find(commit)}, so it cannot be reverted.{WhenItHas(Find(commit))}");
        }

        foreach (var commit in Pick.Where(c => !applied.Contains(c)))
        {
            throw new UsageException($"All of the kernels asked about have {Find(commit)} or are of another architecture, so it cannot be picked.");
        }
    }

    private static KernelChange Find(string commit) => KernelHistory.TryFind(commit, out var change, out var problem) ? change : throw new UsageException(problem);

    private static string WhenItHas(KernelChange change)
    {
        var where = change.Architectures.Count == 0 ? "" : $" on {string.Join(", ", change.Architectures)}";
        return $" It is in {change.Since} and later{where}{(change.Backports.Count == 0 ? "" : $", and in {string.Join(", ", change.Backports)}")}.";
    }
}
