using System.Globalization;

namespace DaxSim.Policy;

/// <summary>What <c>uname -r</c> says on a machine, and the upstream version that kernel was built from.</summary>
/// <remarks>
/// <para>Debian names its stable kernels by an ABI number (6.1.0-56 is 6.1.192), so the point release is looked up.
/// An ABI number that is not in the table gets the nearest older entry of its series; one older than every entry gets a share of the
/// oldest entry's point release (ABI numbers grow about as fast as point releases); a series without an entry is refused. Ubuntu's kernels
/// (5.15.0-25-generic is 5.15.30) have a table of their own; they carry fixes of later releases, too.</para>
/// <para>Source of the tables: the versions of Debian's linux-image packages, and what Ubuntu's kernels print when they start.</para>
/// </remarks>
public sealed record KernelRelease
{
    // (series, ABI number, point release); ordered.
    private static readonly (string Series, int Abi, int Patch)[] DebianAbis =
    [
        ("5.10", 30, 218), ("5.10", 32, 223), ("5.10", 43, 251), ("5.10", 44, 257), ("5.10", 45, 259), ("5.10", 46, 262),
        ("6.1", 47, 170), ("6.1", 48, 172), ("6.1", 49, 174), ("6.1", 50, 176), ("6.1", 51, 177), ("6.1", 52, 180),
        ("6.1", 53, 187), ("6.1", 54, 190), ("6.1", 55, 192), ("6.1", 56, 192),
    ];

    // Ubuntu's, as their banners tell: (series, ABI number, point release); ordered.
    private static readonly (string Series, int Abi, int Patch)[] UbuntuAbis =
    [
        ("4.4", 21, 6), ("4.15", 22, 17), ("4.18", 13, 17), ("5.0", 15, 6), ("5.3", 19, 1), ("5.4", 26, 30), ("5.8", 23, 14), ("5.11", 22, 21),
        ("5.13", 21, 18), ("5.15", 25, 30), ("5.19", 41, 17), ("6.2", 25, 13), ("6.5", 14, 3), ("6.8", 31, 1), ("6.11", 17, 11), ("6.14", 13, 0),
    ];

    private static readonly System.Buffers.SearchValues<char> VersionCharacters = System.Buffers.SearchValues.Create("0123456789.");

    private KernelRelease(string text, KernelVersion version, Architecture? architecture, bool isDistribution)
    {
        Text = text;
        Version = version;
        Architecture = architecture;
        IsDistribution = isDistribution;
    }

    /// <summary>The release as it was given.</summary>
    public string Text { get; }

    /// <summary>The upstream version.</summary>
    public KernelVersion Version { get; }

    /// <summary>The architecture when the name itself tells it (-amd64, -s390x, …), otherwise null.</summary>
    public Architecture? Architecture { get; }

    /// <summary>True for a kernel that a distribution built, as far as the name shows.</summary>
    public bool IsDistribution { get; }

    /// <summary>Reads a release; on failure <paramref name="problem"/> is one line that says what to do.</summary>
    public static bool TryRead(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out KernelRelease? release, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
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
            var isUbuntu = suffix.EndsWith("-generic", StringComparison.Ordinal) || suffix.EndsWith("-lowlatency", StringComparison.Ordinal);
            if (version.Patch == 0 && PointRelease(isUbuntu ? UbuntuAbis : DebianAbis, version, abi) is { } patch)
            {
                version = patch == 0 ? version.Mainline : KernelVersion.Parse(string.Create(CultureInfo.InvariantCulture, $"{version.Major}.{version.Minor}.{patch}"));
            }
            else if (version.Patch == 0)
            {
                problem = $"the point release behind the kernel '{Shorten(text)}' is not known: give the version with --kernel.";
                return false;
            }
        }

        var isDistribution = abi >= 0 || suffix.StartsWith("+deb", StringComparison.Ordinal);
        release = new KernelRelease(text, version, ArchitectureOf(suffix), isDistribution);
        return true;
    }

    /// <summary>The same kernel read as if it were another version.</summary>
    public KernelRelease WithVersion(KernelVersion version) => new(Text, version, Architecture, IsDistribution);

    /// <summary>A release of which only the version is known.</summary>
    /// <param name="version">The version.</param>
    /// <param name="text">What it is to be called; null for the version itself.</param>
    public static KernelRelease Of(KernelVersion version, string? text = null) => new(text ?? version.ToString(), version, null, true);

    /// <summary>The release as it was given.</summary>
    public override string ToString() => Text;

    private static Architecture? ArchitectureOf(string suffix) => suffix switch
    {
        _ when suffix.EndsWith("amd64", StringComparison.Ordinal) || suffix.EndsWith("x86_64", StringComparison.Ordinal) => Architecture.X8664,
        _ when suffix.Contains("s390x", StringComparison.Ordinal) => Architecture.S390X,
        _ when suffix.EndsWith("arm64", StringComparison.Ordinal) || suffix.EndsWith("aarch64", StringComparison.Ordinal) => Architecture.Arm64,
        _ when suffix.EndsWith("ppc64le", StringComparison.Ordinal) || suffix.EndsWith("powerpc64le", StringComparison.Ordinal) => Architecture.Ppc64Le,
        _ => null,
    };

    /// <summary>Accepts the suffixes that occur: "", -s390x, -generic-like words, +deb13…, -56-cloud-amd64 and -0.deb11.48-cloud-amd64 (ABI numbers).</summary>
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

        // Back-ports to an older Debian: 0.deb11.48 is ABI 48.
        if (words[0].StartsWith("0.deb", StringComparison.Ordinal) && words[0].Split('.') is [_, _, var backport])
        {
            return int.TryParse(backport, NumberStyles.None, CultureInfo.InvariantCulture, out abi);
        }

        var digits = words[0].TakeWhile(char.IsAsciiDigit).Count();
        if (digits == words[0].Length)
        {
            return int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out abi);
        }

        // A release candidate is not a release.
        return !words[0].StartsWith("rc", StringComparison.Ordinal);
    }

    private static int? PointRelease((string Series, int Abi, int Patch)[] table, KernelVersion version, int abi)
    {
        var series = version.Mainline.ToString();
        int? patch = null;
        foreach (var entry in table)
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
