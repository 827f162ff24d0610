namespace DaxSim.Scenarios.Recordings;

/// <summary>A field that the lines of a format must or may have.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Required">True when every line has it.</param>
/// <param name="Kind">Its JSON type.</param>
/// <param name="Or">Another type that it may have.</param>
public readonly record struct FieldRule(string Name, bool Required, FieldKind Kind, FieldKind? Or = null)
{
    internal string Expected => Or is { } or ? $"{LineSchema.Article(Kind)} or {LineSchema.Article(or)}" : LineSchema.Article(Kind);

    internal bool Allows(FieldKind kind) => kind == Kind || kind == Or;
}

/// <summary>The fields that a line of a format must or may have, with their types. Other fields are allowed.</summary>
/// <param name="format">The format's name, for messages.</param>
/// <param name="rules">The fields.</param>
public sealed class LineSchema(string format, params FieldRule[] rules)
{
    /// <summary>One sentence when a required field is missing or a known one has the wrong type, otherwise null.</summary>
    public string? Check(RecordedLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        foreach (var rule in rules)
        {
            if (line.Value(rule.Name) is not { } value)
            {
                if (rule.Required)
                {
                    return $"the line has no '{rule.Name}', which every line of the {format} format has.";
                }
            }
            else if (!rule.Allows(value.Kind))
            {
                return $"'{rule.Name}' is {Article(value.Kind)}, expected {rule.Expected}.";
            }
        }

        return null;
    }

    internal static string Article(FieldKind kind) => kind switch
    {
        FieldKind.Text => "a string",
        FieldKind.Number => "a number",
        FieldKind.Null => "null",
        FieldKind.Boolean => "true or false",
        FieldKind.List => "a list",
        _ => "an object",
    };
}
