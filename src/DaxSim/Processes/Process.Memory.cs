using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

// The calls that change an address space, and the CPU's accesses to it.
public sealed partial class Process
{
    /// <summary>mmap(2) of a file or device.</summary>
    /// <param name="address">Where; used as a hint unless <paramref name="flags"/> say fixed. 0: anywhere.</param>
    /// <param name="length">Bytes, rounded up to pages.</param>
    /// <param name="protection">PROT_*.</param>
    /// <param name="flags">MAP_*.</param>
    /// <param name="file">The file; null for anonymous memory.</param>
    /// <param name="offset">First byte of the file, a multiple of the page size.</param>
    /// <returns>The address, or the errno of the era.</returns>
    public Result<ulong> Mmap(ulong address, ulong length, Prot protection, MapFlags flags, FileHandle? file = null, long offset = 0)
    {
        using var call = Call("mmap");
        return call.Of(DoMmap(address, length, protection, flags, file, offset));
    }

    private Result<ulong> DoMmap(ulong address, ulong length, Prot protection, MapFlags flags, FileHandle? file, long offset)
    {
        if (file is not null)
        {
            Kernel.Require(file);
        }

        using var observed = Observe("mmap", address);
        return observed.End(Mm.Mmap(Space, address, length, protection, file is null ? flags | MapFlags.Anonymous : flags, file?.File, (ulong)offset));
    }

    /// <summary>brk(2): moves the end of the heap.</summary>
    /// <param name="end">The new end; 0 only asks.</param>
    /// <returns>The end of the heap afterwards: the old one where it cannot be moved there.</returns>
    public ulong Brk(ulong end)
    {
        using var call = Call("brk");
        return call.Of(new Result<ulong>(Mm.Brk(Space, end))).Value;
    }

    /// <summary>munmap(2).</summary>
    public Verdict Munmap(ulong address, ulong length)
    {
        using var observed = Observe("munmap", address);
        using var call = Call("munmap", address);
        return call.Of(observed.End(Mm.Munmap(Space, address, length)));
    }

    /// <summary>mprotect(2).</summary>
    public Verdict Mprotect(ulong address, ulong length, Prot protection)
    {
        using var observed = Observe("mprotect", address);
        using var call = Call("mprotect", address);
        return call.Of(observed.End(Mm.Mprotect(Space, address, length, protection)));
    }

    /// <summary>mremap(2).</summary>
    /// <param name="address">The old address.</param>
    /// <param name="oldLength">The old length in bytes; 0 duplicates a shared mapping.</param>
    /// <param name="newLength">The new length in bytes.</param>
    /// <param name="flags">MREMAP_*.</param>
    /// <param name="newAddress">The new address, with <see cref="MremapFlags.Fixed"/>.</param>
    /// <returns>The address of the remapped area.</returns>
    public Result<ulong> Mremap(ulong address, ulong oldLength, ulong newLength, MremapFlags flags, ulong newAddress = 0)
    {
        using var observed = Observe("mremap", address);
        using var call = Call("mremap", address);
        return call.Of(observed.End(Mm.Mremap(Space, address, oldLength, newLength, flags, newAddress)));
    }

    /// <summary>madvise(2).</summary>
    public Verdict Madvise(ulong address, ulong length, Advice advice)
    {
        using var observed = Observe("madvise", address);
        using var call = Call("madvise", address);
        return call.Of(observed.End(Mm.Madvise(Space, address, length, advice)));
    }

    /// <summary>mlock(2), or mlock2(2) with MLOCK_ONFAULT.</summary>
    public Verdict Mlock(ulong address, ulong length, bool onFault = false)
    {
        using var observed = Observe("mlock", address);
        using var call = Call("mlock", address);
        return call.Of(observed.End(Mm.Mlock(Space, address, length, onFault)));
    }

    /// <summary>munlock(2).</summary>
    public Verdict Munlock(ulong address, ulong length)
    {
        using var observed = Observe("munlock", address);
        using var call = Call("munlock", address);
        return call.Of(observed.End(Mm.Munlock(Space, address, length)));
    }

    /// <summary>mlockall(2).</summary>
    /// <param name="current">MCL_CURRENT: everything mapped now is locked and faulted in, errors ignored.</param>
    /// <param name="future">MCL_FUTURE: so is everything mapped later.</param>
    public Verdict MlockAll(bool current = true, bool future = false)
    {
        using var call = Call("mlockall");
        return call.Of(Mm.MlockAll(Space, current, future));
    }

    /// <summary>munlockall(2).</summary>
    public Verdict MunlockAll()
    {
        using var call = Call("munlockall");
        return call.Of(Mm.MunlockAll(Space));
    }

    /// <summary>mincore(2): one byte per page, bit 0 set where the page is in memory.</summary>
    public Result<byte[]> Mincore(ulong address, ulong length)
    {
        using var call = Call("mincore", address);
        return call.Of(Mm.Mincore(Space, address, length));
    }

    /// <summary>msync(2).</summary>
    /// <param name="address">First byte, page-aligned.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="sync">MS_SYNC rather than MS_ASYNC.</param>
    /// <param name="invalidate">MS_INVALIDATE.</param>
    public Verdict Msync(ulong address, ulong length, bool sync = true, bool invalidate = false)
    {
        using var observed = Observe("msync", address);
        using var call = Call("msync", address);
        return call.Of(observed.End(Mm.Msync(Space, address, length, sync, invalidate)));
    }

    /// <summary>A one-byte load by the CPU.</summary>
    /// <returns>The byte, or the signal the load raises.</returns>
    public Result<byte> ReadByte(ulong address)
    {
        using var call = Call("load", address);
        return call.Of(DoReadByte(address));
    }

