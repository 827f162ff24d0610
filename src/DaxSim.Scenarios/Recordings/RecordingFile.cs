namespace DaxSim.Scenarios.Recordings;

/// <summary>A file of recorded lines: JSON lines, plain or gzip, told apart by their first bytes. Pipes are read too.</summary>
public static class RecordingFile
{
    /// <summary>Reads a file lazily; memory does not grow with it. Everything that cannot be used is reported and skipped.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">Called for each problem.</param>
    public static IEnumerable<RecordedLine> Read(string path, Action<InputProblem> report)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(report);
        return ReadLines(path, report);
    }

    /// <summary>The kernel release that a file's name gives: everything before <c>.jsonl</c>.</summary>
    public static string KernelName(string path)
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

    private static IEnumerable<RecordedLine> ReadLines(string path, Action<InputProblem> report)
    {
        using var stream = TryOpen(path, out var problem);
        if (stream is null)
        {
            report(problem!);
            yield break;
        }

        var lines = new LineReader(stream);
        var parser = new LineParser(path);
        while (true)
        {
            RecordedLine? read = null;
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
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                report(new InputProblem(path, lines.Number + 1, $"reading stops here: {(e is InvalidDataException ? $"the gzip data is damaged or cut off: {char.ToLowerInvariant(e.Message[0])}{e.Message[1..].TrimEnd('.')}" : e.Message.TrimEnd('.'))}."));
                yield break;
            }

            if (tooLong)
            {
                wrong = $"the line is longer than {LineReader.DefaultMaximumLength >> 20} MiB and was skipped.";
            }
            else if (line.Length > 0)
            {
                read = parser.Parse(line.Span, lines.Number, out wrong);
            }

            if (wrong is not null)
            {
                report(new InputProblem(path, lines.Number, wrong));
            }
            else if (read is not null)
            {
                yield return read;
            }
        }
    }

    /// <summary>Opens a file; on failure <paramref name="problem"/> says why.</summary>
    private static Stream? TryOpen(string path, out InputProblem? problem)
    {
        problem = null;
        try
        {
            if (Directory.Exists(path))
            {
                problem = new InputProblem(path, 0, "this is a directory: name the recordings in it.");
                return null;
            }

            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            var magic = new byte[2];
            var got = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
            var whole = new PrefixedStream(magic[..got], file);
            if (got == 2 && magic[0] == 0x1f && magic[1] == 0x8b)
            {
                return new CheckedGzipStream(whole);
            }

            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                whole.Dispose();
                problem = new InputProblem(path, 0, got == 0 ? "the file is empty, although its name ends in .gz." : "this is not gzip data, although its name ends in .gz.");
                return null;
            }

            return whole;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = new InputProblem(path, 0, e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file." : $"cannot be read: {e.Message}");
            return null;
        }
    }
}
