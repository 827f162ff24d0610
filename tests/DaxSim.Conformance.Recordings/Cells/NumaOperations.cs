using DaxSim.Outcomes;

namespace DaxSim.Conformance.Cells;

/// <summary>NUMA calls on a machine with one node, and MSG_ZEROCOPY.</summary>
internal static class NumaOperations
{
    internal static IEnumerable<(string Name, CellOperation Operation)> All =>
    [
        ("move_pages_status", static c => MovePages(c, null)),
        ("move_pages_move", static c => MovePages(c, 0)),
        ("get_mempolicy_addr", NodeOf),
        ("mbind", static c => c.Main(c.Process.Mbind(c.Address, c.Length))),
        ("zerocopy_send", SendZeroCopy),
    ];

    private static void MovePages(Cell c, int? node)
    {
        var status = c.Process.MovePages([c.P(0), c.P(1)], node);
        c.Main(status.Verdict);
        for (var i = 0; i < 2; i++)
        {
            var value = status.IsOk ? status.Value[i] : -99;
            c.Answer.Set($"status{i}", value is < 0 and not -99 ? ((Errno)(-value)).ToString() : $"{value}");
        }
    }

    private static void NodeOf(Cell c)
    {
        var node = c.Process.NodeOf(c.P(0));
        c.Main(node.Verdict);
        c.Answer.Set("node", node.IsOk ? node.Value : -1);
    }

    private static void SendZeroCopy(Cell c)
    {
        c.Answer.Set("so_zerocopy", "0");
        var sent = c.Process.SendZeroCopy(c.P(0), Adapter.LinuxNumbers.Page);
        if (c.Main(sent.IsOk ? sent.Value.Count : sent.Verdict, (long)Adapter.LinuxNumbers.Page) && c.Mapping.Kind != MappingKind.Special)
        {
            c.Answer.Set("received", Cell.ByteText(sent.Value.First));
        }
    }
}
