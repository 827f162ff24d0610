using System.Globalization;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Scenarios.Files.Field;

namespace DaxSim.Scenarios.Files;

/// <summary>Mounts, files and their size, and read and write with a buffer in user memory.</summary>
internal static class FileVerbs
{
    private static readonly (string Word, InodeFlags Flag)[] FlagWords =
    [
        ("dax", InodeFlags.Dax), ("verity", InodeFlags.Verity), ("encrypted", InodeFlags.Encrypted), ("journal-data", InodeFlags.JournalData), ("inline-data", InodeFlags.InlineData), ("realtime", InodeFlags.Realtime),
    ];

    private static StepField File(string description = "The file.") => Name("file", NameKind.File, description);

    private static IReadOnlyList<StepField> Transfer(string buffer) =>
    [
        File("The file; opened with direct it is O_DIRECT."), At(buffer), Size("length", "How many bytes; a page unless given."), Size("offset", "Position in the file."),
    ];

    internal static IReadOnlyList<StepVerb> All { get; } =
    [
        new("mount", "mount(2), after mkfs where block size or features are given.", r => StepOutcome.Of(MachineFile.Mount(r.Machine, r.Mount("mount")), m => m.IsDax ? "dax" : "no-dax"))
        {
            Fields = [new("mount", FieldKind.Mount, "What to mount.") { Required = true }],
        },
        new("remount", "mount(2) with MS_REMOUNT.", r => new StepOutcome(r.Machine.Remount(r.Text("path"), r.Text("options")))) { Fields = [Word("path", "Where it is mounted."), Word("options", "The new options.")] },
        new("umount", "umount(2).", r => new StepOutcome(r.Machine.Unmount(r.Text("path")))) { Fields = [Word("path", "Where it is mounted.")], Shorthand = "path" },
        new("mkdir", "mkdir(2).", r => new StepOutcome(OnMount(r, "path", (m, p) => m.Mkdir(p)))) { Fields = [Word("path", "The directory.")], Shorthand = "path" },
        new("unlink", "unlink(2).", r => new StepOutcome(OnMount(r, "path", (m, p) => m.Remove(p)))) { Fields = [Word("path", "The file.")], Shorthand = "path" },
        new("rename", "rename(2) within a mount.", r => new StepOutcome(OnMount(r, "from", (m, p) => m.Rename(p, Below(m, r.Text("to")))))) { Fields = [Word("from", "The old path."), Word("to", "The new path.")] },
        new("open", "open(2) of a file on a mount, of a device below /dev, of /dev/mem, or of a new memfd:NAME or tmpfs:NAME.", Open)
        {
            Fields = [Word("path", "The path."), Flags("flags", "O_*; for reading and writing where the mount allows unless given.", "read", "write", "create", "direct")], Shorthand = "path", Gives = NameKind.File,
        },
        new("close", "close(2).", r =>
        {
            r.Thing<FileHandle>("file").Close();
            return new StepOutcome(Verdict.Ok);
        })
        {
            Fields = [File()], Shorthand = "file", OnceOnly = true,
        },
        new("fill", "write(2) from kernel memory, as a shell's echo does: no page of the scenario is touched.", r =>
        {
            var length = r.Int("length", r.Text("content").Length);
            var pattern = System.Text.Encoding.UTF8.GetBytes(r.Text("content"));
            var bytes = new byte[length];
            for (var i = 0; i < length; i++)
            {
                bytes[i] = pattern[i % pattern.Length];
            }

            return new StepOutcome(r.Thing<FileHandle>("file").WriteBytes(r.Size("offset", 0), bytes));
        })
        {
            Fields = [File(), Word("content", "What to write, repeated up to the length."), Size("length", "How many bytes; the content once unless given."), Size("offset", "Position in the file.")],
        },
        new("peek", "read(2) of one byte into kernel memory, as a shell's head does; returns the byte, or end.", r =>
        {
            var bytes = new byte[1];
            var count = r.Thing<FileHandle>("file").ReadBytes(r.Size("offset", 0), bytes);
            return new StepOutcome(Verdict.Ok, count == 0 ? "end" : MemoryVerbs.Character(bytes[0]));
        })
        {
            Fields = [File(), Size("offset", "Position in the file.")], Shorthand = "file",
        },
        new("pread", "pread(2) into user memory; returns the count.", r => StepOutcome.Count(r.Process.Pread(r.Thing<FileHandle>("file"), r.Address(), r.Int("length", r.PageSize), r.Size("offset", 0)))) { Fields = Transfer("The buffer."), InProcess = true },
        new("pwrite", "pwrite(2) from user memory; returns the count.", r => StepOutcome.Count(r.Process.Pwrite(r.Thing<FileHandle>("file"), r.Address(), r.Int("length", r.PageSize), r.Size("offset", 0)))) { Fields = Transfer("The buffer."), InProcess = true },
        new("aio-read", "An asynchronous read and the wait for it; returns what the completion says.", r => StepOutcome.Count(r.Process.AioRead(r.Thing<FileHandle>("file"), r.Address(), r.Int("length", r.PageSize), r.Size("offset", 0)))) { Fields = Transfer("The buffer."), InProcess = true },
        new("aio-write", "An asynchronous write and the wait for it; returns what the completion says.", r => StepOutcome.Count(r.Process.AioWrite(r.Thing<FileHandle>("file"), r.Address(), r.Int("length", r.PageSize), r.Size("offset", 0)))) { Fields = Transfer("The buffer."), InProcess = true },
        new("submit-read", "io_submit(2) of an O_DIRECT read: the pages are taken now, the device answers later.", r => StepOutcome.Of(r.Process.SubmitDirectRead(r.Thing<FileHandle>("file"), r.Address(), r.Int("length", r.PageSize), r.Size("offset", 0))))
        {
            Fields = Transfer("The buffer."), InProcess = true, Gives = NameKind.Transfer,
        },
        new("complete", "The device answers: the data goes into the taken pages.", r => StepOutcome.Count(r.Thing<DirectTransfer>("transfer").Complete())) { Fields = [Name("transfer", NameKind.Transfer, "What was submitted.")], Shorthand = "transfer", OnceOnly = true },
        new("fsync", "fsync(2).", r => new StepOutcome(r.Thing<FileHandle>("file").Sync())) { Fields = [File()], Shorthand = "file" },
        new("truncate", "ftruncate(2); may fall asleep for a page that somebody holds.", r => Begun(r.Thing<FileHandle>("file").BeginTruncate(r.Size("size", 0)))) { Fields = [File(), Size("size", "The new size.", required: true)], Gives = NameKind.Operation },
        new("fallocate", "fallocate(2); may fall asleep for a page that somebody holds.", r => Begun(r.Thing<FileHandle>("file").BeginAllocate(ModeOf(r.Text("mode", "allocate")), r.Size("offset", 0), r.Size("length", r.PageSize))))
        {
            Fields = [File(), Choice("mode", "What to do; allocate unless given.", "allocate", "punch-hole", "zero-range", "collapse-range", "insert-range"), Size("offset", "First byte."), Size("length", "How many bytes; a page unless given.")], Gives = NameKind.Operation,
        },
        new("resume", "A sleeping file operation goes on after it was woken.", r => new StepOutcome(r.Thing<FileOperation>("operation").Resume())) { Fields = [Name("operation", NameKind.Operation, "What sleeps.")], Shorthand = "operation", OnceOnly = true },
        new("interrupt", "A signal ends the sleep of a file operation.", r => new StepOutcome(r.Thing<FileOperation>("operation").Interrupt())) { Fields = [Name("operation", NameKind.Operation, "What sleeps.")], Shorthand = "operation", OnceOnly = true },
        new("file-size", "The size of a file in bytes.", r => new StepOutcome(Verdict.Ok, r.Thing<FileHandle>("file").Size.ToString(CultureInfo.InvariantCulture))) { Fields = [File()], Shorthand = "file" },
        new("uses-dax", "Whether the file uses DAX now (S_DAX); returns yes or no.", r => new StepOutcome(Verdict.Ok, r.Thing<FileHandle>("file").IsDax ? "yes" : "no")) { Fields = [File()], Shorthand = "file" },
        new("statx", "statx(2) as far as STATX_ATTR_DAX is concerned; returns dax, no-dax or not-told.", r => StepOutcome.Of(r.Thing<FileHandle>("file").Statx(), s => !s.Supported ? "not-told" : s.Attribute ? "dax" : "no-dax")) { Fields = [File()], Shorthand = "file" },
        new("set-flag", "Sets or clears a flag of a file or directory, as chattr and xfs_io do.", r => new StepOutcome(OnMount(r, "path", (m, p) => m.SetFlag(p, FlagWords.First(w => w.Word == r.Text("flag")).Flag, r.Bool("on", true)))))
        {
            Fields = [Word("path", "The file or directory."), Choice("flag", "Which.", [.. FlagWords.Select(w => w.Word)]) with { Required = true }, Bool("on", "false clears it.")],
        },
        new("reflink", "FICLONE: the second file shares the blocks of the first.", r => new StepOutcome(OnMount(r, "from", (m, p) => m.Reflink(p, Below(m, r.Text("to")))))) { Fields = [Word("from", "The file whose blocks are shared."), Word("to", "The file that gets them.")] },
        new("swapon", "swapon(2).", r => new StepOutcome(r.Thing<FileHandle>("file").SwapOn())) { Fields = [File()], Shorthand = "file" },
        new("swapoff", "swapoff(2): everything that is in the swap area comes back.", r => new StepOutcome(r.Machine.SwapOff(r.Text("device")))) { Fields = [Word("device", "The device or file, as /proc/swaps calls it.")], Shorthand = "device" },
        new("drop-caches", "Writes 3 to /proc/sys/vm/drop_caches.", r =>
        {
            r.Machine.DropCaches();
            return new StepOutcome(Verdict.Ok);
        }),
        new("media-error", "A part of a device becomes a known media error.", r =>
        {
            r.Machine.InjectMediaError(r.Text("device"), r.Size("offset", 0), r.Size("length", 512));
            return new StepOutcome(Verdict.Ok);
        })
        {
            Fields = [Word("device", "The device."), Size("offset", "Where it begins."), Size("length", "How long it is; 512 unless given.")],
        },
        new("dcss-shared", "Writes to the file shared of a saved segment's device.", r => StepOutcome.Of(r.Machine.Dcss.SetShared(r.Text("segment"), r.Text("value")), _ => null)) { Fields = [Word("segment", "The segment."), Choice("value", "1 or 0.", "0", "1") with { Required = true }] },
        new("dcss-save", "Writes to the file save of a saved segment's device.", r => StepOutcome.Of(r.Machine.Dcss.Save(r.Text("segment"), r.Text("value")), _ => null)) { Fields = [Word("segment", "The segment."), Choice("value", "1 or 0.", "0", "1") with { Required = true }] },
    ];

