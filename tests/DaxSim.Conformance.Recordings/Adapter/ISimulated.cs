using DaxSim.Outcomes;

namespace DaxSim.Conformance.Adapter;

/// <summary>An open file of the simulated machine, as the replay needs it. What the simulator does not offer answers Unknown.</summary>
internal interface ISimulatedFile
{
    /// <summary>pread(2) into the caller's own buffer, which always exists: no page of the process is involved.</summary>
    Result<byte[]> Read(int length, long offset);

    /// <summary>pwrite(2) from such a buffer.</summary>
    Result<long> Write(byte[] data, long offset);

    /// <summary>ftruncate(2); Blocked when it waits for page references.</summary>
    Verdict Truncate(long size);

    /// <summary>fallocate(2); Blocked when it waits for page references.</summary>
    Verdict Allocate(int mode, long offset, long length);

    /// <summary>fsync(2).</summary>
    Verdict Sync();

    /// <summary>close(2).</summary>
    void Close();

    /// <summary>fchmod(2) to a mode with execute bits, then close(2): a file with writers cannot be run.</summary>
    void CloseAsExecutable() => throw new SetupException("chmod is not modelled");

    /// <summary>st_size.</summary>
    Result<long> Size();

    /// <summary>splice(2) of a range of the file into a pipe.</summary>
    Result<long> Splice(long offset, ISimulatedPipe pipe, ulong length) => NotModelled.Call("splice");
}

/// <summary>A pipe of the simulated machine; reading and writing never wait.</summary>
internal interface ISimulatedPipe
{
    /// <summary>read(2) of up to that many bytes; EAGAIN when it is empty.</summary>
    Result<byte[]> Read(int length);

    /// <summary>write(2).</summary>
    Result<long> Write(byte[] data) => NotModelled.Call("pipe write");

    /// <summary>Both ends are closed: what it held is released.</summary>
    void Close();
}

/// <summary>A waiting operation of another process: it goes on by itself when what it waits for happens.</summary>
internal interface IPending
{
    /// <summary>The outcome, or null while it still waits.</summary>
    Verdict? Outcome { get; }

    /// <summary>The kernel functions it sleeps in, innermost first, as far as the simulator tells.</summary>
    IReadOnlyList<string> SleepsIn { get; }
}

/// <summary>An asynchronous O_DIRECT read that the slow disk has not finished.</summary>
internal interface ITransferInFlight
{
    /// <summary>True while the device has not answered.</summary>
    bool IsPending { get; }

    /// <summary>The device answers now; gives the completion's result.</summary>
    Result<long> Complete();
}

/// <summary>An io_uring of a process with one registered buffer at most.</summary>
internal interface ISimulatedRing
{
    Verdict Register(ulong address, ulong length);

    Verdict Unregister();

    Result<long> ReadFixed(ISimulatedFile file, ulong address, ulong length, long offset);

    /// <summary>IORING_OP_READ or IORING_OP_WRITE with an ordinary buffer.</summary>
    Result<long> Transfer(ISimulatedFile file, bool write, ulong address, ulong length, long offset);
}

/// <summary>A simulated machine with the mounts of the recorded one.</summary>
internal interface ISimulatedMachine
{
    /// <summary>Everything printed since the last <see cref="Reset"/>.</summary>
    IReadOnlyList<KernelLogEntry> Log { get; }

    /// <summary>Opens a file by the path it had on the recorded machine.</summary>
    Result<ISimulatedFile> TryOpen(string path, bool write = true, bool create = false, bool direct = false);

    Verdict Unlink(string path);

    ISimulatedPipe CreatePipe();

    ISimulatedProcess Spawn(string name);

    /// <summary>A process with the areas that the kernel adds to every program.</summary>
    ISimulatedProcess SpawnProgram(string name);

    Result<ISimulatedFile> CreateMemoryFile(string name) => NotModelled.Call("memfd_create");

    Result<ISimulatedFile> CreateSecretFile() => NotModelled.Call("memfd_secret");

    /// <summary>nr_foll_pin_acquired and nr_foll_pin_released of /proc/vmstat.</summary>
    Result<(long Acquired, long Released)> PinCounters() => NotModelled.Call("vmstat");

    /// <summary>Starts an O_DIRECT read of the slow disk's first bytes, behind another one.</summary>
    Result<ITransferInFlight> StartSlowRead(ISimulatedProcess process, ulong address, ulong length) => NotModelled.Call("io_submit");

    /// <summary>What /sys/bus/dax/devices/.../size says of the device-dax device.</summary>
    long DeviceDaxSize { get; }

    /// <summary>/proc/sys/kernel/tainted.</summary>
    int Tainted => 0;

    /// <summary>Every process dies.</summary>
    void KillAll();

    /// <summary>Back to the state of <see cref="Mark"/>.</summary>
    void Reset();

    /// <summary>Makes the present state the one that <see cref="Reset"/> restores.</summary>
    void Mark();

    /// <summary>Opens a file that the recorded machine certainly had.</summary>
    ISimulatedFile Open(string path, bool write = true, bool create = false, bool direct = false)
    {
        var file = TryOpen(path, write, create, direct);
        return file.IsOk ? file.Value : throw new SetupException($"{path} cannot be opened: {file.Verdict} {file.Verdict.Reason}");
    }
}
