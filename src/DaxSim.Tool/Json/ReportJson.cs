using DaxSim.Scenarios.Reports;

namespace DaxSim.Tool.Json;

/// <summary>One heat map of the report.</summary>
internal sealed record ReportMatrixJson(string Title, int Rows, int Cells);

/// <summary>One scenario of the report.</summary>
internal sealed record ReportScenarioJson(string File, string Title, int Eras, bool Passed);

/// <summary>What <c>daxsim report --json</c> prints: where the file is and what it holds.</summary>
internal sealed record ReportJson(string File, long Bytes, ReportMatrixJson[] Matrices, ReportScenarioJson[] Scenarios)
{
    internal static ReportJson Of(string file, long bytes, Report report) => new(
        file,
        bytes,
        [.. report.Matrices.Select(m => new ReportMatrixJson(m.Title, m.Rows.Count, m.Rows.Sum(r => r.Eras.Count)))],
        [.. report.Stories.Select(s => new ReportScenarioJson(s.Scenario.File, s.Scenario.Title, s.Eras.Count, s.Eras.All(e => e.Runs.All(r => r.Passed))))]);
}
