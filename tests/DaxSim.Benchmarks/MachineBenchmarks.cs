using BenchmarkDotNet.Attributes;
using DaxSim.Devices;
using DaxSim.Policy;

namespace DaxSim.Benchmarks;

/// <summary>Building a machine: cost must not follow the size of what is built. Bars: 64 KiB, and 16 KiB for a DCSS alone.</summary>
[MemoryDiagnoser]
[MinColumn]
public class MachineBenchmarks
{
    private KernelPolicy large = null!;
    private KernelPolicy small = null!;

    /// <summary>Policies are shared by machines, as in a test suite.</summary>
    [GlobalSetup]
    public void Setup()
    {
        large = KernelPolicy.Mainline("6.1", Architecture.X8664);
        small = KernelPolicy.Mainline("4.14", Architecture.S390X);
    }

    /// <summary>512 GiB of RAM and 6 TiB of persistent memory with struct pages.</summary>
    [Benchmark]
    public Machine LargeMachine() => Machine.Build(m => m.Kernel(large).Ram("512G").Pmem("6T", PmemMode.FsDax));

    /// <summary>The same with the kernel named instead of given.</summary>
    [Benchmark]
    public Machine LargeMachineByName() => Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Ram("512G").Pmem("6T", PmemMode.FsDax));

    /// <summary>A small machine with one saved segment.</summary>
    [Benchmark]
    public Machine SegmentOnly() => Machine.Build(m => m.Kernel(small).Ram("512M").Dcss("USRSEG", "64M", DcssType.SharedReadOnly));

    /// <summary>The same with the kernel named instead of given.</summary>
    [Benchmark]
    public Machine SegmentOnlyByName() => Machine.Build(m => m.Kernel("4.14", Architecture.S390X).Ram("512M").Dcss("USRSEG", "64M", DcssType.SharedReadOnly));
}
