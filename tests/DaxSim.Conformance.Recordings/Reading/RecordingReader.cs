namespace DaxSim.Conformance.Reading;

/// <summary>Reads recordings line by line; memory does not grow with the file.</summary>
public static class RecordingReader
{
    // Case names that only the s390 recorder writes. Both recorders use the same columns and some of the same case names,
    // so a file is scanned for the first line that tells.
    private static readonly string[] S390Cases = ["add-", "mnt-", "ew-", "sr-", "odd-", "nodax-", "notzvm", "module"];
    private static readonly string[] OldCases = ["raw-", "nfitraw-", "e820default-", "fsdaxmem-", "ram-", "xip-", "devmem"];

    /// <summary>Reads a file lazily. Everything that cannot be used is reported and skipped.</summary>
    /// <param name="path">The file: JSON lines, plain or gzip.</param>
    /// <param name="report">Called for each problem.</param>
    public static IEnumerable<Observation> Read(string path, Action<InputProblem> report)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(report);
        return ReadLines(path, DetectProbeFormat(path), report);
    }

    private static IEnumerable<Observation> ReadLines(string path, RecordingFormat probeFormat, Action<InputProblem> report)
    {
        using var stream = RecordingFile.TryOpen(path, out var problem);
        if (stream is null)
        {
            report(problem!);
            yield break;
        }

        var lines = new LineReader(stream);
        var parser = new ObservationParser(path);
        while (true)
        {
            Observation? observation = null;
            string? wrong = null;
            bool tooLong;
            ReadOnlyMemory<byte> line;
            try
            {
                if (!lines.TryRead(out line, out tooLong))
                {
                    yield break;
                }
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                report(new InputProblem(path, lines.Number + 1, $"reading stops here: {(e is InvalidDataException ? "the gzip data is damaged, cut, or made of several gzip files" : e.Message.TrimEnd('.'))}."));
                yield break;
            }

            if (tooLong)
            {
                wrong = $"the line is longer than {LineReader.DefaultMaximumLength >> 20} MiB and was skipped.";
            }
            else if (line.Length > 0)
            {
                observation = parser.Parse(line.Span, lines.Number, probeFormat, out wrong);
            }

            if (wrong is not null)
            {
                report(new InputProblem(path, lines.Number, wrong));
            }
            else if (observation is not null)
            {
                yield return observation;
            }
        }
    }

    private static RecordingFormat DetectProbeFormat(string path)
    {
        foreach (var line in ReadLines(path, RecordingFormat.Old, static _ => { }).Take(20_000))
        {
            if (line.Format is RecordingFormat.Cells or RecordingFormat.Random)
            {
                break;
            }

            var name = line.Text("case") ?? "";
            if (S390Cases.Any(p => name.StartsWith(p, StringComparison.Ordinal)) || line.Value("badmap") is not null || (line.Text("kernel") ?? "").Contains("s390x", StringComparison.Ordinal))
            {
                return RecordingFormat.S390;
            }

            if (OldCases.Any(p => name.StartsWith(p, StringComparison.Ordinal)))
            {
                return RecordingFormat.Old;
            }
        }

        return RecordingFormat.Old;
    }
}
