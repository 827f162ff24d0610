using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// Hardware breakpoints through ptrace, as on x86: DR0 to DR3 hold addresses, DR7 says which are watched for what, DR6 which were hit. The
// processor compares addresses; no page is looked at, so they work on memory without struct pages and on text that cannot be written.
public sealed partial class Process
{
    private const int StatusRegister = 6;
    private const int ControlRegister = 7;

    private enum Watched
    {
        Execution = 0,
        Stores = 1,
        Ports = 2,
        LoadsAndStores = 3,
    }

    /// <summary>PTRACE_POKEUSER of a debug register (u_debugreg) of a process that this one traces.</summary>
    /// <param name="tracee">The traced process.</param>
    /// <param name="register">0 to 3 for an address, 6 for the status, 7 for the control word.</param>
    /// <param name="value">The new value, in the processor's format.</param>
    /// <returns>
    /// Ok; EIO for registers 4 and 5; EINVAL for an address beyond user space, for ports, for execution of more than one byte, and for an address
    /// that is not aligned to its length. <see cref="VerdictKind.Unknown"/> on other architectures, whose interfaces differ.
    /// </returns>
    public Verdict PokeDebugRegister(Process tracee, int register, ulong value)
    {
        using var call = Call("ptrace(POKEUSER)", tracee);
        return call.Of(DoPokeDebugRegister(tracee, register, value));
    }

    /// <summary>PTRACE_PEEKUSER of a debug register.</summary>
    /// <inheritdoc cref="PokeDebugRegister"/>
    public Result<ulong> PeekDebugRegister(Process tracee, int register)
    {
        using var call = Call("ptrace(PEEKUSER)", tracee);
        return call.Of(DoPeekDebugRegister(tracee, register));
    }

    private Result<ulong> DoPeekDebugRegister(Process tracee, int register)
    {
        var refused = CheckDebugRegister(tracee, register);
        return refused.IsOk ? tracee.State.DebugRegister(register) : refused;
    }

    private Verdict DoPokeDebugRegister(Process tracee, int register, ulong value)
    {
        if (CheckDebugRegister(tracee, register) is { IsOk: false } refused)
        {
            return refused;
        }

        if (register == ControlRegister)
        {
            for (var i = 0; i < 4; i++)
            {
                if (IsEnabled(value, i) && CheckWatch(tracee.State.DebugRegister(i), value, i) is { IsOk: false } invalid)
                {
                    return invalid;
                }
            }
        }
        else if (register < 4)
        {
            // A register that is in use already is changed at once, with the length that it has.
            var control = tracee.State.DebugRegister(ControlRegister);
            if (value >= UserAddresses || (IsEnabled(control, register) && !CheckWatch(value, control, register).IsOk))
            {
                return Verdict.Fail(Errno.EINVAL, Mm.Because("hw_breakpoint_arch_parse", "The address is the kernel's, or not aligned to what is watched."));
            }
        }

        tracee.State.SetDebugRegister(register, value);
        return Verdict.Ok;
    }

    /// <summary>TASK_SIZE_MAX.</summary>
    private const ulong UserAddresses = 0x7fff_ffff_f000;

    private Verdict CheckDebugRegister(Process tracee, int register)
    {
        Kernel.Require(tracee);
        _ = tracee.Space;
        if (NotTraced(tracee) is { } stranger)
        {
            return stranger;
        }

        if (Kernel.Policy.Architecture != Architecture.X8664)
        {
            return Verdict.Unknown(Mm.Because("ptrace_request", "Only the debug registers of x86 are modelled."));
        }

        return register is (>= 0 and < 4) or StatusRegister or ControlRegister ? Verdict.Ok : Verdict.Fail(Errno.EIO, Mm.Because("ptrace_set_debugreg", "The processor has no such debug register."));
    }

    private Verdict CheckWatch(ulong address, ulong control, int index)
    {
        var watched = WatchedAt(control, index);
        var length = LengthAt(control, index);
        if (watched == Watched.Ports || (watched == Watched.Execution && length != 1))
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("arch_bp_generic_fields", watched == Watched.Ports ? "Ports are not watched." : "Execution is watched at one byte."));
        }

        return (address & (ulong)(length - 1)) == 0 ? Verdict.Ok : Verdict.Fail(Errno.EINVAL, Mm.Because("hw_breakpoint_arch_parse", "The address is not aligned to the length."));
    }

    private static bool IsEnabled(ulong control, int index) => (control >> (2 * index) & 3) != 0;

    private static Watched WatchedAt(ulong control, int index) => (Watched)(control >> (16 + (4 * index)) & 3);

    private static int LengthAt(ulong control, int index) => (control >> (18 + (4 * index)) & 3) switch { 0 => 1, 1 => 2, 2 => 8, _ => 4 };

    /// <summary>The processor's comparison with every access of user code: what is hit shows in DR6, and the tracer would be told with SIGTRAP (TRAP_HWBKPT), behind a load or store and before an execution.</summary>
    private void Watch(ulong address, int length, bool store, bool execution = false)
    {
        if (!state.IsWatching)
        {
            return;
        }

        var control = state.DebugRegister(ControlRegister);
        for (var i = 0; i < 4; i++)
        {
            var watched = WatchedAt(control, i);
            var at = state.DebugRegister(i);
            var hit = IsEnabled(control, i) && at < address + (ulong)length && address < at + (ulong)LengthAt(control, i)
                && (execution ? watched == Watched.Execution && at == address : watched == Watched.LoadsAndStores || (store && watched == Watched.Stores));
            if (hit)
            {
                state.SetDebugRegister(StatusRegister, state.DebugRegister(StatusRegister) | 1UL << i);
            }
        }
    }
}
