using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Reading;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Locking and populating.</summary>
internal static class PopulateOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("mlock", Mlock),
        ("mlock_onfault", MlockOnFault),
        ("mlock_fork", MlockFork),
        ("map_populate", static c => MapAgain(c, MapPopulate)),
        ("map_locked", static c => MapAgain(c, MapLocked)),
        ("populate_read", static c => Populate(c, AdvicePopulateRead)),
        ("populate_write", static c => Populate(c, AdvicePopulateWrite)),
    ];

    /// <summary>Which of pages 0 to 3 pagemap calls present.</summary>
    internal static void Present(Cell c, string field = "present")
    {
        var bits = new List<int>();
        for (var page = 0; page < 4 && (ulong)page * Page < c.Length; page++)
        {
            var entry = c.Process.Pagemap(c.P(page));
            c.Note(entry.Verdict);
            bits.Add(entry is { IsOk: true, Value.Present: true } ? 1 : 0);
        }

        c.Answer.Set(field, FieldValue.OfJson($"[{string.Join(",", bits)}]"));
    }

    private static void Locked(Cell c, string field, ISimulatedProcess process)
    {
        var kilobytes = process.LockedKilobytes();
        c.Note(kilobytes.Verdict);
        c.Answer.Set(field, kilobytes.Value);
    }

    private static void Mlock(Cell c)
    {
        c.Main(c.Process.Mlock(c.Address, c.Length));
        Locked(c, "vmlck_kb", c.Process);
        Present(c);
        c.Call("munlock", c.Process.Munlock(c.Address, c.Length));
    }

    private static void MlockOnFault(Cell c)
    {
        c.Main(c.Process.MlockOnFault(c.Address, c.Length));
        Locked(c, "vmlck_kb", c.Process);
        Present(c);
    }

    private static void MlockFork(Cell c)
    {
        c.Main(c.Process.Mlock(c.Address, c.Length));
        var child = c.Fork();
        var kilobytes = child.LockedKilobytes();
        c.Note(kilobytes.Verdict);
        c.Answer.Set("child_vmlck_kb", $"{kilobytes.Value}");
        c.Answer.Set("child", c.LoadText(child, c.P(0)));
        child.Exit();
    }

    private static void MapAgain(Cell c, int flag)
    {
        if (c.Mapping.Kind == MappingKind.Special)
        {
            c.Skip();
        }

        c.Note(c.Process.Munmap(c.Address, c.Length));
        if (CellConstruction.Construct(c, flag))
        {
            c.Main(Outcomes.Verdict.Ok);
            Present(c);
        }
    }

    private static void Populate(Cell c, int advice)
    {
        c.Main(c.Process.Madvise(c.Address, c.Length, advice));
        Present(c);
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.Load("value", c.P(0));
        }
    }
}
