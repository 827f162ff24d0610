using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>Reads and writes by another process, and of the process's own /proc/self/mem.</summary>
internal static class ProbeRemote
{
    private static readonly byte[] Poked = [.. Enumerable.Repeat((byte)0x5a, 8)];

    internal static IEnumerable<(string Name, ProbeOperation Operation)> All =>
    [
        ("process_vm_readv", ReadVm),
        ("process_vm_writev", WriteVm),
        ("process_vm_readv_self", ReadSelf),
        ("process_vm_readv_ro_mapping", ReadSelfReadOnly),
        ("process_vm_local_side", LocalSide),
        ("process_vm_readv_anon_then_map", AnonymousThenMapping),
        ("pvm_readv_second_page_content", SecondPage),
        ("ptrace_peek", Peek),
        ("ptrace_poke", static r => Poke(r, r.State)),
        ("ptrace_poke_ro_mapping", PokeReadOnly),
        ("proc_mem_read", ReadMemory),
        ("proc_mem_write", WriteMemory),
        ("proc_self_mem", OwnMemory),
        ("self_mem_write_4_bytes", OwnMemoryWrite),
        ("proc_mem_read_straddle_anon", Straddle),
        ("remote_poke_actor_has_nothing_there", static r => Actor(r, Has.Nothing, poke: true)),
        ("remote_poke_actor_has_other_data_there", static r => Actor(r, Has.OtherData, poke: true)),
        ("remote_poke_actor_maps_same_file", static r => Actor(r, Has.SameFile, poke: true)),
        ("remote_writev_actor_has_nothing_there", static r => Actor(r, Has.Nothing, poke: false)),
        ("remote_writev_actor_has_other_data_there", static r => Actor(r, Has.OtherData, poke: false)),
    ];

    private enum Has
    {
        Nothing,
        OtherData,
        SameFile,
    }

    /// <summary>A child with the mapping in the state; the probe itself has the mapping untouched.</summary>
    private static (ISimulatedProcess Process, ulong Address) Target(ProbeRun r, char state)
    {
        var p = r.Map();
        var child = r.Process.Fork("probe");
        if (!child.IsOk)
        {
            r.Fail(child.Verdict, "fork");
            throw new ProbeEnd();
        }

        r.Touch(child.Value, p, state);
        return (child.Value, p);
    }

    private static void ReadVm(ProbeRun r)
    {
        var (target, p) = Target(r, r.State);
        var buffer = r.Buffer();
        var done = r.Process.ProcessVm(target, write: false, [(buffer, Page)], [(p, Page)]);
        Finish(r, done, "", () => $"n={done.Value} byte={r.Load(buffer)}");
        target.Exit();
    }

    private static void Finish(ProbeRun r, Result<long> done, string failed, Func<string> succeeded)
    {
        r.Note(done.Verdict);
        if (done.IsOk)
        {
            r.Ok(succeeded());
        }
        else
        {
            r.Fail(done.Verdict, failed);
        }
    }

    private static void WriteVm(ProbeRun r)
    {
        var (target, p) = Target(r, r.State);
        var done = r.Process.ProcessVm(target, write: true, [(r.Buffer(), Page)], [(p, Page)]);
        r.Note(done.Verdict);
        var seen = r.Load(target, p);
        Finish(r, done, $"target_byte={seen}", () => $"n={done.Value} target_byte={seen} file={r.FileByte(0)}");
        target.Exit();
    }

    private static void ReadSelf(ProbeRun r)
    {
        var p = r.MapInState();
        var buffer = r.Buffer();
        var done = r.Process.ProcessVm(r.Process, write: false, [(buffer, Page)], [(p, Page)]);
        Finish(r, done, "", () => $"n={done.Value} byte={r.Load(buffer)}");
    }

    private static void ReadSelfReadOnly(ProbeRun r)
    {
        r.Prot = ProtRead;
        ReadSelf(r);
    }

