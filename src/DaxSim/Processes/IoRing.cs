using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>An io_uring with at most one registered buffer: a long-term pin of user pages.</summary>
public sealed class IoRing : IPageHolder
{
    private readonly StateList<ulong> pages;
    private readonly Registration registration;

    internal IoRing(Process process)
    {
        Process = process;
        pages = new(process.Kernel.Journal);
        registration = new(process.Kernel.Journal);
        process.Kernel.MemoryManager.AddHolder(this);
    }

    private IoRing(IoRing original, CloneContext context)
    {
        Process = new Process(context.Known(original.Process.Kernel), context.Map(original.Process.State));
        pages = context.Map(original.pages);
        registration = context.Map(original.registration);
    }

    /// <summary>Who owns the ring.</summary>
    public Process Process { get; }

    /// <summary>True while a buffer is registered.</summary>
    public bool HasBuffer => pages.Count > 0;

    string IPageHolder.HolderName => "io_uring";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held => pages.Where(p => p != MemoryManager.GarbagePage).Select(p => (p, IsPin));

    object ICloned.CloneInto(CloneContext context) => new IoRing(this, context);

    void IDescribed.Describe(StateDigest digest)
    {
        digest.Add(Process.State);
        digest.Add(pages);
        digest.Add(registration);
    }

    private Recording Call(string name, ulong? address = null) => Process.Kernel.Record(name, process: Process, address: address);

    private MemoryManager Mm => Process.Kernel.MemoryManager;

    private bool IsPin => Process.Kernel.Policy.RingReferences == RingReferenceRule.Pin;

    /// <summary>IORING_REGISTER_BUFFERS with one buffer.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>Ok, or the errno: ENOSYS on kernels without io_uring, EOPNOTSUPP for memory that may not be pinned for long, EFAULT for memory that cannot be pinned at all.</returns>
    public Verdict RegisterBuffer(ulong address, int length)
    {
        using var call = Call("io_uring_register", address);
        return call.Of(DoRegisterBuffer(address, length));
    }

    private Verdict DoRegisterBuffer(ulong address, int length)
    {
        using var observed = OperationObservation.Begin("io_uring_register", Process.Kernel.Policy, Process.Kernel.Log.Silent, Process.Id, address);
        return observed.End(RegisterUnobserved(address, length));
    }

