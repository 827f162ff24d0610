namespace DaxSim.Tests.House;

/// <summary>The house's rooms (docs/architecture.md): who may know whom. Read from the compiled library.</summary>
public class ArchitectureTests
{
    /// <summary>The floors from the ground up; a room may use the rooms of lower floors only.</summary>
    private static readonly string[][] Floors =
    [
        ["DaxSim.Text", "DaxSim.State"],
        ["DaxSim.Policy"],
        ["DaxSim.Outcomes"],
        ["DaxSim.Memory"],
        ["DaxSim.Devices"],
        ["DaxSim.Devices.Drivers"],
        ["DaxSim.FileSystems"],
        ["DaxSim.AddressSpaces"],
        ["DaxSim.Processes"],
        ["DaxSim"],
        ["DaxSim.Cells"],
        ["DaxSim.Exploration"],
    ];

    private static readonly IReadOnlyCollection<Reference> References = CompiledReferences.Of(typeof(Machine).Assembly.Location);

    [Fact]
    public void Arrows_between_rooms_point_down_only()
    {
        var upwards = References
            .Where(r => FloorOf(Room(r.From)) is { } from && FloorOf(Room(r.To)) is { } to && Room(r.From) != Room(r.To) && to >= from)
            .Select(r => $"{r.From} uses {r.To} in {r.Member}");

        upwards.Order(StringComparer.Ordinal).Should().BeEmpty();
    }

    [Fact]
    public void Every_namespace_is_a_room_of_the_house()
    {
        References.SelectMany(r => new[] { Room(r.From), Room(r.To) }).Distinct()
            .Where(n => n.StartsWith("DaxSim", StringComparison.Ordinal))
            .Should().OnlyContain(n => FloorOf(n) != null);
    }

    [Fact]
    public void No_namespaces_form_a_cycle()
    {
        var arrows = References.Where(r => Room(r.From) != Room(r.To)).Select(r => (From: Room(r.From), To: Room(r.To))).Distinct().ToLookup(a => a.From, a => a.To);
        var cycles = new List<string>();
        foreach (var start in arrows.Select(a => a.Key).Order(StringComparer.Ordinal))
        {
            if (Reachable(arrows, start).Contains(start))
            {
                cycles.Add(start);
            }
        }

        cycles.Should().BeEmpty("a namespace must not reach itself through others");
    }

    [Fact]
    public void The_reader_sees_references_in_signatures_and_bodies()
    {
        // The machine holds a log (a signature) and builds a journal (a body): if these were missed, the tests above would prove nothing.
        References.Should().Contain(r => r.From == "DaxSim.Machine" && r.To == "DaxSim.Outcomes.KernelLog");
        References.Should().Contain(r => r.From == "DaxSim.Machine" && r.To == "DaxSim.State.Journal" && r.Member == ".ctor");
    }

    private static HashSet<string> Reachable(ILookup<string, string> arrows, string start)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>(arrows[start]);
        while (open.TryPop(out var room))
        {
            if (seen.Add(room))
            {
                foreach (var next in arrows[room])
                {
                    open.Push(next);
                }
            }
        }

        return seen;
    }

    private static string Room(string type) => type[..type.LastIndexOf('.')];

    private static int? FloorOf(string room) => Array.FindIndex(Floors, f => f.Contains(room)) is >= 0 and var floor ? floor : null;
}
