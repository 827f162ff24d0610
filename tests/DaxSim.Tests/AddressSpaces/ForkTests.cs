using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Tests.AddressSpaces;

public class ForkTests
{
    private const ulong Page = 4096;

    private static Machine X86(string kernel) => Machine.Build(m => m.Kernel(kernel, Architecture.X8664).Ram("256M"));

    [Theory]
    [InlineData("3.10")]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.2")]
    public void A_child_sees_the_parents_private_memory_as_it_was_at_the_fork(string kernel)
    {
        // Source: cow.c "Basic COW after fork()" (peers C-1).
        var machine = X86(kernel);
        var parent = machine.Spawn("parent");
        var memory = parent.Mmap(0, 4 * Page, Prot.Read | Prot.Write, MapFlags.Private).Value;
        parent.WriteByte(memory, (byte)'A').IsOk.Should().BeTrue();
        var child = parent.Fork().Value;
        machine.Audit().Should().BeEmpty();

        parent.WriteByte(memory, (byte)'B').IsOk.Should().BeTrue();

        machine.Audit().Should().BeEmpty();
        child.ReadByte(memory).Value.Should().Be((byte)'A');
        parent.ReadByte(memory).Value.Should().Be((byte)'B');
        child.Exit();
        parent.Exit();
        machine.Audit().Should().BeEmpty();
    }
}
