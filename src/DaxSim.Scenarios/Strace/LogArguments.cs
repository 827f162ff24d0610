using System.Buffers;

namespace DaxSim.Scenarios.Strace;

/// <summary>
/// The arguments and the result of a call. Arguments are split at the commas that stand outside of strings, structs, arrays,
/// parentheses, comments and the angle brackets of -y.
/// </summary>
internal ref struct LogArguments
{
    /// <summary>Arguments that are told apart; system calls have six, a few structs print as more.</summary>
    internal const int Most = 12;

    private static readonly SearchValues<byte> Special = SearchValues.Create("\"([{}]),</"u8);

    private readonly ReadOnlySpan<byte> text;
    private Ends ends;

    private LogArguments(ReadOnlySpan<byte> text)
    {
        this.text = text;
    }

    internal int Count { get; private set; }

    /// <summary>What follows the closing parenthesis.</summary>
    internal ReadOnlySpan<byte> After { get; private set; }

    /// <summary>An argument; empty when there are not that many.</summary>
    internal ReadOnlySpan<byte> this[int index]
    {
        get
        {
            if (index >= Count)
            {
                return default;
            }

            var from = index == 0 ? 0 : ends[index - 1] + 1;
            return text[from..ends[index]].Trim((byte)' ');
        }
    }

    /// <summary>Splits what follows a call's opening parenthesis.</summary>
    /// <returns>False when the closing parenthesis is missing.</returns>
    internal static bool TrySplit(ReadOnlySpan<byte> text, out LogArguments arguments)
    {
        arguments = new LogArguments(text);
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i..].IndexOfAny(Special);
            if (next < 0)
            {
                return false;
            }

            i += next;
            switch (text[i])
            {
                case (byte)'"':
                    i = EndOfString(text, i);
                    break;
                case (byte)'(' or (byte)'[' or (byte)'{':
                    depth++;
                    break;
                case (byte)']' or (byte)'}':
                    depth--;
                    break;
                case (byte)')' when depth <= 0:
                    if (arguments.Count > 0 || !text[..i].Trim((byte)' ').IsEmpty)
                    {
                        arguments.Add(i);
                    }

                    arguments.After = text[(i + 1)..];
                    return true;
                case (byte)')':
                    depth--;
                    break;
                case (byte)',' when depth <= 0:
                    arguments.Add(i);
                    break;
                case (byte)'<':
                    i = EndOfAngle(text, i);
                    break;
                case (byte)'/' when i + 1 < text.Length && text[i + 1] == '*':
                    var close = text[(i + 2)..].IndexOf("*/"u8);
                    i = close < 0 ? text.Length : i + 2 + close + 1;
                    break;
            }
        }

        return false;
    }

    /// <summary>Splits the inside of <c>[...]</c> or <c>{...}</c> at its commas.</summary>
    internal static LogArguments Inside(ReadOnlySpan<byte> text)
    {
        text = text.Trim((byte)' ');
        if (text.Length < 2 || text[0] is not ((byte)'[' or (byte)'{'))
        {
            return default;
        }

        var inside = text[1..^1];
        var parts = new LogArguments(inside);
        for (var at = 0; EndOfPart(inside, at, closes: false) is var end && end < inside.Length; at = end + 1)
        {
            parts.Add(end);
        }

        if (!inside.IsEmpty)
        {
            parts.Add(inside.Length);
        }

        return parts;
    }

    /// <summary>The value of a struct's member: of <c>{iov_base=0x1, iov_len=2}</c>, <c>iov_len</c> is <c>2</c>. Empty when there is none.</summary>
    internal static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> structure, ReadOnlySpan<byte> name)
    {
        for (var from = 0; from < structure.Length;)
        {
            var at = structure[from..].IndexOf(name);
            if (at < 0)
            {
                return default;
            }

            at += from;
            var end = at + name.Length;
            if (end < structure.Length && structure[end] == '=' && (at == 0 || structure[at - 1] is (byte)'{' or (byte)' ' or (byte)','))
            {
                var value = structure[(end + 1)..];
                return value[..EndOfPart(value, 0, closes: true)];
            }

            from = end;
        }

        return default;
    }

    /// <summary>
    /// The end of what stands before the next comma; with <paramref name="closes"/>, a bracket that was opened earlier ends it, too, and
    /// without it such a bracket is a mere byte.
    /// </summary>
    private static int EndOfPart(ReadOnlySpan<byte> text, int from, bool closes)
    {
        var depth = 0;
        for (var i = from; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'"':
                    i = EndOfString(text, i);
                    break;
                case (byte)'(' or (byte)'[' or (byte)'{':
                    depth++;
                    break;
                case (byte)')' or (byte)']' or (byte)'}':
                    if (depth == 0 && closes)
                    {
                        return i;
                    }

                    depth--;
                    break;
                case (byte)',' when depth == 0:
                    return i;
                case (byte)'<':
                    i = EndOfAngle(text, i);
                    break;
            }
        }

        return text.Length;
    }

    private static int EndOfString(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (at < text.Length)
        {
            var next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                return text.Length;
            }

            at += next;
            if (text[at] == '"')
            {
                return at;
            }

            at += 2;
        }

        return text.Length;
    }

    /// <summary>
    /// The end of what -y puts behind a descriptor. <c>&lt;&lt;</c> is a shift, <c>-&gt;</c> inside is an arrow between addresses; a
    /// bracket that is never closed is a bracket and nothing more.
    /// </summary>
    private static int EndOfAngle(ReadOnlySpan<byte> text, int at)
    {
        if (at + 1 < text.Length && text[at + 1] == '<')
        {
            return at + 1;
        }

        if (at == 0 || !(text[at - 1] is >= (byte)'0' and <= (byte)'9' or >= (byte)'a' and <= (byte)'f' or (byte)'D' or (byte)' ' or (byte)'('))
        {
            return at;
        }

        var depth = 0;
        for (var i = at; i < text.Length; i++)
        {
            if (text[i] == '<')
            {
                depth++;
            }
            else if (text[i] == '>' && text[i - 1] != '-' && --depth == 0)
            {
                return i;
            }
        }

        return at;
    }

    private void Add(int end)
    {
        if (Count < Most)
        {
            ends[Count++] = end;
        }
        else
        {
            // What there is more belongs to the last one.
            ends[Most - 1] = end;
        }
    }

    [System.Runtime.CompilerServices.InlineArray(Most)]
    private struct Ends
    {
        private int first;
    }
}
