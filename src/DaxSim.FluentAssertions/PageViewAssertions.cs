using System.Globalization;
using DaxSim.AddressSpaces;
using DaxSim.Processes;
using FluentAssertions.Execution;
using FluentAssertions.Primitives;

namespace FluentAssertions;

/// <summary>What can be expected of a page. A failure prints its page table entry, its counts and who has it.</summary>
public sealed class PageViewAssertions : ReferenceTypeAssertions<PageView?, PageViewAssertions>
{
    internal PageViewAssertions(PageView? page)
        : base(page)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "page";

    /// <summary>At least one pin (FOLL_PIN) is held on it.</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> BePinned(string because = "", params object[] becauseArgs)
    {
        Require(Subject?.Pins > 0, "be pinned", Subject is { HasStructPage: true } ? "it has no pin" : null, because, becauseArgs);
        return new(this);
    }

    /// <summary>Its struct page counts that many references (page_ref_count; where pins are counted by bias, one adds 1024).</summary>
    /// <param name="count">How many.</param>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> HaveReferences(int count, string because = "", params object[] becauseArgs)
    {
        Require(
            Subject?.References == count,
            string.Create(CultureInfo.InvariantCulture, $"have {count} reference{(count == 1 ? "" : "s")}"),
            Subject is { HasStructPage: true } ? string.Create(CultureInfo.InvariantCulture, $"it has {Subject.References}") : null,
            because,
            becauseArgs);
        return new(this);
    }

    /// <summary>Both processes map it, whoever else does.</summary>
    /// <param name="one">A process.</param>
    /// <param name="other">Another.</param>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> BeSharedBy(Process one, Process other, string because = "", params object[] becauseArgs)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var mappers = Subject?.Owners.Where(static o => o.Kind == PageOwnerKind.Mapping).ToList() ?? [];
        Require(
            new[] { one, other }.All(p => mappers.Exists(o => o.ProcessId == p.Id)),
            $"be shared by {one} and {other}",
            mappers.Count == 0 ? "no process maps it" : $"it is mapped by {string.Join(" and ", mappers.Select(static o => o.Name).Distinct())} only",
            because,
            becauseArgs);
        return new(this);
    }

    [CustomAssertion]
    private void Require(bool condition, string expected, string? otherwise, string because, object[] becauseArgs)
    {
        var instead = Subject is null ? "there is none" : otherwise ?? (Subject.Pfn is null ? "nothing is mapped there" : "it has no struct page that could count anything");
        var state = Subject is null ? "" : $"\n\n{string.Join("\n  ", [$"Page at 0x{Subject.Address:x} of {Subject.ProcessName}[{Subject.ProcessId}]: {Subject}", .. Subject.Owners.Select(static o => o.ToString())])}";
        Execute.Assertion
            .BecauseOf(because, becauseArgs)
            .ForCondition(condition)
            .WithDefaultIdentifier(Identifier)
            .FailWith(condition ? "" : $"Expected {{context}} to {Braces.Escape(expected)}{{reason}}, but {Braces.Escape(instead)}.{Braces.Escape(state)}");
    }
}
