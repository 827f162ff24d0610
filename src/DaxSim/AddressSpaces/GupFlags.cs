using DaxSim.Outcomes;

namespace DaxSim.AddressSpaces;

/// <summary>FOLL_* flags of get_user_pages and pin_user_pages.</summary>
[Flags]
public enum GupFlags
{
    /// <summary>No flag: read access.</summary>
    None = 0,

    /// <summary>FOLL_WRITE.</summary>
    Write = 1,

    /// <summary>FOLL_GET: take page references.</summary>
    Get = 2,

    /// <summary>FOLL_DUMP: holes are an error (core dump).</summary>
    Dump = 4,

    /// <summary>FOLL_FORCE: override missing read or write permission where ptrace may.</summary>
    Force = 8,

    /// <summary>FOLL_PIN: take pins (pin_user_pages).</summary>
    Pin = 16,

    /// <summary>FOLL_LONGTERM: for as long as the user likes.</summary>
    LongTerm = 32,

    /// <summary>FOLL_REMOTE: another process's address space.</summary>
    Remote = 64,

    /// <summary>FOLL_TOUCH: mark the page accessed and, for a write, dirty.</summary>
    Touch = 128,

    /// <summary>FOLL_ANON: anonymous areas only (/proc/pid/cmdline).</summary>
    Anon = 256,

    /// <summary>FOLL_FAST_ONLY: never take the slow path.</summary>
    FastOnly = 512,

    /// <summary>FOLL_NOFAULT: do not fault pages in.</summary>
    NoFault = 1024,

    /// <summary>FOLL_HWPOISON: report a dead page as EHWPOISON.</summary>
    HwPoison = 2048,

    /// <summary>FOLL_MADV_POPULATE: errors of madvise.</summary>
    MadvPopulate = 4096,

    /// <summary>FOLL_UNLOCKABLE: the caller lets the mmap lock go while a fault sleeps (get_user_pages_unlocked, or a "locked" argument).</summary>
    Unlockable = 8192,

    /// <summary>FOLL_HONOR_NUMA_FAULT (6.6): automatic NUMA balancing wants to hear of the access. Before, every access without FOLL_FORCE was like that.</summary>
    HonorNumaFault = 16384,
}

/// <summary>What get_user_pages returned.</summary>
internal readonly struct GupResult(int count, Verdict verdict)
{
    /// <summary>Pages taken; 0 with an error.</summary>
    internal int Count { get; } = count;

    /// <summary>Ok when <see cref="Count"/> is positive or nothing was asked; the error otherwise; Undefined when garbage was handed out.</summary>
    internal Verdict Verdict { get; } = verdict;
}
