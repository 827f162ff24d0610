using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// Merging of equal pages and collapsing into huge ones. What is expected was recorded by the kernel lab (data/scans, ksm_* and khp_*), except
/// for the kernels before 6.1, where it follows from the commits named.
/// </summary>
public class MergingTests
{
    private static Actor Equal(string kernel, out ulong address, int pages = 4)
    {
        var actor = Scene.X86(kernel).Spawn();
        address = actor.Map(Backing.Anon, (ulong)pages, shared: false);
        for (var page = 0; page < pages; page++)
        {
            actor.Store(address + ((ulong)page * Scene.Page), 'k');
        }

        return actor;
    }

    [Theory]
    [InlineData("3.10")]
    [InlineData("5.10")]
    [InlineData("7.2")]
    public void EqualPagesBecomeOneAndAStoreMakesACopy(string kernel)
    {
        var actor = Equal(kernel, out var address);
        actor.Madvise(address, 4 * Scene.Page, Advice.Mergeable).Should().Be(Verdict.Ok);

        actor.Scene.Machine.MergeEqualPages().Should().Be(4);

        actor.Scene.Check();
        actor.PfnAt(address).Should().Be(actor.PfnAt(address + (3 * Scene.Page)));
        actor.Store(address + Scene.Page, 'w');
        actor.PfnAt(address + Scene.Page).Should().NotBe(actor.PfnAt(address));
        actor.Load(address).Should().Be('k');
        actor.Madvise(address, 4 * Scene.Page, Advice.Unmergeable).Should().Be(Verdict.Ok);
        actor.PfnAt(address).Should().NotBe(actor.PfnAt(address + (3 * Scene.Page)), "taking the advice back makes copies of all");
        actor.Exit();
        actor.Scene.Check();
    }

    [Theory]
    [InlineData("4.11", true, 0)]
    [InlineData("4.12", true, 3)]
    [InlineData("4.12", false, 3)]
    public void PagesOfZeroesBecomeTheZeroPageWhereTheSwitchSaysSo(string kernel, bool useZeroPages, int merged)
    {
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Map(Backing.Anon, 3, shared: false);
        for (ulong page = 0; page < 3; page++)
        {
            actor.Store(address + (page * Scene.Page), '\0');
        }

        actor.Madvise(address, 3 * Scene.Page, Advice.Mergeable);
        var byKsm = kernel == "4.11" ? 3 : merged;
        actor.Scene.Machine.MergeEqualPages(useZeroPages).Should().Be(byKsm, "commit e86c59b1b12d; without it equal pages are merged as ever");
        actor.Process.Pagemap(address).Present.Should().BeTrue();
        actor.Space.AnonPages.Should().Be(useZeroPages && kernel == "4.12" ? 0 : 3, "the zero page is nobody's");
        actor.Scene.Check();
        actor.Store(address, 'w');
        actor.Load(address + Scene.Page).Should().Be('\0');
        actor.Scene.Check();
    }

    [Theory]
    [InlineData("6.3", Errno.EBUSY)]
    [InlineData("6.4", Errno.None)]
    public void AFailureOfAMergedPageWasIgnoredBeforeSixFour(string kernel, Errno expected)
    {
        var actor = Equal(kernel, out var address);
        actor.Madvise(address, 4 * Scene.Page, Advice.Mergeable);
        actor.Scene.Machine.MergeEqualPages();
        actor.Madvise(address, Scene.Page, Advice.HwPoison).Errno.Should().Be(expected, "hwpoison_user_mappings; commit 4248d0083ec5");
        actor.Process.ReadByte(address + Scene.Page).IsOk.Should().Be(expected == Errno.EBUSY, "who maps the page keeps it, or is killed");
    }

