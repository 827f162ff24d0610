using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>One random step: what, who, where, how much. Every number is taken modulo what there is.</summary>
internal readonly record struct Op(int Kind, int Who, int Slot, int Page, int Count, int Value);

/// <summary>
/// Random operations over a few processes that share files, with an audit after every step, and a naive model beside it: one
/// record per page, nothing by extents, no kernel versions except where reading makes a copy.
/// </summary>
internal sealed class RandomWorld
{
    internal const int Kinds = 31;
    private const string SwapDevice = "swap0";
    private const ulong SwapSlots = 1024;
    private const int Slots = 4;
    private const int SlotPages = 8;
    private const int FilePages = 6;
    private const ulong FirstSlot = 0x4000_0000_0000;
    private const ulong HugeSlot = 0x4800_0000_0000;
    private static readonly ulong[] HugePages = [0, 1, 300, 511];

    private readonly Machine machine;
    private readonly FileHandle[] files;
    private ReferenceModel model;
    private readonly Process?[] processes = new Process?[3];
    private readonly List<UserPages> held = [];
    private readonly Pipe pipe;
    private readonly bool readsBreakCow;
    private readonly bool pinsUnshare;
    private readonly bool audits;
    private int steps;

    private RandomWorld(Machine machine, FileHandle[] files, bool audits)
    {
        this.machine = machine;
        this.files = files;
        this.audits = audits;
        model = new ReferenceModel(files.Length, FilePages, processes.Length);
        for (var f = 0; f < files.Length; f++)
        {
            for (var i = 0; i < FilePages; i++)
            {
                model.WriteFile(f, i, files[f].ReadBytesAt(i));
            }
        }

        // A fast device that is soon full, and a disk behind it.
        machine.Memory.AddSwapArea("zram0", 16, isSynchronous: true);
        machine.Memory.AddSwapArea(SwapDevice, SwapSlots, isSynchronous: false);
        processes[0] = machine.Spawn("P0");
        pipe = machine.CreatePipe();
        readsBreakCow = machine.Policy.ForcedCowOnRead == ForcedCowOnReadRule.ReadsOfCowMappingsBreakThem;
        pinsUnshare = machine.Policy.PinUnshare != PinUnshareRule.Never;
    }

    internal Machine Machine => machine;

    /// <summary>A machine with a memfd, a page cache file and a DAX file: with struct pages on x86_64, without on s390x.</summary>
    internal static RandomWorld On(string kernel, bool s390, bool audits = true, bool nodes = false)
    {
        var dax = s390 ? Backing.PageLess : Backing.FsDax;
        var scene = s390 ? Scene.S390(kernel) : nodes ? Scene.X86(kernel, m => m.Pmem("64M", PmemMode.FsDax), nodes: true) : KernelVersion.Parse(kernel) >= KernelVersion.Parse("4.9") ? Scene.For(kernel, dax) : Scene.X86(kernel);
        List<FileHandle> files = [scene.File(Backing.Shmem, FilePages), scene.File(Backing.PageCache, FilePages)];
        if (s390 || KernelVersion.Parse(kernel) >= KernelVersion.Parse("4.9"))
        {
            files.Add(scene.File(dax, FilePages));
        }

        return new RandomWorld(scene.Machine, [.. files], audits);
    }

    /// <summary>Does the steps, compares as it goes and everything at the end.</summary>
    internal void Run(ReadOnlySpan<Op> ops)
    {
        foreach (var op in ops)
        {
            Do(op);
            steps++;
            if (audits)
            {
                var findings = machine.Audit();
                if (findings.Count > 0)
                {
                    throw new InvalidOperationException($"After step {steps} ({op}, {Names[op.Kind % Kinds]}): {findings[0]}");
                }
            }
        }
    }

    /// <summary>Every page of every process and file is what the model says.</summary>
    internal void CompareAll()
    {
        for (var who = 0; who < processes.Length; who++)
        {
            for (var page = 0; processes[who] is not null && page < (Slots * SlotPages) + HugePages.Length; page++)
            {
                Load(who, page);
            }
        }

        for (var f = 0; f < files.Length; f++)
        {
            for (var i = 0; i < FilePages; i++)
            {
                Same(model.FileSize(f) > i ? model.ReadFile(f, i) : 0, files[f].ReadBytesAt(i), $"file {f} page {i}");
            }
        }
    }

