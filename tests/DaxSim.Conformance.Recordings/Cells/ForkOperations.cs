using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Who sees whose stores after a fork.</summary>
internal static class ForkOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("fork_child_read", ChildRead),
        ("fork_parent_write", ParentWrite),
        ("fork_child_write", ChildWrite),
        ("fork_child_munmap", ChildMunmap),
        ("fork_parent_munmap", ParentMunmap),
        ("fork_grandchild", Grandchild),
        ("fork_mprotect_child", MprotectChild),
        ("fork_file_write", FileWrite),
        ("fork_cow_first", CowFirst),
        ("fork_cow_second", CowSecond),
        ("fork_cow_moved", CowMoved),
        ("fork_cow_munmap_first", CowMunmapFirst),
        ("fork_second_generation", SecondGeneration),
    ];

    private static void ChildRead(Cell c)
    {
        var child = c.Fork();
        var seen = c.LoadText(child, c.P(0));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Answer.Set("child", seen);
    }

    private static void ParentWrite(Cell c)
    {
        var child = c.Fork();
        c.MainAccess(c.Process.Store(c.P(0), (byte)'Q'));
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        c.Answer.Set("child_page1", c.LoadText(child, c.P(1)));
        child.Exit();
        c.Load("parent", c.P(0));
        c.FileByte("file", 0);
    }

    private static void ChildWrite(Cell c)
    {
        var child = c.Fork();
        c.Answer.Set("child_write", c.StoreText(child, c.P(0), 'R'));
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
        c.FileByte("file", 0);
    }

    private static void ChildMunmap(Cell c)
    {
        var child = c.Fork();
        c.Call("child_munmap", child.Munmap(c.Address, c.Length));
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
    }

    private static void ParentMunmap(Cell c)
    {
        var child = c.Fork();
        c.Main(c.Process.Munmap(c.Address, c.Length));
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        c.Answer.Set("child_write", c.StoreText(child, c.P(1), 'R'));
        child.Exit();
        c.FileByte("file1", 1);
    }

    /// <summary>A refused inner fork leaves the grandchild's fields empty.</summary>
    private static void Grandchild(Cell c)
    {
        var child = c.Fork();
        c.Answer.Set("child_write", c.StoreText(child, c.P(0), 'R'));
        var grandchild = child.Fork("cells");
        c.Answer.Set("grandchild", "").Set("grandchild_write", "");
        if (grandchild.IsOk)
        {
            c.Answer.Set("grandchild", c.LoadText(grandchild.Value, c.P(0)));
            c.Answer.Set("grandchild_write", c.StoreText(grandchild.Value, c.P(0), 'T'));
            grandchild.Value.Exit();
        }
        else
        {
            c.Note(grandchild.Verdict);
        }

        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
    }

    private static void MprotectChild(Cell c)
    {
        var child = c.Fork();
        c.Call("child_mprotect", child.Mprotect(c.Address, c.Length, ProtRead));
        c.Answer.Set("child_write", c.StoreText(child, c.P(0), 'R'));
        c.MainAccess(c.Process.Store(c.P(0), (byte)'Q'));
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
    }

    private static void FileWrite(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        var child = c.Fork();
        c.Main(c.WritableFile().Write("y"u8.ToArray(), 0), 1);
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
        c.Load("parent", c.P(0));
    }

    private static void CowFirst(Cell c)
    {
        c.Note(c.Process.Store(c.P(0), (byte)'w'));
        ForkAndLook(c, c.P(0));
    }

    private static void CowSecond(Cell c)
    {
        c.Note(c.Process.Store(c.P(1), (byte)'w'));
        ForkAndLook(c, c.P(0));
    }

    private static void CowMoved(Cell c)
    {
        c.Note(c.Process.Store(c.P(0), (byte)'w'));
        c.Call("mremap", c.Process.Mremap(c.Address, c.Length, c.Length, MremapMayMove | MremapFixed, Cell.Elsewhere).Verdict);
        ForkAndLook(c, Cell.Elsewhere);
    }

    private static void CowMunmapFirst(Cell c)
    {
        c.Note(c.Process.Store(c.P(0), (byte)'w'));
        c.Note(c.Process.Store(c.P(1), (byte)'x'));
        c.Call("munmap", c.Process.Munmap(c.P(0), Page));
        ForkAndLook(c, c.P(1));
    }

    private static void ForkAndLook(Cell c, ulong at)
    {
        var child = c.Fork();
        c.Answer.Set("child", c.LoadText(child, at));
        c.Answer.Set("child_page1", c.LoadText(child, at + Page));
        c.Answer.Set("child_write1", c.StoreText(child, at + Page, 'R'));
        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent_page1", at + Page);
    }

    private static void SecondGeneration(Cell c)
    {
        var child = c.Fork();
        c.Answer.Set("child_write", c.StoreText(child, c.P(0), 'R'));
        var grandchild = child.Fork("cells");
        c.Note(grandchild.Verdict);
        c.Answer.Set("child_fork", grandchild.IsOk ? "ok" : grandchild.Errno.ToString()).Set("grandchild", "");
        if (grandchild.IsOk)
        {
            c.Answer.Set("grandchild", c.LoadText(grandchild.Value, c.P(0)));
            grandchild.Value.Exit();
        }

        child.Exit();
        c.Main(Verdict.Ok);
        c.Load("parent", c.P(0));
    }
}
