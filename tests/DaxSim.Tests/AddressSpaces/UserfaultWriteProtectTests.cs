using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// userfaultfd's write protection. Source: fs/userfaultfd.c, mm/userfaultfd.c, do_wp_page and zap_pte_range of mainline; the boundaries
/// are those of the commits named in the history (5.7, 5.19, 6.0, 6.4, 6.7, 6.9, 6.13).
/// </summary>
public class UserfaultWriteProtectTests
{
    private const ulong Page = Scene.Page;

    private static (Scene Scene, Actor Process, Userfaultfd Handler, ulong Address) Protected(string kernel, Backing backing, UserfaultFeatures features = UserfaultFeatures.WriteProtect, bool written = true, bool shared = true, Scene? scene = null)
    {
        scene ??= Scene.For(kernel, backing);
        var process = scene.Spawn();
        var address = process.Map(backing, shared: shared);
        for (ulong i = 0; written && i < 4; i++)
        {
            process.Store(address + (i * Page), 'o');
        }

        var handler = process.Process.OpenUserfaultfd(features).Value;
        scene.Step(() => handler.Register(address, 4 * Page, UserfaultMode.WriteProtect)).Should().Be(Verdict.Ok);
        scene.Step(() => handler.WriteProtect(address, 4 * Page)).Should().Be(Verdict.Ok);
        return (scene, process, handler, address);
    }

