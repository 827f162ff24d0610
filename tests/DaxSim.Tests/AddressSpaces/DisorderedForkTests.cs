using DaxSim.AddressSpaces;
using DaxSim.Policy;
using DaxSim.Processes;


namespace DaxSim.Tests.AddressSpaces;

/// <summary>fork and exit of page tables whose entries all differ: whole tables at once, with the outcome of entry by entry.</summary>
public class DisorderedForkTests
{
    private const ulong Page = 4096;
    private const ulong Pages = 1700;

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var kernel in new[] { "3.10", "4.14", "5.8", "5.10", "5.15", "6.1", "7.2" })
            {
                for (var seed = 0; seed < 6; seed++)
                {
                    cases.Add(kernel, seed);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Whole_page_tables_and_single_entries_have_the_same_outcome(string kernel, int seed)
    {
        var whole = Play(kernel, seed, traced: false);
        var single = Play(kernel, seed, traced: true);

        whole.Should().Equal(single);
    }

    [Fact]
    public void The_pages_of_a_forked_mapping_in_disorder_are_one_record()
    {
        var (machine, process, address) = Build("6.1", 0);
        for (var i = 0UL; i < Pages; i++)
        {
            process.WriteByte(address + (i * 613 % Pages * Page), 1);
        }

        var child = process.Fork().Value;

        machine.Memory.Pages.SegmentCount.Should().BeLessThan(8);
        machine.Audit().Should().BeEmpty();
        child.Exit();
        machine.Memory.Pages.SegmentCount.Should().BeLessThan(8);
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Snapshots_and_clones_keep_page_tables_that_a_child_has_not_looked_at(int seed)
    {
        var random = new Random(seed);
        var (machine, process, address) = Build("6.1", (ulong)random.Next(512));
        Write(process);
        var family = new List<Process> { process };
        var marks = new List<(MachineSnapshot State, string Fingerprint, Process[] Family)>();
        for (var step = 0; step < 60; step++)
        {
            var actor = family[random.Next(family.Count)];
            switch (random.Next(6))
            {
                case 0 when family.Count < 5:
                    family.Add(actor.Fork().Value);
                    break;
                case 1 when family.Count > 1:
                    family.Remove(actor);
                    actor.Exit();
                    break;
                case 2:
                    marks.Add((machine.Snapshot(), Fingerprint(), [.. family]));
                    break;
                case 3 when marks.Count > 0:
                    var mark = marks[random.Next(marks.Count)];
                    machine.Restore(mark.State);
                    family = [.. mark.Family];
                    Fingerprint().Should().Be(mark.Fingerprint);
                    break;
                case 4:
                    var clone = machine.Clone();
                    var same = clone.Fingerprint();
                    Write(actor);
                    clone.Fingerprint().Should().Be(same);
                    clone.Audit().Should().BeEmpty();
                    break;
                default:
                    Write(actor);
                    break;
            }

            machine.Audit().Should().BeEmpty();
        }

        void Write(Process writer)
        {
            for (var i = random.Next(700); i > 0; i--)
            {
                writer.WriteByte(address + ((ulong)random.Next((int)Pages) * Page), (byte)random.Next(256));
            }
        }

        // Every other time of a clone, which looks at the tables of its own only, so that those of the machine stay as they are.
        string Fingerprint() => random.Next(2) == 0 ? machine.Clone().Fingerprint() : machine.Fingerprint();
    }

    [Fact]
    public void A_set_of_pages_gives_back_the_ranges_that_were_put_in()
    {
        // Against a sorted set as the model.
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var set = new PageSet();
            set.Cover(1000, 3000);
            var model = new SortedSet<ulong>();
            for (var i = random.Next(1500); i > 0; i--)
            {
                var pfn = (ulong)random.Next(1000, 3000);
                for (var next = pfn; next < Math.Min(3000, pfn + (ulong)random.Next(200)); next++)
                {
                    set.TryAdd(next).Should().Be(model.Add(next));
                }
            }

            set.TryAdd(3000).Should().BeFalse();
            var found = new List<ulong>();
            for (ulong from = 0; set.TryTakeRange(from, out var start, out var end); from = end)
            {
                end.Should().BeGreaterThan(start);
                for (var pfn = start; pfn < end; pfn++)
                {
                    found.Add(pfn);
                }
            }

            found.Should().Equal(model);
            set.TryTakeRange(0, out _, out _).Should().BeFalse();
        }
    }

    private static (Machine Machine, Process Process, ulong Address) Build(string kernel, ulong shift)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("64M"));
        var process = machine.Spawn("forker");
        return (machine, process, process.Mmap(0x7000_0000_0000 + (shift * Page), Pages * Page, Prot.Read | Prot.Write, MapFlags.Private | MapFlags.Fixed).Value);
    }

    /// <summary>Random stores, protections, advice, forks and exits; the state after each fork and exit.</summary>
    private static List<string> Play(string kernel, int seed, bool traced)
    {
        var random = new Random(seed);
        var (machine, process, address) = Build(kernel, (ulong)random.Next(512));
        var states = new List<string>();
        var family = new List<Process> { process };
        for (var step = 0; step < 30; step++)
        {
            var actor = family[random.Next(family.Count)];
            switch (random.Next(6))
            {
                case 0 when family.Count < 5:
                    Record(() => family.Add(actor.Fork().Value));
                    break;
                case 1 when family.Count > 1:
                    family.Remove(actor);
                    Record(actor.Exit);
                    break;
                case 2:
                    actor.Madvise(address + ((ulong)random.Next((int)Pages) * Page), 40 * Page, Advice.DontNeed);
                    break;
                case 3:
                    for (var i = 0; i < 50; i++)
                    {
                        actor.ReadByte(address + ((ulong)random.Next((int)Pages) * Page));
                    }

                    break;
                default:
                    for (var i = 0; i < 500; i++)
                    {
                        actor.WriteByte(address + ((ulong)random.Next((int)Pages) * Page), 1);
                    }

                    break;
            }
        }

        foreach (var left in family)
        {
            Record(left.Exit);
        }

        machine.Memory.AllocatedPages.Should().Be(0);
        return states;

        void Record(Action action)
        {
            // While it is explained, an operation looks at every entry by itself.
            machine.MemoryManager.Trace = traced ? new DaxSim.Outcomes.DecisionTrace() : null;
            action();
            machine.MemoryManager.Trace = null;
            states.Add(machine.Fingerprint());
            machine.Audit().Should().BeEmpty();
        }
    }
}
