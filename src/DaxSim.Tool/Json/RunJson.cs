using DaxSim.Scenarios.Files;

namespace DaxSim.Tool.Json;

/// <summary>One step on one kernel; step 0 is a mount of the machine.</summary>
internal sealed record RunStepJson(
    int Step,
    long Line,
    string? In,
    string Action,
    string Text,
    string? Expected,
    string Outcome,
    string? Value,
    bool Passed,
    string? Problem,
    string? SkippedBecause,
    string? Because,
    string? Function,
    string? Property,
    string? DecidedBy,
    string? DecidedByTitle,
    string? Since,
    string[] Log)
{
    internal static RunStepJson Of(StepResult step) => new(
        step.Number,
        step.Place.Line,
        step.Process,
        step.Action,
        step.Text,
        step.Expected?.ToString(),
        step.Outcome.ToString(),
        step.Outcome.Value,
        step.Passed,
        step.Problem,
        step.Outcome.SkippedBecause,
        step.Reason?.Because,
        step.Reason?.Function,
        step.Reason?.Property?.ToString(),
        step.Reason?.DecidedBy,
        step.Reason?.Change?.Title,
        step.Reason?.Change?.Since.ToString(),
        [.. step.Log]);
}

/// <summary>One scenario on one kernel.</summary>
internal sealed record RunKernelJson(string Kernel, string Arch, bool Passed, RunStepJson[] Steps, string[] Audit);

/// <summary>One scenario.</summary>
internal sealed record RunScenarioJson(string File, string Title, bool Passed, RunKernelJson[] Kernels)
{
    internal static RunScenarioJson Of(ScenarioResult result) => new(
        result.Scenario.File,
        result.Scenario.Title,
        result.Passed,
        [.. result.Runs.Select(r => new RunKernelJson(r.Kernel.ToString(), r.Architecture.Name, r.Passed, [.. r.Steps.Select(RunStepJson.Of)], [.. r.Findings]))]);
}

/// <summary>What <c>daxsim run --json</c> prints.</summary>
internal sealed record RunJson(int Passed, int Failed, RunScenarioJson[] Scenarios)
{
    internal static RunJson Of(IReadOnlyList<ScenarioResult> results) => new(
        results.Sum(s => s.Runs.Count(r => r.Passed)),
        results.Sum(s => s.Runs.Count(r => !r.Passed)),
        [.. results.Select(RunScenarioJson.Of)]);
}