    [Fact]
    public void A_store_sleeps_until_the_handler_takes_the_protection_away()
    {
        var (scene, process, handler, address) = Protected("5.10", Backing.Anon, shared: false);

        var before = scene.Machine.Fingerprint();
        process.TryStore(address + Page, 'n').Kind.Should().Be(VerdictKind.Blocked);

        handler.Waiting.Should().Equal(new UserfaultWait(address + Page, IsWrite: true, UserfaultMode.WriteProtect));
        process.Load(address + Page).Should().Be('o', "reading is not protected");
        scene.Machine.Fingerprint().Should().NotBe(before, "who sleeps is part of the state");
        scene.Step(() => handler.WriteProtect(address + Page, Page, protect: false)).Should().Be(Verdict.Ok);
        handler.Waiting.Should().BeEmpty();
        process.Store(address + Page, 'n');
        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked, "the other pages are still protected");
    }

    [Fact]
    public void The_handler_may_take_the_protection_away_without_waking()
    {
        var (scene, process, handler, address) = Protected("6.1", Backing.Anon, shared: false);
        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);

        scene.Step(() => handler.WriteProtect(address, Page, protect: false, wake: false)).Should().Be(Verdict.Ok);

        handler.Waiting.Should().ContainSingle();
        scene.Step(() => handler.Wake(address, Page)).Should().Be(Verdict.Ok);
        handler.Waiting.Should().BeEmpty();
    }

    [Fact]
    public void With_the_signal_feature_the_store_raises_SIGBUS()
    {
        var (_, process, handler, address) = Protected("5.10", Backing.Anon, UserfaultFeatures.WriteProtect | UserfaultFeatures.Sigbus, shared: false);

        var verdict = process.TryStore(address, 'n');

        verdict.Kind.Should().Be(VerdictKind.Signal);
        verdict.Signal.Should().Be(new SignalInfo(Signal.SIGBUS, SiCode.BUS_ADRERR, address));
        handler.Waiting.Should().BeEmpty();
    }

    [Theory]
    [InlineData("5.6", Backing.Anon, UserfaultFeatures.None, Errno.EINVAL)]
    [InlineData("5.7", Backing.Anon, UserfaultFeatures.WriteProtect, Errno.None)]
    [InlineData("5.18", Backing.Shmem, UserfaultFeatures.WriteProtect, Errno.EINVAL)]
    [InlineData("5.19", Backing.Shmem, UserfaultFeatures.WriteProtect, Errno.None)]
    [InlineData("6.6", Backing.PageCache, UserfaultFeatures.WriteProtect, Errno.EINVAL)]
    [InlineData("6.7", Backing.PageCache, UserfaultFeatures.WriteProtect, Errno.EINVAL)]
    [InlineData("6.7", Backing.PageCache, UserfaultFeatures.WriteProtectAsync, Errno.None)]
    [InlineData("6.12", Backing.FsDax, UserfaultFeatures.WriteProtect, Errno.EINVAL)]
    [InlineData("6.12", Backing.FsDax, UserfaultFeatures.WriteProtectAsync, Errno.None)]
    [InlineData("6.12", Backing.DeviceDax, UserfaultFeatures.WriteProtectAsync, Errno.None)]
    [InlineData("6.12", Backing.DevMem, UserfaultFeatures.WriteProtectAsync, Errno.None)]
    [InlineData("6.12", Backing.DevMem, UserfaultFeatures.WriteProtect, Errno.EINVAL)]
    public void What_can_be_registered_is_what_vma_can_userfault_of_the_era_says(string kernel, Backing backing, UserfaultFeatures features, Errno expected)
    {
        var scene = Scene.For(kernel, backing);
        var process = scene.Spawn();
        var address = process.Map(backing, pages: backing == Backing.DeviceDax ? Scene.Huge / Page : 4, shared: backing != Backing.Anon);
        var handler = process.Process.OpenUserfaultfd(features).Value;

        scene.Step(() => handler.Register(address, backing == Backing.DeviceDax ? Scene.Huge : 4 * Page, UserfaultMode.WriteProtect)).Errno.Should().Be(expected);
    }

    [Theory]
    [InlineData("4.2", UserfaultFeatures.None, Errno.ENOSYS)]
    [InlineData("4.3", UserfaultFeatures.None, Errno.None)]
    [InlineData("4.10", UserfaultFeatures.EventFork, Errno.EINVAL)]
    [InlineData("4.13", UserfaultFeatures.Sigbus, Errno.EINVAL)]
    [InlineData("4.14", UserfaultFeatures.Sigbus, Errno.None)]
    [InlineData("6.3", UserfaultFeatures.WriteProtectUnpopulated, Errno.EINVAL)]
    [InlineData("6.6", UserfaultFeatures.WriteProtectAsync, Errno.EINVAL)]
    public void A_feature_that_the_kernel_does_not_know_is_EINVAL(string kernel, UserfaultFeatures features, Errno expected)
    {
        var scene = Scene.X86(kernel);

        scene.Spawn().Process.OpenUserfaultfd(features).Errno.Should().Be(expected);
    }

    [Fact]
    public void Only_x86_64_and_later_arm64_have_the_bit()
    {
        foreach (var (architecture, kernel, expected) in new[] { (Architecture.S390X, "7.2", Errno.EINVAL), (Architecture.Arm64, "6.9", Errno.EINVAL), (Architecture.Arm64, "6.10", Errno.None) })
        {
            var machine = Machine.Build(m => m.Kernel(kernel, architecture).Ram("256M"));
            var process = machine.Spawn("test");
            var address = process.Mmap(0, Page, Scene.ReadWrite, MapFlags.Private).Value;

            process.OpenUserfaultfd().Value.Register(address, Page, UserfaultMode.WriteProtect).Errno.Should().Be(expected, "{0} {1}", architecture, kernel);
        }
    }

    [Fact]
    public void A_second_descriptor_is_refused()
    {
        var (_, process, _, address) = Protected("6.1", Backing.Anon, shared: false);

        process.Process.OpenUserfaultfd().Value.Register(address, Page, UserfaultMode.WriteProtect).Errno.Should().Be(Errno.EBUSY);
    }

    [Fact]
    public void The_asynchronous_protection_goes_with_the_first_store_and_the_store_breaks_COW_as_ever()
    {
        var (scene, process, handler, address) = Protected("6.12", Backing.Anon, UserfaultFeatures.WriteProtectAsync, shared: false);
        var child = process.Fork();

        process.Store(address, 'n');

        handler.Waiting.Should().BeEmpty();
        process.Process.Pagemap(address).UserfaultProtected.Should().BeFalse();
        process.Process.Pagemap(address + Page).UserfaultProtected.Should().BeTrue();
        child.Load(address).Should().Be('o');
        scene.Check();
    }

    [Theory]
    [InlineData(Backing.FsDax, "6.12")]
    [InlineData(Backing.FsDax, "6.15")]
    [InlineData(Backing.DeviceDax, "6.12")]
    public void Asynchronous_protection_of_DAX_memory_faults_once(Backing backing, string kernel)
    {
        var scene = Scene.For(kernel, backing);
        var process = scene.Spawn();
        var pages = backing == Backing.DeviceDax ? Scene.Huge / Page : 4;
        var address = process.Map(backing, pages);
        process.Store(address, 'o');
        var handler = process.Process.OpenUserfaultfd(UserfaultFeatures.WriteProtectAsync).Value;
        scene.Step(() => handler.Register(address, pages * Page, UserfaultMode.WriteProtect)).Should().Be(Verdict.Ok);
        if (backing == Backing.FsDax)
        {
            scene.Step(() => handler.WriteProtect(address, Page)).Should().Be(Verdict.Ok);
            process.Process.View(address).EntryBits.Should().Contain("uffd-wp").And.NotContain("write");

            process.Store(address, 'n');

            process.Load(address).Should().Be('n');
            process.Process.View(address).EntryBits.Should().NotContain("uffd-wp");
        }

        scene.Check();
    }

    [Fact]
    public void Shmem_pages_that_are_not_mapped_are_protected_by_markers()
    {
        var (_, process, handler, address) = Protected("5.19", Backing.Shmem, written: false);

        process.Process.Pagemap(address).Should().Be(new PagemapEntry { Swapped = true, UserfaultProtected = true, SoftDirty = true });
        process.Load(address).Should().Be('A', "reading maps the page, protected");
        process.Process.Pagemap(address).UserfaultProtected.Should().BeTrue();
        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);
        process.TryStore(address + Page, 'n').Kind.Should().Be(VerdictKind.Blocked, "the store maps it first, and then finds it protected");
        handler.Waiting.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(UserfaultFeatures.WriteProtect, VerdictKind.Ok)]
    [InlineData(UserfaultFeatures.WriteProtectUnpopulated, VerdictKind.Blocked)]
    public void Anonymous_pages_that_are_not_there_are_protected_only_on_demand(UserfaultFeatures features, VerdictKind expected)
    {
        var (_, process, _, address) = Protected("6.4", Backing.Anon, features, written: false, shared: false);

        process.TryStore(address, 'n').Kind.Should().Be(expected);
    }

    [Theory]
    [InlineData(Backing.Anon, false, VerdictKind.Ok)]
    [InlineData(Backing.Shmem, true, VerdictKind.Blocked)]
    public void Dropping_the_pages_drops_the_protection_of_anonymous_memory_only(Backing backing, bool shared, VerdictKind expected)
    {
        var (_, process, _, address) = Protected("6.1", backing, shared: shared);

        process.Madvise(address, 4 * Page, Advice.DontNeed).Should().Be(Verdict.Ok);

        process.TryStore(address, 'n').Kind.Should().Be(expected);
    }

    [Fact]
    public void A_hole_punched_into_shmem_keeps_the_protection()
    {
        var scene = Scene.X86("6.1");
        var process = scene.Spawn();
        var file = scene.File(Backing.Shmem);
        var address = process.Map(Backing.Shmem, file: file);
        process.Store(address, 'o');
        var handler = process.Process.OpenUserfaultfd().Value;
        handler.Register(address, 4 * Page, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        handler.WriteProtect(address, 4 * Page).Should().Be(Verdict.Ok);

        scene.Step(() => file.PunchHole(0, 4 * (long)Page)).Should().Be(Verdict.Ok);

        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);
    }

    [Fact]
    public void Unmapping_takes_markers_away()
    {
        var (_, process, _, address) = Protected("6.1", Backing.Shmem, written: false);

        process.Munmap(address, 2).Should().Be(Verdict.Ok);

        process.Munmap(address + (2 * Page), 2).Should().Be(Verdict.Ok);
    }

    [Fact]
    public void Mprotect_does_not_give_back_what_userfaultfd_took()
    {
        var (_, process, _, address) = Protected("6.12", Backing.Anon, shared: false);

        process.Mprotect(address, Prot.Read).Should().Be(Verdict.Ok);
        process.Mprotect(address, Scene.ReadWrite).Should().Be(Verdict.Ok);

        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);
    }

    [Fact]
    public void A_forked_child_is_free_of_the_protection()
    {
        var (_, process, handler, address) = Protected("6.1", Backing.Anon, shared: false);

        var child = process.Fork();

        child.Store(address, 'c');
        child.Process.Pagemap(address + Page).UserfaultProtected.Should().BeFalse();
        process.TryStore(address, 'p').Kind.Should().Be(VerdictKind.Blocked);
        handler.Forks.Should().BeEmpty();
    }

    [Theory]
    [InlineData(Backing.Anon, false, true)]
    [InlineData(Backing.Shmem, true, true)]
    [InlineData(Backing.Shmem, true, false)]
    public void With_the_fork_event_the_child_is_protected_by_a_descriptor_of_its_own(Backing backing, bool shared, bool written)
    {
        var (scene, process, handler, address) = Protected("6.1", backing, UserfaultFeatures.WriteProtect | UserfaultFeatures.EventFork, written, shared);

        var child = process.Fork();

        child.TryStore(address, 'c').Kind.Should().Be(VerdictKind.Blocked, "vma_needs_copy: the entries and markers are copied");
        handler.Waiting.Should().BeEmpty();
        handler.Forks.Should().ContainSingle().Which.Waiting.Should().ContainSingle();
        scene.Step(() => handler.Forks[0].WriteProtect(address, Page, protect: false)).Should().Be(Verdict.Ok);
        child.Store(address, 'c');
        process.TryStore(address, 'p').Kind.Should().Be(VerdictKind.Blocked);
    }

    [Fact]
    public void A_fork_that_fails_leaves_no_descriptor_behind()
    {
        var (scene, process, handler, address) = Protected("6.1", Backing.Anon, UserfaultFeatures.WriteProtect | UserfaultFeatures.EventFork, shared: false);
        scene.Mm.FailAllocation = 2;

        process.TryFork().Errno.Should().Be(Errno.ENOMEM);

        handler.Forks.Should().BeEmpty();
        scene.Mm.UserfaultHandlers.Should().ContainSingle();
        process.TryStore(address, 'p').Kind.Should().Be(VerdictKind.Blocked);
    }

    [Theory]
    [InlineData("6.12", UserfaultFeatures.WriteProtect, VerdictKind.Ok, true)]
    [InlineData("6.13", UserfaultFeatures.WriteProtect, VerdictKind.Ok, false)]
    [InlineData("6.13", UserfaultFeatures.WriteProtect | UserfaultFeatures.EventRemap, VerdictKind.Blocked, true)]
    public void Mremap_leaves_the_registration_behind_unless_the_handler_follows(string kernel, UserfaultFeatures features, VerdictKind expected, bool bit)
    {
        var (_, process, _, address) = Protected(kernel, Backing.Anon, features, shared: false);
        const ulong to = 0x5000_0000_0000;

        process.Mremap(address, 4 * Page, 4 * Page, MremapFlags.MayMove | MremapFlags.Fixed, to).Value.Should().Be(to);

        process.Process.Pagemap(to).UserfaultProtected.Should().Be(bit);
        process.TryStore(to, 'n').Kind.Should().Be(expected);
    }

    [Theory]
    [InlineData("5.19", false, true)]
    [InlineData("6.0", false, false)]
    [InlineData("6.8", true, true)]
    [InlineData("6.9", true, false)]
    public void Who_takes_the_bits_away_when_the_registration_ends(string kernel, bool close, bool stays)
    {
        var (scene, process, handler, address) = Protected(kernel, Backing.Anon, shared: false);
        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);

        if (close)
        {
            handler.Close();
        }
        else
        {
            scene.Step(() => handler.Unregister(address, 4 * Page)).Should().Be(Verdict.Ok);
        }

        handler.Waiting.Should().BeEmpty("whoever slept goes on");
        process.Process.Pagemap(address).UserfaultProtected.Should().Be(stays);
        process.Store(address, 'n');
    }

    [Fact]
    public void A_lockless_write_pin_sleeps_and_a_get_that_holds_the_lock_fails()
    {
        var (_, process, handler, address) = Protected("6.1", Backing.Anon, shared: false);

        process.PinFast(address, 2, GupFlags.Write).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        handler.Waiting.Should().ContainSingle();
        process.Get(address, 1, GupFlags.Write).Errno.Should().Be(Errno.EFAULT, "no FAULT_FLAG_ALLOW_RETRY");
        process.Get(address).IsOk.Should().BeTrue("reading is not protected");
    }

    [Fact]
    public void System_calls_that_write_to_user_memory_sleep_and_leave_nothing_half_done()
    {
        var (scene, process, handler, address) = Protected("6.1", Backing.Anon, shared: false);
        var file = scene.File(Backing.PageCache);
        var pagemaps = scene.Machine.Fingerprint();

        scene.Step(() => process.Process.Pread(file, address, 8, 0)).Verdict.Kind.Should().Be(VerdictKind.Blocked);

        handler.Waiting.Should().ContainSingle().Which.Address.Should().Be(address);
        scene.Step(() => handler.WriteProtect(address, Page, protect: false)).Should().Be(Verdict.Ok);
        scene.Step(() => process.Process.Pread(file, address, 8, 0)).Value.Should().Be(8);
        process.Load(address).Should().Be('A');
        pagemaps.Should().NotBe(scene.Machine.Fingerprint());
    }

    [Theory]
    [InlineData("6.3", Errno.ENOENT)]
    [InlineData("6.4", Errno.None)]
    public void A_range_may_span_areas_from_6_4(string kernel, Errno expected)
    {
        var (scene, process, handler, address) = Protected(kernel, Backing.Anon, shared: false);
        process.Mprotect(address + Page, Prot.Read, 1).Should().Be(Verdict.Ok);

        scene.Step(() => handler.WriteProtect(address, 4 * Page, protect: false)).Errno.Should().Be(expected);
    }

    [Fact]
    public void A_range_that_is_not_registered_is_ENOENT_and_a_crooked_one_EINVAL()
    {
        var (scene, process, handler, address) = Protected("6.1", Backing.Anon, shared: false);
        var other = process.Map(Backing.Anon, shared: false);

        handler.WriteProtect(other, Page).Errno.Should().Be(Errno.ENOENT);
        handler.WriteProtect(address + 1, Page).Errno.Should().Be(Errno.EINVAL);
        handler.WriteProtect(address, 0).Errno.Should().Be(Errno.EINVAL);
        scene.Check();
    }

    [Fact]
    public void A_huge_page_is_protected_whole_and_split_for_a_part()
    {
        var scene = Scene.X86("6.1");
        var process = scene.Spawn();
        var address = process.MapHuge();
        process.Store(address, 'o');
        var handler = process.Process.OpenUserfaultfd().Value;
        handler.Register(address, Scene.Huge, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);

        scene.Step(() => handler.WriteProtect(address, Scene.Huge)).Should().Be(Verdict.Ok);
        process.Process.View(address).Level.Should().Be("PMD");
        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);
        scene.Step(() => handler.WriteProtect(address, Page, protect: false)).Should().Be(Verdict.Ok);

        process.Process.View(address).Level.Should().Be("PTE");
        process.Store(address, 'n');
        process.TryStore(address + Page, 'n').Kind.Should().Be(VerdictKind.Blocked);
        process.Madvise(address, Scene.Huge, Advice.Collapse).Errno.Should().Be(Errno.EINVAL, "SCAN_PTE_UFFD_WP");
    }

    [Fact]
    public void A_huge_page_whose_protection_is_asynchronous_is_split_by_a_store()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var address = process.MapHuge();
        process.Store(address, 'o');
        var handler = process.Process.OpenUserfaultfd(UserfaultFeatures.WriteProtectAsync).Value;
        handler.Register(address, Scene.Huge, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        scene.Step(() => handler.WriteProtect(address, Scene.Huge)).Should().Be(Verdict.Ok);

        process.Store(address + Page, 'n');

        process.Process.Pagemap(address + Page).UserfaultProtected.Should().BeFalse();
        process.Process.Pagemap(address).UserfaultProtected.Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Hugetlb_memory_is_protected_in_whole_huge_pages(bool written)
    {
        var scene = Scene.X86("6.1");
        var process = scene.Spawn();
        var address = scene.Step(() => process.Process.Mmap(0, 2 * Scene.Huge, Scene.ReadWrite, MapFlags.Shared | MapFlags.HugeTlb)).Value;
        if (written)
        {
            process.Store(address, 'o');
        }

        var handler = process.Process.OpenUserfaultfd().Value;
        handler.Register(address, 2 * Scene.Huge, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        handler.WriteProtect(address, Page).Errno.Should().Be(Errno.EINVAL);

        scene.Step(() => handler.WriteProtect(address, Scene.Huge)).Should().Be(Verdict.Ok);

        process.TryStore(address + Page, 'n').Kind.Should().Be(VerdictKind.Blocked);
        scene.Step(() => handler.WriteProtect(address, Scene.Huge, protect: false)).Should().Be(Verdict.Ok);
        process.Store(address + Page, 'n');
        process.Store(address + Scene.Huge, 'n');
    }

    [Theory]
    [InlineData(UserfaultFeatures.WriteProtect, VerdictKind.Ok)]
    [InlineData(UserfaultFeatures.WriteProtect | UserfaultFeatures.EventFork, VerdictKind.Blocked)]
    public void Markers_of_hugetlb_memory_are_forked_with_the_registration(UserfaultFeatures features, VerdictKind expected)
    {
        var scene = Scene.X86("5.19");
        var process = scene.Spawn();
        var address = scene.Step(() => process.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, MapFlags.Shared | MapFlags.HugeTlb)).Value;
        var handler = process.Process.OpenUserfaultfd(features).Value;
        handler.Register(address, Scene.Huge, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        scene.Step(() => handler.WriteProtect(address, Scene.Huge)).Should().Be(Verdict.Ok);

        var child = process.Fork();

        child.TryStore(address, 'c').Kind.Should().Be(expected);
        process.TryStore(address, 'p').Kind.Should().Be(VerdictKind.Blocked);
    }

    [Fact]
    public void Neighbours_merge_again_when_both_are_unregistered()
    {
        var (scene, process, handler, address) = Protected("6.12", Backing.Anon, shared: false);
        var areas = process.Process.Maps.Count;
        handler.Unregister(address + Page, Page).Should().Be(Verdict.Ok);
        process.Process.Maps.Count.Should().Be(areas + 2);

        handler.Unregister(address, 4 * Page).Should().Be(Verdict.Ok);

        process.Process.Maps.Count.Should().Be(areas);
        scene.Check();
    }

    [Fact]
    public void Missing_pages_are_given_by_the_handler()
    {
        var scene = Scene.X86("6.1");
        var process = scene.Spawn();
        var anon = process.Map(Backing.Anon, shared: false);
        var shmem = process.Map(Backing.Shmem);
        var handler = process.Process.OpenUserfaultfd().Value;
        handler.Register(anon, 4 * Page, UserfaultMode.Missing | UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        handler.Register(shmem, 4 * Page, UserfaultMode.Missing).IsOk.Should().BeTrue();
        var bytes = new byte[Page];
        bytes[0] = (byte)'h';

        process.TryLoad(anon).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        scene.Step(() => handler.Copy(anon, bytes, protect: true)).Should().Be(Verdict.Ok);
        process.Load(anon).Should().Be('h');
        process.TryStore(anon, 'n').Kind.Should().Be(VerdictKind.Blocked);
        scene.Step(() => handler.ZeroPage(anon + Page, Page)).Should().Be(Verdict.Ok);
        process.Load(anon + Page).Should().Be('\0');
        scene.Step(() => handler.Copy(anon, bytes)).Errno.Should().Be(Errno.EEXIST);
        handler.Waiting.Should().ContainSingle();
        scene.Check();
    }

    [Fact]
    public void Pages_in_the_cache_are_mapped_when_the_handler_says_so()
    {
        var scene = Scene.X86("6.1");
        var process = scene.Spawn();
        var file = scene.File(Backing.Shmem);
        var address = process.Map(Backing.Shmem, file: file);
        var handler = process.Process.OpenUserfaultfd(UserfaultFeatures.MinorShmem).Value;
        handler.Register(address, 4 * Page, UserfaultMode.Minor).Should().Be(Verdict.Ok);

        process.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        handler.Waiting.Should().Equal(new UserfaultWait(address, IsWrite: false, UserfaultMode.Minor));
        scene.Step(() => handler.Continue(address, Page)).Should().Be(Verdict.Ok);

        process.Load(address).Should().Be('A');
    }

    [Fact]
    public void Sleepers_and_markers_survive_snapshots_and_clones()
    {
        var (scene, process, handler, address) = Protected("6.1", Backing.Shmem, written: false);
        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);
        var snapshot = scene.Machine.Snapshot();
        var fingerprint = scene.Machine.Fingerprint();

        handler.Close();
        scene.Machine.Restore(snapshot);

        handler.Waiting.Should().ContainSingle();
        scene.Machine.Fingerprint().Should().Be(fingerprint);
        var clone = scene.Machine.Clone();
        clone.Fingerprint().Should().Be(fingerprint);
        clone.Audit().Should().BeEmpty();
        clone.FindProcess(process.Process.Id)!.WriteByte(address + Page, 1).Kind.Should().Be(VerdictKind.Blocked);
        handler.Waiting.Should().ContainSingle("the clone is another machine");
    }
}
