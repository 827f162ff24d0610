using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Rendering;

/// <summary>One mount as text: question, verdict, tests, dmesg, deciding commit.</summary>
internal static class AdmitView
{
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

        DecisionView.WriteTests(paper, console, answer.Tests);
        DecisionView.WriteLog(paper, answer.Log);
        DecisionView.WriteReason(paper, console, answer.Reason);
        console.Ansi().Write(paper);
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
