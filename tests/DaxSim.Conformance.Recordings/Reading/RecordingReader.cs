namespace DaxSim.Conformance.Reading;

/// <summary>Reads recordings line by line and tells their formats; memory does not grow with the file.</summary>
public static class RecordingReader
{
    // Lines that are kept back until one tells whether the file is old or s390.
    private const int MostUndecided = 20_000;

    // Case names that only the s390 recorder writes. Both recorders use the same columns and some of the same case names,
    // so lines are kept back until the first one that tells.
    private static readonly string[] S390Cases = ["add-", "mnt-", "ew-", "sr-", "odd-", "nodax-", "notzvm", "module"];
    private static readonly string[] OldCases = ["raw-", "nfitraw-", "e820default-", "fsdaxmem-", "ram-", "xip-", "devmem"];

    /// <summary>Reads a file lazily. Everything that cannot be used is reported and skipped.</summary>
    /// <param name="path">The file: JSON lines, plain or gzip.</param>
    /// <param name="report">Called for each problem.</param>
    public static IEnumerable<Observation> Read(string path, Action<InputProblem> report)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(report);
        return ReadLines(path, report);
    }

    private static IEnumerable<Observation> ReadLines(string path, Action<InputProblem> report)
    {
        var undecided = new Queue<RecordedLine>();
        RecordingFormat? probe = null;
        foreach (var line in RecordingFile.Read(path, report))
        {
            var format = line.Value("seed") is not null ? RecordingFormat.Random : line.Value("state") is not null ? RecordingFormat.Cells : probe ??= Tell(line);
            if (format is null && RecordingSchema.Check(RecordingFormat.Old, line) is null && undecided.Count < MostUndecided)
            {
                undecided.Enqueue(line);
                continue;
            }

            while (undecided.TryDequeue(out var kept))
            {
                yield return new Observation(kept, probe ?? RecordingFormat.Old);
            }

            if (RecordingSchema.Check(format ?? RecordingFormat.Old, line) is { } wrong)
            {
                report(new InputProblem(path, line.Line, wrong));
            }
            else
            {
                yield return new Observation(line, format ?? RecordingFormat.Old);
            }
        }

        while (undecided.TryDequeue(out var kept))
        {
            yield return new Observation(kept, RecordingFormat.Old);
        }
    }

    /// <summary>Which of the two formats with the same columns a line certainly has, or null.</summary>
    private static RecordingFormat? Tell(RecordedLine line)
    {
        var name = line.Text("case") ?? "";
        if (S390Cases.Any(p => name.StartsWith(p, StringComparison.Ordinal)) || line.Value("badmap") is not null || (line.Text("kernel") ?? "").Contains("s390x", StringComparison.Ordinal))
        {
            return RecordingFormat.S390;
        }

        return OldCases.Any(p => name.StartsWith(p, StringComparison.Ordinal)) ? RecordingFormat.Old : null;
    }
}
