using DaxSim.Cells;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Tests.Cells;

/// <summary>Every operation on every usual mapping, on kernels of every era: each answer is one of the known kinds, has a reason, and leaves nothing behind.</summary>
public class CellMachineTests
{
    public static TheoryData<string> Kernels { get; } = new("3.10", "4.4", "4.14", "4.15", "4.16", "4.19", "5.4", "5.8", "5.10", "5.15", "6.1", "6.12", "6.15", "6.17", "7.3");

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_answer_says_why(string kernel)
    {
        foreach (var mapping in CellMapping.Catalogue)
        {
            var machine = CellMachine.Build(KernelPolicy.Mainline(kernel, mapping.UsualArchitecture), mapping);
            foreach (var operation in CellOperation.All)
            {
                var answer = machine.Try(operation);

                answer.Explanation.Because?.Because.Should().NotBeNullOrWhiteSpace();
                answer.Explanation.Because.Should().NotBeNull($"{operation} on {mapping}, {kernel}, came to {answer}");
                answer.Outcome.Should().BeOneOf("ok", "errno", "signal", "oops", "undefined");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Trying_leaves_the_machine_as_it_was(string kernel)
    {
        foreach (var mapping in CellMapping.Catalogue)
        {
            var machine = CellMachine.Build(KernelPolicy.Mainline(kernel, mapping.UsualArchitecture), mapping);
            if (machine.Process is null || machine.Address == 0)
            {
                continue;
            }

            var (page, log, maps) = (machine.Process.View(machine.Address).ToString(), machine.Machine.Log.Entries.Count, machine.Process.Maps.Count);
            foreach (var operation in CellOperation.All)
            {
                machine.Try(operation);

                machine.Process.View(machine.Address).ToString().Should().Be(page, $"{operation} on {mapping} was undone");
            }

            machine.Machine.Log.Entries.Should().HaveCount(log);
            machine.Process.Maps.Should().HaveCount(maps);
            machine.Machine.Processes.Should().ContainSingle();
            machine.Machine.Audit().Should().BeEmpty();
        }
    }

    [Fact]
    public void The_order_of_questions_does_not_matter()
    {
        var policy = KernelPolicy.Mainline("5.10", Architecture.S390X);
        var mapping = CellMapping.Parse("dcssblk:EW/ext4,private,rd");
        var together = CellMachine.Build(policy, mapping);

        foreach (var operation in CellOperation.All.Reverse())
        {
            var (one, other) = (together.Try(operation), CellMachine.Ask(policy, mapping, operation));
            one.ToString().Should().Be(other.ToString());
            one.Explanation.LogLines.Should().Equal(other.Explanation.LogLines);
        }
    }

    [Fact]
    public void A_device_that_the_kernel_lacks_is_the_answer()
    {
        var answer = Ask("4.16", Architecture.Ppc64Cell, "axonram/ext2,shared,wr", "load");

        answer.FailedStep.Should().Be("device");
        answer.Verdict.Errno.Should().Be(Errno.ENODEV);
        answer.Explanation.Because!.Change!.Key.Should().Be("axonram-removed");
    }

    [Fact]
    public void A_refused_mount_is_the_answer_with_its_messages()
    {
        var answer = Ask("5.10", Architecture.X8664, "pmem:raw/ext4,shared,wr", "load");

        answer.FailedStep.Should().Be("mount");
        answer.Errno.Should().Be(Errno.EINVAL);
        answer.Explanation.LogLines.Should().Contain(l => l.Contains("DAX unsupported by block device", StringComparison.Ordinal));
        answer.Explanation.Steps.Should().NotBeEmpty();
    }

    [Fact]
    public void A_mount_without_DAX_is_told()
    {
        // dax-support 2.1: from 4.16 on ext4 turns DAX off instead of failing the mount.
        var answer = Ask("4.16", Architecture.X8664, "pmem:raw/ext4,shared,wr", "odirect-write");

        answer.Outcome.Should().Be("ok");
        answer.UsesDax.Should().BeFalse();
        answer.MountReason!.Because.Should().NotBeEmpty();
        answer.Explanation.Before!.Kind.Should().Be("page cache");
    }

    [Fact]
    public void A_read_only_segment_has_its_file_all_the_same()
    {
        // s390.md: read-only shared mapping (SR): O_DIRECT into it EFAULT (write permission first), from it EEXIST (6.1, 6.12).
        Ask("6.12", Architecture.S390X, "dcssblk:SR/ext4,shared,rd", "load").Outcome.Should().Be("ok");
        Ask("6.12", Architecture.S390X, "dcssblk:SR/ext4,shared,rd", "odirect-read").Errno.Should().Be(Errno.EFAULT);
        Ask("6.12", Architecture.S390X, "dcssblk:SR/ext4,shared,rd", "odirect-write").Errno.Should().Be(Errno.EEXIST);
        Ask("6.12", Architecture.S390X, "dcssblk:SR/ext4,shared,rd", "store").Signal.Should().Be(Signal.SIGSEGV);
        Ask("6.12", Architecture.S390X, "dcssblk:SR/ext4,shared,wr", "load").FailedStep.Should().Be("touch");
    }

    [Theory]
    [InlineData("4.14", "special", false)]
    [InlineData("6.17", null, true)]
    public void The_page_shows_the_bit_that_decides(string kernel, string? bit, bool structPage)
    {
        var page = Ask(kernel, Architecture.S390X, "dcssblk:EW/ext4,shared,wr", "gup-read").Explanation.Before!;

        page.HasBit("special").Should().Be(bit == "special");
        page.HasStructPage.Should().Be(structPage);
        page.ResidentPages.Should().Be(structPage ? 1 : 0, "gup-fork 10.3: RSS contribution");
    }

    [Fact]
    public void A_pmem_page_is_devmap_until_device_pages_are_counted()
    {
        Ask("5.10", Architecture.X8664, "pmem:fsdax/ext4,shared,wr", "load").Explanation.Before!.EntryBits.Should().Contain("devmap").And.Contain("special");
        var counted = Ask("6.15", Architecture.X8664, "pmem:fsdax/ext4,shared,wr", "load").Explanation.Before!;
        counted.EntryBits.Should().NotContain("devmap").And.NotContain("special");
        counted.References.Should().Be(1);
        counted.Mappings.Should().Be(1);
    }

    [Theory]
    [InlineData("4.14", true)]
    [InlineData("4.17", true)]
    [InlineData("4.19", false)]
    [InlineData("6.12", false)]
    public void Fork_copies_the_entry_until_DAX_areas_lose_VM_MIXEDMAP(string kernel, bool copied)
    {
        // gup-fork 5.2, 10.3: ok (copied) to 4.17, ok (lazy refault) from 4.19; s390.md: the child has 0 of 4 entries present.
        var answer = Ask(kernel, Architecture.S390X, "dcssblk:EW/ext4,shared,wr", "fork");

        answer.Outcome.Should().Be("ok");
        answer.Child!.HasBit("present").Should().Be(copied);
        answer.Explanation.Because!.Function.Should().Be("copy_page_range");
        answer.Explanation.Because.Because.Should().Contain("nor calls get_user_pages");
        answer.Explanation.DecidedBy.Should().Be(copied ? null : "e1fb4a086495");
    }

    private static CellAnswer Ask(string kernel, Architecture architecture, string mapping, string operation)
        => CellMachine.Ask(KernelPolicy.Mainline(kernel, architecture), CellMapping.Parse(mapping), CellOperation.Parse(operation));
}
