#pragma warning disable CS1591 // The names are Linux's own and say everything there is to say.
namespace DaxSim.Outcomes;

/// <summary>Signals that memory accesses can raise, with their numbers on x86_64, s390x, powerpc and arm64.</summary>
public enum Signal
{
    /// <summary>No signal.</summary>
    None = 0,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGBUS = 7,
    SIGKILL = 9,
    SIGSEGV = 11,
    SIGALRM = 14,
}

/// <summary>The si_code of a fault signal. The numeric values of the kernel overlap between signals, so these are names only.</summary>
public enum SiCode
{
    /// <summary>The signal carries no code of interest.</summary>
    None = 0,
    SEGV_MAPERR,
    SEGV_ACCERR,
    SEGV_PKUERR,

    /// <summary>The processor raised an exception that is no page fault, such as general protection.</summary>
    SI_KERNEL,
    BUS_ADRALN,
    BUS_ADRERR,
    BUS_OBJERR,
    BUS_MCEERR_AR,
    BUS_MCEERR_AO,
}

/// <summary>A signal as the faulting program receives it.</summary>
/// <param name="Signal">The signal.</param>
/// <param name="Code">Its si_code.</param>
/// <param name="Address">si_addr: the faulting user address.</param>
public readonly record struct SignalInfo(Signal Signal, SiCode Code, ulong Address)
{
    /// <summary>For example <c>SIGBUS/BUS_ADRERR at 0x7f0000001000</c>.</summary>
    public override string ToString() => $"{Signal}/{Code} at 0x{Address:x}";
}
