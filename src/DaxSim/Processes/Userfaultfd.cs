using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

/// <summary>
/// A userfaultfd: user space decides about faults of one address space. Whoever accesses a page that the handler must look at sleeps:
/// his call is <see cref="VerdictKind.Blocked"/>, the machine is as before it, and <see cref="Waiting"/> shows the page. When the
/// handler has done its work the sleeper is woken and does his access again, as the processor would.
/// </summary>
/// <remarks>
/// UFFD_EVENT_FORK is in <see cref="Forks"/> at once: a real fork waits until somebody reads the event. A system call that sleeps on
/// its way through a buffer shows nothing of what it had done before until it is called again.
/// </remarks>
public sealed class Userfaultfd
{
    private readonly RunningKernel kernel;
    private readonly UserfaultContext context;

    internal Userfaultfd(RunningKernel kernel, UserfaultContext context)
    {
        this.kernel = kernel;
        this.context = context;
    }

    /// <summary>What it was opened with.</summary>
    public UserfaultFeatures Features => context.Features;

    /// <summary>True after <see cref="Close"/>.</summary>
    public bool IsClosed => context.IsClosed;

    /// <summary>Who sleeps for the handler, longest first: what read(2) of the descriptor tells.</summary>
    public IReadOnlyList<UserfaultWait> Waiting => [.. context.Waiting];

    /// <summary>The descriptors of children, with UFFD_FEATURE_EVENT_FORK; oldest first.</summary>
    public IReadOnlyList<Userfaultfd> Forks => [.. context.Forks.Select(f => new Userfaultfd(kernel, f))];

    private MemoryManager Mm => kernel.MemoryManager;

    /// <summary>UFFDIO_REGISTER.</summary>
    /// <param name="address">First byte, page-aligned.</param>
    /// <param name="length">Bytes, whole pages.</param>
    /// <param name="modes">What the handler wants to hear of.</param>
    /// <returns>Ok, EINVAL (range, mode, or a kind of memory that cannot), EPERM (never writable), EBUSY (another descriptor has it).</returns>
    public Verdict Register(ulong address, ulong length, UserfaultMode modes)
    {
        using var call = Call("UFFDIO_REGISTER", address);
        return call.Of(Mm.RegisterUserfault(Open, address, length, modes));
    }

    /// <summary>UFFDIO_UNREGISTER. Whoever sleeps in the range goes on.</summary>
    public Verdict Unregister(ulong address, ulong length)
    {
        using var call = Call("UFFDIO_UNREGISTER", address);
        return call.Of(Mm.UnregisterUserfault(Open, address, length));
    }

    /// <summary>UFFDIO_WRITEPROTECT.</summary>
    /// <param name="address">First byte, page-aligned.</param>
    /// <param name="length">Bytes, whole pages.</param>
    /// <param name="protect">True protects; false takes the protection away.</param>
    /// <param name="wake">False: UFFDIO_WRITEPROTECT_MODE_DONTWAKE.</param>
    /// <returns>Ok, EINVAL for the range, ENOENT where it is not registered for write protection.</returns>
    public Verdict WriteProtect(ulong address, ulong length, bool protect = true, bool wake = true)
    {
        using var call = Call("UFFDIO_WRITEPROTECT", address);
        return call.Of(Mm.WriteProtectUserfault(Open, address, length, protect, wake));
    }

    /// <summary>UFFDIO_COPY: gives missing pages of anonymous or shmem memory their bytes.</summary>
    /// <param name="address">First byte, page-aligned.</param>
    /// <param name="source">Whole pages.</param>
    /// <param name="protect">UFFDIO_COPY_MODE_WP: and protects them.</param>
    /// <returns>Ok, EINVAL, ENOENT (not registered), EEXIST (mapped already), ENOMEM; unknown for hugetlb memory.</returns>
    public Verdict Copy(ulong address, ReadOnlySpan<byte> source, bool protect = false)
    {
        using var call = Call("UFFDIO_COPY", address);
        return call.Of(Mm.FillUserfault(Open, address, source, (ulong)source.Length, zero: false, protect));
    }

    /// <summary>UFFDIO_ZEROPAGE: gives missing pages that are zero.</summary>
    public Verdict ZeroPage(ulong address, ulong length)
    {
        using var call = Call("UFFDIO_ZEROPAGE", address);
        return call.Of(Mm.FillUserfault(Open, address, [], length, zero: true, protect: false));
    }

    /// <summary>UFFDIO_CONTINUE: maps pages that are in the cache.</summary>
    public Verdict Continue(ulong address, ulong length)
    {
        using var call = Call("UFFDIO_CONTINUE", address);
        return call.Of(Mm.ContinueUserfault(Open, address, length));
    }

    /// <summary>UFFDIO_WAKE: whoever sleeps in the range tries again.</summary>
    public Verdict Wake(ulong address, ulong length)
    {
        using var call = Call("UFFDIO_WAKE", address);
        return call.Of(Mm.WakeUserfault(Open, address, length));
    }

    /// <summary>close(2): nothing is registered any more, and whoever sleeps goes on.</summary>
    public void Close()
    {
        if (!context.IsClosed)
        {
            Mm.CloseUserfault(context);
        }
    }

    private UserfaultContext Open => context.IsClosed ? throw new InvalidOperationException("The userfaultfd was closed before: open another one.") : context;

    private Recording Call(string name, ulong address) => kernel.Record(name, address: address);
}
