using DaxSim.Policy;

namespace DaxSim.Testing;

/// <summary>Which kernels a theory shall run on.</summary>
public static class Kernels
{
    /// <summary>Every mainline release from 3.10 to 7.3. Narrow it with the filters of <see cref="KernelSet"/>.</summary>
    /// <param name="architecture">The architecture.</param>
    public static KernelSet EachRelease(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return new KernelSet(KernelVersion.Releases.Select(v => KernelPolicy.Mainline(v, architecture)));
    }

    /// <summary>The first release of each era: of every stretch of releases that behave alike. The fewest kernels that show every behaviour.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="properties">The behaviours of interest, for example <see cref="PolicyProperty.AnonReuse"/>; none means all that are modelled.</param>
    public static KernelSet EachEra(Architecture architecture, params ReadOnlySpan<PolicyProperty> properties)
        => new(Eras(architecture, properties).Select(static e => e[0]));

    /// <summary>Both sides of each boundary between eras: the last release that behaved one way and the first that behaves another.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="properties">The behaviours of interest; none means all that are modelled.</param>
    public static KernelSet EachEraBoundary(Architecture architecture, params ReadOnlySpan<PolicyProperty> properties)
    {
        var eras = Eras(architecture, properties);
        return new(eras.SelectMany((e, i) => (i > 0 ? e.Take(1) : []).Concat(i < eras.Count - 1 ? e.TakeLast(1) : [])).Distinct());
    }

    /// <summary>The last release without a commit and the first with it.</summary>
    /// <param name="commit">Its id (at least 7 hexadecimal digits) or the change's key, for example <c>569d0365f571</c>.</param>
    /// <param name="architecture">The architecture; null for the first that the change concerns (x86_64 when it concerns all).</param>
    /// <exception cref="ArgumentException">There is no such change, it was only proposed, no modelled release precedes it, or it does not concern that architecture.</exception>
    public static KernelPair BeforeAndAfter(string commit, Architecture? architecture = null)
    {
        var change = KernelHistory.Find(commit);
        var on = Choose(change, architecture);
        if (change.IsProposal)
        {
            throw new ArgumentException($"{change} was never made: use WithAndWithout and a kernel.", nameof(commit));
        }

        var after = KernelVersion.Releases.TakeWhile(v => v < change.Since).ToArray();
        return after.Length == 0
            ? throw new ArgumentException($"{change} is in every modelled release: use WithAndWithout.", nameof(commit))
            : new KernelPair(KernelPolicy.Mainline(after[^1], on), KernelPolicy.Mainline(change.Since, on), change);
    }

    /// <summary>One kernel, without a commit and with it: nothing else differs.</summary>
    /// <param name="commit">Its id (at least 7 hexadecimal digits) or the change's key; a proposal is possible too.</param>
    /// <param name="kernel">A version. If it has the commit it is reverted for the one side, else picked for the other.</param>
    /// <param name="architecture">The architecture; null for the first that the change concerns (x86_64 when it concerns all).</param>
    /// <exception cref="ArgumentException">There is no such change, or it does not concern that architecture.</exception>
    /// <exception cref="FormatException">The version is not one that DaxSim models.</exception>
    public static KernelPair WithAndWithout(string commit, string kernel, Architecture? architecture = null)
    {
        var change = KernelHistory.Find(commit);
        var policy = KernelPolicy.Mainline(kernel, Choose(change, architecture));
        return policy.Has(change)
            ? new KernelPair(policy.Revert(change.Key), policy, change)
            : new KernelPair(policy, policy.Pick(change.Key), change);
    }

    private static Architecture Choose(KernelChange change, Architecture? architecture)
    {
        if (architecture is not null && !change.Concerns(architecture))
        {
            throw new ArgumentException($"{change} concerns {string.Join(", ", change.Architectures)} only.", nameof(architecture));
        }

        return architecture ?? (change.Architectures.Count > 0 ? change.Architectures[0] : Architecture.X8664);
    }

    /// <summary>Stretches of releases without a difference in the properties.</summary>
    private static List<List<KernelPolicy>> Eras(Architecture architecture, ReadOnlySpan<PolicyProperty> properties)
    {
        var eras = new List<List<KernelPolicy>>();
        foreach (var kernel in EachRelease(architecture))
        {
            if (eras.Count == 0 || Differs(eras[^1][^1], kernel, properties))
            {
                eras.Add([]);
            }

            eras[^1].Add(kernel);
        }

        return eras;
    }

    private static bool Differs(KernelPolicy one, KernelPolicy other, ReadOnlySpan<PolicyProperty> properties)
    {
        var differences = one.DifferencesTo(other);
        if (properties.IsEmpty)
        {
            return differences.Count > 0;
        }

        foreach (var property in properties)
        {
            if (differences.Contains(property))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A kernel without a commit and one with it.</summary>
/// <param name="Before">The kernel without.</param>
/// <param name="After">The kernel with it.</param>
/// <param name="Change">The commit.</param>
public sealed record KernelPair(KernelPolicy Before, KernelPolicy After, KernelChange Change)
{
    /// <summary>Two rows for a theory: the kernel (<see cref="KernelPolicy"/>) and whether it has the commit (<see cref="bool"/>).</summary>
    public IEnumerable<object[]> Rows => [[Before, false], [After, true]];

    /// <summary>For example <c>4.15 x86_64 and 4.16 x86_64: 569d0365f571 dax: require 'struct page' …</c>.</summary>
    public override string ToString() => $"{Before} and {After}: {Change}";
}
