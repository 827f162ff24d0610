namespace DaxSim.Conformance.Reading;

/// <summary>One line of a recording: what was done and what the real kernel answered.</summary>
public sealed class Observation : RecordedLine
{
    internal Observation(RecordedLine line, RecordingFormat format)
        : base(line.File, line.Line, line.Fields)
    {
        Format = format;
    }

    /// <summary>The format of the line.</summary>
    public RecordingFormat Format { get; }

    /// <summary>The mapping, or "-" where there is none.</summary>
    public string Mapping => Text("mapping") ?? "-";

    /// <summary>The state before the operation (cells only), or "-".</summary>
    public string State => Text("state") ?? "-";

    /// <summary>A name for messages: the case, or seed and step of a program.</summary>
    public string Case => Format switch
    {
        RecordingFormat.Random => $"seed {Value("seed")?.Text} step {Value("step")?.Text}{Suffix("proc")}{Suffix("slot")}{Suffix("file")} {Operation}",
        RecordingFormat.Cells => Text("case") ?? "",
        _ => $"{Text("case")}/{Mapping}/{Operation}",
    };

    private string Suffix(string name) => Value(name) is { } value ? $" {name} {value.Text}" : "";
}