    private static void LocalSide(ProbeRun r)
    {
        var p = r.MapInState();
        var buffer = r.Buffer();
        var read = r.Process.ProcessVm(r.Process, write: false, [(p, Page)], [(buffer, Page)]);
        var written = r.Process.ProcessVm(r.Process, write: true, [(p, Page)], [(buffer, Page)]);
        r.Note(written.Verdict);
        var wrote = written.IsOk ? written.Value : -1;
        Finish(r, read, $"writev={wrote}", () => $"readv={read.Value} writev={wrote} byte={r.Load(p)}");
    }

    private static void AnonymousThenMapping(ProbeRun r)
    {
        var p = r.MapInState();
        var a = r.Buffer();
        var b = r.Buffer();
        var done = r.Process.ProcessVm(r.Process, write: false, [(a, 2 * Page)], [(b, Page), (p, Page)]);
        r.Note(done.Verdict);
        if (done is { IsOk: true, Value: < 2 * (long)Page })
        {
            r.Partial($"n={done.Value}");
            return;
        }

        Finish(r, done, "", () => $"n={done.Value}");
    }

    private static void SecondPage(ProbeRun r)
    {
        var p = r.MapInState();
        var a = r.Buffer((byte)'L');
        var b = r.Buffer((byte)'S');
        var done = r.Process.ProcessVm(r.Process, write: false, [(a, 2 * Page)], [(b, Page), (p, Page)]);
        r.Note(done.Verdict);
        if (done is { IsOk: true, Value: < 2 * (long)Page })
        {
            r.Partial($"n={done.Value} second page byte={r.Load(a + Page)} (76 = untouched)");
            return;
        }

        Finish(r, done, "", () => $"n={done.Value} second page byte={r.Load(a + Page)} (97 = right, 83 = the other page again, 76 = untouched)");
    }

    private static void Peek(ProbeRun r)
    {
        var (target, p) = Target(r, r.State);
        var word = r.Process.Peek(target, p);
        r.Note(word.Verdict);
        if (word.IsOk)
        {
            r.Ok($"word={r.Word(word.Value)}");
        }
        else
        {
            r.Fail(word.Verdict, "");
        }

        target.Exit();
    }

    private static void Poke(ProbeRun r, char state)
    {
        var (target, p) = Target(r, state);
        var poked = r.Process.Poke(target, p, Poked);
        r.Note(poked);
        var word = r.Process.Peek(target, p);
        r.Note(word.Verdict);
        var after = word.IsOk ? r.Word(word.Value) : word.Errno.ToString();
        var seen = r.Load(target, p);
        if (poked.IsOk)
        {
            r.Ok($"peek_after={after} target_byte={seen} file={r.FileByte(0)}");
        }
        else
        {
            r.Fail(poked, $"peek_after={after} target_byte={seen}");
        }

        target.Exit();
    }

    private static void PokeReadOnly(ProbeRun r)
    {
        if (r.Kind is not (ProbeMapping.Shared or ProbeMapping.Private))
        {
            r.Skip();
        }

        r.Prot = ProtRead;
        Poke(r, r.State == 'w' ? 'r' : r.State);
    }

    private static void ReadMemory(ProbeRun r)
    {
        var (target, p) = Target(r, r.State);
        var bytes = r.Process.MemoryRead(target, p, (int)Page);
        r.Note(bytes.Verdict);
        if (bytes is { IsOk: true, Value.Length: 0 })
        {
            r.Partial("n=0");
        }
        else if (bytes.IsOk)
        {
            r.Ok($"n={bytes.Value.Length} byte={bytes.Value[0]}");
        }
        else
        {
            r.Fail(bytes.Verdict, "");
        }

        target.Exit();
    }

    private static void WriteMemory(ProbeRun r)
    {
        var (target, p) = Target(r, r.State);
        var done = r.Process.MemoryWrite(target, p, [.. Enumerable.Repeat((byte)'m', 64)]);
        r.Note(done.Verdict);
        var seen = r.Load(target, p);
        if (done is { IsOk: true, Value: 0 })
        {
            r.Partial("n=0");
        }
        else
        {
            Finish(r, done, $"target_byte={seen}", () => $"n={done.Value} target_byte={seen} file={r.FileByte(0)}");
        }

        target.Exit();
    }

