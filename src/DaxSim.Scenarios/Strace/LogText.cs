using System.Buffers.Text;
using System.Text;

namespace DaxSim.Scenarios.Strace;

/// <summary>The small words of a log: numbers, times, strings.</summary>
internal static class LogText
{
    /// <summary>A process id, from 1 to the largest there can be.</summary>
    internal static bool TryPid(ReadOnlySpan<byte> text, out int pid)
        => Utf8Parser.TryParse(text, out pid, out var used) && used == text.Length && pid is > 0 and <= LogLineParser.LargestPid;

    internal static bool TryHex(ReadOnlySpan<byte> text, out ulong value)
        => Utf8Parser.TryParse(text, out value, out var used, 'x') && used == text.Length;

    /// <summary><c>12:34:56</c> with or without a fraction: seconds of the day.</summary>
    internal static bool TryClock(ReadOnlySpan<byte> text, out double seconds)
    {
        seconds = double.NaN;
        if (text.Length < 8 || text[2] != ':' || text[5] != ':' || !Utf8Parser.TryParse(text[..2], out int hours, out _) || !Utf8Parser.TryParse(text[3..5], out int minutes, out _)
            || !TrySeconds(text[6..], out var rest))
        {
            return false;
        }

        seconds = (hours * 3600) + (minutes * 60) + rest;
        return true;
    }

    internal static bool TrySeconds(ReadOnlySpan<byte> text, out double seconds)
        => Utf8Parser.TryParse(text, out seconds, out var used) && used == text.Length && seconds is >= 0 and < 1e11;

    /// <summary>
    /// An integer argument: decimal, hexadecimal, octal, negative, NULL, a product such as <c>8192*1024</c>; a comment after it is ignored.
    /// Negative numbers are the 64-bit pattern.
    /// </summary>
    internal static bool TryNumber(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        text = text.Trim((byte)' ');
        if (text.IsEmpty)
        {
            return false;
        }

        if (text.SequenceEqual("NULL"u8))
        {
            return true;
        }

        var negative = text[0] == '-';
        if (negative)
        {
            text = text[1..];
        }

        int used;
        if (text.Length > 2 && text[0] == '0' && (text[1] | 0x20) == 'x')
        {
            if (!Utf8Parser.TryParse(text[2..], out value, out used, 'x'))
            {
                return false;
            }

            used += 2;
        }
        else if (text.Length > 1 && text[0] == '0' && text[1] is >= (byte)'0' and <= (byte)'7')
        {
            for (used = 1; used < text.Length && text[used] is >= (byte)'0' and <= (byte)'7'; used++)
            {
                value = (value << 3) | (uint)(text[used] - '0');
            }
        }
        else if (!Utf8Parser.TryParse(text, out value, out used))
        {
            return false;
        }

        var rest = text[used..];
        if (negative)
        {
            value = unchecked(0 - value);
        }

        if (rest.IsEmpty || rest[0] is (byte)' ' or (byte)'<')
        {
            return true;
        }

        if (rest[0] == '*' && TryNumber(rest[1..], out var factor))
        {
            value = unchecked(value * factor);
            return true;
        }

        return false;
    }

    /// <summary>
    /// A string argument in quotes, unescaped. <paramref name="whole"/> is false when strace cut it (<c>"..."...</c>).
    /// </summary>
    internal static bool TryString(ReadOnlySpan<byte> text, out string value, out bool whole)
    {
        var found = TryQuoted(text, out var inside, out whole);
        value = found ? Unescape(inside) : "";
        return found;
    }

    private static bool TryQuoted(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> inside, out bool whole)
    {
        text = text.Trim((byte)' ');
        inside = default;
        whole = false;
        if (text.Length < 2 || text[0] != '"')
        {
            return false;
        }

        var end = 1;
        while (end < text.Length && text[end] != '"')
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        if (end >= text.Length)
        {
            return false;
        }

        whole = !text[(end + 1)..].StartsWith("..."u8);
        inside = text[1..end];
        return true;
    }

    /// <summary>
    /// The bytes of a string argument. <paramref name="whole"/> is false when strace cut it (<c>"..."...</c>).
    /// </summary>
    internal static bool TryBytes(ReadOnlySpan<byte> text, out byte[] value, out bool whole)
    {
        var found = TryQuoted(text, out var inside, out whole);
        value = found ? UnescapeBytes(inside).ToArray() : [];
        return found;
    }

    /// <summary>Bytes with strace's C escapes, as text.</summary>
    internal static string Unescape(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(UnescapeBytes(text));

    private static ReadOnlySpan<byte> UnescapeBytes(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'\\') < 0)
        {
            return text;
        }

        var bytes = new byte[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                bytes[count++] = text[i];
                continue;
            }

            i++;
            switch (text[i])
            {
                case (byte)'n': bytes[count++] = (byte)'\n'; break;
                case (byte)'t': bytes[count++] = (byte)'\t'; break;
                case (byte)'r': bytes[count++] = (byte)'\r'; break;
                case (byte)'f': bytes[count++] = (byte)'\f'; break;
                case (byte)'v': bytes[count++] = (byte)'\v'; break;
                case (byte)'x' when i + 2 < text.Length && Utf8Parser.TryParse(text.Slice(i + 1, 2), out byte hex, out var used, 'x') && used == 2:
                    bytes[count++] = hex;
                    i += 2;
                    break;
                case >= (byte)'0' and <= (byte)'7':
                    var octal = 0;
                    var digits = 0;
                    for (; digits < 3 && i + digits < text.Length && text[i + digits] is >= (byte)'0' and <= (byte)'7'; digits++)
                    {
                        octal = (octal << 3) | (text[i + digits] - '0');
                    }

                    bytes[count++] = (byte)octal;
                    i += digits - 1;
                    break;
                default:
                    bytes[count++] = text[i];
                    break;
            }
        }

        return bytes.AsSpan(0, count);
    }

    /// <summary>
    /// A descriptor: <c>3</c>, <c>0x3</c>, <c>3&lt;/path&gt;</c>, <c>AT_FDCWD</c>, <c>AT_FDCWD&lt;/cwd&gt;</c>.
    /// </summary>
    /// <param name="text">The argument.</param>
    /// <param name="descriptor">-100 for AT_FDCWD.</param>
    /// <param name="target">What -y says it refers to; empty when it says nothing.</param>
    internal static bool TryDescriptor(ReadOnlySpan<byte> text, out int descriptor, out ReadOnlySpan<byte> target)
    {
        text = text.Trim((byte)' ');
        target = default;
        descriptor = -1;
        var angle = text.IndexOf((byte)'<');
        if (angle >= 0 && text.LastIndexOf((byte)'>') is var close && close > angle)
        {
            target = text[(angle + 1)..close];
        }

        var number = angle < 0 ? text : text[..angle];
        if (number.StartsWith("AT_FDCWD"u8))
        {
            descriptor = -100;
            return true;
        }

        if (!TryNumber(number, out var value) || ((long)value is > int.MaxValue or < int.MinValue && value > uint.MaxValue))
        {
            return false;
        }

        descriptor = (int)(uint)value;
        return true;
    }
}
