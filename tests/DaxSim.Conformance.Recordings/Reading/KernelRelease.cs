using System.Globalization;
using DaxSim.Policy;

namespace DaxSim.Conformance.Reading;

/// <summary>What <c>uname -r</c> said on a recorded machine, and the upstream version that kernel was built from.</summary>
/// <remarks>
/// <para>Debian names its stable kernels by an ABI number (6.1.0-56 is 6.1.192), so the point release is looked up.
/// An ABI number that is not in the table gets the nearest older entry of its series; one older than every entry gets a share of the
/// oldest entry's point release (ABI numbers grow about as fast as point releases); a series without an entry is refused.</para>
/// <para>A trailing <c>-limited</c> means the local variant described in the recordings' README: FS_DAX_LIMITED selectable, raw pmem
/// answering with PFN_DEV|PFN_SPECIAL, no ARCH_HAS_PMEM_API.</para>
/// </remarks>
public sealed record KernelRelease
{
    // (series, ABI number, point release), from the recordings' README; ordered.
    private static readonly (string Series, int Abi, int Patch)[] DebianAbis = [("5.10", 46, 262), ("6.1", 50, 176), ("6.1", 56, 192)];

    private static readonly System.Buffers.SearchValues<char> VersionCharacters = System.Buffers.SearchValues.Create("0123456789.");

    private KernelRelease(string text, KernelVersion version, bool isS390, bool isLimited, bool isDistribution)
    {
        Text = text;
        Version = version;
        IsS390 = isS390;
        IsLimited = isLimited;
        IsDistribution = isDistribution;
    }

    /// <summary>The release as recorded.</summary>
    public string Text { get; }

    /// <summary>The upstream version.</summary>
    public KernelVersion Version { get; }

    /// <summary>True when the name itself says s390x.</summary>
    public bool IsS390 { get; }

    /// <summary>True for the local FS_DAX_LIMITED variant.</summary>
    public bool IsLimited { get; }

    /// <summary>True for a distribution's kernel, false for one built by hand with the small configuration.</summary>
    public bool IsDistribution { get; }

    /// <summary>Reads a release; on failure <paramref name="problem"/> is one line that says what to do.</summary>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KernelRelease? release, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        release = null;
        var numbers = text.AsSpan();
        var end = numbers.IndexOfAnyExcept(VersionCharacters);
        var suffix = end < 0 ? "" : text[end..];
        if (!KernelVersion.TryRead(numbers[..(end < 0 ? text.Length : end)], out var version, out var wrong))
        {
            problem = $"the kernel release '{Shorten(text)}' is not understood ({wrong.TrimEnd('.')}): give the version with --kernel.";
            return false;
        }

        if (!TryReadSuffix(suffix, out var abi))
        {
            problem = $"the kernel release '{Shorten(text)}' has a suffix that is not understood: give the version with --kernel.";
            return false;
        }

        problem = null;
        if (abi >= 0)
        {
            if (version.Patch == 0 && DebianPatch(version, abi) is { } patch)
            {
                version = KernelVersion.Parse(string.Create(CultureInfo.InvariantCulture, $"{version.Major}.{version.Minor}.{patch}"));
            }
            else if (version.Patch == 0)
            {
                problem = $"the point release behind the Debian kernel '{Shorten(text)}' is not known: give the version with --kernel.";
                return false;
            }
        }

        var isDistribution = abi >= 0 || suffix.StartsWith("+deb", StringComparison.Ordinal);
        release = new KernelRelease(text, version, suffix.Contains("s390x", StringComparison.Ordinal), suffix.EndsWith("-limited", StringComparison.Ordinal), isDistribution);
        return true;
    }

    /// <summary>The release that a file's name gives: everything before <c>.jsonl</c>.</summary>
    public static string FromFileName(string path)
    {
        var name = Path.GetFileName(path);
        foreach (var extension in new[] { ".gz", ".jsonl", ".json" })
        {
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                name = name[..^extension.Length];
            }
        }

        return name;
    }

    /// <summary>The same recording read as if it came from another version.</summary>
    public KernelRelease WithVersion(KernelVersion version) => new(Text, version, IsS390, IsLimited, IsDistribution);

    /// <summary>A release of which only the version is known.</summary>
    internal static KernelRelease Of(KernelVersion version, string text) => new(text, version, false, false, true);

    /// <summary>The release as recorded.</summary>
    public override string ToString() => Text;

    /// <summary>Accepts the suffixes that occur: "", -s390x, -limited, -generic-like words, +deb13…, -56-cloud-amd64 (an ABI number).</summary>
    private static bool TryReadSuffix(string suffix, out int abi)
    {
        abi = -1;
        if (suffix.Length == 0)
        {
            return true;
        }

        if (suffix[0] == '+')
        {
            return suffix.Length > 1 && suffix.Skip(1).All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' or '+');
        }

        if (suffix[0] != '-' || suffix.Length == 1)
        {
            return false;
        }

        var words = suffix[1..].Split('-');
        if (words.Any(w => w.Length == 0 || !w.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '~')))
        {
            return false;
        }

        var digits = words[0].TakeWhile(char.IsAsciiDigit).Count();
        if (digits == words[0].Length)
        {
            return int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out abi);
        }

        // A release candidate is not a release.
        return !words[0].StartsWith("rc", StringComparison.Ordinal);
    }

    private static int? DebianPatch(KernelVersion version, int abi)
    {
        var series = version.Mainline.ToString();
        int? patch = null;
        foreach (var entry in DebianAbis)
        {
            if (entry.Series == series && (entry.Abi <= abi || patch is null))
            {
                patch = entry.Abi <= abi ? entry.Patch : entry.Patch * abi / entry.Abi;
            }
        }

        return patch;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
