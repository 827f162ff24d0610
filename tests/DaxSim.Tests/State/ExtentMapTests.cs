using System.Runtime.CompilerServices;
using CsCheck;
using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.Tests.State;

/// <summary>The map that keeps equal neighbours as one record says what a plain dictionary says, however its values were changed.</summary>
public class ExtentMapTests
{
    private const int Keys = 1200;

    private static readonly Gen<(int Kind, int Start, int Length, int Value)> Change = Gen.Select(Gen.Int[0, 4], Gen.Int[0, Keys - 1], Gen.Int[1, 40], Gen.Int[0, 3]);

    [Fact]
    public void It_agrees_with_a_dictionary()
        => Change.Array[1, 400].Sample(
            changes =>
            {
                var journal = new Journal();
                var map = new ExtentMap<PageState>(journal);
                var plain = new int[Keys];
                var (marked, then) = (journal.Mark(), (int[])plain.Clone());
                foreach (var (kind, start, length, value) in changes)
                {
                    switch (kind)
                    {
                        case 0:
                            var end = Math.Min(start + length, Keys);
                            map.Set((ulong)start, (ulong)end, State(value));
                            plain.AsSpan(start, end - start).Fill(value);
                            break;
                        case 1:
                            Alter(map, start, value);
                            plain[start] = value;
                            break;
                        case 2:
                            map[(ulong)start] = State(value);
                            plain[start] = value;
                            break;
                        case 3:
                            (marked, then) = (journal.Mark(), (int[])plain.Clone());
                            break;
                        default:
                            journal.Return(marked);
                            plain = (int[])then.Clone();
                            break;
                    }
                }

                return Enumerable.Range(0, Keys).All(k => map[(ulong)k].References == plain[k] && map.Peek((ulong)k).References == plain[k])
                    && map.Extents().Sum(e => (long)e.Length) == plain.Count(v => v != 0);
            },
            iter: 300);

    [Fact]
    public void A_value_changed_in_place_joins_its_neighbours_again()
    {
        var map = new ExtentMap<PageState>(new Journal());
        map.Set(0, 9, State(1));

        map[4] = State(2);
        map.SegmentCount.Should().Be(3);
        Alter(map, 4, 1);

        map.SegmentCount.Should().Be(1);
        map[4].References.Should().Be(1);
    }

    [Fact]
    public void A_value_changed_in_place_to_nothing_leaves_no_record()
    {
        var map = new ExtentMap<PageState>(new Journal());
        map[7] = State(3);

        Alter(map, 7, 0);

        map.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void A_key_that_shares_its_record_has_no_cell()
    {
        var map = new ExtentMap<PageState>(new Journal());
        map.Set(0, 2, State(1));

        Unsafe.IsNullRef(ref map.Cell(0, out _)).Should().BeTrue();
        Unsafe.IsNullRef(ref map.Cell(5, out _)).Should().BeTrue();
    }

    private static PageState State(int references) => new() { References = references };

    /// <summary>As struct pages are counted: in place where the key has a cell, otherwise by another value.</summary>
    private static void Alter(ExtentMap<PageState> map, int key, int value)
    {
        ref var cell = ref map.Cell((ulong)key, out var at);
        if (Unsafe.IsNullRef(ref cell))
        {
            map[(ulong)key] = State(value);
            return;
        }

        cell.References = value;
        map.Settle(at);
    }
}
