using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;
using DaxSim.Testing;

namespace DaxSim.Tests.Testing;

/// <summary>A machine that records its decisions behaves like one that does not.</summary>
public class RecordingTests
{
    [Theory]
    [InlineData("4.14")]
    [InlineData("5.10")]
    [InlineData("6.1")]
    [InlineData("7.3")]
    public void Recording_changes_no_outcome_and_no_state(string kernel)
    {
        var recorded = Go(Machines.DcssData(kernel), record: true);
        var plain = Go(Machines.DcssData(kernel), record: false);

        recorded.Outcomes.Should().Equal(plain.Outcomes);
        recorded.Fingerprint.Should().Be(plain.Fingerprint);
    }

    [Fact]
    public void Without_recording_an_outcome_has_no_explanation()
    {
        var machine = Machine.Build(m => m.Kernel("6.1", Architecture.X8664));

        Explanation.Of(machine.Spawn("sh").Fork()).Should().BeNull();
        machine.RecordsDecisions.Should().BeFalse();
    }

    [Fact]
    public void A_clone_records_like_its_original()
    {
        var copy = Machines.Anonymous("6.1").Machine.Clone();

        Explanation.Of(copy.Processes[0].Fork())!.Operation.Should().Be("fork of sh[1]");
    }

    [Fact]
    public void A_call_within_an_explained_operation_hands_its_steps_on()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.Map();

        var explained = memory.Machine.Explain(() => memory.Process.WriteByte(address, 1));

        explained.Steps.Should().Equal(Explanation.Of(memory.Process.WriteByte(address, 1))!.Steps).And.NotBeEmpty();
        explained.Operation.Should().BeNull();
    }

    [Fact]
    public void Misuse_in_the_middle_of_a_call_does_not_disturb_the_next()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.Map();
        var gone = memory.Fork();
        gone.Exit();

        gone.Invoking(p => p.ReadByte(address)).Should().Throw<InvalidOperationException>();

        var next = Explanation.Of(memory.Process.ReadByte(address))!;
        next.Operation.Should().StartWith("load of sh[1]");
        next.After!.Kind.Should().Be("zero page");
    }

    [Fact]
    public void Misuse_leaves_no_record_open()
    {
        var memory = Machines.Anonymous("6.1");
        var gone = memory.Fork();
        gone.Exit();
        var before = Explanation.Of(memory.Machine);

        gone.Invoking(p => p.ReadByte(0x1000)).Should().Throw<InvalidOperationException>();
        gone.Invoking(p => p.PinUserPages(0x1000, new ulong[1])).Should().Throw<InvalidOperationException>();

        memory.Machine.Trace.Should().BeNull("an open record makes every later call keep its steps in it");
        Explanation.Of(memory.Machine).Should().BeSameAs(before, "a refused call is none");
    }

    [Fact]
    public void The_last_call_before_a_look_is_known_without_holding_those_before_it()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.Map();
        var before = memory.Machine.Snapshot();

        memory.Process.WriteByte(address, 1);
        var page = memory.Process.View(address);
        memory.Process.ReadByte(address);

        Explanation.Of(page)!.Operation.Should().StartWith("store of sh[1]");
        Explanation.Of(memory.Machine)!.Operation.Should().StartWith("load of sh[1]");
        Explanation.Of(Explanation.Of(page)!.After!).Should().BeNull();
        memory.Process.View(address).ToString().Should().Be(page.ToString());
        memory.Machine.Explain(() => memory.Process.Fork());
        Explanation.Of(memory.Machine)!.Operation.Should().StartWith("load of sh[1]", "what was explained was undone");
        memory.Machine.Restore(before);
        Explanation.Of(memory.Machine).Should().BeNull("the call was made in another state");
    }

    [Fact]
    public void Of_very_many_steps_the_first_and_the_last_are_kept()
    {
        var memory = Machines.Anonymous("6.1");
        var address = memory.Map(pages: 400);
        for (var page = 0UL; page < 400; page++)
        {
            memory.Process.WriteByte(address + page * memory.PageSize, 1);
        }

        var explanation = Explanation.Of(memory.Process.GetUserPages(address, 400))!;

        (explanation.Steps.Count + explanation.OmittedSteps).Should().BeGreaterThanOrEqualTo(400);
        explanation.Steps.Should().HaveCount(128);
        explanation.Report().Should().Contain($"\n    … {explanation.OmittedSteps} more …\n");
    }

    private static (List<Verdict> Outcomes, string Fingerprint) Go(MountedMachine ready, bool record)
    {
        ready.Machine.RecordsDecisions = record;
        var process = ready.Process;
        var outcomes = new List<Verdict>();
        var shared = ready.Map(MapFlags.Shared, pages: 4);
        var copied = ready.Map(MapFlags.Private, pages: 4);
        outcomes.Add(process.WriteByte(shared, 7));
        outcomes.Add(process.WriteByte(copied + ready.PageSize, 7));
        outcomes.Add(process.ReadByte(copied).Verdict);
        outcomes.Add(process.GetUserPages(shared, 1).Verdict);
        outcomes.Add(process.PinUserPagesFast(copied + ready.PageSize, 1).Verdict);
        var child = process.Fork();
        outcomes.Add(child.Verdict);
        outcomes.Add(child.Value.WriteByte(copied + ready.PageSize, 8));
        outcomes.Add(child.Value.ReadByte(0x10).Verdict);
        outcomes.Add(process.ProcessVmReadv(child.Value, shared, new byte[8]).Verdict);
        outcomes.Add(process.Madvise(copied, ready.PageSize, Advice.DontNeed));
        outcomes.Add(process.Munmap(shared, 4 * ready.PageSize));
        ready.Machine.Should().BeConsistent();
        return (outcomes, ready.Machine.Fingerprint());
    }
}
