using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Soft-dirty bits. Source: clear_refs_write and pagemap of fs/proc/task_mmu.c; the boundaries are those of the commits named in the history.</summary>
public class SoftDirtyTests
{
    private const ulong Page = Scene.Page;

    private static (Scene Scene, Actor Process, ulong Address) Cleared(string kernel, Backing backing, bool shared, Scene? scene = null)
    {
        scene ??= Scene.For(kernel, backing);
        var process = scene.Spawn();
        var address = process.Map(backing, shared: shared);
        for (ulong i = 0; i < 4; i++)
        {
            process.Store(address + (i * Page), 'o');
        }

        Clear(scene, process);
        return (scene, process, address);
    }

    private static void Clear(Scene scene, Actor process) => scene.Step(() => process.Process.ClearReferences(ClearReferencesKind.SoftDirty)).Should().Be(Verdict.Ok);

    private static bool IsDirty(Actor process, ulong address) => process.Process.Pagemap(address).SoftDirty;

    [Theory]
    [InlineData("4.4", Backing.Anon, false)]
    [InlineData("6.12", Backing.Anon, false)]
    [InlineData("6.12", Backing.Shmem, true)]
    [InlineData("6.12", Backing.PageCache, true)]
    [InlineData("6.12", Backing.PageCache, false)]
    [InlineData("4.14", Backing.FsDax, true)]
    [InlineData("6.12", Backing.FsDax, true)]
    [InlineData("6.15", Backing.FsDax, true)]
    [InlineData("6.12", Backing.FsDax, false)]
    [InlineData("4.9", Backing.PageLess, true)]
    [InlineData("4.9", Backing.PageLess, false)]
    public void Only_what_is_written_after_the_clearing_is_dirty(string kernel, Backing backing, bool shared)
    {
        var (_, process, address) = Cleared(kernel, backing, shared);

        IsDirty(process, address).Should().BeFalse();
        process.Load(address).Should().Be('o');
        IsDirty(process, address).Should().BeFalse("reading changes nothing");
        process.Store(address + Page, 'n');

        IsDirty(process, address + Page).Should().BeTrue();
        IsDirty(process, address).Should().BeFalse();
        process.Load(address + Page).Should().Be('n');
    }

    [Fact]
    public void Page_less_memory_of_s390x_is_tracked_through_its_special_entries()
    {
        var (_, process, address) = Cleared("4.16", Backing.PageLess, shared: true, Scene.S390("4.16"));

        process.Store(address, 'n');

        IsDirty(process, address).Should().BeTrue();
        IsDirty(process, address + Page).Should().BeFalse();
        process.Process.View(address).EntryBits.Should().Contain("special");
    }

    [Theory]
    [InlineData("3.11", false)]
    [InlineData("3.12", true)]
    public void A_new_area_counts_as_written_as_a_whole(string kernel, bool expected)
    {
        var scene = Scene.X86(kernel);
        var process = scene.Spawn();
        Clear(scene, process);

        IsDirty(process, process.Map(Backing.Anon, shared: false)).Should().Be(expected);
    }

    [Fact]
    public void On_3_11_the_entries_tell_from_the_first_store_on()
    {
        var scene = Scene.X86("3.11");
        var process = scene.Spawn();
        var address = process.Map(Backing.Anon, shared: false);
        Clear(scene, process);

        process.Store(address, 'n');

        IsDirty(process, address).Should().BeTrue();
        IsDirty(process, address + Page).Should().BeFalse();
    }

    [Theory]
    [InlineData("4.2", false)]
    [InlineData("4.3", true)]
    public void Until_4_3_pagemap_tells_nothing_before_the_first_clearing(string kernel, bool before)
    {
        var scene = Scene.X86(kernel);
        var process = scene.Spawn();
        var address = process.Map(Backing.Anon, shared: false);
        IsDirty(process, address).Should().Be(before);

        Clear(scene, scene.Spawn("another"));

        IsDirty(process, address).Should().BeTrue("anybody's clearing switches the format");
        scene.Machine.Log.Entries.Any(e => e.Text.Contains("bits 55-60", StringComparison.Ordinal)).Should().Be(!before);
    }

