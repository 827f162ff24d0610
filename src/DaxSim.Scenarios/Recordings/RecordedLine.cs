using System.Globalization;

namespace DaxSim.Scenarios.Recordings;

/// <summary>One line of a recording: a JSON object whose fields say what was done and what the real kernel answered.</summary>
public class RecordedLine
{
    /// <param name="file">The file as it was named.</param>
    /// <param name="number">The line's number, counted from 1.</param>
    /// <param name="fields">Every field in the order of the line.</param>
    public RecordedLine(string file, long number, IReadOnlyList<KeyValuePair<string, FieldValue>> fields)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(fields);
        File = file;
        Line = number;
        Fields = fields;
    }

    /// <summary>The file it was read from.</summary>
    public string File { get; }

    /// <summary>The line, counted from 1.</summary>
    public long Line { get; }

    /// <summary>Every field in the order of the line.</summary>
    public IReadOnlyList<KeyValuePair<string, FieldValue>> Fields { get; }

    /// <summary>The operation: <c>op</c>; empty when the line has none.</summary>
    public string Operation => Text("op") ?? "";

    /// <summary>The value of a field, or null when the line has no such field. Of two fields with one name the last counts, as everywhere in JSON.</summary>
    public FieldValue? Value(string name)
    {
        for (var i = Fields.Count - 1; i >= 0; i--)
        {
            if (Fields[i].Key == name)
            {
                return Fields[i].Value;
            }
        }

        return null;
    }

    /// <summary>A string field's characters, or null when there is no such field or it is no string.</summary>
    public string? Text(string name) => Value(name) is { Kind: FieldKind.Text } value ? value.Text : null;

    /// <summary>A whole number, or null when there is no such field or it is none.</summary>
    public long? Number(string name)
        => Value(name) is { Kind: FieldKind.Number } value && long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
