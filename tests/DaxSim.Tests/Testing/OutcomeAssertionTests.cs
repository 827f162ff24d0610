using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Testing;
using FluentAssertions.Execution;
using Xunit.Sdk;

namespace DaxSim.Tests.Testing;

/// <summary>result.Should(): whole failure messages. What the kernels answer here is recorded (s390x 4.16 and 6.1, page-less mappings); the rest is wording.</summary>
public class OutcomeAssertionTests
{
    [Fact]
    public void An_unexpected_errno_is_explained_by_path_behaviour_commit_page_and_dmesg()
    {
        var usr = Machines.DcssUsr("6.1");
        var text = usr.MapAndTouch();
        var result = usr.Process.GetUserPages(text, 1);

        Failing.Message(() => result.Should().Succeed("{0} is mapped", "bin/ls")).Should().Be(
            """
            Expected result to succeed because bin/ls is mapped, but it failed with EEXIST.

            get_user_pages of sh[1] at 0x7fffeffff000 on 6.1 s390x: EEXIST
              decisions:
                vm_normal_page: special entry where none should be? yes: Bad page map, no struct page
                follow_pfn_pte: an entry without a struct page -EEXIST
              decided by follow_pfn_pte: The entry is special: there is no struct page to take a reference on.
                behaviour: GupWithoutStructPage = Eexist
                commit: 7196040e19ad mm: fix invalid page pointer returned with FOLL_PIN gups (5.18)
              page before: PTE present young special; pfn 20200, no struct page
              page after: PTE present young special; pfn 20200, no struct page
                mapped by sh[1] at 0x7fffeffff000
              dmesg:
                BUG: Bad page map in process sh  pte:0000000020200019 pmd:0000000007fffeff
                addr:00007fffeffff000 in follow_page_pte
              taints: BadPage
            """);
    }

    [Fact]
    public void An_unexpected_success_is_explained_by_what_it_did()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.MapAndTouch(MapFlags.Shared, write: true);
        pmem.Fork().ReadByte(address);
        var result = pmem.Process.PinUserPages(address, 1);

