using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>Pages in pipes, and futex keys.</summary>
internal static class ProbePipesAndFutexes
{
    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("vmsplice", static r => IntoPipe(r, 0)),
        ("vmsplice_gift", static r => IntoPipe(r, SpliceGift)),
        ("vmsplice_pipe_to_user", FromPipe),
        ("splice_sendfile_of_file", FromFile),
        ("futex_shared", SharedFutex),
        ("futex_private", PrivateFutex),
        ("futex_cross_process", AcrossProcesses),
    ];

    private static void IntoPipe(ProbeRun r, int flags)
    {
        var p = r.MapInState();
        var pipe = r.Machine.CreatePipe();
        var done = r.Process.Vmsplice(pipe, p, Page, flags);
        r.Note(done.Verdict);
        if (!done.IsOk)
        {
            r.Fail(done.Verdict, "");
            return;
        }

        var was = r.Load(p);
        if (r.Kind != ProbeMapping.Private)
        {
            r.Store(p, 'V');
        }

        var read = pipe.Read((int)Page);
        r.Note(read.Verdict);
        r.Ok($"n={done.Value} read={read.Value.Length} byte={read.Value[0]} was={was}");
    }

    private static void FromPipe(ProbeRun r)
    {
        var p = r.MapInState();
        var pipe = r.Machine.CreatePipe();
        r.Note(pipe.Write([.. Enumerable.Repeat((byte)'k', (int)Page)]).Verdict);
        var done = r.Process.VmspliceToMemory(pipe, p, Page);
        r.Note(done.Verdict);
        if (done.IsOk)
        {
            r.Ok($"n={done.Value} byte={r.Load(p)}");
        }
        else
        {
            r.Fail(done.Verdict, "");
        }
    }

    /// <summary>splice of the first page into a pipe, then sendfile of the whole file.</summary>
    private static void FromFile(ProbeRun r)
    {
        if (r.Kind > ProbeMapping.Private)
        {
            r.Skip();
        }

        r.MapInState();
        var pipe = r.Machine.CreatePipe();
        var file = r.Machine.Open(r.Setting.FilePath, write: false);
        var done = file.Splice(0, pipe, Page);
        r.Note(done.Verdict);
        if (!done.IsOk)
        {
            r.Fail(done.Verdict, "");
            return;
        }

        var read = pipe.Read((int)Page);
        r.Note(read.Verdict);
        var second = r.Machine.CreatePipe();
        var sent = file.Splice(0, second, ProbeRun.Length);
        r.Note(sent.Verdict);
        r.Ok($"splice={done.Value} read={read.Value.Length} byte={read.Value[0]} sendfile={(sent.IsOk ? sent.Value : -1)}");
    }

    /// <summary>A wait with a wrong value proves that the key could be made.</summary>
    private static (Result<long> Wait, Result<long> Wake) WaitAndWake(ProbeRun r, ulong p, int flag)
    {
        var value = r.Load(p) | ((uint)r.Load(p + 1) << 8) | ((uint)r.Load(p + 2) << 16) | ((uint)r.Load(p + 3) << 24);
        var wait = r.Process.Futex(p, FutexWait | flag, value + 1);
        r.Note(wait.Verdict);
        var wake = r.Process.Futex(p, FutexWake | flag, 1);
        r.Note(wake.Verdict);
        return (wait, wake);
    }

    private static void SharedFutex(ProbeRun r)
    {
        var (wait, wake) = WaitAndWake(r, r.MapInState(), 0);
        if (wait.Errno == Errno.EAGAIN && wake is { IsOk: true, Value: 0 })
        {
            r.Ok("wait(mismatch)=EAGAIN wake=0");
            return;
        }

        r.Fail((wake.IsOk ? wait : wake).Verdict, $"wait={(wait.IsOk ? wait.Value : -1)} {wait.Errno} wake={(wake.IsOk ? wake.Value : -1)} {(wake.IsOk ? "-" : wake.Errno)}");
    }

    private static void PrivateFutex(ProbeRun r)
    {
        var (wait, wake) = WaitAndWake(r, r.MapInState(), FutexPrivate);
        if (wait.Errno == Errno.EAGAIN && wake is { IsOk: true, Value: 0 })
        {
            r.Ok("wait(mismatch)=EAGAIN wake=0");
            return;
        }

        r.Fail((wake.IsOk ? wait : wake).Verdict, $"wait errno {(int)wait.Errno} wake={(wake.IsOk ? wake.Value : -1)}");
    }

    private static void AcrossProcesses(ProbeRun r)
    {
        var p = r.MapInState() + 128;
        for (ulong i = 0; i < 4; i++)
        {
            r.Store(p + i, '\0');
        }

        if (r.Fork() is not { } child)
        {
            return;
        }

        var waiting = child.StartFutexWait(p, 0);
        var wake = r.Process.Futex(p, FutexWake, 1);
        var waiter = waiting.Kind != VerdictKind.Blocked ? waiting : wake is { IsOk: true, Value: 1 } ? Verdict.Ok : Verdict.Fail(Errno.ETIMEDOUT);
        r.Note(waiter);
        r.Note(wake.Verdict);
        child.Exit();
        var name = waiter.IsOk ? "0" : waiter.Errno.ToString();
        if (!wake.IsOk)
        {
            r.Fail(wake.Verdict, $"waiter={name}");
        }
        else if (wake.Value == 1 && waiter.IsOk)
        {
            r.Ok("woken=1 waiter=0");
        }
        else
        {
            r.Partial($"woken={wake.Value} waiter={name}");
        }
    }
}
