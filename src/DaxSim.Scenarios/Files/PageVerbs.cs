using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using static DaxSim.Scenarios.Files.Field;

namespace DaxSim.Scenarios.Files;

/// <summary>References and pins: drivers, pipes, io_uring, zero-copy send.</summary>
internal static class PageVerbs
{
    private static readonly (string Word, GupFlags Flag)[] FlagWords =
    [
        ("write", GupFlags.Write), ("force", GupFlags.Force), ("longterm", GupFlags.LongTerm), ("dump", GupFlags.Dump), ("touch", GupFlags.Touch), ("remote", GupFlags.Remote), ("nofault", GupFlags.NoFault), ("hwpoison", GupFlags.HwPoison),
    ];

    private static IReadOnlyList<StepField> Take =>
    [
        At(), Number("pages", "How many pages; 1 unless given."), Flags("flags", "FOLL_*.", [.. FlagWords.Select(w => w.Word)]), Bool("fast", "By the lockless walk first."),
    ];

    private static StepField Pages => Name("pages", NameKind.Pages, "What was taken.");

    internal static IReadOnlyList<StepVerb> All { get; } =
    [
        new("gup", "get_user_pages: a driver takes references to pages; returns how many.", r =>
        {
            var taken = r.Bool("fast") ? r.Process.GetUserPagesFast(r.Address(), (int)r.Number("pages", 1), FlagsOf(r)) : r.Process.GetUserPages(r.Address(), (int)r.Number("pages", 1), FlagsOf(r));
            return StepOutcome.Of(taken, p => p.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        })
        {
            Fields = Take, Shorthand = "at", InProcess = true, Gives = NameKind.Pages,
        },
        new("pin", "pin_user_pages: a driver pins pages, with longterm as RDMA does (get_user_pages on kernels without pins); returns how many.", r =>
        {
            var (at, count, flags) = (r.Address(), (int)r.Number("pages", 1), FlagsOf(r));
            var taken = (r.Machine.Policy.UserPins == UserPinRule.PinUserPages, r.Bool("fast")) switch
            {
                (true, true) => r.Process.PinUserPagesFast(at, count, flags),
                (true, false) => r.Process.PinUserPages(at, count, flags),
                (false, true) => r.Process.GetUserPagesFast(at, count, flags),
                _ => r.Process.GetUserPages(at, count, flags),
            };
            return StepOutcome.Of(taken, p => p.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        })
        {
            Fields = Take, Shorthand = "at", InProcess = true, Gives = NameKind.Pages,
        },
        new("release", "put_page or unpin_user_page for taken pages.", r =>
        {
            r.Thing<UserPages>("pages").Release(r.Bool("dirty"));
            return new StepOutcome(Verdict.Ok);
        })
        {
            Fields = [Pages, Bool("dirty", "The pages were written.")], Shorthand = "pages", OnceOnly = true,
        },
        new("dma-write", "A device writes a byte into a taken page, past the CPU's page tables.", r =>
        {
            r.Thing<UserPages>("pages").Write((int)r.Number("page", 0), 0, [r.Byte("value")]);
            return new StepOutcome(Verdict.Ok);
        })
        {
            Fields = [Pages, Byte("value", "The byte."), Number("page", "Which of them, from 0; the first unless given.")],
        },
        new("dma-read", "A device reads the first byte of a taken page.", r =>
        {
            var bytes = new byte[1];
            r.Thing<UserPages>("pages").Read((int)r.Number("page", 0), 0, bytes);
            return new StepOutcome(Verdict.Ok, MemoryVerbs.Character(bytes[0]));
        })
        {
            Fields = [Pages, Number("page", "Which of them, from 0; the first unless given.")], Shorthand = "pages",
        },
        new("pipe", "pipe(2).", r => new StepOutcome(Verdict.Ok, null, r.Machine.CreatePipe())) { Fields = [Word("name", "Its name.")], Shorthand = "name", Gives = NameKind.Pipe, NamedBy = "name" },
        new("vmsplice", "vmsplice(2): puts references to pages into a pipe; returns the bytes.", r => StepOutcome.Count(r.Process.Vmsplice(r.Thing<Pipe>("pipe"), r.Address(), r.Int("length", r.PageSize))))
        {
            Fields = [Name("pipe", NameKind.Pipe, "The pipe."), At("The memory."), Size("length", "How many bytes; a page unless given.")], InProcess = true,
        },
        new("splice", "splice(2) of a file into a pipe; returns the bytes.", r => StepOutcome.Count(r.Thing<FileHandle>("file").SpliceTo(r.Thing<Pipe>("pipe"), r.Size("offset", 0), r.Int("length", r.PageSize))))
        {
            Fields = [Name("file", NameKind.File, "The file."), Name("pipe", NameKind.Pipe, "The pipe."), Size("offset", "Position in the file."), Size("length", "How many bytes; a page unless given.")],
        },
        new("drain", "read(2) of a page from a pipe; returns the first byte, or empty.", r =>
        {
            var bytes = new byte[r.PageSize];
            var count = r.Thing<Pipe>("pipe").Read(bytes);
            return new StepOutcome(Verdict.Ok, count == 0 ? "empty" : MemoryVerbs.Character(bytes[0]));
        })
        {
            Fields = [Name("pipe", NameKind.Pipe, "The pipe.")], Shorthand = "pipe",
        },
        new("close-pipe", "close(2) of both ends: every page in the pipe is given back.", r =>
        {
            r.Thing<Pipe>("pipe").Close();
            return new StepOutcome(Verdict.Ok);
        })
        {
            Fields = [Name("pipe", NameKind.Pipe, "The pipe.")], Shorthand = "pipe", OnceOnly = true,
        },
        new("io-uring-register", "IORING_REGISTER_BUFFERS with one buffer, a long-term pin.", r =>
        {
            var ring = r.Process.CreateRing();
            return new StepOutcome(ring.RegisterBuffer(r.Address(), r.Int("length", r.PageSize)), null, ring);
        })
        {
            Fields = [At("The buffer."), Size("length", "How many bytes; a page unless given.")], Shorthand = "at", InProcess = true, Gives = NameKind.Ring,
        },
        new("io-uring-unregister", "IORING_UNREGISTER_BUFFERS.", r => new StepOutcome(r.Thing<IoRing>("ring").UnregisterBuffer())) { Fields = [Name("ring", NameKind.Ring, "The ring.")], Shorthand = "ring", OnceOnly = true },
        new("io-uring-read", "IORING_OP_READ_FIXED into the registered buffer; returns the count.", r => StepOutcome.Count(r.Thing<IoRing>("ring").ReadFixed(r.Thing<FileHandle>("file"), r.Address(), r.Int("length", r.PageSize), r.Size("offset", 0))))
        {
            Fields = [Name("ring", NameKind.Ring, "The ring."), Name("file", NameKind.File, "The file."), At("The buffer."), Size("length", "How many bytes; a page unless given."), Size("offset", "Position in the file.")],
        },
        new("send-zerocopy", "send(2) with MSG_ZEROCOPY; returns the count.", r => StepOutcome.Count(r.Process.SendZeroCopy(r.Address(), new byte[64]))) { Fields = [At("The data.")], Shorthand = "at", InProcess = true },
        new("futex-wait", "FUTEX_WAIT for a value that is not there: finds the key, then EAGAIN.", r => new StepOutcome(r.Process.FutexWait(r.Address(), 0x7fff1234, r.Bool("shared", true) ? FutexScope.Shared : FutexScope.Private))) { Fields = [At("The futex."), Bool("shared", "FUTEX_PRIVATE_FLAG is absent; true unless given.")], Shorthand = "at", InProcess = true },
        new("futex-wake", "FUTEX_WAKE; returns how many were woken.", r => StepOutcome.Count(r.Process.FutexWake(r.Address(), scope: r.Bool("shared", true) ? FutexScope.Shared : FutexScope.Private))) { Fields = [At("The futex."), Bool("shared", "FUTEX_PRIVATE_FLAG is absent; true unless given.")], Shorthand = "at", InProcess = true },
    ];

    private static GupFlags FlagsOf(StepRun r) => r.Flags("flags").Aggregate(GupFlags.None, (all, word) => all | FlagWords.First(w => w.Word == word).Flag);
}
