using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Scenarios.Strace;

/// <summary>read, write and their relatives.</summary>
internal sealed partial class LogFollower
{
    /// <summary>Bytes of one transfer that are replayed; Linux moves no more at once.</summary>
    private const ulong LargestTransfer = 0x7ffff000;

    private void FollowTransfer(LogCall call, in LogArguments arguments, in LogResult result)
    {
        if (Find(arguments[0], out _) is not { } description)
        {
            return;
        }

        if (call == LogCall.Lseek)
        {
            FollowSeek(description, arguments, result);
            return;
        }

        if (description.Target == LogTarget.ProcessMaps)
        {
            FollowMaps(description, call, arguments, in result);
            return;
        }

        if (!MayMatter(in result))
        {
            return;
        }

        var write = call is LogCall.Write or LogCall.Pwrite or LogCall.Writev or LogCall.Pwritev or LogCall.Pwritev2 or LogCall.Sendto;
        var vector = call is LogCall.Readv or LogCall.Writev or LogCall.Preadv or LogCall.Pwritev or LogCall.Preadv2 or LogCall.Pwritev2;
        var positioned = call is LogCall.Pread or LogCall.Pwrite or LogCall.Preadv or LogCall.Pwritev or LogCall.Preadv2 or LogCall.Pwritev2;
        var offset = description.Offset;
        if (positioned && LogText.TryNumber(arguments[3], out var given) && given != ulong.MaxValue)
        {
            offset = (long)given;
        }

        if (write && (description.Flags & LogFlags.OpenAppend) != 0 && description.File is { Size: >= 0 } appended)
        {
            offset = appended.Size;
        }

        var moved = result.IsOk ? Math.Min(result.Value, LargestTransfer) : 0;
        if (!positioned && call is not (LogCall.Recvfrom or LogCall.Sendto))
        {
            description.Offset = offset + (long)moved;
        }

        var wanted = moved;
        if ((moved == 0 || description.IsDirect) && !vector && LogText.TryNumber(arguments[2], out var asked))
        {
            wanted = Math.Min(asked, LargestTransfer);
        }

        if (result.IsOk && moved == 0)
        {
            // The end of the file: nothing is copied.
            return;
        }

        Transfer(description, ReadBuffers(arguments[1], wanted, vector), wanted, offset, write, async: false, in result);
    }

    private void Transfer(LogDescription description, IoVec[]? buffers, ulong wanted, long offset, bool write, bool async, in LogResult result)
    {
        switch (description.Target)
        {
            case LogTarget.ProcessMemory:
                AccessProcess(description.Process, write ? StepKind.MemoryWrite : StepKind.MemoryRead, (ulong)offset, wanted, buffers, in result);
                break;
            case LogTarget.Placed:
                TransferPlaced(description, buffers, wanted, offset, write, async, in result);
                break;
            case LogTarget.Elsewhere when description.IsDirect && buffers is null:
                if (process.Space.HasPlaced)
                {
                    Unknown("Direct I/O takes the pages of its buffer, and which buffer that is the log does not say.", RecordRaw());
                }

                break;
            default:
                TransferElsewhere(description, buffers, offset, write, async, in result);
                break;
        }
    }

    /// <summary>Of vectors and of asynchronous writes strace prints what the buffers hold, whatever one asks for.</summary>
    private string RecordRaw() => callName is "io_submit" or "vmsplice" || callName.EndsWith('v') || callName.EndsWith("v2", StringComparison.Ordinal)
        ? $"no option of strace prints where such buffers are; break on the call in a debugger (gdb: catch syscall {callName})"
        : $"-e raw={callName}";

    private void TransferPlaced(LogDescription description, IoVec[]? buffers, ulong wanted, long offset, bool write, bool async, in LogResult result)
    {
        var file = description.File!;
        if (offset < 0 || offset > 1L << 46)
        {
            return;
        }

        if (!write && file.Size < offset + (long)wanted)
        {
            GrowTo(file, offset + (long)wanted);
        }

        if (buffers is null && description.IsDirect && process.Space.HasPlaced)
        {
            Unknown("Direct I/O of a file without DAX takes the pages of its buffer, and which buffer that is the log does not say; the outcome is that of an ordinary buffer.", RecordRaw());
        }

        var step = Begin(async ? write ? StepKind.AsyncWrite : StepKind.AsyncRead : write ? StepKind.Write : StepKind.Read, in result);
        step.Description = description;
        step.File = file;
        step.Flags = (description.IsDirect ? 1 : 0) | (buffers is not null && Array.Exists(buffers, b => process.Space.TouchesPlaced(b.Address, (ulong)b.Length)) ? 2 : 0);
        step.Offset = offset;
        step.Length = wanted;
        step.Buffers = buffers is not null && Array.TrueForAll(buffers, b => process.Space.Knows(b.Address, (ulong)b.Length)) ? buffers : null;
        step.Address = buffers is { Length: > 0 } ? buffers[0].Address : 0;
        Emit(step);
        if (write && result.IsOk)
        {
            file.Size = Math.Max(file.Size, offset + (long)wanted);
        }
    }

