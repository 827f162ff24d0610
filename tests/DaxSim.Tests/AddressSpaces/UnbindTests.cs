using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Unbinding a driver while its pages are in use. Source: gup-fork 8.3, 9.7.</summary>
public class UnbindTests
{
    private const int Pages = 512;

    private static (Scene Scene, Actor Actor, ulong Address) Mapped(string kernel)
    {
        var scene = Scene.For(kernel, Backing.DeviceDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.DeviceDax, Pages);
        actor.Store(address, 'x');
        return (scene, actor, address);
    }

    private static UnbindOperation Unbind(Scene scene) => new(scene.Machine.MemoryManager.Journal, scene.Mm, scene.Machine.DeviceTable.FindRange("dax0.0")!);

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_device_that_nobody_references_goes_and_takes_its_mappings_along(string kernel)
    {
        var (scene, actor, address) = Mapped(kernel);

        scene.Step(() => scene.Machine.BeginUnbind("/dev/dax0.0")).Verdict.Should().Be(Verdict.Ok);

        scene.Machine.Memory.HasStructPage(scene.Machine.DeviceTable.FindRange("dax0.0")!.Frames.StartPfn).Should().BeFalse();
        actor.TryLoad(address).Word().Should().Be("SIGBUS");
        actor.Get(address).Word().Should().Be("EFAULT");
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("5.17")]
    public void Up_to_5_17_it_waits_for_every_reference(string kernel)
    {
        var (scene, actor, address) = Mapped(kernel);
        var first = actor.Get(address, 1, GupFlags.Write).Value;
        var second = actor.Get(address + Scene.Page).Value;

        var unbind = scene.Step(() => scene.Machine.BeginUnbind("/dev/dax0.0"));

        unbind.IsBlocked.Should().BeTrue();
        unbind.Verdict.Kind.Should().Be(VerdictKind.Blocked);
        actor.TryLoad(address).Word().Should().Be("SIGBUS", "the mappings went first");
        scene.Step(() => { first.Release(true); return 0; });
        scene.Step(unbind.Resume).Kind.Should().Be(VerdictKind.Blocked);
        scene.Step(() => { second.Release(); return 0; });
        unbind.IsBlocked.Should().BeFalse();
        scene.Step(unbind.Resume).Should().Be(Verdict.Ok);
    }

    [Theory]
    [InlineData("5.18")]
    [InlineData("6.1")]
    [InlineData("6.14")]
    [InlineData("7.2")]
    public void From_5_18_on_it_does_not_wait_and_the_page_is_used_after_it_is_gone(string kernel)
    {
        // K4 before U4.
        var (scene, actor, address) = Mapped(kernel);
        var page = actor.Get(address, 1, GupFlags.Write).Value;

        scene.Machine.BeginUnbind("/dev/dax0.0").Verdict.Should().Be(Verdict.Ok);

        scene.Machine.Audit().Should().ContainSingle().Which.ToString().Should().Contain("whose struct page went with its device");
        page.Release();
        scene.Machine.Log.Taints.HasFlag(Taints.Die).Should().BeTrue("put_page touches a struct page that is not there");
        scene.Check();
    }

    [Theory]
    [InlineData("4.14", false)]
    [InlineData("5.10", false)]
    [InlineData("5.17", false)]
    [InlineData("6.1", true)]
    [InlineData("6.14", true)]
    public void A_fast_reference_at_every_place_of_the_unbinding(string kernel, bool dangles)
    {
        for (var steps = 0; steps <= 4; steps++)
        {
            var (scene, actor, address) = Mapped(kernel);
            var pages = new ulong[1];
            var gup = new GupFastOperation(scene.Mm, actor.Space, address, 1, GupFlags.Get, pages, 0);
            var unbind = Unbind(scene);
            for (var i = 0; i < steps; i++)
            {
                unbind.Step();
            }

            var taken = gup.Run() == 1;
            while (unbind.Step())
            {
            }

            taken.Should().Be(steps < 2, "after {0} steps the mappings are gone", steps);
            unbind.IsBlocked.Should().Be(taken && !dangles);
            scene.Machine.Memory.HasStructPage(taken ? pages[0] : scene.Machine.DeviceTable.FindRange("dax0.0")!.Frames.StartPfn).Should().Be(taken && !dangles, "K4 comes after every U4 up to 5.17 (after {0} steps)", steps);
            if (taken)
            {
                scene.Mm.Release(pages[0], pin: false);
            }

            unbind.Run().Should().Be(Verdict.Ok);
            scene.Check();
        }
    }

    [Theory]
    [InlineData("5.10", true)]
    [InlineData("5.17", true)]
    [InlineData("6.1", false)]
    [InlineData("7.2", false)]
    public void A_page_of_a_file_that_is_in_a_pipe_when_its_filesystem_and_device_go(string kernel, bool waits)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax);
        var address = actor.Map(Backing.FsDax, file: file);
        actor.Store(address, 'x');
        var device = scene.Machine.Devices.Single(d => d.Name.StartsWith("pmem", StringComparison.Ordinal)).Name;
        scene.Machine.BeginUnbind(device).Verdict.Kind.Should().Be(VerdictKind.Unknown, "the filesystem is still mounted");
        var pipe = scene.Machine.CreatePipe();
        actor.Vmsplice(pipe, address).Value.Should().Be(1);
        actor.Munmap(address, 4);
        file.Close();
        scene.Step(() => scene.Machine.Unmount(scene.Machine.Mounts[^1].Path)).Should().Be(Verdict.Ok);

        var unbind = scene.Machine.BeginUnbind(device);

        unbind.IsBlocked.Should().Be(waits);
        pipe.Close();
        unbind.Resume().Should().Be(Verdict.Ok);
        scene.Machine.Log.Taints.HasFlag(Taints.Die).Should().Be(!waits);
        scene.Check();
    }

    [Fact]
    public void An_unbinding_that_sleeps_survives_a_snapshot()
    {
        var (scene, actor, address) = Mapped("5.10");
        var page = actor.Get(address).Value;
        var unbind = scene.Machine.BeginUnbind("/dev/dax0.0");
        var asleep = scene.Machine.Snapshot();
        page.Release();
        unbind.Resume().Should().Be(Verdict.Ok);

        scene.Machine.Restore(asleep);

        unbind.IsBlocked.Should().BeTrue();
        scene.Check();
    }

    [Fact]
    public void Only_drivers_with_memory_of_their_own_can_be_unbound()
    {
        var scene = Scene.X86("6.1");
        var unbind = () => scene.Machine.BeginUnbind("/dev/vda");
        unbind.Should().Throw<ArgumentException>().WithMessage("*only device-dax ranges and persistent memory disks*");
    }
}
