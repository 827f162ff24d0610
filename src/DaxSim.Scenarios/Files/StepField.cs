using System.Globalization;
using DaxSim.Text;

namespace DaxSim.Scenarios.Files;

/// <summary>What a name in a scenario stands for.</summary>
internal enum NameKind
{
    /// <summary>Nothing: the step gives no name.</summary>
    None,
    Process,
    File,
    Area,
    Pages,
    Pipe,
    Ring,
    Operation,
    Transfer,
}

/// <summary>What the value of a field of a step is.</summary>
internal enum FieldKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A name that an earlier step gave, of the field's <see cref="StepField.Names"/>.</summary>
    Name,

    /// <summary>An address: the name of an area, with an offset if wanted (<c>code+4K</c>), or a number in hexadecimal.</summary>
    Address,

    /// <summary>Bytes (<c>16K</c>) or pages (<c>2 pages</c>).</summary>
    Size,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>One character, or a number from 0 to 255.</summary>
    Byte,

    /// <summary>One or several of <see cref="StepField.Choices"/>.</summary>
    Flags,

    /// <summary>One of <see cref="StepField.Choices"/>.</summary>
    Choice,

    /// <summary>true or false.</summary>
    Bool,

    /// <summary>A mount, as in the machine.</summary>
    Mount,
}

/// <summary>A field of a step: its name, what its value is, and what it means. The reader and the schema are made from this.</summary>
internal sealed record StepField(string Name, FieldKind Kind, string Description)
{
    internal bool Required { get; init; }

    /// <summary>What a name may stand for.</summary>
    internal NameKind Names { get; init; }

    internal IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Reads a value; names are only taken down, the caller looks them up.</summary>
    internal object Read(YamlNode node)
    {
        switch (Kind)
        {
            case FieldKind.Size:
                return node.Read(Name, StepSize.Parse);
            case FieldKind.Address:
                return node.Read(Name, StepAddress.Parse);
            case FieldKind.Number:
                return node.ReadNumber(Name);
            case FieldKind.Byte:
                return node.Read(Name, ReadByte);
            case FieldKind.Bool:
                return node.ReadBool(Name);
            case FieldKind.Choice:
                return node.ReadChoice(Name, Choices);
            case FieldKind.Flags:
                var chosen = new List<string>();
                foreach (var item in node.AsOneOrMore())
                {
                    var flag = item.ReadChoice(Name, Choices);
                    if (chosen.Contains(flag))
                    {
                        throw item.Problem($"{Name}: {flag} stands here twice.");
                    }

                    chosen.Add(flag);
                }

                return chosen;
            case FieldKind.Mount:
                return MachineFile.ReadMount(node);
            default:
                return node.AsText(Name);
        }
    }

    private static object ReadByte(string text)
    {
        if (text.Length == 1 && text[0] is >= ' ' and <= '~' and not (>= '0' and <= '9'))
        {
            return (byte)text[0];
        }

        var hexadecimal = text.StartsWith("0x", StringComparison.Ordinal);
        return byte.TryParse(hexadecimal ? text[2..] : text, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"'{YamlNode.Shorten(text)}' is no byte: write one character such as A, or a number from 0 to 255.");
    }
}

/// <summary>A length: bytes, or pages of the architecture.</summary>
internal readonly record struct StepSize(long Amount, bool InPages)
{
    internal static object Parse(string text)
    {
        var trimmed = text.Trim();
        var word = trimmed.EndsWith(" pages", StringComparison.Ordinal) ? " pages" : trimmed.EndsWith(" page", StringComparison.Ordinal) ? " page" : null;
        if (word is null)
        {
            return new StepSize(ByteSize.Parse(trimmed), false);
        }

        return long.TryParse(trimmed.AsSpan(0, trimmed.Length - word.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pages) && pages <= 1L << 40
            ? new StepSize(pages, true)
            : throw new FormatException($"'{YamlNode.Shorten(text)}' is no number of pages: write it like 2 pages.");
    }

    internal long Bytes(int pageSize) => InPages ? Amount * pageSize : Amount;
}

/// <summary>An address: an area and an offset, or a number.</summary>
internal readonly record struct StepAddress(string? Area, StepSize Offset, ulong Absolute)
{
    internal static object Parse(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var address)
                ? new StepAddress(null, default, address)
                : throw new FormatException($"'{YamlNode.Shorten(text)}' is no address: write a name such as code+4K, or a number such as 0x7f0000000000.");
        }

        var plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus < 0
            ? new StepAddress(text.Trim(), default, 0)
            : new StepAddress(text[..plus].Trim(), (StepSize)StepSize.Parse(text[(plus + 1)..]), 0);
    }
}