    [Fact]
    public void Without_the_bit_the_clearing_is_accepted_and_does_nothing()
    {
        var machine = Machine.Build(m => m.Kernel("6.12", Architecture.Arm64).Ram("256M"));
        var process = machine.Spawn("test");
        var address = process.Mmap(0, Page, Scene.ReadWrite, MapFlags.Private).Value;
        process.WriteByte(address, 1).Should().Be(Verdict.Ok);

        process.ClearReferences(ClearReferencesKind.SoftDirty).Should().Be(Verdict.Ok);

        process.Pagemap(address).SoftDirty.Should().BeFalse();
        process.View(address).EntryBits.Should().Contain("write");
        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("3.10", 4, Errno.EINVAL)]
    [InlineData("3.11", 4, Errno.None)]
    [InlineData("3.19", 5, Errno.EINVAL)]
    [InlineData("4.0", 5, Errno.None)]
    [InlineData("6.12", 6, Errno.EINVAL)]
    [InlineData("6.12", 0, Errno.EINVAL)]
    public void Which_numbers_clear_refs_takes(string kernel, int kind, Errno expected)
    {
        var scene = Scene.X86(kernel);

        scene.Spawn().Process.ClearReferences((ClearReferencesKind)kind).Errno.Should().Be(expected);
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 4)]
    [InlineData(3, 4, 0)]
    public void The_accessed_bits_are_cleared_of_all_of_anonymous_or_of_file_memory(int kind, long anonymous, long file)
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var anon = process.Map(Backing.Anon, pages: 1, shared: false);
        var mapped = process.Map(Backing.PageCache, pages: 1);
        process.Store(anon, 'n');
        process.Store(mapped, 'n');

        scene.Step(() => process.Process.ClearReferences((ClearReferencesKind)kind)).Should().Be(Verdict.Ok);

        process.Process.ReadSmaps().Single(a => a.Start == anon).Kilobytes["Referenced"].Should().Be(anonymous);
        process.Process.ReadSmaps().Single(a => a.Start == mapped).Kilobytes["Referenced"].Should().Be(file);
    }

    [Fact]
    public void On_dcssblk_clearing_accessed_bits_meets_the_bad_entries()
    {
        // vm_normal_page on a special entry that neither the area nor the architecture explains (gup-fork 1.3).
        var scene = Scene.S390("4.19");
        var process = scene.Spawn();
        var address = process.Map(Backing.PageLess);
        process.Store(address, 'n');
        var before = scene.BadPageMaps;

        scene.Step(() => process.Process.ClearReferences(ClearReferencesKind.All)).Should().Be(Verdict.Ok);

        scene.BadPageMaps.Should().Be(before + 1);
    }

    [Fact]
    public void Fork_copies_the_bits()
    {
        var (_, process, address) = Cleared("6.12", Backing.Anon, shared: false);
        process.Store(address, 'n');

        var child = process.Fork();

        IsDirty(child, address).Should().BeTrue();
        IsDirty(child, address + Page).Should().BeFalse();
        child.Store(address + Page, 'c');
        IsDirty(child, address + Page).Should().BeTrue();
        IsDirty(process, address + Page).Should().BeFalse("each has entries of his own");
    }

    [Fact]
    public void What_mremap_moves_counts_as_written()
    {
        var (_, process, address) = Cleared("6.12", Backing.Anon, shared: false);
        const ulong to = 0x5000_0000_0000;
        process.Madvise(address + (3 * Page), Page, Advice.DontNeed).Should().Be(Verdict.Ok);

        process.Mremap(address, 4 * Page, 4 * Page, MremapFlags.MayMove | MremapFlags.Fixed, to).Value.Should().Be(to);

        IsDirty(process, to).Should().BeTrue();
        IsDirty(process, to + (3 * Page)).Should().BeFalse("there is no entry, and the area's own flag moved unchanged");
    }

    [Theory]
    [InlineData("5.10", false)]
    [InlineData("5.11", true)]
    public void A_pinned_page_stays_with_its_pin_from_5_11(string kernel, bool expected)
    {
        var scene = Scene.X86(kernel);
        var process = scene.Spawn();
        var address = process.Map(Backing.Anon, shared: false);
        process.Store(address, 'o');
        var pin = process.PinFast(address, 1, GupFlags.Write).Value;

        Clear(scene, process);
        process.Store(address, 'n');

        (process.Process.View(address).Pfn == pin.Pfns[0]).Should().Be(expected);
        IsDirty(process, address).Should().BeTrue();
        pin.Release();
        scene.Check();
    }

    [Theory]
    [InlineData("5.19", false)]
    [InlineData("6.0", true)]
    public void Mprotect_missed_stores_until_6_0(string kernel, bool expected)
    {
        var (_, process, address) = Cleared(kernel, Backing.PageCache, shared: true);
        process.Mprotect(address, Prot.Read).Should().Be(Verdict.Ok);
        process.Mprotect(address, Scene.ReadWrite).Should().Be(Verdict.Ok);

        process.Store(address, 'n');

        IsDirty(process, address).Should().Be(expected);
    }

    [Theory]
    [InlineData("3.17", false)]
    [InlineData("3.18", true)]
    public void New_entries_of_shared_memory_missed_stores_until_3_18(string kernel, bool expected)
    {
        var (_, process, address) = Cleared(kernel, Backing.Shmem, shared: true);
        process.Madvise(address, 4 * Page, Advice.DontNeed).Should().Be(Verdict.Ok);
        process.Load(address);

        process.Store(address, 'n');

        IsDirty(process, address).Should().Be(expected);
    }

    [Theory]
    [InlineData("6.18", false)]
    [InlineData("6.19", true)]
    public void Merging_lost_the_flag_until_6_19(string kernel, bool expected)
    {
        var scene = Scene.X86(kernel);
        var process = scene.Spawn();
        const ulong address = 0x5000_0000_0000;
        scene.Step(() => process.Process.Mmap(address, Page, Scene.ReadWrite, MapFlags.Private | MapFlags.Fixed)).IsOk.Should().BeTrue();
        Clear(scene, process);
        scene.Step(() => process.Process.Mmap(address + Page, Page, Prot.Read, MapFlags.Private | MapFlags.Fixed)).IsOk.Should().BeTrue();
        IsDirty(process, address + Page).Should().BeTrue();

        process.Mprotect(address + Page, Scene.ReadWrite, 1).Should().Be(Verdict.Ok);

        process.Process.Maps.Should().ContainSingle(m => m.Start == address && m.End == address + (2 * Page));
        IsDirty(process, address + Page).Should().Be(expected);
    }

    [Fact]
    public void A_mapping_that_joins_a_cleared_one_makes_it_dirty()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        const ulong address = 0x5000_0000_0000;
        scene.Step(() => process.Process.Mmap(address, Page, Scene.ReadWrite, MapFlags.Private | MapFlags.Fixed)).IsOk.Should().BeTrue();
        Clear(scene, process);
        IsDirty(process, address).Should().BeFalse();

        scene.Step(() => process.Process.Mmap(address + Page, Page, Scene.ReadWrite, MapFlags.Private | MapFlags.Fixed)).IsOk.Should().BeTrue();

        IsDirty(process, address).Should().BeTrue("mmap_region sets VM_SOFTDIRTY on what it extended");
        process.Process.ReadSmaps().Single(a => a.Start == address).VmFlags.Split(' ').Should().Contain("sd");
    }

    [Fact]
    public void Huge_pages_are_tracked_whole_and_hugetlb_ones_never()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var thp = process.MapHuge();
        process.Store(thp, 'o');
        var huge = scene.Step(() => process.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, MapFlags.Private | MapFlags.HugeTlb)).Value;
        process.Store(huge, 'o');
        Clear(scene, process);

        process.Store(thp + Page, 'n');
        process.Store(huge, 'n');

        IsDirty(process, thp).Should().BeTrue("one entry maps them all");
        IsDirty(process, huge).Should().BeFalse("clear_refs does not walk hugetlb areas, pagemap does not ask their entries");
    }
}
