using System.Buffers.Binary;

namespace DaxSim.Scenarios.Strace;

/// <summary>The first bytes of a program that stands for a recorded one, whose contents no log tells: one segment, all of it text.</summary>
internal static class ProgramImageBytes
{
    private const int HeaderBytes = 64;
    private const int SegmentBytes = 56;

    /// <summary>An ELF header and a program header.</summary>
    /// <param name="address">Where the program is mapped.</param>
    /// <param name="size">The file's bytes.</param>
    internal static byte[] Make(ulong address, ulong size)
    {
        var bytes = new byte[HeaderBytes + SegmentBytes];
        "\u007fELF"u8.CopyTo(bytes);
        bytes[4] = 2;
        bytes[5] = 1;
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), address);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(54), SegmentBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(56), 1);
        var segment = bytes.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], size);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], size);
        return bytes;
    }
}
