using System.Text.RegularExpressions;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Import;

/// <summary>Reads <c>uname -r</c>, <c>uname -a</c> and /proc/version.</summary>
internal static partial class KernelNameReader
{
    private static readonly (string Word, string? Architecture)[] Words =
    [
        ("x86_64", "x86_64"), ("amd64", "x86_64"), ("s390x", "s390x"), ("ppc64le", "ppc64le"), ("ppc64el", "ppc64le"), ("powerpc64le", "ppc64le"), ("aarch64", "arm64"), ("arm64", "arm64"),
        ("i686", null), ("i386", null), ("686", null), ("armv7l", null), ("armhf", null), ("riscv64", null), ("mips64", null), ("loongarch64", null), ("sparc64", null), ("ia64", null), ("parisc64", null), ("alpha", null),
    ];

    internal static bool LooksLikeRelease(ReadOnlySpan<char> line) => Release().IsMatch(line);

    internal static void Read(HostFile file, HostDump dump)
    {
        var text = file.Text.Trim();
        var line = text.Split('\n')[0].Trim();
        var match = Release().Match(line.StartsWith("Linux ", StringComparison.Ordinal) ? line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..] : line);
        if (!match.Success)
        {
            match = Inside().Match(line);
        }

        if (!match.Success)
        {
            throw new FormatException($"{file.Name}:1: '{IomemReader.Shorten(line)}' is not what uname -r prints, such as 6.1.0-18-amd64.");
        }

        dump.KernelRelease = match.Groups["all"].Value;
        dump.Kernel = VersionOf(file, dump, match, line);
        dump.Architecture ??= ArchitectureOf(file, text);
    }

    private static KernelVersion VersionOf(HostFile file, HostDump dump, Match match, string line)
    {
        // Debian's kernels are called 6.1.0-18 but are 6.1.76; uname -a says so.
        var debian = Debian().Match(line);
        var number = debian.Success ? debian.Groups["version"].Value : match.Groups["version"].Value;
        if (!KernelVersion.TryRead(number, out var version, out var problem))
        {
            throw new FormatException($"{file.Name}:1: {problem}");
        }

        var release = match.Groups["all"].Value;
        if (Vendor().Match(release) is { Success: true } vendor)
        {
            dump.NoteList.Add($"{release} is a kernel of {VendorName(vendor.Value)} with changes of its own from later releases; it is taken for mainline {version}.");
        }
        else if (!debian.Success && version.Patch == 0 && release.Length > number.Length)
        {
            dump.NoteList.Add($"{release} does not say which point release it is; it is taken for {version} as it was released, without later fixes.");
        }

        return version;
    }

    private static string VendorName(string tag) => tag.StartsWith(".el", StringComparison.Ordinal) ? "Red Hat Enterprise Linux" : tag.StartsWith(".fc", StringComparison.Ordinal) ? "Fedora" : "SUSE Linux Enterprise";

    private static Architecture? ArchitectureOf(HostFile file, string text)
    {
        foreach (var word in text.Split([' ', '.', '-', '\n', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            foreach (var (known, name) in Words)
            {
                if (word == known)
                {
                    return name is null ? throw new FormatException($"{file.Name}: a kernel of {word} is not modelled: the architectures are {string.Join(", ", Architecture.All)}.") : Architecture.Parse(name);
                }
            }
        }

        return null;
    }

    [GeneratedRegex(@"^(?<all>(?<version>\d{1,3}\.\d{1,3}(\.\d{1,4})?)(?=[^0-9.]|$)[^\s]*)")]
    private static partial Regex Release();

    [GeneratedRegex(@"(^|\s)(?<all>(?<version>\d{1,3}\.\d{1,3}(\.\d{1,4})?)(?=[^0-9.]|$)[^\s]*)")]
    private static partial Regex Inside();

    [GeneratedRegex(@"Debian (?<version>\d+\.\d+\.\d+)-\d")]
    private static partial Regex Debian();

    [GeneratedRegex(@"\.el\d+|\.fc\d+|-default$|-\d+\.g[0-9a-f]{7}-default")]
    private static partial Regex Vendor();
}
