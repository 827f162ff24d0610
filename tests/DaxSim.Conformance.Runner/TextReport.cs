using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Errata;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Runner;

/// <summary>Prints one file's replay as text: the differences as they are found, then the tables.</summary>
internal sealed class TextReport(TextWriter output, Arguments arguments)
{
    private readonly Dictionary<string, string> unknownBecause = new(StringComparer.Ordinal);
    private long differences;

    internal void Observe(Judgement judgement, Erratum? erratum)
    {
        var observation = judgement.Observation;
        switch (judgement.Agreement)
        {
            case Agreement.Differ:
                differences++;
                if (arguments.Limit == 0 || differences <= arguments.Limit)
                {
                    output.WriteLine($"{observation.File}:{observation.Line}: {observation.Case}{(erratum is null ? "" : $" [errata: {erratum.Id}]")}");
                    output.WriteLine($"    kernel:    {judgement.Expected}");
                    output.WriteLine($"    simulator: {judgement.Got}");
                    if (judgement.Because.Length > 0)
                    {
                        output.WriteLine($"    because:   {judgement.Because}");
                    }
                }

                break;
            case Agreement.Unknown when unknownBecause.Count < 2000:
                unknownBecause.TryAdd(OperationCatalog.WithoutState(observation.Operation), judgement.Because);
                break;
        }
    }

    internal void Finish(ReplayReport report)
    {
        if (arguments.Limit > 0 && differences > arguments.Limit)
        {
            output.WriteLine($"{differences - arguments.Limit} further differences are not shown (--limit 0 shows all).");
        }

        output.WriteLine($"{report.File}: kernel {report.Kernel?.Text ?? "(unknown)"}{(report.Kernel is { } kernel ? $" = {kernel.Version}" : "")}");
        output.WriteLine($"{"operation",-44} {"mapping",-26} {"agree",8} {"differ",8} {"unknown",8}");
        foreach (var operation in report.Rows.GroupBy(r => r.Operation))
        {
            PrintOperation(operation.Key, [.. operation]);
        }

        Print("core", "", report.Core);
        Print("periphery", "", report.Periphery);
        Print("all", "", report.All);
        if (report.Programs > 0)
        {
            output.WriteLine($"programs: {report.Programs}, of which {report.ProgramsAgree} agree to their last line");
        }

        if (report.UnlistedDifferences > 0)
        {
            output.WriteLine($"{report.UnlistedDifferences} differences are not listed in the errata.");
        }

        output.WriteLine();
    }

    /// <summary>One row for the operation; rows for single mappings where they are not all alike.</summary>
    private void PrintOperation(string operation, List<(string Operation, string Mapping, Tally Tally)> rows)
    {
        var total = (Agree: rows.Sum(r => r.Tally.Agree), Differ: rows.Sum(r => r.Tally.Differ), Unknown: rows.Sum(r => r.Tally.Unknown));
        output.WriteLine($"{operation,-44} {(rows.Count == 1 ? rows[0].Mapping : "all"),-26} {total.Agree,8} {total.Differ,8} {total.Unknown,8}");
        if (total.Unknown > 0 && unknownBecause.TryGetValue(operation, out var because))
        {
            output.WriteLine($"    unknown: {because}");
        }

        if (rows.Count == 1)
        {
            return;
        }

        foreach (var row in rows)
        {
            if (arguments.Full || row.Tally.Differ > 0 || (row.Tally.Unknown > 0 && total.Agree > 0))
            {
                Print("", row.Mapping, row.Tally);
            }
        }
    }

    private void Print(string name, string mapping, Tally tally) => output.WriteLine($"{name,-44} {mapping,-26} {tally.Agree,8} {tally.Differ,8} {tally.Unknown,8}");
}
