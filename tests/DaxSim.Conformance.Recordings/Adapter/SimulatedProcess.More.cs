using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Conformance.Adapter;

/// <summary>The less usual calls.</summary>
internal sealed partial class SimulatedProcess
{
    public Result<long> LockedKilobytes() => Process.LockedBytes >> 10;

    public Result<(long Minor, long Major)> FaultCounts() => (Process.MinorFaults, Process.MajorFaults);

    public Result<ISimulatedRing> CreateRing() => new(new Ring(Process.CreateRing()));

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
                return new MapsEntry(line.Permissions, (long)line.Offset, line.Name);
            }
        }

        return (MapsEntry?)null;
    }

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
