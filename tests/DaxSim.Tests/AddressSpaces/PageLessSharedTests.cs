using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// A shared DAX page without a struct page, mapped and written. Source: gup-fork 10.3 (golden vectors), checked against the
/// recordings old 4.14.177 and 4.16.13-limited (x86_64) and s390 4.19.0, 5.11.0, 6.1.0, 6.12.107 (dcssblk).
/// </summary>
public class PageLessSharedTests
{
    /// <summary>Kernel, s390x?, does looking at an entry print "Bad page map"?</summary>
    public static TheoryData<string, bool, bool> Kernels => new()
    {
        { "4.2", false, false }, { "4.4", false, false }, { "4.9", false, false }, { "4.14", false, false },
        { "4.0", true, false }, { "4.14", true, false }, { "4.16", true, false }, { "4.18", true, false },
        { "4.19", true, true }, { "5.4", true, true }, { "5.5", true, true }, { "5.10", true, true }, { "5.11", true, true }, { "5.17", true, true },
        { "5.18", true, true }, { "5.19", true, true }, { "6.1", true, true }, { "6.12", true, true }, { "6.14", true, true },
    };

    private static (Scene Scene, Actor Actor, ulong Address) Mapped(string kernel, bool s390)
    {
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageLess);
        actor.Store(address, 'a');
        return (scene, actor, address);
    }

    private static string Gup(string kernel) => KernelVersion.Parse(kernel) >= KernelVersion.Parse("5.18") ? "EEXIST" : "EFAULT";

    private static string Pinned(string kernel)
        => KernelVersion.Parse(kernel) < KernelVersion.Parse("5.6") ? "EFAULT" : KernelVersion.Parse(kernel) < KernelVersion.Parse("5.18") ? "undefined" : "EEXIST";

    private static void ShouldHaveReported(Scene scene, int before, bool logs)
    {
        (scene.BadPageMaps > before).Should().Be(logs);
        if (logs)
        {
            scene.Machine.Log.Taints.Should().HaveFlag(Taints.BadPage);
        }
        else
        {
            scene.Machine.Log.Taints.Should().Be(Taints.None);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Loads_and_stores_work_and_report_nothing(string kernel, bool s390, bool logs)
    {
        _ = logs;
        var (scene, actor, address) = Mapped(kernel, s390);

        actor.Load(address).Should().Be('a');
        actor.Load(address + 1).Should().Be('A');
        actor.Load(address + Scene.Page).Should().Be('B');
        scene.BadPageMaps.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Fork_succeeds_silently_and_both_see_each_others_stores(string kernel, bool s390, bool logs)
    {
        _ = logs;
        var (scene, parent, address) = Mapped(kernel, s390);

        var child = parent.Fork();

        scene.BadPageMaps.Should().Be(0);
        child.Load(address).Should().Be('a');
        parent.Store(address, 'p');
        child.Load(address).Should().Be('p');
        child.Store(address + 1, 'c');
        parent.Load(address + 1).Should().Be('c');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_child_inherits_the_entry_only_while_dax_areas_are_mixed_maps(string kernel, bool s390, bool logs)
    {
        // Source: gup-fork 5.2 "Applied to DAX"; s390.md: "child has 0 of 4 present" from 4.19 on. Mixed map and log exclude each other here.
        var (_, parent, address) = Mapped(kernel, s390);

        var child = parent.Fork();

        child.Entry(address).IsPresent.Should().Be(!logs);
        parent.Entry(address).IsWrite.Should().BeTrue("a shared mapping is never write-protected by fork");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_store_after_a_load_is_what_reports_in_a_child_that_faulted_the_page_in_itself(string kernel, bool s390, bool logs)
    {
        // Source: s390.md "When exactly": do_wp_page, "a store to a page that is mapped read-only because it was only read before".
        var (scene, parent, address) = Mapped(kernel, s390);
        var child = parent.Fork();
        child.Load(address);
        scene.BadPageMaps.Should().Be(0);

        child.Store(address, 'c');

        scene.BadPageMaps.Should().Be(logs ? 1 : 0);
        scene.Mm.BadPageMapCallers().Should().Equal(logs ? ["do_wp_page"] : []);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Direct_io_into_it_fails_and_transfers_nothing(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var source = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;
        var before = scene.BadPageMaps;

        var read = scene.Step(() => actor.Process.Pread(source, address, 4096, 0));

        read.Word().Should().Be(Gup(kernel));
        actor.Load(address).Should().Be('a');
        ShouldHaveReported(scene, before, logs);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Direct_io_from_it_fails_and_leaves_the_file_alone(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var target = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;
        var before = scene.BadPageMaps;

        scene.Step(() => actor.Process.Pwrite(target, address, 4096, 0)).Word().Should().Be(Gup(kernel));

        var bytes = new byte[1];
        target.ReadBytes(0, bytes);
        bytes[0].Should().Be((byte)'A');
        ShouldHaveReported(scene, before, logs);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_buffered_read_into_it_works(string kernel, bool s390, bool logs)
    {
        _ = logs;
        var (scene, actor, address) = Mapped(kernel, s390);
        var source = scene.File(Backing.PageCache);

        scene.Step(() => actor.Process.Pread(source, address, 100, (long)Scene.Page)).Value.Should().Be(100);

        actor.Load(address).Should().Be('B');
        scene.BadPageMaps.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Ptrace_peek_and_poke_are_input_output_errors(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var tracer = scene.Spawn("tracer");
        var before = scene.BadPageMaps;

        tracer.Peek(actor, address).Word().Should().Be("EIO");
        tracer.Poke(actor, address, 'x').Word().Should().Be("EIO");

        actor.Load(address).Should().Be('a');
        ShouldHaveReported(scene, before, logs);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Proc_mem_is_an_input_output_error_both_ways(string kernel, bool s390, bool logs)
    {
        _ = logs;
        var (scene, actor, address) = Mapped(kernel, s390);
        var tracer = scene.Spawn("tracer");

        tracer.MemRead(actor, address).Word().Should().Be("EIO");
        tracer.MemWrite(actor, address).Word().Should().Be("EIO");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Vmsplice_of_it_fails(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var before = scene.BadPageMaps;

        actor.Vmsplice(scene.Machine.CreatePipe(), address).Word().Should().Be(Gup(kernel));

        ShouldHaveReported(scene, before, logs);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_shared_futex_has_no_key(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var before = scene.BadPageMaps;

        actor.FutexWait(address, shared: true).Word().Should().Be(Gup(kernel));

        ShouldHaveReported(scene, before, logs);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_private_futex_needs_no_page(string kernel, bool s390, bool logs)
    {
        _ = logs;
        var (scene, actor, address) = Mapped(kernel, s390);

        actor.FutexWait(address, shared: false).Word().Should().Be("EAGAIN", "the key was made; only the value differs");
        scene.BadPageMaps.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Get_user_pages_fails_fast_and_slow_for_reading_and_writing(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        var before = scene.BadPageMaps;

        actor.Get(address).Word().Should().Be(Gup(kernel));
        actor.Get(address, 1, GupFlags.Write).Word().Should().Be(Gup(kernel));
        actor.GetFast(address).Word().Should().Be(Gup(kernel));
        actor.GetFast(address, 1, GupFlags.Write).Word().Should().Be(Gup(kernel));
        ShouldHaveReported(scene, before, logs);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Fast_only_references_report_none_taken_and_print_nothing(string kernel, bool s390, bool logs)
    {
        // The lockless walk sees the special bit and gives up; only vm_normal_page reports.
        _ = logs;
        var (scene, actor, address) = Mapped(kernel, s390);

        var pages = new ulong[1];
        scene.Mm.GetUserPagesFast(actor.Space, address, 1, GupFlags.Get | GupFlags.FastOnly, pages).Count.Should().Be(0);

        scene.Check();
        scene.BadPageMaps.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_pin_is_undefined_while_an_entry_without_page_counted_as_one(string kernel, bool s390, bool logs)
    {
        // Source: gup-fork 2.5 "FOLL_PIN hole"; s390.md surprise 2 (5.11). Before 5.6 there are no pins: drivers used references.
        _ = logs;
        if (KernelVersion.Parse(kernel) < KernelVersion.Parse("5.6"))
        {
            kernel = "5.6";
            s390 = true;
        }

        var (_, actor, address) = Mapped(kernel, s390);

        actor.Pin(address, 1, GupFlags.Write).Word().Should().Be(Pinned(kernel));
        actor.PinFast(address, 1, GupFlags.Write).Word().Should().Be(Pinned(kernel));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Memory_registration_fails_as_the_long_term_rule_of_the_era_says(string kernel, bool s390, bool logs)
    {
        // Row ib_reg_mr: up to 5.5 the references come first (EFAULT), 5.6 to 5.10 garbage, from 5.11 on the area is refused first.
        _ = logs;
        var (_, actor, address) = Mapped(kernel, s390);
        var version = KernelVersion.Parse(kernel);
        var pins = version >= KernelVersion.Parse("5.6");
        var expected = !pins ? "EFAULT" : version < KernelVersion.Parse("5.11") ? "undefined" : "EOPNOTSUPP";

        var outcome = pins ? actor.Pin(address, 1, GupFlags.Write | GupFlags.LongTerm) : actor.Get(address, 1, GupFlags.Write | GupFlags.LongTerm);

        outcome.Word().Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Unmapping_works_and_reports_each_touched_page_where_it_looks_at_entries(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);
        actor.Load(address + Scene.Page);

        actor.Munmap(address).Should().Be(Verdict.Ok);

        scene.BadPageMaps.Should().Be(logs ? 2 : 0);
        actor.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.SEGV_MAPERR);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void It_adds_nothing_to_the_resident_size_and_nobody_counts_it(string kernel, bool s390, bool logs)
    {
        _ = logs;
        var (scene, actor, address) = Mapped(kernel, s390);

        (actor.Space.FilePages + actor.Space.AnonPages + actor.Space.ShmemPages).Should().Be(0);
        scene.Machine.Memory.HasStructPage(actor.PfnAt(address)).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pagemap_says_present_with_the_real_frame_and_not_a_file_page(string kernel, bool s390, bool logs)
    {
        var (scene, actor, address) = Mapped(kernel, s390);

        var entry = actor.Process.Pagemap(address);

        entry.Present.Should().BeTrue();
        entry.FileOrShared.Should().BeFalse();
        entry.Pfn.Should().Be(actor.PfnAt(address));
        scene.BadPageMaps.Should().Be(logs ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Mlock_returns_success(string kernel, bool s390, bool logs)
    {
        // Source: old.md "mlock, MAP_LOCKED, MAP_POPULATE": ok on 4.4 and later; gup-fork 7 row 11. Below 4.3 prefaulting failed.
        _ = logs;
        var (scene, actor, address) = Mapped(kernel, s390);

        var locked = scene.Step(() => actor.Process.Mlock(address, 4 * Scene.Page));

        locked.Word().Should().Be(kernel is "4.0" or "4.2" ? "ENOMEM" : "ok");
        actor.Space.LockedPages.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_mixed_list_of_pages_stops_at_the_first_without_a_struct_page(string kernel, bool s390, bool logs)
    {
        // Source: gup-fork 2.2 "partial success hides the error"; old.md: process_vm [anon, map]: partial 4096.
        _ = logs;
        var scene = Scene.For(kernel, Backing.PageLess, s390);
        var actor = scene.Spawn();
        const ulong at = 0x5000_0000_0000;
        actor.Map(Backing.Anon, 1, shared: false, more: MapFlags.Fixed, at: at);
        actor.Map(Backing.PageLess, 1, more: MapFlags.Fixed, at: at + Scene.Page);
        actor.Store(at, 'x');

        var pages = actor.Get(at, 2, GupFlags.Write);

        pages.Value.Count.Should().Be(1);
        pages.Value.Release();
        scene.Check();
    }
}
