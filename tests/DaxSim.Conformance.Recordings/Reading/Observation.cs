namespace DaxSim.Conformance.Reading;

/// <summary>One line of a recording: what was done and what the real kernel answered.</summary>
public sealed class Observation
{
    private readonly List<KeyValuePair<string, FieldValue>> fields;

    internal Observation(string file, long line, RecordingFormat format, List<KeyValuePair<string, FieldValue>> fields)
    {
        File = file;
        Line = line;
        Format = format;
        this.fields = fields;
    }

    /// <summary>The file it was read from.</summary>
    public string File { get; }

    /// <summary>The line, counted from 1.</summary>
    public long Line { get; }

    /// <summary>The format of the line.</summary>
    public RecordingFormat Format { get; }

    /// <summary>Every field in the order of the line.</summary>
    public IReadOnlyList<KeyValuePair<string, FieldValue>> Fields => fields;

    /// <summary>The operation: <c>op</c>.</summary>
    public string Operation => Text("op") ?? "";

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

    /// <summary>The value of a field, or null when the line has no such field.</summary>
    public FieldValue? Value(string name)
    {
        foreach (var field in fields)
        {
            if (field.Key == name)
            {
                return field.Value;
            }
        }

        return null;
    }

    /// <summary>A string field's characters, or null when there is no such field or it is null.</summary>
    public string? Text(string name) => Value(name) is { Kind: FieldKind.Text } value ? value.Text : null;

    /// <summary>A whole number, or null when there is no such field or it is none.</summary>
    public long? Number(string name)
        => Value(name) is { Kind: FieldKind.Number } value && long.TryParse(value.Text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    private string Suffix(string name) => Value(name) is { } value ? $" {name} {value.Text}" : "";
}
