namespace DaxSim.Scenarios.Recordings;

/// <summary>Splits a stream into lines without ever holding more than one line of limited length.</summary>
internal sealed class LineReader(Stream stream, int maximumLength = LineReader.DefaultMaximumLength)
{
    /// <summary>The longest line that is read: the recordings' longest is under 4 KiB.</summary>
    internal const int DefaultMaximumLength = 1 << 20;

    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private bool atEnd;

    /// <summary>The number of the line that <see cref="TryRead"/> gave last, counted from 1.</summary>
    internal long Number { get; private set; }

    /// <summary>Reads the next line, without its line end.</summary>
    /// <param name="line">The line, valid until the next call; empty when it was too long.</param>
    /// <param name="tooLong">True when the line was longer than the maximum and was skipped.</param>
    /// <returns>False at the end of the stream.</returns>
    internal bool TryRead(out ReadOnlyMemory<byte> line, out bool tooLong)
    {
        tooLong = false;
        line = default;
        var scanned = start;
        while (true)
        {
            var newline = buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = Trim(start, scanned + newline);
                start = scanned + newline + 1;
                Number++;
                return true;
            }

            scanned = end;
            if (atEnd)
            {
                if (start == end)
                {
                    return false;
                }

                line = Trim(start, end);
                start = end;
                Number++;
                return true;
            }

            if (end - start > maximumLength)
            {
                SkipLine();
                tooLong = true;
                Number++;
                return true;
            }

            scanned -= MakeRoom();
            Fill();
        }
    }

    private ReadOnlyMemory<byte> Trim(int from, int to) => buffer.AsMemory(from, to > from && buffer[to - 1] == '\r' ? to - from - 1 : to - from);

    /// <summary>Moves the unread bytes to the front, or grows the buffer; returns how far they moved.</summary>
    private int MakeRoom()
    {
        if (end < buffer.Length)
        {
            return 0;
        }

        var moved = start;
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }
        else
        {
            Array.Resize(ref buffer, Math.Min(buffer.Length * 2, maximumLength + (1 << 16)));
        }

        return moved;
    }

    private void Fill()
    {
        var read = stream.Read(buffer, end, buffer.Length - end);
        atEnd = read == 0;
        end += read;
    }

    private void SkipLine()
    {
        start = end = 0;
        while (true)
        {
            Fill();
            var newline = buffer.AsSpan(0, end).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                start = newline + 1;
                return;
            }

            if (atEnd)
            {
                return;
            }

            end = 0;
        }
    }
}
