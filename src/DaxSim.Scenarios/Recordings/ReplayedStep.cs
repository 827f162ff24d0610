using DaxSim.Policy;

namespace DaxSim.Scenarios.Recordings;

/// <summary>A program of a recording and how far its replay has come.</summary>
public sealed class ReplayedProgram
{
    internal ReplayedProgram(long seed, KernelRelease release, KernelPolicy kernel)
    {
        Seed = seed;
        Release = release;
        Kernel = kernel;
    }

    /// <summary>The program's name.</summary>
    public long Seed { get; }

    /// <summary>The kernel that was recorded.</summary>
    public KernelRelease Release { get; }

    /// <summary>The kernel that is simulated.</summary>
    public KernelPolicy Kernel { get; }

    /// <summary>The steps and closing lines so far.</summary>
    public long Steps => Agree + Differ + Unknown;

    /// <summary>Those that agree.</summary>
    public long Agree { get; private set; }

    /// <summary>Those that differ.</summary>
    public long Differ { get; private set; }

    /// <summary>Those of which the simulator does not know the outcome.</summary>
    public long Unknown { get; private set; }

    /// <summary>True when a line before the last one is missing or could not be read, so that model and kernel may have parted for that reason.</summary>
    public bool HasGaps { get; internal set; }

    /// <summary>The first step that does not agree, or null.</summary>
    public ReplayedStep? FirstParting { get; private set; }

    internal void Count(ReplayedStep step)
    {
        switch (step.Agreement)
        {
            case Agreement.Agree:
                Agree++;
                return;
            case Agreement.Differ:
                Differ++;
                break;
            default:
                Unknown++;
                break;
        }

        FirstParting ??= step;
    }
}

/// <summary>One step of a program: what was recorded, what the model answers, and why where they part.</summary>
/// <param name="Program">The program, with its counts up to this step.</param>
/// <param name="Line">The recorded step.</param>
/// <param name="Answer">The model's answer.</param>
/// <param name="DifferingFields">The fields that differ, recorded ones first.</param>
public sealed record ReplayedStep(ReplayedProgram Program, RecordedLine Line, Answer Answer, IReadOnlyList<string> DifferingFields)
{
    /// <summary>The step's number; closing lines have the number after the last step.</summary>
    public long Number => Line.Number("step") ?? 0;

    /// <summary>How the two relate.</summary>
    public Agreement Agreement => Answer.UnknownBecause is not null ? Agreement.Unknown : DifferingFields.Count == 0 ? Agreement.Agree : Agreement.Differ;

    /// <summary>How the model came to its answer; given for the first differing step of a program.</summary>
    public Explanation? Explanation { get; init; }

    /// <summary>The operands as <c>name value</c>, in the order of the line: for example <c>P0 mmap slot 0 page 1 n 2 …</c>.</summary>
    public string Call
    {
        get
        {
            var words = Line.Fields
                .Where(f => f.Key is not ("seed" or "step" or "op" or "proc" or "kernel") && !ProgramTrace.IsOutcome(Line.Operation, f.Key))
                .Select(f => $" {f.Key} {f.Value.Text}");
            return $"{(Line.Text("proc") is { } process ? process + " " : "")}{Line.Operation}{string.Concat(words)}";
        }
    }

    /// <summary>What was recorded, as text: <c>ok</c>, <c>EFAULT</c>, <c>SIGBUS/BUS_ADRERR</c>, then other fields as <c>name value</c>.</summary>
    public string Recorded => Outcome(Line.Fields.Where(f => ProgramTrace.IsOutcome(Line.Operation, f.Key)));

    /// <summary>What the model answers, as text.</summary>
    public string Simulated => Answer.UnknownBecause is null ? Outcome(Answer.Fields) : "unknown";

    private static string Outcome(IEnumerable<KeyValuePair<string, FieldValue>> fields)
    {
        var values = fields.ToList();
        string? Text(string name) => values.Find(f => f.Key == name) is { Key: not null } field ? field.Value.Text : null;
        var head = Text("res") switch
        {
            "errno" => Text("errno") ?? "errno",
            "signal" => $"{Text("signal")}/{Text("si_code")}",
            var result => result,
        };
        return string.Join(' ', values.Where(f => f.Key is not ("res" or "errno" or "signal" or "si_code")).Select(f => $"{f.Key} {f.Value.Text}").Prepend(head).OfType<string>());
    }
}
