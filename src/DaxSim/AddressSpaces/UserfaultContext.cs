using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>UFFDIO_REGISTER_MODE_*.</summary>
[Flags]
public enum UserfaultMode
{
    /// <summary>No mode.</summary>
    None = 0,

    /// <summary>Pages that are missing.</summary>
    Missing = 1,

    /// <summary>Stores to write-protected pages.</summary>
    WriteProtect = 2,

    /// <summary>Pages that are in the page cache but not mapped.</summary>
    Minor = 4,
}

/// <summary>UFFD_FEATURE_* with Linux's values.</summary>
[Flags]
public enum UserfaultFeatures
{
    /// <summary>No feature.</summary>
    None = 0,

    /// <summary>UFFD_FEATURE_PAGEFAULT_FLAG_WP: write protection, and messages that say so.</summary>
    WriteProtect = 0x1,

    /// <summary>UFFD_FEATURE_EVENT_FORK: a child's areas are registered with a descriptor of their own.</summary>
    EventFork = 0x2,

    /// <summary>UFFD_FEATURE_EVENT_REMAP: the registration moves with mremap.</summary>
    EventRemap = 0x4,

    /// <summary>UFFD_FEATURE_EVENT_REMOVE.</summary>
    EventRemove = 0x8,

    /// <summary>UFFD_FEATURE_MISSING_HUGETLBFS.</summary>
    MissingHugeTlb = 0x10,

    /// <summary>UFFD_FEATURE_MISSING_SHMEM.</summary>
    MissingShmem = 0x20,

    /// <summary>UFFD_FEATURE_EVENT_UNMAP.</summary>
    EventUnmap = 0x40,

    /// <summary>UFFD_FEATURE_SIGBUS: nobody waits for the handler, the fault raises SIGBUS.</summary>
    Sigbus = 0x80,

    /// <summary>UFFD_FEATURE_THREAD_ID.</summary>
    ThreadId = 0x100,

    /// <summary>UFFD_FEATURE_MINOR_HUGETLBFS.</summary>
    MinorHugeTlb = 0x200,

    /// <summary>UFFD_FEATURE_MINOR_SHMEM.</summary>
    MinorShmem = 0x400,

    /// <summary>UFFD_FEATURE_WP_HUGETLBFS_SHMEM.</summary>
    WriteProtectShared = 0x1000,

    /// <summary>UFFD_FEATURE_WP_UNPOPULATED: anonymous pages that are not there yet are protected too.</summary>
    WriteProtectUnpopulated = 0x2000,

    /// <summary>UFFD_FEATURE_WP_ASYNC: the kernel itself takes the protection away at the first store.</summary>
    WriteProtectAsync = 0x8000,
}

/// <summary>Somebody who sleeps in handle_userfault until the handler has done its work.</summary>
/// <param name="Address">The page that was accessed.</param>
/// <param name="IsWrite">UFFD_PAGEFAULT_FLAG_WRITE: it was to be written.</param>
/// <param name="Cause">Missing, write-protected (UFFD_PAGEFAULT_FLAG_WP), or not mapped yet (UFFD_PAGEFAULT_FLAG_MINOR).</param>
public readonly record struct UserfaultWait(ulong Address, bool IsWrite, UserfaultMode Cause);

/// <summary>struct userfaultfd_ctx: what one descriptor wants of one address space, and who waits for it.</summary>
internal sealed class UserfaultContext : Recoverable
{
    internal UserfaultContext(Journal journal, int id, AddressSpace space, UserfaultFeatures features)
        : base(journal)
    {
        Id = id;
        Space = space;
        Features = features;
        Waiting = new(journal);
        Forks = new(journal);
    }

    internal int Id { get; }

    internal AddressSpace Space { get; private set; }

    internal UserfaultFeatures Features { get; }

    /// <summary>Who sleeps, longest first; one line for each page and reason.</summary>
    internal StateList<UserfaultWait> Waiting { get; private set; }

    /// <summary>UFFD_EVENT_FORK: the contexts of children, oldest first.</summary>
    internal StateList<UserfaultContext> Forks { get; private set; }

    internal bool IsClosed { get; private set; }

    internal bool Has(UserfaultFeatures feature) => (Features & feature) != 0;

    internal void Wait(UserfaultWait wait)
    {
        if (!Waiting.Contains(wait))
        {
            Waiting.Add(wait);
        }
    }

    /// <summary>wake_userfault: whoever sleeps in the range goes on, and tries the access again.</summary>
    internal int Wake(ulong start, ulong end)
    {
        var woken = 0;
        for (var i = Waiting.Count - 1; i >= 0; i--)
        {
            if (Waiting[i].Address >= start && Waiting[i].Address < end)
            {
                Waiting.RemoveAt(i);
                woken++;
            }
        }

        return woken;
    }

    internal void Close()
    {
        Touch();
        IsClosed = true;
        Waiting.Clear();
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Id);
        digest.Add(Space);
        digest.Add(Features);
        digest.Add(IsClosed);
        digest.Add(Waiting);
        digest.Add(Forks);
    }

    private protected override void CopyFrom(Recoverable state) => IsClosed = ((UserfaultContext)state).IsClosed;

    private protected override void Remap(CloneContext context)
    {
        Space = context.Map(Space);
        Waiting = context.Map(Waiting);
        Forks = context.Map(Forks);
    }
}
