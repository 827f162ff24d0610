using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>
/// What user space sees, operation by operation. Source: gup-fork 7 (rows named in each test): NP is a page-less DAX page of a
/// shared mapping (x86_64 4.14 and dcssblk), PF is /dev/mem, ZD is a DAX page with a struct page.
/// </summary>
public class OperationTableTests
{
    /// <summary>Kernel, backing, s390x?</summary>
    public static TheoryData<string, Backing, bool> Places
    {
        get
        {
            var data = new TheoryData<string, Backing, bool>();
            foreach (var kernel in new[] { "4.4", "4.14", "4.19", "5.5", "5.10", "5.17", "5.19", "6.1", "6.12", "7.2" })
            {
                data.Add(kernel, Backing.DevMem, false);
                if (kernel is not "4.4")
                {
                    data.Add(kernel, Backing.FsDax, false);
                }

                if (kernel is "4.4" or "4.14")
                {
                    data.Add(kernel, Backing.PageLess, false);
                }

                if (kernel is not "7.2" and not "4.4")
                {
                    data.Add(kernel, Backing.PageLess, true);
                }
            }

            return data;
        }
    }

    private static (Scene Scene, Actor Actor, ulong Address) Mapped(string kernel, Backing backing, bool s390)
    {
        var scene = Scene.For(kernel, backing, s390);
        var actor = scene.Spawn();
        var address = actor.Map(backing);
        actor.Store(address, 'x');
        return (scene, actor, address);
    }

    private static bool From(string kernel, string version) => KernelVersion.Parse(kernel) >= KernelVersion.Parse(version);

