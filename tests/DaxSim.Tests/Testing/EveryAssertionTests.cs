using System.Reflection;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Testing;

namespace DaxSim.Tests.Testing;

/// <summary>
/// Every assertion and every check, made to fail: what it says is complete. What the kernel answers is recorded (s390x 6.1: EEXIST for a reference on
/// page-less memory, with a complaint in dmesg); the rest is wording.
/// </summary>
public class EveryAssertionTests
{
    private const string Because = "the {0} says so";
    private const string Said = " because the test says so, but ";

    /// <summary>Assertion, what it expects in words, and how it fails.</summary>
    private static readonly (string Name, string Expectation, Action<Scene> Fails)[] OfOutcomes =
    [
        ("Succeed", "to succeed", s => s.Result.Should().Succeed(Because, "test")),
        ("FailWith", "to fail with EFAULT", s => s.Result.Should().FailWith(Errno.EFAULT, Because, "test")),
        ("RaiseSignal", "to raise SIGBUS/BUS_ADRERR", s => s.Result.Should().RaiseSignal(Signal.SIGBUS, SiCode.BUS_ADRERR, Because, "test")),
        ("BeUndefined", "to be undefined", s => s.Result.Should().BeUndefined(Because, "test")),
        ("BeUnknown", "to be unknown", s => s.Result.Should().BeUnknown(Because, "test")),
        ("BeBlocked", "to sleep", s => s.Result.Should().BeBlocked(Because, "test")),
        ("Oops", "to oops", s => s.Result.Should().Oops(Because, "test")),
        ("DecidedBy", "to be decided by 569d0365f571 dax: require 'struct page' by default for filesystem dax (4.16)", s => s.Result.Should().DecidedBy("569d0365f571", Because, "test")),
    ];

    private static readonly (string Name, string Expectation, Action<Scene> Fails)[] OfPages =
    [
        ("BePinned", "to be pinned", s => s.PageLess.Should().BePinned(Because, "test")),
        ("NotBePinned", "to have no pin", s => s.Pinned.Should().NotBePinned(Because, "test")),
        ("HavePins", "to have 2 pins", s => s.Pinned.Should().HavePins(2, Because, "test")),
        ("HaveReferences", "to have 1 reference", s => s.Pinned.Should().HaveReferences(1, Because, "test")),
        ("HaveStructPage", "to have a struct page", s => s.PageLess.Should().HaveStructPage(Because, "test")),
        ("NotHaveStructPage", "to have no struct page", s => s.Pinned.Should().NotHaveStructPage(Because, "test")),
        ("BeSharedBy", "to be shared by sh[1] and sh[2]", s => s.PageLess.Should().BeSharedBy(s.Pmem.Process, s.Child, Because, "test")),
        ("NotBeSharedBy", "to not be shared by sh[1] and sh[2]", s => s.Pinned.Should().NotBeSharedBy(s.Pmem.Process, s.Child, Because, "test")),
    ];

    private static readonly (string Name, string Expectation, Action<Scene> Fails)[] OfMachines =
    [
        ("BeConsistent", "to be consistent", s => s.Leaking().Should().BeConsistent(Because, "test")),
        ("HaveLogged", "to have logged \"Oops\"", s => s.Usr.Machine.Should().HaveLogged("Oops", Because, "test")),
        ("NotHaveLogged", "to not have logged \"Bad page map\"", s => s.Usr.Machine.Should().NotHaveLogged("Bad page map", Because, "test")),
    ];

