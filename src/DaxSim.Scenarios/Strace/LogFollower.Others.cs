using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Strace;

/// <summary>Calls that take pages or reach into other processes.</summary>
internal sealed partial class LogFollower
{
    private const string WholeMaps = "let strace print what the debugger reads from /proc/PID/maps: -e trace=all -s 65536, and -e read=all where -e raw=read,pread64 hides it";

    private const string NothingShowsStores = "nothing helps: what a program stores without a call, no log shows";

    private const string ReadOwnMaps = "have the mappings read early in the same log: strace -f -s 65536 sh -c 'PROGRAM & cat /proc/$!/maps; wait'";

    private void FollowOther(LogCall call, in LogArguments arguments, in LogResult result)
    {
        switch (call)
        {
            case LogCall.Ptrace:
                FollowPtrace(arguments, in result);
                break;
            case LogCall.ProcessVmReadv or LogCall.ProcessVmWritev:
                FollowProcessVm(call == LogCall.ProcessVmWritev, arguments, in result);
                break;
            case LogCall.Futex:
                FollowFutex(arguments, in result);
                break;
            case LogCall.Vmsplice:
                FollowVmsplice(arguments, in result);
                break;
            case LogCall.Splice or LogCall.CopyFileRange:
                FollowSplice(arguments[0], arguments[1], in result);
                break;
            case LogCall.Sendfile:
                FollowSplice(arguments[1], arguments[2], in result);
                break;
            case LogCall.IoSubmit:
                FollowSubmit(arguments, in result);
                break;
            case LogCall.IoUringSetup:
                FollowRing(in result);
                break;
            case LogCall.IoUringRegister:
                FollowRegister(arguments, in result);
                break;
            case LogCall.IoUringEnter:
                if (result.IsOk && process.Space.HasPlaced)
                {
                    Unknown("The requests pass through memory that the ring shares with the program, so files and buffers are not in the log; only registered buffers are followed.", "let the program fall back to calls that a log can show: strace -e inject=io_uring_setup:error=ENOSYS, or choose another I/O engine (fio --ioengine=libaio)");
                }

                break;
        }
    }

    private void FollowPtrace(in LogArguments arguments, in LogResult result)
    {
        if (!LogText.TryNumber(arguments[1], out var number) || number is 0 or > LogLineParser.LargestPid)
        {
            return;
        }

        var request = arguments[0];
        var pid = (int)number;
        if (LogFlags.Is(request, "PTRACE_PEEKTEXT", 1) || LogFlags.Is(request, "PTRACE_PEEKDATA", 2) || LogFlags.Is(request, "PTRACE_POKETEXT", 4) || LogFlags.Is(request, "PTRACE_POKEDATA", 5))
        {
            var poke = request.IndexOf("POKE"u8) >= 0 || request is [(byte)'4'] or [(byte)'5'] or [(byte)'0', (byte)'x', (byte)'4'] or [(byte)'0', (byte)'x', (byte)'5'];
            if (MayMatter(in result) && LogText.TryNumber(arguments[2], out var address))
            {
                AccessProcess(pid, poke ? StepKind.Poke : StepKind.Peek, address, 8, null, in result);
            }
        }
        else if (processes.TryGetValue(pid, out var target) && result.IsOk)
        {
            if (LogFlags.Is(request, "PTRACE_CONT", 7) || LogFlags.Is(request, "PTRACE_SINGLESTEP", 9) || LogFlags.Is(request, "PTRACE_SYSCALL", 24) || LogFlags.Is(request, "PTRACE_DETACH", 17))
            {
                target.HasRun = true;
                target.HasMaps = false;
            }
            else if (LogText.TryNumber(LogArguments.Member(arguments[3].Length > arguments[2].Length ? arguments[3] : arguments[2], "rip"u8), out var instruction))
            {
                // Guesses about the target's memory learn where its text is.
                target.Executed(instruction);
            }
        }
    }

