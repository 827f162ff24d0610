using DaxSim.Policy;
using DaxSim.Scenarios.Recordings;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>A replay as text: for every program whether it agrees, and where it does not, the steps around the parting and why.</summary>
/// <param name="console">Where to write.</param>
/// <param name="everything">Every step instead of those around the first difference.</param>
internal sealed class ReplayView(ToolConsole console, bool everything) : IReplayWriter
{
    private const int StepsBefore = 3;
    private const int Indent = 10;
    private const int LabelColumn = Indent + 12;

    private readonly Queue<ReplayedStep> before = new();
    private ReplayedProgram? program;

    public void Begin(string file)
    {
        program = null;
    }

    public void Step(ReplayedStep step)
    {
        if (step.Program != program)
        {
            EndProgram();
            StartProgram(step.Program);
        }

        var isParting = step.Program.FirstParting == step;
        if (everything || step.Agreement == Agreement.Differ || isParting)
        {
            while (before.TryDequeue(out var earlier))
            {
                WriteStep(earlier);
            }

            // A program that parted early differs in much that follows; the first difference is the one that tells.
            if (everything || isParting || step.Program.Differ == 1)
            {
                WriteStep(step);
            }
        }
        else if (step.Program.FirstParting is null)
        {
            before.Enqueue(step);
            if (before.Count > StepsBefore)
            {
                before.Dequeue();
            }
        }
    }

    public void End(ProgramReplay replay)
    {
        EndProgram();
        var paper = new Paper();
        if (replay.Programs > 0)
        {
            paper.Put($"{replay.Programs} {(replay.Programs == 1 ? "program" : "programs")}, {replay.ProgramsAgree} agree to the last line", replay.ProgramsAgree == replay.Programs ? Palette.Good : Palette.Bad)
                .Put($"; steps: {replay.Agree} agree, {replay.Differ} differ, {replay.Unknown} unknown").Line();
        }
        else
        {
            paper.Put("No program was replayed.", Palette.Bad).Line();
        }

        console.Ansi().Write(paper);
    }

    public void Finish()
    {
    }

    public void Dispose()
    {
    }

    private void StartProgram(ReplayedProgram next)
    {
        if (program is null || program.Release != next.Release)
        {
            var paper = new Paper();
            paper.Put($"Recorded: {next.Release}", Palette.Strong).Put($"  simulated: {next.Kernel.Version} {next.Kernel.Architecture}").Line();
            console.Ansi().Write(paper);
        }

        program = next;
        before.Clear();
        if (everything)
        {
            console.Out.WriteLine($"program {next.Seed}");
        }
    }

    private void EndProgram()
    {
        if (program is null)
        {
            return;
        }

        before.Clear();
        var paper = new Paper();
        paper.Put($"program {program.Seed}: ");
        if (program.FirstParting is { } parting)
        {
            paper.Put($"parts at step {parting.Number} (line {parting.Line.Line})", program.Differ > 0 ? Palette.Bad : Palette.Odd)
                .Put($"; {program.Agree} of {program.Steps} lines agree, {program.Differ} differ, {program.Unknown} unknown{(program.HasGaps ? "; lines are missing" : "")}");
        }
        else
        {
            paper.Put("agrees", Palette.Good).Put($", {program.Steps} lines{(program.HasGaps ? "; lines are missing" : "")}");
        }

        console.Ansi().Write(paper.Line());
    }

    private void WriteStep(ReplayedStep step)
    {
        var paper = new Paper();
        paper.Put($"{(step.Agreement == Agreement.Agree ? " " : step.Agreement == Agreement.Differ ? "!" : "?")} {step.Number,5}").To(Indent);
        paper.Put(step.Call, step.Agreement == Agreement.Agree ? null : Palette.Strong);
        if (step.Agreement == Agreement.Agree)
        {
            console.Ansi().Write(paper.Put($"  -> {step.Recorded}", Palette.Faint).Line());
            return;
        }

        paper.Line();
        Field(paper, "recorded", step.Recorded, Palette.Good);
        Field(paper, "model", step.Simulated, step.Agreement == Agreement.Differ ? Palette.Bad : Palette.Odd);
        if (step.Answer.UnknownBecause is { } unknown)
        {
            Field(paper, "because", unknown);
        }
        else if (step.Explanation?.Because is { } reason)
        {
            Field(paper, "because", $"{reason.Function}: {reason.Because}{(reason.Property is { } property ? $" ({property})" : "")}");
            if (reason.Change is { } change)
            {
                Field(paper, "decided by", $"{change.Commit ?? change.Key} {change.Title} ({change.Since}, {change.Evidence}, {change.Source})");
            }
        }
        else if (step.Answer.Reasons.Count > 0)
        {
            Field(paper, "because", step.Answer.Reasons[0]);
        }

        console.Ansi().Write(paper);
    }

    private void Field(Paper paper, string label, string text, Style? style = null)
        => paper.To(Indent).Put(label, Palette.Faint).To(LabelColumn).Wrap(text, LabelColumn, console.Width, style).Line();
}
