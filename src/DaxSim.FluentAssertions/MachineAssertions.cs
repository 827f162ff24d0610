using DaxSim;
using DaxSim.Outcomes;
using FluentAssertions.Execution;
using FluentAssertions.Primitives;

namespace FluentAssertions;

/// <summary>What can be expected of a machine.</summary>
public sealed class MachineAssertions : ReferenceTypeAssertions<Machine?, MachineAssertions>
{
    private const int ShownLines = 40;

    internal MachineAssertions(Machine? machine)
        : base(machine)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "machine";

    /// <summary>Every reference, mapping and pin is accounted for (<see cref="Machine.Audit"/>).</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<MachineAssertions> BeConsistent(string because = "", params object[] becauseArgs)
    {
        var findings = Subject?.Audit() ?? [];
        Require(
            Subject is not null && findings.Count == 0,
            "be consistent",
            findings.Count == 1 ? "one thing is not" : $"{findings.Count} things are not",
            string.Concat(findings.Select(static f => $"\n  {f.Sentence}")),
            because,
            becauseArgs);
        return new(this);
    }

    /// <summary>A line of the simulated dmesg contains that text.</summary>
    /// <param name="text">For example <c>Bad page map</c>; letter case counts.</param>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    /// <returns><c>Which</c> is the first such line.</returns>
    [CustomAssertion]
    public AndWhichConstraint<MachineAssertions, KernelLogEntry> HaveLogged(string text, string because = "", params object[] becauseArgs)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        var entries = Subject?.Log.Entries ?? [];
        var found = entries.FirstOrDefault(e => e.Text.Contains(text, StringComparison.Ordinal));
        var lines = found is null ? entries.SelectMany(static e => e.Text.TrimEnd('\n').Split('\n')).ToList() : [];
        var left = Math.Max(0, lines.Count - ShownLines);
        Require(
            found is not null,
            $"have logged \"{text}\"",
            lines.Count == 0 ? "it has logged nothing" : "no line of its log contains that",
            $"{(left > 0 ? $"\n  … {left} earlier lines …" : "")}{string.Concat(lines.Skip(left).Select(static l => $"\n  {l}"))}",
            because,
            becauseArgs);
        return new(this, found!);
    }

    /// <summary>No line of the simulated dmesg contains that text.</summary>
    /// <param name="text">For example <c>WARNING</c>; letter case counts.</param>
    /// <param name="because">Why it should not.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<MachineAssertions> NotHaveLogged(string text, string because = "", params object[] becauseArgs)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        var lines = (Subject?.Log.Entries ?? []).Where(e => e.Text.Contains(text, StringComparison.Ordinal)).SelectMany(static e => e.Text.TrimEnd('\n').Split('\n')).ToList();
        Require(
            Subject is not null && lines.Count == 0,
            $"not have logged \"{text}\"",
            "it has",
            string.Concat(lines.Take(ShownLines).Select(static l => $"\n  {l}")),
            because,
            becauseArgs);
        return new(this);
    }

    [CustomAssertion]
    private void Require(bool condition, string expected, string otherwise, string details, string because, object[] becauseArgs)
        => Execute.Assertion
            .BecauseOf(because, becauseArgs)
            .ForCondition(condition)
            .WithDefaultIdentifier(Identifier)
            .FailWith(condition ? "" : $"Expected {{context}} to {Braces.Escape(expected)}{{reason}}, but {(Subject is null ? "there is none." : Braces.Escape($"{otherwise}.{details}{LastCall.Of(Subject)}"))}");
}
