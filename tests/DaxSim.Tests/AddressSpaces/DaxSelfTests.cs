using DaxSim.AddressSpaces;
using DaxSim.Cells;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Test cases of ndctl and xfstests that concern mapped DAX files, by their number in the list of peers (C-n).</summary>
public class DaxSelfTests
{
    [Theory]
    [InlineData("load")]
    [InlineData("longterm-write")]
    [InlineData("vmsplice")]
    public void C40_what_is_not_known_is_said_to_be_unknown_and_never_guessed(string operation)
    {
        // gup_longterm.c skips filesystems it does not know; the pages behind a virtiofs window are the host's.
        var answer = CellMachine.Ask(KernelPolicy.Mainline("6.1", Architecture.X8664), CellMapping.Parse("virtiofs/virtiofs,shared,rd"), CellOperation.Parse(operation));

        answer.Outcome.Should().Be("unknown");
        answer.Verdict.Reason.Should().NotBeNull();
        answer.Errno.Should().Be(Errno.None);
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void C70_a_poisoned_dax_page_kills_its_readers_until_it_is_punched_and_written_again(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax);
        var address = actor.Map(Backing.FsDax, file: file);
        actor.Store(address, 'x');

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Word().Should().Be("ok");
        actor.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        actor.Load(address + Scene.Page).Should().Be('B', "only one page is dead");

        scene.Step(() => file.PunchHole(0, (long)Scene.Page)).Should().Be(Verdict.Ok);
        scene.Step(() => file.WriteBytes(0, "new"u8)).Should().Be(Verdict.Ok);
        actor.Load(address).Should().Be('n');
    }

    [Theory]
    [InlineData("5.19")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void C94_every_process_that_maps_a_poisoned_page_of_a_file_gets_the_signal(string kernel)
    {
        // xfs/550.
        var scene = Scene.For(kernel, Backing.FsDax);
        var (first, second) = (scene.Spawn("first"), scene.Spawn("second"));
        var file = scene.File(Backing.FsDax, xfs: true);
        var address = first.Map(Backing.FsDax, file: file);
        var other = second.Map(Backing.FsDax, file: file);
        first.Store(address, 'x');
        second.Load(other).Should().Be('x');
        second.Load(other + Scene.Page).Should().Be('B');

        first.Madvise(address, Scene.Page, Advice.HwPoison).Word().Should().Be("ok");

        first.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        second.TryLoad(other).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        second.Load(other + Scene.Page).Should().Be('B');
    }

    [Theory]
    [InlineData("6.3")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void C96_a_poisoned_block_that_two_files_share_hits_the_readers_of_both(string kernel)
    {
        // xfs/552; reflink and DAX together need 6.2.
        var scene = Scene.X86(kernel, m => m.Pmem("64M", PmemMode.FsDax));
        scene.Machine.Format("/dev/pmem0", "xfs", 4096, "reflink=1");
        var mount = scene.Machine.Mount("/dev/pmem0", "/mnt", "xfs", "dax").Value;
        var original = mount.Open("original", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        original.WriteBytes(0, Enumerable.Repeat((byte)'o', 8192).ToArray()).Should().Be(Verdict.Ok);
        var clone = mount.Open("clone", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        clone.CloneFrom(original).Should().Be(Verdict.Ok);
        clone.WriteBytes(4096, Enumerable.Repeat((byte)'c', 4096).ToArray()).Should().Be(Verdict.Ok);
        scene.Check();
        var (first, second) = (scene.Spawn("first"), scene.Spawn("second"));
        var address = first.Map(Backing.FsDax, 2, prot: Prot.Read, file: original);
        var other = second.Map(Backing.FsDax, 2, prot: Prot.Read, file: clone);
        (first.Load(address), second.Load(other), second.Load(other + Scene.Page)).Should().Be(('o', 'o', 'c'));

        first.Madvise(address, Scene.Page, Advice.HwPoison).Word().Should().Be("ok");

        first.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        second.TryLoad(other).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        second.Load(other + Scene.Page).Should().Be('c', "that block is the clone's own");
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_device_dax_device_is_no_block_device_to_mount(string kernel)
    {
        var scene = Scene.For(kernel, Backing.DeviceDax);

        scene.Machine.Mount("/dev/dax0.0", "/mnt", "ext4", "dax").Errno.Should().Be(Errno.ENOTBLK);
        scene.Machine.Mount("/dev/dax7.7", "/mnt", "ext4", "dax").Errno.Should().Be(Errno.ENOENT);
    }
}
