using DaxSim.Policy;

namespace DaxSim.Conformance.Runner;

/// <summary>The command line, read strictly.</summary>
internal sealed record Arguments(IReadOnlyList<string> Files, KernelVersion? Kernel, bool Json, bool Full, int Limit, string? Ratchet, string? Errata)
{
    internal const string Usage =
        """
        usage: DaxSim.Conformance.Runner FILE... [--kernel V] [--json] [--full] [--limit N]
               DaxSim.Conformance.Runner --update-ratchet RATCHET FILE...
               DaxSim.Conformance.Runner --write-errata DOCUMENT

          FILE               a recording (formats cells, random, old, s390), plain or gzip
          --kernel V         simulate version V instead of the recorded kernel, for example 6.1, 6.1.192 or 6.1.0-56-cloud-amd64
          --json             print one JSON array with an object per file
          --full             list every operation and mapping, not only those that do not fully agree
          --limit N          print at most N differences per file as text (default 50; 0 for all)
          --update-ratchet   write the agreed counts of the files as the new ratchet
          --write-errata     write the list of known deviations and unknowns

        exit status: 0 every difference is listed in the errata, 1 some difference is not, 2 bad usage or damaged input
        """;

    /// <summary>Reads the arguments; on failure <paramref name="problem"/> is one line.</summary>
    internal static Arguments? TryParse(IReadOnlyList<string> args, out string? problem)
    {
        var files = new List<string>();
        KernelVersion? kernel = null;
        bool json = false, full = false;
        var limit = 50;
        string? ratchet = null, errata = null;
        problem = null;
        for (var i = 0; i < args.Count && problem is null; i++)
        {
            switch (args[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--full":
                    full = true;
                    break;
                case "--kernel" or "--limit" or "--update-ratchet" or "--write-errata" when i + 1 == args.Count:
                    problem = $"{args[i]} needs a value.";
                    break;
                case "--kernel":
                    if (KernelVersion.TryRead(args[++i], out var version, out problem))
                    {
                        kernel = version;
                    }
                    else if (KernelRelease.TryRead(args[i], out var release, out _))
                    {
                        (kernel, problem) = (release.Version, null);
                    }

                    break;
                case "--limit":
                    if (!int.TryParse(args[++i], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out limit))
                    {
                        problem = $"'{args[i]}' is not a number of differences.";
                    }

                    break;
                case "--update-ratchet":
                    ratchet = args[++i];
                    break;
                case "--write-errata":
                    errata = args[++i];
                    break;
                case ['-', _, ..]:
                    problem = $"unknown option '{args[i]}'.";
                    break;
                default:
                    files.Add(args[i]);
                    break;
            }
        }

        if (problem is null && files.Count == 0 && errata is null)
        {
            problem = "no recording is named.";
        }

        return problem is null ? new Arguments(files, kernel, json, full, limit, ratchet, errata) : null;
    }
}
