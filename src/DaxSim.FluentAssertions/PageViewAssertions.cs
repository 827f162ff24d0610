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

    /// <summary>No pin (FOLL_PIN) is held on it. A page without struct page has none.</summary>
    /// <param name="because">Why it should not.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> NotBePinned(string because = "", params object[] becauseArgs)
    {
        Require(Subject is { Pfn: not null } and not { Pins: > 0 }, "have no pin", Subject is { HasStructPage: true } ? Times(Subject.Pins ?? 0, "pin") : null, because, becauseArgs);
        return new(this);
    }

    /// <summary>That many pins (FOLL_PIN) are held on it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> HavePins(int count, string because = "", params object[] becauseArgs)
    {
        Require(Subject?.Pins == count, string.Create(CultureInfo.InvariantCulture, $"have {count} pin{(count == 1 ? "" : "s")}"), Subject is { HasStructPage: true } ? Times(Subject.Pins ?? 0, "pin") : null, because, becauseArgs);
        return new(this);
    }

    /// <summary>A struct page stands behind it.</summary>
    /// <param name="because">Why it should.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> HaveStructPage(string because = "", params object[] becauseArgs)
    {
        Require(Subject is { HasStructPage: true }, "have a struct page", Subject is { Pfn: not null } ? "it has none" : null, because, becauseArgs);
        return new(this);
    }

    /// <summary>A page is mapped there, but no struct page stands behind it: nothing can take a reference on it.</summary>
    /// <param name="because">Why it should not.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> NotHaveStructPage(string because = "", params object[] becauseArgs)
    {
        Require(Subject is { Pfn: not null, HasStructPage: false }, "have no struct page", Subject is { HasStructPage: true } ? "it has one" : null, because, becauseArgs);
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
        var mappers = Mappers(one, other);
        Require(IsMappedBy(mappers, one, other), $"be shared by {one} and {other}", mappers.Count == 0 ? Nobody : $"it is mapped by {Names(mappers)} only", because, becauseArgs);
        return new(this);
    }

    /// <summary>Not both processes map it: a copy was made for one of them, or one has nothing there.</summary>
    /// <param name="one">A process.</param>
    /// <param name="other">Another.</param>
    /// <param name="because">Why it should not.</param>
    /// <param name="becauseArgs">Values for the placeholders of <paramref name="because"/>.</param>
    [CustomAssertion]
    public AndConstraint<PageViewAssertions> NotBeSharedBy(Process one, Process other, string because = "", params object[] becauseArgs)
    {
        var mappers = Mappers(one, other);
        Require(Subject is { Pfn: not null, Kind: not "zero page" } && !IsMappedBy(mappers, one, other), $"not be shared by {one} and {other}", mappers.Count == 0 ? Nobody : $"it is mapped by {Names(mappers)}", because, becauseArgs);
        return new(this);
    }

    /// <summary>No process is on record for the page: that of the zero page is kept by no kernel.</summary>
    private string? Nobody => Subject switch
    {
        { Kind: "zero page" } => "it is the zero page, of which no kernel knows who maps it: store something first",
        { Pfn: not null } => "no process maps it",
        _ => null,
    };

    private static bool IsMappedBy(List<PageOwner> mappers, Process one, Process other) => mappers.Exists(o => o.ProcessId == one.Id) && mappers.Exists(o => o.ProcessId == other.Id);

    private static string Names(List<PageOwner> mappers) => string.Join(" and ", mappers.Select(static o => o.Name).Distinct());

    private static string Times(int count, string what) => count == 0 ? $"it has no {what}" : string.Create(CultureInfo.InvariantCulture, $"it has {count} {what}{(count == 1 ? "" : "s")}");

    private List<PageOwner> Mappers(Process one, Process other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.Id != other.Id
            ? Subject?.Owners.Where(static o => o.Kind == PageOwnerKind.Mapping).ToList() ?? []
            : throw new ArgumentException($"{one} twice: name two processes of one machine, for example a parent and its child.", nameof(other));
    }

    [CustomAssertion]
    private void Require(bool condition, string expected, string? otherwise, string because, object[] becauseArgs)
    {
        var instead = Subject is null ? "there is none" : otherwise ?? (Subject.Pfn is null ? "nothing is mapped there" : "it has no struct page that could count anything");
        var state = Subject is null ? "" : $"\n\n{string.Join("\n  ", [$"Page at 0x{Subject.Address:x} of {Subject.ProcessName}[{Subject.ProcessId}]: {Subject}", .. Subject.Owners.Select(static o => o.ToString())])}{LastCall.Of(Subject)}";
        Execute.Assertion
            .BecauseOf(because, becauseArgs)
            .ForCondition(condition)
            .WithDefaultIdentifier(Identifier)
            .FailWith(condition ? "" : $"Expected {{context}} to {Braces.Escape(expected)}{{reason}}, but {Braces.Escape(instead)}.{Braces.Escape(state)}");
    }
}
