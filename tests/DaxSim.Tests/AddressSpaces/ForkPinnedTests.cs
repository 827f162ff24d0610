using DaxSim.AddressSpaces;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>fork of pages that are pinned. Source: gup-fork 5.4; peers C-98 (gVisor TestPinnedPagesCopiedOnFork), C-104.</summary>
public class ForkPinnedTests
{
    public static TheoryData<string, bool> Kernels => new()
    {
        { "5.7", false }, { "5.8", false }, { "5.9", true }, { "5.10", true }, { "5.11", true }, { "5.14", true }, { "5.17", true }, { "5.18", true },
        { "5.19", true }, { "6.1", true }, { "6.5", true }, { "6.12", true }, { "6.18", true }, { "7.2", true },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_child_gets_its_own_copy_of_a_pinned_page_at_once(string kernel, bool early)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 3, shared: false);
        for (var i = 0UL; i < 3; i++)
        {
            parent.Store(address + (i * Scene.Page), (char)('a' + i));
        }

        var pin = parent.Pin(address + Scene.Page, 1, GupFlags.Write).Value;

        var child = parent.Fork();

        (child.PfnAt(address + Scene.Page) != parent.PfnAt(address + Scene.Page)).Should().Be(early);
        parent.Entry(address + Scene.Page).IsWrite.Should().Be(early);
        child.Entry(address + Scene.Page).IsWrite.Should().Be(early);
        child.PfnAt(address).Should().Be(parent.PfnAt(address), "only pinned pages are copied");
        child.Load(address + Scene.Page).Should().Be('b');
        scene.Step(() => { pin.Release(); return 0; });
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_pin_follows_the_parents_writes_after_two_forks(string kernel, bool early)
    {
        // C-98: Linux before 5.9 fails.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 3, shared: false);
        parent.Store(address + Scene.Page, 'o');
        var pin = parent.Pin(address + Scene.Page, 1, GupFlags.Write).Value;
        var first = parent.Fork();
        var second = parent.Fork();

        parent.Store(address + Scene.Page, 'p');
        first.Store(address + Scene.Page, '1');
        second.Store(address + Scene.Page, '2');

        // Without the early copy the pin stays with whoever writes last: the second child.
        ((char)Byte(pin)).Should().Be(early ? 'p' : '2');
        (first.Load(address + Scene.Page), second.Load(address + Scene.Page), parent.Load(address + Scene.Page)).Should().Be(('1', '2', 'p'));
        scene.Step(() => { pin.Release(); return 0; });
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void What_the_device_writes_reaches_the_parent_and_never_the_child(string kernel, bool early)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var pin = parent.Pin(address, 1, GupFlags.Write).Value;
        var child = parent.Fork();
        parent.Store(address + 1, 'p');

        pin.Write(0, 0, [(byte)'D']);

        (parent.Load(address), child.Load(address)).Should().Be(early ? ('D', 'o') : ('o', 'D'));
        scene.Step(() => { pin.Release(true); return 0; });
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("5.17")]
    [InlineData("5.19")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_plain_reference_is_not_protected(string kernel)
    {
        // 5.4: "Only FOLL_PIN pages are protected".
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var reference = parent.Get(address, 1, GupFlags.Write).Value;

        var child = parent.Fork();

        child.PfnAt(address).Should().Be(parent.PfnAt(address));
        scene.Step(() => { reference.Release(); return 0; });
    }

    [Theory]
    [InlineData("5.9")]
    [InlineData("5.10")]
    [InlineData("5.17")]
    public void Up_to_5_18_a_pinned_shared_page_is_copied_again_for_every_child(string kernel)
    {
        // The maybe-pinned rule does not ask for exclusivity.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var other = parent.Fork();
        var pin = parent.Pin(address).Value;

        var child = parent.Fork();

        child.PfnAt(address).Should().NotBe(parent.PfnAt(address));
        other.PfnAt(address).Should().Be(parent.PfnAt(address));
        scene.Step(() => { pin.Release(); return 0; });
    }

    [Theory]
    [InlineData("5.19")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void From_5_19_on_pinning_a_shared_page_first_makes_it_exclusive(string kernel)
    {
        // C-99 gVisor TestPinUnsharesCopyOnWritePages; 5.4 last row.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        var child = parent.Fork();

        var pin = parent.Pin(address).Value;

        pin.Pfns[0].Should().NotBe(child.PfnAt(address));
        parent.Store(address, 'p');
        ((char)Byte(pin)).Should().Be('p');
        child.Load(address).Should().Be('o');
        scene.Step(() => { pin.Release(); return 0; });
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.7")]
    [InlineData("5.10")]
    [InlineData("7.2")]
    public void Registering_memory_with_dontfork_keeps_the_parents_transfer_coherent(string kernel)
    {
        // C-104: rdma-core practice.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        parent.Madvise(address, Scene.Page, Advice.DontFork);
        var held = kernel == "4.14" ? parent.Get(address, 1, GupFlags.Write).Value : parent.Pin(address, 1, GupFlags.Write).Value;

        var child = parent.Fork();
        parent.Store(address + 1, 'p');
        held.Write(0, 0, [(byte)'D']);

        parent.Load(address).Should().Be('D');
        child.TryLoad(address).Word().Should().Be("SIGSEGV");
        scene.Step(() => { held.Release(true); return 0; });
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("5.17")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_pinned_huge_page_is_split_and_copied_for_the_child(string kernel)
    {
        // C-16: copy_huge_pmd gives up and the small entries are copied (d042035eaf5f).
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.MapHuge();
        parent.Store(address, 'o');
        var pin = parent.Pin(address, 1, GupFlags.Write).Value;

        var child = parent.Fork();
        parent.Store(address + 1, 'p');
        pin.Write(0, 0, [(byte)'D']);

        (parent.Load(address), child.Load(address)).Should().Be(('D', 'o'));
        scene.Step(() => { pin.Release(true); return 0; });
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void A_child_of_a_process_that_ever_pinned_remembers_it(string kernel)
    {
        // gup-fork 4.1: MMF_HAS_PINNED is inherited (MMF_INIT_MASK keeps it), so that the child's own pins are seen.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Pin(address, 1, GupFlags.Write).Value.Release();
        var child = parent.Fork();
        child.Store(address, 'c');
        var pin = child.Pin(address, 1, GupFlags.Write).Value;

        var grandchild = child.Fork();

        grandchild.PfnAt(address).Should().NotBe(child.PfnAt(address));
        scene.Step(() => { pin.Release(); return 0; });
    }

    private static byte Byte(DaxSim.Processes.UserPages pages)
    {
        var bytes = new byte[1];
        pages.Read(0, 0, bytes);
        return bytes[0];
    }

    // cells iouring_fork_parent_write of hugetlb_private: on 5.10 the child reads what the kernel stores through the parent's pin, on 6.1 the parent does.
    [Theory]
    [InlineData("5.10", false)]
    [InlineData("5.11", false)]
    [InlineData("5.12", true)]
    [InlineData("6.1", true)]
    public void A_pinned_huge_page_of_the_pool_is_copied_early_from_5_12_on(string kernel, bool early)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, MapFlags.Private | MapFlags.Anonymous | MapFlags.HugeTlb).Value;
        parent.Store(address, 'a');
        var pin = parent.Pin(address, 1, GupFlags.Write | GupFlags.LongTerm).Value;
        var child = parent.Fork();
        parent.Store(address + 100, 'Q');

        pin.Write(0, 0, "S"u8);

        parent.Load(address).Should().Be(early ? 'S' : 'a');
        child.Load(address).Should().Be(early ? 'a' : 'S');
        scene.Step(() => { pin.Release(); return 0; });
    }
}
