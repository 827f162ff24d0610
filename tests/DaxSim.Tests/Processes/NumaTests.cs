using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.Processes;

/// <summary>Machines of two nodes: what the kernel lab's numa recordings show, and what they cannot.</summary>
public class NumaTests
{
    private const ulong Page = 4096;
    private const MemoryPolicyMode Bind = MemoryPolicyMode.Bind;

    private static (Machine Machine, Process Process, ulong Address) Start(string kernel = "6.12", int pages = 4)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Node("64M").Node("64M").HugePages(4).Pmem("64M", PmemMode.FsDax));
        var process = machine.Spawn("task");
        var address = process.Mmap(0, (ulong)pages * Page, Prot.Read | Prot.Write, MapFlags.Private | MapFlags.Anonymous).Value;
        return (machine, process, address);
    }

    private static void Fill(Process process, ulong address, int pages = 4)
    {
        for (var i = 0; i < pages; i++)
        {
            process.WriteByte(address + ((ulong)i * Page), (byte)('a' + i)).Should().Be(Verdict.Ok);
        }
    }

    private static string Nodes(Process process, ulong address, int pages = 4)
        => string.Join(' ', process.MovePages([.. Enumerable.Range(0, pages).Select(i => address + ((ulong)i * Page))], null).Value.Status);

    private static void Check(Machine machine) => machine.Audit().Should().BeEmpty();

    [Fact]
    public void PagesComeFromTheNodeThatRunsTheTask()
    {
        var (machine, process, address) = Start();
        process.RunOnNode(1).Should().Be(Verdict.Ok);
        Fill(process, address);
        Nodes(process, address).Should().Be("1 1 1 1", "numa 6.12, numa_place_cpu1");
        process.RunOnNode(2).Errno.Should().Be(Errno.EINVAL);
        Check(machine);
    }

    [Theory]
    [InlineData(MemoryPolicyMode.Bind, 2UL, "1 1 1 1", "bind:1")]
    [InlineData(MemoryPolicyMode.Preferred, 2UL, "1 1 1 1", "prefer:1")]
    [InlineData(MemoryPolicyMode.PreferredMany, 2UL, "1 1 1 1", "prefer (many):1")]
    [InlineData(MemoryPolicyMode.Interleave, 3UL, "0 1 0 1", "interleave:0-1")]
    [InlineData(MemoryPolicyMode.WeightedInterleave, 3UL, "0 1 0 1", "weighted interleave:0-1")]
    [InlineData(MemoryPolicyMode.Local, 0UL, "0 0 0 0", "local")]
    public void AMappingsPolicyChoosesTheNode(MemoryPolicyMode mode, ulong nodes, string expected, string shown)
    {
        var (machine, process, address) = Start();
        process.Munmap(address, 4 * Page);
        address = process.Mmap(0x10000000000, 4 * Page, Prot.Read | Prot.Write, MapFlags.Private | MapFlags.Anonymous | MapFlags.Fixed).Value;
        process.Mbind(address, 4 * Page, mode, nodes).Should().Be(Verdict.Ok);
        Fill(process, address);
        Nodes(process, address).Should().Be(expected, "numa 6.12, numa_bind_*.cold of anon_private");
        process.ReadNumaMaps().Value.Single(a => a.Start == address).ToString().Should().StartWith(shown);
        Check(machine);
    }

    [Theory]
    [InlineData("5.14", MemoryPolicyMode.PreferredMany)]
    [InlineData("6.8", MemoryPolicyMode.WeightedInterleave)]
    [InlineData("6.12", (MemoryPolicyMode)77)]
    public void OlderKernelsDoNotKnowNewerModes(string kernel, MemoryPolicyMode mode)
    {
        var (_, process, address) = Start(kernel);
        process.SetMemoryPolicy(mode, 3).Errno.Should().Be(Errno.EINVAL, "sanitize_mpol_flags; numa 6.1, numa_place_weighted");
        process.Mbind(address, Page, mode, 3).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData("5.13", (int)MemoryPolicyMode.Preferred)]
    [InlineData("5.14", (int)MemoryPolicyMode.Local)]
    public void ALocalPolicyHasANameOfItsOwnFrom514On(string kernel, int word)
    {
        var (_, process, _) = Start(kernel);
        process.SetMemoryPolicy(MemoryPolicyMode.Local).Should().Be(Verdict.Ok);
        process.GetMemoryPolicy().Value.Should().Be(new MemoryPolicyReport(word, 0), "commit 7858d7bca7fb");
    }

    [Fact]
    public void PoliciesKeepNeighboursApartAndAreInherited()
    {
        var (machine, process, address) = Start();
        process.Mbind(address + Page, 2 * Page, Bind, 2).Should().Be(Verdict.Ok);
        string Lines(Process p) => string.Join(" | ", p.ReadNumaMaps().Value);
        Lines(process).Should().Be("default | bind:1 | default", "numa 6.12, numa_bind_part");
        Lines(process.Fork().Value).Should().Be("default | bind:1 | default");
        process.Mbind(address, 4 * Page, MemoryPolicyMode.Default, 0).Should().Be(Verdict.Ok);
        Lines(process).Should().Be("default");
        Check(machine);
    }

    [Fact]
    public void StrictBindingRefusesPagesElsewhereAndThenSetsNoPolicy()
    {
        var (_, process, address) = Start();
        Fill(process, address);
        process.Mbind(address, 4 * Page, Bind, 2, MbindFlags.Strict).Errno.Should().Be(Errno.EIO, "numa 6.12, numa_bind_strict.wr");
        process.GetMemoryPolicy(MemoryPolicyQuery.Address, address).Value.Word.Should().Be(0);
    }

    [Fact]
    public void BindingMovesWhatNobodyHolds()
    {
        var (machine, process, address) = Start();
        Fill(process, address);
        var pipe = machine.CreatePipe();
        process.Vmsplice(pipe, address + Page, (int)Page).Value.Should().Be((int)Page);
        process.Mbind(address, 4 * Page, Bind, 2, MbindFlags.Move | MbindFlags.Strict).Errno.Should().Be(Errno.EIO, "numa 6.12, numa_bind_held");
        Nodes(process, address).Should().Be("1 0 1 1");
        process.ReadByte(address + (3 * Page)).Value.Should().Be((byte)'d', "bytes move with their page");
        Check(machine);
    }

    [Fact]
    public void MovePagesSaysNothingOfABatchThatFails()
    {
        var (machine, process, address) = Start();
        Fill(process, address);
        process.Vmsplice(machine.CreatePipe(), address + Page, (int)Page);
        ulong[] pages = [address, address + Page, address + (2 * Page)];
        var moved = process.MovePages(pages, [1, 1, 1], unwritten: 77).Value;
        moved.NotMoved.Should().Be(1, "numa 6.12, numa_move_held");
        moved.Status.Should().Equal(77, 77, 77);
        Nodes(process, address, 3).Should().Be("1 0 1");
        Check(machine);
    }

    [Fact]
    public void BeforeTheReworkEachPageHadAStatus()
    {
        var (machine, process, address) = Start("4.16");
        Fill(process, address);
        process.Vmsplice(machine.CreatePipe(), address + Page, (int)Page);
        var moved = process.MovePages([address, address + Page], [1, 1], unwritten: 77).Value;
        moved.NotMoved.Should().Be(0, "do_move_page_to_node_array, from memory");
        moved.Status.Should().Equal(1, -(int)Errno.EAGAIN);
    }

    [Fact]
    public void PagesThatOthersMapNeedMoveAll()
    {
        var (machine, process, address) = Start();
        Fill(process, address);
        var child = process.Fork().Value;
        process.MovePages([address], [1]).Value.Status.Should().Equal([-(int)Errno.EACCES], "numa 6.12, numa_move_shared");
        process.MovePages([address], [1], MbindFlags.MoveAll).Value.Status.Should().Equal(1);
        Nodes(child, address, 1).Should().Be("1");
        process.MovePages([address], [9]).Errno.Should().Be(Errno.ENODEV, "numa 6.12, numa_move_errors");
        process.MovePages([address], [1], (MbindFlags)64).Errno.Should().Be(Errno.EINVAL);
        Check(machine);
    }

    [Fact]
    public void MigratePagesEmptiesANode()
    {
        var (machine, process, address) = Start();
        Fill(process, address);
        process.MigratePages(1, 2).Value.Should().Be(0);
        Nodes(process, address).Should().Be("1 1 1 1", "numa 6.12, numa_migrate");
        process.MigratePages(1, 32).Errno.Should().Be(Errno.EINVAL);
        process.MigratePages(32, 1).Value.Should().Be(0);
        Check(machine);
    }

    [Fact]
    public void DaxPagesAreOnTheNodeOfTheirDeviceAndStayThere()
    {
        var machine = Machine.Build(m => m.Kernel("6.12", Architecture.X8664).Node("64M").Node("64M").Pmem("64M", PmemMode.FsDax, start: 1UL << 32).MemoryOnNode(1, 1UL << 32, 64 << 20));
        machine.Format("/dev/pmem0", "ext4");
        var mount = machine.Mount("/dev/pmem0", "/mnt", "ext4", "dax").Value;
        mount.PlaceFile("file", new byte[Page]);
        var file = mount.Open("file", OpenFlags.ReadWrite).Value;
        var process = machine.Spawn("task");
        var address = process.Mmap(0, Page, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        process.WriteByte(address, 1);
        process.NodeOf(address).Value.Should().Be(1, "lookup_node takes page_to_nid of the page that get_user_pages finds");
        process.MovePages([address], [0]).Value.Status.Should().Equal([-(int)Errno.EFAULT], "vma_migratable is false for DAX; numa 6.12, numa_move of ext4dax_shared");
        process.MigratePages(2, 1).Value.Should().Be(0);
        process.NodeOf(address).Value.Should().Be(1);
        Check(machine);
    }

    [Fact]
    public void BalancingBringsPagesToTheirTask()
    {
        var (machine, process, address) = Start();
        machine.NumaBalancing.Should().BeTrue("check_numabalancing_enable: several nodes");
        process.RunOnNode(1);
        Fill(process, address);
        process.Vmsplice(machine.CreatePipe(), address + Page, (int)Page);
        process.RunOnNode(0);
        machine.PlantNumaHints(process).Should().Be(4, "6.10 and later: a mere reference does not count");
        Fill(process, address);
        Nodes(process, address).Should().Be("0 1 0 0", "numa 6.12, numa_hint_held: the held page cannot move");
        machine.NumaCounters.Should().Be(new NumaCounters(4, 3));
        machine.PlantNumaHints(process).Should().Be(1);
        Check(machine);
    }

    [Theory]
    [InlineData("4.15", 4)]
    [InlineData("4.16", 0)]
    [InlineData("6.12", 0)]
    public void SharedCopiesAreLeftAloneFrom416On(string kernel, int hints)
    {
        var (machine, process, address) = Start(kernel);
        process.RunOnNode(1);
        Fill(process, address);
        var child = process.Fork().Value;
        process.RunOnNode(0);
        machine.PlantNumaHints(process).Should().Be(hints, "commit 859d4adc3415");
        child.Exit();
        Check(machine);
    }

    [Theory]
    [InlineData("5.16", 4)]
    [InlineData("5.17", 3)]
    [InlineData("6.9", 3)]
    [InlineData("6.10", 4)]
    public void HeldPagesOfPrivateMemoryAreLeftAloneWhileTheirReferencesCounted(string kernel, int hints)
    {
        var (machine, process, address) = Start(kernel);
        process.RunOnNode(1);
        Fill(process, address);
        process.Vmsplice(machine.CreatePipe(), address + Page, (int)Page);
        process.RunOnNode(0);
        machine.PlantNumaHints(process).Should().Be(hints, "commits 80d47f5de5e3 and d2136d749d76");
    }

    [Theory]
    [InlineData("6.4", 1)]
    [InlineData("6.5", 0)]
    public void GetUserPagesLeavesHintsAloneFrom65On(string kernel, int faults)
    {
        var (machine, process, address) = Start(kernel);
        process.RunOnNode(1);
        Fill(process, address);
        process.RunOnNode(0);
        machine.PlantNumaHints(process);
        using var pages = process.GetUserPages(address, 1).Value;
        machine.NumaCounters.HintFaults.Should().Be(faults, "commit d74943a2f3cd");
        Nodes(process, address, 1).Should().Be(faults == 1 ? "0" : "1");
        Check(machine);
    }

    [Fact]
    public void AForkedChildInheritsHints()
    {
        var (machine, process, address) = Start("4.15");
        process.RunOnNode(1);
        Fill(process, address, 1);
        process.RunOnNode(0);
        machine.PlantNumaHints(process).Should().Be(1);
        var child = process.Fork().Value;
        child.ReadByte(address).Value.Should().Be((byte)'a');
        machine.NumaCounters.HintFaults.Should().Be(1, "copy_one_pte copies the entry as it is");
        process.ReadByte(address).Value.Should().Be((byte)'a');
        machine.NumaCounters.HintFaults.Should().Be(1, "the move gave the parent's entry its access back (remove_migration_pte)");
        Check(machine);
    }

    [Fact]
    public void AMappingWithAPolicyIsNotBalancedUnlessTheFlagAllowsIt()
    {
        var (machine, process, address) = Start();
        process.RunOnNode(1);
        Fill(process, address);
        process.RunOnNode(0);
        process.Mbind(address, 4 * Page, Bind, 3);
        machine.PlantNumaHints(process).Should().Be(0, "vma_policy_mof; numa 6.12, numa_hint_bound");
        process.Mbind(address, 4 * Page, Bind, 3, flags: MemoryPolicyFlags.NumaBalancing).Should().Be(Verdict.Ok);
        machine.PlantNumaHints(process).Should().Be(4);
        Start("5.11").Process.SetMemoryPolicy(Bind, 3, MemoryPolicyFlags.NumaBalancing).Errno.Should().Be(Errno.EINVAL, "commit bda420b98505");
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void DaxMemoryIsNeverBalanced(string kernel)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Node("64M").Node("64M").Pmem("64M", PmemMode.FsDax, start: 1UL << 32).MemoryOnNode(1, 1UL << 32, 64 << 20));
        machine.Format("/dev/pmem0", "ext4");
        var mount = machine.Mount("/dev/pmem0", "/mnt", "ext4", "dax").Value;
        mount.PlaceFile("file", new byte[Page]);
        var process = machine.Spawn("task");
        var address = process.Mmap(0, Page, Prot.Read | Prot.Write, MapFlags.Shared, mount.Open("file", OpenFlags.ReadWrite).Value).Value;
        process.WriteByte(address, 1);
        machine.PlantNumaHints(process).Should().Be(0, "vma_migratable, and before that vm_normal_page; numa 6.1, 6.12 and 7.2, numa_hint of ext4dax_shared");
        Check(machine);
    }

    [Theory]
    [InlineData("6.6", 0)]
    [InlineData("6.7", 4)]
    public void ShmemIsBalancedOnceAFileWithoutAPolicyDoesNotForbidIt(string kernel, int hints)
    {
        var (machine, process, _) = Start(kernel);
        var address = process.Mmap(0, 4 * Page, Prot.Read | Prot.Write, MapFlags.Shared | MapFlags.Anonymous).Value;
        process.RunOnNode(1);
        Fill(process, address);
        process.RunOnNode(0);
        machine.PlantNumaHints(process).Should().Be(hints, "numa 6.1 and 6.12, numa_hint of anon_shared; the release between them is not known");
    }

    [Fact]
    public void OnOneNodeBalancingStaysOff()
    {
        var machine = Machine.Build(m => m.Kernel("6.12", Architecture.X8664).Ram("64M"));
        machine.NumaBalancing = true;
        machine.NumaBalancing.Should().BeFalse("check_numabalancing_enable");
        machine.NodeCount.Should().Be(1);
        var build = () => Machine.Build(m => m.Kernel("6.12", Architecture.X8664).Ram("64M").Node("64M"));
        build.Should().Throw<InvalidOperationException>().WithMessage("*leave Ram out*");
    }

    [Fact]
    public void PlacementGoesBackWithASnapshot()
    {
        var (machine, process, address) = Start();
        var before = machine.Fingerprint();
        var snapshot = machine.Snapshot();
        process.RunOnNode(1);
        process.SetMemoryPolicy(Bind, 2);
        Fill(process, address);
        process.MigratePages(2, 1);
        machine.Restore(snapshot);
        machine.Fingerprint().Should().Be(before);
        Fill(process, address);
        Nodes(process, address).Should().Be("0 0 0 0");
        var clone = machine.Clone();
        clone.Fingerprint().Should().Be(machine.Fingerprint());
    }
}