    private void FollowProcessVm(bool write, in LogArguments arguments, in LogResult result)
    {
        if (!MayMatter(in result) || !LogText.TryNumber(arguments[0], out var pid) || pid is 0 or > LogLineParser.LargestPid)
        {
            return;
        }

        var remote = ReadVector(arguments[3], 0);
        if (remote is null)
        {
            if (process.Space.HasPlaced || (processes.TryGetValue((int)pid, out var other) && other.Space.HasPlaced))
            {
                Unknown("The ranges in the other process are not in the log.", "do not record the call raw: -e raw=!process_vm_readv,process_vm_writev");
            }

            return;
        }

        if (TargetOf((int)pid, remote[0].Address) is not { } target || !remote.Any(r => target.Space.TouchesPlaced(r.Address, (ulong)r.Length)) || !remote.All(r => target.Space.Knows(r.Address, (ulong)r.Length)))
        {
            return;
        }

        if (!write)
        {
            Filled(target.Space, remote);
        }

        var local = ReadVector(arguments[1], 0);
        var step = Begin(write ? StepKind.ProcessWrite : StepKind.ProcessRead, in result);
        step.Other = target.Space.Id;
        step.Remote = remote;
        step.Buffers = local is not null && local.All(b => process.Space.Knows(b.Address, (ulong)b.Length)) ? local : null;
        step.Address = remote[0].Address;
        step.Length = (ulong)remote.Sum(static r => (long)r.Length);
        step.File = target.Space.Find(remote[0].Address)?.File;
        step.IsNotable = true;
        Emit(step);
    }

    /// <summary>/proc/PID/mem and ptrace.</summary>
    private void AccessProcess(int pid, StepKind kind, ulong number, ulong length, IoVec[]? local, in LogResult result)
    {
        if (!TryRange(number, Math.Max(length, 1), out var address, out length) || length > 1 << 30 || TargetOf(pid, address) is not { } target || !target.Space.TouchesPlaced(address, length))
        {
            return;
        }

        if (kind is StepKind.MemoryWrite or StepKind.Poke && length <= 8)
        {
            // Debuggers write a few bytes to set breakpoints, in text.
            target.Executed(address);
        }

        if (target.IsUncertain(address))
        {
            if (target.Space.Find(address) is { MayBeCopied: true })
            {
                Unknown($"The page of process {pid} belongs to a program's variables: whether it still is the file's, or one that the program wrote, is not in the log.", NothingShowsStores);
                return;
            }

            Unknown($"The page of process {pid} may be text, which lies on the placed device, or data that the program wrote meanwhile; what the process did is not in the log.", WholeMaps);
            return;
        }

        var step = Begin(kind, in result);
        step.Other = target.Space.Id;
        step.Address = address;
        step.Length = length;
        step.Address2 = local is { Length: > 0 } && process.Space.Knows(local[0].Address, (ulong)local[0].Length) ? local[0].Address : 0;
        step.File = target.Space.Find(address)?.File;
        step.IsNotable = true;
        Emit(step);
    }

    private void FollowFutex(in LogArguments arguments, in LogResult result)
    {
        // FUTEX_PRIVATE_FLAG is 128: such a futex is named by its address alone.
        var operation = arguments[1];
        if (operation.IndexOf("PRIVATE"u8) >= 0 || (LogText.TryNumber(operation, out var raw) && (raw & 128) != 0) || !LogText.TryNumber(arguments[0], out var number)
            || !TryRange(number, 4, out var address, out _) || !process.Space.TouchesPlaced(address, 4))
        {
            return;
        }

        var step = Begin(StepKind.Futex, in result);
        step.Address = address;
        step.Length = 4;
        step.File = process.Space.Find(address)?.File;
        Emit(step);
    }

    private void FollowVmsplice(in LogArguments arguments, in LogResult result)
    {
        if (!MayMatter(in result))
        {
            return;
        }

        var pipe = Find(arguments[0], out _);
        var buffers = ReadVector(arguments[1], result.IsOk ? result.Value : 0);
        if (buffers is null)
        {
            if (process.Space.HasPlaced)
            {
                Unknown("Which memory went into the pipe is not in the log.", RecordRaw());
            }

            return;
        }

        if (!AnyPlaced(buffers, takesPages: true))
        {
            return;
        }

        // From the reading end, vmsplice copies.
        var copies = pipe is { Target: LogTarget.Pipe, Flags: 0 };
        if (!copies && MayHoldCopies(buffers))
        {
            return;
        }

        if (!copies)
        {
            Filled(process.Space, buffers);
        }

        var step = Begin(copies ? StepKind.CopyOut : StepKind.Vmsplice, in result);
        step.Buffers = buffers;
        step.Address = PlacedIn(buffers, out step.File);
        step.Length = (ulong)buffers.Sum(static b => (long)b.Length);
        Emit(step);
    }

    private void FollowSplice(ReadOnlySpan<byte> from, ReadOnlySpan<byte> position, in LogResult result)
    {
        if (!result.IsOk || Find(from, out _) is not { File: { } file } description || result.Value == 0)
        {
            return;
        }

        var offset = LogText.TryNumber(position.Trim("[]"u8), out var given) && !position.SequenceEqual("NULL"u8) ? (long)given : description.Offset;
        SetSize(file, offset + (long)Math.Min(result.Value, LargestTransfer));
        var step = Begin(StepKind.Splice, in result);
        step.Description = description;
        step.File = file;
        step.Offset = offset;
        step.Length = Math.Min(result.Value, 16 * 4096);
        step.Expected = -1;
        Emit(step);
        if (position.SequenceEqual("NULL"u8))
        {
            description.Offset = offset + (long)result.Value;
        }
    }

