using DaxSim.Outcomes;

namespace DaxSim.AddressSpaces;

/// <summary>Why a fault happens (FAULT_FLAG_*).</summary>
[Flags]
internal enum FaultFlags
{
    None = 0,
    Write = 1,

    /// <summary>A user instruction faulted (not the kernel on its behalf).</summary>
    User = 2,

    /// <summary>Not the current process's address space.</summary>
    Remote = 4,

    /// <summary>Break sharing of an anonymous page for a read-only pin.</summary>
    Unshare = 8,

    Exec = 16,

    /// <summary>FAULT_FLAG_ALLOW_RETRY: the fault may let the mmap lock go and sleep.</summary>
    AllowRetry = 32,
}

/// <summary>How a fault ended (vm_fault_t).</summary>
internal enum FaultCode
{
    /// <summary>Handled, or to be retried: the access is tried again.</summary>
    Done,

    Sigbus,

    Sigsegv,

    OutOfMemory,

    HwPoison,

    /// <summary>It sleeps, for a handler in user space (handle_userfault) or for a page that is being moved, and is tried again afterwards.</summary>
    Asleep,
}

/// <summary>How a fault ended, and why where that is an error.</summary>
internal readonly struct FaultResult(FaultCode code, Reason? reason = null, bool major = false)
{
    internal FaultCode Code { get; } = code;

    internal Reason? Reason { get; } = reason;

    internal bool Major { get; } = major;

    internal static FaultResult Done => default;
}