    private static readonly (string Name, string Expectation, Action<Scene> Fails)[] Checks =
    [
        ("Succeeds", "Expected success", s => Check.Succeeds(s.Result)),
        ("Succeeds", "Expected success", s => Check.Succeeds(s.Result.Verdict)),
        ("FailsWith", "Expected EFAULT", s => Check.FailsWith(s.Result, Errno.EFAULT)),
        ("Raises", "Expected SIGBUS/BUS_ADRERR", s => Check.Raises(s.Result, Signal.SIGBUS, SiCode.BUS_ADRERR)),
        ("Oopses", "Expected an oops", s => Check.Oopses(s.Result)),
        ("IsUndefined", "Expected garbage to be used", s => Check.IsUndefined(s.Result)),
        ("IsUnknown", "Expected nothing to be known", s => Check.IsUnknown(s.Result)),
        ("IsBlocked", "Expected it to sleep", s => Check.IsBlocked(s.Result)),
        ("IsDecidedBy", "Expected the outcome to be decided by 569d0365f571", s => Check.IsDecidedBy(s.Result, "569d0365f571")),
        ("IsConsistent", "Expected the machine to be consistent, but one thing is not.\n  pfn ", s => Check.IsConsistent(s.Leaking())),
    ];

    public static TheoryData<string> OutcomeAssertions => [.. OfOutcomes.Select(static a => a.Name)];

    public static TheoryData<string> PageAssertions => [.. OfPages.Select(static a => a.Name)];

    public static TheoryData<string> MachineAssertions => [.. OfMachines.Select(static a => a.Name)];

    public static TheoryData<int> AllChecks => [.. Enumerable.Range(0, Checks.Length)];

    [Theory]
    [MemberData(nameof(OutcomeAssertions))]
    public void An_assertion_on_an_outcome_says_all_of_the_call(string name)
    {
        var assertion = OfOutcomes.Single(a => a.Name == name);

        var message = Failing.Message(() => assertion.Fails(new Scene()));

        message.Should().StartWith($"Expected s.Result {assertion.Expectation}{Said}");
        TellsTheGup(message);
    }

    [Theory]
    [MemberData(nameof(PageAssertions))]
    public void An_assertion_on_a_page_says_what_is_there_and_what_was_done_last(string name)
    {
        var assertion = OfPages.Single(a => a.Name == name);

        var message = Failing.Message(() => assertion.Fails(new Scene()));

        message.Should().StartWith("Expected s.P").And.Contain($" {assertion.Expectation}{Said}").And.Contain("\n\nPage at 0x");
        if (message.Contains("s.PageLess", StringComparison.Ordinal))
        {
            message.Should().Contain("PTE present young special; pfn 20200, no struct page\n  mapped by sh[1] at 0x7fffeffff000\n");
            TellsTheGup(message);
        }
        else
        {
            message.Should().Contain("PTE present write dirty young special devmap; pfn ").And.Contain("\n  mapped by sh[2] at 0x").And.Contain("\n  1 pin by pin_user_pages")
                .And.Contain("\n\nThe last call before: pin_user_pages of sh[1] at 0x").And.Contain("commit: 3565fce3a659").And.EndWith("\n  dmesg: nothing");
        }
    }

    [Theory]
    [MemberData(nameof(MachineAssertions))]
    public void An_assertion_on_a_machine_says_what_is_wrong_and_what_was_done_last(string name)
    {
        var assertion = OfMachines.Single(a => a.Name == name);

        var message = Failing.Message(() => assertion.Fails(new Scene()));

        message.Should().StartWith("Expected s.").And.Contain($" {assertion.Expectation}{Said}").And.Contain("\n\nThe last call before: ");
        if (name != "BeConsistent")
        {
            TellsTheGup(message);
        }
    }

    [Theory]
    [MemberData(nameof(AllChecks))]
    public void A_check_says_as_much(int index)
    {
        var check = Checks[index];
        var scene = new Scene();

        var message = scene.Invoking(check.Fails).Should().Throw<CheckException>().Which.Message;

        message.Should().StartWith(check.Expectation);
        if (check.Name == "IsConsistent")
        {
            message.Should().Contain("\n\nThe last call before: pin_user_pages of sh[1] at 0x");
        }
        else
        {
            TellsTheGup(message);
        }
    }

