using System.Buffers.Binary;
using DaxSim.AddressSpaces;

namespace DaxSim.Processes;

/// <summary>What the ELF loader reads of a program: 64 bit, either byte order, statically linked at fixed addresses.</summary>
internal sealed class ProgramImage
{
    private const int HeaderBytes = 64;
    private const int SegmentBytes = 56;
    private const uint LoadSegment = 1;

    private ProgramImage(ulong entry, IReadOnlyList<Segment> segments)
    {
        Entry = entry;
        Segments = segments;
    }

    /// <summary>e_entry.</summary>
    internal ulong Entry { get; }

    /// <summary>The PT_LOAD segments, as they stand in the file.</summary>
    internal IReadOnlyList<Segment> Segments { get; }

    /// <summary>load_elf_binary's checks; null for ENOEXEC.</summary>
    /// <param name="read">Reads the file: offset, destination; says how much there was.</param>
    internal static ProgramImage? Read(Func<long, byte[], int> read)
    {
        var header = new byte[HeaderBytes];
        if (read(0, header) < HeaderBytes || !header.AsSpan(0, 4).SequenceEqual("\u007fELF"u8) || header[4] != 2 || header[5] is not (1 or 2))
        {
            return null;
        }

        var big = header[5] == 2;
        var count = Short(header.AsSpan(56), big);
        var at = (long)Long(header.AsSpan(32), big);
        if (Short(header.AsSpan(54), big) != SegmentBytes || count == 0)
        {
            return null;
        }

        var segments = new List<Segment>();
        for (var i = 0; i < count; i++)
        {
            var bytes = new byte[SegmentBytes];
            if (read(at + (i * SegmentBytes), bytes) < SegmentBytes)
            {
                return null;
            }

            if (Word(bytes, big) == LoadSegment)
            {
                segments.Add(new Segment(Protection(Word(bytes.AsSpan(4), big)), Long(bytes.AsSpan(8), big), Long(bytes.AsSpan(16), big), Long(bytes.AsSpan(32), big), Long(bytes.AsSpan(40), big)));
            }
        }

        return segments.Count == 0 ? null : new ProgramImage(Long(header.AsSpan(24), big), segments);
    }

    private static Prot Protection(uint flags) => ((flags & 4) != 0 ? Prot.Read : 0) | ((flags & 2) != 0 ? Prot.Write : 0) | ((flags & 1) != 0 ? Prot.Exec : 0);

    private static ushort Short(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint Word(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong Long(ReadOnlySpan<byte> bytes, bool big) => big ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    /// <summary>One PT_LOAD segment.</summary>
    internal readonly record struct Segment(Prot Protection, ulong Offset, ulong Address, ulong FileSize, ulong MemorySize);
}
