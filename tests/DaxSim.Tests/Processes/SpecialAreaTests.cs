using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>[vdso] and [vvar], which the kernel adds to every program. Sources: the vvar and vdso cells of 5.10, 6.1 and 7.2; for 7.3 the recorders' notes.</summary>
public class SpecialAreaTests
{
    private static Actor Program(Scene scene) => new(scene, scene.Step(() => scene.Machine.SpawnProgram("program")));

    private static ulong Find(Actor actor, string name) => actor.Process.Maps.Single(l => l.Name == name).Start;

    private static (long Rss, long Pss, string Flags) Smaps(Actor actor, ulong address)
    {
        var entry = actor.Process.ReadSmaps().Single(e => e.Start == address);
        return (entry.Kilobytes["Rss"], entry.Kilobytes["Pss"], entry.VmFlags);
    }

    [Theory]
    [InlineData("5.10", "rd mr pf io de dd sd", 0)]
    [InlineData("6.1", "rd mr pf io de dd sd", 0)]
    [InlineData("7.2", "rd mr io de dd sd mm", 4)]
    public void VvarIsRawFramesUntilItsPagesBecomeOrdinary(string kernel, string flags, long resident)
    {
        var actor = Program(Scene.X86(kernel));
        var vvar = Find(actor, "[vvar]");
        actor.TryLoad(vvar).IsOk.Should().BeTrue();
        var smaps = Smaps(actor, vvar);
        smaps.Rss.Should().Be(resident);
        smaps.Flags.Should().Be(flags);
        actor.TryStore(vvar, 'x').Signal.Code.Should().Be(SiCode.SEGV_ACCERR);
    }

    [Fact]
    public void BehindTheClocksThatTheMachineDoesNotHaveIsNothing()
    {
        var actor = Program(Scene.X86("7.2"));
        var vvar = Find(actor, "[vvar]");
        actor.TryLoad(vvar + Scene.Page).Verdict.Signal.Signal.Should().Be(Signal.SIGBUS);
        actor.TryLoad(vvar + (2 * Scene.Page)).IsOk.Should().BeTrue("the random number state lies there (cells 7.2 vvar/rd/mlock)");
        actor.TryLoad(Find(actor, "[vvar_vclock]")).Verdict.Signal.Signal.Should().Be(Signal.SIGBUS);
    }

    [Fact]
    public void ForkCopiesTheDataButTheImageFaultsInAgain()
    {
        var parent = Program(Scene.X86("7.2"));
        var (vvar, vdso) = (Find(parent, "[vvar]"), Find(parent, "[vdso]"));
        parent.TryLoad(vvar);
        parent.TryLoad(vdso);
        var child = parent.Fork();
        child.Process.Pagemap(vvar).Present.Should().BeTrue();
        child.Process.Pagemap(vdso).Present.Should().BeFalse();
        Smaps(child, vvar).Pss.Should().Be(2);
        Smaps(child, vdso).Flags.Should().Be("rd ex mr mw me de sd");
    }

    [Theory]
    [InlineData("6.1", "EFAULT")]
    [InlineData("7.2", "EFAULT")]
    [InlineData("7.3", "ok")]
    public void GetUserPagesEntersVvarOnceItIsNoDeviceAreaAnyMore(string kernel, string outcome)
    {
        var actor = Program(Scene.X86(kernel));
        var vvar = Find(actor, "[vvar]");
        actor.TryLoad(vvar);
        actor.GetFast(vvar).Word().Should().Be(outcome);
    }

    [Fact]
    public void LockingAllOfVvarFaultsItInFrom73On()
    {
        // cells 7.3.4 vvar/cold/mlock: present [1,1,1,1]; on 7.2 the area is skipped.
        foreach (var (kernel, present) in new[] { ("7.2", false), ("7.3", true) })
        {
            var actor = Program(Scene.X86(kernel));
            var vvar = Find(actor, "[vvar]");
            actor.Process.Mlock(vvar, 4 * Scene.Page).Should().Be(Verdict.Ok);
            actor.Process.Pagemap(vvar + (3 * Scene.Page)).Present.Should().Be(present);
        }
    }

