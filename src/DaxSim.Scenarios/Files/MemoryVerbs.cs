using System.Globalization;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Scenarios.Files.Field;

namespace DaxSim.Scenarios.Files;

/// <summary>The calls that change an address space, the CPU's accesses, and looking at a page.</summary>
internal static class MemoryVerbs
{
    private static readonly (string Word, MapFlags Flag)[] MapWords =
    [
        ("shared", MapFlags.Shared), ("private", MapFlags.Private), ("shared-validate", MapFlags.SharedValidate), ("fixed", MapFlags.Fixed), ("populate", MapFlags.Populate),
        ("locked", MapFlags.Locked), ("hugetlb", MapFlags.HugeTlb), ("sync", MapFlags.Sync), ("noreserve", MapFlags.NoReserve), ("growsdown", MapFlags.GrowsDown),
    ];

    private static readonly (string Word, Advice Advice)[] AdviceWords =
    [
        ("normal", Advice.Normal), ("random", Advice.Random), ("sequential", Advice.Sequential), ("willneed", Advice.WillNeed), ("dontneed", Advice.DontNeed), ("free", Advice.Free), ("remove", Advice.Remove),
        ("dontfork", Advice.DontFork), ("dofork", Advice.DoFork), ("mergeable", Advice.Mergeable), ("hugepage", Advice.HugePage), ("nohugepage", Advice.NoHugePage),
        ("dontdump", Advice.DontDump), ("dodump", Advice.DoDump), ("wipeonfork", Advice.WipeOnFork), ("keeponfork", Advice.KeepOnFork),
        ("cold", Advice.Cold), ("pageout", Advice.PageOut), ("populate-read", Advice.PopulateRead), ("populate-write", Advice.PopulateWrite), ("dontneed-locked", Advice.DontNeedLocked),
        ("collapse", Advice.Collapse), ("hwpoison", Advice.HwPoison), ("soft-offline", Advice.SoftOffline),
    ];

    private static StepField Length => Size("length", "How many bytes; the rest of the mapping unless given.");

    internal static IReadOnlyList<StepVerb> All { get; } =
    [
        new("mmap", "mmap(2) of a file, or of anonymous memory.", Mmap)
        {
            Fields =
            [
                Name("file", NameKind.File, "The file; anonymous memory without one.", required: false),
                Size("length", "How many bytes; a page unless given."),
                Size("offset", "First byte of the file."),
                Choice("prot", "What is allowed: letters of rwx.", "none", "r", "rw", "rx", "rwx", "w", "x"),
                Flags("flags", "MAP_*; private unless given.", [.. MapWords.Select(w => w.Word)]),
                new("at", FieldKind.Address, "Where; anywhere unless given."),
            ],
            Gives = NameKind.Area, InProcess = true,
        },
        new("munmap", "munmap(2).", r => new StepOutcome(r.Process.Munmap(r.Address(), r.Length()))) { Fields = [At(), Length], Shorthand = "at", InProcess = true },
        new("mprotect", "mprotect(2).", r => new StepOutcome(r.Process.Mprotect(r.Address(), r.Length(), ProtOf(r.Text("prot")))))
        {
            Fields = [At(), Length, Choice("prot", "What is allowed from now on.", "none", "r", "rw", "rx", "rwx") with { Required = true }], InProcess = true,
        },
        new("mremap", "mremap(2).", Mremap)
        {
            Fields = [At("The old address."), Size("length", "The old length; the rest of the mapping unless given."), Size("to-length", "The new length; the old one unless given."), new("to", FieldKind.Address, "The new address; may move anywhere unless given."), Bool("dontunmap", "MREMAP_DONTUNMAP.")],
            Gives = NameKind.Area, InProcess = true,
        },
        new("madvise", "madvise(2).", r => new StepOutcome(r.Process.Madvise(r.Address(), r.Length(), AdviceWords.First(w => w.Word == r.Text("advice")).Advice)))
        {
            Fields = [At(), Length, Choice("advice", "MADV_*.", [.. AdviceWords.Select(w => w.Word)]) with { Required = true }], InProcess = true,
        },
        new("mlock", "mlock(2).", r => new StepOutcome(r.Process.Mlock(r.Address(), r.Length(), r.Bool("onfault")))) { Fields = [At(), Length, Bool("onfault", "MLOCK_ONFAULT.")], Shorthand = "at", InProcess = true },
        new("munlock", "munlock(2).", r => new StepOutcome(r.Process.Munlock(r.Address(), r.Length()))) { Fields = [At(), Length], Shorthand = "at", InProcess = true },
        new("mlockall", "mlockall(2).", r => new StepOutcome(r.Process.MlockAll(r.Bool("current", true), r.Bool("future")))) { Fields = [Bool("current", "MCL_CURRENT; true unless given."), Bool("future", "MCL_FUTURE.")], InProcess = true },
        new("msync", "msync(2) with MS_SYNC.", r => new StepOutcome(r.Process.Msync(r.Address(), r.Length()))) { Fields = [At(), Length], Shorthand = "at", InProcess = true },
        new("mincore", "mincore(2) of one page; returns 1 when it is in memory.", r => StepOutcome.Of(r.Process.Mincore(r.Address(), (ulong)r.PageSize), b => (b[0] & 1).ToString(CultureInfo.InvariantCulture))) { Fields = [At()], Shorthand = "at", InProcess = true },
        new("mseal", "mseal(2).", r => new StepOutcome(r.Process.Mseal(r.Address(), r.Length()))) { Fields = [At(), Length], Shorthand = "at", InProcess = true },
        new("userfaultfd", "UFFDIO_REGISTER for missing pages.", r => new StepOutcome(r.Process.RegisterUserfault(r.Address(), r.Length(), UserfaultMode.Missing))) { Fields = [At(), Length], Shorthand = "at", InProcess = true },
        new("move-pages", "move_pages(2) of one page; returns its status, 0 or more when it is known.", r => StepOutcome.Of(r.Process.MovePages([r.Address()], r.Bool("move", true) ? [0] : null), s => Status(s.Status[0])))
        {
            Fields = [At(), Bool("move", "Move it, rather than ask where it is; true unless given.")], Shorthand = "at", InProcess = true,
        },
        new("soft-offline", "Writes the physical address of the page to soft_offline_page in sysfs.", SoftOffline) { Fields = [At()], Shorthand = "at", InProcess = true },
        new("load", "A load of one byte by the CPU; returns the byte.", r => StepOutcome.Of(r.Process.ReadByte(r.Address()), Character)) { Fields = [At()], Shorthand = "at", InProcess = true },
        new("store", "A store of one byte by the CPU.", r => new StepOutcome(r.Process.WriteByte(r.Address(), r.Byte("value")))) { Fields = [At(), Byte("value", "The byte.")], InProcess = true },
        new("execute", "An instruction fetch by the CPU.", r => new StepOutcome(r.Process.Execute(r.Address()))) { Fields = [At()], Shorthand = "at", InProcess = true },
        new("reclaim", "Memory pressure: takes the pages of a range out of memory as far as that is possible; returns how many left it.", r => new StepOutcome(Verdict.Ok, r.Machine.Reclaim(r.Process, r.Address(), (ulong)r.Size("length", r.PageSize)).ToString(CultureInfo.InvariantCulture)))
        {
            Fields = [At(), Size("length", "How many bytes; a page unless given.")], Shorthand = "at", InProcess = true,
        },
        new("look", "Looks at the page without touching it: entry, frame, struct page, references, pins.", r => new StepOutcome(Verdict.Ok, r.Process.View(r.Address()).ToString())) { Fields = [At()], Shorthand = "at", InProcess = true },
        new("pagemap", "/proc/pid/pagemap of one page; returns present or absent, file or anon.", r => new StepOutcome(Verdict.Ok, PagemapText(r.Process.Pagemap(r.Address())))) { Fields = [At()], Shorthand = "at", InProcess = true },
    ];

