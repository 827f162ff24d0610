using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>What the kernel lab's <c>scans</c> mode records: merging, collapsing, moving and counting of pages, command lines in the mapping.</summary>
internal static class ScanOperations
{
    private const int HugePageAdvice = 14;
    private const int NoHugePageAdvice = 15;
    private const int CollapseAdvice = 25;
    private const int PagesOfAll = 512;

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("ksm_merge", Merge),
        ("ksm_held", static c => MergeBesides(c, "vmsplice", static c => c.Process.Vmsplice(c.Machine.CreatePipe(), c.P(1), Page, SpliceNonBlock))),
        ("ksm_pinned", static c => MergeBesides(c, "register", static c => Zero(c.Process.CreateRing().Value.Register(c.P(1), Page)))),
        ("ksm_pin_merged", PinMerged),
        ("ksm_fork", MergeAndFork),
        ("ksm_processes", MergeAcrossProcesses),
        ("khp_one", static c => CollapseAfter(c, 1)),
        ("khp_all", static c => CollapseAfter(c, PagesOfAll)),
        ("khp_none", static c => CollapseAfter(c, 0)),
        ("khp_held", static c => CollapseHeld(c, "vmsplice", static c => c.Process.Vmsplice(c.Machine.CreatePipe(), c.P(5), Page, SpliceNonBlock), advise: true)),
        ("khp_pinned", static c => CollapseHeld(c, "register", static c => Zero(c.Process.CreateRing().Value.Register(c.P(5), Page)), advise: false)),
        ("khp_forked", CollapseForked),
        ("migrate_pages", Migrate),
        ("numa_maps", NumaMaps),
        ("cmdline", CommandLine),
    ];

    /// <summary>The simulator's process behind the adapter.</summary>
    internal static Process Real(ISimulatedProcess process) => ((SimulatedProcess)process).Process;

    internal static Machine Real(ISimulatedMachine machine) => ((SimulatedMachine)machine).Machine;

    private static Result<long> Zero(Verdict verdict) => verdict.IsOk ? 0L : verdict;

    // ---- merging ----
    private static bool BeginMerging(Cell c)
    {
        Fill(c, c.Process);
        return c.Main(c.Process.Madvise(c.Address, c.Length, 12));
    }

    private static void Fill(Cell c, ISimulatedProcess process)
    {
        for (var page = 0; c.Mapping.IsWritable && page < 4; page++)
        {
            for (ulong at = 0; at < Page && process.Store(c.P(page) + at, (byte)'k').IsOk; at += 64)
            {
            }
        }
    }

    private static string MergedPages(Cell c, ISimulatedProcess process)
    {
        var text = "";
        for (var page = 0; page < 4; page++)
        {
            var entry = Real(process).Pagemap(c.P(page));
            text += entry.Present && Real(c.Machine).ReportPage(entry) is { IsMerged: true } ? "1" : "0";
        }

        return text;
    }

    private static ulong FrameOf(ISimulatedProcess process, ulong address) => Real(process).Pagemap(address) is { Present: true } entry ? entry.Pfn : 0;

    private static void Show(Cell c, string field) => c.Answer.Set(field, MergedPages(c, c.Process));

    private static void Merge(Cell c)
    {
        if (!BeginMerging(c))
        {
            return;
        }

        Real(c.Machine).MergeEqualPages();
        Show(c, "merged");
        var frame = FrameOf(c.Process, c.P(0));
        c.Answer.Set("same", frame != 0 && frame == FrameOf(c.Process, c.P(3)) ? 1 : 0);
        c.Load("value", c.P(0));
        c.Store("write", c.P(1), 'w');
        Show(c, "after_write");
        c.Load("value0", c.P(0));
        c.Load("value1", c.P(1));
        c.Call("unmergeable", c.Process.Madvise(c.Address, c.Length, 13));
        Show(c, "after_unmergeable");
        c.Load("value2", c.P(2));
    }

    private static void MergeBesides(Cell c, string field, Func<Cell, Result<long>> hold)
    {
        if (BeginMerging(c))
        {
            c.Call(field, hold(c));
            Real(c.Machine).MergeEqualPages();
            Show(c, "merged");
        }
    }

    private static void PinMerged(Cell c)
    {
        if (!BeginMerging(c))
        {
            return;
        }

        Real(c.Machine).MergeEqualPages();
        Show(c, "merged");
        c.Call("vmsplice", c.Process.Vmsplice(c.Machine.CreatePipe(), c.P(2), Page, SpliceNonBlock));
        Show(c, "after_vmsplice");
        var ring = c.Process.CreateRing().Value;
        c.Call("register", ring.Register(c.P(1), Page));
        Show(c, "after_register");
        c.Call("read_fixed", ring.ReadFixed(c.Machine.Open("/tmp/t/src", write: false), c.P(1), 16, 0));
        c.Load("value0", c.P(0));
        c.Load("value1", c.P(1));
    }

    private static void MergeAndFork(Cell c)
    {
        if (!BeginMerging(c))
        {
            return;
        }

        Real(c.Machine).MergeEqualPages();
        Show(c, "merged");
        var child = c.Fork();
        c.Answer.Set("child", MergedPages(c, child));
        c.Answer.Set("child_write", c.StoreText(child, c.P(0), 'c'));
        c.Answer.Set("child_after", MergedPages(c, child));
        child.Exit();
        Show(c, "parent");
        c.Load("value0", c.P(0));
    }

    private static void MergeAcrossProcesses(Cell c)
    {
        if (!BeginMerging(c))
        {
            return;
        }

        var child = c.Fork();
        Fill(c, child);
        Real(c.Machine).MergeEqualPages();
        c.Answer.Set("child", MergedPages(c, child));
        c.Answer.Set("same_as_child", FrameOf(c.Process, c.P(0)) == FrameOf(child, c.P(0)) ? 1 : 0);
        child.Exit();
        Show(c, "merged");
    }

    // ---- collapsing ----
    private static void Touch(Cell c, int pages)
    {
        c.Process.Madvise(c.Address, c.Length, NoHugePageAdvice);
        for (var page = 0; page < pages && (ulong)page * Page < c.Length && c.Process.Store(c.P(page), (byte)'h').IsOk; page++)
        {
        }
    }

    private static bool Collapse(Cell c)
    {
        if (!c.Main(c.Process.Madvise(c.Address, c.Length, HugePageAdvice)))
        {
            return false;
        }

        Real(c.Machine).CollapseHugePages();
        c.Answer.Set("anon_huge", Kilobytes(c, "AnonHugePages")).Set("shmem_huge", Kilobytes(c, "ShmemPmdMapped")).Set("rss", Kilobytes(c, "Rss"));
        c.Load("value", c.P(0));
        c.Load("last", c.Address + c.Length - 1);
        return true;
    }

    private static long Kilobytes(Cell c, string name) => c.Process.Smaps(c.Address).Value is { } area && area.Kilobytes.TryGetValue(name, out var value) ? value : -1;

    private static void CollapseAfter(Cell c, int pages)
    {
        Touch(c, pages);
        Collapse(c);
    }

    private static void CollapseHeld(Cell c, string field, Func<Cell, Result<long>> hold, bool advise)
    {
        Touch(c, PagesOfAll);
        c.Call(field, hold(c));
        if (Collapse(c) && advise)
        {
            c.Call("collapse", c.Process.Madvise(c.Address, c.Length, CollapseAdvice));
        }
    }

    private static void CollapseForked(Cell c)
    {
        Touch(c, PagesOfAll);
        var child = c.Fork();
        if (Collapse(c))
        {
            c.Call("collapse", c.Process.Madvise(c.Address, c.Length, CollapseAdvice));
            c.Answer.Set("anon_huge_after", Kilobytes(c, "AnonHugePages"));
        }

        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
    }

    // ---- nodes ----
    private static void Migrate(Cell c)
    {
        var process = Real(c.Process);
        c.Main(Long(process.MigratePages(1, 1)));
        c.Call("from1", Long(process.MigratePages(2, 1)));
        c.Call("to1", Long(process.MigratePages(1, 2)));
    }

    private static Result<long> Long(Result<int> result) => result.IsOk ? result.Value : result.Verdict;

    private static void NumaMaps(Cell c)
    {
        c.Main(Verdict.Ok);
        var maps = Real(c.Process).ReadNumaMaps();
        c.Note(maps.Verdict);
        foreach (var area in maps.Value)
        {
            if (area.Start == c.Address)
            {
                c.Answer.Set("line", ((SimulatedProcess)c.Process).AsRecorded(area));
            }
        }
    }

    // ---- command lines ----
    private static void CommandLine(Cell c)
    {
        var process = Real(c.Process);
        if (!c.Main(process.PlaceArguments(c.P(0), c.P(0) + 8)))
        {
            return;
        }

        c.Answer.Set("cmdline", Text(process.ReadCommandLine()));
        c.Call("env", process.PlaceEnvironment(c.P(0), c.P(0) + 8));
        c.Answer.Set("environ", Text(process.ReadEnvironment()));
    }

    private static string Text(byte[] bytes) => $"{bytes.Length}:{string.Concat(bytes.Take(4).Select(Cell.ByteText))}";
}
