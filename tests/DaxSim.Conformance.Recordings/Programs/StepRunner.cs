using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.Programs;

/// <summary>Makes one step after the other and says what it answered, in the recordings' fields.</summary>
internal sealed class StepRunner(ProgramMachine machine, int slots, int slotPages)
{
    private const ulong FirstSlot = 0x100_0000_0000;
    private const ulong SlotDistance = 0x100_0000;

    /// <summary>Runs a step; an operand that cannot be used is a <see cref="FormatException"/>.</summary>
    internal Answer Run(Observation step) => step.Operation switch
    {
        "final_pipe" => FinalPipe(),
        "final_slot" => FinalSlot(step),
        "final_file" => FinalFile(step),
        "ftruncate" => SizeChange(File(step).Truncate(Pages(step, "pages", 1 << 20))),
        "punch_hole" => SizeChange(File(step).Allocate(LinuxNumbers.FallocPunchHole | LinuxNumbers.FallocKeepSize, Pages(step, "off", 1 << 20), Pages(step, "n", 1 << 20))),
        "file_read" => Bytes(File(step).Read(1, Pages(step, "off", 1 << 20))),
        "file_write" => Counted(File(step).Write([Byte(step)], Pages(step, "off", 1 << 20))),
        "pipe_read" => Bytes(machine.Pipe.Read(1)),
        _ => OfProcess(step),
    };

    private Answer OfProcess(Observation step)
    {
        var label = StepFields.Word(step, "proc");
        if (machine.Process(label) is not { } process)
        {
            return NoProcess(step);
        }

        return step.Operation switch
        {
            "fork" => Fork(step, process),
            "exit" => Exit(label, process),
            "read" => Loaded(process.Load(Address(step))),
            "write" => Stored(process.Store(Address(step), Byte(step))),
            "mmap" => Mmap(step, process),
            "munmap" => Plain(process.Munmap(Address(step), Length(step))),
            "mprotect" => Plain(process.Mprotect(Address(step), Length(step), Protection(step))),
            "madvise" => Plain(process.Madvise(Address(step), Length(step), Advice(step))),
            "mlock" => Plain(process.Mlock(Address(step), Length(step))),
            "munlock" => Plain(process.Munlock(Address(step), Length(step))),
            "mincore" => Mincore(process.Mincore(Address(step), Length(step))),
            "mremap" => Mremap(step, process),
            "pagemap" => Pagemap(process.Pagemap(Address(step))),
            _ => Transfer(step, process),
        };
    }

    private Answer Transfer(Observation step, ISimulatedProcess process)
    {
        var address = Address(step);
        return step.Operation switch
        {
            "pvm_read" => Bytes(machine.Coordinator.ProcessVmRead(process, address, 1)),
            "pvm_write" => Counted(machine.Coordinator.ProcessVmWrite(process, address, [Byte(step)])),
            "mem_read" => Bytes(machine.Coordinator.MemoryRead(process, address, 1)),
            "mem_write" => Counted(machine.Coordinator.MemoryWrite(process, address, [Byte(step)])),
            "peek" => Peeked(machine.Coordinator.Peek(process, address)),
            "poke" => Poked(machine.Coordinator.Poke(process, address, [.. Enumerable.Repeat(Byte(step), 8)])),
            "odirect_read" => Counted(process.Pread(machine.DirectSource, address, LinuxNumbers.Page, Pages(step, "src", 1 << 20))),
            "odirect_write" => DirectWrite(process.Pwrite(machine.DirectDestination, address, LinuxNumbers.Page, 0)),
            "sys_read" => Counted(process.Pread(machine.BufferedSource, address, 16, Pages(step, "src", 1 << 20))),
            "sys_write" => PipeWrite(process.WriteToFreshPipe(address, 16)),
            "vmsplice" => Counted(process.Vmsplice(machine.Pipe, address, 1, LinuxNumbers.SpliceNonBlock)),
            "futex_wake" => Counted(process.Futex(address, LinuxNumbers.FutexWake | (StepFields.Number(step, "shared", 0, 1) == 1 ? 0 : LinuxNumbers.FutexPrivate), 1)),
            _ => Answer.Unknown($"the step '{step.Operation}' is not modelled"),
        };
    }

    private Answer NoProcess(Observation step)
    {
        if (step.Operation == "fork")
        {
            machine.SetProcess(StepFields.Word(step, "child"), null);
        }

        // The recorder itself says ESRCH, except that an exit of nobody is fine.
        return step.Operation == "exit" ? Ok() : new Answer().Set("res", "errno").Set("errno", "ESRCH");
    }

