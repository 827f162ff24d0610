using BenchmarkDotNet.Attributes;
using DaxSim.Policy;

namespace DaxSim.Benchmarks;

/// <summary>Folding the history: what every machine pays first.</summary>
[MemoryDiagnoser]
[MinColumn]
public class PolicyBenchmarks
{
    /// <summary>The newest kernel folds the longest history.</summary>
    [Benchmark]
    public KernelPolicy Newest() => KernelPolicy.Mainline(KernelVersion.Newest, Architecture.X8664);

    /// <summary>The kernel of the 2017 question.</summary>
    [Benchmark]
    public KernelPolicy Question() => KernelPolicy.Mainline("4.14", Architecture.S390X);
}
