using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Scenarios.Recordings;

/// <summary>Makes one step after the other and says what it answered, in the recordings' fields.</summary>
internal sealed class StepRunner(ProgramMachine machine, int slots, int slotPages)
{
    private const ulong FirstSlot = 0x100_0000_0000;
    private const ulong SlotDistance = 0x100_0000;

    /// <summary>Runs a step; an operand that cannot be used is a <see cref="FormatException"/>.</summary>
    internal Answer Run(RecordedLine step) => step.Operation switch
    {
        "final_pipe" => FinalPipe(),
        "final_slot" => FinalSlot(step),
        "final_file" => FinalFile(step),
        "ftruncate" => Plain(File(step).Truncate(StepOperands.Bytes(step, "pages"))),
        "punch_hole" => PunchHole(File(step), StepOperands.Bytes(step, "off"), StepOperands.Bytes(step, "n")),
        "file_read" => FileRead(File(step), StepOperands.Bytes(step, "off")),
        "file_write" => FileWrite(File(step), StepOperands.Bytes(step, "off"), StepOperands.Value(step)),
        "pipe_read" => PipeRead(),
        _ => OfProcess(step),
    };

    private Answer OfProcess(RecordedLine step)
    {
        var label = StepOperands.Word(step, "proc");
        if (machine.Process(label) is not { } process)
        {
            return NoProcess(step);
        }

        return step.Operation switch
        {
            "fork" => Fork(step, process),
            "exit" => Exit(label, process),
            "read" => Loaded(process.ReadByte(Address(step))),
            "write" => Plain(process.WriteByte(Address(step), StepOperands.Value(step))),
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

    private Answer Transfer(RecordedLine step, Process process)
    {
        var address = Address(step);
        var one = new byte[1];
        return step.Operation switch
        {
            "pvm_read" => Bytes(one, machine.Coordinator.ProcessVmReadv(process, address, one)),
            "pvm_write" => Counted(machine.Coordinator.ProcessVmWritev(process, address, [StepOperands.Value(step)])),
            "mem_read" => Bytes(one, machine.Coordinator.ProcMemRead(process, address, one.AsSpan())),
            "mem_write" => Counted(machine.Coordinator.ProcMemWrite(process, address, [StepOperands.Value(step)])),
            "peek" => Peeked(machine.Coordinator.PtracePeek(process, address)),
            "poke" => Poked(process, address, StepOperands.Value(step)),
            "odirect_read" => Counted(process.Pread(machine.DirectSource, address, StepOperands.PageSize, StepOperands.Bytes(step, "src"))),
            "odirect_write" => DirectWrite(process.Pwrite(machine.DirectDestination, address, StepOperands.PageSize, 0)),
            "sys_read" => Counted(process.Pread(machine.BufferedSource, address, 16, StepOperands.Bytes(step, "src"))),
            "sys_write" => PipeWrite(process, address),
            "vmsplice" => Counted(process.Vmsplice(machine.Pipe, address, 1)),
            "futex_wake" => Counted(process.FutexWake(address, scope: StepOperands.Number(step, "shared", 0, 1) == 1 ? FutexScope.Shared : FutexScope.Private)),
            _ => Answer.Unknown($"the step '{step.Operation}' is not modelled"),
        };
    }

    private Answer NoProcess(RecordedLine step)
    {
        if (step.Operation == "fork")
        {
            machine.SetProcess(StepOperands.Word(step, "child"), null);
        }

        // The recorder itself says ESRCH, except that an exit of nobody is fine.
        return step.Operation == "exit" ? Ok() : new Answer().Set("res", "errno").Set("errno", "ESRCH");
    }

    private Answer Fork(RecordedLine step, Process process)
    {
        var label = StepOperands.Word(step, "child");
        var child = process.Fork();
        machine.SetProcess(label, child.IsOk ? child.Value : null);
        return Plain(child.Verdict);
    }

    private Answer Exit(string label, Process process)
    {
        process.Exit();
        machine.SetProcess(label, null);
        return Ok();
    }

    private Answer Mmap(RecordedLine step, Process process)
    {
        var kind = StepOperands.Word(step, "kind");
        var flags = MapFlags.Fixed | kind switch
        {
            "anon_private" => MapFlags.Private | MapFlags.Anonymous,
            "anon_shared" => MapFlags.Shared | MapFlags.Anonymous,
            "file_shared" => MapFlags.Shared,
            "file_private" => MapFlags.Private,
            _ => throw new FormatException($"'{kind}' is no kind of mapping: anon_private, anon_shared, file_shared or file_private."),
        };
        if (flags.HasFlag(MapFlags.Anonymous))
        {
            return Plain(process.Mmap(Address(step), Length(step), Protection(step), flags).Verdict);
        }

        var offset = ProgramMachine.MappingStart(StepOperands.Word(step, "file")) + StepOperands.Bytes(step, "off");
        return Plain(process.Mmap(Address(step), Length(step), Protection(step), flags, File(step), offset).Verdict);
    }

    private Answer Mremap(RecordedLine step, Process process)
    {
        var newLength = (ulong)StepOperands.Bytes(step, "new_n");
        return step.Value("to_slot") is null
            ? Plain(process.Mremap(Address(step), Length(step), newLength, MremapFlags.None).Verdict)
            : Plain(process.Mremap(Address(step), Length(step), newLength, MremapFlags.MayMove | MremapFlags.Fixed, Address(step, "to_slot", "to_page")).Verdict);
    }

    private Answer FinalPipe()
    {
        var values = new List<byte>();
        var one = new byte[1];
        while (machine.Pipe.Read(one) > 0)
        {
            values.Add(one[0]);
        }

        return new Answer().Set("values", FieldValue.OfJson($"[{string.Join(",", values)}]"));
    }

    private Answer FinalSlot(RecordedLine step)
    {
        var answer = new Answer();
        var slot = StepOperands.Number(step, "slot", 0, slots - 1);
        if (machine.Process(StepOperands.Word(step, "proc")) is not { } process)
        {
            answer.Note("the process does not exist in the simulator");
            return answer;
        }

        var pages = new string[slotPages];
        for (var page = 0; page < slotPages; page++)
        {
            var value = process.ReadByte(SlotAddress(slot, page));
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

    private Answer FinalFile(RecordedLine step)
    {
        const int Pages = 6;
        var answer = new Answer();
        var name = StepOperands.Word(step, "file");
        var pages = new string[Pages];
        var one = new byte[1];
        for (var page = 0; page < Pages; page++)
        {
            if (name == "devmem")
            {
                var value = machine.DeviceMemoryByte(page);
                answer.Note(value.Verdict);
                pages[page] = value.IsOk ? $"{value.Value}" : $"\"{value.Verdict}\"";
                continue;
            }

            pages[page] = File(step).ReadBytes(page * (long)StepOperands.PageSize, one) > 0 ? $"{one[0]}" : "\"EOF\"";
        }

        return answer.Set("pages", FieldValue.OfJson($"[{string.Join(",", pages)}]"));
    }

    // ---- operands ----
    private ulong Address(RecordedLine step, string slot = "slot", string page = "page")
        => SlotAddress(StepOperands.Number(step, slot, 0, slots - 1), StepOperands.Number(step, page, 0, 4095));

    private static ulong SlotAddress(int slot, int page) => FirstSlot + ((ulong)slot * SlotDistance) + ((ulong)page * StepOperands.PageSize);

    private static ulong Length(RecordedLine step) => (ulong)StepOperands.Bytes(step, "n");

    private FileHandle File(RecordedLine step)
    {
        var name = StepOperands.Word(step, "file");
        return machine.File(name) ?? throw new FormatException($"'{name}' is no file of a program: pagecache, dax, tmpfs or devmem.");
    }

    private static Prot Protection(RecordedLine step) => StepOperands.Word(step, "prot") switch
    {
        "none" => Prot.None,
        "r" => Prot.Read,
        "rw" => Prot.Read | Prot.Write,
        "w" => Prot.Write,
        var other => throw new FormatException($"'{other}' is no protection: none, r, w or rw."),
    };

    private static Advice Advice(RecordedLine step) => StepOperands.Word(step, "advice") switch
    {
        "DONTNEED" => AddressSpaces.Advice.DontNeed,
        "DONTFORK" => AddressSpaces.Advice.DontFork,
        "DOFORK" => AddressSpaces.Advice.DoFork,
        "WIPEONFORK" => AddressSpaces.Advice.WipeOnFork,
        "KEEPONFORK" => AddressSpaces.Advice.KeepOnFork,
        "POPULATE_READ" => AddressSpaces.Advice.PopulateRead,
        "POPULATE_WRITE" => AddressSpaces.Advice.PopulateWrite,
        var other => throw new FormatException($"'{other}' is no advice that programs give."),
    };

    // ---- files and pipes ----
    private static Answer PunchHole(FileHandle file, long offset, long length)
    {
        // The recorder gives up after a while: nothing is changed then.
        var operation = file.BeginAllocate(FallocateMode.PunchHole | FallocateMode.KeepSize, offset, length);
        var verdict = operation.Verdict;
        operation.Interrupt();
        return Plain(verdict);
    }

    private static Answer FileRead(FileHandle file, long offset)
    {
        var one = new byte[1];
        return Read(one, file.ReadBytes(offset, one));
    }

    private static Answer FileWrite(FileHandle file, long offset, byte value)
    {
        var verdict = file.WriteBytes(offset, [value]);
        return verdict.IsOk ? Ok().Set("ret", 1) : Failed(verdict);
    }

    private Answer PipeRead()
    {
        var one = new byte[1];
        var read = machine.Pipe.Read(one);
        return read > 0 ? Read(one, read) : Failed(Verdict.Fail(Errno.EAGAIN));
    }

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

    private static Answer Counted(Result<int> result) => result.IsOk ? Ok().Set("ret", result.Value) : Failed(result.Verdict);

    private static Answer Read(byte[] bytes, int count) => count == 0 ? Ok().Set("ret", 0) : Ok().Set("ret", count).Set("value", bytes[0]);

    private static Answer Bytes(byte[] bytes, Result<int> result) => result.IsOk ? Read(bytes, result.Value) : Failed(result.Verdict);

    private static Answer Loaded(Result<byte> result) => result.IsOk ? Ok().Set("value", result.Value) : Failed(result.Verdict);

    private static Answer Peeked(Result<ulong> result)
    {
        if (!result.IsOk)
        {
            return Failed(result.Verdict);
        }

        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, result.Value);
        return Ok().Set("ret", 1).Set("value", word[0]);
    }

    /// <summary>As debuggers do: the word is looked at before it is replaced, and that read may map the page and its neighbours.</summary>
    private Answer Poked(Process process, ulong address, byte value)
    {
        _ = machine.Coordinator.PtracePeek(process, address);
        var verdict = machine.Coordinator.PtracePoke(process, address, value * 0x0101_0101_0101_0101UL);
        return verdict.IsOk ? Ok().Set("ret", 1) : Failed(verdict);
    }

    private Answer PipeWrite(Process process, ulong address)
    {
        var pipe = machine.Machine.CreatePipe();
        var written = process.WriteToPipe(pipe, address, 16);
        var one = new byte[1];
        if (written.IsOk)
        {
            pipe.Read(one);
        }

        pipe.Close();
        return written.IsOk ? Ok().Set("ret", written.Value).Set("value", one[0]) : Failed(written.Verdict);
    }

    private Answer DirectWrite(Result<int> result)
    {
        if (!result.IsOk)
        {
            return Failed(result.Verdict);
        }

        var answer = Ok().Set("ret", result.Value);
        if (result.Value > 0)
        {
            var one = new byte[1];
            machine.Destination.ReadBytes(0, one);
            answer.Set("value", one[0]);
        }

        return answer;
    }

    private static Answer Mincore(Result<byte[]> result)
        => result.IsOk ? Ok().Set("vec", FieldValue.OfJson($"[{string.Join(",", result.Value.Select(v => v & 1))}]")) : Failed(result.Verdict);

    private static Answer Pagemap(PagemapEntry entry) => Ok().Set("present", entry.Present ? 1 : 0).Set("file_bit", entry.FileOrShared ? 1 : 0);
}
