using DaxSim.Scenarios.Files;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>Scenarios as lines: neighbouring kernels that passed, or failed alike, share one.</summary>
internal static class RunView
{
    private const int Indent = 2;
    private const int WidestText = 110;

    internal static void Write(ToolConsole console, IReadOnlyList<ScenarioResult> results, bool allSteps)
    {
        var paper = new Paper();
        foreach (var result in results)
        {
            paper.Put(result.Scenario.File, Palette.Strong).Put("  ").Put(result.Scenario.Title).Line();
            foreach (var era in Eras(result.Runs, allSteps))
            {
                WriteEra(paper, era, console, allSteps);
            }
        }

        var (passed, failed) = (results.Sum(s => s.Runs.Count(r => r.Passed)), results.Sum(s => s.Runs.Count(r => !r.Passed)));
        var runs = passed + failed;
        paper.Put($"{results.Count} scenario{(results.Count == 1 ? "" : "s")}, {runs} run{(runs == 1 ? "" : "s")}: ").Put($"{passed} passed", passed > 0 ? Palette.Good : Palette.Faint).Put(", ").Put($"{failed} failed", failed > 0 ? Palette.Bad : Palette.Faint).Line();
        console.Ansi().Write(paper);
    }

    /// <summary>Neighbouring kernels with the same story: pass or fail and the same problems; with all steps shown, the same outcomes too.</summary>
    private static List<List<ScenarioRun>> Eras(IReadOnlyList<ScenarioRun> runs, bool allSteps)
    {
        var eras = new List<List<ScenarioRun>>();
        string? last = null;
        foreach (var run in runs)
        {
            var story = string.Join('\n', run.Steps.Where(s => allSteps || !s.Passed).Select(s => $"{s.Number} {s.Outcome} {s.Problem} {(ShowsReason(s) ? s.Reason : null)}").Concat(run.Findings).Prepend(run.Passed.ToString()));
            if (story != last)
            {
                eras.Add([]);
                last = story;
            }

            eras[^1].Add(run);
        }

        return eras;
    }

    private static void WriteEra(Paper paper, List<ScenarioRun> era, ToolConsole console, bool allSteps)
    {
        var (first, last) = (era[0], era[^1]);
        var kernels = first.Kernel == last.Kernel ? first.Kernel.ToString() : $"{first.Kernel}..{last.Kernel}";
        paper.To(Indent).Put(first.Passed ? "pass" : "FAIL", first.Passed ? Palette.Good : Palette.Bad).Put("  ").Put($"{kernels} {first.Architecture}", Palette.Name);
        if (era.Count > 1)
        {
            paper.Put($" ({era.Count} kernels)", Palette.Faint);
        }

        paper.Line();
        foreach (var step in first.Steps.Where(s => allSteps || !s.Passed))
        {
            WriteStep(paper, step, console, allSteps);
        }

        foreach (var finding in first.Findings)
        {
            paper.To(Indent + 6).Put($"audit: {finding}", Palette.Bad).Line();
        }
    }

    private static void WriteStep(Paper paper, StepResult step, ToolConsole console, bool allSteps)
    {
        var width = Math.Min(console.Width ?? WidestText, WidestText);
        var where = step.Number == 0 ? "machine" : $"step {step.Number} (line {step.Place.Line})";
        paper.To(Indent + 6).Put(where, Palette.Faint).Put(" ");
        if (step.Process is { } process)
        {
            paper.Put($"{process}: ", Palette.Name);
        }

        paper.Put($"{step.Action} {step.Text}".TrimEnd());
        if (allSteps)
        {
            paper.Put("  ").Put(step.Outcome.ToString(), StyleOf(step));
        }

        paper.Line();
        if (step.Problem is { } problem)
        {
            paper.To(Indent + 8).Wrap(problem, Indent + 8, width, Palette.Bad).Line();
        }

        if (ShowsReason(step) && step.Reason is { } reason)
        {
            paper.Wrap($"because {reason.Function}: {reason.Because}", Indent + 8, width).Line();
            if (reason.Change is { } change)
            {
                paper.Wrap($"decided by {change.Commit ?? change.Key} {change.Title} ({change.Since})", Indent + 8, width, Palette.Faint).Line();
            }
        }
    }

    private static bool ShowsReason(StepResult step) => !step.Passed || !step.Outcome.Verdict.IsOk;

    private static Style StyleOf(StepResult step)
        => step.Outcome.IsSkipped ? Palette.Faint : step.Outcome.Verdict.IsOk ? Palette.Good : step.Passed ? Palette.Middling : Palette.Bad;
}
