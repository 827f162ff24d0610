using DaxSim.AddressSpaces;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// Moving huge pages step by step, with somebody looking between the steps. Source: set_pmd_migration_entry, remove_migration_pmd, copy_huge_pmd,
/// zap_huge_pmd, __split_huge_pmd_locked and change_huge_pmd of mainline (4.14 on); copy_hugetlb_page_range and hugetlb_fault for the pool.
/// </summary>
public class HugePageMoveTests
{
    private const ulong Page = Scene.Page;
    private const ulong Huge = Scene.Huge;

    public enum Pages
    {
        Transparent,
        Pool,
    }

    private static (Scene Scene, Actor Process, ulong Address) Mapped(string kernel, Pages pages = Pages.Transparent, bool shared = false)
    {
        var scene = Scene.X86(kernel, m => m.TransparentHugePages(always: pages == Pages.Transparent));
        var process = scene.Spawn();
        var address = process.Process.Mmap(0x7f00_0000_0000, Huge, Prot.Read | Prot.Write, (shared ? MapFlags.Shared : MapFlags.Private) | MapFlags.Anonymous | MapFlags.Fixed | (pages == Pages.Pool ? MapFlags.HugeTlb : 0)).Value;
        process.Store(address, 'a');
        process.Store(address + (7 * Page), 'h');
        process.Process.View(address).EntryBits.Should().Contain("huge");
        return (scene, process, address);
    }

    private static (Scene Scene, Actor Process, ulong Address, PageMove Move) Begun(string kernel, PageMoveStage stage, Pages pages = Pages.Transparent, bool shared = false)
    {
        var (scene, process, address) = Mapped(kernel, pages, shared);
        var move = scene.Machine.BeginPageMove(process.Process, address + (3 * Page)).Value;
        while (move.Stage < stage && move.Step())
        {
            scene.Check();
        }

        move.Stage.Should().Be(stage);
        return (scene, process, address, move);
    }

    private static void Finish(Scene scene, PageMove move)
    {
        while (move.Step())
        {
            scene.Check();
        }

        scene.Check();
    }

    [Theory]
    [InlineData("4.14", Pages.Transparent, false)]
    [InlineData("4.19", Pages.Transparent, false)]
    [InlineData("5.10", Pages.Transparent, false)]
    [InlineData("6.1", Pages.Transparent, false)]
    [InlineData("7.3", Pages.Transparent, false)]
    [InlineData("3.12", Pages.Pool, false)]
    [InlineData("4.4", Pages.Pool, true)]
    [InlineData("4.14", Pages.Pool, false)]
    [InlineData("6.1", Pages.Pool, true)]
    [InlineData("7.3", Pages.Pool, false)]
    public void It_moves_whole_and_stays_huge(string kernel, Pages pages, bool shared)
    {
        var (scene, process, address, move) = Begun(kernel, PageMoveStage.Isolated, pages, shared);

        Finish(scene, move);

        move.Verdict.Should().Be(Verdict.Ok);
        process.Process.View(address).EntryBits.Should().Contain("huge");
        process.Process.View(address + (7 * Page)).Pfn.Should().Be(move.Target + 7).And.NotBe(move.Source + 7);
        process.Load(address).Should().Be('a');
        process.Load(address + (7 * Page)).Should().Be('h');
        process.Store(address, 'n');
        scene.Mm.Memory.IsFree(move.Source).Should().BeTrue();
    }

    [Theory]
    [InlineData("3.10")]
    [InlineData("4.4")]
    [InlineData("4.13")]
    public void Before_4_14_it_is_split_and_one_page_moves(string kernel)
    {
        var (scene, process, address, move) = Begun(kernel, PageMoveStage.Isolated);

        Finish(scene, move);

        move.Verdict.Should().Be(Verdict.Ok);
        process.Process.View(address).EntryBits.Should().NotContain("huge");
        process.Process.View(address + (3 * Page)).Pfn.Should().Be(move.Target);
        process.Process.View(address + (7 * Page)).Pfn.Should().Be(move.Source + 4, "its neighbours stay");
        process.Load(address + (7 * Page)).Should().Be('h');
    }

