using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// Moving a page step by step, with somebody looking between the steps. Source: mm/migrate.c (migrate_folio_unmap, folio_migrate_mapping,
/// remove_migration_ptes), do_swap_page, copy_nonpresent_pte, zap_pte_range and change_pte_range of mainline.
/// </summary>
public class PageMoveTests
{
    private const ulong Page = Scene.Page;

    private static (Scene Scene, Actor Process, ulong Address, PageMove Move) Begun(string kernel, Backing backing, bool shared, PageMoveStage stage)
    {
        var scene = Scene.For(kernel, backing);
        var process = scene.Spawn();
        var address = process.Map(backing, pages: 2, shared: shared);
        process.Store(address, 'o');
        process.Store(address + Page, 'p');
        var move = scene.Machine.BeginPageMove(process.Process, address).Value;
        StepTo(scene, move, stage);
        return (scene, process, address, move);
    }

    private static void StepTo(Scene scene, PageMove move, PageMoveStage stage)
    {
        while (move.Stage < stage && move.Step())
        {
            scene.Check();
        }

        move.Stage.Should().Be(stage);
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
    [InlineData("4.4", Backing.Anon, false)]
    [InlineData("6.12", Backing.Anon, false)]
    [InlineData("6.12", Backing.Shmem, true)]
    [InlineData("6.12", Backing.PageCache, true)]
    [InlineData("6.12", Backing.PageCache, false)]
    [InlineData("7.2", Backing.Anon, false)]
    public void The_page_has_a_new_frame_and_the_same_bytes(string kernel, Backing backing, bool shared)
    {
        var (scene, process, address, move) = Begun(kernel, backing, shared, PageMoveStage.Isolated);

        Finish(scene, move);

        move.Verdict.Should().Be(Verdict.Ok);
        process.Process.View(address).Pfn.Should().Be(move.Target).And.NotBe(move.Source);
        process.Load(address).Should().Be('o');
        process.Store(address, 'n');
        scene.Mm.Memory.IsFree(move.Source).Should().BeTrue();
    }

    [Theory]
    [InlineData(PageMoveStage.Unmapped)]
    [InlineData(PageMoveStage.Copied)]
    public void An_access_to_a_page_on_the_move_sleeps_and_its_neighbour_does_not_notice(PageMoveStage stage)
    {
        var (scene, process, address, move) = Begun("6.1", Backing.Anon, shared: false, stage);

        process.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        process.TryStore(address, 'n').Kind.Should().Be(VerdictKind.Blocked);
        process.TryStore(address, 'n').Reason!.Function.Should().Be("migration_entry_wait");
        process.Load(address + Page).Should().Be('p');
        process.Process.View(address).EntryBits.Should().Contain("migration");
        Finish(scene, move);

        process.Load(address).Should().Be('o');
    }

    [Fact]
    public void A_fault_as_steps_is_blocked_until_the_page_is_back()
    {
        var (scene, process, address, move) = Begun("6.1", Backing.Anon, shared: false, PageMoveStage.Unmapped);
        var fault = new FaultOperation(process.Space, process.Space.Find(address)!, address, FaultFlags.Write | FaultFlags.User | FaultFlags.AllowRetry, process.Space);

        fault.Step(scene.Mm).Should().BeTrue();
        fault.IsBlocked.Should().BeTrue();
        fault.Step(scene.Mm).Should().BeTrue();
        Finish(scene, move);
        fault.IsBlocked.Should().BeFalse();
        while (fault.Step(scene.Mm))
        {
        }

        fault.Result.Code.Should().Be(FaultCode.Done);
        scene.Check();
    }

    [Fact]
    public void Get_user_pages_waits_and_the_lockless_walk_leaves_it_to_the_slow_path()
    {
        var (scene, process, address, move) = Begun("6.1", Backing.Anon, shared: false, PageMoveStage.Unmapped);
        var pages = new ulong[2];

        new GupFastOperation(scene.Mm, process.Space, address, 2, GupFlags.Get, pages, 0).Run().Should().Be(0);
        process.GetFast(address, 2).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        var slow = new GupSlowOperation(scene.Mm, process.Space, process.Space, address, 1, GupFlags.Get | GupFlags.Touch, pages, 0);
        while (!slow.IsBlocked)
        {
            slow.Step().Should().BeTrue();
        }

        Finish(scene, move);
        while (slow.Step())
        {
        }

        slow.Result.Count.Should().Be(1);
        pages[0].Should().Be(move.Target);
        scene.Mm.Release(pages[0], pin: false);
        scene.Check();
    }

    [Fact]
    public void A_system_call_that_meets_the_page_sleeps_with_nothing_done()
    {
        var (scene, process, address, move) = Begun("6.1", Backing.Anon, shared: false, PageMoveStage.Unmapped);
        var file = scene.File(Backing.PageCache);
        scene.Step(() => process.Process.Pread(file, address + Page, 8, 0)).Value.Should().Be(8, "the second page is there");
        var before = scene.Machine.Fingerprint();

        scene.Step(() => process.Process.Pread(file, address, 8, 0)).Verdict.Kind.Should().Be(VerdictKind.Blocked);

        scene.Machine.Fingerprint().Should().Be(before);
        Finish(scene, move);
        scene.Step(() => process.Process.Pread(file, address, 8, 0)).Value.Should().Be(8);
    }

    [Theory]
    [InlineData(PageMoveStage.Unmapped)]
    [InlineData(PageMoveStage.Copied)]
    public void Fork_shares_the_page_on_the_move_read_only(PageMoveStage stage)
    {
        var (scene, process, address, move) = Begun("6.12", Backing.Anon, shared: false, stage);

        var child = process.Fork();

        child.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Blocked);
        Finish(scene, move);
        child.Process.View(address).Pfn.Should().Be(move.Target);
        process.Process.View(address).EntryBits.Should().NotContain("write");
        process.Process.View(address).AnonExclusive.Should().BeFalse();
        process.Store(address, 'n');
        child.Load(address).Should().Be('o');
    }

