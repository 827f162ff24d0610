namespace FluentAssertions;

/// <summary>Text that goes into a message as it is, though it may contain what FluentAssertions takes for placeholders.</summary>
internal static class Braces
{
    internal static string Escape(string text) => text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
}
