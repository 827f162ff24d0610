using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>The classic copy-on-write cases per kernel. Source: gup-fork 6.3, 6.5; modern.md "fork and copy-on-write".</summary>
public class CopyOnWriteCaseTests
{
    private static bool From(string kernel, string version) => KernelVersion.Parse(kernel) >= KernelVersion.Parse(version);

    public static TheoryData<string> Kernels => new("3.10", "4.4", "4.14", "4.19", "5.4", "5.7", "5.8", "5.9", "5.10", "5.11", "5.17", "5.18", "5.19", "6.1", "6.4", "6.5", "6.12", "7.0", "7.2", "7.3");

    private static (Scene, Actor, ulong, DaxSim.Processes.FileHandle) Buffer(string kernel)
    {
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.Map(Backing.Anon, 1, shared: false);
        parent.Store(address, 'o');
        return (scene, parent, address, scene.File(Backing.PageCache).Reopen(OpenFlags.ReadOnly | OpenFlags.Direct).Value);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Case_A_the_parent_writes_beside_a_direct_read_after_fork(string kernel)
    {
        // Up to 6.4 the child gets the data; from 6.5 on (pins) the parent. Recorded: inflight_fork_parent_write on 5.10, 6.1, 6.12, 7.2.
        var (scene, parent, address, file) = Buffer(kernel);
        var transfer = scene.Step(() => parent.Process.SubmitDirectRead(file, address, 512, (long)Scene.Page)).Value;
        var child = parent.Fork();
        parent.Store(address + 2048, 'Q');

        scene.Step(transfer.Complete).Value.Should().Be(512);

        (parent.Load(address), child.Load(address)).Should().Be(From(kernel, "6.5") ? ('B', 'o') : ('o', 'B'));
        parent.Load(address + 2048).Should().Be('Q');
        child.TryLoad(address + 2048).Value.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Case_A_the_child_writes_first_and_the_parent_keeps_the_page(string kernel)
    {
        // "If the child writes first: child copies, parent keeps P: fine."
        var (scene, parent, address, file) = Buffer(kernel);
        var transfer = scene.Step(() => parent.Process.SubmitDirectRead(file, address, 512, (long)Scene.Page)).Value;
        var child = parent.Fork();
        child.Store(address + 2048, 'Q');

        scene.Step(transfer.Complete).Value.Should().Be(512);

        (parent.Load(address), child.Load(address)).Should().Be(('B', 'o'));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Case_A_after_the_child_has_exited_the_parents_write_may_still_lose_the_data(string kernel)
    {
        // 5.9 to 6.4: page_count != 1 forces the parent to copy; before, the map count allows the reuse; from 6.5 the pin does.
        var (scene, parent, address, file) = Buffer(kernel);
        var transfer = scene.Step(() => parent.Process.SubmitDirectRead(file, address, 512, (long)Scene.Page)).Value;
        parent.Fork().Exit();
        parent.Store(address + 2048, 'Q');

        scene.Step(transfer.Complete).Value.Should().Be(512);

        parent.Load(address).Should().Be(From(kernel, "5.9") && !From(kernel, "6.5") ? 'o' : 'B');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Case_A_without_fork_nothing_is_lost(string kernel)
    {
        var (scene, parent, address, file) = Buffer(kernel);
        var transfer = scene.Step(() => parent.Process.SubmitDirectRead(file, address, 512, (long)Scene.Page)).Value;
        parent.Store(address + 2048, 'Q');

        scene.Step(transfer.Complete).Value.Should().Be(512);

        (parent.Load(address), parent.Load(address + 2048)).Should().Be(('B', 'Q'));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Case_B_the_child_splices_and_unmaps_and_the_parent_writes(string kernel)
    {
        // CVE-2020-29374: leak up to 5.7 (without the back-port), fixed by three different rules since.
        var (scene, parent, address, _) = Buffer(kernel);
        var child = parent.Fork();
        var pipe = scene.Machine.CreatePipe();
        child.Vmsplice(pipe, address).Value.Should().Be(1);
        child.Munmap(address, 1);

        parent.Store(address, 'N');

        ReadPipe(scene, pipe).Should().Be(From(kernel, "5.8") ? 'o' : 'N');
        parent.Load(address).Should().Be('N');
    }

    [Theory]
    [InlineData("5.7.2", 'N')]
    [InlineData("5.7.3", 'o')]
    [InlineData("5.4.47", 'o')]
    [InlineData("4.14.232", 'o')]
    [InlineData("4.19.188", 'N')]
    public void Case_B_in_stable_kernels(string kernel, char leaked) => Case_B(kernel).Should().Be(leaked);

    [Theory]
    [InlineData("4.14", 'N')]
    [InlineData("5.7", 'N')]
    [InlineData("5.10", 'N')]
    [InlineData("5.17", 'N')]
    [InlineData("5.18", 'o')]
    [InlineData("6.1", 'o')]
    [InlineData("7.2", 'o')]
    public void Case_B_with_a_huge_page(string kernel, char expected)
    {
        // modern.md: "the parent's new byte for a transparent huge page on 5.10 (fixed by 6.1)"; peers C-15.
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = parent.MapHuge();
        parent.Store(address, 'o');
        var child = parent.Fork();
        var pipe = scene.Machine.CreatePipe();
        child.Vmsplice(pipe, address).Value.Should().Be(1);
        child.Munmap(address, 512);

        parent.Store(address, 'N');

        ReadPipe(scene, pipe).Should().Be(expected);
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void Case_B_with_hugetlb_leaks_on_every_kernel(string kernel)
    {
        // modern.md; peers C-21: "leak expected and tolerated upstream".
        var scene = Scene.X86(kernel);
        var parent = scene.Spawn();
        var address = scene.Step(() => parent.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, MapFlags.Private | MapFlags.HugeTlb)).Value;
        parent.Store(address, 'o');
        var child = parent.Fork();
        var pipe = scene.Machine.CreatePipe();
        child.Vmsplice(pipe, address).Value.Should().Be(1);
        child.Munmap(address, 512);

        parent.Store(address, 'N');

        ReadPipe(scene, pipe).Should().Be('N');
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_reader_of_the_own_exclusive_page_sees_later_writes_except_where_the_count_decides(string kernel)
    {
        // gup-fork 9.5: 5.9 to 5.18 copy when anybody else references a read-only mapped page.
        var (scene, parent, address, _) = Buffer(kernel);
        parent.Fork().Exit();
        var reader = parent.Get(address).Value;

        parent.Store(address, 'n');

        var seen = new byte[1];
        reader.Read(0, 0, seen);
        // In 5.8 the read itself broke COW; from 5.19 on the page lost its mark at fork and the reference is a second count.
        ((char)seen[0]).Should().Be(From(kernel, "5.9") ? 'o' : 'n');
        scene.Step(() => { reader.Release(); return 0; });
    }

    [Theory]
    [InlineData("5.19")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void An_exclusive_page_is_reused_whatever_the_count(string kernel)
    {
        // 6.3 last rule: never shared, made read-only by mprotect.
        var (scene, parent, address, _) = Buffer(kernel);
        var reference = parent.Get(address).Value;
        parent.Mprotect(address, Prot.Read, 1);
        parent.Mprotect(address, Scene.ReadWrite, 1);

        parent.Store(address, 'n');

        parent.PfnAt(address).Should().Be(reference.Pfns[0]);
        scene.Step(() => { reference.Release(); return 0; });
    }

    [Theory]
    [InlineData("5.9")]
    [InlineData("5.10")]
    [InlineData("5.17")]
    public void A_page_that_somebody_references_is_copied_while_the_count_decides(string kernel)
    {
        var (scene, parent, address, _) = Buffer(kernel);
        var reference = parent.Get(address).Value;
        parent.Mprotect(address, Prot.Read, 1);
        parent.Mprotect(address, Scene.ReadWrite, 1);

        parent.Store(address, 'n');

        parent.PfnAt(address).Should().NotBe(reference.Pfns[0]);
        scene.Step(() => { reference.Release(); return 0; });
    }

    [Theory]
    [InlineData("3.10", true)]
    [InlineData("4.4", true)]
    [InlineData("4.4.26", false)]
    [InlineData("4.8", true)]
    [InlineData("4.8.3", false)]
    [InlineData("4.9", false)]
    [InlineData("4.14", false)]
    [InlineData("5.8", false)]
    [InlineData("5.10", false)]
    [InlineData("6.1", false)]
    [InlineData("7.2", false)]
    public void Case_C_dirty_cow_reaches_the_file_only_before_4_9(string kernel, bool reaches)
    {
        // CVE-2016-5195: forced write, copy made, MADV_DONTNEED in between, retried as a read.
        var scene = Scene.X86(kernel);
        var victim = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        var address = victim.Map(Backing.PageCache, shared: false, prot: Prot.Read, file: file);
        victim.Load(address);
        var pages = new ulong[1];
        var gup = new GupSlowOperation(scene.Mm, victim.Space, victim.Space, address, 1, GupFlags.Get | GupFlags.Write | GupFlags.Force, pages, 0);
        while (!scene.Mm.Memory.PageOf(victim.PfnAt(address)).IsAnon)
        {
            gup.Step().Should().BeTrue("the fault makes a copy first");
        }

        // The fault's last step installed the copy; the loop has not looked again.
        victim.Madvise(address, Scene.Page, Advice.DontNeed);
        while (gup.Step())
        {
        }

        gup.Result.Count.Should().Be(1);
        scene.Machine.Memory.PageOf(pages[0]).IsAnon.Should().Be(!reaches);
        scene.Mm.Release(pages[0], pin: false);
        scene.Check();
    }

    private static char Case_B(string kernel)
    {
        var (scene, parent, address, _) = Buffer(kernel);
        var child = parent.Fork();
        var pipe = scene.Machine.CreatePipe();
        child.Vmsplice(pipe, address).Value.Should().Be(1);
        child.Munmap(address, 1);
        parent.Store(address, 'N');
        return ReadPipe(scene, pipe);
    }

    private static char ReadPipe(Scene scene, DaxSim.Processes.Pipe pipe)
    {
        var bytes = new byte[1];
        scene.Step(() => pipe.Read(bytes)).Should().Be(1);
        return (char)bytes[0];
    }
}
