namespace DaxSim.Conformance.Reading;

/// <summary>The fields that a line of each format must or may have, with their types.</summary>
internal static class RecordingSchema
{
    private static readonly LineSchema Cells = new(
        "cells",
        new("case", true, FieldKind.Text), new("mapping", true, FieldKind.Text), new("state", true, FieldKind.Text), new("op", true, FieldKind.Text),
        new("result", true, FieldKind.Text), new("errno", false, FieldKind.Text), new("signal", false, FieldKind.Text), new("si_code", false, FieldKind.Text),
        new("step", false, FieldKind.Text), new("ret", false, FieldKind.Number), new("kmsg", false, FieldKind.List), new("killed", false, FieldKind.Number));

    private static readonly LineSchema Probe = new(
        "old/s390",
        new("kernel", true, FieldKind.Text), new("case", true, FieldKind.Text), new("mapping", true, FieldKind.Text), new("op", true, FieldKind.Text),
        new("result", true, FieldKind.Text), new("errno", true, FieldKind.Text, FieldKind.Null), new("signal", true, FieldKind.Text, FieldKind.Null),
        new("value", true, FieldKind.Text), new("dmesg", false, FieldKind.Text), new("badmap", false, FieldKind.Number), new("badmap_from", false, FieldKind.Text),
        new("badmap_suppressed_before", false, FieldKind.Number), new("pass", false, FieldKind.Text));

    /// <summary>One sentence when a required field is missing or a known one has the wrong type, otherwise null.</summary>
    internal static string? Check(RecordingFormat format, RecordedLine line)
        => (format switch { RecordingFormat.Cells => Cells, RecordingFormat.Random => ProgramTrace.Schema, _ => Probe }).Check(line);
}
