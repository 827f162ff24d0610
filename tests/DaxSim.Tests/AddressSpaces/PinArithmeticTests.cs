using DaxSim.AddressSpaces;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>References and pins in numbers. Source: gup-fork 4.1, 4.2.</summary>
public class PinArithmeticTests
{
    public static TheoryData<string> Kernels => new("3.10", "4.4", "4.14", "4.19", "5.5", "5.6", "5.7", "5.10", "5.17", "5.19", "6.1", "6.5", "6.12", "7.2");

    /// <summary>Kernels that have pins.</summary>
    public static TheoryData<string> Pinning => new("5.6", "5.7", "5.8", "5.9", "5.10", "5.11", "5.15", "5.17", "5.18", "5.19", "6.0", "6.1", "6.4", "6.5", "6.12", "6.15", "7.0", "7.2", "7.3");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_reference_counts_one(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'x');
        actor.CountAt(address).Should().Be(1);

        var first = actor.Get(address).Value;
        var second = actor.GetFast(address).Value;

        actor.CountAt(address).Should().Be(3);
        scene.Step(() => { first.Release(); return 0; });
        scene.Step(() => { second.Release(); return 0; });
        actor.CountAt(address).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Pinning))]
    public void A_pin_counts_1024_once_pins_are_tracked(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'x');
        var bias = kernel == "5.6" ? 1 : 1024;

        var slow = actor.Pin(address).Value;
        actor.CountAt(address).Should().Be(1 + bias);
        var fast = actor.PinFast(address).Value;
        actor.CountAt(address).Should().Be(1 + (2 * bias));

        scene.Step(() => { slow.Release(); return 0; });
        scene.Step(() => { fast.Release(); return 0; });
        actor.CountAt(address).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Pinning))]
    public void The_counters_of_vmstat_grow_by_every_pin_and_unpin(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 4, shared: false);
        var tracked = kernel == "5.6" ? 0 : 4;

        var pins = actor.Pin(address, 4, GupFlags.Write).Value;
        (scene.Mm.PinsAcquired, scene.Mm.PinsReleased).Should().Be((tracked, 0L));

        scene.Step(() => { pins.Release(true); return 0; });
        (scene.Mm.PinsAcquired, scene.Mm.PinsReleased).Should().Be((tracked, (long)tracked));
    }

    [Theory]
    [MemberData(nameof(Pinning))]
    public void References_leave_the_pin_counters_alone(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 4, shared: false);

        actor.Get(address, 4, GupFlags.Write).Value.Release();

        scene.Mm.PinsAcquired.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Pinning))]
    public void A_page_looks_pinned_while_it_is_and_not_after(string kernel)
    {
        // Source: peers C-43 (PIN_BASIC_TEST).
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'x');
        scene.Mm.MaybePinned(actor.PfnAt(address)).Should().BeFalse();

        var pin = actor.Pin(address).Value;

        scene.Mm.MaybePinned(actor.PfnAt(address)).Should().Be(kernel != "5.6");
        scene.Step(() => { pin.Release(); return 0; });
        scene.Mm.MaybePinned(actor.PfnAt(address)).Should().BeFalse();
    }

    [Theory]
    [InlineData("5.7")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_single_page_with_1024_references_looks_pinned_though_it_is_not(string kernel)
    {
        // "fuzzy, false positives possible".
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'x');

        var references = Enumerable.Range(0, 1023).Select(_ => actor.Process.GetUserPages(address, 1).Value).ToList();

        scene.Mm.MaybePinned(actor.PfnAt(address)).Should().BeTrue();
        references.ForEach(r => r.Release());
        scene.Check();
    }

    [Theory]
    [InlineData("5.7")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_pin_of_a_huge_page_counts_one_reference_and_one_exact_pin(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'x');
        var head = actor.Process.Pagemap(address).Pfn;
        var before = scene.Machine.Memory.PageOf(head);

        var pins = actor.Pin(address + (5 * Scene.Page), 3).Value;

        var state = scene.Machine.Memory.PageOf(head);
        state.Order.Should().Be(9);
        (state.References - before.References, state.PinCount).Should().Be((3, 3));
        pins.Pfns.Should().Equal(head + 5, head + 6, head + 7);
        scene.Step(() => { pins.Release(); return 0; });
        scene.Machine.Memory.PageOf(head).References.Should().Be(before.References);
    }

    [Theory]
    [InlineData("5.7", 1024)]
    [InlineData("6.1", 1024)]
    [InlineData("6.1.130", 0)]
    [InlineData("6.4", 1024)]
    [InlineData("6.5", 0)]
    [InlineData("7.2", 0)]
    public void The_zero_page_is_not_pinned_from_6_5_on(string kernel, int added)
    {
        // c8070b787519.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, file: scene.File(Backing.FsDax, sparse: true));
        actor.TryLoad(address);
        var zero = scene.Machine.Memory.ZeroPfn;
        var before = scene.Machine.Memory.PageCount(zero);

        var pin = actor.Pin(address).Value;

        pin.Pfns.Should().Equal(zero);
        (scene.Machine.Memory.PageCount(zero) - before).Should().Be(added);
        scene.Mm.PinsAcquired.Should().Be(added == 0 ? 0 : 1);
        scene.Step(() => { pin.Release(); return 0; });
        scene.Machine.Memory.PageCount(zero).Should().Be(before);
    }

    [Theory]
    [InlineData("5.8", false)]
    [InlineData("5.9", true)]
    [InlineData("5.14", true)]
    [InlineData("6.1", true)]
    [InlineData("7.2", true)]
    public void The_address_space_remembers_its_first_pin_for_good(string kernel, bool remembers)
    {
        // Source: gup-fork 4.1 "mm has_pinned".
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Space.HasPinned.Should().BeFalse();

        actor.Pin(address, 1, GupFlags.Write).Value.Release();

        actor.Space.HasPinned.Should().Be(remembers);
    }

    [Theory]
    [MemberData(nameof(Pinning))]
    public void A_pinned_page_survives_munmap_and_exit(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'x');
        var pin = actor.Pin(address).Value;
        actor.Munmap(address);
        actor.Exit();

        var bytes = new byte[1];
        pin.Read(0, 0, bytes);

        bytes[0].Should().Be((byte)'x');
        var used = scene.Machine.Memory.AllocatedPages;
        scene.Step(() => { pin.Release(); return 0; });
        scene.Machine.Memory.AllocatedPages.Should().Be(used - 1);
    }

    [Theory]
    [MemberData(nameof(Pinning))]
    public void Releasing_dirty_makes_a_file_page_dirty_so_that_sync_writes_it(string kernel)
    {
        // Source: gup-fork 4.3 unpin_user_pages_dirty_lock.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        var address = actor.Map(Backing.PageCache, file: file);
        actor.Store(address, 'x');
        file.Sync();
        var pin = actor.Pin(address, 1, GupFlags.Write).Value;
        file.Sync();
        pin.Write(0, 0, [(byte)'d']);

        scene.Step(() => { pin.Release(dirty: true); return 0; });
        file.Sync();

        var disk = new byte[4096];
        scene.Step(() => scene.Spawn().Process.Pread(file.Reopen(FileFlags).Value, actor.Map(Backing.Anon, 1, shared: false), 512, 0));
        file.ReadBytes(0, disk);
        disk[0].Should().Be((byte)'d');
    }

    private const DaxSim.FileSystems.OpenFlags FileFlags = DaxSim.FileSystems.OpenFlags.ReadOnly | DaxSim.FileSystems.OpenFlags.Direct;
}
