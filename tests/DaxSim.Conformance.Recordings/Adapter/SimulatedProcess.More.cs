using DaxSim.AddressSpaces;
using DaxSim.Memory;
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

    public Result<long> TransferAsync(ISimulatedFile file, bool write, ulong address, ulong length, long offset)
        => Long(write ? Process.AioWrite(Handle(file)!, address, (int)length, offset) : Process.AioRead(Handle(file)!, address, (int)length, offset));

    public Result<long> Transfer(ISimulatedFile file, bool write, (ulong Address, ulong Length)[] buffers, long offset)
        => Long(write ? Process.Pwritev(Handle(file)!, Vectors(buffers), offset) : Process.Preadv(Handle(file)!, Vectors(buffers), offset));

    public Result<long> ProcessVm(ISimulatedProcess target, bool write, (ulong Address, ulong Length)[] local, (ulong Address, ulong Length)[] remote)
        => Long(write ? Process.ProcessVmWritev(Other(target), Vectors(local), Vectors(remote)) : Process.ProcessVmReadv(Other(target), Vectors(local), Vectors(remote)));

    public Result<long> ReadOwnMemory(ulong buffer, ulong length, ulong address) => Long(Process.ProcMemRead(Process, address, (int)length, buffer));

    public Result<long> VmspliceToMemory(ISimulatedPipe pipe, ulong address, ulong length) => Long(Process.ReadFromPipe(((SimulatedPipe)pipe).Pipe, address, (int)length));

    public Verdict MlockAll() => Process.MlockAll();

    public Verdict DeliverSignalOn(ulong stack, ulong length) => Process.DeliverSignalOnStack(stack, length);

    public Result<(IReadOnlyDictionary<string, long> Kilobytes, string VmFlags)?> Smaps(ulong address)
    {
        foreach (var area in Process.ReadSmaps())
        {
            if (area.Start == address)
            {
                return (area.Kilobytes, area.VmFlags);
            }
        }

        return ((IReadOnlyDictionary<string, long>, string)?)null;
    }

    public Result<CoreSegment?> DumpCore(ulong address, int filter)
    {
        if (Process.DumpCore((CoreFilter)filter).Find(address) is not { } segment)
        {
            return (CoreSegment?)null;
        }

        var first = new byte[Math.Min(segment.FileSize, 2 * (long)LinuxNumbers.Page)];
        segment.Read((long)(address - segment.Start), first);
        return new CoreSegment(segment.FileSize, segment.MemorySize, first);
    }

    public Verdict Execve(ISimulatedFile program, string name, ulong[] arguments) => Process.Execve(Handle(program)!, name, arguments).Verdict;

    private static IoVec[] Vectors((ulong Address, ulong Length)[] buffers) => [.. buffers.Select(static b => new IoVec(b.Address, (int)b.Length))];

    public Verdict RemapFilePages(ulong address, ulong length, ulong page) => Process.RemapFilePages(address, length, page);

    public Verdict Mseal(ulong address, ulong length) => Process.Mseal(address, length);

    public Result<long> ProcessMadvise(ulong address, ulong length, int advice) => Process.ProcessMadvise(address, length, (Advice)advice);

    public Result<long[]> MovePages(ulong[] pages, int? node)
    {
        // The recorders fill the status array with 77.
        var status = Process.MovePages(pages, node is { } to ? [.. pages.Select(_ => to)] : null, unwritten: 77);
        return status.IsOk ? status.Value.Status.Select(s => (long)s).ToArray() : status.Verdict;
    }

    public Result<int> NodeOf(ulong address) => Process.NodeOf(address);

    public Verdict Mbind(ulong address, ulong length) => Process.Mbind(address, length, MemoryPolicyMode.Bind, 1, MbindFlags.Strict | MbindFlags.Move);

    public Verdict UserfaultRegister(ulong address, ulong length, int mode) => Process.RegisterUserfault(address, length, (UserfaultMode)mode);

    public Result<long> FutexWakeOp(ulong address, ulong second, uint set) => Long(Process.FutexWakeOp(address, second, set, scope: FutexScope.Shared));

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

    public Result<(ulong Start, ulong Length)?> FindArea(string name)
    {
        foreach (var line in Process.Maps)
        {
            if (line.Name.Contains(name, StringComparison.Ordinal))
            {
                return (line.Start, line.End - line.Start);
            }
        }

        return ((ulong, ulong)?)null;
    }

    /// <summary>A line of numa_maps with the recorder's names.</summary>
    internal string AsRecorded(NumaMapsEntry area) => (area with { File = area.File is null ? null : RecordedName(area.File) }).ToString();

    /// <summary>The recorder's tmpfs files are files in memory here, and its device-dax device has another number.</summary>
    private string RecordedName(string name)
        => machine.FindDevice(name.Replace("/dev/", "", StringComparison.Ordinal)) is { Driver: "device_dax" } ? OraclePaths.DeviceDax : name;

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
            => Long(write ? ring.Process.AioWrite(Handle(file)!, address, (int)length, offset) : ring.Process.AioRead(Handle(file)!, address, (int)length, offset));
    }
}