    [Theory]
    [InlineData("5.19")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void Wherever_fork_runs_out_of_memory_the_move_and_the_handler_go_on(string kernel)
    {
        var (scene, process, address, move) = Begun(kernel, Backing.Anon, shared: false, PageMoveStage.Unmapped);
        var shmem = process.Map(Backing.Shmem);
        var handler = process.Process.OpenUserfaultfd(UserfaultFeatures.WriteProtect | UserfaultFeatures.EventFork).Value;
        handler.Register(address, 2 * Page, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        handler.Register(shmem, 4 * Page, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        handler.WriteProtect(shmem, 4 * Page).Should().Be(Verdict.Ok);
        var failures = 0;
        for (var allocation = 1; ; allocation++)
        {
            scene.Mm.FailAllocation = allocation;
            var fork = process.TryFork();
            scene.Mm.FailAllocation = 0;
            if (fork.IsOk)
            {
                handler.Forks.Should().ContainSingle();
                break;
            }

            failures++;
            fork.Errno.Should().Be(Errno.ENOMEM);
            handler.Forks.Should().BeEmpty();
            scene.Mm.UserfaultHandlers.Should().ContainSingle();
            move.Stage.Should().Be(PageMoveStage.Unmapped);
        }

        failures.Should().BeGreaterThan(3);
        Finish(scene, move);
        move.Verdict.Should().Be(Verdict.Ok);
        process.TryStore(shmem, 'n').Kind.Should().Be(VerdictKind.Blocked);
        process.Store(address, 'n');
    }

    [Fact]
    public void Fork_leaves_a_shared_mapping_writable()
    {
        var (scene, process, address, move) = Begun("4.4", Backing.Shmem, shared: true, PageMoveStage.Unmapped);

        var child = process.Fork();
        Finish(scene, move);

        child.Store(address, 'c');
        process.Load(address).Should().Be('c');
    }

    [Theory]
    [InlineData(PageMoveStage.Unmapped)]
    [InlineData(PageMoveStage.Copied)]
    public void Unmapping_or_exit_drops_the_entry_and_the_move_ends_with_nobody_to_map_it(PageMoveStage stage)
    {
        foreach (var exit in new[] { false, true })
        {
            var (scene, process, address, move) = Begun("6.12", Backing.Anon, shared: false, stage);

            if (exit)
            {
                process.Exit();
            }
            else
            {
                process.Munmap(address, 2).Should().Be(Verdict.Ok);
            }

            Finish(scene, move);

            move.Verdict.Should().Be(Verdict.Ok);
            scene.Mm.Memory.IsFree(move.Target).Should().BeTrue();
            scene.Mm.Memory.IsFree(move.Source).Should().BeTrue();
        }
    }

    [Fact]
    public void Mprotect_makes_the_entry_read_only_for_good()
    {
        var (scene, process, address, move) = Begun("6.12", Backing.Anon, shared: false, PageMoveStage.Unmapped);

        process.Mprotect(address, Prot.Read, 2).Should().Be(Verdict.Ok);
        process.Mprotect(address, Scene.ReadWrite, 2).Should().Be(Verdict.Ok);
        Finish(scene, move);

        process.Process.View(address).EntryBits.Should().NotContain("write");
        process.Store(address, 'n');
        process.Process.View(address).Pfn.Should().Be(move.Target, "the page is still its own");
    }

    [Fact]
    public void Mremap_takes_the_entry_along()
    {
        var (scene, process, address, move) = Begun("6.12", Backing.Anon, shared: false, PageMoveStage.Copied);
        const ulong to = 0x5000_0000_0000;

        process.Mremap(address, 2 * Page, 2 * Page, MremapFlags.MayMove | MremapFlags.Fixed, to).Value.Should().Be(to);
        Finish(scene, move);

        process.Load(to).Should().Be('o');
        process.Process.View(to).Pfn.Should().Be(move.Target);
    }

    [Fact]
    public void Pagemap_smaps_and_mincore_show_the_page_on_the_move()
    {
        var (scene, process, address, move) = Begun("6.12", Backing.Shmem, shared: true, PageMoveStage.Unmapped);

        var entry = process.Process.Pagemap(address);
        entry.Present.Should().BeFalse();
        entry.Swapped.Should().BeTrue();
        entry.FileOrShared.Should().BeTrue();
        process.Process.ReadSmaps().Single(a => a.Start == address).Kilobytes["Rss"].Should().Be(8, "what is on the move is still resident");
        process.Process.Mincore(address, 2 * Page).Value.Should().Equal(1, 1);
        process.Process.MovePages([address], null).Value.Status.Should().Equal(-(int)Errno.ENOENT);
        Finish(scene, move);
    }

    [Theory]
    [InlineData("6.0", false)]
    [InlineData("6.1", true)]
    public void The_accessed_bit_survives_from_6_1(string kernel, bool expected)
    {
        var (scene, process, address, move) = Begun(kernel, Backing.Anon, shared: false, PageMoveStage.Copied);

        Finish(scene, move);

        process.Process.View(address).EntryBits.Contains("young").Should().Be(expected);
        process.Process.View(address).EntryBits.Contains("dirty").Should().Be(expected);
    }

    [Theory]
    [InlineData("5.4")]
    [InlineData("6.12")]
    public void A_page_that_somebody_references_is_put_back_and_tried_ten_times(string kernel)
    {
        var (scene, process, address, move) = Begun(kernel, Backing.Anon, shared: false, PageMoveStage.Isolated);
        var held = process.Get(address).Value;
        var refusals = 0;
        while (move.Step())
        {
            scene.Check();
            if (move.Stage == PageMoveStage.Refused)
            {
                refusals++;
                process.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Blocked);
            }
        }

        move.Verdict.Errno.Should().Be(Errno.EAGAIN);
        refusals.Should().Be(MigrationOperation.MostAttempts);
        process.Process.View(address).Pfn.Should().Be(move.Source);
        process.Store(address, 'n');
        held.Release();
        scene.Check();
    }

    [Fact]
    public void A_reference_given_back_in_time_lets_the_move_succeed()
    {
        var (scene, process, address, move) = Begun("6.12", Backing.Anon, shared: false, PageMoveStage.Isolated);
        var held = process.Get(address).Value;
        StepTo(scene, move, PageMoveStage.Refused);
        held.Release();

        Finish(scene, move);

        move.Verdict.Should().Be(Verdict.Ok);
        process.Load(address).Should().Be('o');
    }

    [Fact]
    public void A_pinned_exclusive_page_is_never_unmapped_from_5_19()
    {
        var (scene, process, address, move) = Begun("5.19", Backing.Anon, shared: false, PageMoveStage.Isolated);
        var pin = process.Pin(address, 1, GupFlags.Write).Value;

        while (move.Step())
        {
            scene.Check();
            process.Load(address).Should().Be('o', "page_try_share_anon_rmap fails, so the entry stays");
        }

        move.Verdict.Errno.Should().Be(Errno.EAGAIN);
        pin.Release();
        scene.Check();
    }

    [Fact]
    public void Without_a_free_page_everything_is_as_before()
    {
        var (scene, process, address, move) = Begun("6.12", Backing.Anon, shared: false, PageMoveStage.Unmapped);
        scene.Mm.FailAllocation = 1;

        Finish(scene, move);

        move.Verdict.Errno.Should().Be(Errno.ENOMEM);
        process.Process.View(address).Pfn.Should().Be(move.Source);
        process.Store(address, 'n');
    }

    [Fact]
    public void Truncating_the_file_waits_for_the_locked_page()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        var address = process.Map(Backing.PageCache, file: file);
        process.Store(address, 'o');
        var move = scene.Machine.BeginPageMove(process.Process, address).Value;
        StepTo(scene, move, PageMoveStage.Unmapped);

        var truncate = scene.Step(() => file.BeginTruncate(0));
        truncate.IsBlocked.Should().BeTrue();
        Finish(scene, move);
        scene.Step(truncate.Resume).Should().Be(Verdict.Ok);

        process.TryLoad(address).Verdict.Kind.Should().Be(VerdictKind.Signal);
    }

    [Theory]
    [InlineData(Backing.FsDax, "6.1")]
    [InlineData(Backing.FsDax, "6.15")]
    [InlineData(Backing.PageLess, "4.9")]
    [InlineData(Backing.DevMem, "6.12")]
    public void Device_memory_is_not_moved(Backing backing, string kernel)
    {
        var scene = Scene.For(kernel, backing);
        var process = scene.Spawn();
        var address = process.Map(backing);
        process.Store(address, 'o');

        scene.Machine.BeginPageMove(process.Process, address).IsOk.Should().BeFalse();
        scene.Check();
    }

    [Fact]
    public void The_zero_page_is_not_moved()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var address = process.Map(Backing.Anon, shared: false);
        process.Load(address);

        scene.Machine.BeginPageMove(process.Process, address).IsOk.Should().BeFalse();
    }

