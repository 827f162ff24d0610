using DaxSim.Scenarios.Files;

namespace DaxSim.Scenarios.Reports;

/// <summary>A scenario: what it shows, then for each way it went a timeline and drawings.</summary>
internal static class StorySection
{
    internal static void Write(Html html, ScenarioStory story, string id)
    {
        var scenario = story.Scenario;
        html.Add($"<section id=\"{id}\" class=\"story\"><h2>{scenario.Title}</h2>\n");
        if (scenario.Why.Length > 0)
        {
            html.Add($"<p class=\"lead\">{scenario.Why}</p>\n");
        }

        if (scenario.Sources.Count > 0)
        {
            html.Add($"<p class=\"source\">Evidence: {string.Join("; ", scenario.Sources)}.</p>\n");
        }

        for (var i = 0; i < story.Eras.Count; i++)
        {
            Era(html, story.Eras[i], $"{id}-{i + 1}", open: i == story.Eras.Count - 1);
        }

        html.Raw("</section>\n");
    }

    private static void Era(Html html, StoryEra era, string id, bool open)
    {
        var run = era.Runs[0];
        html.Raw(open ? "<details class=\"era\" open>" : "<details class=\"era\">");
        html.Add($"<summary><span class=\"kernels\">{era.Kernels}</span> <span class=\"arch\">{run.Architecture.Name}</span> <span class=\"chip {(run.Passed ? "good" : "bad")}\">{(run.Passed ? "as expected" : "not as expected")}</span> <span class=\"gist\">{Gist(run)}</span></summary>\n");
        Timeline.Write(html, era);
        html.Raw("<div class=\"drawings\">\n");
        var forks = Enumerable.Range(1, Math.Max(era.Moments.Count - 1, 0)).Where(i => era.Moments[i].Step is { Action: "fork", Outcome.Verdict.IsOk: true }).ToList();
        if (forks.Count > 0)
        {
            PageTableDrawing.Write(html, era.Moments[forks[0] - 1], "Page tables before fork", $"{id}-before");
            PageTableDrawing.Write(html, era.Moments[forks[0]], "Page tables after fork", $"{id}-after");
        }

        if (era.Moments.LastOrDefault(m => m.Tables.Any(t => t.Pages.Count > 0)) is { } last && (forks.Count == 0 || last != era.Moments[forks[0]]))
        {
            PageTableDrawing.Write(html, last, last == era.Moments[^1] ? "Page tables at the end" : $"Page tables after step {last.Step?.Number}", $"{id}-end");
        }

        MemoryMapDrawing.Write(html, era, $"{id}-memory");
        CountsDrawing.Write(html, era, $"{id}-counts");
        html.Raw("</div></details>\n");
    }

    /// <summary>The outcomes that are worth a word in the heading.</summary>
    private static string Gist(ScenarioRun run)
        => string.Join(" · ", run.Steps.Where(s => !s.Outcome.Verdict.IsOk || s.Outcome.IsSkipped || s.Action == "mount" || s.Outcome.Value is not null).Take(5).Select(s => $"{s.Action} {Short(s)}"));

    private static string Short(StepResult step)
    {
        var text = step.Outcome.Value ?? step.Outcome.ToString();
        return text.Length <= 24 ? text : $"{text[..23]}…";
    }
}