    private Verdict RegisterUnobserved(ulong address, int length)
    {
        if (Process.Kernel.Policy.RingReferences == RingReferenceRule.Missing)
        {
            return Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "There is no io_uring yet.", PolicyProperty.RingReferences));
        }

        if (HasBuffer)
        {
            return Verdict.Fail(Errno.EBUSY, Mm.Because("io_sqe_buffers_register", "A buffer is registered already."));
        }

        if (length <= 0)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("io_buffer_validate", "The buffer is empty."));
        }

        var first = address & ~(Mm.PageSize - 1);
        var count = (int)((Mm.RoundUp(address + (ulong)length) - first) >> Mm.PageShift);
        var taken = new ulong[count];
        var flags = GupFlags.Write | GupFlags.LongTerm | (IsPin ? GupFlags.Pin : GupFlags.Get);
        var result = Process.Kernel.Policy.RingLookup == RingLookupRule.FastFirst
            ? Mm.GetUserPagesFast(Process.Space, first, count, flags, taken)
            : Mm.GetUserPages(Process.Space, Process.Space, first, count, flags | GupFlags.Touch, taken);
        if (result.Verdict.Kind == VerdictKind.Undefined)
        {
            Mm.ReleasePages(taken, 0, result.Count, IsPin, dirty: false);
            return result.Verdict;
        }

        if (result.Count < count)
        {
            Mm.ReleasePages(taken, 0, result.Count, IsPin, dirty: false);
            return result.Count > 0 ? Verdict.Fail(Errno.EFAULT, Mm.Because("io_pin_pages", "Only part of the buffer could be pinned.")) : result.Verdict;
        }

        if (Process.Kernel.Policy.RingFileBuffers == RingFileBufferRule.Refused && FileBacked(first, count))
        {
            Mm.ReleasePages(taken, 0, count, IsPin, dirty: false);
            return Verdict.Fail(Errno.EOPNOTSUPP, Mm.Because("io_pin_pages", "Memory of a file that is neither shmem nor hugetlb may not be registered.", PolicyProperty.RingFileBuffers));
        }

        foreach (var page in taken)
        {
            pages.Add(page);
        }

        registration.Set(address, length);
        return Verdict.Ok;
    }

    /// <summary>IORING_UNREGISTER_BUFFERS: the pages are given back.</summary>
    public Verdict UnregisterBuffer()
    {
        using var call = Call("io_uring_unregister");
        return call.Of(DoUnregisterBuffer());
    }

    private Verdict DoUnregisterBuffer()
    {
        if (!HasBuffer)
        {
            return Verdict.Fail(Errno.ENXIO, Mm.Because("io_sqe_buffers_unregister", "No buffer is registered."));
        }

        var taken = pages.Span.ToArray();
        pages.Clear();
        Mm.ReleasePages(taken, 0, taken.Length, IsPin, dirty: false);
        return Verdict.Ok;
    }

    /// <summary>IORING_OP_READ_FIXED: reads a file into the pinned pages, whatever the process maps there now.</summary>
    /// <param name="file">The file.</param>
    /// <param name="address">First byte in the registered range.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="offset">Position in the file.</param>
    public Result<int> ReadFixed(FileHandle file, ulong address, int length, long offset)
    {
        using var call = Call("io_uring read", address);
        return call.Of(DoReadFixed(file, address, length, offset));
    }

    private Result<int> DoReadFixed(FileHandle file, ulong address, int length, long offset)
    {
        Process.Kernel.Require(file);
        if (!HasBuffer || address < registration.Address || address + (ulong)length > registration.Address + (ulong)registration.Length)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("io_import_fixed", "The range is not part of the registered buffer."));
        }

        var bytes = new byte[length];
        var count = file.ReadBytes(offset, bytes);
        var start = registration.Address & ~(Mm.PageSize - 1);
        for (var done = 0; done < count;)
        {
            var at = address + (ulong)done - start;
            var inPage = (int)(at & (Mm.PageSize - 1));
            var part = Math.Min(count - done, (int)Mm.PageSize - inPage);
            Mm.Memory.Contents.Write(pages[(int)(at >> Mm.PageShift)], inPage, bytes.AsSpan(done, part));
            done += part;
        }

        return count;
    }

    private bool FileBacked(ulong address, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (Process.Space.Find(address + ((ulong)i << Mm.PageShift))?.Inode is { Kind: not (MappingKind.Shmem or MappingKind.HugeTlb) })
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Registration(Journal journal) : Recoverable(journal)
    {
        internal ulong Address { get; private set; }

        internal int Length { get; private set; }

        internal void Set(ulong address, int length)
        {
            Touch();
            Address = address;
            Length = length;
        }

        internal override void Describe(StateDigest digest)
        {
            digest.Add(Address);
            digest.Add(Length);
        }

        private protected override void CopyFrom(Recoverable state)
        {
            var other = (Registration)state;
            Address = other.Address;
            Length = other.Length;
        }
    }
}

// io_uring.
public sealed partial class Process
{
    /// <summary>io_uring_setup(2).</summary>
    public IoRing CreateRing() => new(this);

    /// <summary>Resident and locked memory in bytes (VmLck).</summary>
    public long LockedBytes => Space.LockedPages << Mm.PageShift;

    /// <summary>Memory that is swapped out, in bytes (VmSwap).</summary>
    public long SwappedBytes => Space.SwapEntries << Mm.PageShift;

    /// <summary>Minor faults of this address space so far.</summary>
    public long MinorFaults => Space.MinorFaults;

    /// <summary>Major faults of this address space so far.</summary>
    public long MajorFaults => Space.MajorFaults;
}
