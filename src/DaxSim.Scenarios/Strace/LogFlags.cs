using DaxSim.AddressSpaces;
using DaxSim.FileSystems;

namespace DaxSim.Scenarios.Strace;

/// <summary>Flags and other constants, by name or (with raw or -X) by number; unknown names are ignored.</summary>
internal static class LogFlags
{
    internal const int OpenCreate = 0x40;
    internal const int OpenExclusive = 0x80;
    internal const int OpenTruncate = 0x200;
    internal const int OpenAppend = 0x400;
    internal const int OpenDirect = 0x4000;
    internal const int OpenDirectory = 0x10000;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int OpenPath = 0x200000;

    internal const ulong CloneVm = 0x100;
    internal const ulong CloneFs = 0x200;
    internal const ulong CloneFiles = 0x400;
    internal const ulong CloneThread = 0x10000;

    internal const ulong AddressNoRandomize = 0x40000;

    /// <summary>The or of the names' values.</summary>
    internal static ulong Read(ReadOnlySpan<byte> text, ReadOnlySpan<(string Name, ulong Value)> names)
    {
        var flags = 0UL;
        foreach (var range in text.Split((byte)'|'))
        {
            var word = text[range].Trim((byte)' ');
            if (word.IsEmpty)
            {
                continue;
            }

            if (word[0] is >= (byte)'0' and <= (byte)'9')
            {
                flags |= LogText.TryNumber(word, out var number) ? number : 0;
                continue;
            }

            foreach (var (name, value) in names)
            {
                if (Same(word, name))
                {
                    flags |= value;
                    break;
                }
            }
        }

        return flags;
    }

    internal static Prot Protection(ReadOnlySpan<byte> text)
        => (Prot)(Read(text, [("PROT_READ", 1), ("PROT_WRITE", 2), ("PROT_EXEC", 4)]) & 7);

    internal static MapFlags Mapping(ReadOnlySpan<byte> text)
        => (MapFlags)Read(text,
        [
            ("MAP_SHARED", 1), ("MAP_PRIVATE", 2), ("MAP_FIXED", 0x10), ("MAP_ANONYMOUS", 0x20), ("MAP_ANON", 0x20), ("MAP_GROWSDOWN", 0x100), ("MAP_LOCKED", 0x2000), ("MAP_NORESERVE", 0x4000),
            ("MAP_POPULATE", 0x8000), ("MAP_NONBLOCK", 0x10000), ("MAP_STACK", 0x20000), ("MAP_HUGETLB", 0x40000), ("MAP_SYNC", 0x80000), ("MAP_FIXED_NOREPLACE", 0x100000), ("MAP_SHARED_VALIDATE", 3),
        ]);

    internal static int Open(ReadOnlySpan<byte> text)
        => (int)Read(text,
        [
            ("O_WRONLY", 1), ("O_RDWR", 2), ("O_CREAT", OpenCreate), ("O_EXCL", OpenExclusive), ("O_TRUNC", OpenTruncate), ("O_APPEND", OpenAppend), ("O_DIRECT", OpenDirect), ("O_DIRECTORY", OpenDirectory),
            ("O_CLOEXEC", OpenCloseOnExec), ("O_PATH", OpenPath),
        ]);

    internal static ulong Clone(ReadOnlySpan<byte> text)
        => Read(text, [("CLONE_VM", CloneVm), ("CLONE_FS", CloneFs), ("CLONE_FILES", CloneFiles), ("CLONE_THREAD", CloneThread)]);

    internal static MremapFlags Mremap(ReadOnlySpan<byte> text)
        => (MremapFlags)Read(text, [("MREMAP_MAYMOVE", 1), ("MREMAP_FIXED", 2), ("MREMAP_DONTUNMAP", 4)]);

    /// <summary>The file operation flags that the library knows.</summary>
    internal static OpenFlags ToLibrary(int flags) => (OpenFlags)(flags & 3) | ((flags & OpenDirect) != 0 ? OpenFlags.Direct : 0);

    internal static Advice? Advice(ReadOnlySpan<byte> text)
    {
        if (LogText.TryNumber(text, out var number))
        {
            return Enum.IsDefined((Advice)(int)number) ? (Advice)(int)number : null;
        }

        foreach (var (name, advice) in (ReadOnlySpan<(string, Advice)>)
            [
                ("MADV_NORMAL", AddressSpaces.Advice.Normal), ("MADV_RANDOM", AddressSpaces.Advice.Random), ("MADV_SEQUENTIAL", AddressSpaces.Advice.Sequential), ("MADV_WILLNEED", AddressSpaces.Advice.WillNeed),
                ("MADV_DONTNEED", AddressSpaces.Advice.DontNeed), ("MADV_FREE", AddressSpaces.Advice.Free), ("MADV_REMOVE", AddressSpaces.Advice.Remove), ("MADV_DONTFORK", AddressSpaces.Advice.DontFork),
                ("MADV_DOFORK", AddressSpaces.Advice.DoFork), ("MADV_MERGEABLE", AddressSpaces.Advice.Mergeable), ("MADV_UNMERGEABLE", AddressSpaces.Advice.Unmergeable), ("MADV_HUGEPAGE", AddressSpaces.Advice.HugePage),
                ("MADV_NOHUGEPAGE", AddressSpaces.Advice.NoHugePage), ("MADV_DONTDUMP", AddressSpaces.Advice.DontDump), ("MADV_DODUMP", AddressSpaces.Advice.DoDump), ("MADV_WIPEONFORK", AddressSpaces.Advice.WipeOnFork),
                ("MADV_KEEPONFORK", AddressSpaces.Advice.KeepOnFork), ("MADV_COLD", AddressSpaces.Advice.Cold), ("MADV_PAGEOUT", AddressSpaces.Advice.PageOut), ("MADV_POPULATE_READ", AddressSpaces.Advice.PopulateRead),
                ("MADV_POPULATE_WRITE", AddressSpaces.Advice.PopulateWrite), ("MADV_DONTNEED_LOCKED", AddressSpaces.Advice.DontNeedLocked), ("MADV_COLLAPSE", AddressSpaces.Advice.Collapse),
            ])
        {
            if (Same(text, name))
            {
                return advice;
            }
        }

        return null;
    }

    /// <summary>A constant by name or number.</summary>
    internal static bool Is(ReadOnlySpan<byte> text, string name, ulong value)
        => Same(text, name) || (!text.IsEmpty && text[0] is >= (byte)'0' and <= (byte)'9' && LogText.TryNumber(text, out var number) && number == value);

    private static bool Same(ReadOnlySpan<byte> word, string name)
    {
        if (word.Length != name.Length)
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (word[i] != name[i])
            {
                return false;
            }
        }

        return true;
    }
}
