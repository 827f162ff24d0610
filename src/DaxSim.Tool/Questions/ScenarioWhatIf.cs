using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Tool.Questions;

/// <summary>Scenarios on kernels that the command line changes: another configuration, commits taken out or put in.</summary>
internal static class ScenarioWhatIf
{
    /// <summary>The scenario with the choice written into its machine; the same one when the choice changes nothing.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="choice">What the command line says.</param>
    /// <param name="asked">The kernels that it names; null for those of the scenario.</param>
    internal static Scenario Of(Scenario scenario, KernelChoice choice, IReadOnlyList<KernelVersion>? asked)
    {
        var machine = scenario.Machine with { Architecture = scenario.Machine.Architecture ?? (choice.Config is null ? choice.Architecture : null) };
        if (choice.Describe() is not { } changes)
        {
            return scenario with { Machine = machine };
        }

        var architecture = machine.ChosenArchitecture;
        if (choice.Config is { } config && config.Architecture != architecture)
        {
            throw new UsageException($"{scenario.File} runs on {architecture}, and {config.Source} is a configuration of {config.Architecture}.");
        }

        foreach (var kernel in asked ?? scenario.RunsOn)
        {
            // Says which commits it could be applied to.
            choice.PolicyOf(kernel, architecture);
        }

        return scenario with
        {
            Why = scenario.Why.Length == 0 ? changes : $"{changes} {scenario.Why}",
            Machine = machine with
            {
                ConfigFile = choice.Config is { Source: { } file } ? Path.GetFullPath(file) : machine.ConfigFile,
                Revert = [.. machine.Revert, .. choice.Revert],
                Pick = [.. machine.Pick, .. choice.Pick],
            },
        };
    }
}
