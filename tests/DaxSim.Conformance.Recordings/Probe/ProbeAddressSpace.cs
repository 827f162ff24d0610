using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>Locking, populating, advice and the other calls on ranges.</summary>
internal static class ProbeAddressSpace
{
    private const int SoftOffline = 101;
    private static readonly (string Name, int Advice)[] Advice =
    [
        ("RANDOM", 1), ("WILLNEED", 3), ("DONTNEED", 4), ("FREE", 8), ("REMOVE", 9), ("DONTFORK", 10), ("MERGEABLE", 12), ("HUGEPAGE", 14), ("DONTDUMP", 16), ("DODUMP", 17),
    ];

    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("mlock", Mlock),
        ("mlockall", MlockAll),
        ("map_populate", static r => MapWith(r, MapPopulate, "MAP_POPULATE")),
        ("map_locked", static r => MapWith(r, MapLocked, "MAP_LOCKED")),
        ("map_populate_ro", PopulateReadOnly),
        ("map_sync", MapSynchronous),
        ("msync", static r => Plain(r, p => r.Process.Msync(p, ProbeRun.Length, 4), "", "rc=0")),
        ("mincore", Mincore),
        ("madvise", Madvise),
        ("madvise_populate", Populate),
        ("soft_offline", OfflineSoftly),
        ("mremap", Mremap),
        ("move_pages", MovePages),
        ("mbind", static r => Plain(r, p => r.Process.Mbind(p, ProbeRun.Length), "MPOL_BIND STRICT|MOVE", "rc=0")),
        ("get_mempolicy_addr", NodeOf),
    ];

    private static void Plain(ProbeRun r, Func<ulong, Verdict> call, string failed, string succeeded)
    {
        var verdict = call(r.MapInState());
        r.Note(verdict);
        if (verdict.IsOk)
        {
            r.Ok(succeeded);
        }
        else
        {
            r.Fail(verdict, failed);
        }
    }

    private static void Mlock(ProbeRun r)
    {
        var p = r.MapInState();
        var locked = r.Process.Mlock(p, ProbeRun.Length);
        r.Note(locked);
        var present = r.Present(r.Process, p + Page);
        if (!locked.IsOk)
        {
            r.Fail(locked, $"present_after={present}");
            return;
        }

        var unlocked = r.Process.Munlock(p, ProbeRun.Length);
        r.Note(unlocked);
        r.Ok($"present_after={present} munlock={(unlocked.IsOk ? 0 : -1)}");
    }

    private static void MlockAll(ProbeRun r)
    {
        r.MapInState();
        var verdict = r.Process.MlockAll();
        r.Note(verdict);
        if (verdict.IsOk)
        {
            r.Ok("rc=0");
        }
        else
        {
            r.Fail(verdict, "");
        }
    }

    private static void MapWith(ProbeRun r, int flag, string name)
    {
        r.FillFile();
        var at = r.MapAt(null, flag);
        r.Note(at.Verdict);
        if (at.IsOk)
        {
            r.Ok($"present={r.CountPresent(r.Process, at.Value)}/{ProbeRun.Pages}");
        }
        else
        {
            r.Fail(at.Verdict, $"mmap {name}");
        }
    }

    private static void PopulateReadOnly(ProbeRun r)
    {
        r.Prot = ProtRead;
        MapWith(r, MapPopulate, "MAP_POPULATE");
    }

    private static void MapSynchronous(ProbeRun r)
    {
        if (r.Kind != ProbeMapping.Shared)
        {
            r.Skip();
        }

        r.FillFile();
        var file = r.Machine.TryOpen(r.Setting.FilePath);
        var at = file.IsOk ? r.Process.Mmap(r.Reserve(), ProbeRun.Length, ReadWrite, MapSharedValidate | MapSync | MapFixed, file.Value, 0) : new Result<ulong>(Verdict.Fail(Errno.EBADF));
        r.Note(at.Verdict);
        if (!at.IsOk)
        {
            r.Fail(at.Verdict, "mmap MAP_SYNC");
            return;
        }

        r.Store(at.Value, (char)1);
        r.Ok("mapped and written");
    }

    private static void Mincore(ProbeRun r)
    {
        var vector = r.Process.Mincore(r.MapInState(), ProbeRun.Length);
        r.Note(vector.Verdict);
        if (vector.IsOk)
        {
            r.Ok($"vec={string.Concat(vector.Value)}");
        }
        else
        {
            r.Fail(vector.Verdict, "");
        }
    }

    /// <summary>Every advice on a mapping of its own.</summary>
    private static void Madvise(ProbeRun r)
    {
        var text = "";
        foreach (var (name, advice) in Advice)
        {
            r.ForgetDescriptor();
            var p = r.MapInState();
            var verdict = r.Process.Madvise(p, ProbeRun.Length, advice);
            r.Note(verdict);
            text += $"{name}={(verdict.IsOk ? "0" : ProbeRun.Name(verdict))} ";
            r.Note(r.Process.Munmap(p, ProbeRun.Length));
        }

        r.Ok(text);
    }

    private static void Populate(ProbeRun r)
    {
        var p = r.MapInState();
        var read = r.Process.Madvise(p, ProbeRun.Length, AdvicePopulateRead);
        r.Note(read);
        var write = r.Process.Madvise(p, ProbeRun.Length, AdvicePopulateWrite);
        r.Note(write);
        var value = $"POPULATE_READ={Text(read)} POPULATE_WRITE={Text(write)} present={r.CountPresent(r.Process, p)}/{ProbeRun.Pages}";
        if (read.IsOk && write.IsOk)
        {
            r.Ok(value);
        }
        else
        {
            r.Fail(read.IsOk ? write : read, value);
        }
    }

    private static string Text(Verdict verdict) => verdict.IsOk ? "0" : ProbeRun.Name(verdict);

    private static void OfflineSoftly(ProbeRun r)
    {
        var p = r.MapInState();
        var verdict = r.Process.Madvise(p, Page, SoftOffline);
        r.Note(verdict);
        if (verdict.IsOk)
        {
            r.Ok($"rc=0 byte={r.Load(p)}");
        }
        else
        {
            r.Fail(verdict, "MADV_SOFT_OFFLINE");
        }
    }

    private static void Mremap(ProbeRun r)
    {
        var p = r.MapInState();
        var target = r.Reserve();
        r.Note(r.Process.Mmap(target, ProbeRun.Length, ProtNone, MapPrivate | MapAnonymous | MapFixed, null, 0).Verdict);
        r.Store(p + 3, 'm');
        var moved = r.Process.Mremap(p, ProbeRun.Length, ProbeRun.Length, MremapMayMove | MremapFixed, target);
        r.Note(moved.Verdict);
        if (moved.IsOk)
        {
            r.Ok($"byte={r.Load(target + 3)} page1={r.Load(target + Page)}");
        }
        else
        {
            r.Fail(moved.Verdict, "");
        }
    }

    private static void MovePages(ProbeRun r)
    {
        var p = r.MapInState();
        var query = r.Process.MovePages([p, p + Page], null);
        r.Note(query.Verdict);
        var move = r.Process.MovePages([p, p + Page], 0);
        r.Note(move.Verdict);
        if (!query.IsOk)
        {
            r.Fail(query.Verdict, "query");
            return;
        }

        var status = move.IsOk ? move.Value : [77, 77];
        r.Ok($"query status={query.Value[0]},{query.Value[1]}; move rc={(move.IsOk ? "0" : $"-1 {ProbeRun.Name(move.Verdict)}")} status={status[0]},{status[1]}");
    }

    private static void NodeOf(ProbeRun r)
    {
        var node = r.Process.NodeOf(r.MapInState());
        r.Note(node.Verdict);
        if (node.IsOk)
        {
            r.Ok($"node={node.Value}");
        }
        else
        {
            r.Fail(node.Verdict, "NODE|ADDR");
        }
    }
}
