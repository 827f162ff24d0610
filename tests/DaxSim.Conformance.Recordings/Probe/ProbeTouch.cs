using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>Loads and stores.</summary>
internal static class ProbeTouch
{
    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("touch_read", static r => r.Ok($"byte={r.Load(r.Map())}")),
        ("touch_write", Write),
        ("atomic_add", AtomicAdd),
        ("thread_store", ThreadStore),
        ("mprotect_cycle", ProtectAndBack),
        ("mprotect_ro_store", StoreToReadOnly),
        ("dontneed_reread", DontNeed),
        ("sigaltstack_in_mapping", SignalFrame),
        ("execve_argv_in_mapping", Arguments),
    ];

    private static void Write(ProbeRun r)
    {
        var p = r.Map();
        var page1 = r.Load(p + Page);
        r.Store(p, 'X');
        r.Store(p + (2 * Page), 'Y');
        r.Ok($"readback={r.Load(p)} file_byte_by_read={r.FileByte(0)} page1={page1}");
    }

    /// <summary>An atomic store of 1 and an atomic addition of 41, as the loads and stores they are.</summary>
    private static void AtomicAdd(ProbeRun r)
    {
        var p = r.MapInState() + 64;
        r.Store(p, (char)1);
        var value = r.Load(p) + 41;
        r.Store(p, (char)value);
        r.Ok($"value={r.Load(p)}");
    }

    private static void ThreadStore(ProbeRun r)
    {
        var p = r.MapInState();
        r.Store(p, 't');
        r.Ok($"byte={r.Load(p)}");
    }

    private static void ProtectAndBack(ProbeRun r)
    {
        var p = r.MapInState();
        foreach (var prot in new[] { ProtRead, ReadWrite })
        {
            if (r.Process.Mprotect(p, ProbeRun.Length, prot) is { IsOk: false } verdict)
            {
                r.Fail(verdict, "");
                return;
            }
        }

        r.Store(p, 'M');
        r.Ok($"byte={r.Load(p)}");
    }

    private static void StoreToReadOnly(ProbeRun r)
    {
        var p = r.MapInState();
        r.Note(r.Process.Mprotect(p, ProbeRun.Length, ProtRead));
        r.Store(p, (char)1);
        r.Ok("no signal");
    }

    private static void DontNeed(ProbeRun r)
    {
        var p = r.MapInState('w');
        r.Store(p, 'D');
        var verdict = r.Process.Madvise(p, ProbeRun.Length, AdviceDontNeed);
        var value = r.Load(p);
        if (verdict.IsOk)
        {
            r.Ok($"byte_after={value}");
        }
        else
        {
            r.Fail(verdict, "");
        }
    }

    private static void SignalFrame(ProbeRun r)
    {
        var p = r.MapInState();
        var verdict = r.Process.DeliverSignalOn(p, ProbeRun.Length);
        r.Note(verdict);
        if (verdict.IsOk)
        {
            r.Ok("handler ran, frame in the mapping");
        }
        else
        {
            r.Kill(verdict.Signal.Signal == Outcomes.Signal.None ? Outcomes.Signal.SIGSEGV : verdict.Signal.Signal);
        }
    }

    private static void Arguments(ProbeRun r)
    {
        if ((r.Prot & ProtWrite) == 0)
        {
            // The recorder returns without a word, which it prints as an error without a number.
            r.MapInState();
            r.Fail(Outcomes.Errno.None, "");
            return;
        }

        var p = r.MapInState();
        Write(r, p, "busybox");
        Write(r, p + Page, "sh");
        Write(r, p + Page + 100, "-c");
        Write(r, p + (2 * Page), "exit 7");
        if (r.Fork() is not { } child)
        {
            return;
        }

        var shell = r.Machine.Open("/tmp/busybox", create: true);
        r.Note(shell.Write(ProbeExecve.Contents(r.Setting.BigEndian), 0).Verdict);
        shell.CloseAsExecutable();
        var verdict = child.Execve(r.Machine.Open("/tmp/busybox", write: false), "busybox", [p, p + Page, p + Page + 100, p + (2 * Page)]);
        r.Note(verdict);
        r.Ok($"status=0x{(verdict.IsOk ? 7 : 100 + ((int)verdict.Errno & 31)) << 8:x} (expect 0x700)");
    }

    private static void Write(ProbeRun r, ulong at, string text)
    {
        foreach (var c in text + "\0")
        {
            r.Store(at++, c);
        }
    }
}
