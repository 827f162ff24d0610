using System.Text;
using System.Text.Json;

namespace DaxSim.Scenarios.Recordings;

/// <summary>Turns one line of JSON into a <see cref="RecordedLine"/>.</summary>
internal sealed class LineParser(string file)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    // The names repeat on every line; a bounded table of them keeps the garbage down.
    private readonly Dictionary<int, string> names = [];

    /// <summary>Reads a line; on failure the result is null and <paramref name="problem"/> is one sentence.</summary>
    /// <param name="line">The line's bytes.</param>
    /// <param name="number">Its number.</param>
    /// <param name="problem">What is wrong.</param>
    internal RecordedLine? Parse(ReadOnlySpan<byte> line, long number, out string? problem)
    {
        List<KeyValuePair<string, FieldValue>> fields;
        try
        {
            fields = ReadFields(line);
        }
        catch (JsonException e)
        {
            problem = line.Length > 0 && line[0] == (byte)'{' && line[^1] != (byte)'}' ? $"the line is cut: {Sentence(e)}" : $"the line is no JSON object: {Sentence(e)}";
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or DecoderFallbackException)
        {
            problem = "the line holds text that is not valid UTF-8.";
            return null;
        }

        problem = null;
        return new RecordedLine(file, number, fields);
    }

    private static string Sentence(JsonException e)
    {
        var text = e.Message;
        var cut = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (cut > 0 ? text[..cut] : text) + (e.BytePositionInLine is { } at ? $" (byte {at})." : "");
    }

    private List<KeyValuePair<string, FieldValue>> ReadFields(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A line must be one object.");
        }

        var fields = new List<KeyValuePair<string, FieldValue>>(16);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            fields.Add(new(name, Value(ref reader, line)));
        }

        // A second read proves that nothing follows the object.
        reader.Read();
        return fields;
    }

    private string Name(ref Utf8JsonReader reader)
    {
        var bytes = reader.ValueSpan;
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        var key = hash.ToHashCode();
        if (names.TryGetValue(key, out var known) && !reader.ValueIsEscaped && known.Length == bytes.Length && reader.ValueTextEquals(known))
        {
            return known;
        }

        var name = reader.GetString()!;
        if (names.Count < 512)
        {
            names[key] = name;
        }

        return name;
    }

    private static FieldValue Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return FieldValue.OfText(reader.GetString()!);
            case JsonTokenType.Number:
                return new FieldValue(FieldKind.Number, Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.Null:
                return FieldValue.Null;
            case JsonTokenType.True:
            case JsonTokenType.False:
                return new FieldValue(FieldKind.Boolean, reader.TokenType == JsonTokenType.True ? "true" : "false");
            default:
                return new FieldValue(reader.TokenType == JsonTokenType.StartArray ? FieldKind.List : FieldKind.Object, Compact(ref reader, line));
        }
    }

    private static string Compact(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        var from = (int)reader.TokenStartIndex;
        reader.Skip();
        var span = line[from..(int)reader.BytesConsumed];
        var text = new StringBuilder(span.Length);
        var inString = false;
        foreach (var c in StrictUtf8.GetString(span))
        {
            if (inString || (c is not ' ' and not '\t'))
            {
                text.Append(c);
            }

            if (c == '"' && !(inString && IsEscaped(text)))
            {
                inString = !inString;
            }
        }

        return text.ToString();
    }

    private static bool IsEscaped(StringBuilder text)
    {
        var slashes = 0;
        for (var i = text.Length - 2; i >= 0 && text[i] == '\\'; i--)
        {
            slashes++;
        }

        return slashes % 2 == 1;
    }
}
