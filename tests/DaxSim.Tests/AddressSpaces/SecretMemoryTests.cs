using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>memfd_secret memory: whether it is locked, and what follows. Source: recordings of 6.1.192, 6.12.107, 7.2.12 and 7.3.4.</summary>
public class SecretMemoryTests
{
    private static (Machine Machine, Process Process, ulong Address) Mapped(string kernel)
    {
        var machine = Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("256M"));
        var process = machine.Spawn("test");
        var address = process.Mmap(0, 16384, Prot.Read | Prot.Write, MapFlags.Shared, machine.CreateSecretMemory().Value).Value;
        machine.Audit().Should().BeEmpty();
        return (machine, process, address);
    }

    [Theory]
    [InlineData("6.12.107", Errno.EINVAL)]
    [InlineData("6.1.192", Errno.None)]
    [InlineData("7.2.12", Errno.None)]
    [InlineData("7.3.4", Errno.None)]
    public void Madvise_dontneed_refuses_it_where_mmap_locks_it(string kernel, Errno expected)
    {
        var (machine, process, address) = Mapped(kernel);

        process.Madvise(address, 16384, Advice.DontNeed).Errno.Should().Be(expected);

        machine.Audit().Should().BeEmpty();
    }

    [Theory]
    [InlineData("6.12.107", 4)]
    [InlineData("7.2.12", 0)]
    public void It_counts_as_locked_memory_until_it_is_unmapped(string kernel, long pages)
    {
        var (machine, process, address) = Mapped(kernel);

        process.LockedBytes.Should().Be(pages * 4096);
        process.Munmap(address, 16384).IsOk.Should().BeTrue();

        process.LockedBytes.Should().Be(0);
        machine.Audit().Should().BeEmpty();
    }
}
