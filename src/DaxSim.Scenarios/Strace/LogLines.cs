using DaxSim.Scenarios.Recordings;

namespace DaxSim.Scenarios.Strace;

/// <summary>
/// The lines of a log file, plain or gzip, as spans of one reused buffer. A line that does not fit is cut and marked; a file that
/// cannot be read to its end (a cut gzip, a bad disk) ends where it breaks, with the reason.
/// </summary>
internal sealed class LogLines : IDisposable
{
    /// <summary>Bytes of the longest line that is read whole.</summary>
    internal const int LongestLine = 4 << 20;

    private readonly Stream file;
    private readonly Stream stream;
    private byte[] buffer = new byte[256 << 10];
    private int start;
    private int end;
    private bool ended;

    internal LogLines(Stream file)
    {
        this.file = file;
        Span<byte> magic = stackalloc byte[2];
        var read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        IsCompressed = read == 2 && magic is [0x1f, 0x8b];
        var whole = new PrefixedStream(magic[..read].ToArray(), file);
        stream = IsCompressed ? new CheckedGzipStream(whole) : whole;
    }

    internal bool IsCompressed { get; }

    /// <summary>The number of the line that <see cref="Next"/> returned last, from 1.</summary>
    internal long Number { get; private set; }

    /// <summary>The line that was returned last was too long, and only its beginning is there.</summary>
    internal bool IsCut { get; private set; }

    /// <summary>Why the file ended early; null when it did not.</summary>
    internal string? Broken { get; private set; }

    /// <summary>Bytes that were read from the file itself, for a progress bar.</summary>
    internal long FilePosition { get; private set; }

    /// <summary>The next line without its line feed; false at the end.</summary>
    internal bool Next(out ReadOnlySpan<byte> line)
    {
        IsCut = false;
        var searched = 0;
        while (true)
        {
            var at = buffer.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = buffer.AsSpan(start, searched + at);
                start += searched + at + 1;
                Number++;
                return true;
            }

            searched = end - start;
            if (ended)
            {
                line = buffer.AsSpan(start, searched);
                start = end;
                Number += searched > 0 ? 1 : 0;
                return searched > 0;
            }

            if (searched >= LongestLine)
            {
                line = SkipRest();
                Number++;
                return true;
            }

            Fill();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        file.Dispose();
    }

    /// <summary>Keeps the beginning of a line that is too long and reads on to its end.</summary>
    private ReadOnlySpan<byte> SkipRest()
    {
        IsCut = true;
        var kept = buffer.AsSpan(start, 4096).ToArray();
        while (true)
        {
            start = end = 0;
            Fill();
            var at = buffer.AsSpan(0, end).IndexOf((byte)'\n');
            if (at >= 0)
            {
                start = at + 1;
                return kept;
            }

            if (ended)
            {
                start = end;
                return kept;
            }
        }
    }

    private void Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        try
        {
            var read = stream.Read(buffer, end, buffer.Length - end);
            end += read;
            ended = read == 0;
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException)
        {
            ended = true;
            Broken = IsCompressed ? $"the gzip data is damaged or cut off: {char.ToLowerInvariant(problem.Message[0])}{problem.Message[1..].TrimEnd('.')}" : problem.Message.TrimEnd('.');
        }

        FilePosition = file.CanSeek ? file.Position : 0;
    }
}
