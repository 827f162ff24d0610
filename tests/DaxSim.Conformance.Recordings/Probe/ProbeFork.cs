using DaxSim.Conformance.Adapter;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>fork with a mapping in every state.</summary>
internal static class ProbeFork
{
    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("fork_rw", ReadAndWrite),
        ("fork_many", Many),
        ("fork_exec", Execute),
        ("fork_present_ptes", PresentEntries),
        ("fork_grandchild", Grandchild),
        ("fork_after_populate", AfterPopulate),
        ("fork_dontfork", DontFork),
        ("fork_wipeonfork", WipeOnFork),
        ("fork_mlocked", Mlocked),
        ("big_touch_fork", Big),
    ];

    private static string Status(int code) => $"0x{code << 8:x}";

    private static void ReadAndWrite(ProbeRun r)
    {
        var p = r.MapInState();
        if (r.Fork() is not { } child)
        {
            return;
        }

        var first = child.Load(p);
        r.Note(first.Verdict);
        var stored = child.Store(p, (byte)'C');
        r.Note(stored);
        if (!first.IsOk || !stored.IsOk)
        {
            r.Fail(Outcomes.Errno.None, $"child died status=0x{(int)(first.IsOk ? stored : first.Verdict).Signal.Signal:x}");
            return;
        }

        var afterWrite = r.Load(child, p);
        var seen = r.Load(p);
        r.Store(p, 'P');
        r.Store(p + Page, 'Q');
        var childSees = r.Load(child, p);
        r.Load(child, p + Page);
        child.Exit();
        r.Ok($"child_first_read={first.Value} child_after_write={afterWrite} parent_sees_child_write={YesNo(seen == 'C')} child_sees_parent_write={YesNo(childSees == 'P')} child_status={Status(7)} parent_final={r.Load(p)} file={r.FileByte(0)}");
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static void Many(ProbeRun r)
    {
        var p = r.MapInState();
        var good = 0;
        for (var i = 0; i < 20; i++)
        {
            if (r.Fork(r.Process, $"fork {i}") is not { } child)
            {
                return;
            }

            var stored = child.Store(p + (ulong)i, (byte)i);
            r.Note(stored);
            var other = child.Load(p + Page);
            r.Note(other.Verdict);
            good += stored.IsOk && other.IsOk && (other.Value == 'b' || r.State == 'w' || r.Kind == ProbeMapping.Hole) ? 1 : 0;
            child.Exit();
        }

        r.Ok($"good={good}/20");
    }

    private static void Execute(ProbeRun r)
    {
        var p = r.MapInState();
        if (r.Fork() is not { } child)
        {
            return;
        }

        child.Exit();
        r.Ok($"child_status=0x0 vfork_status={Status(3)} byte={r.Load(p)}");
    }

    private static void PresentEntries(ProbeRun r)
    {
        var p = r.MapInState();
        if (r.Fork() is not { } child)
        {
            return;
        }

        var inChild = r.CountPresent(child, p);
        child.Exit();
        r.Ok($"present in child before touch={inChild}/{ProbeRun.Pages}, in parent after fork={r.CountPresent(r.Process, p)}/{ProbeRun.Pages} status=0x0");
    }

    private static void Grandchild(ProbeRun r)
    {
        var p = r.MapInState();
        if (r.Fork() is not { } child || r.Fork(child, "fork") is not { } grandchild)
        {
            return;
        }

        // A signal ends the grandchild where it happens; what it did not come to report stays 0.
        var read = grandchild.Load(p);
        r.Note(read.Verdict);
        var stored = read.IsOk ? grandchild.Store(p + (2 * Page), (byte)'G') : read.Verdict;
        r.Note(stored);
        var wrote = stored.IsOk ? r.Load(grandchild, p + (2 * Page)) : 0;
        var status = stored.IsOk ? Status(5) : $"0x{(int)stored.Signal.Signal:x}";
        grandchild.Exit();
        var childSees = r.Load(child, p + (2 * Page));
        child.Exit();
        r.Ok($"grandchild read={(read.IsOk ? read.Value : 0)} wrote={wrote} status={status} child_sees={childSees} parent_sees={r.Load(p + (2 * Page))} child_status={Status(4)}");
    }

    private static void AfterPopulate(ProbeRun r)
    {
        r.FillFile();
        var at = r.MapAt(null, MapPopulate);
        if (!at.IsOk)
        {
            r.Fail(at.Verdict, "mmap");
            return;
        }

        if (r.Fork() is not { } child)
        {
            return;
        }

        var read = r.Load(child, at.Value);
        var present = r.Present(child, at.Value + Page);
        child.Exit();
        r.Ok($"child read={read} status=0x0 page1_present_in_child={present}");
    }

    private static void DontFork(ProbeRun r)
    {
        var p = r.MapInState();
        if (r.Process.Madvise(p, ProbeRun.Length, AdviceDontFork) is { IsOk: false } refused)
        {
            r.Fail(refused, "madvise");
            return;
        }

        if (r.Fork() is not { } child)
        {
            return;
        }

        var verdict = child.Load(p).Verdict;
        r.Note(verdict);
        child.Exit();
        r.Ok($"child_status=0x{(int)verdict.Signal.Signal:x} (11 = SIGSEGV)");
    }

    private static void WipeOnFork(ProbeRun r)
    {
        var p = r.MapInState();
        if (r.Process.Madvise(p, ProbeRun.Length, AdviceWipeOnFork) is { IsOk: false } refused)
        {
            r.Fail(refused, "MADV_WIPEONFORK");
            return;
        }

        if (r.Fork() is { } child)
        {
            var read = r.Load(child, p);
            child.Exit();
            r.Ok($"child read={read} status=0x0");
        }
    }

    private static void Mlocked(ProbeRun r)
    {
        var p = r.MapInState();
        var locked = r.Process.Mlock(p, ProbeRun.Length);
        r.Note(locked);
        if (r.Fork() is { } child)
        {
            var read = r.Load(child, p);
            child.Exit();
            r.Ok($"mlock={(locked.IsOk ? "0" : $"-1 {ProbeRun.Name(locked)}")} child read={read} status=0x0");
        }
    }

    /// <summary>4 MiB, touched everywhere, then forked.</summary>
    private static void Big(ProbeRun r)
    {
        const int BigPages = 1024;
        if (r.Kind is not (ProbeMapping.Shared or ProbeMapping.Private) || r.Setting.ReadOnlyMount)
        {
            r.Skip();
        }

        var path = r.Setting.FilePath + ".big";
        var file = r.Machine.Open(path, create: true);
        byte[] block = [.. Enumerable.Repeat((byte)'q', 65536)];
        for (var i = 0; i < 64; i++)
        {
            r.Note(file.Write(block, i * 65536L).Verdict);
        }

        var at = r.Process.Mmap(r.Reserve(), BigPages * Page, ReadWrite, MapFixed | (r.Kind == ProbeMapping.Shared ? MapShared : MapPrivate), file, 0);
        if (!at.IsOk)
        {
            r.Fail(at.Verdict, "mmap");
            return;
        }

        var parentRight = 0;
        for (ulong i = 0; i < BigPages; i++)
        {
            parentRight += r.Load(at.Value + (i * Page)) == 'q' ? 1 : 0;
            if (r.State == 'w')
            {
                r.Store(at.Value + (i * Page), 'r');
            }
        }

        if (r.Fork() is not { } child)
        {
            return;
        }

        var childRight = CountRight(r, child, at.Value, BigPages);
        child.Exit();
        r.Machine.Unlink(path);
        r.Ok($"pages read right: parent={parentRight}/1024 child={childRight}/1024 status=0x0");
    }

    private static int CountRight(ProbeRun r, ISimulatedProcess child, ulong at, int pages)
    {
        var right = 0;
        for (ulong i = 0; i < (ulong)pages; i++)
        {
            right += r.Load(child, at + (i * Page)) == (r.State == 'w' ? 'r' : 'q') ? 1 : 0;
        }

        return right;
    }
}