    /// <summary>Releases everything and ends every process: nothing may be left.</summary>
    internal void End()
    {
        foreach (var pages in held)
        {
            pages.Release();
        }

        held.Clear();
        pipe.Close();
        for (var i = 0; i < processes.Length; i++)
        {
            processes[i]?.Exit();
            processes[i] = null;
        }

        machine.Audit().Should().BeEmpty();
        foreach (var file in files)
        {
            file.Truncate(0).IsOk.Should().BeTrue();
        }

        machine.Audit().Should().BeEmpty();
        machine.Memory.AllocatedPages.Should().Be(machine.MemoryManager.KernelPages);
        machine.Memory.Pages.Extents().Where(e => !machine.MemoryManager.IsHugeZero(e.Start)).Where(e => e.Value.References != 0 || e.Value.MapCount != 0 || e.Value.PinCount != 0).Should().BeEmpty();
    }

    /// <summary>The handles that belong to the present state, to go back to with a restored machine.</summary>
    internal (Process?[], UserPages[], ReferenceModel) SaveHandles() => ([.. processes], [.. held], model.Copy());

    internal void LoadHandles((Process?[] Processes, UserPages[] Held, ReferenceModel Model) saved)
    {
        model = saved.Model.Copy();
        saved.Processes.CopyTo(processes, 0);
        held.Clear();
        held.AddRange(saved.Held);
    }

    private static readonly string[] Names =
    [
        "mmap", "mmap", "mmap", "munmap", "mprotect", "load", "load", "store", "store", "store", "fork", "exit", "dontneed", "truncate", "punch",
        "file write", "get", "pin", "release", "splice", "drain", "poke", "move",
        "clear", "migrate", "watch", "reclaim", "reclaim", "swapoff", "bind", "nodes",
    ];

    /// <summary>The slots, then four pages of two megabytes that huge pages may map.</summary>
    private static ulong Address(int page)
        => page < Slots * SlotPages ? FirstSlot + ((ulong)page * Scene.Page) : HugeSlot + (HugePages[page - (Slots * SlotPages)] * Scene.Page);

