using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Drivers that work on a process's memory, by era. Source: gup-fork 7, rows 15 to 19, and the commits named in the history.</summary>
public class PinUserTests
{
    private const long Length = 2 * (long)Scene.Page;

    private static (Actor Actor, ulong Address) Mapped(string kernel, Backing backing, bool s390 = false, bool shared = true)
    {
        var actor = Scene.For(kernel, backing, s390).Spawn();
        return (actor, actor.Map(backing, pages: backing == Backing.DeviceDax ? Scene.Huge / Scene.Page : 4, shared: shared));
    }

    [Theory]
    [InlineData("4.14", Backing.FsDax, false, "ok")]
    [InlineData("4.15", Backing.FsDax, false, "EOPNOTSUPP")]
    [InlineData("6.1", Backing.FsDax, false, "EOPNOTSUPP")]
    [InlineData("6.1", Backing.DeviceDax, false, "ok")]
    [InlineData("6.1", Backing.DevMem, false, "EFAULT")]
    [InlineData("4.14", Backing.PageLess, true, "EFAULT")]
    [InlineData("6.1", Backing.PageLess, true, "EOPNOTSUPP")]
    public void RdmaTakesWhatMayBePinnedForLong(string kernel, Backing backing, bool s390, string expected)
    {
        var (actor, address) = Mapped(kernel, backing, s390);
        actor.Scene.Step(() => actor.Process.RegisterRdmaMemory(address, Length)).Word().Should().Be(expected);
    }

    [Theory]
    [InlineData("5.4", false)]
    [InlineData("5.6", true)]
    public void RdmaPinsFromFiveSixOn(string kernel, bool pinned)
    {
        var (actor, address) = Mapped(kernel, Backing.Anon, shared: false);
        var region = actor.Process.RegisterRdmaMemory(address, Length).Value;
        region.ArePinned.Should().Be(pinned);
        region.Pfns.Should().HaveCount(2);
        actor.Scene.Check();
        region.Release();
        region.AreHeld.Should().BeFalse();
        actor.Scene.Check();
    }

    // a9d02b6d7d12 (6.2): until then even a read-only region was faulted in for writing.
    [Theory]
    [InlineData("6.1", true)]
    [InlineData("6.2", false)]
    public void AReadOnlyRegionBreaksCopyOnWriteUntilSixOne(string kernel, bool copied)
    {
        var (actor, address) = Mapped(kernel, Backing.PageCache, shared: false);
        var region = actor.Process.RegisterRdmaMemory(address, (long)Scene.Page, writable: false).Value;
        actor.Scene.Machine.Memory.PageOf(region.Pfns[0]).IsAnon.Should().BeTrue("a long-term pin of a private file page is unshared at the latest");
        actor.Entry(address).IsWrite.Should().Be(copied);
        region.Release(dirty: false);
        actor.Scene.Check();
    }

    [Theory]
    [InlineData("4.14", "ok", false)]
    [InlineData("5.10", "ok", false)]
    [InlineData("6.0", "ok", false)]
    [InlineData("6.1", "EFAULT", false)]
    public void VideoBuffersInDeviceMemoryWereFrameNumbersUntilSixZero(string kernel, string expected, bool held)
    {
        var (actor, address) = Mapped(kernel, Backing.DevMem);
        var buffer = actor.Process.QueueVideoBuffer(address, Length);
        buffer.Word().Should().Be(expected);
        if (buffer.IsOk)
        {
            buffer.Value.AreHeld.Should().Be(held);
            buffer.Value.Pfns.Should().Equal(actor.PfnAt(address), actor.PfnAt(address) + 1);
        }
    }

    [Theory]
    [InlineData("4.14", "ok")]
    [InlineData("4.15", "EOPNOTSUPP")]
    [InlineData("5.12", "EOPNOTSUPP")]
    public void VideoBuffersInDaxFilesAreRefusedFromFourFifteenOn(string kernel, string expected)
    {
        var (actor, address) = Mapped(kernel, Backing.FsDax);
        actor.Process.QueueVideoBuffer(address, Length).Word().Should().Be(expected);
        actor.Scene.Check();
    }