    /// <summary>A byte as scenarios write it: the character, or the number.</summary>
    internal static string Character(byte value) => value is > (byte)' ' and <= (byte)'~' and not (>= (byte)'0' and <= (byte)'9') ? ((char)value).ToString() : value.ToString(CultureInfo.InvariantCulture);

    private static Prot ProtOf(string letters)
        => (letters.Contains('r', StringComparison.Ordinal) ? Prot.Read : 0) | (letters.Contains('w', StringComparison.Ordinal) ? Prot.Write : 0) | (letters.Contains('x', StringComparison.Ordinal) ? Prot.Exec : 0);

    private static StepOutcome Mmap(StepRun r)
    {
        var flags = MapFlags.Private;
        if (r.Flags("flags") is { Count: > 0 } words)
        {
            flags = words.Aggregate((MapFlags)0, (all, word) => all | MapWords.First(w => w.Word == word).Flag);
            if ((flags & MapFlags.SharedValidate) == 0)
            {
                flags |= MapFlags.Private;
            }
        }

        var file = r.Optional<FileHandle>("file");
        var address = r.Has("at") ? r.Address() : 0;
        var length = (ulong)r.Size("length", (flags & MapFlags.HugeTlb) != 0 ? 1L << r.Machine.Policy.Architecture.PmdShift : r.PageSize);
        var mapped = r.Process.Mmap(address, length, ProtOf(r.Text("prot", "rw")), flags, file, r.Size("offset", 0));
        return StepOutcome.Of(mapped, null, mapped.IsOk ? new ScenarioArea(r.Step.As ?? "", r.Step.Process!, mapped.Value, length) : null);
    }

    private static StepOutcome Mremap(StepRun r)
    {
        var oldLength = r.Length();
        var newLength = (ulong)r.Size("to-length", (long)oldLength);
        var flags = MremapFlags.MayMove | (r.Has("to") ? MremapFlags.Fixed : 0) | (r.Bool("dontunmap") ? MremapFlags.DontUnmap : 0);
        var moved = r.Process.Mremap(r.Address(), oldLength, newLength, flags, r.Has("to") ? r.Address("to") : 0);
        return StepOutcome.Of(moved, null, moved.IsOk ? new ScenarioArea(r.Step.As ?? "", r.Step.Process!, moved.Value, newLength) : null);
    }

    private static StepOutcome SoftOffline(StepRun r)
        => r.Process.View(r.Address()).Pfn is { } pfn
            ? new StepOutcome(r.Machine.SoftOffline(pfn * (ulong)r.PageSize))
            : StepOutcome.Skip("nothing is mapped there: a load before it maps the page");

    private static string Status(int status) => status < 0 && Enum.IsDefined((Errno)(-status)) ? $"-{(Errno)(-status)}" : status.ToString(CultureInfo.InvariantCulture);

    private static string PagemapText(PagemapEntry entry) => !entry.Present ? entry.Swapped ? "swapped" : "absent" : $"present {(entry.FileOrShared ? "file" : "anon")}{(entry.Exclusive ? " exclusive" : "")}";
}