    private Answer Fork(Observation step, ISimulatedProcess process)
    {
        var label = StepFields.Word(step, "child");
        var child = process.Fork(label);
        machine.SetProcess(label, child.IsOk ? child.Value : null);
        return Plain(child.Verdict);
    }

    private Answer Exit(string label, ISimulatedProcess process)
    {
        process.Exit();
        machine.SetProcess(label, null);
        return Ok();
    }

    private Answer Mmap(Observation step, ISimulatedProcess process)
    {
        var kind = StepFields.Word(step, "kind");
        var flags = LinuxNumbers.MapFixed | kind switch
        {
            "anon_private" => LinuxNumbers.MapPrivate | LinuxNumbers.MapAnonymous,
            "anon_shared" => LinuxNumbers.MapShared | LinuxNumbers.MapAnonymous,
            "file_shared" => LinuxNumbers.MapShared,
            "file_private" => LinuxNumbers.MapPrivate,
            _ => throw new FormatException($"'{kind}' is no kind of mapping."),
        };
        if ((flags & LinuxNumbers.MapAnonymous) != 0)
        {
            return Plain(process.Mmap(Address(step), Length(step), Protection(step), flags, null, 0).Verdict);
        }

        var offset = ProgramMachine.MappingStart(StepFields.Word(step, "file")) + Pages(step, "off", 1 << 20);
        return Plain(process.Mmap(Address(step), Length(step), Protection(step), flags, File(step), offset).Verdict);
    }

    private Answer Mremap(Observation step, ISimulatedProcess process)
    {
        var newLength = (ulong)StepFields.Number(step, "new_n", 0, 1 << 20) * LinuxNumbers.Page;
        return step.Value("to_slot") is null
            ? Plain(process.Mremap(Address(step), Length(step), newLength, 0, 0).Verdict)
            : Plain(process.Mremap(Address(step), Length(step), newLength, LinuxNumbers.MremapMayMove | LinuxNumbers.MremapFixed, Address(step, "to_slot", "to_page")).Verdict);
    }

    private Answer FinalPipe()
    {
        var values = new List<byte>();
        while (machine.Pipe.Read(1) is { IsOk: true, Value: [var value] })
        {
            values.Add(value);
        }

        return new Answer().Set("values", FieldValue.OfJson($"[{string.Join(",", values)}]"));
    }

    private Answer FinalSlot(Observation step)
    {
        var answer = new Answer();
        var slot = StepFields.Number(step, "slot", 0, slots - 1);
        if (machine.Process(StepFields.Word(step, "proc")) is not { } process)
        {
            answer.Note("the process does not exist in the simulator");
            return answer;
        }

        var pages = new string[slotPages];
        for (var page = 0; page < slotPages; page++)
        {
            var value = process.Load(SlotAddress(slot, page));
            answer.Note(value.Verdict);
            pages[page] = value.IsOk ? $"{value.Value}" : value.Verdict.Signal switch
            {
                { Signal: Signal.SIGBUS } => "\"SIGBUS\"",
                { Code: SiCode.SEGV_MAPERR } => "\"MAPERR\"",
                { Code: SiCode.SEGV_ACCERR } => "\"ACCERR\"",
                _ => $"\"{value.Verdict}\"",
            };
        }

        return answer.Set("pages", FieldValue.OfJson($"[{string.Join(",", pages)}]"));
    }

    private Answer FinalFile(Observation step)
    {
        const int Pages = 6;
        var answer = new Answer();
        var name = StepFields.Word(step, "file");
        var pages = new string[Pages];
        for (var page = 0; page < Pages; page++)
        {
            if (name == "devmem")
            {
                var value = machine.DeviceMemoryByte(page);
                answer.Note(value.Verdict);
                pages[page] = value.IsOk ? $"{value.Value}" : $"\"{value.Verdict}\"";
                continue;
            }

            var bytes = File(step).Read(1, page * (long)LinuxNumbers.Page);
            answer.Note(bytes.Verdict);
            pages[page] = !bytes.IsOk ? $"\"{bytes.Verdict}\"" : bytes.Value is [var first] ? $"{first}" : "\"EOF\"";
        }

        return answer.Set("pages", FieldValue.OfJson($"[{string.Join(",", pages)}]"));
    }

    // ---- operands ----
    private ulong Address(Observation step, string slot = "slot", string page = "page")
        => SlotAddress(StepFields.Number(step, slot, 0, slots - 1), StepFields.Number(step, page, 0, 4095));

    private static ulong SlotAddress(int slot, int page) => FirstSlot + ((ulong)slot * SlotDistance) + ((ulong)page * LinuxNumbers.Page);

