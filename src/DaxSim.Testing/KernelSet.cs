using System.Collections;
using DaxSim.Policy;

namespace DaxSim.Testing;

/// <summary>Kernels for a theory, oldest first. Immutable; the filters make new sets. See <see cref="Kernels"/>.</summary>
/// <remarks>
/// With xunit: <c>public static IEnumerable&lt;object[]&gt; Eras => Kernels.EachRelease(Architecture.X8664).From("4.2").Versions;</c> and
/// <c>[Theory, MemberData(nameof(Eras))] public void T(string kernel)</c>. NUnit's TestCaseSource and MSTest's DynamicData take the same rows.
/// </remarks>
public sealed class KernelSet : IReadOnlyList<KernelPolicy>
{
    private readonly KernelPolicy[] kernels;

    internal KernelSet(IEnumerable<KernelPolicy> kernels) => this.kernels = [.. kernels];

    /// <inheritdoc/>
    public int Count => kernels.Length;

    /// <inheritdoc/>
    public KernelPolicy this[int index] => kernels[index];

    /// <summary>One row per kernel with its version as text, for example <c>"4.16"</c>: what the methods of <see cref="Machines"/> take, and what every test framework can show and repeat.</summary>
    public IEnumerable<object[]> Versions => kernels.Select(static k => new object[] { k.Version.ToString() });

    /// <summary>One row per kernel with its <see cref="KernelPolicy"/>.</summary>
    public IEnumerable<object[]> Policies => kernels.Select(static k => new object[] { k });

    /// <summary>The kernels of at least that version.</summary>
    /// <param name="version">For example <c>4.2</c>.</param>
    /// <exception cref="FormatException">The version is not one that DaxSim models.</exception>
    public KernelSet From(string version)
    {
        var first = KernelVersion.Parse(version);
        return Where(k => k.Version >= first);
    }

    /// <summary>The kernels of at most that version.</summary>
    /// <param name="version">For example <c>5.7</c>.</param>
    /// <exception cref="FormatException">The version is not one that DaxSim models.</exception>
    public KernelSet UpTo(string version)
    {
        var last = KernelVersion.Parse(version);
        return Where(k => k.Version <= last);
    }

    /// <summary>The kernels that have a commit.</summary>
    /// <param name="commit">Its id (at least 7 hexadecimal digits) or the change's key.</param>
    /// <exception cref="ArgumentException">There is no such change in the history.</exception>
    public KernelSet With(string commit)
    {
        var change = KernelHistory.Find(commit);
        return Where(k => k.Has(change));
    }

    /// <summary>The kernels that do not have a commit.</summary>
    /// <param name="commit">Its id (at least 7 hexadecimal digits) or the change's key.</param>
    /// <exception cref="ArgumentException">There is no such change in the history.</exception>
    public KernelSet Without(string commit)
    {
        var change = KernelHistory.Find(commit);
        return Where(k => !k.Has(change));
    }

    /// <summary>The kernels that mount a filesystem on a device so that its files use DAX: each is asked.</summary>
    /// <param name="device">See <see cref="DeviceSpec"/>, for example <c>dcssblk:SR</c>.</param>
    /// <param name="fileSystem">ext2, ext4, xfs or erofs.</param>
    /// <exception cref="FormatException">The text describes no device.</exception>
    public KernelSet ThatMountWithDax(string device, string fileSystem)
    {
        var spec = DeviceSpec.Parse(device);
        return Where(k => MountsWithDax(k, spec, fileSystem));
    }

    /// <summary>The kernels that a condition holds for.</summary>
    /// <param name="condition">For example <c>k => k.AnonReuse == AnonReuseRule.MapCount</c>.</param>
    public KernelSet Where(Func<KernelPolicy, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new KernelSet(kernels.Where(condition));
    }

    /// <inheritdoc/>
    public IEnumerator<KernelPolicy> GetEnumerator() => ((IEnumerable<KernelPolicy>)kernels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The kernels, separated by commas.</summary>
    public override string ToString() => string.Join(", ", kernels.Select(static k => k.ToString()));

    private static bool MountsWithDax(KernelPolicy kernel, DeviceSpec spec, string fileSystem)
    {
        var machine = Machine.Build(m => m.Kernel(kernel).Device(spec));
        if (machine.Refusals.Count > 0)
        {
            return false;
        }

        var device = machine.Devices[^1].Name;
        return machine.TryAdmit(device, fileSystem, options: machine.UsualDaxOptions(device, fileSystem)).Result == "dax";
    }
}
