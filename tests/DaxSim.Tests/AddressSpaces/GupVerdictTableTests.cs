using DaxSim.AddressSpaces;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Does a reference on a present, writable page of a shared mapping succeed? Source: gup-fork 3.7.</summary>
public class GupVerdictTableTests
{
    private static readonly string[] Kernels = ["3.10", "3.19", "4.4", "4.9", "4.12", "4.14", "4.17", "4.19", "5.0", "5.4", "5.6", "5.8", "5.10", "5.14", "5.17", "5.18", "5.19", "6.1", "6.5", "6.12", "6.15", "6.18", "7.0", "7.2", "7.3"];

    public static TheoryData<string, Backing> Counted
    {
        get
        {
            var data = new TheoryData<string, Backing>();
            foreach (var kernel in Kernels)
            {
                data.Add(kernel, Backing.Anon);
                data.Add(kernel, Backing.PageCache);
                data.Add(kernel, Backing.Shmem);
                if (KernelVersion.Parse(kernel) >= KernelVersion.Parse("4.9"))
                {
                    data.Add(kernel, Backing.FsDax);
                    data.Add(kernel, Backing.DeviceDax);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> All => new(Kernels);

    [Theory]
    [MemberData(nameof(Counted))]
    public void References_on_pages_with_a_struct_page_succeed_on_both_paths(string kernel, Backing backing)
    {
        var scene = Scene.For(kernel, backing);
        var actor = scene.Spawn();
        var address = actor.Map(backing, backing == Backing.DeviceDax ? 512UL : 4);
        actor.Store(address, 'x');
        var before = scene.Machine.Memory.PageOf(scene.Machine.Memory.HeadOf(Pfn(actor, address))).References;

        foreach (var flags in new[] { GupFlags.None, GupFlags.Write })
        {
            var slow = actor.Get(address, 1, flags).Value;
            var fast = actor.GetFast(address, 1, flags).Value;
            fast.Pfns.Should().Equal(slow.Pfns).And.Equal(Pfn(actor, address));
            scene.Step(() => { slow.Release(); return 0; });
            scene.Step(() => { fast.Release(flags != 0); return 0; });
        }

        scene.Machine.Memory.PageOf(scene.Machine.Memory.HeadOf(Pfn(actor, address))).References.Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Counted))]
    public void Pins_succeed_where_there_are_pins(string kernel, Backing backing)
    {
        if (KernelVersion.Parse(kernel) < KernelVersion.Parse("5.6"))
        {
            kernel = "5.7";
        }

        var scene = Scene.For(kernel, backing);
        var actor = scene.Spawn();
        var address = actor.Map(backing, backing == Backing.DeviceDax ? 512UL : 4);
        actor.Store(address, 'x');

        var slow = actor.Pin(address, 1, GupFlags.Write).Value;
        var fast = actor.PinFast(address).Value;

        fast.Pfns.Should().Equal(slow.Pfns);
        scene.Step(() => { slow.Release(true); return 0; });
        scene.Step(() => { fast.Release(); return 0; });
        scene.Mm.PinsReleased.Should().Be(scene.Mm.PinsAcquired);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Device_memory_in_a_pfnmap_area_is_always_EFAULT(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.DevMem);
        actor.Store(address, 'x');

        actor.Get(address).Word().Should().Be("EFAULT");
        actor.Get(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
        actor.GetFast(address).Word().Should().Be("EFAULT");
        actor.GetFast(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
        actor.Get(address, 1, GupFlags.Force).Word().Should().Be("EFAULT");
        actor.Pin(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
        actor.Pin(address, 1, GupFlags.LongTerm).Word().Should().Be("EFAULT");
        scene.BadPageMaps.Should().Be(0);
    }

    [Theory]
    [InlineData("4.0")]
    [InlineData("4.4")]
    [InlineData("4.9")]
    [InlineData("4.14")]
    public void A_ram_disk_has_struct_pages_but_its_dax_entries_are_special(string kernel)
    {
        // Source: gup-fork 0.4 "Extra kind: BRD", 3.7; old.md surprise 9.
        var scene = Scene.For(kernel, Backing.RamDisk);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.RamDisk);
        actor.Store(address, 'x');

        actor.Get(address).Word().Should().Be("EFAULT");
        actor.GetFast(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
        scene.Machine.Memory.HasStructPage(actor.PfnAt(address)).Should().BeTrue();
        actor.Entry(address).IsSpecial.Should().BeTrue();
    }

    [Theory]
    [InlineData("4.4")]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    public void A_hole_shows_the_zero_page_to_readers_until_the_first_store(string kernel)
    {
        // Source: gup-fork 3.7 "ZERO (DAX hole) read"; old.md and s390.md "hole": GUP reads succeed until the first store.
        var s390 = kernel != "4.4";
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageLess, file: scene.File(Backing.PageLess, sparse: true));
        actor.TryLoad(address).Value.Should().Be(0);

        var page = actor.Get(address).Value;
        page.Pfns.Should().Equal(scene.Machine.Memory.ZeroPfn);
        scene.Step(() => { page.Release(); return 0; });
        actor.GetFast(address).Value.Release();

        actor.Store(address, 'x');
        actor.Get(address).Word().Should().Be(kernel is "6.1" or "6.12" ? "EEXIST" : "EFAULT");
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("6.18")]
    [InlineData("7.2")]
    public void A_hole_of_a_file_with_struct_pages_becomes_a_block_for_a_writer(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, file: scene.File(Backing.FsDax, sparse: true));
        actor.TryLoad(address).Value.Should().Be(0);
        var zero = actor.Get(address).Value;
        zero.Pfns.Should().Equal(scene.Machine.Memory.ZeroPfn);
        scene.Step(() => { zero.Release(); return 0; });

        var written = actor.Get(address, 1, GupFlags.Write).Value;

        written.Pfns[0].Should().NotBe(scene.Machine.Memory.ZeroPfn);
        written.Write(0, 0, [(byte)'w']);
        actor.Load(address).Should().Be('w');
        scene.Step(() => { written.Release(true); return 0; });
    }

    private static ulong Pfn(Actor actor, ulong address)
        => actor.Entry(address).IsPresent ? actor.PfnAt(address) : actor.Process.Pagemap(address).Pfn;
}
