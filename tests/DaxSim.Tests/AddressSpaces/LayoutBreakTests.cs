using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Truncating and punching files whose pages are referenced. Source: gup-fork 8.2, 9.2; modern.md "truncate and hole punch of a DAX file wait"; peers C-85, C-102.</summary>
public class LayoutBreakTests
{
    /// <summary>Kernel, xfs?, does the filesystem wait?</summary>
    public static TheoryData<string, bool, bool> Kernels => new()
    {
        { "4.14", false, false }, { "4.17", false, false }, { "4.17", true, false }, { "4.18", true, true }, { "4.18", false, false }, { "4.19", false, true }, { "4.19", true, true },
        { "5.4", false, true }, { "5.10", false, true }, { "5.10", true, true }, { "5.17", false, true }, { "6.12", false, true }, { "6.12", true, true },
        { "6.15", false, true }, { "6.18", true, true }, { "7.2", false, true }, { "7.2", true, true },
    };

    public static TheoryData<string> Waiting => new("4.19", "5.4", "5.10", "5.17", "6.12", "6.15", "6.18", "7.0", "7.2");

    private static (Scene, Actor, ulong, FileHandle) Mapped(string kernel, bool xfs = false)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax, xfs: xfs);
        var address = actor.Map(Backing.FsDax, file: file);
        actor.Store(address, 'a');
        return (scene, actor, address, file);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Truncate_with_a_page_in_a_pipe(string kernel, bool xfs, bool waits)
    {
        // C-102 "blocks until drained, killable".
        var (scene, actor, address, file) = Mapped(kernel, xfs);
        var pipe = scene.Machine.CreatePipe();
        actor.Vmsplice(pipe, address).Value.Should().Be(1);

        var truncate = scene.Step(() => file.BeginTruncate(0));

        truncate.IsBlocked.Should().Be(waits);
        if (waits)
        {
            file.Size.Should().Be(16384);
            scene.Step(() => { pipe.Close(); return 0; });
            truncate.IsBlocked.Should().BeFalse("it was woken");
            scene.Step(truncate.Resume).Should().Be(Verdict.Ok);
        }

        file.Size.Should().Be(0);
        actor.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_ADRERR);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Punching_a_hole_with_a_page_in_a_pipe(string kernel, bool xfs, bool waits)
    {
        var (scene, actor, address, file) = Mapped(kernel, xfs);
        var pipe = scene.Machine.CreatePipe();
        actor.Vmsplice(pipe, address).Value.Should().Be(1);

        var punch = scene.Step(() => file.BeginPunchHole(0, 4096));

        punch.IsBlocked.Should().Be(waits);
        scene.Step(() => { pipe.Close(); return 0; });
        scene.Step(punch.Resume).Should().Be(Verdict.Ok);
        actor.TryLoad(address).Value.Should().Be(0);
        actor.Load(address + Scene.Page).Should().Be('B');
    }

    [Theory]
    [InlineData("5.10", false, false)]
    [InlineData("6.1", false, false)]
    [InlineData("6.12.107", false, false)]
    [InlineData("6.12.117", false, true)]
    [InlineData("7.2", false, true)]
    [InlineData("5.10", true, true)]
    [InlineData("7.2", true, true)]
    public void Punching_past_the_end_with_a_page_in_a_pipe(string kernel, bool xfs, bool waits)
    {
        // data/long and data/longer, ext4: 5.10.262 and 6.1.192 look at the size first, 6.12.117, 7.2.12 and 7.3.4 afterwards; xfs_file_fallocate breaks layouts first on all.
        var (scene, actor, address, file) = Mapped(kernel, xfs);
        var pipe = scene.Machine.CreatePipe();
        actor.Vmsplice(pipe, address).Value.Should().Be(1);

        var punch = scene.Step(() => file.BeginPunchHole(file.Size, 4096));

        punch.IsBlocked.Should().Be(waits);
        actor.Entry(address).IsPresent.Should().Be(!waits, "waiting starts with unmapping the file");
        scene.Step(() => { pipe.Close(); return 0; });
        scene.Step(punch.Resume).Should().Be(Verdict.Ok);
        actor.Load(address).Should().Be('a');
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public void A_signal_ends_the_wait_and_nothing_has_changed(string kernel)
    {
        var (scene, actor, address, file) = Mapped(kernel);
        var page = actor.Get(address, 1, GupFlags.Write).Value;
        var truncate = scene.Step(() => file.BeginTruncate(0));

        scene.Step(truncate.Interrupt).Errno.Should().Be(Errno.EINTR);

        file.Size.Should().Be(16384);
        actor.Load(address).Should().Be('a');
        scene.Step(() => { page.Release(true); return 0; });
        scene.Mm.Waiters.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public void While_it_waits_the_memory_is_faulted_in_again(string kernel)
    {
        // gup-fork 8.1 "idle wait condition": the new mapping is a reference only from 6.15 on, and is then waited for too.
        var (scene, actor, address, file) = Mapped(kernel);
        var page = actor.Get(address).Value;
        var truncate = scene.Step(() => file.BeginTruncate(4096));
        actor.Entry(address).IsNone.Should().BeTrue("the whole mapping was unmapped to search it");
        actor.Load(address).Should().Be('a');

        scene.Step(() => { page.Release(); return 0; });

        truncate.IsBlocked.Should().Be(KernelVersion.Parse(kernel) >= KernelVersion.Parse("6.15"));
        if (truncate.IsBlocked)
        {
            actor.Munmap(address, 1);
            truncate.IsBlocked.Should().BeFalse("the last reference went with the mapping");
        }

        scene.Step(truncate.Resume).Should().Be(Verdict.Ok);
        file.Size.Should().Be(4096);
        actor.TryLoad(address + Scene.Page).Word().Should().Be("SIGBUS");
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public void Two_references_must_both_go(string kernel)
    {
        var (scene, actor, address, file) = Mapped(kernel);
        var first = actor.Get(address).Value;
        var second = actor.Get(address + Scene.Page).Value;
        var truncate = scene.Step(() => file.BeginTruncate(0));

        scene.Step(() => { first.Release(); return 0; });
        scene.Step(truncate.Resume).Kind.Should().Be(VerdictKind.Blocked);
        scene.Step(() => { second.Release(); return 0; });

        scene.Step(truncate.Resume).Should().Be(Verdict.Ok);
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public void A_private_page_that_was_copied_does_not_hold_it_up(string kernel)
    {
        // modern.md: "A private page already copied does not hold it up."
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var file = scene.File(Backing.FsDax);
        var address = actor.Map(Backing.FsDax, shared: false, file: file);
        actor.Store(address, 'x');
        var page = actor.Get(address, 1, GupFlags.Write).Value;

        scene.Step(() => file.BeginPunchHole(0, 4096)).Verdict.Should().Be(Verdict.Ok);

        // Up to 5.2 the copy itself is thrown away, and the hole shows: old 4.19.0 fsdaxmem-ext4 punch_hole_under_map.written.
        actor.Load(address).Should().Be(kernel == "4.19" ? '\0' : 'x');
        scene.Step(() => { page.Release(); return 0; });
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void Munmap_and_fork_never_wait(string kernel)
    {
        var (scene, actor, address, _) = Mapped(kernel);
        var page = actor.Get(address).Value;

        actor.TryFork().Word().Should().Be("ok");
        actor.Munmap(address).Should().Be(Verdict.Ok);

        scene.Step(() => { page.Release(); return 0; });
    }

    [Theory]
    [InlineData("4.19", false)]
    [InlineData("5.10", false)]
    [InlineData("6.14", false)]
    [InlineData("6.15", true)]
    [InlineData("7.2", true)]
    public void A_reference_that_outlived_its_mapping_is_overlooked_until_6_15(string kernel, bool waits)
    {
        // "fs/dax: Return unmapped busy pages from dax_layout_busy_page_range()": the search used to give up on files that nobody maps.
        var (scene, actor, address, file) = Mapped(kernel);
        var page = actor.Get(address).Value;
        actor.Munmap(address, 4).Should().Be(Verdict.Ok);

        var truncate = scene.Step(() => file.BeginTruncate(0));

        truncate.IsBlocked.Should().Be(waits);

        // "fs, dax: use page->mapping to warn if truncate collides with a busy page" (4.17).
        scene.Machine.Log.Entries.Count(e => e.Text.Contains("dax_disassociate_entry", StringComparison.Ordinal)).Should().Be(waits ? 0 : 1);
        scene.Step(() => { page.Release(); return 0; });
        scene.Step(truncate.Resume).Should().Be(Verdict.Ok);
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void Page_cache_files_do_not_wait(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        var address = actor.Map(Backing.PageCache, file: file);
        actor.Store(address, 'a');
        var page = actor.Get(address).Value;

        scene.Step(() => file.BeginTruncate(0)).Verdict.Should().Be(Verdict.Ok);

        scene.Step(() => { page.Release(); return 0; });
        actor.TryLoad(address).Word().Should().Be("SIGBUS");
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("5.4")]
    [InlineData("6.1")]
    [InlineData("6.14")]
    public void Page_less_dax_has_nothing_to_wait_for(string kernel)
    {
        // gup-fork 8.2 FS_DAX_LIMITED.
        var scene = Scene.S390(kernel);
        var actor = scene.Spawn();
        var file = scene.File(Backing.PageLess);
        var address = actor.Map(Backing.PageLess, file: file);
        actor.Store(address, 'a');

        scene.Step(() => file.BeginTruncate(0)).Verdict.Should().Be(Verdict.Ok);

        actor.TryLoad(address).Word().Should().Be("SIGBUS");
    }

    [Theory]
    [InlineData("5.10", true)]
    [InlineData("6.1", false)]
    [InlineData("6.12", true)]
    [InlineData("7.2", true)]
    public void The_end_of_direct_io_wakes_the_sleeper_except_on_6_1_where_a_signal_does(string kernel, bool woken)
    {
        // modern.md: "On 6.1 only, the waiter misses the wake-up at the end of in-flight O_DIRECT" and "sleeps until a signal arrives";
        // cells 6.1 inflight_punch: the hole is there after the sleeper was killed.
        var (scene, actor, address, file) = Mapped(kernel);
        var transfer = scene.Step(() => actor.Process.SubmitDirectRead(scene.File(Backing.PageCache), address, 512, 0)).Value;
        var punch = scene.Step(() => file.BeginPunchHole(4096, 4096));
        punch.IsBlocked.Should().BeTrue("the wait is for the whole mapping");

        scene.Step(transfer.Complete).Value.Should().Be(512);

        punch.IsBlocked.Should().Be(!woken);
        scene.Step(() => woken ? punch.Resume() : punch.Interrupt()).Word().Should().Be("ok");
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.17")]
    public void Before_the_wait_existed_a_freed_block_was_written_by_the_device(string kernel)
    {
        // gup-fork 9.2: the other file is corrupted.
        var (scene, actor, address, file) = Mapped(kernel);
        var page = actor.Get(address, 1, GupFlags.Write).Value;
        scene.Step(() => file.BeginTruncate(0)).Verdict.Should().Be(Verdict.Ok);
        scene.Step(file.Sync).Should().Be(Verdict.Ok, "a block that was freed is given out again after the journal's next commit");
        var other = scene.File(Backing.FsDax, 64);

        page.Write(0, 0, [(byte)'!']);

        var bytes = new byte[64 * (int)Scene.Page];
        other.ReadBytes(0, bytes);
        bytes.Should().Contain((byte)'!', "the block was given to the next file while the device still wrote to it");
        scene.Step(() => { page.Release(true); return 0; });
    }

    [Fact]
    public void A_freed_block_is_given_out_again_only_after_a_commit()
    {
        // data/longer 5.10.262: a page in a pipe keeps its bytes although its unmapped file was cut and grew again; ext4_free_blocks holds what was freed until jbd2 commits.
        var (scene, actor, address, file) = Mapped("5.10");
        var pipe = scene.Machine.CreatePipe();
        actor.Vmsplice(pipe, address).Value.Should().Be(1);
        actor.Munmap(address);
        scene.Step(() => file.Truncate(0)).Word().Should().Be("ok", "nobody maps the file, so nobody looks for its pages");

        scene.Step(() => file.WriteBytes(0, new byte[4 * (int)Scene.Page])).Word().Should().Be("ok");

        var kept = new byte[1];
        pipe.Read(kept).Should().Be(1);
        kept[0].Should().Be((byte)'a');
    }

    [Theory]
    [MemberData(nameof(Waiting))]
    public void A_long_wait_survives_a_snapshot(string kernel)
    {
        var (scene, actor, address, file) = Mapped(kernel);
        var page = actor.Get(address).Value;
        var truncate = scene.Step(() => file.BeginTruncate(0));
        var before = scene.Machine.Snapshot();
        scene.Step(() => { page.Release(); return 0; });
        truncate.IsBlocked.Should().BeFalse();

        scene.Machine.Restore(before);

        scene.Check();
        truncate.IsBlocked.Should().BeTrue();
        page.AreHeld.Should().BeTrue();
        scene.Step(() => { page.Release(); return 0; });
        scene.Step(truncate.Resume).Should().Be(Verdict.Ok);
    }
}
