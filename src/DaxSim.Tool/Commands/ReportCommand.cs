using System.CommandLine;
using System.Text;
using System.Text.Json;
using DaxSim.Cells;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;
using DaxSim.Scenarios.Reports;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim report</c>: one HTML file with the matrix as a heat map and scenarios as drawings.</summary>
internal static class ReportCommand
{
    private const string ToOutput = "-";

    internal static Command Build(ToolConsole console)
    {
        var files = new Argument<string[]>("FILES") { Description = $"Scenario files to draw, directories with *{ScenarioFiles.Ending} in and below them, or patterns. None: heat maps only.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string>("--output", "-o") { Description = "Where to write the page; - for standard output. Default: daxsim-report.html.", HelpName = "FILE", DefaultValueFactory = _ => "daxsim-report.html" };
        var title = new Option<string>("--title") { Description = "The heading.", HelpName = "TEXT", DefaultValueFactory = _ => "DAX, struct page and fork, kernel by kernel" };
        var kernels = new KernelOptions("Only these kernels: 4.14, 4.12..4.18, 6.0.., lists with commas. Default: every release for the heat maps, and those that each scenario names.");
        var device = new Option<string[]>("--device", "-d") { Description = "Only these devices in the matrix of mounts. Default: every kind.", HelpName = "SPEC" };
        var mapping = new Option<string[]>("--mapping", "-m") { Description = "A heat map of every operation on this mapping; may be repeated. Default: page-less and ordinary DAX memory.", HelpName = "SPEC" };
        var noMatrix = new Option<bool>("--no-matrix") { Description = "Draw the scenarios only." };
        var json = new Option<bool>("--json") { Description = "Print as JSON what the page holds." };
        var command = new ExampleCommand("report", "Write one HTML file, complete in itself, with the matrix as a heat map whose cells tell why, and scenarios as timelines, memory maps and page tables.")
        {
            Notes = ["--config, --revert and --pick change the kernels of the heat maps and of the scenarios; a scenario's expectations stay those of kernels as they were.", "The page needs no network. It follows the reader's light or dark setting, reads on a phone and works with the keyboard.", ""],
            Examples =
            [
                "report -o report.html",
                "report docs/scenarios/fork-over-page-less-dax.daxsim.yaml --no-matrix -o fork.html",
                "report docs/scenarios --kernels 4.14..5.0 -o scenarios.html --json",
                "report docs/scenarios/fork-over-page-less-dax.daxsim.yaml --no-matrix --revert e1fb4a086495 -o without.html",
                "report --device dcssblk:SR --device pmem:raw --mapping dcssblk:EW/ext4,shared,wr -o dcss.html",
            ],
        };
        command.Add(files);
        command.Add(output);
        command.Add(title);
        kernels.AddTo(command);
        command.Add(device);
        command.Add(mapping);
        command.Add(noMatrix);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(output)!;
            if (Directory.Exists(target))
            {
                throw new UsageException($"{target} is a directory: name the file to write, for example {Path.Combine(target, "report.html")}.");
            }

            if (target == ToOutput && parsed.GetValue(json))
            {
                throw new UsageException("The page and its description cannot both go to standard output: leave out --json, or name a file with --output.");
            }

            var choice = kernels.Read(parsed, KernelVersion.Releases);
            var asked = kernels.NamesKernel(parsed) ? choice.Versions : null;
            var drawn = parsed.GetValue(files) is { Length: > 0 } names ? ScenarioFiles.Find(names).Select(n => ScenarioWhatIf.Of(Scenario.Read(n), choice, asked)).ToList() : [];
            if (drawn.Count == 0 && parsed.GetValue(noMatrix))
            {
                throw new UsageException("Nothing is left to draw: name scenario files, or leave out --no-matrix.");
            }

            if (drawn.Count > 0 && parsed.GetValue(noMatrix))
            {
                choice.CheckAllApplied();
            }

            IReadOnlyList<ReportMatrix> matrices = parsed.GetValue(noMatrix) ? [] : Ask(choice, parsed.GetValue(device) ?? [], parsed.GetValue(mapping) ?? []);
            var report = new Report(parsed.GetValue(title)!, matrices, [.. drawn.Select(s => ScenarioStory.Of(s, asked is null ? null : [.. asked.Where(k => s.Kernels?.Contains(k) ?? true)])).Where(s => s.Eras.Count > 0)]);
            var html = report.ToHtml();
            if (target == ToOutput)
            {
                console.Out.Write(html);
                return ExitCode.Ok;
            }

            Write(target, html);
            var bytes = new FileInfo(target).Length;
            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(ReportJson.Of(target, bytes, report), ToolJson.Default.ReportJson));
            }
            else
            {
                console.Out.WriteLine($"{target}: {Count(report.Matrices.Count, "heat map")}, {Count(report.Stories.Count, "scenario")}, {bytes / 1024} KiB");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static List<ReportMatrix> Ask(KernelChoice choice, string[] devices, string[] mappings)
    {
        var chosen = mappings.Length > 0 ? mappings.Select(CellMapping.Parse) : [CellMapping.Parse("dcssblk:EW/ext4,shared,wr"), CellMapping.Parse("pmem:raw/ext4,shared,wr"), CellMapping.Parse("pmem:fsdax/ext4,shared,wr")];
        return [ReportMatrices.OfMounts(choice, devices.Length > 0 ? [.. devices.Select(DeviceSpec.Parse)] : DeviceSpec.Catalogue), .. chosen.Select(m => ReportMatrices.OfOperations(choice, m))];
    }

    private static void Write(string target, string html)
    {
        try
        {
            File.WriteAllText(target, html, new UTF8Encoding(false));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{target} cannot be written: {problem.Message}");
        }
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
