using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>Populating a DAX mapping by runs leads to the state that a fault at every page leads to.</summary>
public class PopulateRunTests
{
    private const ulong Page = 4096;
    private const int FilePages = 1800;

    public static TheoryData<string, string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, int>();
            foreach (var (kernel, device) in new[]
            {
                ("4.9", "pages"), ("4.14", "pages"), ("5.15", "pages"), ("6.1", "pages"), ("6.12", "pages"), ("6.16", "pages"), ("7.2", "pages"),
                ("4.9", "raw"), ("6.1", "segment"), ("4.16", "segment"), ("7.2", "segment"), ("6.1", "devdax"), ("7.2", "devdax"), ("6.1", "devdax4k"), ("7.2", "devdax4k"),
            })
            {
                for (var seed = 0; seed < 6; seed++)
                {
                    cases.Add(kernel, device, seed);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Runs_and_single_faults_have_the_same_outcome(string kernel, string device, int seed)
    {
        var byRuns = Play(kernel, device, seed, pageByPage: false);
        var byPages = Play(kernel, device, seed, pageByPage: true);

        byRuns.Outcome.Should().Equal(byPages.Outcome);
        byRuns.Machine.Fingerprint().Should().Be(byPages.Machine.Fingerprint());
        byRuns.Machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("5.15", "pages")]
    [InlineData("6.1", "pages")]
    [InlineData("6.1", "segment")]
    [InlineData("7.2", "pages")]
    [InlineData("7.2", "segment")]
    public void A_TiB_is_populated_forked_audited_and_unmapped_by_extents(string kernel, string device)
    {
        var machine = Machine.Build(m => Describe(m, kernel, device, "2T"));
        var file = machine.Mount($"/dev/{machine.Devices[0].Name}", "/mnt", "ext4", "dax").Value.Open("file", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.BeginAllocate(FallocateMode.None, 0, 1L << 40).Verdict.IsOk.Should().BeTrue();
        var process = machine.Spawn("populate");
        var address = process.Mmap(0, 1UL << 40, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;

        process.Madvise(address, 1UL << 40, Advice.PopulateWrite).IsOk.Should().BeTrue();

        process.Space.PageTable.Ptes.SegmentCount.Should().BeLessThan(4);
        process.Space.PageTable.Pmds.SegmentCount.Should().BeLessThan(4);
        machine.Memory.Pages.SegmentCount.Should().BeLessThan(10);
        process.Pagemap(address + (1UL << 39)).Present.Should().BeTrue();
        var child = process.Fork().Value;
        machine.Audit().Should().BeEmpty();
        child.Exit();
        process.Munmap(address, 1UL << 40).IsOk.Should().BeTrue();
        machine.Audit().Should().BeEmpty();
        file.Truncate(0).IsOk.Should().BeTrue();
        machine.Audit().Should().BeEmpty();
    }

    private static void Describe(MachineBuilder m, string kernel, string device, string size)
    {
        if (device == "segment")
        {
            m.Kernel(kernel, Architecture.S390X).Ram("256M").Dcss("SEGMENT", size, DcssType.ExclusiveReadWrite);
            return;
        }

        m.Kernel(kernel, Architecture.X8664).Ram("256M");
        _ = device switch
        {
            "pages" => m.Pmem(size, PmemMode.FsDax),
            "raw" => m.Pmem(size),
            "devdax" => m.DeviceDax(size),
            _ => m.DeviceDax(size, "4K"),
        };
    }

    private static (Machine Machine, List<string> Outcome) Play(string kernel, string device, int seed, bool pageByPage)
    {
        var machine = Machine.Build(m => Describe(m, kernel, device, device == "pages" && kernel == "4.9" ? "256M" : "32M"));
        var random = new Random(seed);
        var outcome = new List<string>();
        var process = machine.Spawn("populate");
        var file = device.StartsWith("devdax", StringComparison.Ordinal) ? machine.OpenDevice("/dev/dax0.0").Value : MakeFile(machine, random, outcome);
        for (var i = 0; i < 5; i++)
        {
            Map(machine, process, file, device, random, outcome, pageByPage);
        }

        return (machine, outcome);
    }

    /// <summary>A file of written, unwritten and missing blocks, in few pieces or many.</summary>
    private static FileHandle MakeFile(Machine machine, Random random, List<string> outcome)
    {
        var mount = machine.Mount($"/dev/{machine.Devices[0].Name}", "/mnt", "ext4", "dax");
        mount.IsOk.Should().BeTrue("{0}", mount.Verdict.Reason);
        var other = mount.Value.Open("other", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        var file = mount.Value.Open("file", OpenFlags.ReadWrite | OpenFlags.Create).Value;
        file.Truncate(FilePages * (long)Page).IsOk.Should().BeTrue();
        var bytes = new byte[Page];
        for (var piece = 0; piece < 6; piece++)
        {
            var first = random.Next(FilePages);
            var count = Math.Min(FilePages - first, random.Next(4) switch { 0 => 1, 1 => random.Next(20), _ => random.Next(1400) } + 1);
            outcome.Add($"{first}+{count}");
            if (random.Next(2) == 0)
            {
                outcome.Add(file.BeginAllocate(FallocateMode.None, first * (long)Page, count * (long)Page).Verdict.ToString());
                continue;
            }

            for (var i = 0; i < Math.Min(count, 600); i++)
            {
                Array.Fill(bytes, (byte)(i + 1));
                outcome.Add(file.WriteBytes((first + i) * (long)Page, bytes).ToString());
            }

            // So that the next piece lies elsewhere.
            other.WriteBytes(piece * (long)Page, bytes);
        }

        if (machine.Devices[0].Name.StartsWith("pmem", StringComparison.Ordinal) && random.Next(2) == 0)
        {
            machine.InjectMediaError("/dev/pmem0", (2 << 20) + (random.Next(FilePages) * (long)Page));
        }

        return file;
    }

    private static void Map(Machine machine, Process process, FileHandle file, string device, Random random, List<string> outcome, bool pageByPage)
    {
        var whole = device == "devdax";
        var offset = whole ? random.Next(2) * 512 : random.Next(3) switch { 0 => 0, 1 => 512, _ => random.Next(600) };
        var pages = whole ? 1024 : random.Next(1, FilePages - offset + 20);
        var shared = device.StartsWith("devdax", StringComparison.Ordinal) || random.Next(3) > 0;
        var address = process.Mmap(0, (ulong)pages * Page, Prot.Read | (shared || random.Next(2) == 0 ? Prot.Write : 0), shared ? MapFlags.Shared : MapFlags.Private, file, offset * (long)Page).Value;
        for (var i = random.Next(3); i > 0 && shared; i--)
        {
            outcome.Add(process.ReadByte(address + ((ulong)random.Next(pages) * Page)).ToString());
        }

        if (pageByPage)
        {
            // Populate looks for no runs while an allocation is to fail some day.
            machine.MemoryManager.FailAllocation = int.MaxValue;
        }

        for (var i = 0; i < 2; i++)
        {
            var first = (ulong)random.Next(pages);
            var count = (ulong)random.Next(1, pages + 1 - (int)first);
            var advice = random.Next(2) == 0 ? Advice.PopulateRead : Advice.PopulateWrite;
            outcome.Add(process.Madvise(address + (first * Page), count * Page, advice).ToString());
        }

        outcome.Add(machine.MemoryManager.Populate(process.Space, address, address + ((ulong)pages * Page), ignoreErrors: true).ToString());
        machine.MemoryManager.FailAllocation = 0;
    }
}
