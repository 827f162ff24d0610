using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>What fork copies, what it leaves to faults, and what it does to entries. Source: gup-fork 5.1, 5.2, 5.3, 5.5, 5.6.</summary>
public class ForkTableTests
{
    private static readonly string[] Kernels = ["3.10", "3.19", "4.4", "4.9", "4.14", "4.17", "4.19", "5.4", "5.8", "5.9", "5.11", "5.17", "5.19", "6.1", "6.12", "6.15", "7.0", "7.2"];

    public static TheoryData<string> All => new(Kernels);

    public static TheoryData<string> WithDaxPages => new(Kernels.Where(k => KernelVersion.Parse(k) >= KernelVersion.Parse("4.9")).ToArray());

    [Theory]
    [MemberData(nameof(All))]
    public void A_shared_file_mapping_is_left_to_the_childs_faults(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.PageCache);
        parent.Store(address, 'x');

        var child = parent.Fork();

        child.Entry(address).IsNone.Should().BeTrue();
        child.Load(address).Should().Be('x');
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Shared_anonymous_memory_is_left_to_faults_and_stays_shared(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon);
        parent.Store(address, 'x');

        var child = parent.Fork();
        child.Entry(address).IsNone.Should().BeTrue();
        child.Store(address, 'y');

        parent.Load(address).Should().Be('y');
    }

    [Theory]
    [MemberData(nameof(WithDaxPages))]
    public void A_shared_dax_mapping_is_copied_up_to_4_18_and_lazy_after(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.FsDax);
        parent.Store(address, 'x');

        var child = parent.Fork();

        child.Entry(address).IsPresent.Should().Be(KernelVersion.Parse(kernel) < KernelVersion.Parse("4.19"));
        child.Load(address).Should().Be('x');
        child.Store(address, 'y');
        parent.Load(address).Should().Be('y');
    }

    [Theory]
    [MemberData(nameof(WithDaxPages))]
    public void A_private_dax_mapping_that_was_never_written_follows_the_same_rule(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.FsDax, shared: false);
        parent.Load(address);

        parent.Fork().Entry(address).IsPresent.Should().Be(KernelVersion.Parse(kernel) < KernelVersion.Parse("4.19"));
    }

    [Theory]
    [MemberData(nameof(WithDaxPages))]
    public void A_private_dax_mapping_that_was_written_once_is_copied_on_every_kernel(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.FsDax, shared: false);
        parent.Load(address + Scene.Page);
        parent.Store(address, 'x');

        var child = parent.Fork();

        child.Entry(address).IsPresent.Should().BeTrue();
        child.Entry(address + Scene.Page).IsPresent.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Device_memory_is_copied(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.DevMem);
        parent.Store(address, 'x');

        var child = parent.Fork();

        child.Entry(address).IsPresent.Should().BeTrue();
        child.Entry(address).IsSpecial.Should().BeTrue();
        child.Store(address, 'y');
        parent.Load(address).Should().Be('y');
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Private_memory_is_write_protected_on_both_sides(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, shared: false);
        parent.Store(address, 'x');
        parent.Entry(address).IsWrite.Should().BeTrue();

        var child = parent.Fork();

        parent.Entry(address).IsWrite.Should().BeFalse();
        child.Entry(address).IsWrite.Should().BeFalse();
        child.PfnAt(address).Should().Be(parent.PfnAt(address));
        (parent.CountAt(address), parent.MapCountAt(address)).Should().Be((2, 2));
        (parent.Space.AnonPages, child.Space.AnonPages).Should().Be((1L, 1L));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_childs_entry_is_old_and_in_a_shared_area_clean(string kernel)
    {
        // 5.3 steps 2 and 3.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.DevMem);
        parent.Store(address, 'x');
        var anon = parent.Map(Backing.Anon, shared: false);
        parent.Store(anon, 'x');

        var child = parent.Fork();

        child.Entry(address).Has(PteFlags.Dirty).Should().BeFalse();
        child.Entry(address).Has(PteFlags.Young).Should().BeFalse();
        child.Entry(address).IsWrite.Should().BeTrue();
        child.Entry(anon).Has(PteFlags.Dirty).Should().BeTrue();
        child.Entry(anon).Has(PteFlags.Young).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Dontfork_areas_do_not_exist_in_the_child(string kernel)
    {
        // 5.1 step 1; C-104.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, shared: false);
        parent.Store(address + Scene.Page, 'x');
        parent.Madvise(address + Scene.Page, Scene.Page, Advice.DontFork).Should().Be(Verdict.Ok);

        var child = parent.Fork();

        child.TryLoad(address).Word().Should().Be("ok");
        child.TryLoad(address + Scene.Page).Verdict.Signal.Code.Should().Be(SiCode.SEGV_MAPERR);
        child.TryLoad(address + (2 * Scene.Page)).Word().Should().Be("ok");
        parent.Load(address + Scene.Page).Should().Be('x');
        parent.Madvise(address + Scene.Page, Scene.Page, Advice.DoFork).Should().Be(Verdict.Ok);
        parent.Fork().Load(address + Scene.Page).Should().Be('x');
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void Wiped_memory_reads_zero_in_the_child_only(string kernel)
    {
        // 5.1 step 4.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, shared: false);
        parent.Store(address, 'x');
        parent.Madvise(address, Scene.Page, Advice.WipeOnFork).Should().Be(Verdict.Ok);

        var child = parent.Fork();

        child.TryLoad(address).Value.Should().Be(0);
        parent.Load(address).Should().Be('x');
        child.Fork().TryLoad(address).Value.Should().Be(0);
    }

    [Theory]
    [InlineData("4.13", Backing.Anon, false)]
    [InlineData("4.14", Backing.PageCache, false)]
    [InlineData("4.14", Backing.FsDax, false)]
    [InlineData("5.10", Backing.Anon, true)]
    [InlineData("5.10", Backing.DevMem, false)]
    [InlineData("6.1", Backing.Shmem, false)]
    [InlineData("7.2", Backing.PageCache, false)]
    public void Only_private_anonymous_memory_can_be_wiped(string kernel, Backing backing, bool shared)
    {
        // modern.md "MADV_WIPEONFORK is EINVAL for everything but private anonymous memory"; before 4.14 the advice is unknown.
        var actor = Scene.For(kernel, backing).Spawn();
        var address = actor.Map(backing, shared: shared);

        actor.Madvise(address, Scene.Page, Advice.WipeOnFork).Word().Should().Be("EINVAL");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_child_has_no_locked_memory(string kernel)
    {
        // 5.1 step 3.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, shared: false);
        scene.Step(() => parent.Process.Mlock(address, 2 * Scene.Page)).Should().Be(Verdict.Ok);

        var child = parent.Fork();

        (parent.Process.LockedBytes, child.Process.LockedBytes).Should().Be((8192L, 0L));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_family_of_three_generations_keeps_its_memories_apart(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, shared: false);
        parent.Store(address, 'a');
        var child = parent.Fork();
        child.Store(address, 'b');
        var grandchild = child.Fork();
        grandchild.Store(address, 'c');

        (parent.Load(address), child.Load(address), grandchild.Load(address)).Should().Be(('a', 'b', 'c'));
        child.Exit();
        (parent.Load(address), grandchild.Load(address)).Should().Be(('a', 'c'));
        parent.Exit();
        grandchild.Store(address + 1, 'd');
        grandchild.Exit();
        scene.Machine.Memory.AllocatedPages.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_last_of_a_family_writes_in_place(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, shared: false);
        parent.Store(address, 'a');
        var frame = parent.PfnAt(address);
        parent.Fork().Exit();

        parent.Store(address, 'b');

        parent.PfnAt(address).Should().Be(frame);
    }

    [Theory]
    [InlineData("4.3", "oops")]
    [InlineData("4.4", "ok")]
    [InlineData("4.5", "ok")]
    public void Fork_over_a_dax_huge_page_without_struct_pages_oopsed_once(string kernel, string expected)
    {
        // 5.5: ee82c9ed41e8.
        var scene = Scene.For(kernel, Backing.PageLess);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.PageLess, 512, more: MapFlags.Fixed, at: 0x4000_0000_0000, file: Preallocated(scene, Backing.PageLess));
        parent.Store(address, 'x');
        (!parent.Space.PageTable.Pmds.IsEmpty).Should().Be(expected == "oops");

        parent.TryFork().Word().Should().Be(expected);

        scene.Machine.Log.Taints.HasFlag(Taints.Die).Should().Be(expected == "oops");
    }

    [Theory]
    [InlineData("4.5", true, false)]
    [InlineData("4.6", true, false)]
    [InlineData("4.10", false, true)]
    [InlineData("4.14", false, true)]
    [InlineData("5.10", false, true)]
    [InlineData("6.12", false, true)]
    [InlineData("7.2", false, true)]
    public void Fork_over_a_dax_huge_page_with_struct_pages(string kernel, bool inChild, bool parentWritable)
    {
        // 5.5: 4.5 to 4.7 copied it, write-protected on both sides even when shared; 4.8 on leaves it to faults. (4.7 to 4.9 have FS_DAX_PMD marked broken.)
        var scene = Scene.For(kernel, Backing.FsDax);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.FsDax, 512, more: MapFlags.Fixed, at: 0x4000_0000_0000, file: Preallocated(scene, Backing.FsDax));
        parent.Store(address, 'x');
        var index = address >> 21;
        parent.Space.PageTable.Pmds[index].IsPresent.Should().BeTrue();

        var child = parent.Fork();

        child.Space.PageTable.Pmds[index].IsPresent.Should().Be(inChild);
        parent.Space.PageTable.Pmds[index].IsWrite.Should().Be(parentWritable);
        child.Store(address + 1, 'y');
        parent.Load(address + 1).Should().Be('y');
    }

    [Theory]
    [InlineData("3.10", "ok")]
    [InlineData("4.15.17", "ok")]
    [InlineData("5.4.30", "ok")]
    [InlineData("5.10.214", "ok")]
    [InlineData("5.15.30", "ok")]
    [InlineData("6.1", "ok")]
    [InlineData("6.8.1", "ok")]
    [InlineData("5.10.262", "ENOMEM")]
    [InlineData("5.15.154", "ENOMEM")]
    [InlineData("6.1.192", "ENOMEM")]
    [InlineData("6.9", "ENOMEM")]
    [InlineData("6.12", "ENOMEM")]
    [InlineData("7.2", "ok")]
    public void Fork_fails_when_the_first_page_of_private_device_memory_was_copied(string kernel, string expected)
    {
        // 04c35ab3bdae (6.9 and stable): works in data/ubuntu, fails in the cells of 5.10.262, 6.1.192 and 6.12.107 (modern.md "fork() itself fails": fork_cow_first, fork_cow_second).
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.DevMem, shared: false);
        parent.Store(address + Scene.Page, 'x');
        parent.TryFork().Word().Should().Be("ok");
        parent.Store(address, 'x');

        parent.TryFork().Word().Should().Be(expected);

        if (expected == "ENOMEM")
        {
            parent.Munmap(address, 1);
            parent.TryFork().Word().Should().Be("ENOMEM", "after munmap of the first page the next one counts");
        }
    }

    [Theory]
    [InlineData("5.10.262", false, "ok")]
    [InlineData("6.1.192", false, "ok")]
    [InlineData("6.12", false, "ok")]
    [InlineData("6.12", true, "ENOMEM")]
    public void What_a_partial_mremap_leaves_of_private_device_memory_can_be_forked_with_its_first_page_copied(string kernel, bool reverted, string expected)
    {
        // data/long 5.10.262, 6.1.192, 6.12.117; d9fe4fab1197 (4.5): the whole old area is no longer tracked, before it is cut.
        var policy = KernelPolicy.Mainline(kernel, Architecture.X8664);
        var scene = Scene.X86(kernel, m => m.Kernel(reverted ? policy.Revert("d9fe4fab1197") : policy));
        var parent = scene.Spawn();
        var address = parent.Map(Backing.DevMem, shared: false);
        var to = parent.Map(Backing.Anon, shared: false, pages: 2);
        parent.Mremap(address + (2 * Scene.Page), 2 * Scene.Page, 2 * Scene.Page, MremapFlags.MayMove | MremapFlags.Fixed, to).Word().Should().Be("ok");
        parent.Store(address, 'x');

        parent.TryFork().Word().Should().Be(expected);
        parent.Store(to, 'x');
        parent.TryFork().Word().Should().Be("ENOMEM", "the moved part is an area that is tracked");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Fork_needs_neither_a_fault_nor_a_reference(string kernel)
    {
        // 5.1 step 8, 5.7.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, shared: false);
        parent.Store(address, 'x');
        var faults = parent.Process.MinorFaults;
        scene.Machine.Snapshot();
        var trace = new DecisionTrace();
        scene.Mm.Trace = trace;

        parent.Fork();

        scene.Mm.Trace = null;
        parent.Process.MinorFaults.Should().Be(faults);
        trace.Steps.Select(s => s.Function).Should().NotContain(["__get_user_pages", "handle_mm_fault", "follow_page_pte"]);
    }

    private static DaxSim.Processes.FileHandle Preallocated(Scene scene, Backing backing)
    {
        var file = scene.File(backing, 512, sparse: true);
        scene.Step(() => file.BeginAllocate(DaxSim.Processes.FallocateMode.None, 0, (long)Scene.Huge).Verdict).Should().Be(Verdict.Ok);
        return file;
    }
}
