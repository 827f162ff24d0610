using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DaxSim.Text;

/// <summary>Reads and writes sizes and addresses such as <c>64M</c>, <c>512 GiB</c>, <c>4096</c> or <c>0x20000000</c>.</summary>
/// <remarks>
/// Strict where Linux's memparse is lenient: nothing may follow the unit, there is no sign and no fraction, and a number that does
/// not fit into 63 bits is refused instead of wrapping round. The units are powers of 1024.
/// </remarks>
public static class ByteSize
{
    private const string Units = "KMGTPE";

    /// <summary>Reads a size.</summary>
    /// <param name="text">For example <c>64M</c>, <c>64 MiB</c>, <c>4096</c>, <c>0x1000</c>.</param>
    /// <returns>The number of bytes.</returns>
    /// <exception cref="FormatException">The text is no size; the message says why and how to write one.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryRead(text, out var bytes, out var problem) ? bytes : throw new FormatException(problem);
    }

    /// <summary>Reads a size without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out long bytes)
    {
        bytes = 0;
        return text is not null && TryRead(text, out bytes, out _);
    }

    /// <summary>Reads a size; on failure <paramref name="problem"/> is one line that says what is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out long bytes, [NotNullWhen(false)] out string? problem)
    {
        bytes = 0;
        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return TryReadHexadecimal(text, out bytes, out problem);
        }

        var digits = text.IndexOfAnyExceptInRange('0', '9');
        var number = digits < 0 ? text : text[..digits];
        var unit = digits < 0 ? [] : text[digits..];
        if (number.IsEmpty)
        {
            problem = text.StartsWith('-')
                ? $"'{Shorten(text)}' is not a size: a size cannot be negative."
                : $"'{Shorten(text)}' is not a size: write it like 4096, 64M or 512GiB.";
            return false;
        }

        if (!TryReadUnit(unit, out var shift))
        {
            problem = $"'{Shorten(text)}' is not a size: '{Shorten(unit)}' is not a unit; use one of K, M, G, T, P, E (or KiB … EiB), powers of 1024.";
            return false;
        }

        if (!ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > (ulong)long.MaxValue >> shift)
        {
            problem = $"'{Shorten(text)}' is too large: a size must be below 8E (2^63 bytes).";
            return false;
        }

        bytes = (long)(count << shift);
        problem = null;
        return true;
    }

    /// <summary>Writes a size with the largest unit that needs no fraction, for example <c>64M</c> or <c>4097</c>; <see cref="Parse"/> reads it back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    public static string Format(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var steps = bytes == 0 ? 0 : Math.Min((int)long.TrailingZeroCount(bytes) / 10, Units.Length);
        var number = (bytes >> (10 * steps)).ToString(CultureInfo.InvariantCulture);
        return steps == 0 ? number : number + Units[steps - 1];
    }

    private static bool TryReadHexadecimal(ReadOnlySpan<char> text, out long bytes, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (long.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes) && bytes >= 0)
        {
            return true;
        }

        bytes = 0;
        problem = UInt128.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)
            ? $"'{Shorten(text)}' is too large: a size must be below 8E (2^63 bytes)."
            : $"'{Shorten(text)}' is not a size: a number that begins with 0x has hexadecimal digits only and no unit.";
        return false;
    }

    /// <summary>K, k, KiB, or " KiB"; nothing and B are bytes. KB is refused because it means 1000 to some and 1024 to others.</summary>
    private static bool TryReadUnit(ReadOnlySpan<char> unit, out int shift)
    {
        shift = 0;
        if (unit.StartsWith(' '))
        {
            unit = unit[1..];
            if (unit.IsEmpty)
            {
                return false;
            }
        }

        if (unit is "" or "B")
        {
            return true;
        }

        shift = 10 * (Units.IndexOf(char.ToUpperInvariant(unit[0])) + 1);
        return shift > 0 && (unit.Length == 1 || unit[1..] is "iB");
    }

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