    private static FallocateMode ModeOf(string word) => word switch
    {
        "punch-hole" => FallocateMode.PunchHole | FallocateMode.KeepSize,
        "zero-range" => FallocateMode.ZeroRange,
        "collapse-range" => FallocateMode.CollapseRange,
        "insert-range" => FallocateMode.InsertRange,
        _ => FallocateMode.None,
    };

    /// <summary>A sleeping operation is something to name even though its outcome is no success.</summary>
    private static StepOutcome Begun(FileOperation operation) => operation.IsBlocked ? new StepOutcome(operation.Verdict) { Sleeping = operation } : new StepOutcome(operation.Verdict, null, operation);

    private static StepOutcome Open(StepRun r)
    {
        var path = r.Text("path");
        var words = r.Flags("flags");
        var access = words.Contains("write") ? words.Contains("read") ? OpenFlags.ReadWrite : OpenFlags.WriteOnly : OpenFlags.ReadOnly;
        var extra = (words.Contains("create") ? OpenFlags.Create : 0) | (words.Contains("direct") ? OpenFlags.Direct : 0);
        var flags = access | extra;
        var usual = !words.Contains("read") && !words.Contains("write");
        if (path.StartsWith("memfd:", StringComparison.Ordinal))
        {
            return new StepOutcome(Verdict.Ok, null, r.Machine.CreateMemFd(path[6..]));
        }

        if (path.StartsWith("tmpfs:", StringComparison.Ordinal))
        {
            return new StepOutcome(Verdict.Ok, null, r.Machine.CreateTmpfsFile(path[6..]));
        }

        if (path == "/dev/mem")
        {
            return new StepOutcome(Verdict.Ok, null, r.Machine.OpenDevMem(usual ? OpenFlags.ReadWrite | extra : flags));
        }

        if (path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return StepOutcome.Of(r.Machine.OpenDevice(path, usual ? OpenFlags.ReadWrite | extra : flags));
        }

        if (MountOf(r.Machine, path) is not { } mount)
        {
            return new StepOutcome(Verdict.Fail(Errno.ENOENT, new Reason("path_openat", $"No filesystem is mounted at the beginning of {path}.")));
        }

        return StepOutcome.Of(mount.Open(Below(mount, path), usual ? (mount.IsReadOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite) | extra : flags));
    }

    private static Mount? MountOf(Machine machine, string path)
        => machine.Mounts.Where(m => path == m.Path || path.StartsWith(m.Path.TrimEnd('/') + "/", StringComparison.Ordinal)).MaxBy(m => m.Path.Length);

    private static string Below(Mount mount, string path) => path.StartsWith(mount.Path, StringComparison.Ordinal) ? path[mount.Path.Length..].TrimStart('/') : path;

    private static Verdict OnMount(StepRun r, string field, Func<Mount, string, Verdict> call)
        => MountOf(r.Machine, r.Text(field)) is { } mount
            ? call(mount, Below(mount, r.Text(field)))
            : Verdict.Fail(Errno.ENOENT, new Reason("path_lookupat", $"No filesystem is mounted at the beginning of {r.Text(field)}."));
}