    [Fact]
    public void PacketBuffersAreAllOrNothing()
    {
        var (actor, address) = Mapped("6.1", Backing.Anon, shared: false);
        actor.Process.RegisterXdpMemory(address + 1, Length).Errno.Should().Be(Errno.EINVAL);
        actor.Process.RegisterXdpMemory(address + (2 * Scene.Page), 3 * (long)Scene.Page).Errno.Should().Be(Errno.ENOMEM, "only two of three pages are mapped");
        actor.Process.RegisterXdpMemory(address + (4 * Scene.Page), Length).Errno.Should().Be(Errno.EFAULT);
        actor.Process.RegisterXdpMemory(address, Length).Value.Pfns.Should().HaveCount(2);
        actor.Scene.Check();
    }

    [Theory]
    [InlineData("4.17", "ENOPROTOOPT")]
    [InlineData("4.18", "ok")]
    [InlineData("5.1", "ok")]
    [InlineData("5.2", "EOPNOTSUPP")]
    public void PacketBuffersInDaxFilesWorkedUntilFiveOne(string kernel, string expected)
    {
        var (actor, address) = Mapped(kernel, Backing.FsDax);
        actor.Process.RegisterXdpMemory(address, Length).Word().Should().Be(expected);
        actor.Scene.Check();
    }

    [Theory]
    [InlineData("4.15", Backing.FsDax, false, "ok")]
    [InlineData("4.16", Backing.FsDax, false, "EOPNOTSUPP")]
    [InlineData("6.1", Backing.DeviceDax, false, "ok")]
    [InlineData("4.14", Backing.PageLess, true, "EFAULT")]
    [InlineData("6.1", Backing.PageLess, true, "EOPNOTSUPP")]
    public void VfioTakesPagesAndKnowsNoWayAroundThemForPageLessFiles(string kernel, Backing backing, bool s390, string expected)
    {
        var (actor, address) = Mapped(kernel, backing, s390);
        actor.Process.MapForDevice(address, Length).Word().Should().Be(expected);
        actor.Scene.Check();
    }

    [Theory]
    [InlineData("5.7", false)]
    [InlineData("5.8", true)]
    public void VfioCountsFramesOfDeviceMemoryFromTheAreaUntilFiveSeven(string kernel, bool follows)
    {
        // After copy on write the page table says something else than the area's offset.
        var (actor, address) = Mapped(kernel, Backing.DevMem, shared: false);
        var original = actor.PfnAt(address + Scene.Page);
        actor.Store(address + Scene.Page, 'x');
        actor.Process.Fork().IsOk.Should().BeTrue();
        var mapped = actor.Process.MapForDevice(address, Length);
        mapped.Value.AreHeld.Should().BeFalse();
        mapped.Value.Pfns[1].Should().Be(follows ? actor.PfnAt(address + Scene.Page) : original);
    }

    [Theory]
    [InlineData("4.7")]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void KvmReachesDeviceMemoryWithoutAPage(string kernel)
    {
        var (actor, address) = Mapped(kernel, Backing.DevMem);
        actor.Process.GuestAccess(address + Scene.Page, write: true).Value.Should().Be(actor.PfnAt(address + Scene.Page));
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void KvmHasNoWayAroundForPageLessFiles(string kernel)
    {
        var (actor, address) = Mapped(kernel, Backing.PageLess, s390: true);
        var access = actor.Process.GuestAccess(address, write: false);
        access.Errno.Should().Be(Errno.EFAULT);
        access.Verdict.Reason!.Because.Should().Contain("KVM_RUN fails");
    }

    [Fact]
    public void BeforeFourEightKvmCrashedOnRamBehindAnAreaOfDeviceMemory()
    {
        // The area was moved by a copy: its offset leads into ordinary RAM of the machine.
        var scene = Scene.X86("4.7");
        var actor = scene.Spawn();
        var low = actor.Process.Mmap(0, Scene.Page, Scene.ReadWrite, MapFlags.Shared, scene.Machine.OpenDevMem(), 0x8000).Value;
        actor.Process.GuestAccess(low, write: false).Verdict.Kind.Should().Be(VerdictKind.Oops);
        scene.Machine.Log.Taints.Should().HaveFlag(Taints.Die);
    }

    [Fact]
    public void AGuestThatTouchesAPoisonedPageHasItsProcessSignalled()
    {
        var (actor, address) = Mapped("6.1", Backing.Anon, shared: false);
        actor.Store(address, 'a');
        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);
        actor.Process.GuestAccess(address, write: false).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
    }
}
