using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Pages referenced by pipes.</summary>
internal static class PipeOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("vmsplice", Vmsplice),
        ("vmsplice_gift", Gift),
        ("vmsplice_write", Write),
        ("vmsplice_munmap", Munmap),
        ("vmsplice_dontneed", DontNeed),
        ("vmsplice_fork_parent_write", ForkParentWrite),
        ("vmsplice_parent_fork_child_write", ParentForkChildWrite),
        ("vmsplice_parent_fork_parent_write", ParentForkParentWrite),
        ("vmsplice_truncate", static c => WhileInPipe(c, "truncate", f => c.Agent.StartTruncate(f, 0))),
        ("vmsplice_punch", static c => WhileInPipe(c, "punch", f => c.Agent.StartAllocate(f, FallocPunchHole | FallocKeepSize, 0, (long)Page))),
        ("splice_file", SpliceFile),
        ("dio_child_pin_exit", ChildPinExit),
    ];

    private static Result<long> Put(Cell c, ISimulatedProcess process, ISimulatedPipe pipe, int flags = 0) => process.Vmsplice(pipe, c.P(0), Page, flags | SpliceNonBlock);

    private static void Vmsplice(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        c.Main(DirectIoOperations.WithPins(c, () => Put(c, c.Process, pipe)), (long)Page);
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.PipeByte("pipe", pipe);
        }
    }

    private static void Gift(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        c.Main(Put(c, c.Process, pipe, SpliceGift), (long)Page);
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.PipeByte("pipe", pipe);
        }
    }

    private static void Write(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        c.Main(Put(c, c.Process, pipe), (long)Page);
        c.Store("write", c.P(0), 'N');
        c.PipeByte("pipe", pipe);
        c.Load("after", c.P(0));
    }

    private static void Munmap(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        c.Main(Put(c, c.Process, pipe), (long)Page);
        c.Call("munmap", c.Process.Munmap(c.Address, c.Length));
        c.PipeByte("pipe", pipe);
    }

    private static void DontNeed(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        c.Main(Put(c, c.Process, pipe), (long)Page);
        c.Call("dontneed", c.Process.Madvise(c.Address, c.Length, AdviceDontNeed));
        c.Note(c.Process.Store(c.P(0), (byte)'N'));
        c.PipeByte("pipe", pipe);
        c.Load("after", c.P(0));
    }

    /// <summary>The child takes the inherited page into a pipe and unmaps it; then the parent writes.</summary>
    private static void ForkParentWrite(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        var child = c.Fork();
        c.Call("child_vmsplice", Put(c, child, pipe));
        c.Call("child_munmap", child.Munmap(c.Address, c.Length));
        c.Store("parent_write", c.P(0), 'N');
        c.PipeByte("child_pipe", pipe);
        child.Exit();
        c.Main(Verdict.Ok);
    }

    private static void ParentForkChildWrite(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        c.Main(Put(c, c.Process, pipe), (long)Page);
        var child = c.Fork();
        c.Answer.Set("child_write", c.StoreText(child, c.P(0), 'N'));
        child.Exit();
        c.PipeByte("pipe", pipe);
        c.Load("parent", c.P(0));
    }

    private static void ParentForkParentWrite(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        c.Main(Put(c, c.Process, pipe), (long)Page);
        var child = c.Fork();
        c.Store("write", c.P(0), 'N');
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.PipeByte("pipe", pipe);
        c.Load("parent", c.P(0));
    }

    /// <summary>A child changes the file while a page of it is in the pipe; then the pipe is closed.</summary>
    private static void WhileInPipe(Cell c, string what, Func<ISimulatedFile, IPending> start)
    {
        if (c.Mapping.Kind != MappingKind.File)
        {
            c.Skip();
        }

        var file = c.Machine.Open(c.Path);
        var pipe = c.Machine.CreatePipe();
        c.Call("vmsplice", Put(c, c.Process, pipe));
        var child = c.Fork();
        c.Note(child.Munmap(c.Address, c.Length));
        var pending = start(file);
        c.Answer.Set($"{what}_blocked", pending.Outcome is null ? 1 : 0);
        c.PipeByte("pipe", pipe);
        pipe.Close();
        c.Answer.Set("finished_after_release", pending.Outcome is null ? 0 : 1);
        if (pending.Outcome is { } outcome)
        {
            c.Call(what, outcome);
        }

        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("after", c.P(0));
    }

    private static void SpliceFile(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        var pipe = c.Machine.CreatePipe();
        c.Main(c.Descriptor!.Splice(0, pipe, Page), (long)Page);
        c.Store("write", c.P(0), 'N');
        c.PipeByte("pipe", pipe);
    }

    private static void ChildPinExit(Cell c)
    {
        var pipe = c.Machine.CreatePipe();
        var child = c.Fork();
        c.Call("child_vmsplice", Put(c, child, pipe));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Store("parent_write", c.P(0), 'N');
        c.PipeByte("pipe", pipe);
    }
}
