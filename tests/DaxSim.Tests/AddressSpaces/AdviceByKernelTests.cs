using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Advice, locking and look-ups whose answers changed between 5.10, 6.1 and 7.2, as the cells recorded them.</summary>
public class AdviceByKernelTests
{
    [Fact]
    public void GuardPagesKeepADeviceDaxMappingFromBecomingHugeAgain()
    {
        // cells 7.2 devdax_shared/wr/madv_guard_install: SIGSEGV for the process and its child.
        var actor = Scene.For("7.2", Backing.DeviceDax).Spawn();
        const ulong at = 0x4000_0000_0000;
        actor.Map(Backing.DeviceDax, pages: 512, at: at, more: MapFlags.Fixed);
        actor.Store(at, 'a');
        actor.Madvise(at, Scene.Huge, Advice.GuardInstall).Should().Be(Verdict.Ok);
        actor.TryLoad(at).Verdict.Signal.Code.Should().Be(SiCode.SEGV_MAPERR);
        actor.Fork().TryStore(at + Scene.Page, 'R').Signal.Code.Should().Be(SiCode.SEGV_MAPERR);
    }

    [Theory]
    [InlineData("5.10", "ENOMEM")]
    [InlineData("6.1", "ok")]
    public void LockingOnFaultLooksAtTheAreasOnOldKernels(string kernel, string outcome)
    {
        // cells anon_none/cold/mlock_onfault.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, shared: false, prot: Prot.None);
        actor.Process.Mlock(address, 4 * Scene.Page, onFault: true).Word().Should().Be(outcome);
    }

    [Theory]
    [InlineData("5.10", "EFAULT")]
    [InlineData("6.1", "ok")]
    public void GetMempolicyFindsThePrivateCopyOfADevicePageByTheFastWay(string kernel, string outcome)
    {
        // cells devmem_private/wr/get_mempolicy_addr.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.DevMem, shared: false);
        actor.Store(address, 'a');
        actor.Process.NodeOf(address).Word().Should().Be(outcome);
    }

    [Theory]
    [InlineData("6.1", -(int)Errno.ENOENT)]
    [InlineData("7.2", 0)]
    public void MovePagesSeesSecretMemoryOnceItWalksPageTables(string kernel, int status)
    {
        // cells secretmem_shared/wr/move_pages_status.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var file = scene.Machine.CreateSecretMemory().Value;
        file.Truncate(4 * (long)Scene.Page).IsOk.Should().BeTrue();
        var address = actor.Map(Backing.Shmem, file: file);
        actor.Store(address, 'a');
        actor.Process.MovePages([address], null).Value.Status[0].Should().Be(status);
    }

    [Theory]
    [InlineData("5.10", 0)]
    [InlineData("6.1", 2048)]
    public void ADevicePageThatDirectIoWroteStaysDirty(string kernel, long dirty)
    {
        // cells devdax_shared/rd/smaps: Private_Clean 4 on 5.10, Private_Dirty 2048 on 6.1, after earlier cells had read files into the device.
        var scene = Scene.For(kernel, Backing.DeviceDax);
        var actor = scene.Spawn();
        const ulong at = 0x4000_0000_0000;
        actor.Map(Backing.DeviceDax, pages: 512, at: at, more: MapFlags.Fixed);
        var disk = scene.Machine.OpenDevice("/dev/vda", OpenFlags.ReadWrite | OpenFlags.Direct).Value;
        actor.Process.Pread(disk, at, (int)Scene.Page, 0).Value.Should().Be((int)Scene.Page);
        actor.Exit();

        var reader = scene.Spawn();
        reader.Map(Backing.DeviceDax, pages: 512, at: at, more: MapFlags.Fixed);
        reader.Load(at);
        reader.Process.ReadSmaps().Single().Kilobytes["Private_Dirty"].Should().Be(dirty);
    }

    [Theory]
    [InlineData(false, '\0', 'A')]
    [InlineData(true, 'a', 'b')]
    public void InsertingARangeKeepsPrivateCopiesOnXfsOnly(bool xfs, char first, char second)
    {
        // cells xfsdax_private and ext4dax_private /wr/insert_range.
        var scene = Scene.For("6.1", Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax, xfs: xfs);
        var address = actor.Map(Backing.FsDax, shared: false, file: file);
        actor.Store(address, 'a');
        actor.Store(address + Scene.Page, 'b');
        file.BeginAllocate(FallocateMode.InsertRange, 0, (long)Scene.Page).Verdict.IsOk.Should().BeTrue();
        actor.Load(address).Should().Be(first);
        actor.Load(address + Scene.Page).Should().Be(second);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CollapsingARangeCutsOffEvenPrivateCopiesBehindTheNewEnd(bool xfs)
    {
        // cells xfsdax_private/wr/collapse_range: page 3 is SIGBUS, although it was copied.
        var scene = Scene.For("6.1", Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax, xfs: xfs);
        var address = actor.Map(Backing.FsDax, shared: false, file: file);
        actor.Store(address + (3 * Scene.Page), 'd');
        file.BeginAllocate(FallocateMode.CollapseRange, 0, (long)Scene.Page).Verdict.IsOk.Should().BeTrue();
        actor.TryLoad(address + (3 * Scene.Page)).Verdict.Signal.Signal.Should().Be(Signal.SIGBUS);
    }

    [Theory]
    [InlineData("6.1", "EFBIG")]
    [InlineData("7.2", "EOPNOTSUPP")]
    public void RemovingFromAPciResourceAsksForItsBusAddress(string kernel, string outcome)
    {
        // cells pcibar_shared/wr/madv_remove, with the bus address that proc_maps shows.
        var scene = Scene.X86(kernel, m => m.Region(new DaxSim.Memory.MemoryRegion("0000:00:02.0", DaxSim.Memory.RegionKind.Mmio, 0xfd00_0000, 16 << 20)));
        var actor = scene.Spawn();
        var file = scene.Machine.OpenPciResource("0000:00:02.0").Value;
        var address = actor.Map(Backing.Shmem, file: file);
        actor.Madvise(address, 4 * Scene.Page, Advice.Remove).Word().Should().Be(outcome);
    }
}
