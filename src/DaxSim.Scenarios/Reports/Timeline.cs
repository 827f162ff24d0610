using DaxSim.Scenarios.Files;

namespace DaxSim.Scenarios.Reports;

/// <summary>Steps from top to bottom beside lanes of processes: a dot where a process acts, a branch where it forks, an end where it ends.</summary>
internal static class Timeline
{
    private const int LaneWidth = 22;
    private const int DotY = 15;

    internal static void Write(Html html, StoryEra era)
    {
        var names = era.Moments.Count == 0 ? [] : era.Moments[^1].Processes.Select(p => p.Name).ToList();
        var width = (names.Count + 1) * LaneWidth;
        html.Add($"<div class=\"timeline\" style=\"--gutter:{width}px\">\n<ol>\n");
        var alive = new HashSet<string>(StringComparer.Ordinal);
        foreach (var moment in era.Moments.Where(m => m.Step is not null))
        {
            var before = alive.ToHashSet(StringComparer.Ordinal);
            alive = [.. moment.Processes.Where(p => p.IsAlive).Select(p => p.Name)];
            Step(html, moment.Step!, names, before, alive);
        }

        html.Raw("</ol>\n<ul class=\"lanes\">");
        html.Raw("<li><span class=\"lane l0\"></span>machine and files</li>");
        for (var i = 0; i < names.Count; i++)
        {
            html.Add($"<li><span class=\"lane l{Colour(i + 1)}\"></span>{names[i]}</li>");
        }

        html.Raw("</ul></div>\n");
    }

    internal static string ToneOf(StepResult step)
        => step.Outcome.IsSkipped ? "abs" : step.Outcome.Verdict.Kind switch
        {
            Outcomes.VerdictKind.Ok => "good",
            Outcomes.VerdictKind.Errno => "bad",
            Outcomes.VerdictKind.Signal => "sig",
            Outcomes.VerdictKind.Blocked => "mid",
            _ => "odd",
        };

    private static int Colour(int lane) => lane == 0 ? 0 : ((lane - 1) % 5) + 1;

    private static int X(int lane) => (lane * LaneWidth) + (LaneWidth / 2);

    private static void Step(Html html, StepResult step, List<string> names, HashSet<string> before, HashSet<string> after)
    {
        var lane = step.Process is { } actor ? names.IndexOf(actor) + 1 : step.Action == "spawn" && names.IndexOf(step.Text) >= 0 ? names.IndexOf(step.Text) + 1 : 0;
        html.Add($"<li class=\"{(step.Passed ? "" : "failed")}\"><div class=\"gutter\" aria-hidden=\"true\">");
        for (var i = 0; i < names.Count; i++)
        {
            var (was, live) = (before.Contains(names[i]), after.Contains(names[i]));
            if (was || live)
            {
                html.Add($"<i class=\"line l{Colour(i + 1)}\" style=\"left:{X(i + 1) - 1}px;top:{(was ? 0 : DotY)}px;{(live ? "bottom:0" : $"height:{DotY}px")}\"></i>");
            }
        }

        html.Add($"<svg width=\"{(names.Count + 1) * LaneWidth}\" height=\"30\">");
        if (step.Action == "fork" && step.As is { } child && names.IndexOf(child) is >= 0 and var target && after.Contains(child) && !before.Contains(child))
        {
            html.Add($"<path class=\"branch l{Colour(target + 1)}\" d=\"M{X(lane)} {DotY}H{X(target + 1)}\"/><circle class=\"start l{Colour(target + 1)}\" cx=\"{X(target + 1)}\" cy=\"{DotY}\" r=\"4\"/>");
        }

        html.Add($"<circle class=\"dot {ToneOf(step)}\" cx=\"{X(lane)}\" cy=\"{DotY}\" r=\"6\"/></svg></div>");
        var told = step.Reason is not null || step.Log.Count > 0 || step.Tests.Count > 0;
        html.Raw(told ? "<details class=\"step\"><summary>" : "<div class=\"step plain\">");
        html.Add($"<span class=\"what\">{(step.Process is { } process ? $"{process}: " : "")}<b>{step.Action}</b> {step.Text}</span> <span class=\"outcome {ToneOf(step)}\">{step.Outcome}</span>");
        if (step.Note is { } note)
        {
            html.Add($"<span class=\"note\">{note}</span>");
        }

        if (step.Problem is { } problem)
        {
            html.Add($"<span class=\"problem\">{problem}</span>");
        }

        if (!told)
        {
            html.Raw("</div></li>\n");
            return;
        }

        html.Raw("</summary><div class=\"told\">");
        if (step.Reason is { } reason)
        {
            html.Add($"<p><code>{reason.Function}</code> {reason.Because}</p>");
            if (reason.Change is { } change)
            {
                html.Add($"<p class=\"commit\">{change.Commit ?? change.Key} “{change.Title}” ({change.Since})</p>");
            }
        }

        if (step.Tests.Count > 0)
        {
            html.Raw("<ol class=\"tests\">");
            foreach (var test in step.Tests.Take(24))
            {
                html.Add($"<li><code>{test.Function}</code> {test.Test} <b>{test.Answer}</b></li>");
            }

            html.Raw("</ol>");
        }

        foreach (var line in step.Log.Take(8))
        {
            html.Add($"<pre>{line}</pre>");
        }

        html.Raw("</div></details></li>\n");
    }
}
