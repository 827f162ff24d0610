using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DaxSim.Scenarios.Files;

/// <summary>
/// Reads one YAML document strictly and within bounds: no anchors, aliases or tags, no key twice, at most so large and so deep.
/// What a value means is left to those who know; here everything is text.
/// </summary>
internal static class YamlReader
{
    /// <summary>The largest file, in characters.</summary>
    internal const int LargestFile = 1 << 20;

    private const int DeepestNesting = 24;
    private const int MostNodes = 100_000;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It cannot be read; the message is one line with file, line, column and reason.</exception>
    internal static YamlNode ReadFile(string path, string? name = null)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new FormatException($"{path} is a directory: name the files in it.");
            }

            using var reader = new StreamReader(path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));
            var buffer = new char[LargestFile + 1];
            var length = reader.ReadBlock(buffer);
            return Read(new string(buffer, 0, length), name ?? path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new FormatException(problem is FileNotFoundException or DirectoryNotFoundException ? $"{path} does not exist." : $"{path} cannot be read: {problem.Message}");
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new FormatException($"{path}: the file is not text in UTF-8.");
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="FormatException">It is no such YAML; the message is one line with file, line, column and reason.</exception>
    internal static YamlNode Read(string text, string name)
    {
        if (text.Length > LargestFile)
        {
            throw new FormatException($"{name}: the file is larger than 1 MiB.");
        }

        var parser = new Parser(new StringReader(text));
        try
        {
            return new Reading(parser, name).Document();
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The parser's way to say that it met what it has no words for.
            var at = parser.Current?.End ?? new Mark();
            throw YamlNode.Problem(new FilePlace(name, Math.Max(at.Line, 1), Math.Max(at.Column, 1)), "What follows is no YAML.");
        }
        catch (YamlException problem)
        {
            throw YamlNode.Problem(new FilePlace(name, Math.Max(problem.Start.Line, 1), Math.Max(problem.Start.Column, 1)), Sentence(problem.Message));
        }
    }

    private static string Sentence(string message)
    {
        var line = message.ReplaceLineEndings(" ").Trim();
        return line.EndsWith('.') ? line : $"{line}.";
    }

    private sealed class Reading(IParser parser, string name)
    {
        private int nodes;

        internal YamlNode Document()
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                throw YamlNode.Problem(new FilePlace(name, 1, 1), "The file is empty.");
            }

            var root = Node(0);
            parser.Consume<DocumentEnd>();
            if (parser.Accept<DocumentStart>(out var second))
            {
                throw YamlNode.Problem(PlaceOf(second), "A file holds one document: take the second one out.");
            }

            return root;
        }

        private FilePlace PlaceOf(ParsingEvent parsed) => new(name, parsed.Start.Line, parsed.Start.Column);

        private YamlNode Node(int depth)
        {
            var parsed = parser.Consume<ParsingEvent>();
            var place = PlaceOf(parsed);
            if (++nodes > MostNodes)
            {
                throw YamlNode.Problem(place, $"The file has more than {MostNodes} values.");
            }

            if (depth > DeepestNesting)
            {
                throw YamlNode.Problem(place, $"Values are nested more than {DeepestNesting} deep.");
            }

            return parsed switch
            {
                AnchorAlias => throw YamlNode.Problem(place, "Aliases (*name) are not read: write the value again."),
                NodeEvent node when !node.Anchor.IsEmpty => throw YamlNode.Problem(place, "Anchors (&name) are not read: leave them out."),
                NodeEvent node when !node.Tag.IsEmpty && node.Tag.Value != "!" => throw YamlNode.Problem(place, "Tags (!name) are not read: leave them out."),
                Scalar scalar => Value(scalar, place),
                SequenceStart => List(place, depth),
                MappingStart => Mapping(place, depth),
                _ => throw YamlNode.Problem(place, "A value was expected here."),
            };
        }

        private static YamlNode Value(Scalar scalar, FilePlace place)
            => scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" ? new YamlNode(place) : new YamlNode(place) { Text = scalar.Value };

        private YamlNode List(FilePlace place, int depth)
        {
            var items = new List<YamlNode>();
            while (!parser.Accept<SequenceEnd>(out _))
            {
                items.Add(Node(depth + 1));
            }

            parser.Consume<SequenceEnd>();
            return new YamlNode(place) { Items = items };
        }

        private YamlNode Mapping(FilePlace place, int depth)
        {
            var entries = new List<YamlEntry>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.Accept<MappingEnd>(out _))
            {
                var key = Node(depth + 1);
                var text = key.Text ?? throw key.Problem("A key is text.");
                if (!seen.Add(text))
                {
                    throw key.Problem($"'{YamlNode.Shorten(text)}' stands here twice.");
                }

                entries.Add(new YamlEntry(text, key.Place, Node(depth + 1)));
            }

            parser.Consume<MappingEnd>();
            return new YamlNode(place) { Entries = entries };
        }
    }
}
