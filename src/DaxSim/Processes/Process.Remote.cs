using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

/// <summary>Access to the memory of other processes.</summary>
public sealed partial class Process
{
    /// <summary>process_vm_readv(2) with one remote range and a local buffer that is always accessible.</summary>
    /// <param name="target">Whose memory.</param>
    /// <param name="address">First byte there.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <returns>Bytes read, or EFAULT; <see cref="VerdictKind.Undefined"/> where the kernel used a page pointer it never wrote.</returns>
    public Result<int> ProcessVmReadv(Process target, ulong address, byte[] destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return Mm.ProcessVm(SpaceOf(target), Space, address, destination.Length, write: false, (pfn, offset, position, count) =>
        {
            Mm.Memory.Contents.Read(pfn, offset, destination.AsSpan(position, count));
            return count;
        });
    }

    /// <summary>process_vm_writev(2) with one remote range and a local buffer that is always accessible.</summary>
    /// <inheritdoc cref="ProcessVmReadv(Process, ulong, byte[])"/>
    /// <param name="target">Whose memory.</param>
    /// <param name="address">First byte there.</param>
    /// <param name="source">The bytes.</param>
    public Result<int> ProcessVmWritev(Process target, ulong address, byte[] source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Mm.ProcessVm(SpaceOf(target), Space, address, source.Length, write: true, (pfn, offset, position, count) =>
        {
            Mm.Memory.Contents.Write(pfn, offset, source.AsSpan(position, count));
            return count;
        });
    }

    /// <summary>process_vm_readv(2) into this process's own memory.</summary>
    /// <param name="target">Whose memory.</param>
    /// <param name="address">First byte there.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="localAddress">Where they go here.</param>
    public Result<int> ProcessVmReadv(Process target, ulong address, int length, ulong localAddress)
    {
        var own = Space;
        return Mm.ProcessVm(SpaceOf(target), own, address, length, write: false, (pfn, offset, position, count) =>
        {
            var bytes = new byte[count];
            Mm.Memory.Contents.Read(pfn, offset, bytes);
            return count - Mm.CopyToUser(own, localAddress + (ulong)position, bytes);
        });
    }

    /// <summary>process_vm_writev(2) out of this process's own memory.</summary>
    /// <inheritdoc cref="ProcessVmReadv(Process, ulong, int, ulong)"/>
    public Result<int> ProcessVmWritev(Process target, ulong address, int length, ulong localAddress)
    {
        var own = Space;
        return Mm.ProcessVm(SpaceOf(target), own, address, length, write: true, (pfn, offset, position, count) =>
        {
            var bytes = new byte[count];
            var copied = count - Mm.CopyFromUser(own, localAddress + (ulong)position, bytes);
            Mm.Memory.Contents.Write(pfn, offset, bytes.AsSpan(0, copied));
            return copied;
        });
    }

    /// <summary>ptrace(PTRACE_PEEKDATA or PEEKTEXT): one word of 8 bytes, all or nothing (EIO).</summary>
    public Result<ulong> PtracePeek(Process target, ulong address)
    {
        Span<byte> word = stackalloc byte[8];
        var copied = Mm.AccessRemote(SpaceOf(target), Space, address, word, write: false, force: true, out var stopped);
        return copied == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(word) : Verdict.Fail(Errno.EIO, Chain("generic_ptrace_peekdata", stopped));
    }

    /// <summary>ptrace(PTRACE_POKEDATA or POKETEXT): one word of 8 bytes; EIO when not all of it could be written.</summary>
    public Verdict PtracePoke(Process target, ulong address, ulong value)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        var copied = Mm.AccessRemote(SpaceOf(target), Space, address, word, write: true, force: true, out var stopped);
        return copied == 8 ? Verdict.Ok : Verdict.Fail(Errno.EIO, Chain("generic_ptrace_pokedata", stopped));
    }

    /// <summary>pread(2) of /proc/pid/mem: bytes read, or EIO when not even the first page part could be.</summary>
    public Result<int> ProcMemRead(Process target, ulong address, Span<byte> destination) => ProcMem(target, address, destination, write: false);

    /// <summary>pwrite(2) of /proc/pid/mem: bytes written, or EIO when not even the first page part could be.</summary>
    public Result<int> ProcMemWrite(Process target, ulong address, ReadOnlySpan<byte> source)
    {
        Span<byte> copy = source.Length <= 256 ? stackalloc byte[source.Length] : new byte[source.Length];
        source.CopyTo(copy);
        return ProcMem(target, address, copy, write: true);
    }

    private Result<int> ProcMem(Process target, ulong address, Span<byte> buffer, bool write)
    {
        var space = SpaceOf(target);
        var force = Kernel.Policy.ProcMemForce == ProcMemForceRule.Always || !Kernel.Policy.Config.IsEnabled("PROC_MEM_FORCE_PTRACE");
        var copied = Mm.AccessRemote(space, Space, address, buffer, write, force, out var stopped);
        return copied > 0 || buffer.IsEmpty ? copied : Verdict.Fail(Errno.EIO, Chain("mem_rw", stopped));
    }

    private AddressSpace SpaceOf(Process target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.Kernel == Kernel ? target.Space : throw new ArgumentException($"{target} runs on another kernel.", nameof(target));
    }

    private Reason Chain(string function, Reason? stopped)
        => stopped is null ? Mm.Because(function, "The word could not be copied.") : stopped with { Because = $"{stopped.Because} ({function} then reports an input/output error.)" };
}