    private void Do(Op op)
    {
        var who = op.Who % processes.Length;
        var huge = op.Slot == Slots;
        var page = huge ? (Slots * SlotPages) + (op.Page % HugePages.Length) : (op.Slot * SlotPages) + (op.Page % SlotPages);
        var count = huge ? 1 : Math.Min(1 + (op.Count % 4), SlotPages - (op.Page % SlotPages));
        if (processes[who] is not { } process)
        {
            who = 0;
            process = processes[0]!;
        }

        switch (Names[op.Kind % Kinds])
        {
            case "mmap" when huge:
                process.Mmap(HugeSlot, Scene.Huge, Scene.ReadWrite, MapFlags.Fixed | MapFlags.Private).IsOk.Should().BeTrue();
                process.Madvise(HugeSlot, Scene.Huge, Advice.HugePage).IsOk.Should().BeTrue();
                model.Map(who, Slots * SlotPages, HugePages.Length, shared: false, writable: true, file: -1, offset: 0);
                break;
            case "mmap":
                Map(who, process, page, count, op.Value);
                break;
            case "munmap":
                process.Munmap(Address(page), (ulong)count * Scene.Page).IsOk.Should().BeTrue();
                model.Unmap(who, page, count);
                break;
            case "mprotect":
                Protect(who, process, page, count, op.Value);
                break;
            case "load":
                Load(who, page);
                break;
            case "store":
                Store(who, process, page, (byte)op.Value);
                break;
            case "fork":
                Fork(who, process, op.Value);
                break;
            case "exit":
                if (who != 0)
                {
                    process.Exit();
                    processes[who] = null;
                    model.Exit(who);
                }

                break;
            case "dontneed":
                if (process.Madvise(Address(page), (ulong)count * Scene.Page, Advice.DontNeed).Errno is Errno.None or Errno.ENOMEM)
                {
                    model.DontNeed(who, page, count);
                }

                break;
            case "truncate":
                Truncate(op.Slot % files.Length, op.Value % (FilePages + 1));
                break;
            case "punch":
                Punch(op.Slot % files.Length, op.Page % FilePages, count);
                break;
            case "file write":
                var file = op.Slot % files.Length;
                var index = op.Page % FilePages;
                if (index < model.FileSize(file))
                {
                    files[file].WriteBytes(index * (long)Scene.Page, [(byte)op.Value]).IsOk.Should().BeTrue();
                    model.WriteFile(file, index, (byte)op.Value);
                }

                break;
            case "get":
                Take(who, page, count, op.Value, pin: false);
                break;
            case "pin":
                Take(who, page, count, op.Value, pin: machine.Policy.Version >= KernelVersion.Parse("5.6"));
                break;
            case "release":
                if (held.Count > 0)
                {
                    var at = op.Value % held.Count;
                    held[at].Release((op.Count & 1) != 0);
                    held.RemoveAt(at);
                }

                break;
            case "splice":
                if (process.Vmsplice(pipe, Address(page), 1).IsOk)
                {
                    Detach(who, page, 1, write: false, pin: false);
                }

                break;
            case "drain":
                pipe.Read(new byte[1 + (op.Value % 4)]);
                break;
            case "poke":
                if (processes[(who + 1) % processes.Length] is { } tracer && tracer.PtracePoke(process, Address(page), 0x0101_0101_0101_0101UL * (byte)op.Value).IsOk)
                {
                    model.Force(who, page, (byte)op.Value);
                }

                break;
            case "move" when huge:
                if (process.Madvise(HugeSlot, Scene.Huge, Advice.Collapse).Kind != VerdictKind.Errno)
                {
                    // The contents stay; only the size of the pages changes.
                    Load(who, page);
                }

                break;
            case "move":
                Move(who, process, page, count, op.Value);
                break;
            case "clear":
                process.ClearReferences((ClearReferencesKind)(1 + (op.Value % 4))).Errno.Should().BeOneOf(Errno.None, Errno.EINVAL);
                break;
            case "migrate":
                Migrate(who, process, page, op.Value);
                break;
            case "reclaim":
                machine.Reclaim(process, Address(page), huge && op.Count == 0 ? Scene.Huge : (ulong)count * Scene.Page).Should().BeGreaterThanOrEqualTo(0);
                break;
            case "swapoff":
                machine.SwapOff(SwapDevice).IsOk.Should().BeTrue("memory suffices");
                machine.Memory.AddSwapArea(SwapDevice, SwapSlots, isSynchronous: false);
                break;
            case "bind":
                process.Mbind(Address(page), huge ? Scene.Huge : (ulong)count * Scene.Page, (MemoryPolicyMode)(op.Value % 4), (ulong)(op.Value >> 2) % 4, (MbindFlags)(op.Count & 3) & (MbindFlags.Strict | MbindFlags.Move))
                    .Kind.Should().BeOneOf(VerdictKind.Ok, VerdictKind.Errno);
                break;
            case "nodes" when (op.Value & 1) != 0:
                process.MigratePages(1, 2).Verdict.Kind.Should().BeOneOf(VerdictKind.Ok, VerdictKind.Errno);
                process.MigratePages(2, (ulong)(1 + (op.Value & 2))).Verdict.Kind.Should().BeOneOf(VerdictKind.Ok, VerdictKind.Errno);
                break;
            case "nodes":
                process.MovePages([.. Enumerable.Range(page, count).Select(Address)], [.. Enumerable.Range(op.Value >> 1, count).Select(n => n % 2)]).Verdict.Kind.Should().BeOneOf(VerdictKind.Ok, VerdictKind.Errno);
                break;
            case "watch":
                Watch(process, Address(page), (ulong)count * Scene.Page, op.Value);
                break;
        }
    }