    /// <summary>The lists above are all there is: a new assertion has to say as much.</summary>
    [Fact]
    public void No_assertion_is_left_out()
    {
        Declared(typeof(OutcomeAssertions<,>), typeof(ResultAssertions<>), typeof(VerdictAssertions)).Should().BeEquivalentTo(OfOutcomes.Select(static a => a.Name));
        Declared(typeof(PageViewAssertions)).Should().BeEquivalentTo(OfPages.Select(static a => a.Name));
        Declared(typeof(MachineAssertions)).Should().BeEquivalentTo(OfMachines.Select(static a => a.Name));
        Declared(typeof(Check)).Should().BeEquivalentTo(Checks.Select(static c => c.Name).Distinct());
    }

    [Fact]
    public void What_the_checks_expect_can_be()
    {
        // The oops, the garbage and the sleep are recorded or read; see the tests of the operations themselves.
        var reason = new Reason("f", "Because.");
        Check.FailsWith(new Scene().Result, Errno.EEXIST);
        Check.IsDecidedBy(new Scene().Result, "7196040e19ad");
        Check.Raises(Verdict.Raise(new SignalInfo(Signal.SIGBUS, SiCode.BUS_ADRERR, 0)), Signal.SIGBUS, SiCode.BUS_ADRERR);
        Check.Oopses(Verdict.Oops(reason));
        Check.IsUndefined(Verdict.Undefined(reason));
        Check.IsUnknown(new Result<int>(Verdict.Unknown(reason)));
        Check.IsBlocked(Verdict.Blocked(reason));
        Verdict.Oops(reason).Should().Oops();
        Verdict.Unknown(reason).Should().BeUnknown();
    }

    private static void TellsTheGup(string message) => message.Should()
        .Contain("get_user_pages of sh[1] at 0x7fffeffff000 on 6.1 s390x: EEXIST\n  decisions:\n    vm_normal_page: ")
        .And.Contain("\n  decided by follow_pfn_pte: ")
        .And.Contain("\n    behaviour: GupWithoutStructPage = Eexist\n    commit: 7196040e19ad mm: fix invalid page pointer returned with FOLL_PIN gups (5.18)\n")
        .And.Contain("\n  page after: PTE present young special; pfn 20200, no struct page\n    mapped by sh[1] at 0x7fffeffff000\n")
        .And.EndWith("\n  dmesg:\n    BUG: Bad page map in process sh  pte:0000000020200019 pmd:0000000007fffeff\n    addr:00007fffeffff000 in follow_page_pte\n  taints: BadPage");

    private static IEnumerable<string> Declared(params Type[] types)
        => types.SelectMany(static t => t.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)).Where(static m => !m.IsSpecialName).Select(static m => m.Name).Distinct();

    /// <summary>A reference on page-less memory that was refused, and a page of pmem that two processes share and one has pinned.</summary>
    private sealed class Scene
    {
        internal Scene()
        {
            Usr = Machines.DcssUsr("6.1");
            var text = Usr.MapAndTouch();
            Result = Usr.Process.GetUserPages(text, 1);
            PageLess = Usr.Process.View(text);
            Pmem = Machines.Pmem("6.1");
            var data = Pmem.MapAndTouch(MapFlags.Shared, write: true);
            Child = Pmem.Fork();
            Child.WriteByte(data, 2);
            Pmem.Process.PinUserPages(data, 1);
            Pinned = Pmem.Process.View(data);
        }

        internal MountedMachine Usr { get; }

        internal MountedMachine Pmem { get; }

        internal Process Child { get; }

        internal Result<UserPages> Result { get; }

        internal PageView PageLess { get; }

        internal PageView Pinned { get; }

        /// <summary>A reference that nobody accounts for, as a leak in a driver would leave it.</summary>
        internal Machine Leaking()
        {
            Pmem.Machine.Memory.Get(Pinned.Pfn!.Value, 1);
            return Pmem.Machine;
        }
    }
}
