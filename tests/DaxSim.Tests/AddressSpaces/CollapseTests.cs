using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>What MADV_COLLAPSE leaves alone. Source: hpage_collapse_scan_pmd, __collapse_huge_page_swapin and madvise_collapse_errno of mm/khugepaged.c.</summary>
public class CollapseTests
{
    private const ulong Page = Scene.Page;
    private const ulong Address = 0x4000_0000_0000;

    private static (Scene Scene, Actor Process) Small(string kernel)
    {
        var scene = Scene.X86(kernel);
        var process = scene.Spawn();
        process.Map(Backing.Anon, Scene.Huge / Page, shared: false, more: MapFlags.Fixed, at: Address);
        process.Madvise(Address, Scene.Huge, Advice.NoHugePage).Should().Be(Verdict.Ok);
        process.Store(Address, 'a');
        process.Store(Address + Page, 'b');
        return (scene, process);
    }

    [Theory]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void Small_pages_become_a_huge_one_with_the_same_bytes(string kernel)
    {
        var (_, process) = Small(kernel);
        process.Madvise(Address, Scene.Huge, Advice.HugePage).Should().Be(Verdict.Ok);

        process.Madvise(Address, Scene.Huge, Advice.Collapse).Should().Be(Verdict.Ok);

        process.Process.View(Address).Level.Should().Be("PMD");
        process.Load(Address + Page).Should().Be('b');
        process.Load(Address + (9 * Page)).Should().Be('\0');
    }

    [Fact]
    public void An_area_without_huge_pages_is_refused()
    {
        var (_, process) = Small("6.12");

        process.Madvise(Address, Scene.Huge, Advice.Collapse).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void A_page_that_a_driver_holds_stays_where_it_is()
    {
        var (scene, process) = Small("6.12");
        process.Madvise(Address, Scene.Huge, Advice.HugePage).Should().Be(Verdict.Ok);
        var held = process.Pin(Address, 1, GupFlags.Write).Value;

        process.Madvise(Address, Scene.Huge, Advice.Collapse).Errno.Should().Be(Errno.EAGAIN, "SCAN_PAGE_COUNT");

        process.Process.View(Address).Pfn.Should().Be(held.Pfns[0]);
        held.Release();
        scene.Check();
        process.Madvise(Address, Scene.Huge, Advice.Collapse).Should().Be(Verdict.Ok);
    }

    [Fact]
    public void A_guard_in_the_range_is_refused()
    {
        var (_, process) = Small("6.13");
        process.Madvise(Address, Scene.Huge, Advice.HugePage).Should().Be(Verdict.Ok);
        process.Madvise(Address + (5 * Page), Page, Advice.GuardInstall).Should().Be(Verdict.Ok);

        process.Madvise(Address, Scene.Huge, Advice.Collapse).Errno.Should().Be(Errno.EINVAL);

        process.TryLoad(Address + (5 * Page)).Verdict.Kind.Should().Be(VerdictKind.Signal);
    }

    [Fact]
    public void A_dead_page_in_the_range_is_refused()
    {
        var (_, process) = Small("6.12");
        process.Madvise(Address, Scene.Huge, Advice.HugePage).Should().Be(Verdict.Ok);
        process.Madvise(Address, Page, Advice.HwPoison);

        process.Madvise(Address, Scene.Huge, Advice.Collapse).Errno.Should().Be(Errno.EINVAL);
    }
}