    /// <summary>io_submit(ctx, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PREAD, aio_fildes=3, aio_buf=0x..., aio_nbytes=4096, aio_offset=0}]); older versions print other names.</summary>
    private void FollowSubmit(in LogArguments arguments, in LogResult result)
    {
        if (!MayMatter(in result))
        {
            return;
        }

        var controls = LogArguments.Inside(arguments[2]);
        for (var i = 0; i < controls.Count; i++)
        {
            var control = controls[i];
            var isNew = control.IndexOf("aio_lio_opcode"u8) >= 0;
            var write = control.IndexOf(isNew ? "IOCB_CMD_PWRITE"u8 : "pwrite"u8) >= 0;
            if (!write && control.IndexOf(isNew ? "IOCB_CMD_PREAD"u8 : "pread"u8) < 0)
            {
                continue;
            }

            if (Find(LogArguments.Member(control, isNew ? "aio_fildes"u8 : "fildes"u8), out _) is not { } description
                || !LogText.TryNumber(LogArguments.Member(control, isNew ? "aio_nbytes"u8 : "nbytes"u8), out var bytes) || bytes == 0
                || !LogText.TryNumber(LogArguments.Member(control, isNew ? "aio_offset"u8 : "offset"u8), out var offset))
            {
                continue;
            }

            bytes = Math.Min(bytes, LargestTransfer);
            var vector = control.IndexOf(isNew ? "V,"u8 : "preadv"u8) >= 0 && control.IndexOf("iov_base"u8) >= 0;
            var buffer = LogArguments.Member(control, isNew ? "aio_buf"u8 : "buf"u8);

            // The log of the submission says nothing about the completion, which is taken to have been whole.
            var completion = new LogResult { IsKnown = true, Value = bytes };
            Transfer(description, ReadBuffers(buffer, bytes, vector), bytes, (long)offset, write, async: true, in completion);
        }
    }

    private void FollowRing(in LogResult result)
    {
        if (!result.IsOk)
        {
            return;
        }

        var ring = Make(LogTarget.Ring, 2);
        Install((int)result.Value, ring, closeOnExec: true);
        var step = Begin(StepKind.CreateRing, in result);
        step.Description = ring;
        Emit(step);
    }

    private void FollowRegister(in LogArguments arguments, in LogResult result)
    {
        if (!MayMatter(in result) || Find(arguments[0], out _) is not { Target: LogTarget.Ring } ring)
        {
            return;
        }

        var operation = arguments[1];
        if (LogFlags.Is(operation, "IORING_UNREGISTER_BUFFERS", 1))
        {
            var gone = Begin(StepKind.UnregisterBuffers, in result);
            gone.Description = ring;
            Emit(gone);
            return;
        }

        var isUpdate = LogFlags.Is(operation, "IORING_REGISTER_BUFFERS_UPDATE", 16);
        if (!isUpdate && !LogFlags.Is(operation, "IORING_REGISTER_BUFFERS", 0) && !LogFlags.Is(operation, "IORING_REGISTER_BUFFERS2", 15))
        {
            return;
        }

        var first = 0UL;
        if (isUpdate && (!LogText.TryNumber(LogArguments.Member(arguments[2], "offset"u8), out first) || first > LogMachine.MostRegistered))
        {
            return;
        }

        var list = LogArguments.Member(arguments[2], "data"u8);
        var buffers = ReadVector(list.IsEmpty ? arguments[2] : list, 0, keepEmpty: true);
        if (buffers is null)
        {
            if (process.Space.HasPlaced)
            {
                Unknown("Which buffers were registered is not in the log.", "do not record the call raw, and let strace print structures: -v");
            }

            return;
        }

        if (!AnyPlaced(buffers, takesPages: true))
        {
            if (!ring.PinsPlaced)
            {
                return;
            }

            // They take the place of buffers on the device; they themselves do not matter.
            Array.Clear(buffers);
        }

        ring.PinsPlaced = true;
        var step = Begin(StepKind.RegisterBuffers, in result);
        step.Flags = isUpdate ? 1 : 0;
        step.Offset = (long)first;
        step.Description = ring;
        step.Buffers = buffers;
        step.Address = PlacedIn(buffers, out step.File);
        step.Length = (ulong)buffers.Sum(static b => (long)b.Length);
        Emit(step);
    }
}
