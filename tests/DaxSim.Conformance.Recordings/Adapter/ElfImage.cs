using System.Buffers.Binary;

namespace DaxSim.Conformance.Adapter;

/// <summary>A small static program: one text segment that begins with the headers, one page of data behind it.</summary>
internal static class ElfImage
{
    internal const ulong TextAddress = 0x40_0000;
    internal const int TextPages = 3;
    internal const ulong Entry = TextAddress + LinuxNumbers.Page + 64;
    internal const ulong Data = TextAddress + (16 * LinuxNumbers.Page);
    internal const long EntryInFile = (long)LinuxNumbers.Page + 64;

    private const int HeaderBytes = 64;
    private const int SegmentBytes = 56;

    /// <summary>The file; the text is filled with a byte pattern, with other bytes at the entry point.</summary>
    internal static byte[] Build(bool bigEndian, ReadOnlySpan<byte> fill, ReadOnlySpan<byte> atEntry)
    {
        var file = new byte[(TextPages + 1) * (int)LinuxNumbers.Page];
        var text = file.AsSpan(0, TextPages * (int)LinuxNumbers.Page);
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = fill[i % fill.Length];
        }

        atEntry.CopyTo(text[(int)EntryInFile..]);
        var header = file.AsSpan(0, HeaderBytes + (2 * SegmentBytes));
        header.Clear();
        "\u007fELF"u8.CopyTo(header);
        (header[4], header[5], header[6]) = (2, (byte)(bigEndian ? 2 : 1), 1);
        Put(header, 24, 8, Entry, bigEndian);
        Put(header, 32, 8, HeaderBytes, bigEndian);
        Put(header, 54, 2, SegmentBytes, bigEndian);
        Put(header, 56, 2, 2, bigEndian);
        PutSegment(header[HeaderBytes..], 5, 0, TextAddress, (ulong)text.Length, bigEndian);
        PutSegment(header[(HeaderBytes + SegmentBytes)..], 6, (ulong)text.Length, Data, LinuxNumbers.Page, bigEndian);
        return file;
    }

    private static void PutSegment(Span<byte> bytes, uint flags, ulong offset, ulong address, ulong size, bool bigEndian)
    {
        Put(bytes, 0, 4, 1, bigEndian);
        Put(bytes, 4, 4, flags, bigEndian);
        Put(bytes, 8, 8, offset, bigEndian);
        Put(bytes, 16, 8, address, bigEndian);
        Put(bytes, 32, 8, size, bigEndian);
        Put(bytes, 40, 8, size, bigEndian);
    }

    private static void Put(Span<byte> bytes, int at, int width, ulong value, bool bigEndian)
    {
        Span<byte> word = stackalloc byte[8];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt64BigEndian(word, value);
            word[(8 - width)..].CopyTo(bytes[at..]);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            word[..width].CopyTo(bytes[at..]);
        }
    }
}
