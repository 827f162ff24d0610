using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Cells;

/// <summary>Machine.Explain: the same operation with recording on, undone afterwards.</summary>
public class ExplainTests
{
    private static readonly Machine Machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664));

    [Fact]
    public void It_tells_and_undoes()
    {
        var shell = Machine.Spawn("sh");
        var address = shell.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;

        var explanation = Machine.Explain(shell, address, () => shell.WriteByte(address, 7));

        explanation.Verdict.IsOk.Should().BeTrue();
        explanation.Steps.Select(s => s.Function).Should().Equal("hardware", "do_anonymous_page", "hardware");
        explanation.Before!.Pfn.Should().BeNull();
        explanation.After!.Kind.Should().Be("anonymous");
        explanation.After.AnonExclusive.Should().BeTrue();
        shell.View(address).Pfn.Should().BeNull("nothing has happened");
        shell.ReadByte(address).Value.Should().Be(0);
    }

    [Fact]
    public void A_process_that_is_started_meanwhile_is_gone_afterwards()
    {
        var shell = Machine.Spawn("sh");
        var before = Machine.Processes.Count;

        Machine.Explain(shell.Fork).Verdict.IsOk.Should().BeTrue();

        Machine.Processes.Should().HaveCount(before);
        Machine.Audit().Should().BeEmpty();
    }

    [Fact]
    public void Messages_of_the_explained_operation_do_not_stay()
    {
        var machine = Machine.Build(m => m.Kernel("6.12", Architecture.S390X).Dcss("SEG", "64M", DaxSim.Devices.DcssType.ExclusiveReadWrite));
        machine.Format("dcssblk0", "ext4");
        var mount = machine.Mount("dcssblk0", "/mnt", "ext4", "dax").Value;
        var file = mount.Open("f", DaxSim.FileSystems.OpenFlags.ReadWrite | DaxSim.FileSystems.OpenFlags.Create).Value;
        file.WriteBytes(0, new byte[4096]);
        var shell = machine.Spawn("sh");
        var address = shell.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Shared, file).Value;
        shell.WriteByte(address, 1);
        var printed = machine.Log.Entries.Count;

        var explanation = machine.Explain(shell, address, () => shell.GetUserPages(address, 1));

        explanation.Verdict.Errno.Should().Be(Errno.EEXIST);
        explanation.DecidedBy.Should().Be(KernelHistory.Find("foll-pin-hole-fix").Commit);
        explanation.LogLines.Should().Contain(l => l.StartsWith("BUG: Bad page map in process sh", StringComparison.Ordinal));
        explanation.Taints.Should().Be(Taints.BadPage);
        machine.Log.Entries.Should().HaveCount(printed);
        machine.Log.Taints.Should().Be(Taints.None);
    }

    [Fact]
    public void An_exception_leaves_no_trace()
    {
        var shell = Machine.Spawn("sh");
        var address = shell.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;

        FluentActions.Invoking(() => Machine.Explain(() =>
        {
            shell.WriteByte(address, 1);
            return Machine.Mount("no-such", "", "ext4").Verdict;
        })).Should().Throw<ArgumentException>();

        shell.View(address).Pfn.Should().BeNull();
    }

    [Fact]
    public void A_success_has_a_reason()
    {
        var shell = Machine.Spawn("sh");
        var address = shell.Mmap(0, 4096, Prot.Read | Prot.Write, MapFlags.Private).Value;

        Machine.Explain(() => shell.GetUserPages(address, 1, GupFlags.Write)).Because!.Function.Should().Be("follow_page_mask");
        Machine.Explain(shell.Fork).Because!.Because.Should().Contain("neither faults nor calls get_user_pages");
    }
}