    /// <summary>The file does not matter, but the buffer may lie in a placed one.</summary>
    private void TransferElsewhere(LogDescription description, IoVec[]? buffers, long offset, bool write, bool async, in LogResult result)
    {
        if (buffers is null || !AnyPlaced(buffers, description.IsDirect))
        {
            return;
        }

        var direct = description is { Target: LogTarget.Elsewhere, IsDirect: true };
        if (write && direct)
        {
            if (MayHoldCopies(buffers))
            {
                return;
            }

            Filled(process.Space, buffers);
        }

        var kind = direct ? (async, write) switch
            {
                (true, true) => StepKind.AsyncWrite,
                (true, false) => StepKind.AsyncRead,
                (false, true) => StepKind.DirectWrite,
                _ => StepKind.DirectRead,
            }
            : write ? StepKind.CopyIn : StepKind.CopyOut;
        var step = Begin(kind, in result);
        step.Description = description;
        step.Buffers = buffers;
        step.Offset = offset;
        step.Length = (ulong)buffers.Sum(static b => (long)b.Length);
        step.Address = PlacedIn(buffers, out var file);
        step.File = file;
        Emit(step);
    }

    private ulong PlacedIn(IoVec[] buffers, out LogFile? file)
    {
        foreach (var buffer in buffers)
        {
            for (var i = process.Space.IndexOf(buffer.Address); i < process.Space.Areas.Count && process.Space.Areas[i].Start < buffer.Address + (ulong)buffer.Length; i++)
            {
                if (process.Space.Areas[i].File is { } found)
                {
                    file = found;
                    return Math.Max(buffer.Address, process.Space.Areas[i].Start);
                }
            }
        }

        file = null;
        return buffers[0].Address;
    }

    private bool AnyPlaced(IoVec[] buffers, bool takesPages)
    {
        var any = false;
        foreach (var buffer in buffers)
        {
            if (process.Space.TouchesPlaced(buffer.Address, (ulong)buffer.Length))
            {
                any = true;
            }
            else if (takesPages && process.Space.Program is not null && !process.Space.Knows(buffer.Address, (ulong)buffer.Length) && IsInProgram(buffer.Address))
            {
                Unknown("The buffer may belong to the program's own image, whose layout is not in the log; constants there lie on the placed device, variables do not.", ReadOwnMaps);
            }
        }

        return any && Array.TrueForAll(buffers, b => process.Space.Knows(b.Address, (ulong)b.Length));
    }

    /// <summary>Whether the pages are the file's or copies of them decides about calls that take pages, and the log may not say it.</summary>
    private bool MayHoldCopies(IoVec[] buffers)
    {
        foreach (var buffer in buffers)
        {
            if (process.IsUncertain(buffer.Address))
            {
                Unknown("The buffer lies among the program's variables: whether its page still is the file's, or one that the program wrote, is not in the log.", NothingShowsStores);
                return true;
            }
        }

        return false;
    }

    /// <summary>Below the heap and above nothing that is known: where the program itself lies.</summary>
    private bool IsInProgram(ulong address) => process.Space.BreakStart != 0 && address < process.Space.BreakStart && process.Space.BreakStart - address < 2UL << 30;

    /// <summary>
    /// The buffer of a call: an address (raw or after a failure), or a string that hides it. Null when it is hidden.
    /// </summary>
    private static IoVec[]? ReadBuffers(ReadOnlySpan<byte> argument, ulong bytes, bool vector)
    {
        if (!vector)
        {
            return bytes > 0 && LogText.TryNumber(argument, out var number) && TryRange(number, bytes, out var address, out _) ? [new IoVec(address, (int)bytes)] : null;
        }

        return ReadVector(argument, bytes);
    }

    /// <summary><c>[{iov_base=0x7f..., iov_len=512}, ...]</c>, cut to a number of bytes (0: all).</summary>
    private static IoVec[]? ReadVector(ReadOnlySpan<byte> argument, ulong bytes, bool keepEmpty = false)
    {
        var parts = LogArguments.Inside(argument);
        var list = new List<IoVec>();
        var left = bytes == 0 ? LargestTransfer : bytes;
        for (var i = 0; i < parts.Count && left > 0; i++)
        {
            if (!LogText.TryNumber(LogArguments.Member(parts[i], "iov_base"u8), out var number) || !LogText.TryNumber(LogArguments.Member(parts[i], "iov_len"u8), out var length))
            {
                return null;
            }

            length = Math.Min(length, left);
            if (length == 0)
            {
                if (keepEmpty)
                {
                    list.Add(default);
                }

                continue;
            }

            if (!TryRange(number, length, out var address, out _))
            {
                return null;
            }

            list.Add(new IoVec(address, (int)length));
            left -= length;
        }

        return list.Count == 0 ? null : [.. list];
    }

    /// <summary>Successes, and failures that a page can be the reason of.</summary>
    private static bool MayMatter(in LogResult result)
        => result.IsOk || (result.IsKnown && result.Errno is Errno.EFAULT or Errno.EEXIST or Errno.EIO or Errno.EOPNOTSUPP or Errno.ENOMEM);

    private void FollowSeek(LogDescription description, in LogArguments arguments, in LogResult result)
    {
        if (!result.IsOk)
        {
            return;
        }

        var position = result.Value;
        if (callName == "_llseek" && !LogText.TryNumber(arguments[2].Trim("[]"u8), out position))
        {
            return;
        }

        description.Offset = (long)position;
        if (LogFlags.Is(arguments[2], "SEEK_END", 2) && description.File is { } file && LogText.TryNumber(arguments[1], out var distance) && distance == 0)
        {
            SetSize(file, (long)position);
        }
    }
}
