using System.Diagnostics.CodeAnalysis;

namespace DaxSim.Devices;

/// <summary>The type of a z/VM saved segment, with the codes of asm/extmem.h.</summary>
public enum DcssType
{
    /// <summary>SW: shared, read and write.</summary>
    SharedReadWrite = 0,

    /// <summary>EW: exclusive, read and write.</summary>
    ExclusiveReadWrite = 1,

    /// <summary>SR: shared, read only.</summary>
    SharedReadOnly = 2,

    /// <summary>ER: exclusive, read only.</summary>
    ExclusiveReadOnly = 3,

    /// <summary>SN: shared, read and write, contents not saved.</summary>
    SharedNotSaved = 4,

    /// <summary>EN: exclusive, read and write, contents not saved.</summary>
    ExclusiveNotSaved = 5,

    /// <summary>SC: shared; only CP may write.</summary>
    SharedWrittenByCp = 6,

    /// <summary>EW/EN-MIXED: what extmem calls a segment of several page ranges, each EW or EN.</summary>
    MixedExclusive = 7,
}

/// <summary>The two-letter codes of segment types, and what follows from a type.</summary>
public static class DcssTypes
{
    private static readonly string[] Codes = ["SW", "EW", "SR", "ER", "SN", "EN", "SC", "EW/EN-MIXED"];

    /// <summary>The code, for example <c>SR</c>.</summary>
    public static string Code(this DcssType type) => Codes[(int)type];

    /// <summary>Reads a code such as <c>EW</c>. A mixed segment has no code: it is defined by its page ranges.</summary>
    public static bool TryParse([NotNullWhen(true)] string? code, out DcssType type)
    {
        var index = code is null ? -1 : Array.IndexOf(Codes, code.ToUpperInvariant(), 0, (int)DcssType.MixedExclusive);
        type = (DcssType)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Reads a code such as <c>EW</c>.</summary>
    /// <exception cref="FormatException">It is none; the message lists them.</exception>
    public static DcssType Parse(string code)
        => TryParse(code, out var type) ? type : throw new FormatException($"'{code}' is not a segment type: choose one of {string.Join(", ", Codes[..(int)DcssType.MixedExclusive])}.");

    /// <summary>True for the types whose disk is read-only while the segment is loaded shared.</summary>
    internal static bool IsReadOnlyWhenShared(this DcssType type) => type is DcssType.SharedReadOnly or DcssType.ExclusiveReadOnly or DcssType.SharedWrittenByCp;

    /// <summary>True for the types that CP does not save.</summary>
    internal static bool IsNotSaved(this DcssType type) => type is DcssType.SharedNotSaved or DcssType.ExclusiveNotSaved;

    /// <summary>The bit SEGMENT_EXCLUSIVE of the code, as dcssblk tests it when segments are joined.</summary>
    internal static bool HasExclusiveBit(this DcssType type) => ((int)type & 1) != 0;
}

/// <summary>A page range of a saved segment.</summary>
/// <param name="Start">The physical address of the first byte.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Type">The type of the range.</param>
public sealed record DcssRange(ulong Start, ulong Length, DcssType Type)
{
    /// <summary>The address behind the last byte.</summary>
    public ulong End => Start + Length;
}
