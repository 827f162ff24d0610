using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Reads and writes by another process: process_vm_*, ptrace, /proc/pid/mem.</summary>
internal static class RemoteOperations
{
    private static readonly byte[] Written = [.. Enumerable.Repeat((byte)'p', 8)];

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("pvm_readv", static c => Read(c, c.Agent.ProcessVmRead(c.Process, c.P(0), 8))),
        ("procmem_read", static c => Read(c, c.Agent.MemoryRead(c.Process, c.P(0), 8))),
        ("ptrace_peek", Peek),
        ("pvm_writev", static c => Write(c, WriteVm)),
        ("procmem_write", static c => Write(c, WriteMemory)),
        ("ptrace_poke", static c => Write(c, Poke)),
        ("pvm_readv_span", static c => Span(c, c.Agent.ProcessVmRead(c.Process, c.Address + c.Length - 2048, (int)Page))),
        ("procmem_read_span", static c => Span(c, c.Agent.MemoryRead(c.Process, c.Address + c.Length - 2048, (int)Page))),
        ("ptrace_poke_fork", PokeFork),
        ("ptrace_poke_then_write", PokeThenWrite),
        ("procmem_none", static c => None(c, () => c.Agent.MemoryRead(c.Process, c.P(0), 8))),
        ("pvm_none", static c => None(c, () => c.Agent.ProcessVmRead(c.Process, c.P(0), 8))),
        ("ptrace_poke_foreign", static c => Foreign(c, Poke)),
        ("pvm_writev_foreign", static c => Foreign(c, WriteVm)),
        ("procmem_write_foreign", static c => Foreign(c, WriteMemory)),
    ];

    private static Result<long> WriteVm(Cell c) => c.Agent.ProcessVmWrite(c.Process, c.P(0), Written);

    private static Result<long> WriteMemory(Cell c) => c.Agent.MemoryWrite(c.Process, c.P(0), Written);

    private static Result<long> Poke(Cell c) => c.Agent.Poke(c.Process, c.P(0), Written) is { IsOk: false } verdict ? verdict : 8L;

    private static void Read(Cell c, Result<byte[]> bytes)
    {
        if (c.Main(bytes.IsOk ? bytes.Value.Length : bytes.Verdict, 8) && bytes.Value.Length > 0 && c.Mapping.Kind != MappingKind.Special)
        {
            c.Answer.Set("value", Cell.ByteText(bytes.Value[0]));
        }
    }

    private static void Peek(Cell c)
    {
        var word = c.Agent.Peek(c.Process, c.P(0));
        if (c.Main(word.IsOk ? 8L : word.Verdict, 8) && c.Mapping.Kind != MappingKind.Special)
        {
            c.Answer.Set("value", Cell.ByteText(word.Value[0]));
        }
    }

    private static void Write(Cell c, Func<Cell, Result<long>> write)
    {
        c.Main(write(c), 8);
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.Load("after", c.P(0));
            c.Load("tail", c.P(0) + 2048);
            c.FileByte("file", 0);
        }
    }

    private static void Span(Cell c, Result<byte[]> bytes) => c.Main(bytes.IsOk ? bytes.Value.Length : bytes.Verdict, (long)Page);

    private static void PokeFork(Cell c)
    {
        var child = c.Fork();
        c.Main(Poke(c), 8);
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Load("parent", c.P(0));
        c.Load("parent_tail", c.P(0) + 2048);
        c.FileByte("file", 0);
    }

    private static void PokeThenWrite(Cell c)
    {
        c.Call("mprotect_ro", c.Process.Mprotect(c.Address, c.Length, ProtRead));
        c.Main(Poke(c), 8);
        c.Load("after", c.P(0));
        c.Load("tail", c.P(0) + 2048);
        c.FileByte("file", 0);
        c.Call("mprotect_rw", c.Process.Mprotect(c.Address, c.Length, ReadWrite));
        c.Store("write", c.P(0), 'w');
        c.Load("after2", c.P(0));
        c.FileByte("file2", 0);
    }

    private static void None(Cell c, Func<Result<byte[]>> read)
    {
        c.Call("mprotect", c.Process.Mprotect(c.Address, c.Length, ProtNone));
        Read(c, read());
    }

    /// <summary>The writer has a page of its own, full of X, at the same address.</summary>
    private static void Foreign(Cell c, Func<Cell, Result<long>> write)
    {
        c.Note(c.Agent.Mmap(c.P(0), Page, ReadWrite, MapPrivate | MapAnonymous | MapFixed, null, 0).Verdict);
        c.Note(c.Agent.StoreRange(c.P(0), [.. Enumerable.Repeat((byte)'X', (int)Page)]));

        Write(c, write);
    }
}