    [Theory]
    [InlineData("6.1", 1)]
    [InlineData("6.12", 2)]
    [InlineData("7.3", 1)]
    public void APinOfTheVdsoIsTakenTwiceWhereTheFirstIsGivenBack(string kernel, long pins)
    {
        // cells vdso/rd/odirect_write: pins [2,2] on 6.12.107, [1,1] on 7.3.4 (6.1 does not pin for direct I/O).
        var scene = Scene.X86(kernel);
        var actor = Program(scene);
        var vdso = Find(actor, "[vdso]");
        actor.TryLoad(vdso);
        actor.PinFast(vdso).Value.Release();
        scene.Machine.PinCounters.Should().Be(new PinCounters(pins, pins));
    }

    [Theory]
    [InlineData("6.1", 0)]
    [InlineData("7.2", 1)]
    public void TheLocklessWalkTakesAPageThatBelongsToNobodyAndGivesItBack(string kernel, long pins)
    {
        // cells 7.2 vvar/rd/odirect_write: EFAULT, pins [1,1]; 6.1: [0,0].
        var scene = Scene.X86(kernel);
        var actor = Program(scene);
        var vvar = Find(actor, "[vvar]");
        actor.TryLoad(vvar);
        actor.PinFast(vvar).Word().Should().Be("EFAULT");
        scene.Machine.PinCounters.Should().Be(new PinCounters(pins, pins));
    }

    [Fact]
    public void ADebuggerWritesIntoACopyOfTheVdso()
    {
        // cells vdso/cold/ptrace_poke: ok on every kernel.
        var scene = Scene.X86("6.1");
        var (target, other, debugger) = (Program(scene), Program(scene), scene.Spawn("gdb"));
        var vdso = Find(target, "[vdso]");
        debugger.Peek(target, vdso).IsOk.Should().BeTrue();
        debugger.Poke(target, vdso + 64, 'x').Should().Be(Verdict.Ok);
        target.Load(vdso + 64).Should().Be('x');
        other.Load(vdso + 64).Should().NotBe('x');
        other.Load(vdso + 1).Should().Be('E');
        target.Exit();
        other.Exit();
    }

    [Theory]
    [InlineData("4.19", 0)]
    [InlineData("5.10", 1)]
    public void MincoreDoesNotTellAboutPagesOfNobody(string kernel, int expected)
    {
        // cells 5.10 vdso/cold/mincore: all present although nothing was touched.
        var actor = Program(Scene.X86(kernel));
        actor.Process.Mincore(Find(actor, "[vdso]"), Scene.Page).Value[0].Should().Be((byte)expected);
    }

    [Fact]
    public void ACoreFileHasTheseAreasWhateverTheFilterSays()
    {
        // cells vvar and vdso core_default: filesz 16384 and 8192.
        var actor = Program(Scene.X86("6.1"));
        var core = actor.Process.DumpCore(CoreFilter.None);
        core.Find(Find(actor, "[vvar]"))!.FileSize.Should().Be(16384);
        core.Find(Find(actor, "[vdso]"))!.FileSize.Should().Be(8192);
    }

    [Fact]
    public void AFutexInTheVdsoHasNoSharedKey()
    {
        // cells vdso/cold/futex_wake_shared: EFAULT, the page names no file; futex_wake_private: ok.
        var actor = Program(Scene.X86("6.1"));
        var vdso = Find(actor, "[vdso]");
        actor.Process.FutexWake(vdso, scope: FutexScope.Shared).Word().Should().Be("EFAULT");
        actor.Process.FutexWake(vdso, scope: FutexScope.Private).Word().Should().Be("ok");
    }

    [Fact]
    public void OtherArchitecturesAreNotModelled()
    {
        var scene = Scene.S390("6.1");
        Program(scene).Process.Maps.Should().BeEmpty();
        scene.Machine.Policy.VvarLayout.Should().Be(VvarLayoutRule.None);
    }
}
