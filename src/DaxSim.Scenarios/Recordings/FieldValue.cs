namespace DaxSim.Scenarios.Recordings;

/// <summary>The JSON type of a recorded field.</summary>
public enum FieldKind
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>null.</summary>
    Null,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>An array; the text is its compact JSON.</summary>
    List,

    /// <summary>An object; the text is its compact JSON.</summary>
    Object,
}

/// <summary>One recorded or simulated field: its JSON type, and its value as text.</summary>
/// <param name="Kind">The JSON type.</param>
/// <param name="Text">A string's characters, a number's digits, or the compact JSON of a list or object.</param>
public readonly record struct FieldValue(FieldKind Kind, string Text)
{
    /// <summary>A JSON null.</summary>
    public static FieldValue Null { get; } = new(FieldKind.Null, "null");

    /// <summary>A string.</summary>
    public static FieldValue OfText(string text) => new(FieldKind.Text, text);

    /// <summary>A whole number.</summary>
    public static FieldValue OfNumber(long number) => new(FieldKind.Number, number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>An array or object, given as compact JSON.</summary>
    public static FieldValue OfJson(string json) => new(json.StartsWith('{') ? FieldKind.Object : FieldKind.List, json);

    /// <summary>The text; strings in quotes.</summary>
    public override string ToString() => Kind == FieldKind.Text ? $"\"{Text}\"" : Text;
}
