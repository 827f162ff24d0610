using DaxSim.AddressSpaces;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>FOLL_LONGTERM. Source: gup-fork 4.4, 4.5, 7 rows 14, 15; modern.md "Long-term pins"; peers C-32 to C-41 (gup_longterm.c).</summary>
public class LongTermPinTests
{
    private const GupFlags LongTerm = GupFlags.LongTerm;
    private const GupFlags LongTermWrite = GupFlags.LongTerm | GupFlags.Write;

    [Theory]
    [InlineData("4.9", "ok")]
    [InlineData("4.14", "ok")]
    [InlineData("4.14.4", "EOPNOTSUPP")]
    [InlineData("4.15", "EOPNOTSUPP")]
    [InlineData("4.19", "EOPNOTSUPP")]
    [InlineData("5.2", "EOPNOTSUPP")]
    [InlineData("5.5", "EOPNOTSUPP")]
    public void Long_term_references_on_a_dax_file(string kernel, string expected)
    {
        // C-41: refused since 4.15-rc, stable-tagged.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);
        actor.Store(address, 'x');

        actor.Get(address, 1, LongTermWrite).Word().Should().Be(expected);
    }

    [Theory]
    [InlineData("5.6")]
    [InlineData("5.10")]
    [InlineData("5.11")]
    [InlineData("5.17")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("6.14")]
    [InlineData("6.15")]
    [InlineData("6.18")]
    [InlineData("7.2")]
    public void Long_term_pins_of_a_dax_file_are_refused_on_both_paths(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);
        actor.Store(address, 'x');

        foreach (var flags in new[] { LongTerm, LongTermWrite })
        {
            actor.Pin(address, 1, flags).Word().Should().Be("EOPNOTSUPP");
            actor.PinFast(address, 1, flags).Word().Should().Be("EOPNOTSUPP");
        }

