using System.Buffers.Binary;
using System.IO.Compression;

namespace DaxSim.Scenarios.Recordings;

/// <summary>Decompresses gzip and notices at the end whether the data was whole: .NET ends cut data without a word.</summary>
internal sealed class CheckedGzipStream : ForwardStream
{
    private readonly TailStream compressed;
    private readonly GZipStream gzip;
    private uint seen;

    /// <summary>Takes over a stream that stands at the start of gzip data.</summary>
    internal CheckedGzipStream(Stream source)
    {
        compressed = new TailStream(source);
        gzip = new GZipStream(compressed, CompressionMode.Decompress);
    }

    public override int Read(Span<byte> buffer)
    {
        var read = gzip.Read(buffer);
        seen = unchecked(seen + (uint)read);
        if (read == 0 && buffer.Length > 0 && compressed.LastWord() != seen)
        {
            throw new InvalidDataException("The length at the end of the gzip data is not that of its content.");
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Remembers the last four bytes that went through: gzip data ends with the length of its content.</summary>
    private sealed class TailStream(Stream source) : ForwardStream
    {
        private readonly byte[] tail = new byte[4];

        public override int Read(Span<byte> buffer)
        {
            var read = source.Read(buffer);
            var last = buffer[..read];
            if (read >= tail.Length)
            {
                last[^tail.Length..].CopyTo(tail);
            }
            else
            {
                tail.AsSpan(read).CopyTo(tail);
                last.CopyTo(tail.AsSpan(tail.Length - read));
            }

            return read;
        }

        /// <summary>The last four bytes of the source, which is read to its end.</summary>
        internal uint LastWord()
        {
            Span<byte> rest = stackalloc byte[4096];
            while (Read(rest) > 0)
            {
            }

            return BinaryPrimitives.ReadUInt32LittleEndian(tail);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                source.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
