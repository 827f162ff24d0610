using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>ENOMEM at every allocation of fork, with a complete roll-back. Source: gup-fork 5.1 step 7.</summary>
public class ForkOutOfMemoryTests
{
    public static TheoryData<string> Kernels => new("3.10", "4.4", "4.9", "4.14", "4.19", "5.4", "5.8", "5.9", "5.11", "5.17", "5.19", "6.1", "6.5", "6.12", "6.15", "7.0", "7.2", "7.3");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Wherever_fork_runs_out_of_memory_the_parent_goes_on_as_if_it_had_not_forked(string kernel)
    {
        var (scene, parent, addresses) = Family(kernel);
        var expected = addresses.Select(parent.Load).ToList();
        var before = Fingerprints(scene, parent);
        var failures = 0;
        for (var allocation = 1; ; allocation++)
        {
            scene.Mm.FailAllocation = allocation;
            var fork = parent.TryFork();
            scene.Mm.FailAllocation = 0;
            if (fork.IsOk)
            {
                fork.Value.Exit();
                break;
            }

            failures++;
            fork.Word().Should().Be("ENOMEM");
            Fingerprints(scene, parent).Should().Be(before, "allocation {0} failed", allocation);
            addresses.Select(parent.Load).Should().Equal(expected);
            scene.Machine.Processes.Should().HaveCount(1);
        }

        failures.Should().BeGreaterThan(10);
        foreach (var address in addresses.Take(6))
        {
            parent.Store(address, '!');
        }

        scene.Check();
        parent.Exit();
        scene.Mm.Spaces.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void After_a_failed_fork_a_page_is_written_without_a_copy(string kernel)
    {
        // The write protection stays, but nobody shares the page.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        const ulong address = 0x5000_0000_0000;
        parent.Map(Backing.Anon, 2, shared: false, more: MapFlags.Fixed, at: address);
        parent.Store(address, 'a');
        parent.Store(address + Scene.Page, 'b');
        parent.Map(Backing.Anon, 2, shared: false, prot: Prot.Read, more: MapFlags.Fixed, at: address + (16 * Scene.Page));
        var frame = parent.PfnAt(address);
        var failed = false;
        for (var allocation = 1; allocation < 20 && !failed; allocation++)
        {
            scene.Mm.FailAllocation = allocation;
            var fork = parent.TryFork();
            scene.Mm.FailAllocation = 0;
            fork.IsOk.Should().BeFalse();
            failed = !parent.Entry(address).IsWrite;
        }

        failed.Should().BeTrue("some failure came after the copy of the first area");
        parent.Store(address, 'c');

        parent.PfnAt(address).Should().Be(frame);
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.11")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    public void The_same_for_page_less_dax_on_s390(string kernel)
    {
        var scene = Scene.S390(kernel);
        var parent = scene.Spawn();
        var shared = parent.Map(Backing.PageLess);
        parent.Store(shared, 's');
        var copied = parent.Map(Backing.PageLess, shared: false);
        parent.Load(copied + Scene.Page);
        parent.Store(copied, 'c');
        var failures = 0;
        for (var allocation = 1; ; allocation++)
        {
            scene.Mm.FailAllocation = allocation;
            var fork = parent.TryFork();
            scene.Mm.FailAllocation = 0;
            if (fork.IsOk)
            {
                break;
            }

            failures++;
            fork.Word().Should().Be("ENOMEM");
            (parent.Load(shared), parent.Load(copied), parent.Load(copied + Scene.Page)).Should().Be(('s', 'c', 'B'));
        }

        failures.Should().BeGreaterThan(2);
    }

    [Theory]
    [InlineData("5.9")]
    [InlineData("5.17")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void The_early_copy_of_a_pinned_page_may_fail_too(string kernel)
    {
        // gup-fork 5.4: "allocation failure -> fork -ENOMEM".
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        var pin = parent.Pin(address, 1, GupFlags.Write).Value;
        var reasons = new List<string>();
        for (var allocation = 1; ; allocation++)
        {
            scene.Mm.FailAllocation = allocation;
            var fork = parent.TryFork();
            scene.Mm.FailAllocation = 0;
            if (fork.IsOk)
            {
                break;
            }

            reasons.Add(fork.Verdict.Reason!.Function);
        }

        reasons.Should().Contain("copy_present_page");
        pin.Write(0, 0, [(byte)'D']);
        parent.Load(address).Should().Be('D');
        scene.Step(() => { pin.Release(); return 0; });
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("7.2")]
    public void Every_allocation_of_a_write_fault_may_fail(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, shared: false);
        actor.Load(address);
        var failures = 0;
        for (var allocation = 1; ; allocation++)
        {
            scene.Mm.FailAllocation = allocation;
            var result = actor.Get(address, 1, GupFlags.Write);
            scene.Mm.FailAllocation = 0;
            if (result.IsOk)
            {
                result.Value.Release();
                break;
            }

            failures++;
            result.Word().Should().Be("ENOMEM");
            actor.Load(address).Should().Be('A');
        }

        failures.Should().BeGreaterThan(0);
        scene.Check();
    }

    private static (Scene, Actor, List<ulong>) Family(string kernel)
    {
        var dax = KernelVersion.Parse(kernel) >= KernelVersion.Parse("4.9");
        var scene = dax ? Scene.For(kernel, Backing.FsDax) : Scene.X86(kernel);
        var parent = scene.Spawn();
        var addresses = new List<ulong>();
        var anon = parent.Map(Backing.Anon, 4, shared: false);
        for (var i = 0UL; i < 3; i++)
        {
            parent.Store(anon + (i * Scene.Page), (char)('a' + i));
            addresses.Add(anon + (i * Scene.Page));
        }

        var file = parent.Map(Backing.PageCache, shared: false);
        parent.Store(file, 'f');
        addresses.Add(file);
        parent.Load(file + Scene.Page);
        addresses.Add(file + Scene.Page);
        var shared = parent.Map(Backing.Shmem);
        parent.Store(shared, 's');
        addresses.Add(shared);
        var device = parent.Map(Backing.DevMem);
        parent.Store(device, 'd');
        addresses.Add(device);
        if (dax)
        {
            var copied = parent.Map(Backing.FsDax, shared: false);
            parent.Load(copied + Scene.Page);
            parent.Store(copied, 'x');
            addresses.Add(copied);
            addresses.Add(copied + Scene.Page);
            var plain = parent.Map(Backing.FsDax);
            parent.Store(plain, 'y');
            addresses.Add(plain);
        }

        var huge = parent.MapHuge();
        parent.Store(huge, 'h');
        addresses.Add(huge);
        scene.Step(() => parent.Process.Mlock(anon, Scene.Page));
        return (scene, parent, addresses);
    }

    /// <summary>Everything of the machine but what a failed fork may do: take write permission (and the exclusive mark) away, count its sequence, use up a number.</summary>
    private static (long, int, long, long, long, int, string) Fingerprints(Scene scene, Actor parent)
    {
        var writer = new StateDigest();
        foreach (var extent in scene.Machine.Memory.Pages.Extents())
        {
            for (var pfn = extent.Start; pfn < extent.End; pfn++)
            {
                var state = scene.Machine.Memory.PageOf(pfn);
                writer.Add(pfn);
                writer.Add(state.References);
                writer.Add(state.MapCount);
                writer.Add(state.EntireMapCount);
                writer.Add(state.PinCount);
            }
        }

        foreach (var area in parent.Space.Areas)
        {
            writer.Add(area.Start);
            writer.Add(area.End);
            writer.Add((ulong)area.Flags);
            writer.Add(area.Anon?.Links ?? 0);
            writer.Add(area.Anon?.Children ?? 0);
            writer.Add(area.Anon?.ActiveVmas ?? 0);
        }

        return (scene.Machine.Memory.AllocatedPages, scene.Mm.Spaces.Count, parent.Space.AnonPages, parent.Space.FilePages, parent.Space.LockedPages, scene.Mm.HugeTlbCommitted, writer.Finish());
    }
}
