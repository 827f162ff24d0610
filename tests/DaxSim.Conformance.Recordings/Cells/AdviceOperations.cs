using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>madvise: the advice, then what a new child and the process itself see.</summary>
internal static class AdviceOperations
{
    private static readonly (string Name, int Advice)[] Plain =
    [
        ("normal", 0), ("random", 1), ("sequential", 2), ("willneed", 3), ("dontneed", 4), ("free", 8), ("remove", 9), ("dontfork", 10), ("dofork", 11),
        ("mergeable", 12), ("unmergeable", 13), ("hugepage", 14), ("nohugepage", 15), ("dontdump", 16), ("dodump", 17), ("wipeonfork", 18), ("keeponfork", 19),
        ("cold", 20), ("pageout", 21), ("dontneed_locked", 24), ("collapse", 25), ("guard_install", 102), ("bogus", 77),
    ];

    internal static IEnumerable<(string Name, CellOperation Operation)> All
        => Plain.Select(static p => ($"madv_{p.Name}", (CellOperation)(c => Advise(c, p.Advice)))).Concat(Special);

    private static IEnumerable<(string Name, CellOperation Operation)> Special =>
    [
        ("madv_dontneed_page", DontNeedPage),
        ("madv_dontneed_mlocked", DontNeedLocked),
        ("madv_dontneed_unaligned", static c => c.Main(c.Process.Madvise(c.P(0) + 1, Page, AdviceDontNeed))),
        ("madv_dontneed_hole", DontNeedHole),
        ("madv_dontfork_partial", DontForkPage),
        ("process_madvise_cold", static c => c.Main(c.Process.ProcessMadvise(c.Address, c.Length, 20))),
    ];

    private static void Advise(Cell c, int advice)
    {
        c.Main(c.Process.Madvise(c.Address, c.Length, advice));
        if (c.Mapping.Kind == MappingKind.Special)
        {
            return;
        }

        var child = c.Fork();
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        c.Answer.Set("child_write", c.StoreText(child, c.P(1), 'R'));
        child.Exit();
        c.Load("value", c.P(0));
        c.Load("value1", c.P(1));
        c.FileByte("file", 0);
    }

    private static void DontNeedPage(Cell c)
    {
        c.Main(c.Process.Madvise(c.P(1), Page, AdviceDontNeed));
        c.Load("value0", c.P(0));
        c.Load("value1", c.P(1));
        c.Load("value2", c.P(2));
    }

    private static void DontNeedLocked(Cell c)
    {
        c.Call("mlock", c.Process.Mlock(c.Address, c.Length));
        c.Main(c.Process.Madvise(c.Address, c.Length, AdviceDontNeed));
        c.Load("value", c.P(0));
    }

    private static void DontNeedHole(Cell c)
    {
        c.Main(c.Process.Madvise(c.Address, c.Length + (4 * Page), AdviceDontNeed));
        c.Load("value", c.P(0));
    }

    private static void DontForkPage(Cell c)
    {
        c.Main(c.Process.Madvise(c.P(1), Page, AdviceDontFork));
        var child = c.Fork();
        for (var page = 0; page < 3; page++)
        {
            c.Answer.Set($"child{page}", c.LoadText(child, c.P(page)));
        }

        child.Exit();
    }
}
