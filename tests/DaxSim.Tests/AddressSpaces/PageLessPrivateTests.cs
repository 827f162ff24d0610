using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>A private DAX mapping without struct pages. Source: gup-fork 10.4, 2.5.2; s390.md "MAP_PRIVATE".</summary>
public class PageLessPrivateTests
{
    public static TheoryData<string, bool> Kernels => new()
    {
        { "4.4", false }, { "4.14", false }, { "4.14", true }, { "4.16", true }, { "4.19", true }, { "5.4", true }, { "5.7", true }, { "5.8", true },
        { "5.9", true }, { "5.11", true }, { "5.17", true }, { "5.18", true }, { "6.1", true }, { "6.12", true },
    };

    private static (Scene Scene, Actor Actor, ulong Address) Mapped(string kernel, bool s390)
    {
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageLess, shared: false);
        actor.Load(address).Should().Be('A');
        return (scene, actor, address);
    }

    private static bool At(string kernel, string from, string until) => KernelVersion.Parse(kernel) >= KernelVersion.Parse(from) && KernelVersion.Parse(kernel) < KernelVersion.Parse(until);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_store_copies_the_page_and_leaves_the_file_alone(string kernel, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, s390);

        actor.Store(address, 'z');

        actor.Load(address).Should().Be('z');
        actor.Load(address + 2048).Should().Be('A');
        scene.Machine.Memory.PageOf(actor.PfnAt(address)).IsAnon.Should().BeTrue();
        actor.Space.AnonPages.Should().Be(1);
        var other = scene.Spawn("other");
        other.Load(other.Map(Backing.PageLess, shared: false)).Should().Be('A');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Direct_io_from_it_fails_unless_reads_break_cow(string kernel, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var target = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;
        var expected = At(kernel, "5.8", "5.9") ? "ok" : At(kernel, "5.18", "7.3") ? "EEXIST" : "EFAULT";

        scene.Step(() => actor.Process.Pwrite(target, address, 4096, 0)).Word().Should().Be(expected);

        actor.Load(address).Should().Be('A');
        (actor.Space.AnonPages == 1).Should().Be(expected == "ok");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Direct_io_into_it_works_on_a_copy(string kernel, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var source = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;

        scene.Step(() => actor.Process.Pread(source, address, 4096, (long)Scene.Page)).Value.Should().Be(4096);

        actor.Load(address).Should().Be('B');
        actor.Space.AnonPages.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Peek_fails_before_and_works_after_a_store(string kernel, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var tracer = scene.Spawn("tracer");

        tracer.Peek(actor, address).Word().Should().Be(At(kernel, "5.8", "5.9") ? "ok" : "EIO");

        actor.Store(address, 'z');
        tracer.Peek(actor, address).Word().Should().Be("ok");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void After_a_store_every_reference_works(string kernel, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        actor.Store(address, 'z');
        var other = scene.Spawn("other");

        actor.Get(address).Value.Release();
        actor.GetFast(address, 1, GupFlags.Write).Value.Release();
        actor.Vmsplice(scene.Machine.CreatePipe(), address).Word().Should().Be("ok");
        other.VmRead(actor, address).Value.Should().Be(8);
        actor.FutexWait(address, shared: true).Word().Should().Be("EAGAIN");
        scene.Check();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_poke_from_elsewhere_works_but_the_rest_of_the_page_is_the_pokers_or_zero(string kernel, bool s390)
    {
        // Source: s390.md surprise 1 (4.19, 5.11, 6.1, 6.12): nothing mapped there in the poker gives zeros.
        var (scene, actor, address) = Mapped(kernel, s390);
        var tracer = scene.Spawn("tracer");

        tracer.Poke(actor, address, 'p').Should().Be(Verdict.Ok);

        actor.Load(address).Should().Be('p');
        actor.TryLoad(address + 8).Value.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_poker_with_its_own_page_at_the_address_gives_away_its_bytes(string kernel, bool s390)
    {
        // Source: s390.md surprise 1, row "its own data".
        var (scene, actor, address) = Mapped(kernel, s390);
        var tracer = scene.Spawn("tracer");
        tracer.Map(Backing.Anon, 1, shared: false, more: MapFlags.Fixed, at: address);
        tracer.Store(address + 8, 'Q');

        tracer.Poke(actor, address, 'p').Should().Be(Verdict.Ok);

        actor.Load(address + 8).Should().Be('Q');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_poke_of_an_untouched_page_copies_the_file(string kernel, bool s390)
    {
        // Source: s390.md: "Untouched and already-written pages are fine".
        var (scene, actor, address) = Mapped(kernel, s390);
        var tracer = scene.Spawn("tracer");

        tracer.Poke(actor, address + Scene.Page, 'p').Should().Be(Verdict.Ok);

        actor.Load(address + Scene.Page).Should().Be('p');
        actor.Load(address + Scene.Page + 8).Should().Be('B');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_write_reference_breaks_cow_and_then_finds_the_copy(string kernel, bool s390)
    {
        // Source: gup-fork 2.5.2.
        var (scene, actor, address) = Mapped(kernel, s390);

        var pages = actor.Get(address, 1, GupFlags.Write).Value;

        scene.Machine.Memory.PageOf(pages.Pfns[0]).IsAnon.Should().BeTrue();
        actor.PfnAt(address).Should().Be(pages.Pfns[0]);
        pages.Release();
        scene.Check();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Parent_and_child_copy_on_write_independently(string kernel, bool s390)
    {
        // Source: old.md "fork + COW, private: works; file never changed".
        var (_, parent, address) = Mapped(kernel, s390);
        parent.Store(address, '1');

        var child = parent.Fork();
        child.Store(address, 'c');
        child.Store(address + Scene.Page, 'd');
        parent.Store(address, 'p');

        child.Load(address).Should().Be('c');
        parent.Load(address).Should().Be('p');
        parent.Load(address + Scene.Page).Should().Be('B');
        child.Load(address + (2 * Scene.Page)).Should().Be('C');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Fork_of_a_written_private_mapping_write_protects_both_sides(string kernel, bool s390)
    {
        // Source: gup-fork 5.3 step 1 and "NOPAGE private".
        var (_, parent, address) = Mapped(kernel, s390);
        parent.Store(address + Scene.Page, '1');

        var child = parent.Fork();

        parent.Entry(address + Scene.Page).IsWrite.Should().BeFalse();
        child.Entry(address + Scene.Page).IsWrite.Should().BeFalse();
        child.Entry(address).IsSpecial.Should().BeTrue("the area has an anon_vma, so every entry was copied");
    }
}
