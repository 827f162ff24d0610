using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Conformance.Adapter;

/// <summary>The less usual calls.</summary>
internal sealed partial class SimulatedProcess
{
    private const int SignalFrame = 1024;

    public Result<long> LockedKilobytes() => Process.LockedBytes >> 10;

    public Result<(long Minor, long Major)> FaultCounts() => (Process.MinorFaults, Process.MajorFaults);

    public Result<ISimulatedRing> CreateRing()
        => machine.Policy.RingReferences == RingReferenceRule.Missing ? Verdict.Fail(Errno.ENOSYS) : new Result<ISimulatedRing>(new Ring(Process.CreateRing()));

    /// <summary>An asynchronous transfer whose completion is waited for takes the same path as a plain one.</summary>
    public Result<long> TransferAsync(ISimulatedFile file, bool write, ulong address, ulong length, long offset)
        => write ? Pwrite(file, address, length, offset) : Pread(file, address, length, offset);

    /// <summary>Remote ranges go one after the other, as in the kernel; the first that fails ends the call.</summary>
    public Result<long> ProcessVm(ISimulatedProcess target, bool write, (ulong Address, ulong Length)[] local, (ulong Address, ulong Length)[] remote)
    {
        if (local is not [var (own, room)])
        {
            return NotModelled.Call("process_vm with several local buffers");
        }

        long done = 0;
        foreach (var (address, length) in remote)
        {
            var part = (int)Math.Min(length, room - (ulong)done);
            var moved = write
                ? Process.ProcessVmWritev(Other(target), address, part, own + (ulong)done)
                : Process.ProcessVmReadv(Other(target), address, part, own + (ulong)done);
            if (!moved.IsOk)
            {
                return done > 0 ? done : moved.Verdict;
            }

            done += moved.Value;
            if (moved.Value < part)
            {
                break;
            }
        }

        return done;
    }

    /// <summary>mlockall(MCL_CURRENT): areas that cannot be populated do not make it fail.</summary>
    public Verdict MlockAll()
    {
        foreach (var area in Process.Maps)
        {
            if (Process.Mlock(area.Start, area.End - area.Start) is { Kind: VerdictKind.Unknown or VerdictKind.Oops } end)
            {
                return end;
            }
        }

        return Verdict.Ok;
    }

    public Result<long> ReadOwnMemory(ulong buffer, ulong length, ulong address)
    {
        var read = MemoryRead(this, address, (int)length);
        return read.IsOk ? CopyToUser(buffer, read.Value) : read.Verdict;
    }

    public Result<long> VmspliceToMemory(ISimulatedPipe pipe, ulong address, ulong length)
    {
        var read = pipe.Read((int)length);
        return read.IsOk ? CopyToUser(address, read.Value) : read.Verdict;
    }

    /// <summary>The frame lies at the stack's end.</summary>
    public Verdict DeliverSignalOn(ulong stack, ulong length)
    {
        var frame = CopyToUser(stack + length - SignalFrame, new byte[SignalFrame]);
        return frame.IsOk || frame.Verdict.Kind is VerdictKind.Unknown or VerdictKind.Oops ? frame.Verdict : Verdict.Raise(new SignalInfo(Signal.SIGSEGV, SiCode.None, 0), frame.Verdict.Reason);
    }

    /// <summary>execve copies the strings before it gives up the old memory.</summary>
    public Verdict Execve(string path, ulong[] arguments)
    {
        foreach (var argument in arguments)
        {
            for (var at = argument; ; at++)
            {
                var value = Process.ReadByte(at);
                if (!value.IsOk)
                {
                    return value.Verdict.Kind == VerdictKind.Signal ? Verdict.Fail(Errno.EFAULT, value.Verdict.Reason) : value.Verdict;
                }

                if (value.Value == 0)
                {
                    break;
                }
            }
        }

        return Verdict.Ok;
    }

    /// <summary>copy_to_user is an access by the CPU; where a program would get a signal, the call fails with EFAULT.</summary>
    private Result<long> CopyToUser(ulong address, byte[] bytes)
    {
        var verdict = Process.Write(address, bytes);
        return verdict.IsOk ? bytes.Length : verdict.Kind == VerdictKind.Signal ? Verdict.Fail(Errno.EFAULT, verdict.Reason) : verdict;
    }

    public Verdict RemapFilePages(ulong address, ulong length, ulong page) => Process.RemapFilePages(address, length, page);

    public Verdict Mseal(ulong address, ulong length) => Process.Mseal(address, length);

    public Result<long> ProcessMadvise(ulong address, ulong length, int advice) => Process.ProcessMadvise(address, length, (Advice)advice);

    public Result<long[]> MovePages(ulong[] pages, int? node)
    {
        var status = Process.MovePages(pages, node is not null);
        return status.IsOk ? status.Value.Select(s => (long)s).ToArray() : status.Verdict;
    }

    public Result<int> NodeOf(ulong address) => Process.NodeOf(address);

    public Verdict Mbind(ulong address, ulong length) => Process.Mbind(address, length);

    public Verdict UserfaultRegister(ulong address, ulong length, int mode) => Process.RegisterUserfault(address, length, (UserfaultMode)mode);

    public Result<long> FutexWakeOp(ulong address, ulong second, uint set) => Long(Process.FutexWakeOp(address, second, set, shared: true));

    public Result<MapsEntry?> Maps(ulong address)
    {
        foreach (var line in Process.Maps)
        {
            if (line.Start == address)
            {
                return new MapsEntry(line.Permissions, (long)line.Offset, RecordedName(line.Name));
            }
        }

        return (MapsEntry?)null;
    }

    /// <summary>The recorder's tmpfs files are files in memory here, and its device-dax device has another number.</summary>
    private string RecordedName(string name)
        => machine.FindDevice(name.Replace("/dev/", "", StringComparison.Ordinal)) is { Driver: "device_dax" } ? OraclePaths.DeviceDax : name.Replace("/memfd:/tmp/", "/tmp/", StringComparison.Ordinal);

    public Result<(long Count, byte First)> SendZeroCopy(ulong address, ulong length)
    {
        var received = new byte[length];
        var sent = Process.SendZeroCopy(address, received);
        return sent.IsOk ? (sent.Value, received[0]) : sent.Verdict;
    }

    /// <summary>An io_uring of the simulator.</summary>
    private sealed class Ring(IoRing ring) : ISimulatedRing
    {
        public Verdict Register(ulong address, ulong length) => ring.RegisterBuffer(address, (int)length);

        public Verdict Unregister() => ring.UnregisterBuffer();

        public Result<long> ReadFixed(ISimulatedFile file, ulong address, ulong length, long offset) => Long(ring.ReadFixed(Handle(file)!, address, (int)length, offset));

        public Result<long> Transfer(ISimulatedFile file, bool write, ulong address, ulong length, long offset)
            => Long(write ? ring.Process.Pwrite(Handle(file)!, address, (int)length, offset) : ring.Process.Pread(Handle(file)!, address, (int)length, offset));
    }
}
