using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>brk. Source: brk and do_brk_flags of mm/mmap.c.</summary>
public class HeapTests
{
    private const ulong Page = Scene.Page;

    private static (Scene Scene, Actor Process, ulong Start) Begun(string kernel = "6.12")
    {
        var scene = Scene.X86(kernel);
        var process = scene.Spawn();
        return (scene, process, process.Process.Brk(0));
    }

    [Theory]
    [InlineData("3.10")]
    [InlineData("4.14")]
    [InlineData("7.2")]
    public void The_heap_grows_shrinks_and_tells_where_it_ends(string kernel)
    {
        var (scene, process, start) = Begun(kernel);

        scene.Step(() => process.Process.Brk(start + (3 * Page))).Should().Be(start + (3 * Page));
        process.Store(start + (2 * Page), 'h');
        process.Process.Maps.Single(m => m.Start == start).Name.Should().Be("[heap]");
        scene.Step(() => process.Process.Brk(start + Page)).Should().Be(start + Page);

        process.TryLoad(start + (2 * Page)).Verdict.Signal.Code.Should().Be(SiCode.SEGV_MAPERR);
        process.Load(start).Should().Be('\0');
        process.Process.Brk(0).Should().Be(start + Page);
    }

    [Fact]
    public void Within_a_page_only_the_number_moves()
    {
        var (scene, process, start) = Begun();
        scene.Step(() => process.Process.Brk(start + 100)).Should().Be(start + 100);

        scene.Step(() => process.Process.Brk(start + 200)).Should().Be(start + 200);

        process.Process.Maps.Single(m => m.Start == start).End.Should().Be(start + Page);
    }

    [Fact]
    public void What_is_below_the_heap_or_beyond_user_space_changes_nothing()
    {
        var (scene, process, start) = Begun();
        scene.Step(() => process.Process.Brk(start + Page)).Should().Be(start + Page);

        scene.Step(() => process.Process.Brk(start - 1)).Should().Be(start + Page);
        scene.Step(() => process.Process.Brk(ulong.MaxValue - 5)).Should().Be(start + Page);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_page_stays_free_below_the_next_area(ulong distance, bool grows)
    {
        var (scene, process, start) = Begun();
        process.Map(Backing.Anon, 1, shared: false, more: MapFlags.Fixed, at: start + (distance * Page));

        scene.Step(() => process.Process.Brk(start + (2 * Page))).Should().Be(grows ? start + (2 * Page) : start);
    }

    [Fact]
    public void Fork_copies_the_heap_and_each_goes_on_alone()
    {
        var (scene, process, start) = Begun();
        scene.Step(() => process.Process.Brk(start + Page));
        process.Store(start, 'h');

        var child = process.Fork();
        scene.Step(() => child.Process.Brk(start + (2 * Page))).Should().Be(start + (2 * Page));

        child.Load(start).Should().Be('h');
        process.Process.Brk(0).Should().Be(start + Page);
    }

    [Fact]
    public void Without_memory_the_heap_stays_where_it_is()
    {
        var (scene, process, start) = Begun();
        scene.Step(() => process.Process.Brk(start + (4 * Page)));
        process.Store(start, 'h');
        scene.Mm.FailAllocation = 1;

        scene.Step(() => process.Process.Brk(start + (3 * Page))).Should().Be(start + (4 * Page), "the area cannot be cut");

        scene.Mm.FailAllocation = 0;
        process.Load(start + (3 * Page)).Should().Be('\0');
    }

    [Fact]
    public void Locking_the_future_faults_the_heap_in()
    {
        var (scene, process, start) = Begun();
        process.Process.MlockAll(current: false, future: true).Should().Be(Verdict.Ok);

        scene.Step(() => process.Process.Brk(start + (2 * Page)));

        process.Process.View(start + Page).Level.Should().Be("PTE");
        process.Process.LockedBytes.Should().Be(2 * (long)Page);
    }

    [Fact]
    public void A_heap_survives_a_snapshot()
    {
        var (scene, process, start) = Begun();
        var snapshot = scene.Machine.Snapshot();
        scene.Step(() => process.Process.Brk(start + Page));

        scene.Machine.Restore(snapshot);

        process.Process.Brk(0).Should().Be(start);
        scene.Machine.Clone().FindProcess(process.Process.Id)!.Brk(0).Should().Be(start);
    }
}
