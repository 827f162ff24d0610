using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>process_vm_readv and writev with lists on both sides, and /proc/pid/mem into own memory. Sources: old.md, s390.md (surprise 2).</summary>
public class RemoteListTests
{
    private const int Page = (int)Scene.Page;

    private static (Scene Scene, Actor Actor, ulong Local, ulong Good, ulong PageLess) Two(string kernel, bool s390)
    {
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var actor = scene.Spawn();
        var (local, good, mapped) = (actor.Map(Backing.Anon), actor.Map(Backing.Anon), actor.Map(Backing.PageLess));
        actor.Store(local + Scene.Page, 'L');
        actor.Store(good, 'S');
        actor.Load(mapped);
        return (scene, actor, local, good, mapped);
    }

    [Theory]
    [InlineData("4.14", false)]
    [InlineData("4.19", true)]
    [InlineData("6.1", true)]
    public void ReadingEndsBeforeThePageThatCannotBeTaken(string kernel, bool s390)
    {
        var (_, actor, local, good, mapped) = Two(kernel, s390);
        actor.Process.ProcessVmReadv(actor.Process, [new IoVec(local, 2 * Page)], [new IoVec(good, Page), new IoVec(mapped, Page)]).Value.Should().Be(Page);
        actor.Load(local).Should().Be('S');
        actor.Load(local + Scene.Page).Should().Be('L');
    }

    [Fact]
    public void In511TheArrayStillNamesThePageOfTheRangeBefore()
    {
        var (_, actor, local, good, mapped) = Two("5.11", s390: true);
        actor.Process.ProcessVmReadv(actor.Process, [new IoVec(local, 2 * Page)], [new IoVec(good, Page), new IoVec(mapped, Page)]).Value.Should().Be(2 * Page);
        actor.Load(local + Scene.Page).Should().Be('S');
    }

    [Fact]
    public void In511ASinglePageIsRefusedAndAWriteCrashesTheWriter()
    {
        var (scene, actor, local, _, mapped) = Two("5.11", s390: true);
        actor.Process.ProcessVmReadv(actor.Process, mapped, Page, local).Errno.Should().Be(Errno.EFAULT);
        actor.Process.ProcessVmWritev(actor.Process, mapped, Page, local).Verdict.Kind.Should().Be(VerdictKind.Oops);
        scene.Machine.Log.Taints.Should().HaveFlag(Taints.Die);
    }

    [Fact]
    public void ListsNeedNotHaveEqualPieces()
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var (from, to) = (actor.Map(Backing.Anon), actor.Map(Backing.Anon));
        actor.Process.Write(from, "abcdefgh"u8).Should().Be(Verdict.Ok);
        actor.Process.ProcessVmReadv(actor.Process, [new IoVec(to, 3), new IoVec(to + 100, 5)], [new IoVec(from, 1), new IoVec(from + 1, 6)]).Value.Should().Be(7);
        var read = new byte[4];
        actor.Process.Read(to + 100, read);
        read.Should().Equal("defg"u8.ToArray());
    }

    [Fact]
    public void ThePageLessLocalSideIsOnlyCopiedTo()
    {
        var (_, actor, _, good, mapped) = Two("4.14", s390: false);
        actor.Process.ProcessVmReadv(actor.Process, good, Page, mapped).Value.Should().Be(Page);
        actor.Load(mapped).Should().Be('S');
    }

    [Fact]
    public void OwnMemoryThroughProcIsShortWhereAPageLessPageBegins()
    {
        var scene = Scene.For("4.14", Backing.PageLess);
        var actor = scene.Spawn();
        var buffer = actor.Map(Backing.Anon);
        var anonymous = actor.Map(Backing.Anon, pages: 1, at: 0x5000_0000_0000, more: MapFlags.Fixed);
        actor.Map(Backing.PageLess, at: anonymous + Scene.Page, more: MapFlags.Fixed);
        actor.Process.ProcMemRead(actor.Process, anonymous, 2 * Page, buffer).Value.Should().Be(Page);
    }

    [Fact]
    public void APipeIsCopiedIntoPageLessMemory()
    {
        var (_, actor, _, _, mapped) = Two("6.1", s390: true);
        var pipe = actor.Scene.Machine.CreatePipe();
        pipe.Write("kk"u8);
        actor.Process.ReadFromPipe(pipe, mapped, Page).Value.Should().Be(2);
        actor.Load(mapped).Should().Be('k');
        actor.Process.ReadFromPipe(pipe, mapped, 1).Errno.Should().Be(Errno.EAGAIN);
    }

    [Fact]
    public void ASignalFrameIsStoredOnAPageLessStackAndNotOnAReadOnlyOne()
    {
        var (_, actor, _, _, mapped) = Two("6.1", s390: true);
        actor.Process.DeliverSignalOnStack(mapped, 4 * Scene.Page).Should().Be(Verdict.Ok);
        actor.Process.DeliverSignalOnStack(mapped, 100).Errno.Should().Be(Errno.ENOMEM);
        actor.Process.Mprotect(mapped, 4 * Scene.Page, Prot.Read);
        actor.Process.DeliverSignalOnStack(mapped, 4 * Scene.Page).Signal.Signal.Should().Be(Signal.SIGSEGV);
    }

    [Fact]
    public void MlockallLocksOrdinaryMemoryAndLeavesDaxAlone()
    {
        var scene = Scene.For("6.1", Backing.FsDax);
        var actor = scene.Spawn();
        actor.Map(Backing.Anon);
        actor.Map(Backing.FsDax);
        actor.Process.MlockAll().Should().Be(Verdict.Ok);
        actor.Process.LockedBytes.Should().Be(4 * Page);
        actor.Process.MunlockAll().Should().Be(Verdict.Ok);
        actor.Process.LockedBytes.Should().Be(0);
    }
}
