using DaxSim.Outcomes;

namespace DaxSim.Tool.Rendering;

/// <summary>The parts that every answer shares: the tests, dmesg, what decided.</summary>
internal static class DecisionView
{
    internal const int Indent = 2;

    internal static void WriteTests(Paper paper, ToolConsole console, IReadOnlyList<DecisionStep> tests)
    {
        if (tests.Count == 0)
        {
            return;
        }

        paper.Line().Put("Tests, in the kernel's order", Palette.Strong).Line();
        string? function = null;
        var number = 0;
        foreach (var test in tests)
        {
            if (test.Function != function)
            {
                function = test.Function;
                paper.To(Indent).Put(function, Palette.Name).Line();
            }

            paper.Put($"{++number,5} ").Wrap(test.Test, 6, console.Width).Put(" ").Wrap(test.Answer, 6, console.Width, Palette.Strong);
            if (test.Property is { } property)
            {
                paper.Put(" ").Wrap(property.ToString(), 6, console.Width, Palette.Faint);
            }

            paper.Line();
        }
    }

    internal static void WriteLog(Paper paper, IReadOnlyList<string> log)
    {
        if (log.Count == 0)
        {
            return;
        }

        paper.Line().Put("dmesg", Palette.Strong).Line();
        foreach (var line in log)
        {
            paper.To(Indent).Put(line).Line();
        }
    }

    internal static void WriteReason(Paper paper, ToolConsole console, Reason? reason)
    {
        if (reason is null)
        {
            return;
        }

        paper.Line().Put("Decided by", Palette.Strong).Line();
        paper.Wrap($"{reason.Function}: {reason.Because}", Indent, console.Width).Line();
        if (reason.Change is { } change)
        {
            paper.To(Indent).Put(change.Commit ?? change.Key, Palette.Name).Put(" ")
                .Wrap($"{change.Title} ({(change.IsProposal ? "proposed" : change.Since.ToString())}, {change.Evidence}, {change.Source})", Indent, console.Width).Line();
        }
    }
}