    /// <summary>Moves a page to another frame, perhaps with a fork while it is on its way. Nobody sees anything of it.</summary>
    private void Migrate(int who, Process process, int page, int value)
    {
        var begun = machine.BeginPageMove(process, Address(page));
        if (!begun.IsOk)
        {
            return;
        }

        var move = begun.Value;
        for (var i = 0; i < (value & 3) && move.Step(); i++)
        {
        }

        if ((value & 4) != 0)
        {
            Fork(who, process, value);
        }

        move.Run().Errno.Should().BeOneOf(Errno.None, Errno.EAGAIN, Errno.EBUSY, Errno.ENOMEM);
    }

    /// <summary>Asynchronous write protection by userfaultfd, which no program notices. DAX files are left out: what markers do there is not known.</summary>
    private void Watch(Process process, ulong address, ulong length, int value)
    {
        var mm = machine.MemoryManager;
        if (machine.Policy.Userfault < UserfaultRule.WriteProtectAsync || machine.Policy.UserfaultProtection == UserfaultProtectionRule.Missing)
        {
            return;
        }

        var handler = mm.UserfaultHandlers.FirstOrDefault(h => h.Space == process.Space) ?? mm.OpenUserfault(process.Space, UserfaultFeatures.WriteProtectAsync).Value;
        switch (value % 4)
        {
            case 0 when process.Space.Overlapping(address, address + length).All(a => !a.IsDax):
                if (mm.RegisterUserfault(handler, address, length, UserfaultMode.WriteProtect).IsOk)
                {
                    mm.WriteProtectUserfault(handler, address, length, protect: true, wake: true).IsOk.Should().BeTrue();
                }

                break;
            case 1:
                process.PagemapScan(new(address, address + length) { WriteProtect = true, Required = PageCategories.Written, Return = PageCategories.Written, MaxPages = (ulong)(1 + (value % 3)) }).IsOk.Should().BeTrue();
                break;
            case 2:
                mm.UnregisterUserfault(handler, address, length);
                break;
            default:
                mm.CloseUserfault(handler);
                break;
        }
    }

    private void Map(int who, Process process, int page, int count, int value)
    {
        var shared = (value & 1) != 0;
        var prot = (value >> 1 & 3) == 0 ? Prot.Read : Prot.Read | Prot.Write;
        var file = (value >> 3) % (files.Length + 1);
        var offset = (value >> 5) % FilePages;
        var flags = MapFlags.Fixed | (shared ? MapFlags.Shared : MapFlags.Private);
        process.Mmap(Address(page), (ulong)count * Scene.Page, prot, flags, file < files.Length ? files[file] : null, file < files.Length ? offset * (long)Scene.Page : 0).IsOk.Should().BeTrue();
        model.Map(who, page, count, shared, (prot & Prot.Write) != 0, file < files.Length ? file : -1, offset);
    }

    private void Protect(int who, Process process, int page, int count, int value)
    {
        var prot = (value % 3) switch { 0 => Prot.None, 1 => Prot.Read, _ => Prot.Read | Prot.Write };
        var verdict = process.Mprotect(Address(page), (ulong)count * Scene.Page, prot);
        verdict.Word().Should().BeOneOf("ok", "ENOMEM");

        // A hole ends the walk; what lies before it was changed.
        model.Protect(who, page, count, (prot & Prot.Read) != 0, (prot & Prot.Write) != 0);
    }

    private void Load(int who, int page)
    {
        var result = processes[who]!.ReadByte(Address(page));
        var expected = model.Load(who, page, out var value);
        expected.Should().Be(result.Verdict.Signal.Code, "step {0}: load of page {1} by P{2}", steps, page, who);
        if (result.IsOk)
        {
            Same(value, result.Value, $"page {page} of P{who}");
        }
    }

    private void Store(int who, Process process, int page, byte value)
    {
        var result = process.WriteByte(Address(page), value);
        model.Store(who, page, value).Should().Be(result.Signal.Code, "step {0}: store to page {1} by P{2}", steps, page, who);
    }

