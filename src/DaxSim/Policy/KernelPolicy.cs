using System.Globalization;

namespace DaxSim.Policy;

/// <summary>
/// How one kernel behaves: the fold of <see cref="KernelHistory"/> up to its version over the 3.10 base, perhaps with commits
/// reverted, picked or single behaviours replaced.
/// </summary>
/// <remarks>
/// <para>Immutable. <c>policy with { … }</c> replaces single behaviours; such a property answers "what if" when asked who set it.</para>
/// <para>Every behaviour is a small enum held as a number, so that two policies compare cheaply and every property knows the change that set it.</para>
/// </remarks>
public sealed partial record KernelPolicy
{
    /// <summary>Room for every behaviour: the members of <see cref="PolicyProperty"/> are numbered from 0. A number, since counting them by reflection costs each process a millisecond.</summary>
    internal const int PropertyRoom = 512;

    /// <summary>In <see cref="setBy"/>: replaced by <c>with</c>. 0 is the 3.10 base, and the change with index n is n + 1.</summary>
    private const short SetByWhatIf = -1;

    private readonly int[] values;
    private readonly short[] setBy;
    private readonly KernelChange[] reverted = [];
    private readonly KernelChange[] picked = [];
    private KernelConfig config;

    private KernelPolicy(KernelVersion version, Architecture architecture, KernelConfig config, KernelChange[] reverted, KernelChange[] picked)
    {
        Version = version;
        Architecture = architecture;
        this.config = config.For(version, architecture);
        this.reverted = reverted;
        this.picked = picked;
        values = new int[PropertyRoom];
        setBy = new short[values.Length];
    }

    /// <summary>The copy that <c>with</c> works on.</summary>
    private KernelPolicy(KernelPolicy original)
    {
        Version = original.Version;
        Architecture = original.Architecture;
        config = original.config;
        reverted = original.reverted;
        picked = original.picked;
        values = [.. original.values];
        setBy = [.. original.setBy];
    }

    /// <summary>The kernel's version.</summary>
    public KernelVersion Version { get; }

    /// <summary>The kernel's architecture.</summary>
    public Architecture Architecture { get; }

    /// <summary>The kernel's configuration: what was built in.</summary>
    /// <exception cref="ArgumentException">The configuration is one of another architecture.</exception>
    public KernelConfig Config
    {
        get
        {
            // Some dependencies between symbols are changes of the history themselves; the copy is kept.
            var facts = KconfigFacts;
            if (!config.Follows(facts))
            {
                config = config.With(facts);
            }

            return config;
        }

        init
        {
            ArgumentNullException.ThrowIfNull(value);
            config = value.For(Version, Architecture);
        }
    }

    /// <summary>The changes that were taken out with <see cref="Revert"/>.</summary>
    public IReadOnlyList<KernelChange> Reverted => reverted;

    /// <summary>The changes that were added with <see cref="Pick"/>.</summary>
    public IReadOnlyList<KernelChange> Picked => picked;

    /// <summary>The policy of a mainline or stable release, with the configuration that is usual for it.</summary>
    /// <param name="version">For example <c>4.14</c> or <c>4.14.74</c>.</param>
    /// <param name="architecture">The architecture.</param>
    /// <exception cref="FormatException">The version is not one that DaxSim models.</exception>
    public static KernelPolicy Mainline(string version, Architecture architecture) => Mainline(KernelVersion.Parse(version), architecture);

    /// <summary>The policy of a mainline or stable release.</summary>
    /// <param name="version">The version.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="config">What was built in; null for the usual configuration of that version and architecture.</param>
    /// <exception cref="ArgumentException">The version is <c>default</c>, which is no release, or the configuration is one of another architecture.</exception>
    public static KernelPolicy Mainline(KernelVersion version, Architecture architecture, KernelConfig? config = null)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        if (version == default)
        {
            throw new ArgumentException("default(KernelVersion) is no release: use KernelVersion.Parse(\"6.1\"), or one of KernelVersion.Releases.", nameof(version));
        }

