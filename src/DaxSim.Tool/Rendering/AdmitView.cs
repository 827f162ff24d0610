using DaxSim.Outcomes;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Rendering;

/// <summary>One mount as text: question, verdict, tests, dmesg, deciding commit.</summary>
internal static class AdmitView
{
    private const int Indent = 2;

    internal static void Write(ToolConsole console, MountAnswer answer)
    {
        var paper = new Paper();
        var question = answer.Question;
        paper.Put(question.Policy.ToString(), Palette.Strong).Put("  ").Put(question.Device.ToString(), Palette.Name)
            .Put($"  {question.FileSystem}, {question.EffectiveBlockSize}-byte blocks{string.Concat(question.Features.Select(f => $", {f}"))}  {answer.OptionsText}").Line();
        paper.Wrap(Verdict(answer), 0, console.Width, Palette.Of(answer.Outcome)).Line();
        if (answer.ProcMounts is { } shown)
        {
            paper.Wrap($"/proc/mounts: {shown}", 0, console.Width, Palette.Faint).Line();
        }

        WriteTests(paper, console, answer);
        WriteLog(paper, answer);
        WriteReason(paper, console, answer.Reason);
        console.Ansi().Write(paper);
    }

    private static void WriteTests(Paper paper, ToolConsole console, MountAnswer answer)
    {
        if (answer.Tests.Count == 0)
        {
            return;
        }

        paper.Line().Put("Tests, in the kernel's order", Palette.Strong).Line();
        string? function = null;
        var number = 0;
        foreach (var test in answer.Tests)
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

    private static void WriteLog(Paper paper, MountAnswer answer)
    {
        if (answer.Log.Count == 0)
        {
            return;
        }

        paper.Line().Put("dmesg", Palette.Strong).Line();
        foreach (var line in answer.Log)
        {
            paper.To(Indent).Put(line).Line();
        }
    }

    private static void WriteReason(Paper paper, ToolConsole console, Reason? reason)
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
                .Wrap($"{change.Title} ({change.Since}, {change.Evidence}, {change.Source})", Indent, console.Width).Line();
        }
    }

    private static string Verdict(MountAnswer answer) => answer.Outcome switch
    {
        CellOutcome.Dax => "DAX: mounted, and files use DAX",
        CellOutcome.NoDax => "no DAX: mounted, but files do not use DAX",
        CellOutcome.Refused => $"{answer.Errno}: the mount fails",
        CellOutcome.Absent => $"{answer.Errno}: this kernel has no such device or filesystem",
        _ => "unknown: nobody has read or recorded this case",
    };
}