    private static void OwnMemory(ProbeRun r)
    {
        var p = r.MapInState();
        var read = r.Process.ReadOwnMemory(r.Buffer(), Page, p);
        r.Note(read.Verdict);
        var written = r.Process.MemoryWrite(r.Process, p, "ZZZZ"u8.ToArray());
        r.Note(written.Verdict);
        var value = $"read={(read.IsOk ? read.Value : -1)} write={(written.IsOk ? written.Value : -1)} byte={r.Load(p)}";
        if (read.IsOk && written.IsOk)
        {
            r.Ok(value);
        }
        else
        {
            r.Fail((read.IsOk ? written : read).Verdict, value);
        }
    }

    private static void OwnMemoryWrite(ProbeRun r)
    {
        var p = r.MapInState();
        var written = r.Process.MemoryWrite(r.Process, p, "ZZZZ"u8.ToArray());
        r.Note(written.Verdict);
        var (first, later) = (r.Load(p), r.Load(p + 64));
        if (written.IsOk)
        {
            r.Ok($"byte0={first} byte64={later} byte4095={r.Load(p + Page - 1)}");
        }
        else
        {
            r.Fail(written.Verdict, $"byte0={first} byte64={later}");
        }
    }

    private static void Straddle(ProbeRun r)
    {
        r.FillFile();
        var anonymous = r.Process.Mmap(r.Reserve(), Page, ReadWrite, MapPrivate | MapAnonymous | MapFixed, null, 0).Value;
        r.Fill(r.Process, anonymous, Page, (byte)'n');
        var mapped = r.MapAt(anonymous + Page, 0);
        if (!mapped.IsOk)
        {
            r.Fail(mapped.Verdict, "mmap");
            return;
        }

        if (r.State == 'r')
        {
            r.Load(mapped.Value);
        }

        var done = r.Process.ReadOwnMemory(r.Buffer(), 2 * Page, anonymous);
        r.Note(done.Verdict);
        if (done is { IsOk: true, Value: < 2 * (long)Page })
        {
            r.Partial($"n={done.Value}");
            return;
        }

        Finish(r, done, "", () => $"n={done.Value}");
    }

    /// <summary>The target maps the file after the fork, where the actor has nothing, data of its own, or the same file.</summary>
    private static void Actor(ProbeRun r, Has has, bool poke)
    {
        r.FillFile();
        var at = r.Reserve();
        if (r.Fork() is not { } target)
        {
            return;
        }

        var mapped = r.MapAt(target, at, 0);
        if (!mapped.IsOk)
        {
            r.Fail(Errno.EINVAL, "target mmap");
            return;
        }

        r.Touch(target, at, r.State);
        if (has == Has.OtherData)
        {
            r.Note(r.Process.Mmap(at, ProbeRun.Length, ReadWrite, MapFixed | MapPrivate | MapAnonymous, null, 0).Verdict);
            r.Fill(r.Process, at, ProbeRun.Length, (byte)'Q');
        }
        else if (has == Has.SameFile)
        {
            r.Note(r.MapAt(at, 0).Verdict);
            r.Load(at);
        }

        var verdict = poke ? r.Process.Poke(target, at, Poked) : r.Process.ProcessVmWrite(target, at, "ZZZZZZZ\0"u8.ToArray()).Verdict;
        r.Note(verdict);
        var seen = $"target sees byte0={r.Load(target, at)} byte64={r.Load(target, at + 64)} byte4095={r.Load(target, at + Page - 1)} page1={r.Load(target, at + Page)}";
        if (verdict.IsOk)
        {
            r.Ok($"{seen} (right: 90,97,97,98)");
        }
        else
        {
            r.Fail(verdict, seen);
        }

        target.Exit();
    }
}