    [Theory]
    [InlineData("4.13")]
    [InlineData("3.10")]
    public void Where_it_cannot_be_split_it_does_not_move(string kernel)
    {
        var (scene, process, address) = Mapped(kernel);
        var held = process.Get(address).Value;
        var move = scene.Machine.BeginPageMove(process.Process, address).Value;
        Finish(scene, move);
        move.Verdict.Errno.Should().Be(Errno.EBUSY);
        process.Process.View(address).Pfn.Should().Be(move.Source);
        held.Release();
        scene.Check();
    }

    [Theory]
    [InlineData("3.11")]
    [InlineData("3.10")]
    public void Pages_of_the_pool_are_left_out_before_3_12(string kernel)
    {
        var (scene, process, address) = Mapped(kernel, Pages.Pool);
        scene.Machine.BeginPageMove(process.Process, address).Verdict.Errno.Should().Be(Errno.EFAULT, "vma_migratable refuses VM_HUGETLB");
    }

    [Fact]
    public void On_s390x_a_huge_page_is_split_up_to_6_13_and_then_nobody_knows()
    {
        KernelPolicy.Mainline("6.13", Architecture.S390X).HugePageMigration.Should().Be(HugePageMigrationRule.SplitFirst);
        KernelPolicy.Mainline("6.14", Architecture.S390X).HugePageMigration.Should().Be(HugePageMigrationRule.NotKnown);
        KernelPolicy.Mainline("5.10", Architecture.Arm64).HugePageMigration.Should().Be(HugePageMigrationRule.SplitFirst);
        KernelPolicy.Mainline("5.11", Architecture.Arm64).HugePageMigration.Should().Be(HugePageMigrationRule.Whole);
    }

    [Theory]
    [InlineData(PageMoveStage.Unmapped, Pages.Transparent, "pmd_migration_entry_wait")]
    [InlineData(PageMoveStage.Copied, Pages.Transparent, "pmd_migration_entry_wait")]
    [InlineData(PageMoveStage.Unmapped, Pages.Pool, "migration_entry_wait_huge")]
    [InlineData(PageMoveStage.Copied, Pages.Pool, "migration_entry_wait_huge")]
    public void Every_access_to_any_page_of_it_sleeps(PageMoveStage stage, Pages pages, string function)
    {
        var (scene, process, address, move) = Begun("6.1", stage, pages);

        process.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        process.TryLoad(address + Huge - 1).Verdict.Reason!.Function.Should().Be(function);
        process.TryStore(address + (100 * Page), 'n').Kind.Should().Be(VerdictKind.Blocked);
        process.Process.View(address).EntryBits.Should().Contain(["migration", "huge"]);
        Finish(scene, move);

        process.Load(address + (7 * Page)).Should().Be('h');
    }

    [Theory]
    [InlineData(Pages.Transparent)]
    [InlineData(Pages.Pool)]
    public void A_fault_as_steps_is_blocked_until_the_page_is_back(Pages pages)
    {
        var (scene, process, address, move) = Begun("6.1", PageMoveStage.Unmapped, pages);
        var fault = new FaultOperation(process.Space, process.Space.Find(address)!, address + (5 * Page), FaultFlags.Write | FaultFlags.User | FaultFlags.AllowRetry, process.Space);

        fault.Step(scene.Mm).Should().BeTrue();
        fault.IsBlocked.Should().BeTrue();
        Finish(scene, move);
        fault.IsBlocked.Should().BeFalse();
        while (fault.Step(scene.Mm))
        {
        }

        fault.Result.Code.Should().Be(FaultCode.Done);
        scene.Check();
    }

