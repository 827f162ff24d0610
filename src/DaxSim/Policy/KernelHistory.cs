namespace DaxSim.Policy;

/// <summary>Every modelled change of the kernel's behaviour from 3.10 to 7.3, in release order.</summary>
/// <remarks>The changes stand in one file per theme (<c>Changes.*.cs</c>); within one release the themes' order is kept.</remarks>
public static class KernelHistory
{
    private static readonly Dictionary<string, KernelChange> ByName = new(StringComparer.Ordinal);

    /// <summary>The changes, oldest first.</summary>
    public static IReadOnlyList<KernelChange> Changes { get; } = Array.AsReadOnly(Build());

    /// <summary>Changes that were talked about and never made: no kernel has them, but any can be asked what if with <see cref="KernelPolicy.Pick"/>.</summary>
    public static IReadOnlyList<KernelChange> Proposals { get; } = Array.AsReadOnly(BuildProposals());

    /// <summary>Everything that a policy can be folded from, in order.</summary>
    internal static KernelChange[] Everything { get; } = [.. Changes, .. Proposals];

    /// <summary>Finds a change by commit id (at least 7 hex digits of it) or by key.</summary>
    /// <exception cref="ArgumentException">There is none, or the abbreviation fits several.</exception>
    public static KernelChange Find(string commitOrKey)
        => TryFind(commitOrKey, out var change, out var problem) ? change : throw new ArgumentException(problem, nameof(commitOrKey));

    /// <summary>Finds a change by commit id (at least 7 hex digits of it) or by key, without throwing.</summary>
    public static bool TryFind(string commitOrKey, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KernelChange? change, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(commitOrKey);
        problem = null;
        if (ByName.TryGetValue(commitOrKey, out change))
        {
            return true;
        }

        var matches = commitOrKey.Length >= 7 ? Changes.Where(c => c.Commit is not null && (c.Commit.StartsWith(commitOrKey, StringComparison.Ordinal) || commitOrKey.StartsWith(c.Commit, StringComparison.Ordinal))).ToList() : [];
        if (matches.Count > 0 && matches.All(c => c.Commit == matches[0].Commit))
        {
            change = matches[0];
            return true;
        }

        problem = matches.Count == 0
            ? $"'{commitOrKey}' is no commit or key of the history: see 'daxsim history' for the {Changes.Count} there are."
            : $"'{commitOrKey}' fits several commits: {string.Join(", ", matches.Select(c => c.Commit).Distinct())}.";
        return false;
    }

    private static KernelChange[] BuildProposals()
    {
        var list = ProposedChanges.All.ToArray();
        for (var i = 0; i < list.Length; i++)
        {
            list[i].Index = Changes.Count + i;
            ByName.Add(list[i].Key, list[i]);
        }

        return list;
    }

    private static KernelChange[] Build()
    {
        IReadOnlyList<KernelChange>[] themes =
        [
            ArchitectureChanges.All,
            AdmissionChanges.All,
            DeviceChanges.All, DriverChanges.All,
            NamespaceChanges.All,
            Ext2Changes.All,
            Ext4Changes.All,
            XfsChanges.All,
            FileSystemChanges.All,
            AddressSpaceChanges.All,
            SpecialAreaChanges.All,
            FaultChanges.All,
            ProcessChanges.All,
            IntrospectionChanges.All,
            PinChanges.All,
            TrackingChanges.All,
            ScanChanges.All,
            NumaChanges.All,
            SwapChanges.All,
        ];
        var list = SortByRelease(themes);
        for (var i = 0; i < list.Length; i++)
        {
            list[i].Index = i;
            if (!ByName.TryAdd(list[i].Key, list[i]))
            {
                throw new InvalidOperationException($"Two changes have the key {list[i].Key}.");
            }

            // Several changes may come from one commit (one key each); the commit then names the first.
            if (list[i].Commit is { } commit)
            {
                ByName.TryAdd(commit, list[i]);
            }
        }

        return list;
    }

    /// <summary>In release order; within a release as they stand. Counted rather than compared: the framework's sorting of this library's types is compiled anew in each process.</summary>
    private static KernelChange[] SortByRelease(IReadOnlyList<KernelChange>[] themes)
    {
        var next = new int[KernelVersion.Newest.ReleaseIndex + 2];
        foreach (var theme in themes)
        {
            for (var i = 0; i < theme.Count; i++)
            {
                next[theme[i].Since.ReleaseIndex + 1]++;
            }
        }

        for (var release = 1; release < next.Length; release++)
        {
            next[release] += next[release - 1];
        }

        var list = new KernelChange[next[^1]];
        foreach (var theme in themes)
        {
            for (var i = 0; i < theme.Count; i++)
            {
                list[next[theme[i].Since.ReleaseIndex]++] = theme[i];
            }
        }

        return list;
    }
}
