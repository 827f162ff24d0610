using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>gup_test.c, pfnmap.c, memory-failure.c, mkdirty.c, rmap.c and the ndctl and xfstests cases. Source: peers C-42 to C-103.</summary>
public class OtherSelfTests
{
    public static TheoryData<string> Kernels => new("3.10", "4.4", "4.14", "4.19", "5.4", "5.10", "5.17", "5.19", "6.1", "6.12", "7.2");

    public static TheoryData<string> WithDaxPages => new("4.9", "4.14", "4.19", "5.10", "5.17", "6.1", "6.12", "6.15", "7.2");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C42_a_large_range_is_taken_and_released_whole(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 2048, shared: false);

        var pages = actor.GetFast(address, 2048, GupFlags.Write).Value;

        pages.Count.Should().Be(2048);
        pages.Pfns.Should().OnlyHaveUniqueItems();
        scene.Step(() => { pages.Release(); return 0; });
        actor.Exit();
        scene.Machine.Memory.AllocatedPages.Should().Be(0);
    }

    public static TheoryData<string, int, bool, bool, bool> GupMatrix
    {
        get
        {
            var data = new TheoryData<string, int, bool, bool, bool>();
            foreach (var kernel in new[] { "4.14", "5.10", "6.1", "7.2" })
            {
                foreach (var count in new[] { 1, 123, 512 })
                {
                    foreach (var variant in Enumerable.Range(0, 8))
                    {
                        data.Add(kernel, count, (variant & 1) != 0, (variant & 2) != 0, (variant & 4) != 0);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(GupMatrix))]
    public void C45_part_of_a_huge_page_is_never_counted_too_much_or_too_little(string kernel, int count, bool huge, bool write, bool fast)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = huge ? actor.MapHuge() : actor.Map(Backing.Anon, 512, shared: false);
        actor.Store(address, 'x');
        var flags = write ? GupFlags.Write : 0;

        var pages = (fast ? actor.GetFast(address, count, flags) : actor.Get(address, count, flags)).Value;

        pages.Count.Should().Be(count);
        if (huge)
        {
            var head = pages.Pfns[0];
            scene.Machine.Memory.PageOf(head).References.Should().Be(1 + count);
            scene.Step(() => { pages.Release(); return 0; });
            scene.Machine.Memory.PageOf(head).References.Should().Be(1);
        }
        else
        {
            scene.Step(() => { pages.Release(); return 0; });
        }

        actor.Munmap(address, 512);
        scene.Machine.Memory.AllocatedPages.Should().Be(0);
    }

    [Theory]
    [InlineData(Advice.DontNeed)]
    [InlineData(Advice.DontNeedLocked)]
    [InlineData(Advice.Free)]
    [InlineData(Advice.WipeOnFork)]
    [InlineData(Advice.Cold)]
    [InlineData(Advice.PageOut)]
    [InlineData(Advice.PopulateRead)]
    [InlineData(Advice.PopulateWrite)]
    public void C46_advice_that_device_memory_refuses(Advice advice)
    {
        foreach (var kernel in new[] { "3.10", "4.14", "5.10", "5.17", "6.1", "6.12", "7.2" })
        {
            var scene = Scene.X86(kernel);
            var actor = scene.Spawn();
            var address = actor.Map(Backing.DevMem);

            actor.Madvise(address, Scene.Page, advice).Word().Should().Be("EINVAL", "{0}", kernel);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C49_device_memory_can_be_split_shrunk_and_not_grown(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.DevMem);
        actor.Store(address, 'x');

        actor.Munmap(address + (2 * Scene.Page), 1).Should().Be(Verdict.Ok);
        actor.Mremap(address, 2 * Scene.Page, Scene.Page, MremapFlags.None).Word().Should().Be("ok");
        actor.Mremap(address, Scene.Page, 2 * Scene.Page, MremapFlags.MayMove).Word().Should().Be("EFAULT");

        actor.Load(address).Should().Be('x');
        actor.TryLoad(address + Scene.Page).Word().Should().Be("SIGSEGV");
        actor.TryLoad(address + (3 * Scene.Page)).Word().Should().Be("ok");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C53_a_poisoned_anonymous_page_kills_its_reader(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 2, shared: false);
        actor.Store(address, 'x');
        actor.Store(address + Scene.Page, 'y');

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        var signal = actor.TryLoad(address + 5).Verdict.Signal;
        (signal.Signal, signal.Code, signal.Address).Should().Be((Signal.SIGBUS, SiCode.BUS_MCEERR_AR, address + 5));
        actor.Load(address + Scene.Page).Should().Be('y');
        actor.Get(address, 1).Word().Should().Be("EFAULT");
        actor.Get(address, 1, GupFlags.HwPoison).Word().Should().Be("EHWPOISON");
        actor.TryFork().Word().Should().Be("ok");
        actor.Munmap(address, 2);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C54_soft_offlining_moves_the_page_and_nobody_notices(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        actor.Store(address, 'x');
        var child = actor.Fork();
        var frame = actor.PfnAt(address);

        actor.Madvise(address, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);

        actor.Load(address).Should().Be('x');
        child.Load(address).Should().Be('x');
        actor.PfnAt(address).Should().NotBe(frame).And.Be(child.PfnAt(address));
        actor.Store(address, 'y');
        child.Load(address).Should().Be('x');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C54_a_page_that_a_driver_holds_is_not_moved(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        actor.Store(address, 'x');
        var held = actor.Get(address).Value;

        actor.Madvise(address, Scene.Page, Advice.SoftOffline).Word().Should().Be("EBUSY");

        actor.PfnAt(address).Should().Be(held.Pfns[0]);
        scene.Step(() => { held.Release(); return 0; });
    }

    [Theory]
    [InlineData(Backing.PageCache)]
    [InlineData(Backing.Shmem)]
    public void C54_a_page_of_a_file_moves_too(Backing backing)
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var file = scene.File(backing);
        var address = actor.Map(backing, file: file);
        actor.Store(address, 'x');
        var frame = actor.PfnAt(address);

        actor.Madvise(address, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);

        actor.PfnAt(address).Should().NotBe(frame);
        actor.Load(address).Should().Be('x');
        var bytes = new byte[2];
        file.ReadBytes(0, bytes);
        bytes.Should().Equal((byte)'x', (byte)'A');
    }

    [Fact]
    public void A_poisoned_frame_is_never_handed_out_again()
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        actor.Store(address, 'x');
        var frame = actor.PfnAt(address);
        actor.Madvise(address, Scene.Page, Advice.HwPoison);
        actor.Munmap(address, 1);

        var fresh = actor.Map(Backing.Anon, 64, shared: false);
        var pages = actor.Get(fresh, 64, GupFlags.Write).Value;

        pages.Pfns.Should().NotContain(frame);
        scene.Step(() => { pages.Release(); return 0; });
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C55_a_poisoned_clean_page_of_a_file_is_read_again(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache);
        actor.Load(address).Should().Be('A');
        var frame = actor.PfnAt(address);

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        actor.Load(address).Should().Be('A');
        actor.PfnAt(address).Should().NotBe(frame);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C57_a_page_that_a_debugger_wrote_into_a_read_only_area_stays_read_only(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false, prot: Prot.Read);
        var tracer = scene.Spawn("tracer");

        tracer.Poke(actor, address, 'p').Should().Be(Verdict.Ok);

        actor.Load(address).Should().Be('p');
        actor.TryStore(address, 'x').Signal.Code.Should().Be(SiCode.SEGV_ACCERR);
        actor.Load(address).Should().Be('p');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void C58_a_page_shared_by_a_tree_of_processes_moves_for_all_of_them(string kernel)
    {
        var scene = Scene.X86(kernel);
        var root = scene.Spawn();
        var address = root.Map(Backing.Anon, 1, shared: false);
        root.Store(address, 'x');
        var tree = new List<Actor> { root };
        for (var i = 0; i < 6; i++)
        {
            tree.Add(tree[i / 2].Fork());
        }

        var frame = root.PfnAt(address);

        tree[5].Madvise(address, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);

        root.PfnAt(address).Should().NotBe(frame);
        tree.Select(p => p.PfnAt(address)).Distinct().Should().HaveCount(1);
        tree.Select(p => p.Load(address)).Should().AllBeEquivalentTo('x');
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void C59_device_dax_refuses_private_mappings_and_unaligned_ones(string kernel)
    {
        // ndctl device-dax.c; modern.md "devdax accepts MAP_SHARED only".
        var scene = Scene.For(kernel, Backing.DeviceDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.DeviceDax);

        scene.Step(() => actor.Process.Mmap(0, Scene.Huge, Prot.Read, MapFlags.Private, file)).Word().Should().Be("EINVAL");
        scene.Step(() => actor.Process.Mmap(0, Scene.Page, Scene.ReadWrite, MapFlags.Shared, file)).Word().Should().Be("EINVAL");
        scene.Step(() => actor.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, MapFlags.Shared, file)).Word().Should().Be("ok");
    }

    [Theory]
    [InlineData("4.14", Backing.FsDax)]
    [InlineData("5.10", Backing.FsDax)]
    [InlineData("6.1", Backing.FsDax)]
    [InlineData("7.2", Backing.FsDax)]
    [InlineData("4.14", Backing.DeviceDax)]
    [InlineData("5.10", Backing.DeviceDax)]
    [InlineData("7.2", Backing.DeviceDax)]
    public void C63_direct_io_from_and_into_huge_dax_mappings(string kernel, Backing backing)
    {
        // ndctl dax-pmd.c case 0: from an unfaulted page, then into one that was faulted read-only.
        var scene = Scene.For(kernel, backing);
        var actor = scene.Spawn();
        var address = actor.Map(backing, 512, more: MapFlags.Fixed, at: 0x4000_0000_0000, file: backing == Backing.FsDax ? Preallocated(scene) : null);
        var disk = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;

        scene.Step(() => actor.Process.Pwrite(disk, address, 4096, 0)).Value.Should().Be(4096);
        actor.TryLoad(address + Scene.Page);
        scene.Step(() => actor.Process.Pread(disk, address + Scene.Page, 4096, (long)Scene.Page)).Value.Should().Be(4096);

        actor.Load(address + Scene.Page).Should().Be('B');
    }

    [Theory]
    [MemberData(nameof(WithDaxPages))]
    public void C66_a_load_then_a_store_of_the_same_word(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, 512, more: MapFlags.Fixed, at: 0x4000_0000_0000, file: Preallocated(scene));

        actor.TryLoad(address).Word().Should().Be("ok");
        actor.Store(address, 'w');

        actor.Load(address).Should().Be('w');
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void C69_a_dax_page_cannot_be_taken_offline(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax);
        actor.Load(address);

        actor.Madvise(address, Scene.Page, Advice.SoftOffline).Word().Should().Be("EIO");
    }

    public static TheoryData<string, bool, int, int> FlagSets
    {
        get
        {
            var data = new TheoryData<string, bool, int, int>();
            foreach (var kernel in new[] { "4.14", "5.10", "6.1", "7.2" })
            {
                foreach (var readOnly in new[] { false, true })
                {
                    foreach (var flags in new[] { MapFlags.Shared, MapFlags.Private, MapFlags.Shared | MapFlags.Populate, MapFlags.Private | MapFlags.Populate, MapFlags.Shared | MapFlags.Locked })
                    {
                        data.Add(kernel, readOnly, (int)flags, 0);
                        data.Add(kernel, readOnly, (int)flags, 1);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FlagSets))]
    public void C72_the_flag_sets_of_ndctl_mmap_sh(string kernel, bool readOnly, int flags, int lockIt)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax);
        var address = scene.Step(() => actor.Process.Mmap(0, 4 * Scene.Page, readOnly ? Prot.Read : Scene.ReadWrite, (MapFlags)flags, file)).Value;
        if (lockIt != 0)
        {
            scene.Step(() => actor.Process.Mlock(address, 4 * Scene.Page)).Should().Be(Verdict.Ok);
            actor.Process.LockedBytes.Should().Be(0, "DAX memory is not locked");
        }

        actor.Load(address + Scene.Page).Should().Be('B');
        if (!readOnly)
        {
            actor.Store(address + Scene.Page, 'x');
        }

        actor.Munmap(address).Should().Be(Verdict.Ok);
        actor.Exit();
    }

    [Theory]
    [MemberData(nameof(WithDaxPages))]
    public void C80_a_write_into_a_hole_is_seen_by_a_mapping_that_read_it(string kernel)
    {
        // generic/428.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax, 512, sparse: true);
        var address = actor.Map(Backing.FsDax, 512, more: MapFlags.Fixed, at: 0x4000_0000_0000, file: file);
        actor.TryLoad(address + (5 * Scene.Page)).Value.Should().Be(0);

        scene.Step(() => file.WriteBytes(5 * (long)Scene.Page, [(byte)'w'])).Should().Be(Verdict.Ok);

        actor.Load(address + (5 * Scene.Page)).Should().Be('w');
        actor.TryLoad(address).Value.Should().Be(0);
    }

    [Theory]
    [InlineData("4.9")]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("7.2")]
    public void C83_direct_io_into_a_read_only_dax_mapping_fails(string kernel)
    {
        // generic/462: regression of the x86 fast walk from 4.5 until ef947b2529f9.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, prot: Prot.Read);
        actor.Load(address);
        var disk = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadOnly | OpenFlags.Direct).Value;

        var read = scene.Step(() => actor.Process.Pread(disk, address, 4096, (long)Scene.Page));

        read.Word().Should().Be(kernel == "4.9" ? "ok" : "EFAULT");
        actor.Load(address).Should().Be(kernel == "4.9" ? 'B' : 'A');
    }

    [Theory]
    [InlineData("4.8", true)]
    [InlineData("4.9", true)]
    [InlineData("4.9.15", false)]
    [InlineData("4.10", true)]
    [InlineData("4.10.3", false)]
    [InlineData("4.11", false)]
    [InlineData("4.12", false)]
    [InlineData("4.14", false)]
    public void The_fast_walk_of_x86_forgot_the_write_permission_of_dax_entries_for_a_while(string kernel, bool forgot)
    {
        // gup-fork 3.3 "4.5-4.9 x86 bug"; the stable releases carry the fix.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, prot: Prot.Read);
        actor.Load(address);
        var pages = new ulong[1];

        var taken = new GupFastOperation(scene.Mm, actor.Space, address, 1, GupFlags.Get | GupFlags.Write, pages, 0).Run();

        taken.Should().Be(forgot ? 1 : 0);
        if (taken > 0)
        {
            scene.Mm.Release(pages[0], pin: false);
        }

        scene.Check();
    }

    [Theory]
    [MemberData(nameof(WithDaxPages))]
    public void C97_a_mapped_page_as_the_buffer_of_io_on_its_own_file(string kernel)
    {
        // generic/647, 729: "completes, no livelock".
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax);
        var address = actor.Map(Backing.FsDax, file: file);

        scene.Step(() => actor.Process.Pread(file, address + Scene.Page, 4096, 0)).Value.Should().Be(4096);
        scene.Step(() => actor.Process.Pwrite(file, address, 4096, 2 * (long)Scene.Page)).Value.Should().Be(4096);

        actor.Load(address + Scene.Page).Should().Be('A');
        actor.Load(address + (2 * Scene.Page)).Should().Be('A');
    }

    [Theory]
    [InlineData("4.4", false)]
    [InlineData("4.14", false)]
    [InlineData("4.14", true)]
    [InlineData("4.16", true)]
    public void C103_fork_over_a_page_less_mapping_raises_no_signal_whatever_the_commit_message_says(string kernel, bool s390)
    {
        // gup-fork 5.8 against 569d0365f571; recorded: old.md, s390.md.
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.PageLess);
        parent.Store(address, 'x');

        for (var i = 0; i < 20; i++)
        {
            var child = parent.Fork();
            child.Load(address).Should().Be('x');
            child.Exit();
        }

        parent.Load(address).Should().Be('x');
    }

    private static DaxSim.Processes.FileHandle Preallocated(Scene scene)
    {
        var file = scene.File(Backing.FsDax, 512, sparse: true);
        scene.Step(() => file.BeginAllocate(DaxSim.Processes.FallocateMode.None, 0, (long)Scene.Huge).Verdict).Should().Be(Verdict.Ok);
        return file;
    }
}
