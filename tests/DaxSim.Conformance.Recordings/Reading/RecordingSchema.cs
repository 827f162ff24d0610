namespace DaxSim.Conformance.Reading;

/// <summary>The fields that a line of each format must or may have, with their types.</summary>
internal static class RecordingSchema
{
    private static readonly Rule[] Cells =
    [
        new("case", true, FieldKind.Text), new("mapping", true, FieldKind.Text), new("state", true, FieldKind.Text), new("op", true, FieldKind.Text),
        new("result", true, FieldKind.Text), new("errno", false, FieldKind.Text), new("signal", false, FieldKind.Text), new("si_code", false, FieldKind.Text),
        new("step", false, FieldKind.Text), new("ret", false, FieldKind.Number), new("kmsg", false, FieldKind.List), new("killed", false, FieldKind.Number),
    ];

    private static readonly Rule[] Probe =
    [
        new("kernel", true, FieldKind.Text), new("case", true, FieldKind.Text), new("mapping", true, FieldKind.Text), new("op", true, FieldKind.Text),
        new("result", true, FieldKind.Text), new("errno", true, FieldKind.Text, FieldKind.Null), new("signal", true, FieldKind.Text, FieldKind.Null),
        new("value", true, FieldKind.Text), new("dmesg", false, FieldKind.Text), new("badmap", false, FieldKind.Number), new("badmap_from", false, FieldKind.Text),
        new("badmap_suppressed_before", false, FieldKind.Number), new("pass", false, FieldKind.Text),
    ];

    private static readonly Rule[] Random =
    [
        new("seed", true, FieldKind.Number), new("step", true, FieldKind.Number), new("op", true, FieldKind.Text), new("kernel", false, FieldKind.Text),
        new("steps", false, FieldKind.Number), new("slots", false, FieldKind.Number), new("slot_pages", false, FieldKind.Number), new("file_pages", false, FieldKind.Number),
        new("proc", false, FieldKind.Text), new("child", false, FieldKind.Text), new("slot", false, FieldKind.Number), new("page", false, FieldKind.Number),
        new("n", false, FieldKind.Number), new("new_n", false, FieldKind.Number), new("to_slot", false, FieldKind.Number), new("to_page", false, FieldKind.Number),
        new("kind", false, FieldKind.Text), new("prot", false, FieldKind.Text), new("file", false, FieldKind.Text), new("off", false, FieldKind.Number),
        new("advice", false, FieldKind.Text), new("pages", false, FieldKind.Number, FieldKind.List), new("src", false, FieldKind.Number), new("shared", false, FieldKind.Number),
        new("value", false, FieldKind.Number), new("values", false, FieldKind.List), new("vec", false, FieldKind.List), new("res", false, FieldKind.Text),
        new("errno", false, FieldKind.Text), new("signal", false, FieldKind.Text), new("si_code", false, FieldKind.Text), new("ret", false, FieldKind.Number),
        new("present", false, FieldKind.Number), new("file_bit", false, FieldKind.Number),
    ];

    /// <summary>One sentence when a required field is missing or a known one has the wrong type, otherwise null.</summary>
    internal static string? Check(RecordingFormat format, Observation line)
    {
        var rules = format switch { RecordingFormat.Cells => Cells, RecordingFormat.Random => Random, _ => Probe };
        foreach (var rule in rules)
        {
            if (line.Value(rule.Name) is not { } value)
            {
                if (rule.Required)
                {
                    return $"the line has no '{rule.Name}', which every line of the {Name(format)} format has.";
                }
            }
            else if (!rule.Allows(value.Kind))
            {
                return $"'{rule.Name}' is {Article(value.Kind)}, expected {rule.Expected}.";
            }
        }

        return null;
    }

    private static string Name(RecordingFormat format) => format switch { RecordingFormat.Cells => "cells", RecordingFormat.Random => "random", _ => "old/s390" };

    private static string Article(FieldKind kind) => kind switch
    {
        FieldKind.Text => "a string",
        FieldKind.Number => "a number",
        FieldKind.Null => "null",
        FieldKind.Boolean => "true or false",
        FieldKind.List => "a list",
        _ => "an object",
    };

    private readonly record struct Rule(string Name, bool Required, FieldKind First, FieldKind? Second = null)
    {
        internal string Expected => Second is { } second ? $"{Article(First)} or {Article(second)}" : Article(First);

        internal bool Allows(FieldKind kind) => kind == First || kind == Second;
    }
}
