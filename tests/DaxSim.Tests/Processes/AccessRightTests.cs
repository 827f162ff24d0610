using DaxSim.AddressSpaces;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Who may look into whose memory: __ptrace_may_access, mm_access, ptrace_check_attach (kernel/ptrace.c, kernel/fork.c).</summary>
public class AccessRightTests
{
    private const int Somebody = 1000;

    private static (Actor Actor, Actor Target, ulong Address) Two(string kernel = "6.12")
    {
        var scene = Scene.X86(kernel);
        var target = scene.Spawn("target");
        var address = target.Map(Backing.Anon, 1, shared: false);
        target.Store(address, 'x');
        return (scene.Spawn("actor"), target, address);
    }

    [Fact]
    public void RootMayLookIntoEverything()
    {
        var (actor, target, address) = Two();
        target.Process.SetUser(Somebody).Should().Be(Verdict.Ok);
        target.Process.IsDumpable.Should().BeFalse("commit_creds: the user changed");
        actor.Process.PtracePeek(target.Process, address).IsOk.Should().BeTrue();
        actor.Process.ProcessVmReadv(target.Process, address, new byte[1]).Value.Should().Be(1);
        actor.Process.ProcMemRead(target.Process, address, new byte[1]).Value.Should().Be(1);
    }

    [Fact]
    public void AnotherUserMayNot()
    {
        var (actor, target, address) = Two();
        actor.Process.SetUser(Somebody);
        actor.Process.ProcessVmReadv(target.Process, address, new byte[1]).Errno.Should().Be(Errno.EPERM, "process_vm_rw_core maps EACCES to EPERM");
        actor.Process.ProcessVmWritev(target.Process, address, new byte[1]).Errno.Should().Be(Errno.EPERM);
        actor.Process.ProcMemRead(target.Process, address, new byte[1]).Errno.Should().Be(Errno.EACCES, "mem_open asks mm_access");
        actor.Process.PtracePeek(target.Process, address).Errno.Should().Be(Errno.ESRCH, "ptrace_check_attach: nobody attached");
        actor.Process.PtracePoke(target.Process, address, 1).Errno.Should().Be(Errno.ESRCH);
        actor.Process.Attach(target.Process).Errno.Should().Be(Errno.EPERM);
        actor.Process.MovePages([address], [0], target: target.Process).Errno.Should().Be(Errno.EPERM);
        actor.Process.MigratePages(1, 1, target.Process).Errno.Should().Be(Errno.EPERM);
        target.Load(address).Should().Be('x');
        actor.Scene.Check();
    }

    [Fact]
    public void TheSameUserMayWhereTheMemoryIsDumpable()
    {
        var (actor, target, address) = Two();
        actor.Process.SetUser(Somebody);
        target.Process.SetUser(Somebody);
        actor.Process.ProcessVmReadv(target.Process, address, new byte[1]).Errno.Should().Be(Errno.EPERM, "not dumpable since it gave up root");
        target.Process.SetDumpable(true);
        actor.Process.ProcessVmReadv(target.Process, address, new byte[1]).Value.Should().Be(1);
        actor.Process.Attach(target.Process).Should().Be(Verdict.Ok);
        target.Process.Tracer!.Id.Should().Be(actor.Process.Id);
        actor.Process.PtracePeek(target.Process, address).IsOk.Should().BeTrue();
        actor.Process.Attach(target.Process).Errno.Should().Be(Errno.EPERM, "ptrace_attach: it has a tracer");
        actor.Process.Detach(target.Process).Should().Be(Verdict.Ok);
        actor.Process.Detach(target.Process).Errno.Should().Be(Errno.ESRCH);
        actor.Process.PtracePeek(target.Process, address).Errno.Should().Be(Errno.ESRCH);
        actor.Process.SetUser(0).Errno.Should().Be(Errno.EPERM);
    }

    [Fact]
    public void ChildrenAndThreadsAreTheSameUser()
    {
        var (actor, _, _) = Two();
        actor.Process.SetUser(Somebody);
        var child = actor.Process.Fork().Value;
        child.UserId.Should().Be(Somebody);
        child.IsDumpable.Should().BeFalse("mmf_init_flags: a child inherits it");
        actor.Process.StartThread().UserId.Should().Be(Somebody);
        actor.Process.Attach(actor.Process.StartThread()).Errno.Should().Be(Errno.EPERM, "no process traces itself");
        child.Exit();
        actor.Process.Attach(child).Errno.Should().Be(Errno.ESRCH);
    }

    [Theory]
    [InlineData("4.12", true)]
    [InlineData("4.13", false)]
    public void BeforeFourThirteenTheSameUserWasEnoughToMovePages(string kernel, bool allowed)
    {
        var (actor, target, address) = Two(kernel);
        actor.Process.SetUser(Somebody);
        target.Process.SetUser(Somebody);
        actor.Process.MovePages([address], [0], target: target.Process).IsOk.Should().Be(allowed, "commit 197e7e521384");
    }

    [Fact]
    public void MovingWhatOthersMapTakesRoot()
    {
        var (actor, _, _) = Two();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        actor.Process.SetUser(Somebody);
        actor.Process.MovePages([address], [0], MbindFlags.MoveAll).Errno.Should().Be(Errno.EPERM, "CAP_SYS_NICE");
        actor.Process.Mbind(address, Scene.Page, MemoryPolicyMode.Bind, 1, MbindFlags.MoveAll).Errno.Should().Be(Errno.EPERM);
        actor.Process.Mbind(address, Scene.Page, MemoryPolicyMode.Bind, 1, MbindFlags.Move).Should().Be(Verdict.Ok);
    }
}
