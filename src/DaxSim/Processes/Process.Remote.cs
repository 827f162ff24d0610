using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// Access to the memory of other processes.
public sealed partial class Process
{
    /// <summary>process_vm_readv(2) with one remote range and a local buffer that is always accessible.</summary>
    /// <param name="target">Whose memory.</param>
    /// <param name="address">First byte there.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <returns>Bytes read, or EFAULT; <see cref="VerdictKind.Undefined"/> where the kernel used a page pointer it never wrote.</returns>
    public Result<int> ProcessVmReadv(Process target, ulong address, Span<byte> destination)
    {
        using var call = Call("process_vm_readv", target, address);
        return call.Of(DoProcessVmReadv(target, address, destination));
    }

    private Result<int> DoProcessVmReadv(Process target, ulong address, Span<byte> destination)
    {
        var bytes = new byte[destination.Length];
        var result = ProcessVm(target, [new IoVec(address, bytes.Length)], bytes.Length, write: false, (pfn, offset, position, count) =>
        {
            Mm.Memory.Contents.Read(pfn, offset, bytes.AsSpan(position, count));
            return count;
        });
        if (result.IsOk)
        {
            bytes.AsSpan(0, result.Value).CopyTo(destination);
        }

        return result;
    }

    /// <summary>process_vm_writev(2) with one remote range and a local buffer that is always accessible.</summary>
    /// <param name="target">Whose memory.</param>
    /// <param name="address">First byte there.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>Bytes written, or EFAULT; <see cref="VerdictKind.Undefined"/> where the kernel used a page pointer it never wrote.</returns>
    public Result<int> ProcessVmWritev(Process target, ulong address, ReadOnlySpan<byte> source)
    {
        using var call = Call("process_vm_writev", target, address);
        return call.Of(DoProcessVmWritev(target, address, source));
    }

    private Result<int> DoProcessVmWritev(Process target, ulong address, ReadOnlySpan<byte> source)
    {
        var bytes = source.ToArray();
        return ProcessVm(target, [new IoVec(address, bytes.Length)], bytes.Length, write: true, (pfn, offset, position, count) =>
        {
            Mm.Memory.Contents.Write(pfn, offset, bytes.AsSpan(position, count));
            return count;
        });
    }

    /// <summary>process_vm_readv(2) into this process's own memory.</summary>
    /// <param name="target">Whose memory.</param>
    /// <param name="address">First byte there.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="localAddress">Where they go here.</param>
    public Result<int> ProcessVmReadv(Process target, ulong address, int length, ulong localAddress) => ProcessVmReadv(target, [new IoVec(localAddress, length)], [new IoVec(address, length)]);

    /// <summary>process_vm_readv(2) with lists on both sides.</summary>
    /// <param name="target">Whose memory.</param>
    /// <param name="local">Where the bytes go in this process: copied with faults, as for read(2).</param>
    /// <param name="remote">The ranges in the target: taken by get_user_pages, one after the other.</param>
    /// <returns>Bytes copied before the first page that could not be, or EFAULT when there were none.</returns>
    public Result<int> ProcessVmReadv(Process target, IReadOnlyList<IoVec> local, IReadOnlyList<IoVec> remote)
    {
        using var call = Call("process_vm_readv", target);
        return call.Of(ProcessVm(target, local, remote, write: false));
    }

    /// <summary>process_vm_writev(2) out of this process's own memory.</summary>
    /// <inheritdoc cref="ProcessVmReadv(Process, ulong, int, ulong)"/>
    public Result<int> ProcessVmWritev(Process target, ulong address, int length, ulong localAddress) => ProcessVmWritev(target, [new IoVec(localAddress, length)], [new IoVec(address, length)]);

    /// <summary>process_vm_writev(2) with lists on both sides.</summary>
    /// <inheritdoc cref="ProcessVmReadv(Process, IReadOnlyList{IoVec}, IReadOnlyList{IoVec})"/>
    public Result<int> ProcessVmWritev(Process target, IReadOnlyList<IoVec> local, IReadOnlyList<IoVec> remote)
    {
        using var call = Call("process_vm_writev", target);
        return call.Of(ProcessVm(target, local, remote, write: true));
    }

