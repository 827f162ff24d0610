using DaxSim.AddressSpaces;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>How many faults a program takes, and which of them are major (getrusage). Sources: fault_count_read and fault_count_write of the cells.</summary>
public class FaultCountTests
{
    private static (long Minor, long Major) Count(Actor actor, Action touch)
    {
        var before = (actor.Process.MinorFaults, actor.Process.MajorFaults);
        touch();
        return (actor.Process.MinorFaults - before.MinorFaults, actor.Process.MajorFaults - before.MajorFaults);
    }

    private static (long Minor, long Major) Writes(Actor actor, ulong address, ulong step = Scene.Page, ulong length = 4 * Scene.Page) => Count(actor, () =>
    {
        for (ulong at = 0; at < length; at += step)
        {
            actor.Store(address + at, 'f');
        }
    });

    private static (long Minor, long Major) Reads(Actor actor, ulong address) => Count(actor, () =>
    {
        for (ulong at = 0; at < 4 * Scene.Page; at += Scene.Page)
        {
            actor.TryLoad(address + at).IsOk.Should().BeTrue();
        }
    });

    [Theory]
    [InlineData("5.0", 1, 1)]
    [InlineData("5.10", 0, 1)]
    [InlineData("7.2", 0, 1)]
    public void AReadThatMissesReadsAheadAndItsSecondTryMapsTheNeighbours(string kernel, long minor, long major)
    {
        // ext4_hole_shared/cold/fault_count_read; before 5.1 there is no second try (source of the change).
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, file: scene.File(Backing.PageCache, sparse: true));
        Reads(actor, address).Should().Be((minor, major));
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("7.2")]
    [InlineData("7.3")]
    public void AReadPastTheEndMapsTheNeighboursBeforeItFails(string kernel)
    {
        // data/long 7.2.12 and 7.3.4: pagemap shows the neighbour of a page whose read was SIGBUS; do_fault_around comes before the file is asked.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, pages: 8, file: scene.File(Backing.PageCache));
        actor.TryLoad(address + (4 * Scene.Page)).Word().Should().Be("SIGBUS");

        actor.Entry(address + (3 * Scene.Page)).IsPresent.Should().BeTrue();
    }

    [Fact]
    public void APageThatIsNotInMemoryYetDoesNotKeepItsNeighboursFromBeingMapped()
    {
        // data/long 7.3.4: POPULATE_READ of an untouched page of shared memory maps the touched ones beside it.
        var scene = Scene.X86("7.3");
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon);
        parent.Store(address + Scene.Page, 'x');
        var child = parent.Fork();
        child.Entry(address + Scene.Page).IsPresent.Should().BeFalse();

        child.Madvise(address, Scene.Page, Advice.PopulateRead).IsOk.Should().BeTrue();

        child.Entry(address + Scene.Page).IsPresent.Should().BeTrue();
    }

    [Theory]
    [InlineData("5.10", true)]
    [InlineData("6.1", false)]
    [InlineData("7.2", false)]
    public void AReadPastTheEndLeavesAPageInTheCacheUpTo515(string kernel, bool cached)
    {
        // data/longer 5.10.262: file_read past the end, then mincore; "mm: Stop filemap_read() from grabbing a superfluous page".
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        var address = actor.Map(Backing.PageCache, pages: 8, file: file);

        file.ReadBytes(file.Size, new byte[1]).Should().Be(0);

        actor.Process.Mincore(address, 8 * Scene.Page).Value[4].Should().Be(cached ? (byte)1 : (byte)0);
        actor.TryLoad(address + (4 * Scene.Page)).Word().Should().Be("SIGBUS", "it cannot be mapped all the same");
        scene.Step(() => file.Truncate(5 * (long)Scene.Page));
        actor.Process.Mincore(address, 8 * Scene.Page).Value[4].Should().Be(cached ? (byte)1 : (byte)0, "it lies within the file now");
    }

    [Fact]
    public void APrivateWriteThatMissesIsMajorOnce()
    {
        // ext4_hole_private/cold/fault_count_write: 3 minor faults on every kernel.
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, shared: false, file: scene.File(Backing.PageCache, sparse: true));
        Writes(actor, address).Should().Be((3, 1));
    }

    [Theory]
    [InlineData("5.4", 4, 0)]
    [InlineData("5.10", 0, 4)]
    [InlineData("6.1", 4, 0)]
    [InlineData("7.2", 4, 0)]
    public void DirtyingASharedPageCountsAsMajorWhereTheFaultIsTriedAgain(string kernel, long minor, long major)
    {
        // ext4_shared/rd/fault_count_write and anon_shared/cold/fault_count_write: 0 minor faults on 5.10, 4 later.
        var actor = Scene.X86(kernel).Spawn();
        Writes(actor, actor.Map(Backing.PageCache)).Should().Be((minor, major));
        Writes(actor, actor.Map(Backing.Anon)).Should().Be((minor, major));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GivingADaxPageItsBlockIsAMajorFault(bool xfs)
    {
        // ext4dax_hole_shared and xfsdax_hole_shared /rd/fault_count_write: no minor fault on any kernel.
        var scene = Scene.For("6.1", Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, file: scene.File(Backing.FsDax, sparse: true, xfs: xfs));
        Reads(actor, address).Should().Be((4, 0));
        Writes(actor, address).Should().Be((0, 4));
    }

    [Theory]
    [InlineData("5.7", 1)]
    [InlineData("5.10", 512)]
    [InlineData("6.1", 512)]
    [InlineData("6.12", 512)]
    [InlineData("7.2", 1)]
    public void AWriteToTheHugeZeroPageMakesAHugePageOrSplitsIt(string kernel, long faults)
    {
        // anon_thp/rd/fault_count_write: 512 on 5.10 and 6.1, 1 on 7.2.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.MapHuge();
        actor.Load(address);
        Writes(actor, address, length: Scene.Huge).Minor.Should().Be(faults);
    }

    [Theory]
    [InlineData("5.10", 4)]
    [InlineData("7.2", 2048)]
    public void AWriteFaultInAHoleOfTwoMegabytesMapsAPmd(string kernel, long resident)
    {
        // ext4dax_pmdhole_shared: fault_count_write 1 (cold and rd), smaps Rss 4 (5.10, 6.1) and 2048 (7.2).
        foreach (var readFirst in new[] { false, true })
        {
            var scene = Scene.For(kernel, Backing.FsDax);
            var actor = scene.Spawn();
            const ulong at = 0x4000_0000_0000;
            actor.Map(Backing.FsDax, pages: 512, file: scene.File(Backing.FsDax, 512, sparse: true), at: at, more: MapFlags.Fixed);
            if (readFirst)
            {
                actor.Load(at);
            }

            Writes(actor, at, length: Scene.Huge).Should().Be((1, 0));
            actor.Process.ReadSmaps().Single(a => a.Start == at).Kilobytes["Rss"].Should().Be(resident);
            actor.Load(at + 100).Should().Be('\0');
            actor.Exit();
        }
    }

    [Theory]
    [InlineData("6.1", 0)]
    [InlineData("7.2", 1)]
    public void TheHugeZeroPageIsPinnedLikeAnyOther(string kernel, long pins)
    {
        // anon_thp and ext4dax_pmdhole_shared /rd/odirect_write: pins [1,1] on 7.2, where direct I/O pins.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.MapHuge();
        actor.Load(address);
        var target = scene.Machine.OpenDevice("/dev/vda", Direct).Value;
        actor.Process.Pwrite(target, address, (int)Scene.Page, 0).Value.Should().Be((int)Scene.Page);
        scene.Machine.PinCounters.Should().Be(new PinCounters(pins, pins));
        scene.Check();
    }

    private const DaxSim.FileSystems.OpenFlags Direct = DaxSim.FileSystems.OpenFlags.ReadWrite | DaxSim.FileSystems.OpenFlags.Direct;
}
