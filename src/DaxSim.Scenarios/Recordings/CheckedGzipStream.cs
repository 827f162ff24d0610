using System.IO.Compression;

namespace DaxSim.Scenarios.Recordings;

/// <summary>
/// Decompresses gzip, of one or several members, and notices at the end whether the data was whole: .NET takes cut data for whole. Zeros
/// behind the last member are padding, as gzip(1) has it.
/// </summary>
/// <remarks>
/// A member of its own, the mark, is put behind the source: it is unpacked only if what stands before it is whole. The zeros at the
/// source's end are handed out one by one, so that it shows whether some of them were left over.
/// </remarks>
internal sealed class CheckedGzipStream : ForwardStream
{
    private const int Piece = 8 << 10;

    private static readonly byte[] Mark = "\0whole\0"u8.ToArray();

    private static readonly byte[] PackedMark = Pack(Mark);

    private readonly MarkedStream compressed;
    private readonly GZipStream gzip;
    private readonly byte[] buffer = new byte[128 << 10];
    private int start;
    private int end;
    private bool ended;
    private string? failure;

    // Where in the buffer begins what came out after the mark was handed out; -1 before. Of data that is cut it is the mark taken for more of them.
    private int doubtful = -1;

    /// <summary>Takes over a stream that stands at the start of gzip data.</summary>
    internal CheckedGzipStream(Stream source)
    {
        compressed = new MarkedStream(source);
        gzip = new GZipStream(compressed, CompressionMode.Decompress);
    }

    /// <exception cref="InvalidDataException">The data is damaged, or ends too early, or something else follows it. All that could be unpacked was given before.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!ended && Sure <= 0)
        {
            Fill();
        }

        var count = Math.Min(buffer.Length, Sure);
        if (count == 0 && failure is not null && !buffer.IsEmpty)
        {
            throw new InvalidDataException(failure);
        }

        this.buffer.AsSpan(start, count).CopyTo(buffer);
        start += count;
        return count;
    }

    /// <summary>How much can be given: the last bytes may be the mark, so they wait for those that follow.</summary>
    private int Sure => ended ? end - start : (doubtful < 0 ? end - Mark.Length : Math.Min(end - Mark.Length, doubtful)) - start;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Fill()
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        end -= start;
        doubtful = doubtful < 0 ? doubtful : doubtful - start;
        start = 0;
        try
        {
            // In small pieces: of one that fails in its middle nothing is given.
            var read = gzip.Read(buffer, end, Math.Min(Piece, buffer.Length - end));
            if (doubtful < 0 && compressed.End == SourceEnd.Mark)
            {
                doubtful = end;
            }

            end += read;
            ended = read == 0;
        }
        catch (InvalidDataException)
        {
            // .NET's words are about archives and methods.
            end = doubtful < 0 ? end : doubtful;
            (ended, failure) = (true, compressed.End == SourceEnd.Mark ? "It ends too early." : "Its bytes are damaged.");
            return;
        }

        if (!ended)
        {
            return;
        }

        if (buffer.AsSpan(start, end - start).EndsWith(Mark))
        {
            end -= Mark.Length;
        }
        else if (compressed.End != SourceEnd.Padding)
        {
            failure = compressed.End == SourceEnd.Mark ? "It ends too early." : "Something else follows it.";
            end = doubtful < 0 ? end : doubtful;
        }
    }

    private static byte[] Pack(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            zip.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>How far a source was handed out.</summary>
    private enum SourceEnd
    {
        Data,
        Padding,
        Mark,
    }

    /// <summary>The source, the zeros at its end one by one, and the mark.</summary>
    private sealed class MarkedStream(Stream source) : ForwardStream
    {
        private readonly byte[] kept = new byte[64 << 10];
        private int from;
        private int to;
        private long zeros;
        private int zerosBehind;
        private int marked;
        private bool ended;

        /// <summary>What was handed out last.</summary>
        internal SourceEnd End { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            while (!ended && from == to)
            {
                Keep();
            }

            if (zeros > 0)
            {
                // Between other bytes they are data like any other.
                End = ended ? SourceEnd.Padding : SourceEnd.Data;
                var count = (int)Math.Min(ended ? 1 : zeros, buffer.Length);
                buffer[..count].Clear();
                zeros -= count;
                return count;
            }

            if (from < to)
            {
                End = SourceEnd.Data;
                var count = Take(kept.AsSpan(from, to - from), buffer);
                from += count;
                zeros = from == to ? zerosBehind : 0;
                return count;
            }

            End = SourceEnd.Mark;
            var rest = Take(PackedMark.AsSpan(marked), buffer);
            marked += rest;
            return rest;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                source.Dispose();
            }

            base.Dispose(disposing);
        }

        private static int Take(ReadOnlySpan<byte> from, Span<byte> to)
        {
            var count = Math.Min(from.Length, to.Length);
            from[..count].CopyTo(to);
            return count;
        }

        /// <summary>Reads on. Zeros at the end of what was read wait until it is known whether something follows them.</summary>
        private void Keep()
        {
            var read = source.Read(kept);
            ended = read == 0;
            (from, to) = (0, kept.AsSpan(0, read).LastIndexOfAnyExcept((byte)0) + 1);
            zerosBehind = read - to;
            if (to == 0)
            {
                zeros += zerosBehind;
            }
        }
    }
}
