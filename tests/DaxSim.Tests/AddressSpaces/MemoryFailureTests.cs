using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Memory failure and soft offlining of huge pages and of pages with data that are nowhere else. Source: mm/memory-failure.c of the releases; a7605426666e.</summary>
public class MemoryFailureTests
{
    private static readonly byte[] Zero = [0];

    private static Scene Huge(string kernel = "6.1") => Scene.X86(kernel, m => m.TransparentHugePages(always: true));

    [Theory]
    [InlineData("4.14")]
    [InlineData("6.1")]
    public void SoftOfflineSplitsATransparentHugePageAndMovesTheOnePage(string kernel)
    {
        var actor = Huge(kernel).Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'a');
        actor.Store(address + Scene.Page, 'b');
        actor.Store(address + Scene.Huge - Scene.Page, 'z');
        var before = actor.Space.PageTable.PmdPfn(address / Scene.Huge, actor.Space.PageTable.Pmds[address / Scene.Huge]);

        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);

        actor.PfnAt(address).Should().Be(before, "its neighbours stay");
        actor.PfnAt(address + Scene.Page).Should().NotBe(before + 1);
        actor.Load(address + Scene.Page).Should().Be('b');
        actor.Load(address + Scene.Huge - Scene.Page).Should().Be('z');
        actor.Scene.Machine.Memory.IsFree(before + 1).Should().BeTrue("it was given back, but is never handed out again");
        actor.Exit();
        actor.Scene.Check();
    }

    [Fact]
    public void AHeldHugePageCannotBeSplit()
    {
        var actor = Huge().Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'a');
        var held = actor.Get(address + (5 * Scene.Page)).Value;
        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Errno.Should().Be(Errno.EBUSY);
        held.Release();
        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);
    }

    [Fact]
    public void AFailureInAHugePageKillsOnePageOfIt()
    {
        var actor = Huge().Spawn();
        var address = actor.MapHuge();
        actor.Store(address, 'a');
        var child = actor.Fork();
        actor.Madvise(address + Scene.Page, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);
        actor.TryLoad(address + Scene.Page).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        child.TryLoad(address + Scene.Page).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        actor.Load(address).Should().Be('a');
        child.Load(address).Should().Be('a');
        child.Exit();
        actor.Exit();
        actor.Scene.Check();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SoftOfflineOfThePoolMovesTheWholePageAndThePoolShrinks(bool shared)
    {
        var scene = Scene.X86("6.1");
        var actor = scene.Spawn();
        var address = actor.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, (shared ? MapFlags.Shared : MapFlags.Private) | MapFlags.Anonymous | MapFlags.HugeTlb).Value;
        actor.Store(address, 'a');
        actor.Store(address + Scene.Huge - 1, 'z');
        var table = actor.Space.PageTable;
        var before = table.PmdPfn(address / Scene.Huge, table.Pmds[address / Scene.Huge]);
        var committed = scene.Mm.HugeTlbCommitted;

        actor.Madvise(address + Scene.Page, Scene.Page, Advice.SoftOffline).Should().Be(Verdict.Ok);

        table.PmdPfn(address / Scene.Huge, table.Pmds[address / Scene.Huge]).Should().NotBe(before);
        actor.Load(address).Should().Be('a');
        actor.Load(address + Scene.Huge - 1).Should().Be('z');
        scene.Mm.HugeTlbCommitted.Should().Be(committed + 1);
        actor.Exit();
        scene.Check();
    }

    [Fact]
    public void ADirtyFilePageIsLostAndTheNextFsyncTells()
    {
        var actor = Scene.X86("6.1").Spawn();
        var file = actor.Scene.File(Backing.PageCache);
        var address = actor.Map(Backing.PageCache, file: file);
        actor.Store(address, 'Q');

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        actor.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR, "the entry says that its page is dead");
        file.Sync().Errno.Should().Be(Errno.EIO);
        file.Sync().Should().Be(Verdict.Ok, "the error is told once");
        var other = actor.Scene.Spawn("other");
        other.Load(other.Map(Backing.PageCache, file: file)).Should().Be('A', "the disk has the old data");
    }

    [Theory]
    [InlineData("5.15", true)]
    [InlineData("5.16", false)]
    public void AMemoryFileLosesAPoisonedPageSilentlyUntilFiveFifteen(string kernel, bool zeros)
    {
        var actor = Scene.X86(kernel).Spawn();
        var file = actor.Scene.File(Backing.Shmem);
        var address = actor.Map(Backing.Shmem, file: file);
        actor.Load(address).Should().Be('A');

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        var other = actor.Scene.Spawn("other");
        var again = other.TryLoad(other.Map(Backing.Shmem, file: file));
        again.IsOk.Should().Be(zeros);
        (again.IsOk ? again.Value : Zero[0]).Should().Be(0);
    }

    private static (Actor Actor, ulong Address) Pool(string kernel, bool shared)
    {
        var actor = Scene.X86(kernel).Spawn();
        var address = actor.Process.Mmap(0, Scene.Huge, Scene.ReadWrite, (shared ? MapFlags.Shared : MapFlags.Private) | MapFlags.Anonymous | MapFlags.HugeTlb).Value;
        actor.Store(address, 'a');
        return (actor, address);
    }

    /// <summary>mm/hugetlb.c hugetlb_fault: is_hugetlb_entry_hwpoisoned; arch/x86/mm/fault.c do_sigbus: the size comes from VM_FAULT_HWPOISON_LARGE.</summary>
    [Theory]
    [InlineData("3.10", false)]
    [InlineData("4.14", true)]
    [InlineData("6.12", false)]
    [InlineData("7.2", true)]
    public void AFailureInThePoolKillsTheWholeHugePageForEverybody(string kernel, bool shared)
    {
        var (actor, address) = Pool(kernel, shared);
        var child = actor.Fork();
        var committed = actor.Scene.Mm.HugeTlbCommitted;

        actor.Madvise(address + Scene.Page, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        foreach (var process in new[] { actor, child })
        {
            var signal = process.TryLoad(address + 5).Verdict.Signal;
            (signal.Code, signal.Address, signal.AddressLsb).Should().Be((SiCode.BUS_MCEERR_AR, address + 5, 21), "no base page of it can be reached any more");
        }

        actor.Get(address, 1).Word().Should().Be("EFAULT");
        actor.Get(address, 1, GupFlags.HwPoison).Word().Should().Be(kernel == "3.10" ? "EFAULT" : "EHWPOISON");
        actor.Scene.Mm.HugeTlbCommitted.Should().Be(committed + 1, "the pool is one smaller");
        child.Exit();
        actor.Munmap(address, (int)(Scene.Huge / Scene.Page));
        actor.Exit();
        actor.Scene.Check();
    }

    [Fact]
    public void ABasePagesFailureHasTheSizeOfAPage()
    {
        var actor = Scene.X86("6.1").Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        actor.Store(address, 'a');
        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);
        actor.TryLoad(address).Verdict.Signal.AddressLsb.Should().Be(12);
    }

    [Theory]
    [InlineData("3.15", VerdictKind.Undefined)]
    [InlineData("3.16", VerdictKind.Ok)]
    public void ForkCopiesTheEntryOfAPoisonedHugePage(string kernel, VerdictKind outcome)
    {
        var (actor, address) = Pool(kernel, shared: false);
        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        var child = actor.Process.Fork();

        child.Verdict.Kind.Should().Be(outcome, "4a705fef9862");
        if (child.IsOk)
        {
            child.Value.ReadByte(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
            actor.Scene.Check();
        }
    }

    [Theory]
    [InlineData("6.0", true)]
    [InlineData("6.1", false)]
    public void AHugeFileLosesAPoisonedPageSilentlyUntilSixZero(string kernel, bool zeros)
    {
        var (actor, address) = Pool(kernel, shared: true);
        actor.Madvise(address + Scene.Page, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);

        // The dead entry goes with MADV_DONTNEED; the next touch asks the file.
        actor.Madvise(address, Scene.Huge, Advice.DontNeed).Should().Be(Verdict.Ok);
        var again = actor.TryLoad(address);

        again.IsOk.Should().Be(zeros, "8625147cafaa");
        (again.IsOk ? again.Value : Zero[0]).Should().Be(0);
        actor.Exit();
        actor.Scene.Check();
    }

    /// <summary>page_action and me_huge_page: what somebody else holds is poisoned and unmapped all the same.</summary>
    [Theory]
    [InlineData("5.10", false, Errno.EBUSY)]
    [InlineData("5.15", false, Errno.EBUSY)]
    [InlineData("5.16", false, Errno.None)]
    [InlineData("5.10", true, Errno.None)]
    [InlineData("5.11", true, Errno.EBUSY)]
    [InlineData("6.12", true, Errno.EBUSY)]
    public void AHeldPageMayMakeTheFailureBusy(string kernel, bool pool, Errno expected)
    {
        var (actor, address) = pool ? Pool(kernel, shared: false) : (Scene.X86(kernel).Spawn(), 0UL);
        if (!pool)
        {
            address = actor.Map(Backing.Anon, 1, shared: false);
            actor.Store(address, 'a');
        }

        var held = actor.Get(address).Value;

        actor.Madvise(address, Scene.Page, Advice.HwPoison).Errno.Should().Be(expected);

        actor.TryLoad(address).Verdict.Signal.Code.Should().Be(SiCode.BUS_MCEERR_AR);
        held.Release();
        actor.Exit();
        actor.Scene.Check();
    }

    /// <summary>mm/memory-failure.c me_kernel: a page of the kernel's own is left alone.</summary>
    [Fact]
    public void TheZeroPageCannotFail()
    {
        var actor = Scene.X86("6.1").Spawn();
        var address = actor.Map(Backing.Anon, 1, shared: false);
        actor.Load(address);
        actor.Madvise(address, Scene.Page, Advice.HwPoison).Errno.Should().Be(Errno.EBUSY);
        actor.Load(address).Should().Be('\0');
    }

    [Theory]
    [InlineData("5.15", Errno.None)]
    [InlineData("5.16", Errno.EIO)]
    public void ReadingAPoisonedPageOfAMemoryFileFailsWhereTheFileKeepsIt(string kernel, Errno expected)
    {
        var actor = Scene.X86(kernel).Spawn();
        var file = actor.Scene.File(Backing.Shmem);
        var address = actor.Map(Backing.Shmem, file: file);
        actor.Load(address);
        actor.Madvise(address, Scene.Page, Advice.HwPoison).Should().Be(Verdict.Ok);
        var buffer = actor.Map(Backing.Anon, 1, shared: false);

        actor.Process.Pread(file, buffer, 16, 0).Verdict.Errno.Should().Be(expected, "a7605426666e");
    }
}
