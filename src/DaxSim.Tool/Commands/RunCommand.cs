using System.CommandLine;
using System.Text.Json;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim run</c>: scenario files, each on its kernels, with what was expected and what came out.</summary>
internal static class RunCommand
{
    internal static Command Build(ToolConsole console)
    {
        var files = new Argument<string[]>("FILES") { Description = $"Scenario files, directories with *{ScenarioFiles.Ending} in and below them, or patterns with *, ? and **.", Arity = ArgumentArity.ZeroOrMore };
        var kernels = new KernelOptions("Run on these kernels instead of those that the files name: 4.14, 4.12..4.18, 6.0.., lists with commas.", "The architecture of scenarios that name none.");
        var steps = new Option<bool>("--steps", "-s") { Description = "Show every step, not only those that failed." };
        var schema = new Option<bool>("--schema") { Description = "Print the JSON Schema of scenario files, for editors, and do nothing else." };
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("run", "Run scenario files: a machine and steps, each with what it is expected to come to, on every kernel that the file names.")
        {
            Notes =
            [
                "A file has a part machine: (kernel, arch, config, ram, devices, mounts) and a part steps: (spawn, mmap, fork, load, gup, ...).",
                "With --config, --revert or --pick, what fails its expectation is what that would have changed.",
                "A step without expect: must succeed. See docs/scenarios for a library of them, docs/guide/scenarios.md for the format.",
                "",
            ],
            Examples =
            [
                "run docs/scenarios",
                "run docs/scenarios/fork-over-page-less-dax.daxsim.yaml --steps",
                "run \"docs/scenarios/**/*pin*.daxsim.yaml\" --kernels 5.8..6.1 --json",
                "run docs/scenarios/pinned-page-and-fork.daxsim.yaml --revert 70e806e4e645",
                "run --schema",
            ],
        };
        command.Add(files);
        kernels.AddTo(command);
        command.Add(steps);
        command.Add(schema);
        command.Add(json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(schema))
            {
                console.Out.Write(ScenarioSchema.Text);
                return ExitCode.Ok;
            }

            var names = parsed.GetValue(files) is { Length: > 0 } given ? given : throw new UsageException("Say which scenarios: daxsim run FILES, for example daxsim run docs/scenarios.");
            var choice = kernels.Read(parsed, KernelVersion.Releases);
            var chosen = kernels.NamesKernel(parsed) ? choice.Versions : null;
            var scenarios = ScenarioFiles.Find(names).Select(n => ScenarioWhatIf.Of(Scenario.Read(n), choice, chosen)).ToList();
            choice.CheckAllApplied();
            var results = scenarios.Select(s => ScenarioRunner.Run(s, chosen)).ToList();
            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize(RunJson.Of(results), ToolJson.Default.RunJson));
            }
            else
            {
                RunView.Write(console, results, parsed.GetValue(steps));
            }

            return results.TrueForAll(r => r.Passed) ? ExitCode.Ok : ExitCode.DoesNotHold;
        });
        return command;
    }
}