    [Fact]
    public void Userfaultfd_protection_and_soft_dirty_bits_move_along()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var address = process.Map(Backing.Anon, shared: false);
        process.Store(address, 'o');
        process.Store(address + Page, 'o');
        scene.Step(() => process.Process.ClearReferences(ClearReferencesKind.SoftDirty));
        process.Store(address, 'n');
        var handler = process.Process.OpenUserfaultfd().Value;
        handler.Register(address, 4 * Page, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        var move = scene.Machine.BeginPageMove(process.Process, address).Value;
        StepTo(scene, move, PageMoveStage.Unmapped);
        process.Process.Pagemap(address).SoftDirty.Should().BeTrue();

        scene.Step(() => handler.WriteProtect(address, Page)).Should().Be(Verdict.Ok);
        process.Process.Pagemap(address).UserfaultProtected.Should().BeTrue();
        Finish(scene, move);

        process.Process.Pagemap(address).UserfaultProtected.Should().BeTrue();
        process.Process.Pagemap(address).SoftDirty.Should().BeTrue();
        process.TryStore(address, 'm').Kind.Should().Be(VerdictKind.Blocked);
    }

    [Fact]
    public void A_move_under_way_survives_snapshots_and_clones()
    {
        var (scene, process, address, move) = Begun("6.12", Backing.PageCache, shared: true, PageMoveStage.Copied);
        var snapshot = scene.Machine.Snapshot();
        var fingerprint = scene.Machine.Fingerprint();
        Finish(scene, move);

        scene.Machine.Restore(snapshot);

        scene.Machine.Fingerprint().Should().Be(fingerprint);
        scene.Check();
        var clone = scene.Machine.Clone();
        clone.Fingerprint().Should().Be(fingerprint);
        clone.Audit().Should().BeEmpty();
        clone.PageMoves.Should().ContainSingle().Which.Run().Should().Be(Verdict.Ok);
        clone.FindProcess(process.Process.Id)!.ReadByte(address).Value.Should().Be((byte)'o');
        clone.Audit().Should().BeEmpty();
        move.Stage.Should().Be(PageMoveStage.Copied);
    }

    [Fact]
    public void Everybody_who_maps_the_page_maps_the_new_one()
    {
        // rmap.c of selftests/mm: a tree of processes, one of which moves the page.
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var address = process.Map(Backing.Anon, shared: false);
        process.Store(address, 'o');
        var family = new List<Actor> { process };
        for (var i = 0; i < 4; i++)
        {
            family.Add(family[i].Fork());
        }

        var move = scene.Machine.BeginPageMove(family[2].Process, address).Value;
        Finish(scene, move);

        family.Select(f => f.Process.View(address).Pfn).Should().OnlyContain(p => p == move.Target);
        family.Select(f => f.Load(address)).Should().OnlyContain(b => b == 'o');
    }
}