        scene.Mm.PinsReleased.Should().Be(scene.Mm.PinsAcquired);
    }

    [Theory]
    [InlineData("5.7", 1, true)]
    [InlineData("5.10", 1, true)]
    [InlineData("5.11", 0, false)]
    [InlineData("6.1", 0, false)]
    [InlineData("7.2", 0, false)]
    public void Up_to_5_10_the_page_is_faulted_in_and_pinned_before_it_is_refused(string kernel, int pins, bool present)
    {
        // modern.md: "5.10 pins first and then checks (the page is faulted in; pins [1,1]); later kernels check first".
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);

        actor.Pin(address, 1, LongTermWrite).Word().Should().Be("EOPNOTSUPP");

        (scene.Mm.PinsAcquired, scene.Mm.PinsReleased).Should().Be(((long)pins, (long)pins));
        actor.Entry(address).IsPresent.Should().Be(present);
    }

    [Theory]
    [InlineData("4.15")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_long_term_pin_that_runs_from_anonymous_memory_into_a_dax_file(string kernel)
    {
        // gup-fork 4.5: post-check drops all; pre-check gives the prefix.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        const ulong at = 0x5000_0000_0000;
        actor.Map(Backing.Anon, 1, shared: false, more: MapFlags.Fixed, at: at);
        actor.Map(Backing.FsDax, 1, more: MapFlags.Fixed, at: at + Scene.Page);

        var result = kernel is "4.15" or "4.19" ? actor.Get(at, 2, LongTermWrite) : actor.Pin(at, 2, LongTermWrite);

        if (kernel is "6.1" or "7.2")
        {
            result.Value.Count.Should().Be(1);
            result.Value.Release();
            scene.Check();
        }
        else
        {
            result.Word().Should().Be("EOPNOTSUPP");
        }
    }

    [Theory]
    [InlineData("5.7")]
    [InlineData("5.10")]
    [InlineData("5.17")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void Device_dax_may_be_pinned_for_long(string kernel)
    {
        // C-41 "devdax allowed": it can never be truncated.
        var scene = Scene.For(kernel, Backing.DeviceDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.DeviceDax, 512);

        var pin = actor.PinFast(address, 3, LongTermWrite).Value;

        pin.Count.Should().Be(3);
        scene.Step(() => { pin.Release(true); return 0; });
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("5.17")]
    [InlineData("5.19")]
    [InlineData("6.1")]
    [InlineData("6.2")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_private_file_mapping_may_be_pinned_for_writing_because_it_is_copied_first(string kernel)
    {
        // C-35.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, shared: false);
        actor.Load(address);

        var pin = actor.PinFast(address, 1, LongTermWrite).Value;

        scene.Machine.Memory.PageOf(pin.Pfns[0]).IsAnon.Should().BeTrue();
        pin.Write(0, 0, [(byte)'w']);
        actor.Load(address).Should().Be('w');
        scene.Step(() => { pin.Release(); return 0; });
    }

    [Theory]
    [InlineData("5.10", false)]
    [InlineData("6.1", false)]
    [InlineData("6.2", true)]
    [InlineData("6.12", true)]
    [InlineData("7.2", true)]
    public void A_read_only_long_term_pin_of_a_private_file_page_is_reliable_from_6_2_on(string kernel, bool reliable)
    {
        // gup-fork 4.4 "R/O long-term pin in a COW mapping of a file page forces an unshare fault".
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, shared: false);
        actor.Load(address);
        var pin = actor.Pin(address, 1, LongTerm).Value;

        actor.Store(address, 'n');

        var seen = new byte[1];
        pin.Read(0, 0, seen);
        ((char)seen[0]).Should().Be(reliable ? 'n' : 'A');
        scene.Step(() => { pin.Release(); return 0; });
    }

    [Theory]
    [InlineData("5.10", "ok")]
    [InlineData("6.1", "ok")]
    [InlineData("6.5", "EFAULT")]
    [InlineData("6.8", "EFAULT")]
    [InlineData("6.12", "EFAULT")]
    [InlineData("7.2", "EFAULT")]
    public void A_shared_ext4_page_may_not_be_pinned_for_writing_from_6_5_on_not_even_by_the_fast_path(string kernel, string expected)
    {
        // C-32, C-33.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.PageCache);
        actor.Store(address, 'x');

        actor.PinFast(address, 1, LongTermWrite).Word().Should().Be(expected);
        actor.PinFast(address, 1, LongTerm).Word().Should().Be("ok");
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.5")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_shared_memfd_may_be_pinned_and_registered(string kernel)
    {
        // C-38.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Shmem);
        actor.PinFast(address, 1, LongTermWrite).Value.Release();
        var ring = actor.Process.CreateRing();

        scene.Step(() => ring.RegisterBuffer(address, 4096)).Word().Should().Be("ok");
        scene.Step(ring.UnregisterBuffer).Word().Should().Be("ok");
    }

    [Theory]
    [InlineData("5.10", Backing.FsDax, "EOPNOTSUPP")]
    [InlineData("5.10", Backing.DeviceDax, "EOPNOTSUPP")]
    [InlineData("5.10", Backing.PageCache, "EOPNOTSUPP")]
    [InlineData("5.10", Backing.DevMem, "EFAULT")]
    [InlineData("6.1", Backing.FsDax, "EOPNOTSUPP")]
    [InlineData("6.1", Backing.DeviceDax, "EOPNOTSUPP")]
    [InlineData("6.1", Backing.PageCache, "EOPNOTSUPP")]
    [InlineData("6.1", Backing.DevMem, "EFAULT")]
    [InlineData("6.12", Backing.FsDax, "EOPNOTSUPP")]
    [InlineData("6.12", Backing.DeviceDax, "ok")]
    [InlineData("6.12", Backing.PageCache, "EFAULT")]
    [InlineData("6.12", Backing.DevMem, "EFAULT")]
    [InlineData("7.2", Backing.FsDax, "EOPNOTSUPP")]
    [InlineData("7.2", Backing.DeviceDax, "ok")]
    [InlineData("7.2", Backing.PageCache, "EFAULT")]
    public void Registering_an_io_uring_buffer(string kernel, Backing backing, string expected)
    {
        // modern.md "DAX files and get_user_pages", second item.
        var scene = Scene.For(kernel, backing);
        var actor = scene.Spawn();
        var address = actor.Map(backing, backing == Backing.DeviceDax ? 512UL : 4);
        actor.Store(address, 'x');
        var ring = actor.Process.CreateRing();

        scene.Step(() => ring.RegisterBuffer(address, 4096)).Word().Should().Be(expected);
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_registered_anonymous_buffer_receives_what_the_ring_reads(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        var ring = actor.Process.CreateRing();
        scene.Step(() => ring.RegisterBuffer(address, 8192)).Word().Should().Be("ok");

        scene.Step(() => ring.ReadFixed(scene.File(Backing.PageCache), address + 4000, 200, 0)).Value.Should().Be(200);

        actor.Load(address + 4000).Should().Be('A');
        actor.Load(address + 4199).Should().Be('A');
        scene.Step(() => ring.RegisterBuffer(address, 4096)).Word().Should().Be("EBUSY");
        scene.Step(ring.UnregisterBuffer).Word().Should().Be("ok");
        scene.Step(ring.UnregisterBuffer).Word().Should().Be("ENXIO");
    }
}