    private void Fork(int who, Process process, int value)
    {
        var free = Array.FindIndex(processes, p => p is null);
        if (free < 0)
        {
            return;
        }

        _ = value;
        processes[free] = process.Fork().Value;
        model.Fork(who, free);
    }

    private void Truncate(int file, int pages)
    {
        BreakLayout(file);
        var verdict = files[file].Truncate(pages * (long)Scene.Page);
        LoseCopies(file);
        verdict.Kind.Should().BeOneOf(VerdictKind.Ok, VerdictKind.Blocked);
        if (verdict.IsOk)
        {
            model.Truncate(file, pages);
        }
    }

    /// <summary>From 4.18 to 5.2 breaking the layout of a DAX file, which comes first, takes even private copies away.</summary>
    private void LoseCopies(int file)
    {
        if (machine.Policy.LayoutUnmap == LayoutUnmapRule.EvenPrivateCopies && machine.MemoryManager.BreaksLayouts(files[file].File.Inode))
        {
            model.LoseCopies(file);
        }
    }

    private void Punch(int file, int index, int count)
    {
        BreakLayout(file);
        var verdict = files[file].PunchHole(index * (long)Scene.Page, count * (long)Scene.Page);
        LoseCopies(file);
        verdict.Kind.Should().BeOneOf(VerdictKind.Ok, VerdictKind.Blocked);
        if (verdict.IsOk)
        {
            model.Punch(file, index, count);
        }
    }

    /// <summary>From 4.19 to 5.2 the search for referenced pages of a DAX file takes private copies away, whether or not it then has to wait.</summary>
    private void BreakLayout(int file)
    {
        if (machine.MemoryManager.BreaksLayouts(files[file].File.Inode) && machine.Policy.LayoutUnmap == LayoutUnmapRule.EvenPrivateCopies)
        {
            model.DropCopies(file, 0);
        }
    }

    private void Take(int who, int page, int count, int value, bool pin)
    {
        var process = processes[who]!;
        var write = (value & 1) != 0;
        var fast = (value & 2) != 0;
        var flags = write ? GupFlags.Write : GupFlags.None;
        var taken = (fast, pin) switch
        {
            (false, false) => process.GetUserPages(Address(page), count, flags),
            (true, false) => process.GetUserPagesFast(Address(page), count, flags),
            (false, true) => process.PinUserPages(Address(page), count, flags),
            _ => process.PinUserPagesFast(Address(page), count, flags),
        };
        if (taken.IsOk)
        {
            held.Add(taken.Value);
            Detach(who, page, taken.Value.Count, write, pin);
        }
    }

    /// <summary>A reference for writing, and on one kernel for reading, makes private copies.</summary>
    private void Detach(int who, int page, int count, bool write, bool pin)
    {
        _ = pin && pinsUnshare;
        if (write || readsBreakCow)
        {
            model.Detach(who, page, count);
        }
    }

    private void Move(int who, Process process, int page, int count, int value)
    {
        var to = value % (Slots * SlotPages);
        if (to / SlotPages == page / SlotPages || (to % SlotPages) + count > SlotPages || !model.IsOneArea(who, page, count))
        {
            return;
        }

        var moved = process.Mremap(Address(page), (ulong)count * Scene.Page, (ulong)count * Scene.Page, MremapFlags.MayMove | MremapFlags.Fixed, Address(to));
        if (moved.IsOk)
        {
            model.Move(who, page, to, count);
        }
        else
        {
            moved.Word().Should().Be("EFAULT");
            model.Unmap(who, to, count);
        }
    }

    private void Same(int expected, byte seen, string what)
    {
        if (seen != expected)
        {
            throw new InvalidOperationException($"After step {steps}: {what} reads {seen}, the model says {expected}.");
        }
    }
}

/// <summary>Bytes of files, for comparing.</summary>
internal static class FileBytes
{
    /// <summary>The first byte of a page of a file; 0 past its end.</summary>
    internal static byte ReadBytesAt(this FileHandle file, int page)
    {
        Span<byte> bytes = stackalloc byte[1];
        bytes[0] = 0;
        file.ReadBytes(page * (long)Scene.Page, bytes);
        return bytes[0];
    }
}
