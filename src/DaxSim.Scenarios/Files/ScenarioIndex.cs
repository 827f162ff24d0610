using System.Globalization;
using System.Text;

namespace DaxSim.Scenarios.Files;

/// <summary>The page that lists a library of scenarios, made from the files themselves.</summary>
public static class ScenarioIndex
{
    /// <summary>The page in Markdown: what the library is, then every scenario with title, kernels, paragraph and sources, by file name.</summary>
    /// <param name="scenarios">The scenarios.</param>
    public static string Write(IEnumerable<Scenario> scenarios)
    {
        ArgumentNullException.ThrowIfNull(scenarios);
        var all = scenarios.OrderBy(s => Path.GetFileName(s.File), StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        text.Append($"""
            # Scenarios

            {all.Count} stories about DAX, struct page, references and fork, each a file that runs: `daxsim run docs/scenarios`. A test runs all of them on
            every kernel they name. This page is made from the files; how they are written is told in [the guide](../guide/scenarios.md).

            | scenario | what it shows | kernels |
            | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (var scenario in all)
        {
            text.Append(CultureInfo.InvariantCulture, $"| [{Name(scenario)}](#{Name(scenario)}) | {scenario.Title.Replace("|", "\\|", StringComparison.Ordinal)} | {Kernels(scenario)} |\n");
        }

        foreach (var scenario in all)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {Name(scenario)}\n\n**{scenario.Title}.** {Paragraph(scenario.Why)}\n\n");
            text.Append(CultureInfo.InvariantCulture, $"Kernels {Kernels(scenario)}, {scenario.Machine.ChosenArchitecture}; {Count(scenario)}. File: [{Path.GetFileName(scenario.File)}]({Path.GetFileName(scenario.File)}).\n");
            if (scenario.Sources.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"Evidence: {string.Join("; ", scenario.Sources)}.\n");
            }
        }

        return text.ToString();
    }

    private static string Name(Scenario scenario) => Path.GetFileName(scenario.File).Replace(ScenarioFiles.Ending, "", StringComparison.Ordinal);

    private static string Kernels(Scenario scenario) => scenario.Kernels?.ToString() ?? scenario.Machine.Kernel!.Value.ToString();

    private static string Count(Scenario scenario)
        => scenario.Steps.Count == 0 ? $"{scenario.Machine.Mounts.Count} mount{(scenario.Machine.Mounts.Count == 1 ? "" : "s")}" : $"{scenario.Steps.Count} step{(scenario.Steps.Count == 1 ? "" : "s")}";

    private static string Paragraph(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
