namespace DaxSim.Outcomes;

/// <summary>Signals that memory accesses can raise, with their numbers on x86_64, s390x, powerpc and arm64.</summary>
public enum Signal
{
    /// <summary>No signal.</summary>
    None = 0,

    /// <summary>An illegal instruction.</summary>
    SIGILL = 4,

    /// <summary>A breakpoint.</summary>
    SIGTRAP = 5,

    /// <summary>An access that reached memory or a file that is not there.</summary>
    SIGBUS = 7,

    /// <summary>Killed; the process cannot catch it.</summary>
    SIGKILL = 9,

    /// <summary>An access that the address space does not allow.</summary>
    SIGSEGV = 11,

    /// <summary>A timer ran out.</summary>
    SIGALRM = 14,
}

/// <summary>The si_code of a fault signal. The numeric values of the kernel overlap between signals, so these are names only.</summary>
public enum SiCode
{
    /// <summary>The signal carries no code of interest.</summary>
    None = 0,

    /// <summary>SIGSEGV: nothing is mapped at the address.</summary>
    SEGV_MAPERR,

    /// <summary>SIGSEGV: the mapping does not permit the access.</summary>
    SEGV_ACCERR,

    /// <summary>SIGSEGV: a protection key forbids the access.</summary>
    SEGV_PKUERR,

    /// <summary>The processor raised an exception that is no page fault, such as general protection.</summary>
    SI_KERNEL,

    /// <summary>SIGBUS: the address is not aligned.</summary>
    BUS_ADRALN,

    /// <summary>SIGBUS: there is no such physical address; behind the end of a file, for example.</summary>
    BUS_ADRERR,

    /// <summary>SIGBUS: an error of the hardware behind the address.</summary>
    BUS_OBJERR,

    /// <summary>SIGBUS: the access hit a hardware memory error; action required.</summary>
    BUS_MCEERR_AR,

    /// <summary>SIGBUS: a hardware memory error was found in the process; action optional.</summary>
    BUS_MCEERR_AO,
}

/// <summary>A signal as the faulting program receives it.</summary>
/// <param name="Signal">The signal.</param>
/// <param name="Code">Its si_code.</param>
/// <param name="Address">si_addr: the faulting user address.</param>
public readonly record struct SignalInfo(Signal Signal, SiCode Code, ulong Address)
{
    /// <summary>si_addr_lsb: log2 of the memory that a hardware memory error made useless, the size of a page or of a huge page; 0 with every other code.</summary>
    public int AddressLsb { get; init; }

    /// <summary>For example <c>SIGBUS/BUS_ADRERR at 0x7f0000001000</c>.</summary>
    public override string ToString() => $"{Signal}/{Code} at 0x{Address:x}";
}
