using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace DaxSim.Scenarios.Import;

/// <summary>Reads the JSON of ndctl, daxctl and lsblk, which write a number now as a number, now as text, now for people.</summary>
internal static class JsonText
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,");
    private static readonly string[] Units = ["B", "KIB", "MIB", "GIB", "TIB", "PIB", "EIB"];

    internal static JsonDocument Parse(HostFile file)
    {
        try
        {
            return JsonDocument.Parse(file.Bytes, new JsonDocumentOptions { MaxDepth = 32, AllowTrailingCommas = true });
        }
        catch (JsonException problem)
        {
            throw new FormatException($"{file.Name}:{(problem.LineNumber ?? 0) + 1}: it is no JSON: {problem.Message.Split(" LineNumber:")[0].ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>True for text that is not even meant as JSON: the same command without its JSON option.</summary>
    internal static bool IsOther(HostFile file) => file.Text.AsSpan().TrimStart() is not ['[' or '{', ..];

    internal static string? Text(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        }
        : null;

    internal static bool? Bool(JsonElement element, string name) => Text(element, name) switch { "true" or "1" => true, "false" or "0" => false, _ => null };

    internal static IEnumerable<JsonElement> Items(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? Items(value) : [];

    internal static IEnumerable<JsonElement> Items(JsonElement value)
        => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : value.ValueKind == JsonValueKind.Object ? [value] : [];

    /// <summary>Bytes: 34359738368, "34359738368", "32.00 GiB (34.36 GB)", "32G", "0x800000000".</summary>
    internal static long? Size(HostFile file, JsonElement element, string name)
    {
        if (Text(element, name) is not { } text)
        {
            return null;
        }

        return TrySize(text, out var bytes) ? bytes : throw new FormatException($"{file.Name}: {name} is '{IomemReader.Shorten(text)}', which is no size.");
    }

    private static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes) && bytes >= 0;
        }

        var end = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        var number = (end < 0 ? text : text[..end]).Replace(',', '.');
        var unit = (end < 0 ? "" : text[end..].Trim().Split(' ')[0]).ToUpperInvariant();
        var power = unit.Length == 0 ? 0 : Array.FindIndex(Units, u => u == unit || u[..1] == unit || $"{u[..1]}B" == unit);
        if (power < 0 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value < 0)
        {
            return false;
        }

        try
        {
            // What was rounded for people is taken as whole sectors.
            bytes = (long)Math.Ceiling(value * (1L << (10 * power)));
            bytes = number.Contains('.', StringComparison.Ordinal) ? (bytes + 511) / 512 * 512 : bytes;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }
}