        return config is null
            ? UsualKernels.Find(version, architecture) ?? UsualKernels.Keep(Fold(version, architecture, KernelConfig.Default(version, architecture), [], []))
            : Fold(version, architecture, config, [], []);
    }

    /// <summary>The policy of the kernel that a configuration file belongs to: the file's first line names version and architecture.</summary>
    /// <param name="text">The text of a file such as /boot/config-6.1.0.</param>
    /// <exception cref="FormatException">The text is no kernel configuration, or one of a kernel that is not modelled.</exception>
    public static KernelPolicy FromKconfig(string text)
    {
        var config = KernelConfig.Parse(text);
        return Mainline(config.Version, config.Architecture, config);
    }

    /// <summary>This kernel with one commit taken out; the history is folded again without it.</summary>
    /// <param name="commit">The commit's id (at least 7 hex digits) or the change's key.</param>
    /// <exception cref="ArgumentException">There is no such change in the history, or this kernel does not have it.</exception>
    public KernelPolicy Revert(string commit)
    {
        var change = KernelHistory.Find(commit);
        if (!Has(change))
        {
            throw new ArgumentException($"Kernel {Version} on {Architecture} does not have {change}, so it cannot be reverted.", nameof(commit));
        }

        return picked.Contains(change)
            ? Refold(reverted, [.. picked.Where(c => c != change)])
            : Refold([.. reverted, change], picked);
    }

    /// <summary>This kernel with one commit added; the history is folded again with it, at its place in the order.</summary>
    /// <param name="commit">The commit's id (at least 7 hex digits) or the change's key.</param>
    /// <exception cref="ArgumentException">There is no such change in the history, this kernel already has it, or it concerns other architectures.</exception>
    public KernelPolicy Pick(string commit)
    {
        var change = KernelHistory.Find(commit);
        if (Has(change))
        {
            throw new ArgumentException($"Kernel {Version} on {Architecture} already has {change}, so it cannot be picked.", nameof(commit));
        }

        if (!change.Concerns(Architecture))
        {
            throw new ArgumentException($"{change} concerns {string.Join(", ", change.Architectures)} only, so it cannot be picked on {Architecture}.", nameof(commit));
        }

        return reverted.Contains(change)
            ? Refold([.. reverted.Where(c => c != change)], picked)
            : Refold(reverted, [.. picked, change]);
    }

    /// <summary>True when this kernel has the change.</summary>
    public bool Has(KernelChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return picked.Contains(change) || (change.IsIn(Version, Architecture) && !reverted.Contains(change));
    }

    /// <summary>The change that set a property, or null when it is as 3.10 was or was replaced by <c>with</c>.</summary>
    public KernelChange? SetBy(PolicyProperty property) => setBy[(int)property] > 0 ? KernelHistory.Everything[setBy[(int)property] - 1] : null;

    /// <summary>True when the property was replaced by <c>with</c>, so that no kernel's history explains it.</summary>
    public bool IsWhatIf(PolicyProperty property) => setBy[(int)property] == SetByWhatIf;

    /// <summary>The property's value as text, for example <c>EEXIST</c> or <c>Exclusive</c>.</summary>
    public string Describe(PolicyProperty property)
    {
        var value = values[(int)property];
        return DescribeArchitecture(property, value)
            ?? DescribeDevices(property, value)
            ?? DescribeAdmission(property, value)
            ?? DescribeFileSystems(property, value)
            ?? DescribeAddressSpaces(property, value)
            ?? DescribeProcesses(property, value)
            ?? DescribeIntrospection(property, value)
            ?? DescribePins(property, value)
            ?? DescribeTracking(property, value)
            ?? DescribeScans(property, value)
            ?? DescribeNamespaces(property, value)
            ?? DescribeNuma(property, value)
            ?? DescribeSwap(property, value)
            ?? throw new ArgumentOutOfRangeException(nameof(property), property, "Not a policy property.");
    }

    /// <summary>Two policies are equal when version, architecture, configuration and every behaviour are.</summary>
    public bool Equals(KernelPolicy? other)
        => other is not null && Version == other.Version && Architecture == other.Architecture && Config.Equals(other.Config) && values.AsSpan().SequenceEqual(other.values);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Version);
        foreach (var value in values)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>For example <c>4.14 s390x</c> or <c>4.16 x86_64 without 569d0365f571</c>.</summary>
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Version} {Architecture}");
        if (reverted.Length > 0)
        {
            text += $" without {string.Join(", ", reverted.Select(c => c.Commit ?? c.Key))}";
        }

        return picked.Length > 0 ? $"{text} with {string.Join(", ", picked.Select(c => c.Commit ?? c.Key))}" : text;
    }

    /// <summary>The behaviours that differ between this kernel and another, in the order of the properties.</summary>
    public IReadOnlyList<PolicyProperty> DifferencesTo(KernelPolicy other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var list = new List<PolicyProperty>();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != other.values[i])
            {
                list.Add((PolicyProperty)i);
            }
        }

        return list;
    }

    private static KernelPolicy Fold(KernelVersion version, Architecture architecture, KernelConfig config, KernelChange[] reverted, KernelChange[] picked)
    {
        var policy = new KernelPolicy(version, architecture, config, reverted, picked);
        foreach (var change in KernelHistory.Everything)
        {
            if (picked.Contains(change) || (change.IsIn(version, architecture) && !reverted.Contains(change)))
            {
                policy.Apply(change);
            }
        }

        return policy;
    }

    private KernelPolicy Refold(KernelChange[] newReverted, KernelChange[] newPicked)
    {
        var policy = Fold(Version, Architecture, config, newReverted, newPicked);
        for (var i = 0; i < values.Length; i++)
        {
            if (setBy[i] == SetByWhatIf)
            {
                policy.values[i] = values[i];
                policy.setBy[i] = SetByWhatIf;
            }
        }

        return policy;
    }

    /// <summary>Gives behaviours the values of a change of the history. Only for a policy that nobody else has seen yet.</summary>
    private void Apply(KernelChange change)
    {
        if (change.Condition is { } condition && !condition(this))
        {
            return;
        }

        foreach (var behaviour in change.Behaviours)
        {
            values[(int)behaviour.Property] = behaviour.Value;
            setBy[(int)behaviour.Property] = (short)(change.Index + 1);
        }
    }

    private int Get(PolicyProperty property) => values[(int)property];

    private void Set(PolicyProperty property, int value)
    {
        values[(int)property] = value;
        setBy[(int)property] = SetByWhatIf;
    }
}