    /// <summary>E of the table: what a page without struct page answers where nobody changes the error.</summary>
    private static string Expected(string kernel, Backing backing) => backing switch
    {
        Backing.FsDax => "ok",
        Backing.DevMem => "EFAULT",
        _ => From(kernel, "5.18") ? "EEXIST" : "EFAULT",
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Rows_1_and_2_direct_io(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);
        var disk = scene.File(Backing.PageCache).Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;

        scene.Step(() => actor.Process.Pread(disk, address, 4096, 0)).Word().Should().Be(Expected(kernel, backing));
        scene.Step(() => actor.Process.Pwrite(disk, address, 4096, 0)).Word().Should().Be(Expected(kernel, backing));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_3_buffered_io(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);
        var file = scene.File(Backing.PageCache);

        scene.Step(() => actor.Process.Pread(file, address, 100, (long)Scene.Page)).Value.Should().Be(100);
        actor.Load(address).Should().Be('B');
        scene.Step(() => actor.Process.Pwrite(file, address, 10, 0)).Value.Should().Be(10);
        var bytes = new byte[1];
        file.ReadBytes(0, bytes);
        bytes[0].Should().Be((byte)'B');
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_4_process_vm_readv_and_writev(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);
        var other = scene.Spawn("other");
        var pinned = From(kernel, "5.6") && !From(kernel, "5.18") && backing == Backing.PageLess;

        // s390.md: on 5.11 a single-page read is EFAULT and a write crashes the kernel; the reference calls both undefined.
        var read = other.VmRead(actor, address).Word();
        var write = other.VmWrite(actor, address).Word();

        read.Should().BeOneOf(pinned ? ["undefined", "EFAULT"] : [backing == Backing.FsDax ? "ok" : "EFAULT"]);
        write.Should().BeOneOf(pinned ? ["undefined", "oops"] : [backing == Backing.FsDax ? "ok" : "EFAULT"]);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Rows_5_and_6_ptrace_and_proc_mem(string kernel, Backing backing, bool s390)
    {
        // DevMem: modern.md and old.md: PEEK, POKE and /proc/pid/mem work through the driver's access method.
        var (scene, actor, address) = Mapped(kernel, backing, s390);
        var tracer = scene.Spawn("tracer");
        var expected = backing == Backing.PageLess ? "EIO" : "ok";

        tracer.Peek(actor, address).Word().Should().Be(expected);
        tracer.Poke(actor, address, 'p').Word().Should().Be(expected);
        tracer.MemRead(actor, address).Word().Should().Be(expected);
        tracer.MemWrite(actor, address).Word().Should().Be(expected);
        actor.Load(address).Should().Be(expected == "ok" ? 'p' : 'x');
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_8_vmsplice(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);

        actor.Vmsplice(scene.Machine.CreatePipe(), address).Word().Should().Be(Expected(kernel, backing));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Rows_9_and_10_futexes(string kernel, Backing backing, bool s390)
    {
        var (_, actor, address) = Mapped(kernel, backing, s390);
        var expected = backing == Backing.FsDax ? From(kernel, "4.17") ? "EAGAIN" : "EFAULT" : Expected(kernel, backing);

        actor.FutexWait(address, shared: true).Word().Should().Be(expected);
        actor.FutexWait(address, shared: false).Word().Should().Be("EAGAIN");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_11_mlock_succeeds_and_locks_nothing(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);

        scene.Step(() => actor.Process.Mlock(address, 4 * Scene.Page)).Should().Be(Verdict.Ok);

        actor.Process.LockedBytes.Should().Be(0);
        scene.Step(() => actor.Process.Munlock(address, 4 * Scene.Page)).Should().Be(Verdict.Ok);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_12_populate_never_fails_mmap(string kernel, Backing backing, bool s390)
    {
        var scene = Scene.For(kernel, backing, s390);
        var actor = scene.Spawn();

        var address = actor.Map(backing, more: MapFlags.Populate);

        actor.Entry(address + (3 * Scene.Page)).IsPresent.Should().BeTrue("it was populated, or mapped whole from the beginning");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_13_madv_populate(string kernel, Backing backing, bool s390)
    {
        var (_, actor, address) = Mapped(kernel, backing, s390);
        var expected = !From(kernel, "5.14") || backing == Backing.DevMem ? "EINVAL" : "ok";

        actor.Madvise(address, 4 * Scene.Page, Advice.PopulateRead).Word().Should().Be(expected);
        actor.Madvise(address, 4 * Scene.Page, Advice.PopulateWrite).Word().Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_20_move_pages(string kernel, Backing backing, bool s390)
    {
        // s390.md: Debian's s390x kernels have no NUMA (ENOSYS).
        var (scene, actor, address) = Mapped(kernel, backing, s390);

        var moved = scene.Step(() => actor.Process.MovePages([address], [0]));

        if (moved.IsOk)
        {
            moved.Value.Status[0].Should().BeOneOf(-(int)Errno.EFAULT, -(int)Errno.ENOENT);
        }
        else
        {
            moved.Word().Should().Be("ENOSYS");
        }

        actor.Load(address).Should().Be('x');
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_23_madv_hwpoison_and_soft_offline_need_the_page(string kernel, Backing backing, bool s390)
    {
        var (_, actor, address) = Mapped(kernel, backing, s390);

        var soft = actor.Madvise(address, Scene.Page, Advice.SoftOffline).Word();

        // s390 builds no memory failure handling: EINVAL (s390 6.1 soft_offline).
        soft.Should().Be(s390 ? "EINVAL" : backing == Backing.FsDax ? "EIO" : Expected(kernel, backing));
        actor.Load(address).Should().Be('x');
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Rows_24_and_25_dontneed_and_free(string kernel, Backing backing, bool s390)
    {
        var (_, actor, address) = Mapped(kernel, backing, s390);

        actor.Madvise(address, Scene.Page, Advice.DontNeed).Word().Should().Be(backing == Backing.DevMem ? "EINVAL" : "ok");
        actor.Load(address).Should().Be('x', "a shared page keeps its data");
        actor.Madvise(address, Scene.Page, Advice.Free).Word().Should().Be("EINVAL");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_27_mergeable_is_ignored(string kernel, Backing backing, bool s390)
    {
        var (_, actor, address) = Mapped(kernel, backing, s390);

        actor.Madvise(address, Scene.Page, Advice.Mergeable).Should().Be(Verdict.Ok);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_29_mincore(string kernel, Backing backing, bool s390)
    {
        // modern.md: device memory is 0 up to 7.2.
        var (scene, actor, address) = Mapped(kernel, backing, s390);

        var seen = scene.Step(() => actor.Process.Mincore(address, 4 * Scene.Page)).Value;

        (seen[0] & 1).Should().Be(backing == Backing.DevMem ? 0 : 1);
        (seen[3] & 1).Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Rows_30_and_31_pagemap_and_resident_size(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);

        var entry = actor.Process.Pagemap(address);

        scene.Check();
        entry.Present.Should().Be(backing != Backing.DevMem);
        entry.FileOrShared.Should().Be(backing == Backing.FsDax && From(kernel, "6.15"));
        actor.Space.FilePages.Should().Be(backing == Backing.FsDax && From(kernel, "6.15") ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_33_instructions_are_fetched_from_it(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);
        actor.Mprotect(address, Prot.Read | Prot.Exec).Should().Be(Verdict.Ok);

        scene.Step(() => actor.Process.Execute(address)).Should().Be(Verdict.Ok);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_34_a_blind_breakpoint_in_private_text_works(string kernel, Backing backing, bool s390)
    {
        if (backing == Backing.DevMem)
        {
            return;
        }

        var scene = Scene.For(kernel, backing, s390);
        var actor = scene.Spawn();
        var text = actor.Map(backing, shared: false, prot: Prot.Read | Prot.Exec);
        var tracer = scene.Spawn("debugger");

        tracer.Poke(actor, text, '\xcc').Should().Be(Verdict.Ok);

        actor.TryLoad(text).Value.Should().Be(0xcc);
        actor.Load(text + 8).Should().Be('A', "the page had not been touched, so the copy is the file's");
        tracer.Peek(actor, text).Word().Should().Be("ok");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Row_39_zero_copy_send(string kernel, Backing backing, bool s390)
    {
        var (scene, actor, address) = Mapped(kernel, backing, s390);

        var sent = scene.Step(() => actor.Process.SendZeroCopy(address, new byte[16])).Word();

        sent.Should().Be(From(kernel, "4.14") ? Expected(kernel, backing) : "EINVAL");
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void Signals_where_the_instruction_faults_errnos_where_the_kernel_does(string kernel)
    {
        // 7.3.
        var scene = Scene.For(kernel, Backing.FsDax);
        var actor = scene.Spawn();
        var source = scene.File(Backing.PageCache);
        var disk = source.Reopen(OpenFlags.ReadOnly | OpenFlags.Direct).Value;
        var past = actor.Map(Backing.FsDax, 8, file: scene.File(Backing.FsDax, 1)) + Scene.Page;
        var readOnly = actor.Map(Backing.Anon, 1, shared: false, prot: Prot.Read);
        const ulong nowhere = 0x1234_5000;

        foreach (var (address, signal, code) in new[] { (past, Signal.SIGBUS, SiCode.BUS_ADRERR), (readOnly, Signal.SIGSEGV, SiCode.SEGV_ACCERR), (nowhere, Signal.SIGSEGV, SiCode.SEGV_MAPERR) })
        {
            var fault = actor.TryStore(address, 'x').Signal;
            (fault.Signal, fault.Code, fault.Address).Should().Be((signal, code, address));
            scene.Step(() => actor.Process.Pread(source, address, 16, 0)).Word().Should().Be("EFAULT");
            scene.Step(() => actor.Process.Pread(disk, address, 512, 0)).Word().Should().Be("EFAULT");
            actor.Get(address, 1, GupFlags.Write).Word().Should().Be("EFAULT");
        }
    }

    [Theory]
    [InlineData("4.14", "EFAULT")]
    [InlineData("4.19", "EFAULT")]
    [InlineData("5.11", "EFAULT")]
    [InlineData("6.1", "EEXIST")]
    [InlineData("6.12", "EEXIST")]
    public void A_shared_futex_across_fork_over_page_less_memory_never_gets_a_key(string kernel, string expected)
    {
        // gup-fork 5.9: the waiter of a robust list or CLONE_CHILD_CLEARTID in such memory is never woken.
        var scene = Scene.S390(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.PageLess);
        parent.Store(address, 'x');
        var child = parent.Fork();

        scene.Step(() => child.Process.FutexWake(address, scope: FutexScope.Shared)).Word().Should().Be(expected);
        scene.Step(() => parent.Process.FutexWait(address, 1, scope: FutexScope.Shared)).Word().Should().Be(expected);
    }

    [Theory]
    [InlineData("4.19")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_shared_futex_in_a_dax_file_wakes_a_waiter_in_another_process(string kernel)
    {
        var scene = Scene.For(kernel, Backing.FsDax);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.FsDax, file: scene.File(Backing.FsDax, sparse: true));
        parent.Store(address, '\0');
        var child = parent.Fork();
        scene.Step(() => child.Process.FutexWait(address, 0, scope: FutexScope.Shared)).Kind.Should().Be(VerdictKind.Blocked);

        scene.Step(() => parent.Process.FutexWake(address, scope: FutexScope.Shared)).Value.Should().Be(1);
        scene.Step(() => parent.Process.FutexWake(address, scope: FutexScope.Private)).Value.Should().Be(0);
    }
}
