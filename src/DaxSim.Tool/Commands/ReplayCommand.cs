using System.CommandLine;
using System.Globalization;
using DaxSim.Policy;
using DaxSim.Scenarios.Recordings;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim replay</c>: recorded programs against the model, step by step.</summary>
internal static class ReplayCommand
{
    internal static Command Build(ToolConsole console)
    {
        var files = new Argument<string[]>("FILE") { Description = "Recorded programs: JSON lines, plain or gzip.", Arity = ArgumentArity.OneOrMore };
        var kernels = new KernelOptions("Simulate this kernel instead of the recorded one, for example 6.1 or 6.1.192.");
        var program = new Option<string?>("--program", "-p") { Description = "Only the program with this seed, with all its steps.", HelpName = "SEED" };
        var steps = new Option<bool>("--steps") { Description = "Show every step of every program, not only those around the first difference." };
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("replay", "Run recorded programs against the model: what the kernel answered, what the model answers, where they first part and why.")
        {
            Notes =
            [
                "A program is a set-up line and one JSON line per step, with every operand written out; docs/cli.md describes the format.",
                "The recorded kernel is the set-up line's 'kernel', or the file's name (6.1.0-56-cloud-amd64.jsonl.gz); --kernel replaces it.",
            ],
            Examples =
            [
                "replay docs/samples/private-device-memory.jsonl",
                "replay docs/samples/private-device-memory.jsonl --kernel 7.2",
                "replay docs/samples/private-device-memory.jsonl --program 1 --json",
            ],
        };
        command.Add(files);
        kernels.AddTo(command, withArchitecture: false);
        command.Add(program);
        command.Add(steps);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var choice = kernels.Read(parsed, [KernelVersion.Newest]);
            if (choice.Versions.Count != 1)
            {
                throw new UsageException($"A replay simulates one kernel, not {choice.Versions.Count}: give --kernel one version.");
            }

            KernelVersion? named = kernels.NamesKernel(parsed) ? choice.Versions[0] : null;
            var seed = ReadSeed(parsed.GetValue(program));
            var everything = parsed.GetValue(steps) || seed is not null;
            using IReplayWriter writer = parsed.GetValue(json) ? new ReplayJson(console, everything) : new ReplayView(console, everything);
            var (differ, damaged) = (false, false);
            var problems = new ProblemList(console);
            foreach (var file in parsed.GetRequiredValue(files))
            {
                var replay = new ProgramReplay(file, problems.Add, release => KernelOf(choice, release), named, seed);
                writer.Begin(file);
                foreach (var step in replay.Steps())
                {
                    writer.Step(step);
                }

                writer.End(replay);
                differ |= replay.Differ > 0;
                damaged |= replay.Damaged > 0;
                if (seed is not null && replay.Programs == 0)
                {
                    problems.Add(new InputProblem(file, 0, $"there is no program with seed {seed} in it."));
                    damaged = true;
                }
            }

            writer.Finish();
            problems.Finish();
            return differ ? ExitCode.DoesNotHold : damaged ? ExitCode.BadUsage : ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The kernel to simulate for a recorded one (which has the version of --kernel already).</summary>
    private static KernelPolicy KernelOf(KernelChoice choice, KernelRelease release)
        => new KernelChoice
        {
            Versions = [release.Version],
            Architecture = Architecture.X8664,
            Config = choice.Config ?? KernelConfig.Debian(release.Version, Architecture.X8664),
            Revert = choice.Revert,
            Pick = choice.Pick,
        }.One(Architecture.X8664);

    private static long? ReadSeed(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new UsageException($"'{text}' is no seed: a whole number, as the programs' \"seed\" fields have it.");
    }
}