    private Result<byte> DoReadByte(ulong address)
    {
        var verdict = Mm.TryAccess(Space, address, write: false, out var pfn);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        Watch(address, 1, store: false);
        return Mm.Memory.Contents.ReadByte(pfn, (int)(address & (Mm.PageSize - 1)));
    }

    /// <summary>A one-byte store by the CPU.</summary>
    /// <returns>Ok, or the signal the store raises.</returns>
    public Verdict WriteByte(ulong address, byte value)
    {
        using var call = Call("store", address);
        return call.Of(DoWriteByte(address, value));
    }

    private Verdict DoWriteByte(ulong address, byte value)
    {
        var verdict = Mm.TryAccess(Space, address, write: true, out var pfn);
        if (verdict.IsOk)
        {
            Mm.Memory.Contents.WriteByte(pfn, (int)(address & (Mm.PageSize - 1)), value);
            Watch(address, 1, store: true);
        }

        return verdict;
    }

    /// <summary>Loads by the CPU, page by page, up to the first that raises a signal.</summary>
    public Verdict Read(ulong address, Span<byte> destination)
    {
        using var call = Call("loads", address);
        return call.Of(DoRead(address, destination));
    }

    private Verdict DoRead(ulong address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var verdict = Mm.TryAccess(Space, address, write: false, out var pfn);
            if (!verdict.IsOk)
            {
                return verdict;
            }

            var offset = (int)(address & (Mm.PageSize - 1));
            var part = Math.Min(destination.Length, (int)Mm.PageSize - offset);
            Mm.Memory.Contents.Read(pfn, offset, destination[..part]);
            Watch(address, part, store: false);
            destination = destination[part..];
            address += (ulong)part;
        }

        return Verdict.Ok;
    }

    /// <summary>Stores by the CPU, page by page, up to the first that raises a signal.</summary>
    public Verdict Write(ulong address, ReadOnlySpan<byte> source)
    {
        using var call = Call("stores", address);
        return call.Of(DoWrite(address, source));
    }

    private Verdict DoWrite(ulong address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            var verdict = Mm.TryAccess(Space, address, write: true, out var pfn);
            if (!verdict.IsOk)
            {
                return verdict;
            }

            var offset = (int)(address & (Mm.PageSize - 1));
            var part = Math.Min(source.Length, (int)Mm.PageSize - offset);
            Mm.Memory.Contents.Write(pfn, offset, source[..part]);
            Watch(address, part, store: true);
            source = source[part..];
            address += (ulong)part;
        }

        return Verdict.Ok;
    }

    /// <summary>An instruction fetch by the CPU, which runs whatever bytes are there.</summary>
    /// <returns>
    /// The signal of a fault; on x86_64 also SIGSEGV with <see cref="SiCode.SI_KERNEL"/> where the bytes are nothing but prefixes, because an
    /// instruction is no longer than 15 bytes and a longer one is a general protection fault.
    /// </returns>
    public Verdict Execute(ulong address)
    {
        using var call = Call("fetch", address);
        return call.Of(DoExecute(address));
    }

    private Verdict DoExecute(ulong address)
    {
        const int LongestInstruction = 15;
        Watch(address, 1, store: false, execution: true);
        Span<byte> code = stackalloc byte[LongestInstruction];
        for (var at = address; at < address + LongestInstruction;)
        {
            var fetched = Mm.TryAccess(Space, at, write: false, out var pfn, exec: true);
            if (!fetched.IsOk || Kernel.Policy.Architecture != Policy.Architecture.X8664)
            {
                return fetched;
            }

            var offset = (int)(at & (Mm.PageSize - 1));
            var bytes = code[..Math.Min((int)(address + LongestInstruction - at), (int)Mm.PageSize - offset)];
            Mm.Memory.Contents.Read(pfn, offset, bytes);
            foreach (var each in bytes)
            {
                if (!IsPrefix(each))
                {
                    return Verdict.Ok;
                }
            }

            at += (ulong)bytes.Length;
        }

        return Verdict.Raise(new SignalInfo(Signal.SIGSEGV, SiCode.SI_KERNEL, 0), Mm.Because("exc_general_protection", "An instruction of more than 15 bytes: the processor refuses to run it."));
    }

    /// <summary>A prefix byte of x86_64 code: segment, size, lock and repeat prefixes, and REX.</summary>
    private static bool IsPrefix(byte code) => code is 0x26 or 0x2e or 0x36 or 0x3e or (>= 0x40 and <= 0x4f) or (>= 0x64 and <= 0x67) or 0xf0 or 0xf2 or 0xf3;

    /// <summary>What /proc/pid/pagemap says of one page.</summary>
    public PagemapEntry Pagemap(ulong address) => Mm.Pagemap(Space, address);

    /// <summary>The ioctl PAGEMAP_SCAN of /proc/pid/pagemap: finds pages by what they are, and may write-protect what it finds.</summary>
    /// <param name="request">What to look for.</param>
    /// <returns>What was found; ENOTTY before the ioctl, EINVAL, EFAULT, or EPERM of <see cref="PagemapScanRequest.CheckWriteProtect"/>.</returns>
    public Result<PagemapScanResult> PagemapScan(PagemapScanRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var call = Call("ioctl(PAGEMAP_SCAN)", request.Start);
        return call.Of(Mm.ScanPagemap(Space, request));
    }

    /// <summary>Writes a number to /proc/pid/clear_refs.</summary>
    /// <param name="kind">What begins anew.</param>
    /// <returns>Ok, or EINVAL for a number that the kernel does not know.</returns>
    public Verdict ClearReferences(ClearReferencesKind kind)
    {
        using var call = Call("write(/proc/pid/clear_refs)");
        return call.Of(Mm.ClearReferences(Space, (int)kind));
    }
}