    [Fact]
    public void WhoNeverAskedIsNotMerged()
    {
        var actor = Equal("6.1", out _);
        actor.Scene.Machine.MergeEqualPages().Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AHeldPageStaysItself(bool pinned)
    {
        var actor = Equal("6.1", out var address);
        actor.Madvise(address, 4 * Scene.Page, Advice.Mergeable);
        var held = (pinned ? actor.Pin(address + Scene.Page, 1, GupFlags.LongTerm | GupFlags.Write) : actor.Get(address + Scene.Page)).Value;
        var before = actor.PfnAt(address + Scene.Page);

        actor.Scene.Machine.MergeEqualPages().Should().Be(3);

        actor.PfnAt(address + Scene.Page).Should().Be(before);
        actor.PfnAt(address).Should().Be(actor.PfnAt(address + (2 * Scene.Page)));
        held.Release();
        actor.Scene.Machine.MergeEqualPages().Should().Be(1, "nobody holds it any more");
        actor.Scene.Check();
    }

    [Fact]
    public void AReadOnlyPinOfAMergedPageGetsACopyOfItsOwn()
    {
        var actor = Equal("6.1", out var address);
        actor.Madvise(address, 4 * Scene.Page, Advice.Mergeable);
        actor.Scene.Machine.MergeEqualPages();
        var shared = actor.PfnAt(address);

        var plain = actor.Get(address).Value;
        actor.PfnAt(address).Should().Be(shared, "a plain reference takes the merged page");
        var pinned = actor.Pin(address, 1, GupFlags.LongTerm).Value;

        actor.PfnAt(address).Should().NotBe(shared, "the pin's page must stay the process's own");
        plain.Release();
        pinned.Release();
        actor.Exit();
        actor.Scene.Check();
    }

    [Fact]
    public void AChildSharesMergedPagesAndWritesACopy()
    {
        var actor = Equal("7.2", out var address);
        actor.Madvise(address, 4 * Scene.Page, Advice.Mergeable);
        actor.Scene.Machine.MergeEqualPages();
        var child = actor.Fork();
        child.PfnAt(address).Should().Be(actor.PfnAt(address));
        child.Store(address, 'c');
        actor.Load(address).Should().Be('k');
        child.Exit();
        actor.Exit();
        actor.Scene.Check();
    }

    /// <summary>52d1e606ee73 let the last mapper write a merged page in place; 09854ba94c6a ended that.</summary>
    [Theory]
    [InlineData("5.0", false)]
    [InlineData("5.8", true)]
    [InlineData("5.9", false)]
    public void TheLastMapperMayOnceWriteInPlace(string kernel, bool reused)
    {
        var actor = Equal(kernel, out var address, 2);
        actor.Madvise(address, 2 * Scene.Page, Advice.Mergeable);
        actor.Scene.Machine.MergeEqualPages();
        actor.Munmap(address + Scene.Page, 1);
        var merged = actor.PfnAt(address);
        actor.Store(address, 'w');
        (actor.PfnAt(address) == merged).Should().Be(reused);
        actor.Exit();
        actor.Scene.Check();
    }

    [Theory]
    [InlineData(Backing.FsDax)]
    [InlineData(Backing.DeviceDax)]
    public void DeviceMemoryIsNeverMerged(Backing backing)
    {
        var actor = Scene.For("7.2", backing).Spawn();
        var address = actor.Map(backing, 512);
        actor.Store(address, 'k');
        actor.Madvise(address, Scene.Huge, Advice.Mergeable).Should().Be(Verdict.Ok, "the advice is ignored");
        actor.Scene.Machine.MergeEqualPages().Should().Be(0);
    }

    [Theory]
    [InlineData("6.16", Errno.EINVAL)]
    [InlineData("7.2", Errno.None)]
    public void PagesSharedWithAChildAreCollapsedWhenAsked(string kernel, Errno expected)
    {
        var actor = Scene.X86(kernel, m => m.TransparentHugePages(always: true)).Spawn();
        var address = actor.MapHuge();
        actor.Madvise(address, Scene.Huge, Advice.NoHugePage);
        for (ulong page = 0; page < 512; page++)
        {
            actor.Process.WriteByte(address + (page * Scene.Page), (byte)'h');
        }

        var child = actor.Fork();
        actor.Madvise(address, Scene.Huge, Advice.HugePage);

        actor.Scene.Machine.CollapseHugePages().Should().Be(0, "more pages are shared than khugepaged puts up with");
        actor.Madvise(address, Scene.Huge, Advice.Collapse).Errno.Should().Be(expected);

        child.Load(address).Should().Be('h');
        child.Exit();
        actor.Exit();
        actor.Scene.Check();
    }

    [Fact]
    public void OnePageIsEnoughAndAHeldOneTooMuch()
    {
        var actor = Scene.X86("6.1", m => m.TransparentHugePages(always: true)).Spawn();
        var address = actor.MapHuge();
        actor.Madvise(address, Scene.Huge, Advice.NoHugePage);
        actor.Store(address, 'h');
        actor.Madvise(address, Scene.Huge, Advice.HugePage);
        var held = actor.Get(address).Value;
        actor.Scene.Machine.CollapseHugePages().Should().Be(0);
        actor.Madvise(address, Scene.Huge, Advice.Collapse).Errno.Should().Be(Errno.EAGAIN);
        held.Release();
        actor.Scene.Machine.CollapseHugePages().Should().Be(1);
        actor.Load(address).Should().Be('h');
        actor.Exit();
        actor.Scene.Check();
    }
}
