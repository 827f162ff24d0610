using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DaxSim.Text;

namespace DaxSim.Scenarios.Files;

/// <summary>A position in a file, as messages name it.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
public readonly record struct FilePlace(string File, long Line, long Column)
{
    /// <summary>For example <c>a.daxsim.yaml:12:5</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}

/// <summary>A piece of a YAML file with its place: text, a list or a mapping.</summary>
internal sealed class YamlNode
{
    internal YamlNode(FilePlace place) => Place = place;

    internal FilePlace Place { get; }

    /// <summary>The text of a scalar; null for lists and mappings, and for an empty value.</summary>
    internal string? Text { get; init; }

    internal List<YamlNode>? Items { get; init; }

    internal List<YamlEntry>? Entries { get; init; }

    /// <summary>Nothing stands there.</summary>
    internal bool IsEmpty => Text is null && Items is null && Entries is null;

    /// <summary>What it is, in words for messages.</summary>
    private string Form => Items is not null ? "a list" : Entries is not null ? "a mapping" : IsEmpty ? "nothing" : $"'{Shorten(Text!)}'";

    internal FormatException Problem(string message) => Problem(Place, message);

    internal static FormatException Problem(FilePlace place, string message) => new($"{place}: {message}");

    /// <summary>The text, or an error that says what was expected.</summary>
    internal string AsText(string what) => Text is { Length: > 0 } text ? text : throw Problem($"{what} is text, not {(Text is null ? Form : "empty")}.");

    internal IReadOnlyList<YamlNode> AsList(string what) => Items ?? throw Problem($"{what} is a list, not {Form}: write each on a line of its own after '- '.");

    /// <summary>A list, or one thing without the list around it.</summary>
    internal IReadOnlyList<YamlNode> AsOneOrMore() => Items ?? [this];

    internal IReadOnlyList<YamlEntry> AsMapping(string what) => Entries ?? throw Problem($"{what} is a mapping of names to values, not {Form}.");

    /// <summary>A mapping that has only these keys.</summary>
    internal YamlMap AsMap(string what, params IReadOnlyList<string> keys)
    {
        var entries = AsMapping(what);
        foreach (var entry in entries)
        {
            if (!keys.Contains(entry.Key))
            {
                throw Problem(entry.Place, $"{what} has no '{Shorten(entry.Key)}'.{Spelling.DidYouMean(entry.Key, keys)} It takes {string.Join(", ", keys)}.");
            }
        }

        return new YamlMap(what, Place, entries);
    }

    /// <summary>Reads the text with a parser that throws <see cref="FormatException"/>, and adds the place to its message.</summary>
    internal T Read<T>(string what, Func<string, T> parse)
    {
        var text = AsText(what);
        try
        {
            return parse(text);
        }
        catch (FormatException problem)
        {
            throw Problem($"{what}: {problem.Message}");
        }
        catch (OverflowException)
        {
            throw Problem($"{what}: '{Shorten(text)}' is too large.");
        }
    }

    internal string ReadChoice(string what, params IReadOnlyList<string> choices)
    {
        var text = AsText(what);
        return choices.Contains(text) ? text : throw Problem($"{what}: '{Shorten(text)}' is none of {string.Join(", ", choices)}.{Spelling.DidYouMean(text, choices)}");
    }

    internal bool ReadBool(string what) => ReadChoice(what, "true", "false") == "true";

    internal long ReadNumber(string what, long least = 0, long most = long.MaxValue)
    {
        var text = AsText(what);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Problem(string.Create(CultureInfo.InvariantCulture, $"{what}: '{Shorten(text)}' is not a whole number{(most == long.MaxValue ? $" from {least} on" : $" from {least} to {most}")}."));
    }

    internal static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}

/// <summary>A key of a mapping with its value.</summary>
internal sealed record YamlEntry(string Key, FilePlace Place, YamlNode Value);

/// <summary>A mapping whose keys were checked.</summary>
internal sealed class YamlMap(string what, FilePlace place, IReadOnlyList<YamlEntry> entries)
{
    internal FilePlace Place { get; } = place;

    internal YamlNode? Find(string key) => entries.FirstOrDefault(e => e.Key == key)?.Value;

    internal bool Has(string key, [NotNullWhen(true)] out YamlNode? node) => (node = Find(key)) is not null;

    internal YamlNode Require(string key) => Find(key) ?? throw YamlNode.Problem(Place, $"{what} needs '{key}'.");

    /// <summary>The value read, or null when the key is not there.</summary>
    internal T? Read<T>(string key, Func<string, T> parse)
        where T : class
        => Find(key)?.Read(key, parse);

    internal string? Text(string key) => Find(key)?.AsText(key);

    internal IReadOnlyList<string> Texts(string key) => Find(key) is { } node ? [.. node.AsOneOrMore().Select(n => n.AsText(key))] : [];
}
