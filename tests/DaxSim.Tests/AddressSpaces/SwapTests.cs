using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// Pages that reclaim takes away and that come back. What is expected was recorded by the kernel lab (data/swap, on 5.10, 6.1, 6.12, 7.2 and 7.3),
/// where nothing else is said; for kernels in between it follows from the commits that the policy names.
/// </summary>
public class SwapTests
{
    private static Scene SceneOf(string kernel, bool synchronous = true, string size = "4M") => Scene.X86(kernel, m => m.Swap(size, synchronous: synchronous));

    private static Actor Written(string kernel, out ulong address, bool synchronous = true, ulong pages = 4)
    {
        var actor = SceneOf(kernel, synchronous).Spawn();
        address = Fill(actor, pages);
        return actor;
    }

    private static ulong Fill(Actor actor, ulong pages = 4)
    {
        var address = actor.Map(Backing.Anon, pages, shared: false);
        for (ulong page = 0; page < pages; page++)
        {
            actor.Store(address + (page * Scene.Page), (char)('a' + page));
        }

        return address;
    }

    private static string Picture(Actor actor, ulong address, int pages = 4)
        => string.Concat(Enumerable.Range(0, pages).Select(i => actor.Process.Pagemap(address + ((ulong)i * Scene.Page)) is { Present: true } ? 'P' : actor.Process.Pagemap(address + ((ulong)i * Scene.Page)).Swapped ? 'S' : '-'));

    private static int Reclaim(Actor actor, ulong address, ulong pages = 4) => actor.Scene.Step(() => actor.Scene.Machine.Reclaim(actor.Process, address, pages * Scene.Page));

    private static Verdict PageOut(Actor actor, ulong address, ulong pages = 4) => actor.Madvise(address, pages * Scene.Page, Advice.PageOut);

    [Fact]
    public void WithoutASwapAreaNothingAnonymousLeavesMemory()
    {
        var actor = Scene.X86("6.1").Spawn();
        var address = Fill(actor);
        PageOut(actor, address).Should().Be(Verdict.Ok);
        Reclaim(actor, address).Should().Be(0);
        Picture(actor, address).Should().Be("PPPP");
        actor.Scene.Machine.Memory.Swap.Should().BeNull("it costs nothing where there is none");
    }

    [Theory]
    [InlineData("6.1", 4, true)]
    [InlineData("7.2", 4, true)]
    [InlineData("6.1", 70, false)]
    [InlineData("4.4", 4, false)]
    public void KhugepagedReadsAFewSwappedPagesIn(string kernel, int swapped, bool collapses)
    {
        // mm/khugepaged.c: __collapse_huge_page_swapin (4.8 on), max_ptes_swap of 64; before, any swapped page keeps the range as it is.
        var scene = Scene.X86(kernel, m => m.Swap("4M", synchronous: true));
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, Scene.Huge / Scene.Page, shared: false, more: MapFlags.Fixed, at: 0x4000_0000_0000);
        actor.Madvise(address, Scene.Huge, Advice.NoHugePage).Should().Be(Verdict.Ok);
        for (ulong page = 0; page < Scene.Huge / Scene.Page; page++)
        {
            actor.Store(address + (page * Scene.Page), (char)('a' + (page % 26)));
        }

        actor.Madvise(address, Scene.Huge, Advice.HugePage).Should().Be(Verdict.Ok);
        Reclaim(actor, address, (ulong)swapped).Should().Be(swapped);

        scene.Step(() => scene.Machine.CollapseHugePages()).Should().Be(collapses ? 1 : 0);