    private static ulong Length(Observation step) => (ulong)StepFields.Number(step, "n", 0, 1 << 20) * LinuxNumbers.Page;

    private static long Pages(Observation step, string name, int maximum) => StepFields.Number(step, name, 0, maximum) * (long)LinuxNumbers.Page;

    private static byte Byte(Observation step) => (byte)StepFields.Number(step, "value", 0, 255);

    private ISimulatedFile File(Observation step)
    {
        var name = StepFields.Word(step, "file");
        return machine.File(name) ?? throw new FormatException($"'{name}' is no file of a program: pagecache, dax, tmpfs or devmem.");
    }

    private static int Protection(Observation step) => StepFields.Word(step, "prot") switch
    {
        "none" => LinuxNumbers.ProtNone,
        "r" => LinuxNumbers.ProtRead,
        "rw" => LinuxNumbers.ReadWrite,
        "w" => LinuxNumbers.ProtWrite,
        var other => throw new FormatException($"'{other}' is no protection: none, r or rw."),
    };

    private static int Advice(Observation step) => StepFields.Word(step, "advice") switch
    {
        "DONTNEED" => LinuxNumbers.AdviceDontNeed,
        "DONTFORK" => LinuxNumbers.AdviceDontFork,
        "DOFORK" => LinuxNumbers.AdviceDoFork,
        "WIPEONFORK" => LinuxNumbers.AdviceWipeOnFork,
        "KEEPONFORK" => LinuxNumbers.AdviceKeepOnFork,
        "POPULATE_READ" => LinuxNumbers.AdvicePopulateRead,
        "POPULATE_WRITE" => LinuxNumbers.AdvicePopulateWrite,
        var other => throw new FormatException($"'{other}' is no advice that programs give."),
    };

    // ---- outcomes ----
    private static Answer Ok() => new Answer().Set("res", "ok");

    private static Answer Failed(Verdict verdict)
    {
        var answer = new Answer();
        answer.Note(verdict);
        switch (verdict.Kind)
        {
            case VerdictKind.Errno:
                return answer.Set("res", "errno").Set("errno", verdict.Errno.ToString());
            case VerdictKind.Signal:
                return answer.Set("res", "signal").Set("signal", verdict.Signal.Signal.ToString()).Set("si_code", verdict.Signal.Code.ToString());
            case VerdictKind.Blocked:
                return answer.Set("res", "blocked");
            default:
                return answer.Set("res", verdict.Kind.ToString());
        }
    }

    private static Answer Plain(Verdict verdict) => verdict.IsOk ? Ok() : Failed(verdict);

    private static Answer SizeChange(Verdict verdict) => Plain(verdict);

    private static Answer Counted(Result<long> result) => result.IsOk ? Ok().Set("ret", result.Value) : Failed(result.Verdict);

    private static Answer Bytes(Result<byte[]> result)
        => !result.IsOk ? Failed(result.Verdict) : result.Value.Length == 0 ? Ok().Set("ret", 0) : Ok().Set("ret", result.Value.Length).Set("value", result.Value[0]);

    private static Answer Loaded(Result<byte> result) => result.IsOk ? Ok().Set("value", result.Value) : Failed(result.Verdict);

    private static Answer Stored(Verdict verdict) => Plain(verdict);

    private static Answer Peeked(Result<byte[]> result) => result.IsOk ? Ok().Set("ret", 1).Set("value", result.Value[0]) : Failed(result.Verdict);

    private static Answer Poked(Verdict verdict) => verdict.IsOk ? Ok().Set("ret", 1) : Failed(verdict);

    private static Answer PipeWrite(Result<(long Count, byte First)> result)
        => result.IsOk ? Ok().Set("ret", result.Value.Count).Set("value", result.Value.First) : Failed(result.Verdict);

    private Answer DirectWrite(Result<long> result)
    {
        if (!result.IsOk)
        {
            return Failed(result.Verdict);
        }

        var answer = Ok().Set("ret", result.Value);
        if (result.Value > 0)
        {
            var onDisk = machine.Destination.Read(1, 0);
            answer.Set("value", onDisk is { IsOk: true, Value: [var first] } ? first : 0);
        }

        return answer;
    }

    private static Answer Mincore(Result<byte[]> result)
        => result.IsOk ? Ok().Set("vec", FieldValue.OfJson($"[{string.Join(",", result.Value.Select(v => v & 1))}]")) : Failed(result.Verdict);

    private static Answer Pagemap(Result<PagemapEntry> result)
        => result.IsOk ? Ok().Set("present", result.Value.Present ? 1 : 0).Set("file_bit", result.Value.FileOrShared ? 1 : 0) : Failed(result.Verdict);
}
