using System.Globalization;
using DaxSim.AddressSpaces;
using DaxSim.Conformance.Adapter;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Processes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>What the kernel lab's <c>numa</c> mode records on a machine with two nodes: where pages come from, what moves them, and automatic balancing.</summary>
internal static class NodeOperations
{
    private const string Prefix = "numa_";

    /// <summary>True for operations that were recorded on two nodes.</summary>
    internal static bool Needs(string operation) => operation.StartsWith(Prefix, StringComparison.Ordinal) && operation != "numa_maps";

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("numa_place_cpu0", static c => Place(c, MemoryPolicyMode.Default, 0, 0)),
        ("numa_place_cpu1", static c => Place(c, MemoryPolicyMode.Default, 0, 1)),
        ("numa_place_bind", static c => Place(c, MemoryPolicyMode.Bind, 2, 0)),
        ("numa_place_preferred", static c => Place(c, MemoryPolicyMode.Preferred, 2, 0)),
        ("numa_place_empty", static c => Place(c, MemoryPolicyMode.Preferred, 0, 1)),
        ("numa_place_interleave", static c => Place(c, MemoryPolicyMode.Interleave, 3, 0)),
        ("numa_place_local", static c => Place(c, MemoryPolicyMode.Local, 0, 1)),
        ("numa_place_many", static c => Place(c, MemoryPolicyMode.PreferredMany, 2, 0)),
        ("numa_place_weighted", static c => Place(c, MemoryPolicyMode.WeightedInterleave, 3, 0)),
        ("numa_place_fork", PlaceInChild),
        ("numa_bind", static c => Bind(c, MemoryPolicyMode.Bind, 2, MbindFlags.None)),
        ("numa_bind_strict", static c => Bind(c, MemoryPolicyMode.Bind, 2, MbindFlags.Strict)),
        ("numa_bind_move", static c => Bind(c, MemoryPolicyMode.Bind, 2, MbindFlags.Move)),
        ("numa_bind_both", static c => Bind(c, MemoryPolicyMode.Bind, 2, MbindFlags.Move | MbindFlags.Strict)),
        ("numa_bind_interleave", static c => Bind(c, MemoryPolicyMode.Interleave, 3, MbindFlags.None)),
        ("numa_bind_spread", static c => Bind(c, MemoryPolicyMode.Interleave, 3, MbindFlags.Move)),
        ("numa_bind_preferred", static c => Bind(c, MemoryPolicyMode.Preferred, 2, MbindFlags.Move)),
        ("numa_bind_many", static c => Bind(c, MemoryPolicyMode.PreferredMany, 2, MbindFlags.Move)),
        ("numa_bind_local", static c => Bind(c, MemoryPolicyMode.Local, 0, MbindFlags.None)),
        ("numa_bind_weighted", static c => Bind(c, MemoryPolicyMode.WeightedInterleave, 3, MbindFlags.None)),
        ("numa_bind_here", static c => Bind(c, MemoryPolicyMode.Bind, 1, MbindFlags.Strict)),
        ("numa_bind_part", BindPart),
        ("numa_bind_fork", BindAndFork),
        ("numa_bind_held", static c => BindBesides(c, Hold)),
        ("numa_bind_pinned", static c => BindBesides(c, Pin)),
        ("numa_bind_shared", BindShared),
        ("numa_bind_errors", BindErrors),
        ("numa_move", Move),
        ("numa_move_errors", MoveErrors),
        ("numa_move_held", static c => MoveBesides(c, Hold)),
        ("numa_move_pinned", static c => MoveBesides(c, Pin)),
        ("numa_move_shared", MoveShared),
        ("numa_migrate", Migrate),
        ("numa_migrate_held", static c => MigrateBesides(c, Hold)),
        ("numa_migrate_pinned", static c => MigrateBesides(c, Pin)),
        ("numa_migrate_shared", MigrateShared),
        ("numa_get", Ask),
        ("numa_hint", static c => Balance(c, static c => c.Main(Verdict.Ok))),
        ("numa_hint_held", static c => Balance(c, static c => c.Main(HeldBy(c)))),
        ("numa_hint_pinned", static c => Balance(c, static c =>
        {
            c.Main(Verdict.Ok);
            Pin(c);
        })),
        ("numa_hint_shared", BalanceShared),
        ("numa_hint_bound", static c => Balance(c, static c => c.Main(Real(c).Mbind(c.Address, c.Length, MemoryPolicyMode.Bind, 3)))),
        ("numa_hint_task", static c => Balance(c, static c => c.Main(Real(c).SetMemoryPolicy(MemoryPolicyMode.Bind, 3, MemoryPolicyFlags.NumaBalancing)))),
        ("numa_hint_far", static c => Balance(c, static c => c.Main(Real(c).SetMemoryPolicy(MemoryPolicyMode.Bind, 2, MemoryPolicyFlags.NumaBalancing)))),
    ];

    private static Process Real(Cell c) => ScanOperations.Real(c.Process);

    private static ulong[] Pages(Cell c) => [c.P(0), c.P(1), c.P(2), c.P(3)];

    private static Result<long> Long(Result<int> result) => result.IsOk ? result.Value : result.Verdict;

    private static string StatusText(IEnumerable<int> status) => string.Join(' ', status.Select(s => s < 0 ? ((Errno)(-s)).ToString() : s.ToString(CultureInfo.InvariantCulture)));

    private static string NodesText(Cell c, ISimulatedProcess process)
    {
        var status = ScanOperations.Real(process).MovePages(Pages(c), null);
        c.Note(status.Verdict);
        return status.IsOk ? StatusText(status.Value.Status) : status.Verdict.Errno.ToString();
    }

    private static void Nodes(Cell c, string field) => c.Answer.Set(field, NodesText(c, c.Process));

    private static string LinesText(Cell c, ISimulatedProcess process)
    {
        var maps = ScanOperations.Real(process).ReadNumaMaps();
        c.Note(maps.Verdict);
        return string.Join(" | ", maps.Value.Where(a => a.Start >= c.Address && a.Start < c.Address + c.Length).Select(((SimulatedProcess)process).AsRecorded));
    }

    private static void Lines(Cell c, string field) => c.Answer.Set(field, LinesText(c, c.Process));

    private static bool Touch(Cell c, ISimulatedProcess process, int page, bool write)
    {
        var touched = write ? process.Store(c.P(page), (byte)'n') : process.Load(c.P(page)).Verdict;
        c.Note(touched);
        return touched.IsOk;
    }

    private static void StoreAll(Cell c, ISimulatedProcess process)
    {
        for (var page = 0; page < 4 && (ulong)page * Page < c.Length && Touch(c, process, page, c.Mapping.IsWritable); page++)
        {
        }
    }

    private static Result<long> HeldBy(Cell c) => c.Process.Vmsplice(c.Machine.CreatePipe(), c.P(1), Page, SpliceNonBlock);

    private static void Hold(Cell c) => c.Call("vmsplice", HeldBy(c));

    private static void Pin(Cell c)
    {
        var ring = c.Process.CreateRing();
        if (ring.IsOk)
        {
            c.Call("register", ring.Value.Register(c.P(1), Page));
        }
        else
        {
            c.Answer.Set("register", "nosys");
        }
    }

    /// <summary>A child that maps the same and has looked at every page.</summary>
    private static ISimulatedProcess Sharer(Cell c)
    {
        var child = c.Fork();
        for (var page = 0; page < 4; page++)
        {
            Touch(c, child, page, write: false);
        }

        return child;
    }

    private static void EndSharer(Cell c, ISimulatedProcess child)
    {
        c.Answer.Set("child", NodesText(c, child));
        child.Exit();
    }

    // ---- where pages come from ----
    private static void Place(Cell c, MemoryPolicyMode mode, ulong nodes, int processor)
    {
        c.Note(Real(c).RunOnNode(processor));
        if (!c.Main(Real(c).SetMemoryPolicy(mode, nodes)))
        {
            return;
        }

        var got = Real(c).GetMemoryPolicy();
        c.Call("get", got.Verdict);
        c.Answer.Set("mode", got.Value.Word).Set("mask", (long)got.Value.Nodes);
        StoreAll(c, c.Process);
        Nodes(c, "nodes");
        Lines(c, "lines");
    }

    private static void PlaceInChild(Cell c)
    {
        if (!c.Main(Real(c).SetMemoryPolicy(MemoryPolicyMode.Bind, 2)))
        {
            return;
        }

        var child = c.Fork();
        StoreAll(c, child);
        EndSharer(c, child);
        Nodes(c, "nodes");
    }

    // ---- mbind ----
    private static void Bind(Cell c, MemoryPolicyMode mode, ulong nodes, MbindFlags flags)
    {
        c.Main(Real(c).Mbind(c.Address, c.Length, mode, nodes, flags));
        Nodes(c, "bound");
        StoreAll(c, c.Process);
        Nodes(c, "stored");
        Lines(c, "lines");
    }

    private static void BindPart(Cell c)
    {
        if (!c.Main(Real(c).Mbind(c.P(1), 2 * Page, MemoryPolicyMode.Bind, 2)))
        {
            return;
        }

        Lines(c, "lines");
        c.Call("same", Real(c).Mbind(c.P(0), Page, MemoryPolicyMode.Bind, 2));
        Lines(c, "joined");
        c.Call("mprotect", c.Process.Mprotect(c.P(0), Page, 1));
        c.Call("default", Real(c).Mbind(c.P(0), 4 * Page, MemoryPolicyMode.Default, 0));
        Lines(c, "reset");
    }

    private static void BindAndFork(Cell c)
    {
        if (!c.Main(Real(c).Mbind(c.P(0), 2 * Page, MemoryPolicyMode.Bind, 2)))
        {
            return;
        }

        var child = c.Fork();
        StoreAll(c, child);
        c.Answer.Set("child_lines", LinesText(c, child));
        EndSharer(c, child);
        Nodes(c, "nodes");
        Lines(c, "lines");
    }

    private static void BindBesides(Cell c, Action<Cell> hold)
    {
        hold(c);
        c.Main(Real(c).Mbind(c.Address, c.Length, MemoryPolicyMode.Bind, 2, MbindFlags.Move | MbindFlags.Strict));
        Nodes(c, "nodes");
    }

    private static void BindShared(Cell c)
    {
        var child = Sharer(c);
        c.Main(Real(c).Mbind(c.Address, c.Length, MemoryPolicyMode.Bind, 2, MbindFlags.Move));
        Nodes(c, "nodes");
        c.Call("all", Real(c).Mbind(c.Address, c.Length, MemoryPolicyMode.Bind, 2, MbindFlags.MoveAll));
        Nodes(c, "nodes_all");
        EndSharer(c, child);
    }

    private static void BindErrors(Cell c)
    {
        var process = Real(c);
        var (at, length) = (c.Address, c.Length);
        const MemoryPolicyMode none = (MemoryPolicyMode)77;
        c.Main(process.Mbind(at, length, none, 1));
        c.Call("empty", process.Mbind(at, length, MemoryPolicyMode.Bind, 0));
        c.Call("node5", process.Mbind(at, length, MemoryPolicyMode.Bind, 32));
        c.Call("node15", process.Mbind(at, length, MemoryPolicyMode.Bind, 34));
        c.Call("unaligned", process.Mbind(at + 1, Page, MemoryPolicyMode.Bind, 1));
        c.Call("flags", process.Mbind(at, length, MemoryPolicyMode.Bind, 1, (MbindFlags)64));
        c.Call("default_nodes", process.Mbind(at, length, MemoryPolicyMode.Default, 1));
        c.Call("default_strict", process.Mbind(at, length, MemoryPolicyMode.Default, 0, MbindFlags.Strict));
        c.Call("local_nodes", process.Mbind(at, length, MemoryPolicyMode.Local, 1));
        c.Call("zero", process.Mbind(at, 0, MemoryPolicyMode.Bind, 1));
        c.Call("hole", process.Mbind(at, length + Page, MemoryPolicyMode.Bind, 2));
        Lines(c, "after_hole");
        c.Call("backwards", process.Mbind(at, unchecked(0 - Page), MemoryPolicyMode.Bind, 1));
        c.Call("set_mode", process.SetMemoryPolicy(none, 1));
        c.Call("set_empty", process.SetMemoryPolicy(MemoryPolicyMode.Bind));
        c.Call("set_node5", process.SetMemoryPolicy(MemoryPolicyMode.Bind, 32));
        c.Call("set_default_nodes", process.SetMemoryPolicy(MemoryPolicyMode.Default, 1));
    }

    // ---- moves ----
    private static Result<long> MoveTo(Cell c, int node, MbindFlags flags, string field)
    {
        const int unwritten = 77;
        var moved = Real(c).MovePages(Pages(c), [node, node, node, node], flags, unwritten: unwritten);
        c.Answer.Set(field, StatusText(moved.IsOk ? moved.Value.Status : [unwritten, unwritten, unwritten, unwritten]));
        return moved.IsOk ? moved.Value.NotMoved : moved.Verdict;
    }

    private static void Move(Cell c)
    {
        c.Main(MoveTo(c, 1, MbindFlags.Move, "status"));
        Nodes(c, "nodes");
        c.Load("value", c.P(0));
        Lines(c, "lines");
        c.Call("back", MoveTo(c, 0, MbindFlags.Move, "status_back"));
        Nodes(c, "nodes_back");
    }

    private static void MoveErrors(Cell c)
    {
        c.Main(MoveTo(c, 5, MbindFlags.Move, "status"));
        c.Call("negative", MoveTo(c, -1, MbindFlags.Move, "status_negative"));
        c.Call("flags", MoveTo(c, 1, (MbindFlags)64, "status_flags"));
        c.Note(c.Process.Munmap(c.P(1), Page));
        c.Call("hole", MoveTo(c, 1, MbindFlags.Move, "status_hole"));
        Nodes(c, "nodes");
    }

    private static void MoveBesides(Cell c, Action<Cell> hold)
    {
        hold(c);
        c.Main(MoveTo(c, 1, MbindFlags.Move, "status"));
        Nodes(c, "nodes");
    }

    private static void MoveShared(Cell c)
    {
        var child = Sharer(c);
        c.Main(MoveTo(c, 1, MbindFlags.Move, "status"));
        Nodes(c, "nodes");
        c.Call("all", MoveTo(c, 1, MbindFlags.MoveAll, "status_all"));
        Nodes(c, "nodes_all");
        EndSharer(c, child);
    }

    private static void Migrate(Cell c)
    {
        c.Main(Long(Real(c).MigratePages(1, 2)));
        Nodes(c, "nodes");
        Lines(c, "lines");
        c.Call("back", Long(Real(c).MigratePages(2, 1)));
        Nodes(c, "nodes_back");
        c.Call("to5", Long(Real(c).MigratePages(1, 32)));
        c.Call("from5", Long(Real(c).MigratePages(32, 1)));
    }

    /// <summary>How many pages of the recorder's own stayed is not told, only whether the call succeeded.</summary>
    private static void MigrateAnyway(Cell c) => c.Main(Real(c).MigratePages(1, 2).IsOk ? 1L : 0L);

    private static void MigrateBesides(Cell c, Action<Cell> hold)
    {
        hold(c);
        MigrateAnyway(c);
        Nodes(c, "nodes");
    }

    private static void MigrateShared(Cell c)
    {
        var child = Sharer(c);
        MigrateAnyway(c);
        Nodes(c, "nodes");
        EndSharer(c, child);
    }

    // ---- get_mempolicy ----
    private static void Ask(Cell c)
    {
        c.Main(Real(c).Mbind(c.Address, c.Length, MemoryPolicyMode.Bind, 2));
        foreach (var (field, address, query) in (ReadOnlySpan<(string, ulong, int)>)
            [("task", 0, 0), ("address", c.P(0), 2), ("node", c.P(0), 3), ("allowed", 0, 4), ("allowed_address", c.P(0), 6), ("no_flag", c.P(0), 0), ("next", 0, 1), ("nothing", 4096, 2), ("nothing_node", 4096, 3), ("unknown", 0, 64)])
        {
            var got = Real(c).GetMemoryPolicy((MemoryPolicyQuery)query, address);
            c.Note(got.Verdict);
            c.Answer.Set(field, got.IsOk ? $"{got.Value.Word} {got.Value.Nodes:x}" : got.Verdict.Errno.ToString());
        }
    }

    // ---- automatic balancing ----
    private static void GoFar(Cell c)
    {
        c.Note(Real(c).RunOnNode(1));
        if (c.State == "rd")
        {
            for (var page = 0; page < 4; page++)
            {
                Touch(c, c.Process, page, write: false);
            }
        }
        else
        {
            StoreAll(c, c.Process);
        }

        c.Note(Real(c).MovePages(Pages(c), [1, 1, 1, 1]).Verdict);
    }

    private static void Watch(Cell c)
    {
        Nodes(c, "before");
        Lines(c, "lines_before");
        c.Note(Real(c).RunOnNode(0));
        for (var round = 0; round < 3; round++)
        {
            for (var page = 0; page < 4; page++)
            {
                Touch(c, c.Process, page, c.Mapping.IsWritable && c.State != "rd");
            }

            ScanOperations.Real(c.Machine).PlantNumaHints(Real(c));
        }

        for (var page = 0; page < 4; page++)
        {
            Touch(c, c.Process, page, write: false);
        }

        Nodes(c, "after");
        Lines(c, "lines_after");
    }

    private static void Balance(Cell c, Action<Cell> before)
    {
        GoFar(c);
        before(c);
        Watch(c);
    }

    private static void BalanceShared(Cell c)
    {
        GoFar(c);
        var child = Sharer(c);
        c.Main(Verdict.Ok);
        Watch(c);
        EndSharer(c, child);
    }
}