    [Theory]
    [InlineData(Pages.Transparent)]
    [InlineData(Pages.Pool)]
    public void The_lockless_walk_backs_off_and_get_user_pages_waits(Pages pages)
    {
        var (scene, process, address, move) = Begun("6.1", PageMoveStage.Unmapped, pages);
        var taken = new ulong[2];

        new GupFastOperation(scene.Mm, process.Space, address, 2, GupFlags.Get, taken, 0).Run().Should().Be(0);
        process.GetFast(address, 2).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        var slow = new GupSlowOperation(scene.Mm, process.Space, process.Space, address, 1, GupFlags.Get | GupFlags.Touch, taken, 0);
        while (!slow.IsBlocked)
        {
            slow.Step().Should().BeTrue();
        }

        Finish(scene, move);
        while (slow.Step())
        {
        }

        slow.Result.Count.Should().Be(1);
        taken[0].Should().Be(move.Target);
        scene.Mm.Release(taken[0], pin: false);
        scene.Check();
    }

    [Theory]
    [InlineData("5.10", PageMoveStage.Unmapped, Pages.Transparent)]
    [InlineData("6.12", PageMoveStage.Unmapped, Pages.Transparent)]
    [InlineData("6.12", PageMoveStage.Copied, Pages.Transparent)]
    [InlineData("4.14", PageMoveStage.Unmapped, Pages.Pool)]
    [InlineData("6.12", PageMoveStage.Unmapped, Pages.Pool)]
    [InlineData("6.12", PageMoveStage.Copied, Pages.Pool)]
    public void Fork_shares_it_on_the_move_read_only(string kernel, PageMoveStage stage, Pages pages)
    {
        var (scene, process, address, move) = Begun(kernel, stage, pages);

        var child = process.Fork();
        scene.Check();

        child.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        Finish(scene, move);
        child.Process.View(address).Pfn.Should().Be(move.Target);
        process.Process.View(address).EntryBits.Should().NotContain("write");
        process.Process.View(address).AnonExclusive.Should().BeFalse();
        process.Store(address, 'n');
        child.Load(address).Should().Be('a');
        scene.Check();
    }

    [Fact]
    public void Fork_of_a_pool_page_on_the_move_went_wrong_before_3_16()
    {
        var (scene, process, _, move) = Begun("3.15", PageMoveStage.Unmapped, Pages.Pool);
        process.Process.Fork().Verdict.Kind.Should().Be(VerdictKind.Undefined, "the entry is taken for a present one: hugetlb: fix copy_hugetlb_page_range() (3.16)");
        move.IsFinished.Should().BeFalse();
        scene.Machine.Should().NotBeNull();
    }

    [Theory]
    [InlineData(PageMoveStage.Unmapped, Pages.Transparent)]
    [InlineData(PageMoveStage.Copied, Pages.Transparent)]
    [InlineData(PageMoveStage.Unmapped, Pages.Pool)]
    [InlineData(PageMoveStage.Copied, Pages.Pool)]
    public void Unmapping_drops_the_entry_and_the_move_ends_with_nobody_to_map_it(PageMoveStage stage, Pages pages)
    {
        var (scene, process, address, move) = Begun("6.12", stage, pages);

        process.Munmap(address, (int)(Huge / Page));
        scene.Check();
        Finish(scene, move);

        scene.Mm.Memory.IsFree(move.Source).Should().BeTrue();
        (move.Target == 0 || scene.Mm.Memory.IsFree(move.Target)).Should().BeTrue();
    }

    [Fact]
    public void Unmapping_a_part_splits_the_entry_and_the_rest_comes_back_as_base_pages()
    {
        var (scene, process, address, move) = Begun("6.12", PageMoveStage.Unmapped);

        process.Munmap(address, 4);
        scene.Check();
        process.Process.View(address + (7 * Page)).EntryBits.Should().Contain("migration").And.NotContain("huge");
        process.TryLoad(address + (7 * Page)).Verdict.Reason!.Function.Should().Be("migration_entry_wait");
        Finish(scene, move);

        process.Process.View(address + (7 * Page)).Pfn.Should().Be(move.Target + 7);
        process.Load(address + (7 * Page)).Should().Be('h');
        process.Store(address + (7 * Page), 'n');
        scene.Check();
    }

