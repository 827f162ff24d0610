using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Scenarios.Files;

/// <summary>The machine of a running scenario right after a step, for those who draw it.</summary>
/// <param name="Machine">The machine; look, do not touch.</param>
/// <param name="Step">The step that was just done; null right after the machine was put together.</param>
/// <param name="Processes">Every process by the name it has in the scenario, in the order in which they were started.</param>
/// <param name="Areas">The mappings that have a name.</param>
public sealed record ScenarioMoment(Machine Machine, StepResult? Step, IReadOnlyList<(string Name, Process Process)> Processes, IReadOnlyList<ScenarioArea> Areas);

/// <summary>Runs scenarios with the public calls of the library, those that unit tests use.</summary>
public static class ScenarioRunner
{
    /// <summary>Runs a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="kernels">The kernels; null for those that it names.</param>
    /// <exception cref="FormatException">The machine or a step makes no sense there; the message is one line with file, line, column and reason.</exception>
    public static ScenarioResult Run(Scenario scenario, IReadOnlyList<KernelVersion>? kernels = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return new ScenarioResult(scenario, [.. (kernels ?? scenario.RunsOn).Select(k => RunOn(scenario, k))]);
    }

    /// <summary>Runs a scenario on one kernel.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="watch">Is shown the machine when it is put together and after every step; null when nobody looks.</param>
    /// <exception cref="FormatException">The machine or a step makes no sense there; the message is one line with file, line, column and reason.</exception>
    public static ScenarioRun RunOn(Scenario scenario, KernelVersion kernel, Action<ScenarioMoment>? watch = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        Machine machine;
        try
        {
            machine = scenario.Machine.Build(kernel);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new FormatException($"{scenario.File}: the machine cannot be built on kernel {kernel}: {OneLine(problem)}");
        }

        var world = new ScenarioWorld(machine);
        var results = new List<StepResult>();
        Show(null);
        foreach (var mount in scenario.Machine.Mounts)
        {
            Take(DoMount(world, scenario, mount, kernel));
        }

        for (var i = 0; i < scenario.Steps.Count; i++)
        {
            var step = scenario.Steps[i];
            if (step.Only?.Contains(kernel) != false)
            {
                Take(DoStep(world, step, i + 1, kernel));
            }
            else if (step.As is { } name)
            {
                world.Forget(name);
            }
        }

        return new ScenarioRun(kernel, machine.Policy.Architecture, results, [.. machine.Audit().Select(f => f.ToString())]);

        void Take(StepResult result)
        {
            results.Add(result);
            Show(result);
        }

        void Show(StepResult? result)
            => watch?.Invoke(new ScenarioMoment(machine, result, [.. world.Named.Where(n => n.Thing is Process).Select(n => (n.Name, (Process)n.Thing))], [.. world.Named.Select(n => n.Thing).OfType<ScenarioArea>()]));
    }

    private static StepResult DoMount(ScenarioWorld world, Scenario scenario, MachineMount mount, KernelVersion kernel)
    {
        var place = new FilePlace(scenario.File, 1, 1);
        var text = $"{mount.Device} on {mount.Path} type {mount.Type}{(mount.Options.Length > 0 ? $" -o {mount.Options}" : "")}";
        return Do(world, () => StepOutcome.Of(MachineFile.Mount(world.Machine, mount), m => m.IsDax ? "dax" : "no-dax"), mount.Expect, kernel, explain: true, null, place, "mount", (outcome, explanation, judged) => new StepResult(0, "mount", text, null, place)
        {
            Outcome = outcome,
            Expected = judged.Expected,
            Passed = judged.Problem is null,
            Problem = judged.Problem,
            Reason = explanation?.Because ?? outcome.Verdict.Reason,
            Tests = explanation?.Steps ?? [],
            Log = explanation?.LogLines ?? [],
        });
    }

    private static StepResult DoStep(ScenarioWorld world, ScenarioStep step, int number, KernelVersion kernel)
    {
        var run = new StepRun(world, step);
        StepOutcome Act() => run.Missing() is { } missing ? StepOutcome.Skip(missing) : step.Verb.Run(run);
        var result = Do(world, Act, step.Expect, kernel, explain: !step.Verb.OnceOnly, step.Log, step.Place, step.Action, (outcome, explanation, judged) =>
        {
            if (step.As is { } name)
            {
                var given = outcome.Given ?? outcome.Sleeping;
                if (given is not null)
                {
                    world.Set(name, given);
                }
                else
                {
                    world.Forget(name);
                }
            }

            return new StepResult(number, step.Action, step.Text, step.Process, step.Place)
            {
                As = step.As,
                Note = step.Note,
                Outcome = outcome,
                Expected = judged.Expected,
                Passed = judged.Problem is null,
                Problem = judged.Problem,
                Reason = outcome.IsSkipped ? null : explanation?.Because ?? outcome.Verdict.Reason,
                Tests = outcome.IsSkipped ? [] : explanation?.Steps ?? [],
                Log = outcome.IsSkipped ? [] : explanation?.LogLines ?? [],
            };
        });
        return result;
    }

    /// <summary>Does something: first on a state that is put back, for the explanation, then for good.</summary>
    private static StepResult Do(
        ScenarioWorld world,
        Func<StepOutcome> act,
        Expectation? expect,
        KernelVersion kernel,
        bool explain,
        string? log,
        FilePlace place,
        string action,
        Func<StepOutcome, Explanation?, (ExpectedOutcome? Expected, string? Problem), StepResult> make)
    {
        try
        {
            var explanation = explain ? world.Machine.Explain(() => act().Verdict) : null;
            var printed = world.Machine.Log.Entries.Count;
            var outcome = act();
            var lines = world.Machine.Log.Entries.Skip(printed).Select(e => e.Text.TrimEnd('\n')).ToList();
            return make(outcome, explanation, Judge(outcome, expect, kernel, log, lines));
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException or OverflowException)
        {
            throw YamlNode.Problem(place, $"{action} makes no sense on kernel {kernel}: {OneLine(problem)}");
        }
    }

    private static (ExpectedOutcome? Expected, string? Problem) Judge(StepOutcome outcome, Expectation? expect, KernelVersion kernel, string? log, List<string> lines)
    {
        var expected = expect is null ? outcome.IsSkipped ? ExpectedOutcome.Skipped : ExpectedOutcome.Ok : expect.On(kernel);
        if (expected?.Matches(outcome) == false)
        {
            return (expected, $"expected {expected}, got {outcome}{(outcome.SkippedBecause is { } because ? $": {because}" : "")}");
        }

        return log is not null && !outcome.IsSkipped && !lines.Exists(l => l.Contains(log, StringComparison.Ordinal))
            ? (expected, $"the kernel did not print '{log}'{(lines.Count == 0 ? " (it printed nothing)" : $" but '{lines[0]}'")}")
            : (expected, null);
    }

    private static string OneLine(Exception problem)
    {
        var text = problem is ArgumentException { ParamName: { } name } ? problem.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : problem.Message;
        return text.ReplaceLineEndings(" ");
    }
}
