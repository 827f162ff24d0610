using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Scenarios.Strace;

/// <summary>Calls that move bytes or take pages.</summary>
internal sealed partial class LogMachine
{
    private const int WholeWrite = 256 << 10;
    private const long OffsetMask = (1L << 38) - 1;

    private void TakePages(Process process, in Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Read or StepKind.Write or StepKind.AsyncRead or StepKind.AsyncWrite:
                Transfer(process, in step);
                break;
            case StepKind.DirectRead:
                Judge(in step, process.Preadv(elsewhereDirect, step.Buffers!, step.Offset & OffsetMask), step.Address, process);
                break;
            case StepKind.DirectWrite:
                Judge(in step, process.Pwritev(elsewhereDirect, step.Buffers!, step.Offset & OffsetMask), step.Address, process);
                break;
            case StepKind.CopyOut or StepKind.CopyIn:
                Copy(process, in step);
                break;
            case StepKind.Futex:
                // Waiting and waking begin alike, with the key; nobody is woken.
                Judge(in step, process.FutexWake(step.Address, scope: FutexScope.Shared, count: 0).Verdict, step.Address, process);
                break;
            case StepKind.Vmsplice:
                Vmsplice(process, in step);
                break;
            case StepKind.Splice:
                if (handles.TryGetValue(step.Description!.Id, out var source))
                {
                    var spliced = source.SpliceTo(pipe, step.Offset, (int)step.Length);
                    pipe.Close();
                    Judge(in step, spliced.Verdict, null);
                }

                break;
            case StepKind.CreateRing:
                rings[step.Description!.Id] = [];
                break;
            case StepKind.RegisterBuffers or StepKind.UnregisterBuffers:
                Register(process, in step);
                break;
            default:
                if (ProcessOf(step.Other) is { } target)
                {
                    Reach(process, target, in step);
                }

                break;
        }
    }

    /// <summary>A transfer of a placed file, or an asynchronous one of a file elsewhere.</summary>
    private void Transfer(Process process, in Step step)
    {
        var write = step.Kind is StepKind.Write or StepKind.AsyncWrite;
        var placed = step.Description!.Target == LogTarget.Placed;
        var handle = elsewhereDirect;
        if (placed && !handles.TryGetValue(step.Description.Id, out handle!))
        {
            return;
        }

        if (step.Buffers is not { } buffers)
        {
            if (write)
            {
                WriteUnseen(handle, in step);
            }

            return;
        }

        var offset = placed ? step.Offset : step.Offset & OffsetMask;
        var takesPages = !placed || ((step.Flags & 1) != 0 && handle.Kind == MappingKind.PageCache);
        Result<int> moved;
        if (step.Kind is StepKind.AsyncRead or StepKind.AsyncWrite && buffers.Length == 1)
        {
            moved = write ? process.AioWrite(handle, buffers[0].Address, buffers[0].Length, offset) : process.AioRead(handle, buffers[0].Address, buffers[0].Length, offset);
        }
        else if (takesPages || (write && step.Length <= WholeWrite))
        {
            moved = write ? process.Pwritev(handle, buffers, offset) : process.Preadv(handle, buffers, offset);
        }
        else
        {
            if (write)
            {
                WriteUnseen(handle, in step);
            }

            // The kernel copies page by page; a byte of each says the same, and of ordinary memory the first byte does.
            var sample = (step.Flags & 2) != 0 ? Sample(buffers) : [buffers[0] with { Length = 1 }];
            moved = write ? process.Pwritev(handle, sample, offset) : process.Preadv(handle, sample, offset);
            moved = Scale(moved, sample.Length, step.Expected);
        }

        // Where the buffer has no part in it, the page that matters is none of the process's.
        var isOfBuffer = !placed || (step.Flags & 2) != 0 || moved.Verdict.Errno is Errno.EFAULT or Errno.EEXIST;
        Judge(in step, moved, isOfBuffer ? step.Address : null, process);
    }

    /// <summary>What a write with a buffer that is not told does to the file.</summary>
    private static void WriteUnseen(FileHandle handle, in Step step)
    {
        for (var at = step.Offset; at < step.Offset + (long)step.Length; at = (at | 4095) + 1)
        {
            handle.WriteBytes(at, [0]);
        }

        if (step.Length > 0)
        {
            handle.WriteBytes(step.Offset + (long)step.Length - 1, [0]);
        }
    }

    /// <summary>read or write of something elsewhere, as far as the buffer is concerned.</summary>
    private void Copy(Process process, in Step step)
    {
        var sample = Sample(step.Buffers!);
        var moved = step.Kind == StepKind.CopyOut ? process.Preadv(elsewhere, sample, 0) : process.Pwritev(elsewhere, sample, 0);
        Judge(in step, Scale(moved, sample.Length, step.Expected), step.Address, process);
    }

    /// <summary>One byte of each page of the buffers.</summary>
    private static IoVec[] Sample(IoVec[] buffers)
    {
        if (buffers.Length == 1 && (buffers[0].Address & 4095) + (ulong)buffers[0].Length <= 4096)
        {
            return [buffers[0] with { Length = 1 }];
        }

        var list = new List<IoVec>();
        foreach (var buffer in buffers)
        {
            var end = buffer.Address + (ulong)buffer.Length;
            for (var at = buffer.Address; at < end; at = (at | 4095) + 1)
            {
                list.Add(new IoVec(at, 1));
            }
        }

        return [.. list];
    }

    /// <summary>All pages of the sample stand for all bytes.</summary>
    private static Result<int> Scale(Result<int> moved, int pages, long expected)
        => !moved.IsOk ? moved : moved.Value >= pages ? (int)Math.Clamp(expected, 0, int.MaxValue) : Math.Min(moved.Value * 4096, (int)Math.Clamp(expected - 1, 0, int.MaxValue));

    private void Vmsplice(Process process, in Step step)
    {
        var done = 0;
        var stopped = Verdict.Ok;
        foreach (var buffer in step.Buffers!)
        {
            var part = process.Vmsplice(pipe, buffer.Address, buffer.Length);
            pipe.Close();
            if (!part.IsOk)
            {
                stopped = part.Verdict;
                break;
            }

            // The pipe of the log was read meanwhile: what fits into an empty one at a time is whole.
            done += part.Value;
            if (part.Value < Math.Min(buffer.Length, 15 * 4096))
            {
                break;
            }
        }

        Judge(in step, done == 0 && !stopped.IsOk ? stopped : stopped.IsOk ? Math.Max(done, (int)Math.Min(step.Expected, int.MaxValue)) : done, step.Address, process);
    }

    private void Register(Process process, in Step step)
    {
        if (!rings.TryGetValue(step.Description!.Id, out var all))
        {
            rings[step.Description.Id] = all = [];
        }

        // One simulated ring for each slot; null in an empty slot.
        var first = (int)step.Offset;
        var count = step.Flags == 0 ? all.Count : step.Buffers!.Length;
        for (var slot = first; slot < all.Count && slot < first + count; slot++)
        {
            if (all[slot] is { HasBuffer: true } old)
            {
                old.UnregisterBuffer();
            }

            all[slot] = null;
        }

        if (step.Kind == StepKind.UnregisterBuffers)
        {
            return;
        }

        for (var i = 0; i < step.Buffers!.Length; i++)
        {
            while (all.Count <= first + i)
            {
                all.Add(null);
            }

            var buffer = step.Buffers[i];
            if (buffer.Length == 0)
            {
                continue;
            }

            var ring = process.CreateRing();
            all[first + i] = ring;
            var verdict = ring.RegisterBuffer(buffer.Address, buffer.Length);
            if (!verdict.IsOk)
            {
                Judge(in step, verdict, buffer.Address, process);
                return;
            }
        }

        Judge(in step, Verdict.Ok, step.Address, process);
    }

    /// <summary>Another process's memory.</summary>
    private void Reach(Process process, Process target, in Step step)
    {
        var before = target.View(step.Address);
        var length = (int)Math.Min(step.Length, 1 << 20);
        Result<int> moved;
        switch (step.Kind)
        {
            case StepKind.Peek:
                var word = process.PtracePeek(target, step.Address);
                moved = word.IsOk ? new Result<int>(0) : word.Verdict;
                break;
            case StepKind.Poke:
                var poked = process.PtracePoke(target, step.Address, 0);
                moved = poked.IsOk ? new Result<int>(0) : poked;
                break;
            case StepKind.MemoryRead:
                moved = step.Address2 != 0 ? process.ProcMemRead(target, step.Address, length, step.Address2) : process.ProcMemRead(target, step.Address, new byte[length]);
                break;
            case StepKind.MemoryWrite:
                moved = step.Address2 != 0 ? process.ProcMemWrite(target, step.Address, length, step.Address2) : process.ProcMemWrite(target, step.Address, new byte[length]);
                break;
            default:
                moved = ReachBuffers(process, target, in step);
                break;
        }

        Judge(in step, moved, step.Address, target);
        if (moved.IsOk && step.ExpectedErrno == Errno.None && before.Kind == "no struct page")
        {
            Remark(in step, target.View(step.Address));
        }
    }

    private static Result<int> ReachBuffers(Process process, Process target, in Step step)
    {
        var write = step.Kind == StepKind.ProcessWrite;
        if (step.Buffers is { } local)
        {
            return write ? process.ProcessVmWritev(target, local, step.Remote!) : process.ProcessVmReadv(target, local, step.Remote!);
        }

        var done = 0;
        foreach (var range in step.Remote!)
        {
            var part = write ? process.ProcessVmWritev(target, range.Address, new byte[range.Length]) : process.ProcessVmReadv(target, range.Address, new byte[range.Length]);
            if (!part.IsOk)
            {
                return done > 0 ? done : part.Verdict;
            }

            done += part.Value;
            if (part.Value < range.Length)
            {
                break;
            }
        }

        return done;
    }
}
