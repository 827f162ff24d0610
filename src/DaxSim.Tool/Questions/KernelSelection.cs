using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>Reads which kernels are meant: <c>4.14</c>, <c>4.12..4.18</c>, <c>..4.20</c>, <c>6.0..</c>, lists with commas.</summary>
internal static class KernelSelection
{
    /// <summary>The kernels, oldest first, each once. A range stands for the mainline releases in it and its ends.</summary>
    internal static IReadOnlyList<KernelVersion> Read(IEnumerable<string> texts)
    {
        var chosen = new SortedSet<KernelVersion>();
        foreach (var part in Parts(texts))
        {
            var (from, to) = ReadRange(part);
            chosen.Add(from);
            chosen.Add(to);
            chosen.UnionWith(KernelVersion.Releases.Where(r => r >= from && r <= to));
        }

        return [.. chosen];
    }

    /// <summary>The ranges themselves, for what is sorted by release rather than run on one.</summary>
    internal static IReadOnlyList<(KernelVersion From, KernelVersion To)> ReadRanges(IEnumerable<string> texts) => [.. Parts(texts).Select(ReadRange)];

    /// <summary>Exactly one kernel.</summary>
    internal static KernelVersion ReadOne(IReadOnlyList<string> texts)
    {
        var chosen = Read(texts);
        return chosen.Count == 1 ? chosen[0] : throw new UsageException($"This command answers for one kernel, not for {chosen.Count}: give --kernel one version, or use 'daxsim matrix'.");
    }

    private static IEnumerable<string> Parts(IEnumerable<string> texts) => texts.SelectMany(t => t.Split(','));

    private static (KernelVersion From, KernelVersion To) ReadRange(string text)
    {
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
        {
            var version = KernelVersion.Parse(text);
            return (version, version);
        }

        var (left, right) = (text[..dots], text[(dots + 2)..]);
        var from = left.Length == 0 ? KernelVersion.Oldest : KernelVersion.Parse(left);
        var to = right.Length == 0 ? KernelVersion.Newest : KernelVersion.Parse(right);
        return from <= to ? (from, to) : throw new UsageException($"The range '{text}' is empty: write the older kernel first, {to}..{from}.");
    }
}
