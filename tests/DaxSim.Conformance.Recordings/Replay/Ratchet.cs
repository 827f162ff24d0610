using System.Globalization;
using System.Text;

namespace DaxSim.Conformance.Replay;

/// <summary>The counts that were reached once and may not be lost: one line per file and operation.</summary>
public sealed class Ratchet
{
    private readonly SortedDictionary<(string File, string Operation), Entry> entries;

    private Ratchet(SortedDictionary<(string File, string Operation), Entry> entries)
    {
        this.entries = entries;
    }

    /// <summary>The file names that have entries.</summary>
    public IReadOnlyList<string> Files => [.. entries.Keys.Select(k => k.File).Distinct()];

    /// <summary>The counts of replayed files.</summary>
    public static Ratchet Of(IEnumerable<ReplayReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var entries = new SortedDictionary<(string File, string Operation), Entry>(KeyOrder.Instance);
        foreach (var report in reports)
        {
            foreach (var operation in report.Rows.GroupBy(r => r.Operation))
            {
                entries[(NameOf(report.File), operation.Key)] = new Entry(operation.Sum(r => r.Tally.Agree), operation.Sum(r => r.Tally.Differ), operation.Sum(r => r.Tally.Unknown));
            }

            if (report.Programs > 0)
            {
                entries[(NameOf(report.File), "(programs)")] = new Entry(report.ProgramsAgree, report.Programs - report.ProgramsAgree, 0);
            }
        }

        return new Ratchet(entries);
    }

    /// <summary>Reads a ratchet file.</summary>
    /// <exception cref="FormatException">A line is not one; the message says which.</exception>
    public static Ratchet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var entries = new SortedDictionary<(string File, string Operation), Entry>(KeyOrder.Instance);
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var parts = line.Split('\t');
            if (parts.Length != 5 || !TryNumber(parts[2], out var agree) || !TryNumber(parts[3], out var differ) || !TryNumber(parts[4], out var unknown))
            {
                throw new FormatException($"Line {number} of the ratchet is not 'file, operation, agree, differ, unknown' separated by tabs.");
            }

            entries[(parts[0], parts[1])] = new Entry(agree, differ, unknown);
        }

        return new Ratchet(entries);
    }

    /// <summary>The text of the ratchet file.</summary>
    public string ToText()
    {
        var text = new StringBuilder("# What the replay of the recordings reached: file, operation, agree, differ, unknown.\n# A test fails when an agreement is lost or a difference appears. tests/DaxSim.Conformance/README.md says how to update it.\n");
        foreach (var (key, entry) in entries)
        {
            text.Append(CultureInfo.InvariantCulture, $"{key.File}\t{key.Operation}\t{entry.Agree}\t{entry.Differ}\t{entry.Unknown}\n");
        }

        return text.ToString();
    }

    /// <summary>One sentence for every count that became worse than this ratchet says; empty when none did.</summary>
    public IReadOnlyList<string> Losses(ReplayReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var now = Of([report]);
        var losses = new List<string>();
        foreach (var (key, entry) in entries.Where(e => e.Key.File == NameOf(report.File)))
        {
            var reached = now.entries.GetValueOrDefault(key);
            if (reached.Agree < entry.Agree || reached.Differ > entry.Differ)
            {
                losses.Add($"{key.Operation}: {reached.Agree} agree and {reached.Differ} differ, where {entry.Agree} agreed and {entry.Differ} differed before");
            }
        }

        foreach (var (key, entry) in now.entries)
        {
            if (!entries.ContainsKey(key))
            {
                losses.Add($"{key.Operation}: not in the ratchet yet ({entry.Agree} agree, {entry.Differ} differ, {entry.Unknown} unknown)");
            }
        }

        return losses;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>The folder (the format) and the file name, so that the same kernel's files of two formats stay apart.</summary>
    private static string NameOf(string path) => $"{Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))}/{Path.GetFileName(path)}";

    private readonly record struct Entry(long Agree, long Differ, long Unknown);

    private sealed class KeyOrder : IComparer<(string File, string Operation)>
    {
        internal static readonly KeyOrder Instance = new();

        public int Compare((string File, string Operation) x, (string File, string Operation) y)
        {
            var file = string.CompareOrdinal(x.File, y.File);
            return file != 0 ? file : string.CompareOrdinal(x.Operation, y.Operation);
        }
    }
}
