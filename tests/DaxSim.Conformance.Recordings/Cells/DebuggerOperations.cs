using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>What the kernel lab's <c>scans</c> mode records of debuggers: debug registers and uprobes.</summary>
internal static class DebuggerOperations
{
    private const int Status = 6;
    private const int Control = 7;
    private const ulong ProbedByte = 16;

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("watch_store", WatchStore),
        ("watch_access", WatchAccess),
        ("watch_exec", WatchExecution),
        ("uprobe", Probe),
    ];

    private static bool Begin(Cell c, Process child, ulong control)
    {
        var tracer = ScanOperations.Real(c.Agent);
        var ok = c.Main(tracer.PokeDebugRegister(child, 0, c.P(0)));
        c.Call("dr7", tracer.PokeDebugRegister(child, Control, control));
        return ok;
    }

    /// <summary>The next stop of the traced process: at a hit, at a signal that the tracer keeps from it, or where it stops itself.</summary>
    private static void Stop(Cell c, Process child, string field, Verdict access)
    {
        var tracer = ScanOperations.Real(c.Agent);
        c.Note(access);
        var hit = tracer.PeekDebugRegister(child, Status).Value & 15;
        c.Answer.Set(field, hit != 0 ? "SIGTRAP/4" : access.Kind == VerdictKind.Signal ? $"{access.Signal.Signal}/0" : "SIGSTOP/0").Set($"{field}_dr6", (long)hit);
        tracer.PokeDebugRegister(child, Status, 0);
    }

    private static void WatchStore(Cell c)
    {
        var adapter = c.Fork();
        var child = ScanOperations.Real(adapter);
        Begin(c, child, 1 | 1 << 16);
        child.ReadByte(c.P(0));
        var stored = child.WriteByte(c.P(0), (byte)'w');
        Stop(c, child, "store", stored);
        if (!stored.IsOk)
        {
            // The tracer keeps the signal from it, so the store is tried again and again.
            foreach (var field in new[] { "after_store", "kernel_store", "fork" })
            {
                Stop(c, child, field, child.WriteByte(c.P(0), (byte)'w'));
            }

            c.Answer.Set("read", "").Set("child_store", "");
        }
        else
        {
            Stop(c, child, "after_store", Verdict.Ok);
            var read = adapter.Pread(c.Machine.Open("/tmp/t/src", write: false), c.P(0), 1, 0);
            Stop(c, child, "kernel_store", Verdict.Ok);
            c.Answer.Set("read", c.Text(read));
            var grandchild = child.Fork();
            c.Answer.Set("child_store", grandchild.IsOk ? StoreText(grandchild.Value, c.P(0)) : "");
            Stop(c, child, "fork", Verdict.Ok);
        }

        c.Answer.Set("dr7_now", (long)(ScanOperations.Real(c.Agent).PeekDebugRegister(child, Control).Value & 0xff));
        adapter.Exit();
    }

    private static string StoreText(Process process, ulong address)
    {
        var stored = process.WriteByte(address, (byte)'x');
        process.Exit();
        return stored.IsOk ? "ok" : stored.ToString();
    }

    private static void WatchAccess(Cell c)
    {
        var adapter = c.Fork();
        var child = ScanOperations.Real(adapter);
        var tracer = ScanOperations.Real(c.Agent);
        Begin(c, child, 1 | 3 << 16);
        Stop(c, child, "load", child.ReadByte(c.P(0)).Verdict);
        PopulateOperations.Present(c);
        c.Call("kernel_address", tracer.PokeDebugRegister(child, 1, 0xffffffff81000000));
        tracer.PokeDebugRegister(child, 0, c.P(0) + 1);
        c.Call("unaligned", tracer.PokeDebugRegister(child, Control, 1 | 3 << 16 | 3 << 18));
        c.Call("io", tracer.PokeDebugRegister(child, Control, 1 | 2 << 16));
        c.Call("register4", tracer.PokeDebugRegister(child, 4, 0));
        c.Call("far", tracer.PokeDebugRegister(child, 0, 0x7ffffffff000 + 0x10000));
        adapter.Exit();
    }

    private static void WatchExecution(Cell c)
    {
        const byte Return = 0xc3;
        if ((c.Mapping.Prot & ProtExec) == 0 || c.Descriptor is null)
        {
            c.Skip();
        }

        c.WritableFile().Write([Return], 0);
        var program = c.Machine.Open("/mnt/ext4/program", create: true);
        program.Write(ElfImage.Build(false, [0x90], [0x90]), 0);
        program.CloseAsExecutable();
        var adapter = c.Fork();
        var child = ScanOperations.Real(adapter);
        var tracer = ScanOperations.Real(c.Agent);
        Begin(c, child, 1);
        Stop(c, child, "exec", child.Execute(c.P(0)));
        Stop(c, child, "again", Verdict.Ok);
        c.Answer.Set("dr7_before", (long)(tracer.PeekDebugRegister(child, Control).Value & 0xff));
        c.Note(adapter.Execve(c.Machine.Open("/mnt/ext4/program", write: false), "hello", []));

        // A traced process stops behind execve, with a signal that the kernel made up.
        c.Answer.Set("execve", "SIGTRAP/0").Set("execve_dr6", (long)(tracer.PeekDebugRegister(child, Status).Value & 15));
        c.Answer.Set("dr7_after_execve", (long)(tracer.PeekDebugRegister(child, Control).Value & 0xff));
        adapter.Exit();
    }

    private static void Probe(Cell c)
    {
        const byte Nop = 0x90;
        const ulong Distance = 0x1000_0000;
        if ((c.Mapping.Prot & ProtExec) == 0 || c.Mapping.Kind != MappingKind.File)
        {
            c.Skip();
        }

        c.WritableFile().Write([.. Enumerable.Repeat(Nop, 63), 0xc3], 0);
        if (c.State == "rd")
        {
            c.Process.Load(c.P(0));
        }

        var file = c.Machine.Open(c.Path, write: false);
        var probe = ((SimulatedFile)file).Handle.RegisterUprobe((long)ProbedByte);
        c.Main(probe.Verdict);
        Show("mapped", c.Process, c.P(0));
        var text = Map(1, ProtRead | ProtExec, MapPrivate, file);
        Show("later", c.Process, text);
        var data = Map(2, ProtRead, MapPrivate, file);
        Show("later_data", c.Process, data);
        Show("later_writable", c.Process, Map(3, ReadWrite, MapPrivate, c.Machine.Open(c.Path)));
        Show("later_shared", c.Process, Map(4, ProtRead | ProtExec, MapShared, file));
        c.Call("mprotect", c.Process.Mprotect(data, c.Length, ProtRead | ProtExec));
        Show("data_made_text", c.Process, data);
        var moved = c.Process.Mremap(text, c.Length, c.Length, 3, Cell.Base + (5 * Distance)).Value;
        Show("moved", c.Process, moved);
        var child = c.Fork();
        Show("child", child, c.P(0));
        Show("child_moved", child, moved);
        child.Madvise(c.Address, c.Length, AdviceDontNeed);
        Show("child_dropped", child, c.P(0));
        if (probe.IsOk)
        {
            var called = c.Process.Execute(c.P(0));
            c.Answer.Set("call", called.IsOk ? "ok" : called.Signal.Signal.ToString());
            probe.Value.Unregister();
        }

        Show("removed", c.Process, c.P(0));
        Show("removed_moved", c.Process, moved);
        Show("child_removed", child, c.P(0));
        Show("child_removed_moved", child, moved);
        child.Exit();
        c.Answer.Set("file", Cell.ByteText(file.Read(1, (long)ProbedByte).Value[0]));

        void Show(string field, ISimulatedProcess process, ulong start) => c.Answer.Set(field, c.LoadText(process, start + ProbedByte));

        ulong Map(ulong number, int prot, int flags, ISimulatedFile mapped) => c.Process.Mmap(Cell.Base + (number * Distance), c.Length, prot, flags | MapFixed, mapped, 0).Value;
    }
}