    [Fact]
    public void Mprotect_makes_the_entry_read_only_for_good_and_may_split_it()
    {
        var (scene, process, address, move) = Begun("6.12", PageMoveStage.Unmapped);
        process.Mprotect(address, Prot.Read, 512).Should().Be(Verdict.Ok);
        process.Mprotect(address, Prot.Read | Prot.Write, 512).Should().Be(Verdict.Ok);
        process.Mprotect(address, Prot.Read, 8).Should().Be(Verdict.Ok);
        scene.Check();
        Finish(scene, move);

        process.Process.View(address + (9 * Page)).EntryBits.Should().NotContain("write");
        process.Store(address + (9 * Page), 'n');
        process.TryStore(address, 'n').Word().Should().Be("SIGSEGV");
        process.Load(address).Should().Be('a');
    }

    [Theory]
    [InlineData(0x5000_0000_0000UL, true)]
    [InlineData(0x5000_0000_1000UL, false)]
    public void Mremap_takes_the_entry_along_and_splits_it_where_it_must(ulong to, bool whole)
    {
        var (scene, process, address, move) = Begun("6.12", PageMoveStage.Unmapped);

        process.Mremap(address, Huge, Huge, MremapFlags.MayMove | MremapFlags.Fixed, to).Value.Should().Be(to);
        scene.Check();
        process.Process.View(to).EntryBits.Contains("huge").Should().Be(whole);
        Finish(scene, move);

        process.Load(to + (7 * Page)).Should().Be('h');
        process.Process.View(to + (7 * Page)).Pfn.Should().Be(move.Target + 7);
    }

    [Fact]
    public void Pagemap_smaps_and_mincore_show_it_on_the_move()
    {
        var (scene, process, address, move) = Begun("6.12", PageMoveStage.Unmapped);

        var entry = process.Process.Pagemap(address + Page);
        (entry.Present, entry.Swapped, entry.FileOrShared).Should().Be((false, true, false));
        var smaps = process.Process.ReadSmaps().Single(a => a.Start == address).Kilobytes;
        (smaps["Rss"], smaps["AnonHugePages"]).Should().Be((2048, 2048));
        process.Process.Mincore(address, 2 * Page).Value.Should().Equal(1, 1);
        process.Process.MovePages([address], null).Value.Status.Should().Equal(-(int)Errno.ENOENT);
        Finish(scene, move);
    }

    [Fact]
    public void Pagemap_shows_nothing_of_a_pool_page_on_the_move()
    {
        var (scene, process, address, move) = Begun("6.12", PageMoveStage.Unmapped, Pages.Pool);
        var entry = process.Process.Pagemap(address);
        (entry.Present, entry.Swapped, entry.Pfn).Should().Be((false, false, 0UL), "pagemap_hugetlb_range looks at present entries only");
        process.Process.Mincore(address, Page).Value.Should().Equal(1);
        Finish(scene, move);
    }

    [Theory]
    [InlineData("4.14", Pages.Transparent)]
    [InlineData("6.12", Pages.Transparent)]
    [InlineData("6.12", Pages.Pool)]
    public void A_reference_anywhere_in_it_holds_it_up(string kernel, Pages pages)
    {
        var (scene, process, address, move) = Begun(kernel, PageMoveStage.Isolated, pages);
        var held = process.Get(address + (9 * Page)).Value;
        Finish(scene, move);
        move.Verdict.Errno.Should().Be(Errno.EAGAIN);
        process.Process.View(address).Pfn.Should().Be(move.Source);
        process.Process.View(address).EntryBits.Should().Contain("huge");
        process.Store(address, 'n');
        held.Release();
        scene.Check();
        var again = scene.Machine.BeginPageMove(process.Process, address).Value;
        again.Run().Should().Be(Verdict.Ok);
        scene.Check();
    }