        actor.Process.View(address).Level.Should().Be(collapses ? "PMD" : "PTE");
        actor.Load(address + Scene.Page).Should().Be('b');
    }

    [Fact]
    public void CollapseWhenAskedReadsAllSwappedPagesIn()
    {
        // madvise_collapse has no limit of max_ptes_swap.
        var scene = Scene.X86("6.1", m => m.Swap("4M", synchronous: true));
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Anon, Scene.Huge / Scene.Page, shared: false, more: MapFlags.Fixed, at: 0x4000_0000_0000);
        actor.Madvise(address, Scene.Huge, Advice.NoHugePage).Should().Be(Verdict.Ok);
        for (ulong page = 0; page < 200; page++)
        {
            actor.Store(address + (page * Scene.Page), 'x');
        }

        actor.Madvise(address, Scene.Huge, Advice.HugePage).Should().Be(Verdict.Ok);
        Reclaim(actor, address, 200).Should().Be(200);
        actor.Madvise(address, Scene.Huge, Advice.Collapse).Errno.Should().Be(Errno.EINVAL, "hpage_collapse_scan_pmd wants one writable page that is there");
        actor.Store(address, 'x');

        actor.Madvise(address, Scene.Huge, Advice.Collapse).Should().Be(Verdict.Ok);

        actor.Process.View(address).Level.Should().Be("PMD");
        actor.Load(address + (199 * Scene.Page)).Should().Be('x');
        scene.Machine.SwapAreas[0].UsedBytes.Should().Be(0);
    }

    [Theory]
    [InlineData("3.10", true)]
    [InlineData("3.10", false)]
    [InlineData("4.14", true)]
    [InlineData("5.10", true)]
    [InlineData("6.1", true)]
    [InlineData("6.12", false)]
    [InlineData("7.2", true)]
    public void MemoryPressureWritesPagesOutAndALoadBringsThemBack(string kernel, bool synchronous)
    {
        var actor = Written(kernel, out var address, synchronous);
        Reclaim(actor, address).Should().Be(synchronous ? 4 : 0, "what a disk is still writing stays in the swap cache");
        Picture(actor, address).Should().Be("SSSS");
        actor.Scene.Machine.SwapAreas.Should().ContainSingle().Which.UsedBytes.Should().Be(4 * (long)Scene.Page);
        actor.Process.SwappedBytes.Should().Be(4 * (long)Scene.Page);

        actor.Load(address + Scene.Page).Should().Be('b');

        Picture(actor, address).Should().Be("SPSS");
        actor.Process.SwappedBytes.Should().Be(3 * (long)Scene.Page);
        actor.Exit();
        actor.Scene.Check();
        actor.Scene.Machine.SwapAreas[0].UsedBytes.Should().Be(0);
    }

    [Fact]
    public void WhatADiskHasWrittenLeavesMemoryTheNextTime()
    {
        var actor = Written("6.1", out var address, synchronous: false);
        Reclaim(actor, address);
        actor.Process.Mincore(address, 4 * Scene.Page).Value.Should().OnlyContain(b => b == 1, "mincore looks into the swap cache");
        Reclaim(actor, address).Should().Be(4);
        actor.Process.Mincore(address, 4 * Scene.Page).Value.Should().OnlyContain(b => b == 0);
        actor.Load(address).Should().Be('a');
    }

    [Theory]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.3")]
    public void ForkSharesSlotsAndEachSideGetsItsOwnPageWhenItWrites(string kernel)
    {
        var parent = Written(kernel, out var address);
        PageOut(parent, address).Should().Be(Verdict.Ok);
        var child = parent.Fork();
        Picture(child, address).Should().Be("SSSS");
        parent.Scene.Machine.SwappedIn.Should().Be(0, "fork reads nothing in");

        child.Load(address).Should().Be('a');
        child.Store(address + Scene.Page, 'c');

        Picture(child, address).Should().Be("PPSS");
        Picture(parent, address).Should().Be("SSSS");
        parent.Load(address + Scene.Page).Should().Be('b');
        parent.Scene.Machine.SwappedIn.Should().Be(2, "the parent finds the page in the swap cache");
        child.Exit();
        parent.Exit();
        parent.Scene.Machine.SwapAreas[0].UsedBytes.Should().Be(0);
    }

    [Fact]
    public void AfterForkNeitherSwapEntryIsExclusive()
    {
        // mm/swap: remember PG_anon_exclusive via a swp pte bit (5.19).
        var parent = Written("6.1", out var address);
        PageOut(parent, address);
        parent.Entry(address).Has(PteFlags.SwapExclusive).Should().BeTrue();
        var child = parent.Fork();
        parent.Entry(address).Has(PteFlags.SwapExclusive).Should().BeFalse();
        child.Entry(address).Has(PteFlags.SwapExclusive).Should().BeFalse();
    }

    [Theory]
    [InlineData("5.18", "x86_64", false)]
    [InlineData("5.19", "x86_64", true)]
    [InlineData("5.19", "s390x", true)]
    [InlineData("5.18", "s390x", false)]
    public void TheExclusiveBitOfSwapEntriesCameWith519(string kernel, string architecture, bool kept)
        => (KernelPolicy.Mainline(kernel, Architecture.Parse(architecture)).SwapExclusive == SwapExclusiveRule.Kept).Should().Be(kept);

    [Theory]
    [InlineData("5.10", false)]
    [InlineData("6.1", true)]
    [InlineData("7.2", true)]
    public void AStoreToAPageOfTheSwapCacheThatOneProcessHasLeftIsDoneInPlaceFrom518On(string kernel, bool inPlace)
    {
        // po_fork_in_exit: the child reads the page in and exits; the parent reads it and writes.
        var parent = Written(kernel, out var address);
        PageOut(parent, address);
        var child = parent.Fork();
        child.Load(address);
        child.Exit();
        parent.Load(address).Should().Be('a');
        var frame = parent.PfnAt(address);
        parent.Store(address, 'p');
        (parent.PfnAt(address) == frame).Should().Be(inPlace);
    }

    [Theory]
    [InlineData("5.4")]
    [InlineData("6.1")]
    public void MadvisePageOutLeavesSharedPagesAlone(string kernel)
    {
        var parent = Written(kernel, out var address);
        var child = parent.Fork();
        PageOut(parent, address);
        Picture(parent, address).Should().Be(kernel == "5.4" ? "SSSS" : "PPPP", "mm: do not allow MADV_PAGEOUT for CoW pages (5.6)");
        child.Exit();
        PageOut(parent, address);
        Picture(parent, address).Should().Be("SSSS");
    }

    [Theory]
    [InlineData("5.8", true)]
    [InlineData("5.11", false)]
    [InlineData("6.1", false)]
    public void PinnedPagesStayMappedFrom511On(string kernel, bool taken)
    {
        var actor = Written(kernel, out var address);
        var pin = actor.Pin(address + Scene.Page, 1, GupFlags.Write).Value;
        Reclaim(actor, address).Should().Be(3);
        Picture(actor, address).Should().Be(taken ? "SSSS" : "SPSS");
        actor.Scene.Machine.Memory.Swap!.Cache.Extents().Any().Should().Be(taken, "somebody holds the page: it cannot leave memory");
        pin.Release();
        actor.Load(address + Scene.Page).Should().Be('b');
    }

    [Fact]
    public void BetweenShortPinsAndTheRepairAStoreTookThePageFromUnderThePin()
    {
        // mm: don't put pinned pages into the swap cache: on 5.9 and 5.10.0 the store copies, and the pin is of the old page.
        var actor = Written("5.9", out var address);
        var frame = actor.PfnAt(address);
        var pin = actor.Pin(address, 1, GupFlags.Write).Value;
        Reclaim(actor, address);
        actor.Load(address).Should().Be('a');
        actor.Store(address, 'w');
        actor.PfnAt(address).Should().NotBe(frame);
        pin.Release();
        actor.Scene.Check();
    }

    [Fact]
    public void APageThatAPipeHoldsLeavesThePageTableButNotMemory()
    {
        var actor = Written("6.1", out var address);
        var pipe = actor.Scene.Machine.CreatePipe();
        actor.Vmsplice(pipe, address + Scene.Page).IsOk.Should().BeTrue();
        PageOut(actor, address);
        Picture(actor, address).Should().Be("SSSS");
        actor.Process.Mincore(address, 4 * Scene.Page).Value.Should().Equal(0, 1, 0, 0);
        actor.Store(address + Scene.Page, 'w');
        var bytes = new byte[1];
        pipe.Read(bytes);
        bytes[0].Should().Be((byte)'w', "the swap entry was exclusive: the page is written in place");
    }

    [Fact]
    public void LockedPagesStay()
    {
        var actor = Written("6.1", out var address);
        actor.Scene.Step(() => actor.Process.Mlock(address, 4 * Scene.Page)).Should().Be(Verdict.Ok);
        PageOut(actor, address).Errno.Should().Be(Errno.EINVAL);
        Reclaim(actor, address).Should().Be(0);
        Picture(actor, address).Should().Be("PPPP");
    }

    [Fact]
    public void MlockBringsPagesBack()
    {
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        actor.Scene.Step(() => actor.Process.Mlock(address, 4 * Scene.Page)).Should().Be(Verdict.Ok);
        Picture(actor, address).Should().Be("PPPP");
    }

    [Theory]
    [InlineData(Backing.FsDax, true)]
    [InlineData(Backing.FsDax, false)]
    [InlineData(Backing.DeviceDax, true)]
    public void NoDeviceMemoryIsEverSwapped(Backing backing, bool shared)
    {
        var scene = Scene.X86("6.1", m =>
        {
            m.Swap("4M");
            _ = backing == Backing.DeviceDax ? m.DeviceDax("64M") : m.Pmem("64M", PmemMode.FsDax);
        });
        var actor = scene.Spawn();
        var pages = backing == Backing.DeviceDax ? 512UL : 4;
        var address = actor.Map(backing, pages, shared, file: backing == Backing.DeviceDax ? scene.Machine.OpenDevice("/dev/dax0.0").Value : null);
        actor.Load(address);
        Reclaim(actor, address, pages).Should().Be(0);
        actor.Process.Pagemap(address).Present.Should().BeTrue();
        scene.Machine.SwappedOut.Should().Be(0);
    }

    [Fact]
    public void APrivateCopyOfADaxPageIsAnonymousAndIsSwapped()
    {
        var scene = Scene.X86("6.1", m => m.Swap("4M").Pmem("64M", PmemMode.FsDax));
        var actor = scene.Spawn();
        var address = actor.Map(Backing.FsDax, 4, shared: false);
        actor.Store(address, 'p');
        actor.Load(address + Scene.Page).Should().Be('B');
        Reclaim(actor, address).Should().Be(1);
        Picture(actor, address, 2).Should().Be("SP");
        actor.Load(address).Should().Be('p');
    }

    [Theory]
    [InlineData("4.4")]
    [InlineData("6.1")]
    public void AMemoryFilesPageLeavesTheFileForAnEntryAndNoPageTableShowsIt(string kernel)
    {
        var scene = SceneOf(kernel);
        var file = scene.File(Backing.Shmem);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Shmem, 4, file: file);
        actor.Store(address, 'x');
        actor.Load(address + Scene.Page).Should().Be('B');
        Reclaim(actor, address, 2).Should().Be(2);
        Picture(actor, address, 2).Should().Be("--");
        actor.Process.SwappedBytes.Should().Be(0, "MM_SWAPENTS counts entries of page tables");
        file.ReadBytesAt(0).Should().Be((byte)'x');
        actor.Load(address + Scene.Page).Should().Be('B');
        scene.Step(() => file.Truncate(0)).Should().Be(Verdict.Ok);
        scene.Machine.SwapAreas[0].UsedBytes.Should().Be(0);
    }

    [Fact]
    public void TruncationGivesSwappedPagesOfAMemoryFileBack()
    {
        var scene = SceneOf("6.1");
        var file = scene.File(Backing.Shmem);
        var actor = scene.Spawn();
        var address = actor.Map(Backing.Shmem, 4, file: file);
        actor.Load(address + (3 * Scene.Page)).Should().Be('D');
        Reclaim(actor, address).Should().Be(4, "the load mapped its neighbours, too");
        scene.Step(() => file.Truncate((long)Scene.Page));
        scene.Machine.SwapAreas[0].UsedBytes.Should().Be((long)Scene.Page);
        actor.TryLoad(address + Scene.Page).Verdict.Signal.Signal.Should().Be(Signal.SIGBUS);
    }

    [Theory]
    [InlineData("6.1")]
    [InlineData("6.12")]
    public void AHugePageGoesOutPageByPageAndComesBackSo(string kernel)
    {
        var actor = SceneOf(kernel).Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'h');
        actor.Store(address + (300 * Scene.Page), 'i');
        actor.Madvise(address, Scene.Huge, Advice.PageOut).Should().Be(Verdict.Ok);
        actor.Process.SwappedBytes.Should().Be((long)Scene.Huge);
        actor.Load(address + (300 * Scene.Page)).Should().Be('i');
        actor.Process.SwappedBytes.Should().Be((long)(Scene.Huge - Scene.Page));
    }

    [Theory]
    [InlineData("6.1", 2044)]
    [InlineData("6.12", 4)]
    public void SplittingAHugePageForOnePageGivesItsZerosBackFrom612On(string kernel, long resident)
    {
        var actor = SceneOf(kernel).Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'h');
        actor.Store(address + Scene.Page, 'i');
        PageOut(actor, address + Scene.Page, 1).Should().Be(Verdict.Ok);
        actor.Process.ReadSmaps().Single(a => a.Start <= address && a.End > address).Kilobytes["Rss"].Should().Be(resident);
    }

    [Fact]
    public void MadviseFreeThenReclaimDropsWhatWasNotWrittenSince()
    {
        var actor = Written("6.1", out var address);
        actor.Madvise(address, 4 * Scene.Page, Advice.Free).Should().Be(Verdict.Ok);
        actor.Load(address).Should().Be('a');
        actor.Store(address + Scene.Page, 'w');
        PageOut(actor, address);
        Picture(actor, address).Should().Be("-P--");
        actor.Load(address).Should().Be('\0');
        actor.Load(address + Scene.Page).Should().Be('w');
        actor.Scene.Machine.SwappedOut.Should().Be(0);
    }

    [Theory]
    [InlineData("5.17", '\0')]
    [InlineData("5.18", 'a')]
    public void APageThatMadviseFreeGaveUpIsNotDroppedUnderItsHolderFrom518On(string kernel, char seen)
    {
        // mm: fix race between MADV_FREE reclaim and blkdev direct IO read.
        var actor = Written(kernel, out var address);
        var held = actor.Get(address).Value;
        actor.Madvise(address, Scene.Page, Advice.Free);
        Reclaim(actor, address, 1);
        actor.Load(address).Should().Be(seen);
        held.Release();
    }

    [Theory]
    [InlineData("4.9", '\0')]
    [InlineData("4.12", 'a')]
    public void WithoutSwapSpaceMadviseFreeDroppedPagesAtOnceUpTo411(string kernel, char seen)
    {
        // mm: enable MADV_FREE for swapless system.
        var actor = Scene.X86(kernel).Spawn();
        var address = Fill(actor);
        actor.Madvise(address, 4 * Scene.Page, Advice.Free).Should().Be(Verdict.Ok);
        actor.Load(address).Should().Be(seen);
    }

    [Fact]
    public void MadviseWillNeedReadsIntoTheSwapCache()
    {
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        actor.Madvise(address, 4 * Scene.Page, Advice.WillNeed).Should().Be(Verdict.Ok);
        Picture(actor, address).Should().Be("SSSS");
        actor.Process.Mincore(address, 4 * Scene.Page).Value.Should().OnlyContain(b => b == 1);
        actor.Scene.Machine.SwappedIn.Should().Be(4);
        var major = actor.Process.MajorFaults;
        actor.Load(address).Should().Be('a');
        actor.Process.MajorFaults.Should().Be(major, "it was in the swap cache");
    }

    [Fact]
    public void DontNeedUnmapAndMapOverGiveSlotsBack()
    {
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        actor.Madvise(address, Scene.Page, Advice.DontNeed).Should().Be(Verdict.Ok);
        actor.Munmap(address + Scene.Page, 1).Should().Be(Verdict.Ok);
        actor.Map(Backing.Anon, 1, shared: false, more: MapFlags.Fixed, at: address + (2 * Scene.Page));
        actor.Process.SwappedBytes.Should().Be((long)Scene.Page);
        actor.Scene.Machine.SwapAreas[0].UsedBytes.Should().Be((long)Scene.Page);
        actor.Load(address).Should().Be('\0');
    }

    [Fact]
    public void MremapMovesSwapEntries()
    {
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        var moved = actor.Mremap(address, 4 * Scene.Page, 4 * Scene.Page, MremapFlags.MayMove | MremapFlags.Fixed, 0x6000_0000_0000).Value;
        Picture(actor, moved).Should().Be("SSSS");
        actor.Load(moved + Scene.Page).Should().Be('b');
        actor.Process.SwappedBytes.Should().Be(3 * (long)Scene.Page);
    }

    [Fact]
    public void ForkNeedsMemoryToCountTheSixtyThirdReferenceAndUndoesEverythingWithoutIt()
    {
        // add_swap_count_continuation: a byte of swap_map counts to 62 (SWAP_MAP_MAX).
        var parent = Written("6.1", out var address, pages: 1);
        PageOut(parent, address, 1);
        var children = Enumerable.Range(0, SwapSpace.MostPlainReferences - 1).Select(_ => parent.Fork()).ToList();
        var swap = parent.Scene.Machine.Memory.Swap!;
        var entry = parent.Entry(address).Pfn(address / Scene.Page);
        swap.CountOf(entry).Should().Be(SwapSpace.MostPlainReferences);
        var failures = new List<string>();
        for (var allocation = 1; ; allocation++)
        {
            parent.Scene.Mm.FailAllocation = allocation;
            var fork = parent.TryFork();
            parent.Scene.Mm.FailAllocation = 0;
            if (fork.IsOk)
            {
                break;
            }

            fork.Word().Should().Be("ENOMEM");
            failures.Add(fork.Verdict.Reason!.Function);
            swap.CountOf(entry).Should().Be(SwapSpace.MostPlainReferences);
        }

        failures.Should().Contain("add_swap_count_continuation");
        swap.CountOf(entry).Should().Be(SwapSpace.MostPlainReferences + 1);
        children.ForEach(c => c.Exit());
        parent.Load(address).Should().Be('a');
    }

    [Fact]
    public void EveryWayToAPageBringsItBack()
    {
        var actor = Written("6.1", out var address, pages: 6);
        var other = actor.Scene.Spawn("other");
        PageOut(actor, address, 6);
        other.VmRead(actor, address).Value.Should().Be(8);
        other.Poke(actor, address + Scene.Page, 'p').Should().Be(Verdict.Ok);
        actor.Get(address + (2 * Scene.Page)).IsOk.Should().BeTrue();
        actor.GetFast(address + (3 * Scene.Page)).IsOk.Should().BeTrue();
        actor.Pin(address + (4 * Scene.Page), 1, GupFlags.LongTerm | GupFlags.Write).IsOk.Should().BeTrue();
        actor.FutexWait(address + (5 * Scene.Page), shared: true).Errno.Should().Be(Errno.EAGAIN);
        Picture(actor, address, 6).Should().Be("PPPPPP");
        actor.Load(address + Scene.Page).Should().Be('p');
    }

    [Fact]
    public void PagemapShowsAreaAndSlot()
    {
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        var first = actor.Process.Pagemap(address);
        first.Should().BeEquivalentTo(new { Present = false, Swapped = true, FileOrShared = false, Exclusive = false, SwapArea = (int?)0 });
        first.SwapOffset.Should().BePositive("slot 0 holds the header");
        actor.Process.Pagemap(address + Scene.Page).SwapOffset.Should().Be(first.SwapOffset + 1);
    }

    [Theory]
    [InlineData("4.2", false)]
    [InlineData("4.3", true)]
    public void SmapsCountsSwapAndFrom43OnEachSharersPart(string kernel, bool proportional)
    {
        var parent = Written(kernel, out var address);
        Reclaim(parent, address);
        parent.Fork();
        var lines = parent.Process.ReadSmaps().Single(a => a.Start == address).Kilobytes;
        lines["Swap"].Should().Be(16);
        (lines.TryGetValue("SwapPss", out var part) ? part : -1).Should().Be(proportional ? 8 : -1);
    }

    [Fact]
    public void ASwapDeviceThatCannotReadKillsWithSigbus()
    {
        // do_swap_page: the page is not up to date.
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        actor.Scene.Machine.SetSwapReadErrors("zram0", true);
        actor.TryLoad(address).Verdict.Signal.Signal.Should().Be(Signal.SIGBUS);
        actor.Scene.Machine.SetSwapReadErrors("zram0", false);
        actor.Load(address).Should().Be('a');
    }

    [Theory]
    [InlineData("4.4")]
    [InlineData("6.1")]
    public void SwapoffBringsEverythingBack(string kernel)
    {
        var scene = SceneOf(kernel);
        var actor = scene.Spawn();
        var address = Fill(actor);
        var file = scene.File(Backing.Shmem);
        var mapped = actor.Map(Backing.Shmem, 4, file: file);
        actor.Store(mapped, 'm');
        Reclaim(actor, address);
        Reclaim(actor, mapped);
        var child = actor.Fork();

        scene.Step(() => scene.Machine.SwapOff("zram0")).Should().Be(Verdict.Ok);

        Picture(actor, address).Should().Be("PPPP");
        Picture(child, address).Should().Be("PPPP");
        actor.PfnAt(address).Should().Be(child.PfnAt(address));
        actor.Load(mapped).Should().Be('m');
        scene.Machine.SwapAreas.Should().BeEmpty();
        PageOut(child, mapped);
        scene.Machine.SwapOff("zram0").Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void SwapoffWithoutMemoryLeavesTheAreaOn()
    {
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        actor.Scene.Mm.FailAllocation = 1;
        actor.Scene.Step(() => actor.Scene.Machine.SwapOff("zram0")).Errno.Should().Be(Errno.ENOMEM);
        actor.Scene.Mm.FailAllocation = 0;
        actor.Scene.Machine.SwapAreas.Should().ContainSingle();
        actor.Load(address).Should().Be('a');
    }

    [Fact]
    public void SnapshotRestoreCloneAndFingerprintIncludeSwap()
    {
        var actor = Written("6.1", out var address);
        var machine = actor.Scene.Machine;
        PageOut(actor, address);
        var mark = machine.Fingerprint();
        var snapshot = machine.Snapshot();
        var clone = machine.Clone();
        clone.Fingerprint().Should().Be(mark);

        actor.Store(address, 'z');
        machine.Fingerprint().Should().NotBe(mark);
        machine.Restore(snapshot);

        machine.Fingerprint().Should().Be(mark);
        actor.Load(address).Should().Be('a');
        var copy = clone.FindProcess(actor.Process.Id)!;
        copy.ReadByte(address + Scene.Page).Value.Should().Be((byte)'b');
        clone.Audit().Should().BeEmpty();
        clone.SwappedIn.Should().Be(1);
    }

    [Fact]
    public void TheAuditMissesNoReferenceOfASlot()
    {
        var actor = Written("6.1", out var address);
        PageOut(actor, address);
        var swap = actor.Scene.Machine.Memory.Swap!;
        var entry = actor.Entry(address).Pfn(address / Scene.Page);
        swap.Count(entry, 1, 1);
        actor.Scene.Machine.Audit().Should().ContainSingle().Which.ToString().Should().Contain("counts 2 references; page tables and files have 1");
        swap.Count(entry, 1, -1);
        actor.Scene.Check();
    }

    [Fact]
    public void KsmPagesGoOutAndComeBackAsPagesOfTheirOwn()
    {
        // ksm_might_need_to_copy.
        var actor = SceneOf("6.1").Spawn();
        var address = actor.Map(Backing.Anon, 3, shared: false);
        for (ulong page = 0; page < 3; page++)
        {
            actor.Store(address + (page * Scene.Page), 'k');
        }

        actor.Madvise(address, 3 * Scene.Page, Advice.Mergeable);
        actor.Scene.Machine.MergeEqualPages().Should().Be(3);
        Reclaim(actor, address, 3).Should().Be(1, "it is one page");
        Picture(actor, address, 3).Should().Be("SSS");
        actor.Load(address).Should().Be('k');
        actor.Load(address + Scene.Page).Should().Be('k');
        actor.Store(address + (2 * Scene.Page), 'x');
        actor.Load(address).Should().Be('k');
        new[] { actor.PfnAt(address), actor.PfnAt(address + Scene.Page), actor.PfnAt(address + (2 * Scene.Page)) }.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void SoftDirtyAndWriteProtectionOutliveSwap()
    {
        var actor = Written("6.1", out var address);
        actor.Process.ClearReferences(ClearReferencesKind.SoftDirty);
        actor.Store(address + Scene.Page, 'w');
        PageOut(actor, address);
        actor.Process.Pagemap(address).SoftDirty.Should().BeFalse();
        actor.Process.Pagemap(address + Scene.Page).SoftDirty.Should().BeTrue();
        actor.Load(address + Scene.Page);
        actor.Process.Pagemap(address + Scene.Page).SoftDirty.Should().BeTrue();
    }
}
