using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>The ioctl PAGEMAP_SCAN. Source: pagemap_scan_* in fs/proc/task_mmu.c of mainline.</summary>
public class PagemapScanTests
{
    private const ulong Page = Scene.Page;
    private const PageCategories Everything = (PageCategories)255;

    private static (Scene Scene, Actor Process, ulong Address) Tracked(Backing backing, bool shared, string kernel = "6.12", bool register = true)
    {
        var scene = Scene.For(kernel, backing);
        var process = scene.Spawn();
        var address = process.Map(backing, pages: 8, shared: shared);
        for (ulong i = 0; i < 4; i++)
        {
            process.Store(address + (i * Page), 'o');
        }

        if (register)
        {
            var handler = process.Process.OpenUserfaultfd(UserfaultFeatures.WriteProtectAsync).Value;
            scene.Step(() => handler.Register(address, 8 * Page, UserfaultMode.WriteProtect)).Should().Be(Verdict.Ok);
        }

        return (scene, process, address);
    }

    private static IReadOnlyList<PagemapRegion> Scan(Scene scene, Actor process, PagemapScanRequest request) => scene.Step(() => process.Process.PagemapScan(request)).Value.Regions;

    private static PagemapScanRequest Written(ulong address, bool protect = true) => new(address, address + (8 * Page)) { WriteProtect = protect, Required = PageCategories.Written, Return = PageCategories.Written };

    [Theory]
    [InlineData(Backing.Anon, false)]
    [InlineData(Backing.Shmem, true)]
    [InlineData(Backing.PageCache, true)]
    [InlineData(Backing.FsDax, true)]
    [InlineData(Backing.FsDax, false)]
    public void Get_and_clear_tells_each_time_what_was_written_since(Backing backing, bool shared)
    {
        var (scene, process, address) = Tracked(backing, shared);

        Scan(scene, process, Written(address)).Should().Equal([new PagemapRegion(address, address + (8 * Page), PageCategories.Written)], "entries that map nothing count too, in a page table that exists");
        Scan(scene, process, Written(address)).Should().BeEmpty();
        process.Store(address + Page, 'n');
        process.Store(address + (2 * Page), 'n');

        Scan(scene, process, Written(address)).Should().Equal(new PagemapRegion(address + Page, address + (3 * Page), PageCategories.Written));
    }

    [Fact]
    public void It_does_not_exist_before_6_7()
    {
        var (scene, process, address) = Tracked(Backing.Anon, shared: false, "6.6", register: false);

        scene.Step(() => process.Process.PagemapScan(Written(address))).Errno.Should().Be(Errno.ENOTTY);
    }

    [Fact]
    public void Areas_that_are_not_registered_are_passed_over_or_refused()
    {
        var (scene, process, address) = Tracked(Backing.Anon, shared: false, register: false);

        Scan(scene, process, Written(address)).Should().BeEmpty();
        scene.Step(() => process.Process.PagemapScan(Written(address) with { CheckWriteProtect = true })).Errno.Should().Be(Errno.EPERM);
        Scan(scene, process, Written(address, protect: false)).Should().ContainSingle("without protecting anything any memory can be scanned");
    }

    [Fact]
    public void It_stops_at_the_number_of_pages_or_of_regions()
    {
        var (scene, process, address) = Tracked(Backing.Anon, shared: false);

        var pages = scene.Step(() => process.Process.PagemapScan(Written(address) with { MaxPages = 3 })).Value;
        pages.Regions.Should().Equal(new PagemapRegion(address, address + (3 * Page), PageCategories.Written));
        pages.WalkEnd.Should().Be(address + (3 * Page));

        process.Store(address + Page, 'n');
        var regions = scene.Step(() => process.Process.PagemapScan(Written(address) with { MaxRegions = 1 })).Value;
        regions.Regions.Should().Equal(new PagemapRegion(address + Page, address + (2 * Page), PageCategories.Written));
        regions.WalkEnd.Should().Be(address + (3 * Page), "there the second region begins");
    }

    [Fact]
    public void Categories_tell_what_a_page_is()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var file = scene.File(Backing.PageCache);
        var address = process.Map(Backing.PageCache, shared: false, file: file);
        process.Store(address, 'n');
        process.Load(address + Page);
        var anon = process.Map(Backing.Anon, shared: false);
        process.Load(anon);

        Scan(scene, process, new(address, address + (2 * Page)) { Required = PageCategories.Present, Return = Everything }).Select(r => r.Categories & ~PageCategories.SoftDirty)
            .Should().Equal(PageCategories.Present | PageCategories.Written, PageCategories.Present | PageCategories.Written | PageCategories.File);
        Scan(scene, process, new(anon, anon + (4 * Page)) { AnyOf = PageCategories.ZeroPage, Return = PageCategories.ZeroPage })
            .Should().Equal(new PagemapRegion(anon, anon + Page, PageCategories.ZeroPage));
        Scan(scene, process, new(anon, anon + (4 * Page)) { Inverted = PageCategories.Present, Required = PageCategories.Present, Return = PageCategories.Present })
            .Should().Equal(new PagemapRegion(anon + Page, anon + (4 * Page), PageCategories.None));
    }

    [Fact]
    public void A_huge_page_is_split_when_only_a_part_is_wanted()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var address = process.MapHuge();
        process.Store(address, 'o');
        var handler = process.Process.OpenUserfaultfd(UserfaultFeatures.WriteProtectAsync).Value;
        handler.Register(address, Scene.Huge, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);
        var request = new PagemapScanRequest(address, address + Scene.Huge) { WriteProtect = true, Required = PageCategories.Written, Return = PageCategories.Written };

        Scan(scene, process, request with { MaxPages = 16 }).Should().Equal(new PagemapRegion(address, address + (16 * Page), PageCategories.Written));
        process.Process.View(address).Level.Should().Be("PTE");

        Scan(scene, process, request).Should().Equal(new PagemapRegion(address + (16 * Page), address + Scene.Huge, PageCategories.Written));
    }

    [Fact]
    public void A_whole_huge_page_is_protected_as_one()
    {
        var scene = Scene.X86("6.12");
        var process = scene.Spawn();
        var address = process.MapHuge();
        process.Store(address, 'o');
        var handler = process.Process.OpenUserfaultfd(UserfaultFeatures.WriteProtectAsync).Value;
        handler.Register(address, Scene.Huge, UserfaultMode.WriteProtect).Should().Be(Verdict.Ok);

        Scan(scene, process, new(address, address + Scene.Huge) { WriteProtect = true, Required = PageCategories.Written, Return = PageCategories.Written | PageCategories.Huge })
            .Should().Equal(new PagemapRegion(address, address + Scene.Huge, PageCategories.Written | PageCategories.Huge));

        process.Process.View(address).Level.Should().Be("PMD");
        process.Process.View(address).EntryBits.Should().Contain("uffd-wp");
    }
}
