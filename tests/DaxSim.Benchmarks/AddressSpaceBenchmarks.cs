using BenchmarkDotNet.Attributes;
using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Benchmarks;

/// <summary>fork of a TiB of DAX in three extents: blocks, one private copy, blocks. Bars: 10 us and 4 KiB. The size grows to show that it does not matter.</summary>
[MemoryDiagnoser]
[MinColumn]
public class DaxForkBenchmarks
{
    private Forks forks = null!;

    /// <summary>The kernel, and how its DAX pages are known: devmap entries, special entries, counted pages.</summary>
    [Params("6.1 devmap", "6.1 special", "7.2 counted")]
    public string Kind { get; set; } = "";

    /// <summary>The size of the mapping.</summary>
    [Params("1G", "32G", "1T")]
    public string Size { get; set; } = "";

    /// <summary>Populates the mapping.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var process = Scenes.PopulatedDax(Kind, Size);
        forks = new Forks(Scenes.Last!, process, 256);
    }

    /// <summary>fork.</summary>
    [Benchmark]
    public Process Fork() => forks.Next();
}

/// <summary>fork of pages of which no two neighbours are alike: the worst case.</summary>
[MemoryDiagnoser]
[MinColumn]
public class DivergedForkBenchmarks
{
    private Forks forks = null!;

    /// <summary>Pages that were each written in another order than they lie in memory. Bar: 1 ms for 262,144.</summary>
    [Params(4_096, 32_768, 262_144)]
    public int Pages { get; set; }

    /// <summary>Writes the pages in disorder.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var (machine, process) = Scenes.Diverged(Pages);
        forks = new Forks(machine, process, 2);
    }

    /// <summary>fork.</summary>
    [Benchmark]
    public Process Fork() => forks.Next();
}

/// <summary>
/// Forks of one process, one after the other, as many as a benchmark likes: after every so many the machine goes back to where it was.
/// Exited children would pile up, since a machine remembers who there was, and each iteration would be slower than the one before.
/// </summary>
internal sealed class Forks(Machine machine, Process process, int before)
{
    private readonly MachineSnapshot origin = machine.Snapshot();
    private int done;

    internal Process Next()
    {
        if (done++ == before)
        {
            machine.Restore(origin);
            done = 1;
        }

        return process.Fork().Value;
    }
}

/// <summary>One page: get_user_pages_fast (bar: 100 ns, 0 bytes) and a DAX fault (bar: 500 ns).</summary>
[MemoryDiagnoser]
[MinColumn]
public class PageBenchmarks
{
    private const int Batch = 512;
    private readonly ulong[] pfns = new ulong[1];
    private Process dax = null!;
    private Process anonymous = null!;
    private ulong mapped;
    private ulong memory;

    /// <summary>The kernel.</summary>
    [Params("4.14", "6.1", "7.2")]
    public string Kernel { get; set; } = "";

    /// <summary>A DAX mapping and a page of anonymous memory.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var machine = Machine.Build(m => m.Kernel(Kernel, Architecture.X8664).Ram("512M").Pmem("1G", PmemMode.FsDax));
        var file = Scenes.DaxFile(machine, Batch * 4096);
        dax = machine.Spawn("dax");
        mapped = dax.Mmap(0, Batch * 4096, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        dax.Madvise(mapped, Batch * 4096, Advice.NoHugePage);
        anonymous = machine.Spawn("anonymous");
        memory = anonymous.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;
        anonymous.WriteByte(memory, 1);
    }

    /// <summary>get_user_pages_fast of one present page, and put_page.</summary>
    [Benchmark]
    public int GetPageAndPut()
    {
        var count = anonymous.GetUserPagesFast(memory, pfns, GupFlags.Write).Value;
        anonymous.ReleaseUserPages(pfns);
        return count;
    }

    /// <summary>pin_user_pages_fast of one present page, and unpin_user_page.</summary>
    [Benchmark]
    public int PinPageAndUnpin()
    {
        var count = anonymous.PinUserPagesFast(memory, pfns, GupFlags.Write).Value;
        anonymous.UnpinUserPages(pfns);
        return count;
    }

    /// <summary>A store to each of 512 pages of a DAX file that are not mapped yet, and their unmapping.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public void DaxFault()
    {
        for (var i = 0UL; i < Batch; i++)
        {
            dax.WriteByte(mapped + (i * 4096), 1);
        }

        dax.Madvise(mapped, Batch * 4096, Advice.DontNeed);
    }
}

/// <summary>Bars: a snapshot of 100 processes and a TiB device 20 us; a machine from nothing to a pinned page 50 us.</summary>
[MemoryDiagnoser]
[MinColumn]
public class WholeMachineBenchmarks
{
    private Machine crowded = null!;
    private MachineSnapshot origin = null!;
    private Process one = null!;
    private ulong page;

    /// <summary>100 processes, each with a TiB of DAX and a page of its own.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var process = Scenes.PopulatedDax("6.1 devmap", "1T");
        crowded = Scenes.Last!;
        page = process.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;
        process.WriteByte(page, 1);
        one = process;
        for (var i = 1; i < 100; i++)
        {
            process.Fork().Value.WriteByte(page, 2);
        }

        origin = crowded.Snapshot();
    }

    /// <summary>Snapshot.</summary>
    [Benchmark]
    public MachineSnapshot Snapshot() => crowded.Snapshot();

    /// <summary>One store after a snapshot, and back.</summary>
    [Benchmark]
    public void WriteAndRestore()
    {
        one.WriteByte(page, 3);
        crowded.Restore(origin);
    }

    /// <summary>A copy of everything.</summary>
    [Benchmark]
    public Machine Clone() => crowded.Clone();

    /// <summary>A hash of everything.</summary>
    [Benchmark]
    public string Fingerprint() => crowded.Fingerprint();

    /// <summary>Build, mount, open, mmap, fault, fork, gup: what one unit test does.</summary>
    [Benchmark]
    public int WholeTest() => Scenes.WholeTest();

    /// <summary>The same, with the audit.</summary>
    [Benchmark]
    public int WholeTestAudited() => Scenes.WholeTest(audit: true);

    /// <summary>The same with what test projects switch on: each call keeps its decisions.</summary>
    [Benchmark]
    public int WholeTestRecorded() => Scenes.WholeTest(records: true);
}

/// <summary>Populating a DAX mapping: what it costs does not follow the size.</summary>
[MemoryDiagnoser]
[MinColumn]
public class PopulateBenchmarks
{
    private Process process = null!;
    private FileHandle file = null!;
    private ulong length;

    /// <summary>The kernel, and how its DAX pages are known.</summary>
    [Params("6.1 devmap", "6.1 special", "7.2 counted")]
    public string Kind { get; set; } = "";

    /// <summary>The size of the mapping.</summary>
    [Params("1G", "1T")]
    public string Size { get; set; } = "";

    /// <summary>A file.</summary>
    [GlobalSetup]
    public void Setup()
    {
        length = (ulong)ByteSize.Parse(Size);
        var machine = Scenes.DaxMachine(Kind);
        file = Scenes.DaxFile(machine, (long)length);
        process = machine.Spawn("populate");
    }

    /// <summary>mmap, MADV_POPULATE_WRITE, munmap.</summary>
    [Benchmark]
    public void MapPopulateUnmap()
    {
        var address = process.Mmap(0, length, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        process.Madvise(address, length, Advice.PopulateWrite);
        process.Munmap(address, length);
    }
}
