using System.Buffers.Binary;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Conformance.Adapter;

/// <summary>A process of the simulator.</summary>
internal sealed partial class SimulatedProcess(Machine machine, Process process) : ISimulatedProcess
{
    private static FileHandle? Handle(ISimulatedFile? file) => (file as SimulatedFile)?.Handle;

    private static Process Other(ISimulatedProcess other) => ((SimulatedProcess)other).Process;

    private static Result<long> Long(Result<int> result) => result.IsOk ? result.Value : result.Verdict;

    internal Process Process { get; } = process;

    public Result<ulong> Mmap(ulong address, ulong length, int prot, int flags, ISimulatedFile? file, long offset)
        => Process.Mmap(address, length, (Prot)prot, (MapFlags)flags, Handle(file), offset);

    public Verdict Munmap(ulong address, ulong length) => Process.Munmap(address, length);

    public Verdict Mprotect(ulong address, ulong length, int prot) => Process.Mprotect(address, length, (Prot)prot);

    public Verdict Madvise(ulong address, ulong length, int advice) => Process.Madvise(address, length, (Advice)advice);

    public Verdict Mlock(ulong address, ulong length) => Process.Mlock(address, length);

    public Verdict MlockOnFault(ulong address, ulong length) => Process.Mlock(address, length, onFault: true);

    public Verdict Munlock(ulong address, ulong length) => Process.Munlock(address, length);

    public Result<byte[]> Mincore(ulong address, ulong length) => Process.Mincore(address, length);

    public Result<ulong> Mremap(ulong address, ulong oldLength, ulong newLength, int flags, ulong newAddress)
        => Process.Mremap(address, oldLength, newLength, (MremapFlags)flags, newAddress);

    public Verdict Msync(ulong address, ulong length, int flags) => Process.Msync(address, length, (flags & 4) != 0, (flags & 2) != 0);

    public Result<byte> Load(ulong address) => Process.ReadByte(address);

    public Verdict Store(ulong address, byte value) => Process.WriteByte(address, value);

    public Verdict StoreRange(ulong address, ReadOnlySpan<byte> bytes) => Process.Write(address, bytes);

    public Verdict Execute(ulong address) => Process.Execute(address);

    public Result<ISimulatedProcess> Fork(string name)
    {
        var child = Process.Fork();
        return child.IsOk ? new Result<ISimulatedProcess>(new SimulatedProcess(machine, child.Value)) : child.Verdict;
    }

    public void Exit() => Process.Exit();

    public Result<long> Pread(ISimulatedFile file, ulong buffer, ulong length, long offset) => Long(Process.Pread(Handle(file)!, buffer, (int)length, offset));

    public Result<long> Pwrite(ISimulatedFile file, ulong buffer, ulong length, long offset) => Long(Process.Pwrite(Handle(file)!, buffer, (int)length, offset));

    public Result<(long Count, byte First)> WriteToFreshPipe(ulong buffer, ulong length)
    {
        var pipe = machine.CreatePipe();
        var written = Process.WriteToPipe(pipe, buffer, (int)length);
        Span<byte> first = stackalloc byte[1];
        if (written.IsOk)
        {
            pipe.Read(first);
        }

        pipe.Close();
        return written.IsOk ? (written.Value, first[0]) : written.Verdict;
    }

    public Result<long> Vmsplice(ISimulatedPipe pipe, ulong address, ulong length, int flags) => Long(Process.Vmsplice(((SimulatedPipe)pipe).Pipe, address, (int)length));

    public Result<long> Futex(ulong address, int operation, uint value)
    {
        var shared = (operation & LinuxNumbers.FutexPrivate) == 0;
        switch (operation & ~LinuxNumbers.FutexPrivate)
        {
            case LinuxNumbers.FutexWake:
                return Long(Process.FutexWake(address, (int)value, shared ? FutexScope.Shared : FutexScope.Private));
            case LinuxNumbers.FutexWait:
                var verdict = Process.FutexWait(address, value, shared ? FutexScope.Shared : FutexScope.Private);
                return verdict.Kind == VerdictKind.Blocked ? Verdict.Fail(Errno.ETIMEDOUT) : verdict.IsOk ? 0L : verdict;
            case 8:
                var locked = Process.FutexTryLockPi(address, shared ? FutexScope.Shared : FutexScope.Private);
                return locked.IsOk ? 0L : locked;
            default:
                return NotModelled.Call($"futex operation {operation}");
        }
    }

    public Verdict StartFutexWait(ulong address, uint value) => Process.FutexWait(address, value, scope: FutexScope.Shared);

    public Result<PagemapEntry> Pagemap(ulong address)
    {
        var entry = Process.Pagemap(address);
        var report = entry.Present ? machine.ReportPage(entry) : null;
        var flags = report is { } r ? new PageFlags(r.NoPage, r.IsMapped, r.IsAnonymous, r.IsTransparentHuge, r.IsHugeTlb, r.IsZeroPage) : null;
        return new PagemapEntry(entry.Present, false, entry.FileOrShared, entry.Exclusive, entry.Pfn != 0, flags, report?.MapCount ?? 0);
    }

    public Result<byte[]> ProcessVmRead(ISimulatedProcess target, ulong address, int length)
    {
        var bytes = new byte[length];
        var read = Process.ProcessVmReadv(Other(target), address, bytes);
        return read.IsOk ? bytes[..read.Value] : read.Verdict;
    }

    public Result<long> ProcessVmWrite(ISimulatedProcess target, ulong address, byte[] data) => Long(Process.ProcessVmWritev(Other(target), address, data));

    public Result<byte[]> MemoryRead(ISimulatedProcess target, ulong address, int length)
    {
        var bytes = new byte[length];
        var read = Process.ProcMemRead(Other(target), address, bytes);
        return read.IsOk ? bytes[..read.Value] : read.Verdict;
    }

    public Result<long> MemoryWrite(ISimulatedProcess target, ulong address, byte[] data) => Long(Process.ProcMemWrite(Other(target), address, data));

    public Result<byte[]> Peek(ISimulatedProcess target, ulong address)
    {
        var word = Process.PtracePeek(Other(target), address);
        if (!word.IsOk)
        {
            return word.Verdict;
        }

        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, word.Value);
        return bytes;
    }

    public Verdict Poke(ISimulatedProcess target, ulong address, byte[] word) => Process.PtracePoke(Other(target), address, BinaryPrimitives.ReadUInt64LittleEndian(word));

    public IPending StartTruncate(ISimulatedFile file, long size) => new PendingOperation(Handle(file)!.BeginTruncate(size));

    public IPending StartAllocate(ISimulatedFile file, int mode, long offset, long length)
        => new PendingOperation(Handle(file)!.BeginAllocate((FallocateMode)mode, offset, length));

    /// <summary>A truncate or punch that goes on when it is looked at, if it was woken.</summary>
    private sealed class PendingOperation(FileOperation operation) : IPending
    {
        public Verdict? Outcome
        {
            get
            {
                // Woken but not yet run again: it runs now.
                var verdict = operation is { Verdict.Kind: VerdictKind.Blocked, IsBlocked: false } ? operation.Resume() : operation.Verdict;
                return verdict.Kind == VerdictKind.Blocked ? null : verdict;
            }
        }

        public IReadOnlyList<string> SleepsIn => operation.SleepsIn;

        public void Kill() => operation.Interrupt();
    }
}
