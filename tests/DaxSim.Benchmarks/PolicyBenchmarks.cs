using BenchmarkDotNet.Attributes;
using DaxSim.Policy;

namespace DaxSim.Benchmarks;

/// <summary>Folding the history, which each kernel of a process pays once, and asking for a kernel again.</summary>
[MemoryDiagnoser]
[MinColumn]
public class PolicyBenchmarks
{
    private KernelConfig newest = null!;
    private KernelConfig question = null!;

    /// <summary>A configuration given by hand is folded each time.</summary>
    [GlobalSetup]
    public void Setup()
    {
        newest = KernelConfig.Default(KernelVersion.Newest, Architecture.X8664);
        question = KernelConfig.Default(KernelVersion.Parse("4.14"), Architecture.S390X);
    }

    /// <summary>The newest kernel folds the longest history.</summary>
    [Benchmark]
    public KernelPolicy FoldNewest() => KernelPolicy.Mainline(KernelVersion.Newest, Architecture.X8664, newest);

    /// <summary>The kernel of the 2017 question.</summary>
    [Benchmark]
    public KernelPolicy FoldQuestion() => KernelPolicy.Mainline(question.Version, Architecture.S390X, question);

    /// <summary>A kernel that was folded before.</summary>
    [Benchmark]
    public KernelPolicy Again() => KernelPolicy.Mainline("4.14", Architecture.S390X);
}
