using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

/// <summary>
/// A set of kernels in words: <c>4.14</c>, <c>4.16..4.20</c>, <c>..4.15</c>, <c>6.0..</c>, <c>4.14.74</c>, lists with commas. Immutable.
/// </summary>
/// <remarks>A release stands for its point releases too where a range ends with it, and where it stands alone; <c>4.14.74</c> is that point release only.</remarks>
public sealed class KernelRange
{
    private readonly (KernelVersion From, KernelVersion To)[] parts;
    private readonly string text;

    private KernelRange(string text, (KernelVersion From, KernelVersion To)[] parts)
    {
        this.text = text;
        this.parts = parts;
    }

    /// <summary>Every modelled kernel.</summary>
    public static KernelRange All { get; } = Parse("..");

    /// <summary>Reads a set of kernels.</summary>
    /// <exception cref="FormatException">The text describes none; the message says why.</exception>
    public static KernelRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new KernelRange(text, [.. text.Split(',').Select(p => ReadPart(p.Trim()))]);
    }

    /// <summary>True when the kernel is one of them.</summary>
    public bool Contains(KernelVersion kernel)
    {
        foreach (var (from, to) in parts)
        {
            if (kernel >= from && (kernel <= to || (to.IsMainline && kernel.Mainline == to)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The kernels to run: the mainline releases among them, and the point releases that the text names. Oldest first.</summary>
    public IReadOnlyList<KernelVersion> Kernels
    {
        get
        {
            var chosen = new SortedSet<KernelVersion>(KernelVersion.Releases.Where(Contains));
            foreach (var (from, to) in parts)
            {
                chosen.Add(from);
                chosen.Add(to);
            }

            return [.. chosen];
        }
    }

    /// <summary>The text it was read from.</summary>
    public override string ToString() => text;

    private static (KernelVersion From, KernelVersion To) ReadPart(string part)
    {
        var dots = part.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
        {
            var one = KernelVersion.Parse(part);
            return (one, one);
        }

        var (left, right) = (part[..dots].Trim(), part[(dots + 2)..].Trim());
        var from = left.Length == 0 ? KernelVersion.Oldest : KernelVersion.Parse(left);
        var to = right.Length == 0 ? KernelVersion.Newest : KernelVersion.Parse(right);
        return from <= to ? (from, to) : throw new FormatException($"The range '{part}' is empty: write the older kernel first, {to}..{from}.");
    }
}
