using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

/// <summary>What one step, or one mount of the machine, came to on one kernel.</summary>
public sealed class StepResult
{
    internal StepResult(int number, string action, string text, string? process, FilePlace place)
    {
        Number = number;
        Action = action;
        Text = text;
        Process = process;
        Place = place;
    }

    /// <summary>The step's number from 1; 0 for a mount of the machine.</summary>
    public int Number { get; }

    /// <summary>What was done, for example <c>mmap</c>.</summary>
    public string Action { get; }

    /// <summary>What it was done with, as the file says it.</summary>
    public string Text { get; }

    /// <summary>The process that did it, or null.</summary>
    public string? Process { get; }

    /// <summary>Where it stands in the file.</summary>
    public FilePlace Place { get; }

    /// <summary>The name that the result got, or null.</summary>
    public string? As { get; internal init; }

    /// <summary>The remark of the file, or null.</summary>
    public string? Note { get; internal init; }

    /// <summary>What was expected; null when the file says nothing about this kernel.</summary>
    public ExpectedOutcome? Expected { get; internal init; }

    /// <summary>What came out.</summary>
    public required StepOutcome Outcome { get; init; }

    /// <summary>True when the outcome, and what the kernel printed, are what was expected.</summary>
    public required bool Passed { get; init; }

    /// <summary>What is wrong, in a line; null when the step passed.</summary>
    public string? Problem { get; internal init; }

    /// <summary>The reason: the outcome's own, or the last test the kernel made; null when there is none.</summary>
    public Reason? Reason { get; internal init; }

    /// <summary>The tests that the kernel's functions made, in order.</summary>
    public IReadOnlyList<DecisionStep> Tests { get; internal init; } = [];

    /// <summary>What the kernel printed meanwhile.</summary>
    public IReadOnlyList<string> Log { get; internal init; } = [];
}

/// <summary>A scenario on one kernel.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Architecture">The architecture.</param>
/// <param name="Steps">The mounts of the machine, then the steps that the kernel is to try.</param>
/// <param name="Findings">What the audit of the machine found afterwards; empty when every reference, mapping and pin adds up.</param>
public sealed record ScenarioRun(KernelVersion Kernel, Architecture Architecture, IReadOnlyList<StepResult> Steps, IReadOnlyList<string> Findings)
{
    /// <summary>True when every step passed and the audit found nothing.</summary>
    public bool Passed => Findings.Count == 0 && Steps.All(s => s.Passed);
}

/// <summary>A scenario on all its kernels.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Runs">One for each kernel, oldest first.</param>
public sealed record ScenarioResult(Scenario Scenario, IReadOnlyList<ScenarioRun> Runs)
{
    /// <summary>True when it passed on every kernel.</summary>
    public bool Passed => Runs.All(r => r.Passed);
}
