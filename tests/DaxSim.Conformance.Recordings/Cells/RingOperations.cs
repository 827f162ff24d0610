using DaxSim.Conformance.Adapter;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>io_uring: registered buffers are long-term pins.</summary>
internal static class RingOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("iouring_register", Register),
        ("iouring_register_all", static c => c.Main(Open(c).Register(c.Address, c.Length))),
        ("iouring_fork_parent_write", static c => ForkAndWrite(c, childWrites: false)),
        ("iouring_fork_child_write", static c => ForkAndWrite(c, childWrites: true)),
        ("iouring_dontneed", DontNeed),
        ("iouring_mprotect_ro", MprotectReadOnly),
        ("iouring_munmap", Munmap),
        ("iouring_truncate", Truncate),
    ];

    private static ISimulatedFile Source(Cell c) => c.Machine.Open("/tmp/t/src", write: false);

    private static ISimulatedRing Open(Cell c)
    {
        var ring = c.Process.CreateRing();
        c.Note(ring.Verdict);
        return ring.Value;
    }

    /// <summary>A ring with page 0 registered; a refusal is the cell's outcome.</summary>
    private static ISimulatedRing OpenRegistered(Cell c)
    {
        var ring = Open(c);
        var verdict = ring.Register(c.P(0), Page);
        if (!verdict.IsOk)
        {
            c.Main(verdict);
            c.Step("register");
            throw new CellEnd();
        }

        return ring;
    }

    private static void Register(Cell c)
    {
        var ring = Open(c);
        var registered = c.Main(DirectIoOperations.WithPins(c, () => ring.Register(c.P(0), Page)));
        PopulateOperations.Present(c);
        if (!registered)
        {
            return;
        }

        c.Call("read_fixed", ring.ReadFixed(Source(c), c.P(0), Page, 0));
        c.Load("after", c.P(0));
        c.FileByte("file", 0);
        c.Call("unregister", DirectIoOperations.WithPins(c, ring.Unregister, "pins_unregister"));
    }

    private static void ForkAndWrite(Cell c, bool childWrites)
    {
        var ring = OpenRegistered(c);
        var child = c.Fork();
        if (childWrites)
        {
            c.Answer.Set("child_write", c.StoreText(child, c.P(0) + 100, 'R'));
        }
        else
        {
            c.Store("parent_write", c.P(0) + 100, 'Q');
        }

        c.Main(ring.ReadFixed(Source(c), c.P(0), 16, 0), 16);
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        c.Answer.Set("child_at100", c.LoadText(child, c.P(0) + 100));
        child.Exit();
        c.Load("parent", c.P(0));
        c.Load("parent_at100", c.P(0) + 100);
        c.FileByte("file", 0);
    }

    private static void DontNeed(Cell c)
    {
        var ring = OpenRegistered(c);
        c.Call("dontneed", c.Process.Madvise(c.Address, c.Length, AdviceDontNeed));
        c.Load("between", c.P(0));
        c.Main(ring.ReadFixed(Source(c), c.P(0), 16, 0), 16);
        c.Load("after", c.P(0));
    }

    private static void MprotectReadOnly(Cell c)
    {
        var ring = OpenRegistered(c);
        c.Call("mprotect", c.Process.Mprotect(c.Address, c.Length, ProtRead));
        c.Main(ring.ReadFixed(Source(c), c.P(0), 16, 0), 16);
        c.Load("after", c.P(0));
    }

    private static void Munmap(Cell c)
    {
        var ring = OpenRegistered(c);
        c.Call("munmap", c.Process.Munmap(c.Address, c.Length));
        c.Main(ring.ReadFixed(Source(c), c.P(0), 16, 0), 16);
        c.FileByte("file", 0);
    }

    private static void Truncate(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        var ring = OpenRegistered(c);
        c.Main(c.Descriptor!.Truncate(0));
        c.Load("touch", c.P(0));
        c.Call("read_fixed", ring.ReadFixed(Source(c), c.P(0), 16, 0));
    }
}
