using DaxSim.Outcomes;

namespace DaxSim.Conformance.Adapter;

/// <summary>One entry of /proc/pid/pagemap with what /proc/kpageflags and /proc/kpagecount say about the page.</summary>
internal sealed record PagemapEntry(bool Present, bool Swap, bool FileOrShared, bool Exclusive, bool HasPfn, PageFlags? Flags, long Count);

/// <summary>The bits of /proc/kpageflags that the recordings keep.</summary>
internal sealed record PageFlags(bool NoPage, bool Mmap, bool Anon, bool Thp, bool Huge, bool Zero);

/// <summary>One segment of a core file.</summary>
internal sealed record CoreSegment(long FileSize, long MemorySize, byte[] FirstBytes);

/// <summary>One area of /proc/pid/maps.</summary>
internal sealed record MapsEntry(string Permissions, long Offset, string Name);

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

    /// <summary>The CPU stores several bytes, up to the first fault.</summary>
    Verdict StoreRange(ulong address, ReadOnlySpan<byte> bytes);

    /// <summary>The CPU fetches instructions.</summary>
    Verdict Execute(ulong address) => NotModelled.Call("instruction fetch");

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

    /// <summary>FUTEX_WAKE_OP: wake one at either address, set the second word to a value, compare it with 0.</summary>
    Result<long> FutexWakeOp(ulong address, ulong second, uint set) => NotModelled.Call("futex wake op");

    /// <summary>FUTEX_WAIT on a shared futex; Blocked when the process is left waiting.</summary>
    Verdict StartFutexWait(ulong address, uint value) => NotModelled.Call("futex wait");

    /// <summary>The pagemap entry of a page.</summary>
    Result<PagemapEntry> Pagemap(ulong address);

    // ---- on another process ----
    Result<byte[]> ProcessVmRead(ISimulatedProcess target, ulong address, int length);

    Result<long> ProcessVmWrite(ISimulatedProcess target, ulong address, byte[] data);

    Result<byte[]> MemoryRead(ISimulatedProcess target, ulong address, int length);

    Result<long> MemoryWrite(ISimulatedProcess target, ulong address, byte[] data);

    /// <summary>PTRACE_PEEKDATA: the eight bytes in memory order.</summary>
    Result<byte[]> Peek(ISimulatedProcess target, ulong address);

    /// <summary>PTRACE_POKEDATA of eight bytes in memory order.</summary>
    Verdict Poke(ISimulatedProcess target, ulong address, byte[] word);

    // ---- less usual calls ----
    Verdict MlockOnFault(ulong address, ulong length) => NotModelled.Call("mlock2");

    /// <summary>VmLck of /proc/self/status, in kB.</summary>
    Result<long> LockedKilobytes() => NotModelled.Call("VmLck");

    Verdict Msync(ulong address, ulong length, int flags) => NotModelled.Call("msync");

    Verdict RemapFilePages(ulong address, ulong length, ulong page) => NotModelled.Call("remap_file_pages");

    Verdict Mseal(ulong address, ulong length) => NotModelled.Call("mseal");

    Result<long> ProcessMadvise(ulong address, ulong length, int advice) => NotModelled.Call("process_madvise");

    /// <summary>move_pages(2) of single pages; node null asks for the status only. Gives the status array.</summary>
    Result<long[]> MovePages(ulong[] pages, int? node) => NotModelled.Call("move_pages");

    Verdict MlockAll() => NotModelled.Call("mlockall");

    /// <summary>Reads from a pipe into the process's memory by vmsplice.</summary>
    Result<long> VmspliceToMemory(ISimulatedPipe pipe, ulong address, ulong length) => NotModelled.Call("vmsplice to memory");

    /// <summary>preadv or pwritev with several buffers.</summary>
    Result<long> Transfer(ISimulatedFile file, bool write, (ulong Address, ulong Length)[] buffers, long offset) => NotModelled.Call("readv");

    /// <summary>An asynchronous direct transfer; gives the completion's result.</summary>
    Result<long> TransferAsync(ISimulatedFile file, bool write, ulong address, ulong length, long offset) => NotModelled.Call("io_submit");

    /// <summary>process_vm_readv or process_vm_writev between two lists of addresses.</summary>
    Result<long> ProcessVm(ISimulatedProcess target, bool write, (ulong Address, ulong Length)[] local, (ulong Address, ulong Length)[] remote) => NotModelled.Call("process_vm");

    /// <summary>read(2) of /proc/self/mem into the process's own memory.</summary>
    Result<long> ReadOwnMemory(ulong buffer, ulong length, ulong address) => NotModelled.Call("/proc/self/mem");

    /// <summary>execve with argument strings at these addresses.</summary>
    Verdict Execve(ISimulatedFile program, string name, ulong[] arguments) => NotModelled.Call("execve");

    /// <summary>The kernel pushes a signal frame onto an alternate stack in this range.</summary>
    Verdict DeliverSignalOn(ulong stack, ulong length) => NotModelled.Call("signal frame");

    Result<int> NodeOf(ulong address) => NotModelled.Call("get_mempolicy");

    Verdict Mbind(ulong address, ulong length) => NotModelled.Call("mbind");

    Result<ISimulatedRing> CreateRing() => NotModelled.Call("io_uring_setup");

    Verdict UserfaultRegister(ulong address, ulong length, int mode) => NotModelled.Call("userfaultfd");

    /// <summary>The lines of /proc/self/smaps for the area that starts at the address, by name (kB), and VmFlags; null when no area starts there.</summary>
    Result<(IReadOnlyDictionary<string, long> Kilobytes, string VmFlags)?> Smaps(ulong address) => NotModelled.Call("smaps");

    Result<MapsEntry?> Maps(ulong address) => NotModelled.Call("maps");

    /// <summary>The first line of /proc/self/maps whose name contains this one: where the area starts and how long it is; null when there is none.</summary>
    Result<(ulong Start, ulong Length)?> FindArea(string name) => NotModelled.Call("maps");

    /// <summary>A child dumps core with this filter; gives the segment that starts at the address, or null.</summary>
    Result<CoreSegment?> DumpCore(ulong address, int filter) => NotModelled.Call("core dump");

    /// <summary>Minor and major faults so far.</summary>
    Result<(long Minor, long Major)> FaultCounts() => NotModelled.Call("getrusage");

    /// <summary>MSG_ZEROCOPY over a loopback connection; gives the count and the first byte received.</summary>
    Result<(long Count, byte First)> SendZeroCopy(ulong address, ulong length) => NotModelled.Call("MSG_ZEROCOPY");

    /// <summary>ftruncate or fallocate by a process that is left waiting if it must.</summary>
    IPending StartTruncate(ISimulatedFile file, long size);

    IPending StartAllocate(ISimulatedFile file, int mode, long offset, long length);
}