    private Result<int> ProcessVm(Process target, IReadOnlyList<IoVec> local, IReadOnlyList<IoVec> remote, bool write)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(remote);
        var own = Space;
        var cursor = new IoVecCursor(local);
        return ProcessVm(target, remote, cursor.Remaining, write, (pfn, offset, _, count) =>
        {
            var bytes = new byte[count];
            if (!write)
            {
                Mm.Memory.Contents.Read(pfn, offset, bytes);
            }

            var moved = MoveLocal(own, cursor, bytes, write);
            if (write)
            {
                Mm.Memory.Contents.Write(pfn, offset, bytes.AsSpan(0, moved));
            }

            return moved;
        });
    }

    /// <summary>copy_page_to_iter and copy_page_from_iter: bytes that could be copied to or from the list.</summary>
    private int MoveLocal(AddressSpace own, IoVecCursor cursor, Span<byte> bytes, bool fromUser)
    {
        var moved = 0;
        while (moved < bytes.Length && cursor.Remaining > 0)
        {
            var part = bytes.Slice(moved, Math.Min(bytes.Length - moved, cursor.InBuffer));
            var missing = fromUser ? Mm.CopyFromUser(own, cursor.Address, part) : Mm.CopyToUser(own, cursor.Address, part);
            cursor.Advance(part.Length - missing);
            moved += part.Length - missing;
            if (missing > 0)
            {
                break;
            }
        }

        return moved;
    }

    private Result<int> ProcessVm(Process target, IReadOnlyList<IoVec> remote, int limit, bool write, Func<ulong, int, int, int, int> copy)
    {
        using var observed = Observe(write ? "process_vm_writev" : "process_vm_readv", remote.Count > 0 ? remote[0].Address : 0);
        if (Refused(target) is { } refused)
        {
            // mm_access says EACCES, which process_vm_rw_core turns into EPERM.
            return observed.End(new Result<int>(refused));
        }

        var done = observed.End(Mm.ProcessVm(SpaceOf(target), Space, remote, limit, write, copy));
        if (done.Verdict.Kind == VerdictKind.Oops)
        {
            Kernel.Log.Taint(Taints.Die);
        }

        return done;
    }

    /// <summary>ptrace(PTRACE_PEEKDATA or PEEKTEXT): one word of 8 bytes, all or nothing (EIO).</summary>
    public Result<ulong> PtracePeek(Process target, ulong address)
    {
        using var call = Call("ptrace(PTRACE_PEEKDATA)", target, address);
        return call.Of(DoPtracePeek(target, address));
    }

    private Result<ulong> DoPtracePeek(Process target, ulong address)
    {
        using var observed = Observe("ptrace_peek", address);
        if (NotTraced(target) is { } stranger)
        {
            return observed.End(new Result<ulong>(stranger));
        }

        Span<byte> word = stackalloc byte[8];
        var copied = Mm.AccessRemote(SpaceOf(target), Space, address, word, write: false, force: true, out var stopped);
        return observed.End(copied == 8 ? new Result<ulong>(BinaryPrimitives.ReadUInt64LittleEndian(word)) : FailRemote(copied, "generic_ptrace_peekdata", stopped));
    }

    /// <summary>ptrace(PTRACE_POKEDATA or POKETEXT): one word of 8 bytes; EIO when not all of it could be written.</summary>
    public Verdict PtracePoke(Process target, ulong address, ulong value)
    {
        using var call = Call("ptrace(PTRACE_POKEDATA)", target, address);
        return call.Of(DoPtracePoke(target, address, value));
    }

    private Verdict DoPtracePoke(Process target, ulong address, ulong value)
    {
        using var observed = Observe("ptrace_poke", address);
        if (NotTraced(target) is { } stranger)
        {
            return observed.End(stranger);
        }

        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        var copied = Mm.AccessRemote(SpaceOf(target), Space, address, word, write: true, force: true, out var stopped);
        return observed.End(copied == 8 ? Verdict.Ok : FailRemote(copied, "generic_ptrace_pokedata", stopped));
    }

    /// <summary>pread(2) of /proc/pid/mem: bytes read, or EIO when not even the first page part could be.</summary>
    public Result<int> ProcMemRead(Process target, ulong address, Span<byte> destination)
    {
        using var call = Call("read of /proc/pid/mem", target, address);
        return call.Of(ProcMem(target, address, destination, write: false));
    }

    /// <summary>pwrite(2) of /proc/pid/mem: bytes written, or EIO when not even the first page part could be.</summary>
    public Result<int> ProcMemWrite(Process target, ulong address, ReadOnlySpan<byte> source)
    {
        using var call = Call("write of /proc/pid/mem", target, address);
        return call.Of(DoProcMemWrite(target, address, source));
    }

    private Result<int> DoProcMemWrite(Process target, ulong address, ReadOnlySpan<byte> source)
    {
        Span<byte> copy = source.Length <= 256 ? stackalloc byte[source.Length] : new byte[source.Length];
        source.CopyTo(copy);
        return ProcMem(target, address, copy, write: true);
    }

    /// <summary>pread(2) of /proc/pid/mem into this process's own memory, in pieces of a page.</summary>
    /// <param name="target">Whose memory.</param>
    /// <param name="address">First byte there.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="localAddress">Where they go here.</param>
    /// <returns>Bytes read; EIO when nothing there could be read, EFAULT when the own buffer could not be written.</returns>
    public Result<int> ProcMemRead(Process target, ulong address, int length, ulong localAddress)
    {
        using var call = Call("read of /proc/pid/mem", target, address);
        return call.Of(ProcMem(target, address, length, localAddress, write: false));
    }

    /// <summary>pwrite(2) of /proc/pid/mem out of this process's own memory.</summary>
    /// <inheritdoc cref="ProcMemRead(Process, ulong, int, ulong)"/>
    /// <returns>Bytes written; EIO when nothing there could be written, EFAULT when the own buffer could not be read.</returns>
    public Result<int> ProcMemWrite(Process target, ulong address, int length, ulong localAddress)
    {
        using var call = Call("write of /proc/pid/mem", target, address);
        return call.Of(ProcMem(target, address, length, localAddress, write: true));
    }

    /// <summary>mem_rw: the bytes go through a page of the kernel's own.</summary>
    private Result<int> ProcMem(Process target, ulong address, int length, ulong localAddress, bool write)
    {
        var bounce = new byte[Math.Min(length, (int)Mm.PageSize)];
        for (var done = 0; done < length;)
        {
            var piece = bounce.AsSpan(0, Math.Min(bounce.Length, length - done));
            if (write && Mm.CopyFromUser(Space, localAddress + (ulong)done, piece) != 0)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("mem_rw", "The own buffer cannot be read."));
            }

            var moved = ProcMem(target, address + (ulong)done, piece, write);
            if (!moved.IsOk)
            {
                return done > 0 ? done : moved.Verdict;
            }

            if (!write && Mm.CopyToUser(Space, localAddress + (ulong)done, piece[..moved.Value]) != 0)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("mem_rw", "The own buffer cannot be written."));
            }

            done += moved.Value;
        }

        return length;
    }

    private Result<int> ProcMem(Process target, ulong address, Span<byte> buffer, bool write)
    {
        if (Refused(target, Errno.EACCES) is { } refused)
        {
            return refused;
        }

        var space = SpaceOf(target);
        var force = Kernel.Policy.ProcMemForce == ProcMemForceRule.Always || !Kernel.Policy.Config.IsEnabled("PROC_MEM_FORCE_PTRACE");
        var done = 0;
        do
        {
            // mem_rw copies through one page of its own, whatever the alignment.
            var piece = buffer.Slice(done, Math.Min(buffer.Length - done, (int)Mm.PageSize));
            var copied = Mm.AccessRemote(space, Space, address + (ulong)done, piece, write, force, out var stopped);
            if (copied <= 0 && !piece.IsEmpty)
            {
                return done > 0 && copied == 0 ? done : FailRemote(copied, "mem_rw", stopped);
            }

            done += copied;
        }
        while (done < buffer.Length);

        return done;
    }

    private Verdict FailRemote(int copied, string function, Reason? stopped)
    {
        if (copied != MemoryManager.Crashed)
        {
            return Verdict.Fail(Errno.EIO, Chain(function, stopped));
        }

        Kernel.Log.Taint(Taints.Die);
        return Verdict.Oops(stopped!);
    }

    private AddressSpace SpaceOf(Process target)
    {
        return SpaceOfOther(target);
    }

    private Reason Chain(string function, Reason? stopped)
        => stopped is null ? Mm.Because(function, "The word could not be copied.") : stopped with { Because = $"{stopped.Because} ({function} then reports an input/output error.)" };
}
