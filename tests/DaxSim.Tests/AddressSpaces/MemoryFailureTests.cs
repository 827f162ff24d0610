using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Memory failure and soft offlining of huge pages and of pages with data that are nowhere else. Source: mm/memory-failure.c of the releases; a7605426666e.</summary>
public class MemoryFailureTests
{
    private static readonly byte[] Zero = [0];

    private static Scene Huge(string kernel = "6.1") => Scene.X86(kernel, m => m.TransparentHugePages(always: true));

    [Theory]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void SoftOfflineSplitsATransparentHugePageAndMovesTheOnePage(string kernel)
    {
        var actor = Huge(kernel).Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'a');
        actor.Store(address + Scene.Page, 'b');
        actor.Store(address + Scene.Huge - Scene.Page, 'z');
        var before = actor.Space.PageTable.PmdPfn(address / Scene.Huge, actor.Space.PageTable.Pmds[address / Scene.Huge]);

        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);

        actor.PfnAt(address).Should().Be(before, "its neighbours stay");
        actor.PfnAt(address + Scene.Page).Should().NotBe(before + 1);
        actor.Load(address + Scene.Page).Should().Be('b');
        actor.Load(address + Scene.Huge - Scene.Page).Should().Be('z');
        actor.Scene.Machine.Memory.IsFree(before + 1).Should().BeTrue("it was given back, but is never handed out again");
        actor.Exit();
        actor.Scene.Check();
    }

    [Fact]
    public void AHeldHugePageCannotBeSplit()
    {
        var actor = Huge().Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'a');
        var held = actor.Get(address + (5 * Scene.Page)).Value;
        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Errno.Should().Be(Errno.EBUSY);
        held.Release();
        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);
    }

    [Fact]
    public void AFailureInAHugePageKillsOnePageOfIt()
    {
        var actor = Huge().Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'a');
        var child = actor.Fork();
        actor.Madvise(address + Scene.Page, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);
        actor.TryLoad(address + Scene.Page).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        child.TryLoad(address + Scene.Page).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        actor.Load(address).Should().Be('a');
        child.Load(address).Should().Be('a');
        child.Exit();
        actor.Exit();
        actor.Scene.Check();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SoftOfflineOfThePoolMovesTheWholePageAndThePoolShrinks(bool shared)
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var address = actor.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, (shared ? MapFlags.Shared : MapFlags.Private) | MapFlags.Anonymous | MapFlags.HugeTlb).Value;
        actor.Store(address, 'a');
        actor.Store(address + Scene.Huge - 1, 'z');
        var table = actor.Space.PageTable;
        var before = table.PmdPfn(address / Scene.Huge, table.Pmds[address / Scene.Huge]);
        var committed = scene.Mm.HugeTlbCommitted;

        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);

        table.PmdPfn(address / Scene.Huge, table.Pmds[address / Scene.Huge]).Should().NotBe(before);
        actor.Load(address).Should().Be('a');
        actor.Load(address + Scene.Huge - 1).Should().Be('z');
        scene.Mm.HugeTlbCommitted.Should().Be(committed + 1);
        actor.Exit();
        scene.Check();
    }

    [Fact]
    public void ADirtyFilePageIsLostAndTheNextFsyncTells()
    {
        var actor = Scene.X86("6.1").Spawn();
        var file = actor.Scene.File(Backing.PageCache);
        var address = actor.Map(Backing.PageCache, file: file);
        actor.Store(address, 'Q');

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        actor.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR, "the entry says that its page is dead");
        file.Sync().Errno.Should().Be(Errno.EIO);
        file.Sync().Should().Be(Verdict.Ok, "the error is told once");
        var other = actor.Scene.Spawn("other");
        other.Load(other.Map(Backing.PageCache, file: file)).Should().Be('A', "the disk has the old data");
    }

    [Theory]
    [InlineData("5.15", true)]
    [InlineData("5.16", false)]
    public void AMemoryFileLosesAPoisonedPageSilentlyUntilFiveFifteen(string kernel, bool zeros)
    {
        var actor = Scene.X86(kernel).Spawn();
        var file = actor.Scene.File(Backing.Shmem);
        var address = actor.Map(Backing.Shmem, file: file);
        actor.Load(address).Should().Be('A');

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        var other = actor.Scene.Spawn("other");
        var again = other.TryLoad(other.Map(Backing.Shmem, file: file));
        again.IsOk.Should().Be(zeros);
        (again.IsOk ? again.Value : Zero[0]).Should().Be(0);
    }
}
