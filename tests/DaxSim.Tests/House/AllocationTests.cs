using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.Policy;
using DaxSim.Tests.AddressSpaces;

namespace DaxSim.Tests.House;

/// <summary>What operations and the building of machines allocate; the benchmarks measure the same more closely.</summary>
[Collection(Observation.Name)]
public class AllocationTests
{
    [Fact]
    public void Half_a_TiB_of_RAM_and_six_TiB_of_persistent_memory_take_less_than_64_KiB()
    {
        Allocated(() => Machine.Build(m => m.Kernel("6.1", Architecture.X8664).Ram("512G").Pmem("6T", PmemMode.FsDax))).Should().BeLessThan(64 << 10);
    }

    [Theory]
    [InlineData("4.14")]
    [InlineData("7.2")]
    public void A_machine_with_one_saved_segment_takes_less_than_16_KiB(string kernel)
    {
        Allocated(() => Machine.Build(m => m.Kernel(kernel, Architecture.S390X).Ram("512M").Dcss("USRSEG", "64M", DcssType.SharedReadOnly))).Should().BeLessThan(16 << 10);
    }

    [Fact]
    public void Taking_and_releasing_a_present_page_allocates_nothing()
    {
        var process = Scene.X86("6.1").Machine.Spawn("driver");
        var memory = process.Mmap(0, Scene.Page, Scene.ReadWrite, MapFlags.Private).Value;
        process.WriteByte(memory, 1);
        var pfns = new ulong[1];

        Allocated(() =>
        {
            process.PinUserPagesFast(memory, pfns, GupFlags.Write);
            process.UnpinUserPages(pfns);
            process.GetUserPagesFast(memory, pfns);
            process.ReleaseUserPages(pfns);
        }).Should().Be(0);
    }

    /// <summary>The smallest of a few runs, in bytes: the first ones pay for what is made once, and a collection can round one up.</summary>
    internal static long Allocated(Action action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 64; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static long Allocated(Func<Machine> build) => Allocated(() => GC.KeepAlive(build()));
}
