using System.Text;
using System.Text.RegularExpressions;

namespace DaxSim.Conformance.Comparison;

/// <summary>The probes' view of the kernel log: which lines they kept and what they masked in them.</summary>
internal static partial class KernelMessages
{
    private const int CellsLength = 150;
    private const int EnvironmentLength = 160;

    /// <summary>A line as the cells probe stores it: runs of six or more hex digits become X, odd characters become _, 150 characters.</summary>
    internal static string MaskForCells(string text) => Mask(text, static c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c), 6, CellsLength);

    /// <summary>A line as the environment probe stores it: runs of twelve or more hex digits and dashes become X.</summary>
    internal static string MaskForEnvironment(string text) => Mask(text, static c => char.IsAsciiHexDigitLower(c) || char.IsAsciiDigit(c) || c == '-', 12, EnvironmentLength);

    /// <summary>True for a line that the environment probe keeps: about filesystems or DAX, and not routine.</summary>
    internal static bool IsKeptByEnvironment(string text)
        => (Has(text, "EXT4") || Has(text, "XFS") || Has(text, "dax") || Has(text, "DAX") || Has(text, "mem"))
            && !(Has(text, "mounted filesystem") || Has(text, "unmounting") || Has(text, "re-mounted") || Has(text, "Mounting V5") || Has(text, "Ending clean")
                || Has(text, "Unmounting") || Has(text, "EXPERIMENTAL") || Has(text, "Modules linked"));

    /// <summary>True for a line of warning level or worse that the cells probe keeps.</summary>
    internal static bool IsKeptByCells(string text)
        => text.Length > 0 && !Has(text, "cut here") && !Has(text, "Modules linked in") && !text.StartsWith("CPU: ", StringComparison.Ordinal) && !Has(text, "Hardware name") && !Has(text, "mounted filesystem") && !Has(text, "DAX enabled");

    /// <summary>True for messages that the kernel guards with a once-per-boot flag.</summary>
    internal static bool IsPrintedOncePerBoot(string text)
        => text.StartsWith("WARNING:", StringComparison.Ordinal) || Has(text, "ioremap on RAM") || Has(text, "mounting with data=journal") || Has(text, "attempted to duplicate a private mapping") || Has(text, "uses deprecated remap_file_pages");

    /// <summary>A cells message without what depends on the build: line numbers, the function of a warning (the compiler may have inlined it), offsets in functions, process ids, placeholders for addresses.</summary>
    internal static string NormalizeForCells(string text)
    {
        if (text.StartsWith("WARNING:", StringComparison.Ordinal) && SourceFile().Match(text) is { Success: true } match)
        {
            return $"WARNING in {match.Value}";
        }

        // The bad entry's address and value.
        var bad = text.IndexOf("bad pmd", StringComparison.Ordinal);
        if (bad >= 0)
        {
            text = text[..(bad + "bad pmd".Length)];
        }

        return ProcessId().Replace(Pointer().Replace(LineNumber().Replace(text, ".c"), "X"), " (N)");
    }

    /// <summary>Replaces what differs between two boots of the same kernel: filesystem UUIDs.</summary>
    internal static string MaskUuid(string text)
    {
        for (var i = 0; i + 36 <= text.Length; i++)
        {
            if (IsUuid(text.AsSpan(i, 36)))
            {
                return text[..i] + "UUID" + MaskUuid(text[(i + 36)..]);
            }
        }

        return text;
    }

    private static bool IsUuid(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < 36; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Has(string text, string part) => text.Contains(part, StringComparison.Ordinal);

    private static string Mask(string text, Func<char, bool> masked, int run, int length)
    {
        // /dev/kmsg writes a line feed inside a message as \x0a.
        text = text.Replace("\n", "\\x0a", StringComparison.Ordinal);
        var result = new StringBuilder(text.Length);
        var count = 0;
        for (var i = 0; i < text.Length && count < length; i++, count++)
        {
            var n = 0;
            while (i + n < text.Length && masked(text[i + n]))
            {
                n++;
            }

            if (n >= run)
            {
                result.Append('X');
                i += n - 1;
            }
            else
            {
                result.Append(text[i] is '"' or '\\' || text[i] < ' ' ? '_' : text[i]);
            }
        }

        return result.ToString();
    }

    [GeneratedRegex(@"[\w/-]+\.[ch]\b")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@" \([0-9]+\)")]
    private static partial Regex ProcessId();

    [GeneratedRegex(@"\.c:[0-9]+")]
    private static partial Regex LineNumber();

    [GeneratedRegex(@"\(____ptrval____\)")]
    private static partial Regex Pointer();
}
