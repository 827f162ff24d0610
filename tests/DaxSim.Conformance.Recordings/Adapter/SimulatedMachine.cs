using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.Adapter;

/// <summary>The recorded machine on top of the simulator's public API: paths lead to mounts, memory files and devices.</summary>
internal sealed class SimulatedMachine : ISimulatedMachine
{
    private const string MemoryPrefix = "/tmp/";

    private readonly Machine machine;
    private readonly IReadOnlyDictionary<string, Mount> mounts;
    private Dictionary<string, SimulatedFile> memoryFiles = new(StringComparer.Ordinal);
    private Dictionary<string, SimulatedFile> marked = new(StringComparer.Ordinal);
    private MachineSnapshot? snapshot;
    private int logged;

    /// <param name="machine">The machine, with everything mounted.</param>
    /// <param name="mounts">The mounts by their directory.</param>
    internal SimulatedMachine(Machine machine, IReadOnlyDictionary<string, Mount> mounts)
    {
        this.machine = machine;
        this.mounts = mounts;
        logged = machine.Log.Entries.Count;
    }

    /// <summary>The simulator's machine.</summary>
    internal Machine Machine => machine;

    public IReadOnlyList<KernelLogEntry> Log => [.. machine.Log.Entries.Skip(logged)];

    public Result<ISimulatedFile> TryOpen(string path, bool write = true, bool create = false, bool direct = false)
    {
        var flags = (write ? OpenFlags.ReadWrite : OpenFlags.ReadOnly) | (create ? OpenFlags.Create : 0) | (direct ? OpenFlags.Direct : 0);
        if (path.StartsWith(MemoryPrefix, StringComparison.Ordinal))
        {
            return OpenMemoryFile(path, flags, create);
        }

        if (path == "/dev/mem")
        {
            return new Result<ISimulatedFile>(new SimulatedFile(machine.OpenDevMem(flags)));
        }

        if (path == OraclePaths.PciBar)
        {
            return Wrap(machine.OpenPciResource(OraclePaths.PciRegion, flags));
        }

        if (path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return Wrap(machine.OpenDevice(path == OraclePaths.DeviceDax ? DeviceDax : path, flags));
        }

        foreach (var (directory, mount) in mounts)
        {
            if (path.StartsWith(directory + "/", StringComparison.Ordinal))
            {
                var opened = mount.Open(path[(directory.Length + 1)..], flags);
                return opened.IsOk ? new Result<ISimulatedFile>(new SimulatedFile(opened.Value)) : opened.Verdict;
            }
        }

        return NotModelled.Call($"open of {path}");
    }

    public long DeviceDaxSize => DeviceDaxDevice?.SizeBytes ?? 0;

    private Devices.DeviceInfo? DeviceDaxDevice => machine.Devices.FirstOrDefault(d => d.Driver == "device_dax");

    private string DeviceDax => DeviceDaxDevice is { } device ? $"/dev/{device.Name}" : OraclePaths.DeviceDax;

    private static Result<ISimulatedFile> Wrap(Result<Processes.FileHandle> opened) => opened.IsOk ? new Result<ISimulatedFile>(new SimulatedFile(opened.Value)) : opened.Verdict;

    private Result<ISimulatedFile> OpenMemoryFile(string path, OpenFlags flags, bool create)
    {
        if (memoryFiles.TryGetValue(path, out var file))
        {
            return Wrap(file.Handle.Reopen(flags & ~OpenFlags.Create));
        }

        if (!create)
        {
            return Verdict.Fail(Errno.ENOENT);
        }

        var made = new SimulatedFile(machine.CreateTmpfsFile(path));
        memoryFiles[path] = made;
        return new Result<ISimulatedFile>(made);
    }

    public Verdict Unlink(string path)
    {
        if (path.StartsWith(MemoryPrefix, StringComparison.Ordinal))
        {
            return memoryFiles.Remove(path) ? Verdict.Ok : Verdict.Fail(Errno.ENOENT);
        }

        foreach (var (directory, mount) in mounts)
        {
            if (path.StartsWith(directory + "/", StringComparison.Ordinal))
            {
                return mount.Remove(path[(directory.Length + 1)..]);
            }
        }

        return NotModelled.Call($"unlink of {path}");
    }

    public ISimulatedPipe CreatePipe() => new SimulatedPipe(machine.CreatePipe());

    public ISimulatedProcess Spawn(string name) => new SimulatedProcess(machine, machine.Spawn(name));

    public ISimulatedProcess SpawnProgram(string name) => new SimulatedProcess(machine, machine.SpawnProgram(name));

    public Result<ISimulatedFile> CreateMemoryFile(string name) => new(new SimulatedFile(machine.CreateMemFd(name)));

    public Result<ISimulatedFile> CreateSecretFile()
        => Wrap(machine.CreateSecretMemory());

    public Result<(long Acquired, long Released)> PinCounters() => (machine.PinCounters.PinsAcquired, machine.PinCounters.PinsReleased);

    public Result<ITransferInFlight> StartSlowRead(ISimulatedProcess process, ulong address, ulong length)
    {
        var disk = machine.OpenDevice(OraclePaths.SlowDisk, OpenFlags.ReadOnly | OpenFlags.Direct);
        if (!disk.IsOk)
        {
            return disk.Verdict;
        }

        var submitted = ((SimulatedProcess)process).Process.SubmitDirectRead(disk.Value, address, (int)length, 0);
        return new Result<ITransferInFlight>(submitted.IsOk ? new Transfer(submitted.Value) : new Refused(submitted.Verdict));
    }

    /// <summary>A read of the slow disk that is under way.</summary>
    private sealed class Transfer(Processes.DirectTransfer transfer) : ITransferInFlight
    {
        public bool IsPending => transfer.IsPending;

        public Result<long> Complete()
        {
            var done = transfer.Complete();
            return done.IsOk ? done.Value : done.Verdict;
        }
    }

    /// <summary>io_submit takes every request; one whose pages cannot be had is complete at once, with its error.</summary>
    private sealed class Refused(Verdict verdict) : ITransferInFlight
    {
        public bool IsPending => false;

        public Result<long> Complete() => verdict;
    }

    public int Tainted => (int)machine.Log.Taints;

    public void KillAll()
    {
        foreach (var process in machine.Processes)
        {
            process.Exit();
        }
    }

    public void Mark()
    {
        snapshot = machine.Snapshot();
        marked = new(memoryFiles, StringComparer.Ordinal);
        logged = machine.Log.Entries.Count;
    }

    public void Reset()
    {
        machine.Restore(snapshot ?? throw new InvalidOperationException("Mark comes before Reset."));
        memoryFiles = new(marked, StringComparer.Ordinal);
        logged = machine.Log.Entries.Count;
    }
}
