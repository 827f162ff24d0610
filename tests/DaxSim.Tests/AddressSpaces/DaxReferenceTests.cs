using DaxSim.AddressSpaces;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Counts of DAX pages in both regimes: 1-based up to 6.14, counted like file pages from 6.15 on. Source: gup-fork 8.1, 6.15 boundary.</summary>
public class DaxReferenceTests
{
    private static readonly string[] Before = ["4.9", "4.14", "4.17", "4.19", "5.4", "5.10", "5.17", "5.19", "6.1", "6.12", "6.14"];
    private static readonly string[] After = ["6.15", "6.16", "6.18", "7.0", "7.2", "7.3"];

    public static TheoryData<string> OneBased => new(Before);

    public static TheoryData<string> ZeroBased => new(After);

    public static TheoryData<string> All => new([.. Before, .. After]);

    private static (Scene Scene, Actor Actor, ulong Address) Mapped(string kernel, bool shared = true)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, shared: shared);
        actor.Load(address).Should().Be('A');
        return (scene, actor, address);
    }

    [Theory]
    [MemberData(nameof(OneBased))]
    public void Up_to_6_14_a_mapping_does_not_count(string kernel)
    {
        var (_, actor, address) = Mapped(kernel);

        (actor.CountAt(address), actor.MapCountAt(address)).Should().Be((1, 0));
        actor.Entry(address).IsDevmap.Should().BeTrue();
        actor.Space.FilePages.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(ZeroBased))]
    public void From_6_15_on_a_mapping_counts_one_reference_one_map_and_one_resident_page(string kernel)
    {
        var (_, actor, address) = Mapped(kernel);

        (actor.CountAt(address), actor.MapCountAt(address)).Should().Be((1, 1));
        actor.Entry(address).IsSpecial.Should().BeFalse();
        actor.Space.FilePages.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Unmapping_returns_the_page_to_its_idle_count(string kernel)
    {
        var (scene, actor, address) = Mapped(kernel);
        var pfn = actor.PfnAt(address);

        actor.Munmap(address);

        scene.Machine.Memory.PageCount(pfn).Should().Be(KernelVersion.Parse(kernel) < KernelVersion.Parse("6.15") ? 1 : 0);
        scene.Machine.Memory.PageOf(pfn).References.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Two_processes_that_map_a_page_count_it_twice_only_in_the_new_regime(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var file = scene.File(Backing.FsDax);
        var first = scene.Spawn("first");
        var second = scene.Spawn("second");
        var a = first.Map(Backing.FsDax, file: file);
        var b = second.Map(Backing.FsDax, file: file);
        first.Load(a);
        second.Load(b);

        second.PfnAt(b).Should().Be(first.PfnAt(a));
        first.CountAt(a).Should().Be(KernelVersion.Parse(kernel) < KernelVersion.Parse("6.15") ? 1 : 2);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_reference_adds_one(string kernel)
    {
        var (scene, actor, address) = Mapped(kernel);
        var before = actor.CountAt(address);

        var page = actor.Get(address).Value;

        (actor.CountAt(address) - before).Should().Be(1);
        scene.Step(() => { page.Release(); return 0; });
        actor.CountAt(address).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_pin_adds_the_bias(string kernel)
    {
        if (KernelVersion.Parse(kernel) < KernelVersion.Parse("5.7"))
        {
            return;
        }

        var (scene, actor, address) = Mapped(kernel);
        var before = actor.CountAt(address);

        var page = actor.PinFast(address).Value;

        (actor.CountAt(address) - before).Should().Be(1024);
        scene.Step(() => { page.Release(); return 0; });
        actor.CountAt(address).Should().Be(before);
    }

    [Theory]
    [InlineData("4.9", false)]
    [InlineData("4.16", false)]
    [InlineData("4.17", true)]
    [InlineData("4.19", true)]
    [InlineData("5.10", true)]
    [InlineData("6.1", true)]
    [InlineData("7.2", true)]
    public void The_page_names_its_file_from_4_17_on_so_a_shared_futex_gets_a_key(string kernel, bool named)
    {
        // gup-fork 8.1 page->mapping, 7 row 9. old.md surprise 5 recorded EFAULT on 4.16 and ok on 4.19.
        var (scene, actor, address) = Mapped(kernel);

        (scene.Machine.Memory.PageOf(actor.PfnAt(address)).Owner != 0).Should().Be(named);
        actor.FutexWait(address, shared: true).Word().Should().Be(named ? "EAGAIN" : "EFAULT");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Fork_of_a_mapping_that_was_copied_counts_the_child_in_the_new_regime(string kernel)
    {
        // 8.1 "after fork: copied (anon_vma present): +1 ref, +1 map".
        var (scene, parent, address) = Mapped(kernel, shared: false);
        parent.Store(address + Scene.Page, 'x');
        var before = parent.CountAt(address);

        var child = parent.Fork();

        child.Entry(address).IsPresent.Should().BeTrue();
        (parent.CountAt(address) - before).Should().Be(KernelVersion.Parse(kernel) < KernelVersion.Parse("6.15") ? 0 : 1);
        child.Exit();
        parent.CountAt(address).Should().Be(before);
        scene.Check();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_hole_shows_the_zero_page_by_a_special_entry(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, file: scene.File(Backing.FsDax, sparse: true));

        actor.TryLoad(address).Value.Should().Be(0);

        actor.Entry(address).IsZero.Should().BeTrue();
        actor.Entry(address).IsSpecial.Should().BeTrue();
        (actor.Space.AnonPages + actor.Space.FilePages).Should().Be(0);
        actor.Store(address, 'x');
        actor.Entry(address).IsZero.Should().BeFalse();
        actor.Load(address).Should().Be('x');
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_huge_mapping_of_a_dax_file(string kernel)
    {
        // 8.1: "PMD-mapped fsdax folio in 6.15+: refcount 1, mapcount 1 for the whole 2M folio".
        var scene = Scene.For(kernel, Backing.FsDax);
        var file = scene.File(Backing.FsDax, 512, sparse: true);
        scene.Step(() => file.BeginAllocate(DaxSim.Processes.FallocateMode.None, 0, (long)Scene.Huge).Verdict);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, 512, more: MapFlags.Fixed, at: 0x4000_0000_0000, file: file);

        actor.Store(address, 'x');

        var head = actor.Process.Pagemap(address).Pfn;
        var state = scene.Machine.Memory.PageOf(head);
        (scene.Machine.Memory.PageCount(head), state.EntireMapCount, state.Order).Should().Be(kernel == "7.2" ? (1, 1, (byte)9) : (1, 0, (byte)0));
        actor.Load(address + (300 * Scene.Page)).Should().Be('\0');
        actor.Munmap(address + Scene.Page, 1);
        actor.Load(address).Should().Be('x');
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("5.17")]
    public void A_referenced_page_holds_its_pagemap_up_to_5_17(string kernel)
    {
        // gup-fork 8.3.
        var (scene, actor, address) = Mapped(kernel);
        var pagemap = scene.Machine.Memory.PagemapOf(actor.PfnAt(address))!;

        var page = actor.Get(address).Value;

        pagemap.References.Should().Be(1);
        scene.Step(() => { page.Release(); return 0; });
        pagemap.References.Should().Be(0);
    }

    [Theory]
    [InlineData("5.18")]
    [InlineData("6.1")]
    [InlineData("6.14")]
    [InlineData("7.2")]
    public void A_referenced_page_does_not_hold_its_pagemap_from_5_18_on(string kernel)
    {
        var (scene, actor, address) = Mapped(kernel);

        var page = actor.Get(address).Value;

        scene.Machine.Memory.PagemapOf(actor.PfnAt(address))!.References.Should().Be(0);
        scene.Step(() => { page.Release(); return 0; });
    }

    [Theory]
    [InlineData("4.14", true)]
    [InlineData("5.10", true)]
    [InlineData("6.12", true)]
    public void A_dying_device_gives_no_new_references(string kernel, bool spins)
    {
        // gup-fork 2.8, 8.3 "any": the PTE level retries until the entry is gone.
        var (scene, actor, address) = Mapped(kernel);
        scene.Machine.Memory.PagemapOf(actor.PfnAt(address))!.Kill();

        actor.Get(address).Word().Should().Be(spins ? "blocked" : "ok");
        actor.Load(address).Should().Be('A');
    }
}
