using System.Globalization;

namespace DaxSim.Scenarios.Import;

/// <summary>Reads /proc/iomem: <c>start-end : name</c>, two blanks of indentation for each level.</summary>
internal static class IomemReader
{
    internal static bool LooksLikeLine(ReadOnlySpan<char> line) => TryReadLine(line, out _);

    internal static List<IomemRange> Read(HostFile file)
    {
        var ranges = new List<IomemRange>();
        var number = 0;
        foreach (var line in file.Text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            ranges.Add(TryReadLine(line, out var range) ? range : throw new FormatException($"{file.Name}:{number}: '{Shorten(line.Trim())}' is no line of /proc/iomem: it has the form 00100000-3fffffff : System RAM."));
        }

        if (ranges.Count == 0)
        {
            throw new FormatException($"{file.Name}: it is empty: read /proc/iomem as root.");
        }

        return ranges.TrueForAll(r => r is { Start: 0, Length: 1 })
            ? throw new FormatException($"{file.Name}: every address is 0, as the kernel shows them to users other than root: read /proc/iomem as root.")
            : ranges;
    }

    private static bool TryReadLine(ReadOnlySpan<char> line, out IomemRange range)
    {
        range = null!;
        var indentation = line.Length - line.TrimStart(' ').Length;
        var rest = line.Trim();
        var colon = rest.IndexOf(" : ");
        var dash = rest.IndexOf('-');
        if (colon < 0 || dash < 0 || dash > colon
            || !ulong.TryParse(rest[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var start)
            || !ulong.TryParse(rest[(dash + 1)..colon].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var end)
            || end < start || end >= 1UL << 62)
        {
            return false;
        }

        range = new IomemRange(start, end - start + 1, rest[(colon + 3)..].Trim().ToString(), indentation / 2);
        return true;
    }

    internal static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}
