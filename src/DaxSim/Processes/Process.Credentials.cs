using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

// Who may look into whose memory (__ptrace_may_access in kernel/ptrace.c). Every process is root's until it says otherwise, and root may everything.
public sealed partial class Process
{
    /// <summary>The user that the process runs as (real, effective and saved); 0 is root, who may look into every process.</summary>
    public int UserId => state.UserId;

    /// <summary>PR_GET_DUMPABLE: may others of the same user look into its memory? False after a change of user, until execve or <see cref="SetDumpable"/>.</summary>
    public bool IsDumpable => state.Space.IsDumpable;

    /// <summary>The process that traces this one; null for none.</summary>
    public Process? Tracer => state.Tracer == 0 ? null : Kernel.Find(state.Tracer);

    /// <summary>setresuid(2) to one user for all three: what a daemon does that gives up root. Its memory is no longer dumpable.</summary>
    /// <param name="user">The user.</param>
    /// <returns>Ok; EPERM for another user than its own, unless it is root.</returns>
    public Verdict SetUser(int user)
    {
        using var call = Call("setresuid");
        return call.Of(DoSetUser(user));
    }

    private Verdict DoSetUser(int user)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(user);
        var space = Space;
        if (state.UserId != 0 && user != state.UserId)
        {
            return Verdict.Fail(Errno.EPERM, Mm.Because("__sys_setresuid", "Only root becomes somebody else."));
        }

        if (user != state.UserId)
        {
            // commit_creds: suid_dumpable.
            space.SetDumpable(false);
            state.SetUser(user);
        }

        return Verdict.Ok;
    }

    /// <summary>prctl(PR_SET_DUMPABLE).</summary>
    /// <param name="dumpable">May others of the same user look into the memory?</param>
    public void SetDumpable(bool dumpable) => Space.SetDumpable(dumpable);

    /// <summary>ptrace(PTRACE_ATTACH): from now on this process may peek and poke the target, whoever that becomes.</summary>
    /// <param name="target">Another process.</param>
    /// <returns>Ok; EPERM where it may not be traced, is this process itself or has a tracer already; ESRCH when it is gone.</returns>
    public Verdict Attach(Process target)
    {
        using var call = Call("ptrace(PTRACE_ATTACH)", target);
        return call.Of(DoAttach(target));
    }

    private Verdict DoAttach(Process target)
    {
        _ = Space;
        if (MissingTarget(target) is { } gone)
        {
            return gone;
        }

        if (target.state.Group == state.Group || target.state.Tracer != 0)
        {
            return Verdict.Fail(Errno.EPERM, Mm.Because("ptrace_attach", target.state.Tracer != 0 ? "Somebody traces it already." : "No process traces itself."));
        }

        if (MayAccess(target) is { IsOk: false } refused)
        {
            return refused;
        }

        target.state.SetTracer(Id);
        return Verdict.Ok;
    }

    /// <summary>ptrace(PTRACE_DETACH).</summary>
    /// <param name="target">A process that this one traces.</param>
    /// <returns>Ok; ESRCH where it does not trace it.</returns>
    public Verdict Detach(Process target)
    {
        using var call = Call("ptrace(PTRACE_DETACH)", target);
        return call.Of(DoDetach(target));
    }

    private Verdict DoDetach(Process target)
    {
        _ = Space;
        if (MissingTarget(target) is { } gone)
        {
            return gone;
        }

        if (target.state.Tracer != Id)
        {
            return Verdict.Fail(Errno.ESRCH, Mm.Because("ptrace_check_attach", "This process does not trace it."));
        }

        target.state.SetTracer(0);
        return Verdict.Ok;
    }

    /// <summary>find_get_task_by_vpid: a process that has ended is no target; one of another machine is a mistake.</summary>
    private Verdict? MissingTarget(Process target)
    {
        Kernel.Require(target);
        return target.IsAlive ? null : Verdict.Fail(Errno.ESRCH, Mm.Because("find_get_task_by_vpid", "The process has ended."));
    }

    /// <summary>__ptrace_may_access with PTRACE_MODE_*_REALCREDS or FSCREDS: threads of one process always; the same user, if the memory is dumpable; root.</summary>
    private Verdict MayAccess(Process target)
    {
        if (target.state.Group == state.Group || state.UserId == 0)
        {
            return Verdict.Ok;
        }

        if (state.UserId != target.state.UserId)
        {
            return Verdict.Fail(Errno.EPERM, Mm.Because("__ptrace_may_access", $"The process is user {target.state.UserId}'s, not {state.UserId}'s."));
        }

        return target.state.Space.IsDumpable ? Verdict.Ok : Verdict.Fail(Errno.EPERM, Mm.Because("__ptrace_may_access", "The process's memory is not dumpable."));
    }

    /// <summary>The same as an errno of the calls that ask: null when it may. A target that has ended stays a mistake of the caller, as at every handle.</summary>
    private Verdict? Refused(Process target, Errno errno = Errno.EPERM)
    {
        if (state.UserId == 0)
        {
            return null;
        }

        Kernel.Require(target);
        return MayAccess(target) is { IsOk: false } refused ? Verdict.Fail(errno, refused.Reason) : null;
    }

    /// <summary>ptrace_check_attach: a tracer may, as long as it traces. Of root's processes that is not asked for, so that a debugger need not be spelt out.</summary>
    private Verdict? NotTraced(Process target)
        => state.UserId == 0 || target.state.Tracer == Id ? null : Verdict.Fail(Errno.ESRCH, Mm.Because("ptrace_check_attach", "This process does not trace it: attach first."));
}
