using DaxSim.Devices;
using DaxSim.Policy;

namespace DaxSim.Tests.House;

/// <summary>What building machines allocates; the benchmarks measure the same more closely.</summary>
[Collection(Observation.Name)]
public class AllocationTests
{
    [Fact]
    public void Half_a_TiB_of_RAM_and_six_TiB_of_persistent_memory_take_less_than_64_KiB()
    {
        Allocated(() => Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Ram("512G").Pmem("6T", PmemMode.FsDax))).Should().BeLessThan(64 << 10);
    }

    [Fact]
    public void A_machine_with_one_saved_segment_takes_less_than_16_KiB()
    {
        Allocated(() => Machine.Build(m => m.Kernel("4.14", Architecture.S390X).Ram("512M").Dcss("USRSEG", "64M", DcssType.SharedReadOnly))).Should().BeLessThan(16 << 10);
    }

    /// <summary>The smallest of a few runs: the first ones pay for what is made once.</summary>
    private static long Allocated(Func<Machine> build)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            GC.KeepAlive(build());
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