        Failing.Message(() => result.Should().FailWith(Errno.EFAULT)).Should().Be(
            """
            Expected result to fail with EFAULT, but it succeeded.

            pin_user_pages of sh[1] at 0x7fffeffff000 on 6.1 x86_64: Ok
              decisions:
                vm_normal_page: devmap entry? yes: not counted by the mm
                follow_page_mask: is there a struct page? yes: that of pfn 100400
              decided by follow_page_mask: Is there a struct page? Yes: that of pfn 100400.
                behaviour: DevmapPte = Bit
                commit: 3565fce3a659 mm, x86: get_user_pages() for dax mappings (4.5)
              page before: PTE present write dirty young special devmap; pfn 100400, ZONE_DEVICE, 1 reference, mapped 0 times
              page after: PTE present write dirty young special devmap; pfn 100400, ZONE_DEVICE, 1025 references, mapped 0 times, 1 pin
                mapped by sh[1] at 0x7fffeffff000
                mapped by sh[2] at 0x7fffeffff000
                1 pin by pin_user_pages
              dmesg: nothing
            """);
    }

    [Fact]
    public void Without_a_record_the_message_tells_the_reason_and_how_to_get_one()
    {
        var machine = Machine.Build(m => m.Kernel("4.16", Architecture.X8664));
        var process = machine.Spawn("sh");
        var result = process.GetUserPages(0x1000, 1);

        Failing.Message(() => result.Should().Succeed()).Should().Be(
            $"""
            Expected result to succeed, but it failed with EFAULT.

            Outcome: EFAULT
              decided by {result.Verdict.Reason!.Function}: {result.Verdict.Reason.Because}
              The machine keeps no decisions: build it with RecordDecisions() to see the path, the page and dmesg.
            """);
    }

    [Fact]
    public void A_signal_is_expected_with_its_code_and_gives_its_address()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.Map(MapFlags.Shared, pages: 8);
        var behind = address + 4 * pmem.PageSize;

        // A load behind the end of the file: SIGBUS/BUS_ADRERR (mmap(2)).
        var result = pmem.Process.ReadByte(behind);

        result.Should().RaiseSignal(Signal.SIGBUS, SiCode.BUS_ADRERR).Which.Address.Should().Be(behind);
        Failing.Message(() => result.Should().RaiseSignal(Signal.SIGSEGV, SiCode.SEGV_MAPERR, "nothing is there")).Should()
            .StartWith($"Expected result to raise SIGSEGV/SEGV_MAPERR because nothing is there, but it raised SIGBUS/BUS_ADRERR at 0x{behind:x}.\n\nload of sh[1] at 0x{behind:x} on 6.1 x86_64: ");
    }

    [Fact]
    public void Garbage_is_expected_as_undefined()
    {
        // FOLL_PIN of a special entry, 5.6 to 5.17: a page pointer that was never written is used (7196040e19ad).
        var usr = Machines.DcssUsr("5.10");
        var text = usr.MapAndTouch();

        usr.Process.PinUserPages(text, 1).Should().BeUndefined();
        Failing.Message(() => usr.Process.GetUserPages(text, 1).Should().BeUndefined("it takes garbage")).Should().StartWith("Expected ").And.Contain(" to be undefined because it takes garbage, but it failed with EFAULT.\n\nget_user_pages of sh[1]");
    }

    [Fact]
    public void The_deciding_commit_of_a_mount_a_fork_and_a_gup_can_be_expected()
    {
        var usr = Machines.DcssUsr("6.1");
        var text = usr.MapAndTouch();
        var raw = Machine.Build(m => m.Kernel("4.16", Architecture.X8664).Pmem("64M", PmemMode.Raw).RecordDecisions());

        usr.Process.GetUserPages(text, 1).Should().DecidedBy("7196040e19ad").Which.Since.Should().Be(KernelVersion.Parse("5.18"));
        usr.Process.Fork().Should().Succeed().And.DecidedBy("bcd51a3c679d");
        raw.Mount("/dev/pmem0", "/mnt", "ext4", "dax").Should().DecidedBy("569d0365f571");
    }

    [Fact]
    public void A_wrong_expectation_of_the_commit_names_both()
    {
        var usr = Machines.DcssUsr("6.1");
        var result = usr.Process.Fork();

        Failing.Message(() => result.Should().DecidedBy("569d0365f571")).Should().StartWith(
            "Expected result to be decided by 569d0365f571 dax: require 'struct page' by default for filesystem dax (4.16), but it was decided by bcd51a3c679d hugetlb: lazy page table copies in fork() (6.0).\n\nfork of sh[1] on 6.1 s390x: Ok\n");
    }

    [Fact]
    public void An_unknown_commit_is_misuse()
    {
        var act = () => Verdict.Ok.Should().DecidedBy("0000000");

        act.Should().Throw<ArgumentException>().WithMessage("*is no commit or key of the history*");
    }

    [Fact]
    public void Success_gives_the_value_for_further_expectations()
    {
        var pmem = Machines.Pmem("6.1");
        var address = pmem.MapAndTouch(MapFlags.Shared);

        pmem.Process.GetUserPages(address, 1).Should().Succeed().Which.Count.Should().Be(1);
        pmem.Process.ReadByte(address).Should().Succeed().Which.Should().Be((byte)'a');
        pmem.Process.WriteByte(address, 1).Should().Succeed().And.Be(Verdict.Ok);
    }

    [Fact]
    public void The_message_names_the_variable_that_the_test_speaks_of()
    {
        var fault = Verdict.Fail(Errno.EFAULT);
        var message = "";
        try
        {
            fault.Should().Succeed();
        }
        catch (XunitException exception)
        {
            message = exception.Message;
        }

        message.Should().StartWith("Expected fault to succeed, but it failed with EFAULT.");
    }

    [Fact]
    public void In_a_scope_all_failures_are_reported_together()
    {
        var result = Verdict.Fail(Errno.EINVAL);
        var act = () =>
        {
            using var scope = new AssertionScope();
            result.Should().Succeed();
            new Result<int>(result).Should().Succeed().And.FailWith(Errno.EIO);
            result.Should().FailWith(Errno.EINVAL);
        };

        act.Should().Throw<XunitException>().Which.Message.Split("Expected ").Should().HaveCount(4);
    }

    [Fact]
    public void Braces_in_names_do_not_disturb_the_message()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664).RecordDecisions());
        var result = machine.Spawn("a{0}b").ReadByte(0x1000);

        Failing.Message(() => result.Should().Succeed()).Should().Contain("load of a{0}b[1] at 0x1000 on 6.1 x86_64: SIGSEGV/SEGV_MAPERR at 0x1000");
    }

    [Fact]
    public void A_hole_punch_that_waits_for_a_pin_is_expected_to_sleep()
    {
        // dax_layout_busy_page, for ext4 since 430657b6be89 (4.19).
        var pmem = Machines.Pmem("6.1");
        var address = pmem.MapAndTouch(MapFlags.Shared, write: true);
        var pin = pmem.Process.PinUserPages(address, 1).Value;

        pmem.File.PunchHole(0, 4096).Should().BeBlocked().And.DecidedBy("430657b6be89");
        pin.Release();
        Failing.Message(() => pmem.File.PunchHole(0, 4096).Should().BeBlocked()).Should().Contain("to sleep, but it succeeded.");
    }

    [Fact]
    public void A_value_that_is_not_there_is_explained_like_a_failed_expectation()
    {
        var usr = Machines.DcssUsr("6.1");
        var taken = usr.Process.GetUserPages(usr.MapAndTouch(), 1);

        taken.Invoking(t => t.Value).Should().Throw<InvalidOperationException>().Which.Message.Should()
            .StartWith("There is no value: the outcome is EEXIST (follow_pfn_pte: ").And.EndWith($"Test IsOk first.\n\n{Explanation.Report(taken.Verdict)}");
    }
}
