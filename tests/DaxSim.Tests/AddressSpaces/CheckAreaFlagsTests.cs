using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>What get_user_pages refuses for the area alone, in which order. Source: gup-fork 2.3.</summary>
public class CheckAreaFlagsTests
{
    public static TheoryData<string> Kernels => new("3.10", "4.4", "4.9", "4.14", "4.19", "5.4", "5.10", "5.15", "5.19", "6.1", "6.5", "6.12", "7.2");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Nothing_mapped_is_EFAULT(string kernel)
        => Scene.X86(kernel).Spawn().Get(0x1000_0000).Word().Should().Be("EFAULT");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_write_to_a_read_only_area_is_EFAULT(string kernel)
    {
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, shared: false, prot: Prot.Read);

        actor.Get(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
        actor.GetFast(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
        actor.Get(address).Word().Should().Be("ok");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_forced_write_to_a_read_only_private_area_makes_a_copy(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.PageCache, shared: false, prot: Prot.Read);
        actor.Load(address).Should().Be('A');

        var page = actor.Get(address, 1, GupFlags.Write | GupFlags.Force).Value;

        page.Write(0, 0, [(byte)'!']);
        actor.Load(address).Should().Be('!');
        scene.Machine.Memory.PageOf(page.Pfns[0]).IsAnon.Should().BeTrue("FOLL_FORCE never returns a page of the file (gup-fork 9.6)");
        scene.Step(() => { page.Release(true); return 0; });
        actor.TryStore(address, 'x').Signal.Code.Should().Be(SiCode.SEGV_ACCERR);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_forced_write_to_a_shared_area_that_is_not_writable_is_EFAULT(string kernel)
    {
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Shmem, prot: Prot.Read);

        actor.Get(address, 1, GupFlags.Write | GupFlags.Force).Word().Should().Be("EFAULT");
        scene.Spawn("tracer").Poke(actor, address, 'x').Word().Should().Be("EIO");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_read_of_an_unreadable_area_needs_force(string kernel)
    {
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, shared: false);
        actor.Store(address, 'x');
        actor.Mprotect(address, Prot.None).IsOk.Should().BeTrue();

        actor.Get(address).Word().Should().Be("EFAULT");
        actor.GetFast(address).Word().Should().Be("EFAULT");
        var forced = actor.Get(address, 1, GupFlags.Force);
        forced.Word().Should().Be("ok");
        forced.Value.Release();
    }

    [Theory]
    [InlineData("4.14", "ok")]
    [InlineData("4.14.41", "EFAULT")]
    [InlineData("4.16", "ok")]
    [InlineData("4.17", "EFAULT")]
    [InlineData("5.10", "EFAULT")]
    [InlineData("7.2", "EFAULT")]
    public void Anonymous_only_references_refuse_files(string kernel, string expected)
    {
        // Row 2: from 4.17 on and in stables; the flag did not exist before.
        var actor = Scene.X86(kernel).Spawn();
        var file = actor.Map(Backing.PageCache, shared: false);
        var anon = actor.Map(Backing.Anon, shared: false);

        actor.Get(file, 1, GupFlags.Anon).Word().Should().Be(expected);
        actor.Get(anon, 1, GupFlags.Anon).Word().Should().Be("ok");
    }

    [Theory]
    [InlineData("5.11")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void The_long_term_rule_for_dax_files_comes_before_the_write_permission(string kernel)
    {
        // Rows 3 and 7w.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, prot: Prot.Read);

        actor.Pin(address, 1, GupFlags.Write | GupFlags.LongTerm).Word().Should().Be("EOPNOTSUPP");
        actor.Pin(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
    }

    [Theory]
    [InlineData("5.14")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void Secret_memory_is_refused_on_both_paths(string kernel)
    {
        // Row 5; modern.md secretmem_shared.
        var policy = KernelPolicy.Mainline(kernel, Architecture.X8664);
        if (!policy.Config.IsEnabled("SECRETMEM"))
        {
            policy = KernelPolicy.Mainline(KernelVersion.Parse(kernel), Architecture.X8664, KernelConfig.Default(KernelVersion.Parse(kernel), Architecture.X8664).With("SECRETMEM", KconfigValue.Yes));
        }

        var machine = Machine.Build(m => m.Kernel(policy).Ram("64M"));
        var process = machine.Spawn("secret");
        var file = machine.CreateSecretMemory().Value;
        file.Truncate(4096).IsOk.Should().BeTrue();
        var address = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        process.WriteByte(address, 1).IsOk.Should().BeTrue();

        process.GetUserPages(address, 1).Errno.Should().Be(Errno.EFAULT);
        process.GetUserPagesFast(address, 1, GupFlags.Write).Errno.Should().Be(Errno.EFAULT);
        process.PinUserPagesFast(address, 1).Errno.Should().Be(Errno.EFAULT);
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("5.10", "ok")]
    [InlineData("6.1", "ok")]
    [InlineData("6.4", "ok")]
    [InlineData("6.5", "EFAULT")]
    [InlineData("6.12", "EFAULT")]
    [InlineData("7.2", "EFAULT")]
    public void A_long_term_writer_of_a_tracked_file_is_refused_from_6_5_on(string kernel, string expected)
    {
        // Row 6w; peers C-32 (gup_longterm.c): EFAULT from 6.5, worked before.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.PageCache);
        actor.Store(address, 'x');

        actor.Pin(address, 1, GupFlags.Write | GupFlags.LongTerm).Word().Should().Be(expected);
        actor.PinFast(address, 1, GupFlags.Write | GupFlags.LongTerm).Word().Should().Be(expected);
    }

    [Theory]
    [InlineData("4.14", "ok")]
    [InlineData("5.10", "ok")]
    [InlineData("6.1", "EFAULT")]
    [InlineData("6.8", "EFAULT")]
    [InlineData("6.12", "EFAULT")]
    [InlineData("7.2", "ok")]
    public void A_forced_write_to_hugetlb_memory(string kernel, string expected)
    {
        // Row 8w: seen in 6.1, 6.2, 6.8, 6.12; not in 5.10 or 7.2.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = scene.Step(() => actor.Process.Mmap(0, Scene.Huge, Prot.Read, MapFlags.Private | MapFlags.HugeTlb)).Value;

        actor.Get(address, 1, GupFlags.Write | GupFlags.Force).Word().Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Get_and_pin_together_are_invalid(string kernel)
    {
        // Source: gup-fork 4.3 rule 3.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, shared: false);

        actor.Pin(address, 1, GupFlags.Get).Word().Should().Be("EINVAL");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_prefix_that_can_be_taken_hides_the_error_behind_it(string kernel)
    {
        // Source: gup-fork 2.2 Return.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, 4, shared: false);
        actor.Munmap(address + (2 * Scene.Page), 1).IsOk.Should().BeTrue();

        var taken = actor.Get(address, 4, GupFlags.Write).Value;

        taken.Count.Should().Be(2);
        taken.Release();
        actor.Get(address + (2 * Scene.Page), 2).Word().Should().Be("EFAULT");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Not_faulting_is_EFAULT_where_a_page_is_missing(string kernel)
    {
        // Source: gup-fork 2.6 FOLL_NOFAULT.
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, shared: false);

        actor.Get(address, 1, GupFlags.NoFault).Word().Should().Be("EFAULT");
        actor.Store(address, 'x');
        actor.Get(address, 1, GupFlags.NoFault).Word().Should().Be("ok");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Beyond_the_end_of_a_file_the_fault_makes_it_EFAULT_and_no_signal(string kernel)
    {
        // Source: gup-fork 2.6, 7.3: SIGBUS becomes -EFAULT inside gup.
        var scene = Scene.X86(kernel);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Shmem, 4, file: scene.File(Backing.Shmem, 1));

        actor.Get(address + Scene.Page).Word().Should().Be("EFAULT");
        actor.TryLoad(address + Scene.Page).Verdict.Signal.Code.Should().Be(SiCode.BUS_ADRERR);
    }
}
