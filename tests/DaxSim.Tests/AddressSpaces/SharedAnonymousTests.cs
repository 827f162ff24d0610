using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>The unnamed files behind shared anonymous memory and MAP_HUGETLB live as long as something maps them. Source: shmem_zero_setup, hugetlb_file_setup.</summary>
public class SharedAnonymousTests
{
    public static TheoryData<string> Kernels => new("3.10", "4.14", "5.10", "6.1", "7.2");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Its_pages_are_freed_with_the_last_mapping(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon);
        parent.Store(address, 'x');
        var child = parent.Fork();

        parent.Munmap(address);
        child.Load(address).Should().Be('x');
        child.Exit();

        scene.Machine.Memory.AllocatedPages.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Unmapping_a_part_keeps_what_may_be_seen_again(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon);
        actor.Store(address, 'x');
        actor.Store(address + Scene.Page, 'y');

        actor.Munmap(address, 1);
        var back = actor.Mremap(address + Scene.Page, 0, Scene.Page, MremapFlags.MayMove);

        back.Word().Should().Be("ok");
        actor.Load(back.Value).Should().Be('y');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Moving_keeps_its_contents(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon);
        actor.Store(address, 'x');

        var moved = actor.Mremap(address, 4 * Scene.Page, 4 * Scene.Page, MremapFlags.MayMove | MremapFlags.Fixed, 0x5000_0000_0000).Value;

        actor.Load(moved).Should().Be('x');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_page_held_by_a_driver_outlives_the_mapping(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon);
        actor.Store(address, 'x');
        var page = actor.Get(address).Value;
        actor.Munmap(address);
        scene.Machine.Memory.AllocatedPages.Should().Be(1);

        scene.Step(() => { page.Release(); return 0; });

        scene.Machine.Memory.AllocatedPages.Should().Be(0);
    }

    [Theory]
    [InlineData("4.14", false)]
    [InlineData("4.14", true)]
    [InlineData("5.10", false)]
    [InlineData("5.10", true)]
    [InlineData("6.1", false)]
    [InlineData("6.1", true)]
    [InlineData("7.2", false)]
    [InlineData("7.2", true)]
    public void The_huge_page_pool_gets_back_what_it_promised(string kernel, bool shared)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = scene.Step(() => parent.Process.Mmap(0, 2 * Scene.Huge, Scene.ReadWrite, (shared ? MapFlags.Shared : MapFlags.Private) | MapFlags.HugeTlb)).Value;
        scene.Mm.HugeTlbCommitted.Should().Be(2);
        parent.Store(address, 'x');
        var child = parent.Fork();
        child.Store(address, 'y');

        child.Exit();
        scene.Mm.HugeTlbCommitted.Should().Be(2, "the child had no reservation of its own");
        parent.Munmap(address, 1024).Should().Be(Verdict.Ok);

        scene.Mm.HugeTlbCommitted.Should().Be(0);
        scene.Machine.Memory.AllocatedPages.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_huge_page_of_which_direct_io_dirtied_a_part_is_freed_once(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = scene.Step(() => actor.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, MapFlags.Shared | MapFlags.HugeTlb)).Value;
        actor.Store(address, 'x');
        var disk = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadOnly | OpenFlags.Direct).Value;
        scene.Step(() => actor.Process.Pread(disk, address + Scene.Page, 4096, 0)).Value.Should().Be(4096);
        disk.Reopen(OpenFlags.ReadWrite).Value.Truncate(0);

        actor.Munmap(address, 512).Should().Be(Verdict.Ok);

        scene.Machine.Memory.AllocatedPages.Should().Be(0);
    }
}
