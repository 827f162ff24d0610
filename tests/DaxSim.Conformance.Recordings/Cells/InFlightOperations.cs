using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>A direct read of 512 bytes into page 0 is with the slow disk while something else happens to the page.</summary>
internal static class InFlightOperations
{
    private const ulong Middle = 2048;

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("inflight_fork_parent_write", ForkParentWrite),
        ("inflight_fork_child_write", ForkChildWrite),
        ("inflight_fork_child_exit_parent_write", ForkChildExit),
        ("inflight_munmap", Munmap),
        ("inflight_dontneed", DontNeed),
        ("inflight_mremap", Mremap),
        ("inflight_mprotect_ro", MprotectReadOnly),
        ("inflight_punch", static c => ByChild(c, "punch", f => c.Agent.StartAllocate(f, FallocPunchHole | FallocKeepSize, 0, (long)c.Length))),
        ("inflight_truncate", static c => ByChild(c, "truncate", f => c.Agent.StartTruncate(f, 0))),
        ("inflight_self_punch", SelfPunch),
    ];

    private static ITransferInFlight Begin(Cell c)
    {
        if (!c.Mapping.InFlight)
        {
            c.Skip();
        }

        var transfer = c.Machine.StartSlowRead(c.Process, c.P(0), 512);
        if (!transfer.IsOk)
        {
            c.Main(transfer.Verdict);
            c.Step("io_submit");
            throw new CellEnd();
        }

        c.Answer.Set("pending", transfer.Value.IsPending ? 1 : 0);
        return transfer.Value;
    }

    private static void StillPending(Cell c, ITransferInFlight transfer) => c.Answer.Set("still_pending", transfer.IsPending ? 1 : 0);

    private static void End(Cell c, ITransferInFlight transfer) => c.Call("io", transfer.Complete());

    private static void ForkParentWrite(Cell c)
    {
        var transfer = Begin(c);
        var child = c.Fork();
        c.Store("write", c.P(0) + Middle, 'Q');
        StillPending(c, transfer);
        End(c, transfer);
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        c.Answer.Set("child_at2048", c.LoadText(child, c.P(0) + Middle));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
        c.Load("parent_at2048", c.P(0) + Middle);
        c.FileByte("file", 0);
    }

    private static void ForkChildWrite(Cell c)
    {
        var transfer = Begin(c);
        var child = c.Fork();
        c.Answer.Set("child_write", c.StoreText(child, c.P(0) + Middle, 'R'));
        StillPending(c, transfer);
        End(c, transfer);
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
        c.Load("parent_at2048", c.P(0) + Middle);
        c.FileByte("file", 0);
    }

    private static void ForkChildExit(Cell c)
    {
        var transfer = Begin(c);
        c.Fork().Exit();
        c.Note(c.Process.Store(c.P(0) + Middle, (byte)'Q'));
        StillPending(c, transfer);
        End(c, transfer);
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
        c.Load("parent_at2048", c.P(0) + Middle);
    }

    private static void Munmap(Cell c)
    {
        var transfer = Begin(c);
        c.Main(c.Process.Munmap(c.Address, c.Length));
        StillPending(c, transfer);
        End(c, transfer);
        c.FileByte("file", 0);
    }

    private static void DontNeed(Cell c)
    {
        var transfer = Begin(c);
        c.Main(c.Process.Madvise(c.Address, c.Length, AdviceDontNeed));
        StillPending(c, transfer);
        c.Load("between", c.P(0) + Middle);
        End(c, transfer);
        c.Load("after", c.P(0));
        c.FileByte("file", 0);
    }

    private static void Mremap(Cell c)
    {
        var transfer = Begin(c);
        c.Main(c.Process.Mremap(c.Address, c.Length, c.Length, MremapMayMove | MremapFixed, Cell.Elsewhere).Verdict);
        End(c, transfer);
        c.Load("new", Cell.Elsewhere);
    }

    private static void MprotectReadOnly(Cell c)
    {
        var transfer = Begin(c);
        c.Main(c.Process.Mprotect(c.Address, c.Length, ProtRead));
        End(c, transfer);
        c.Load("after", c.P(0));
    }

    /// <summary>A child that has unmapped the page changes the file; it may have to wait, and may never be woken.</summary>
    private static void ByChild(Cell c, string what, Func<ISimulatedFile, IPending> start)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        var transfer = Begin(c);
        var file = c.WritableFile();
        var child = c.Fork();
        c.Note(child.Munmap(c.Address, c.Length));
        var pending = start(file);
        c.Answer.Set("done_before_io", pending.Outcome is null ? 0 : 1);
        End(c, transfer);
        c.Answer.Set("done_after_io", pending.Outcome is null ? 0 : 1);
        c.Main(Verdict.Ok);
        if (pending.Outcome is { } outcome)
        {
            c.Call(what, outcome);
        }
        else
        {
            c.Answer.Set("stack", string.Join(" ", pending.SleepsIn));
            pending.Kill();
        }

        child.Exit();
        c.Load("after", c.P(0));
        c.FileByte("file", 0);
    }

    private static void SelfPunch(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        var transfer = Begin(c);
        var pending = c.Process.StartAllocate(c.WritableFile(), FallocPunchHole | FallocKeepSize, 0, (long)c.Length);
        var waited = pending.Outcome is null;
        var completion = waited ? transfer.Complete() : default;
        if (pending.Outcome is not { } outcome)
        {
            // The sleeper is the process that would have looked at the transfer's completion.
            c.Answer.Set("stack", string.Join(" ", pending.SleepsIn));
            c.Timeout();
            return;
        }

        c.Main(outcome);
        c.Answer.Set("waited_for_io", waited ? 1 : 0);
        c.Call("io", waited ? completion : transfer.Complete());

        c.Load("after", c.P(0));
        c.FileByte("file", 0);
    }
}
