using System.Buffers.Binary;
using System.IO.Compression;

namespace DaxSim.Conformance.Reading;

/// <summary>Decompresses gzip and notices at the end whether the file is whole: .NET ends a cut file without a word.</summary>
internal sealed class CheckedGzipStream : Stream
{
    private readonly GZipStream gzip;
    private readonly uint announced;
    private uint seen;

    /// <summary>Takes over a seekable file that stands at its start.</summary>
    internal CheckedGzipStream(FileStream file)
    {
        Span<byte> trailer = stackalloc byte[4];
        file.Seek(-Math.Min(4, file.Length), SeekOrigin.End);
        file.ReadAtLeast(trailer, 4, throwOnEndOfStream: false);
        announced = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        file.Position = 0;
        gzip = new GZipStream(file, CompressionMode.Decompress);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = gzip.Read(buffer);
        seen = unchecked(seen + (uint)read);
        if (read == 0 && buffer.Length > 0 && seen != announced)
        {
            throw new InvalidDataException("The length at the end of the gzip data is not that of its content.");
        }

        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            gzip.Dispose();
        }

        base.Dispose(disposing);
    }
}
