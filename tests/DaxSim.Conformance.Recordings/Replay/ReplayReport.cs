using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Replay;

/// <summary>The counts of one replayed file. Its size depends on the number of different operations and mappings, not on the file.</summary>
public sealed class ReplayReport
{
    // Far above what any recording has; input with endless different names ends up in one row.
    private const int MaximumRows = 20_000;
    private readonly Dictionary<(string Operation, string Mapping), Tally> rows = [];

    internal ReplayReport(string file)
    {
        File = file;
    }

    /// <summary>The file as it was named.</summary>
    public string File { get; }

    /// <summary>The kernel release that was replayed, or null when it never became known.</summary>
    public KernelRelease? Kernel { get; internal set; }

    /// <summary>Everything.</summary>
    public Tally All { get; } = new();

    /// <summary>The core operations.</summary>
    public Tally Core { get; } = new();

    /// <summary>The others.</summary>
    public Tally Periphery { get; } = new();

    /// <summary>The programs with explicit operands that were replayed.</summary>
    public long Programs { get; internal set; }

    /// <summary>Those whose every line agreed, the final contents included.</summary>
    public long ProgramsAgree { get; internal set; }

    /// <summary>Differences that the errata does not list.</summary>
    public long UnlistedDifferences { get; internal set; }

    /// <summary>Lines, or whole files, that could not be read.</summary>
    public long Damaged { get; internal set; }

    /// <summary>The counts per operation and mapping, ordered by name.</summary>
    public IEnumerable<(string Operation, string Mapping, Tally Tally)> Rows
        => rows.OrderBy(r => r.Key.Operation, StringComparer.Ordinal).ThenBy(r => r.Key.Mapping, StringComparer.Ordinal).Select(r => (r.Key.Operation, r.Key.Mapping, r.Value));

    internal void Count(Judgement comparison)
    {
        var observation = comparison.Observation;
        var operation = OperationCatalog.IsKnown(observation.Format, observation.Operation) ? OperationCatalog.WithoutState(observation.Operation) : "(unknown operation)";
        var mapping = MappingOf(observation);
        All.Count(comparison.Agreement);
        (OperationCatalog.Classify(observation.Format, observation.Operation) == OperationClass.Core ? Core : Periphery).Count(comparison.Agreement);
        if (!rows.TryGetValue((operation, mapping), out var row))
        {
            var key = rows.Count < MaximumRows ? (operation, mapping) : ("(other)", "(other)");
            if (!rows.TryGetValue(key, out row))
            {
                rows[key] = row = new Tally();
            }
        }

        row.Count(comparison.Agreement);
    }

    private static string MappingOf(Observation observation) => observation.Format switch
    {
        RecordingFormat.Cells => observation.Mapping == "-" ? "env" : observation.Mapping,
        RecordingFormat.Random => "program",
        _ => observation.Mapping == "-" ? "-" : $"{observation.Text("case")}/{observation.Mapping}",
    };
}
