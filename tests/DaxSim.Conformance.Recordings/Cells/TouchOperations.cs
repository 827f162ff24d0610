using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>Loads, stores and instruction fetches.</summary>
internal static class TouchOperations
{
    private const byte Return = 0xc3;

    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("mmap", static c => c.Main(Outcomes.Verdict.Ok)),
        ("read", Read),
        ("write", Write),
        ("write_after_read", WriteAfterRead),
        ("file_write_visible", FileWriteVisible),
        ("exec", Execute),
        ("fault_count_read", static c => CountFaults(c, write: false)),
        ("fault_count_write", static c => CountFaults(c, write: true)),
    ];

    private static void Read(Cell c)
    {
        var value = c.Process.Load(c.P(0));
        if (c.MainAccess(value.Verdict) && c.Mapping.Kind != MappingKind.Special)
        {
            c.Answer.Set("value", Cell.ByteText(value.Value));
        }
    }

    private static void Write(Cell c)
    {
        c.MainAccess(c.Process.Store(c.P(0), (byte)'z'));
        if (c.Mapping.Kind != MappingKind.Special)
        {
            c.Load("after", c.P(0));
            c.FileByte("file", 0);
        }
    }

    private static void WriteAfterRead(Cell c)
    {
        c.Load("before", c.P(0));
        c.MainAccess(c.Process.Store(c.P(0), (byte)'z'));
        c.Load("after", c.P(0));
        c.Load("tail", c.P(0) + 2048);
        c.FileByte("file", 0);
    }

    private static void FileWriteVisible(Cell c)
    {
        if (!c.IsFile)
        {
            c.Skip();
        }

        c.Load("before", c.P(0));
        c.Main(c.WritableFile().Write("zzzz"u8.ToArray(), 0), 4);
        c.Load("after", c.P(0));
    }

    private static void Execute(Cell c)
    {
        if (c.IsFile)
        {
            c.Note(c.WritableFile().Write([Return], 0).Verdict);
        }

        if (c.Mapping.IsWritable)
        {
            c.Note(c.Process.Store(c.P(0), Return));
        }
        else if (c.Mapping.Kind is MappingKind.Special or MappingKind.Anonymous)
        {
            c.Skip();
        }

        var changed = c.Process.Mprotect(c.Address, c.Length, ProtRead | ProtExec);
        c.Call("mprotect", changed);
        if (!changed.IsOk)
        {
            c.Main(changed);
            return;
        }

        c.MainAccess(c.Process.Execute(c.P(0)));
    }

    private static void CountFaults(Cell c, bool write)
    {
        var before = c.Process.FaultCounts();
        c.Note(before.Verdict);
        var verdict = Outcomes.Verdict.Ok;
        for (ulong at = 0; at < c.Length && verdict.IsOk; at += Page)
        {
            verdict = write ? c.Process.Store(c.Address + at, (byte)'f') : c.Process.Load(c.Address + at).Verdict;
        }

        c.MainAccess(verdict);
        var after = c.Process.FaultCounts();
        c.Answer.Set("minflt", after.Value.Minor - before.Value.Minor);
        if (!write)
        {
            c.Answer.Set("majflt", after.Value.Major - before.Value.Major);
        }
    }
}