    [Theory]
    [InlineData(Pages.Transparent)]
    [InlineData(Pages.Pool)]
    public void A_pinned_exclusive_one_is_never_unmapped(Pages pages)
    {
        var (scene, process, address, move) = Begun("6.1", PageMoveStage.Isolated, pages);
        var pin = process.Pin(address, 1, GupFlags.Write).Value;
        while (move.Step())
        {
            scene.Check();
            process.Load(address).Should().Be('a');
        }

        move.Verdict.Errno.Should().Be(Errno.EAGAIN);
        pin.Release();
        scene.Check();
    }

    [Fact]
    public void One_that_base_pages_map_moves_with_an_entry_for_each()
    {
        var (scene, process, address) = Mapped("6.12");
        process.Mprotect(address, Prot.Read, 1).Should().Be(Verdict.Ok);
        process.Process.View(address + Page).EntryBits.Should().NotContain("huge", "the entry is split, the page is not");
        var child = process.Fork();
        process.Store(address + (7 * Page), 'n');
        scene.Check();
        var move = scene.Machine.BeginPageMove(process.Process, address + Page).Value;

        Finish(scene, move);

        move.Verdict.Should().Be(Verdict.Ok);
        process.Process.View(address + Page).Pfn.Should().Be(move.Target + 1);
        child.Process.View(address + (7 * Page)).Pfn.Should().Be(move.Target + 7);
        child.Load(address + (7 * Page)).Should().Be('h');
        process.Load(address + (7 * Page)).Should().Be('n');
    }

    [Fact]
    public void Two_processes_one_with_a_huge_entry_and_one_with_base_entries()
    {
        var (scene, process, address) = Mapped("6.12");
        var child = process.Fork();
        child.Munmap(address, 4);
        scene.Check();
        var move = scene.Machine.BeginPageMove(process.Process, address).Value;
        Finish(scene, move);
        move.Verdict.Should().Be(Verdict.Ok);
        process.Process.View(address).EntryBits.Should().Contain("huge");
        child.Process.View(address + (7 * Page)).Pfn.Should().Be(move.Target + 7);
        child.Load(address + (7 * Page)).Should().Be('h');
    }

    [Fact]
    public void A_page_of_it_cannot_be_moved_a_second_time_meanwhile()
    {
        var (scene, process, address, move) = Begun("6.12", PageMoveStage.Isolated);
        scene.Machine.BeginPageMove(process.Process, address + (9 * Page)).Verdict.Errno.Should().Be(Errno.EBUSY);
        Finish(scene, move);
    }

    [Theory]
    [InlineData(PageMoveStage.Unmapped, Pages.Transparent)]
    [InlineData(PageMoveStage.Copied, Pages.Transparent)]
    [InlineData(PageMoveStage.Copied, Pages.Pool)]
    public void A_move_under_way_survives_snapshots_and_clones(PageMoveStage stage, Pages pages)
    {
        var (scene, process, address, move) = Begun("6.12", stage, pages);
        var snapshot = scene.Machine.Snapshot();
        var print = scene.Machine.Fingerprint();
        var copy = scene.Machine.Clone();
        copy.Fingerprint().Should().Be(print);

        Finish(scene, move);
        scene.Machine.Restore(snapshot);
        scene.Machine.Fingerprint().Should().Be(print);
        process.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        Finish(scene, move);

        copy.PageMoves.Should().ContainSingle().Which.Run().Should().Be(Verdict.Ok);
        copy.Audit().Should().BeEmpty();
        copy.FindProcess(process.Process.Id)!.ReadByte(address + (7 * Page)).Value.Should().Be((byte)'h');
    }

    [Fact]
    public void Exit_on_the_way_leaves_nothing_behind()
    {
        var (scene, process, _, move) = Begun("6.12", PageMoveStage.Copied);
        process.Process.Exit();
        scene.Check();
        Finish(scene, move);
        scene.Mm.Memory.IsFree(move.Source).Should().BeTrue();
        scene.Mm.Memory.IsFree(move.Target).Should().BeTrue();
    }
}
