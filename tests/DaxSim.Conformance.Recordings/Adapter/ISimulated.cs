using DaxSim.Outcomes;

namespace DaxSim.Conformance.Adapter;

/// <summary>An open file of the simulated machine, as the replay needs it.</summary>
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
}

/// <summary>A pipe of the simulated machine; reading and writing never wait.</summary>
internal interface ISimulatedPipe
{
    /// <summary>read(2) of up to that many bytes; EAGAIN when it is empty.</summary>
    Result<byte[]> Read(int length);
}

/// <summary>A process of the simulated machine: the system calls that the replay makes, with Linux's numbers.</summary>
internal interface ISimulatedProcess
{
    Result<ulong> Mmap(ulong address, ulong length, int prot, int flags, ISimulatedFile? file, long offset);

    Verdict Munmap(ulong address, ulong length);

    Verdict Mprotect(ulong address, ulong length, int prot);

    Verdict Madvise(ulong address, ulong length, int advice);

    Verdict Mlock(ulong address, ulong length);

    Verdict Munlock(ulong address, ulong length);

    Result<byte[]> Mincore(ulong address, ulong length);

    Result<ulong> Mremap(ulong address, ulong oldLength, ulong newLength, int flags, ulong newAddress);

    /// <summary>The CPU loads a byte.</summary>
    Result<byte> Load(ulong address);

    /// <summary>The CPU stores a byte.</summary>
    Verdict Store(ulong address, byte value);

    Result<ISimulatedProcess> Fork(string name);

    void Exit();

    /// <summary>pread(2) into the process's memory, buffered or direct as the file was opened.</summary>
    Result<long> Pread(ISimulatedFile file, ulong buffer, ulong length, long offset);

    /// <summary>pwrite(2) from the process's memory.</summary>
    Result<long> Pwrite(ISimulatedFile file, ulong buffer, ulong length, long offset);

    /// <summary>write(2) of that many bytes into a fresh pipe; gives the first byte that comes out.</summary>
    Result<(long Count, byte First)> WriteToFreshPipe(ulong buffer, ulong length);

    Result<long> Vmsplice(ISimulatedPipe pipe, ulong address, ulong length, int flags);

    Result<long> Futex(ulong address, int operation, uint value);

    /// <summary>The two bits of /proc/pid/pagemap that the programs record.</summary>
    Result<(bool Present, bool FileOrShared)> Pagemap(ulong address);

    // ---- on another process ----
    Result<byte[]> ProcessVmRead(ISimulatedProcess target, ulong address, int length);

    Result<long> ProcessVmWrite(ISimulatedProcess target, ulong address, byte[] data);

    Result<byte[]> MemoryRead(ISimulatedProcess target, ulong address, int length);

    Result<long> MemoryWrite(ISimulatedProcess target, ulong address, byte[] data);

    Result<ulong> Peek(ISimulatedProcess target, ulong address);

    Verdict Poke(ISimulatedProcess target, ulong address, ulong word);
}

/// <summary>A simulated machine with the mounts of the recorded one.</summary>
internal interface ISimulatedMachine
{
    /// <summary>Opens a file by the path it had on the recorded machine.</summary>
    ISimulatedFile Open(string path, bool write = true, bool create = false, bool direct = false);

    Verdict Unlink(string path);

    ISimulatedPipe CreatePipe();

    ISimulatedProcess Spawn(string name);

    /// <summary>Back to the state of <see cref="Mark"/>.</summary>
    void Reset();

    /// <summary>Makes the present state the one that <see cref="Reset"/> restores.</summary>
    void Mark();
}
