using CsCheck;
using DaxSim.Tests.House;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>
/// Random programs of several processes on kernels of every era. <c>DAXSIM_PROPERTY_STEPS</c> says how many steps of new programs are
/// tried in all for each property and kernel list (for example 1000000); without it a few thousand of always the same ones are.
/// </summary>
public class RandomOperationTests
{
    private const int ProgramLength = 60;

    /// <summary>The usual length of a program, times the kernels.</summary>
    private const int StepsPerProgram = ProgramLength / 2 * 20;

    private static readonly Gen<Op[]> Programs = Gen.Select(Gen.Int[0, RandomWorld.Kinds - 1], Gen.Int[0, 2], Gen.Int[0, 4], Gen.Int[0, 7], Gen.Int[0, 3], Gen.Int[0, 255])
        .Select(t => new Op(t.Item1, t.Item2, t.Item3, t.Item4, t.Item5, t.Item6)).Array[1, ProgramLength];

    public static TheoryData<string, bool> Kernels => new()
    {
        { "3.10", false }, { "4.4", false }, { "4.9", false }, { "4.14", false }, { "4.19", false }, { "5.4", false }, { "5.8", false }, { "5.9", false }, { "5.11", false },
        { "5.17", false }, { "5.19", false }, { "6.1", false }, { "6.12", false }, { "6.15", false }, { "7.2", false },
        { "4.14", true }, { "4.16", true }, { "4.19", true }, { "5.11", true }, { "6.12", true },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Random_programs_keep_every_count_right_and_see_what_a_page_by_page_model_sees(string kernel, bool s390)
        => Programs.Check(
            ops =>
            {
                var world = RandomWorld.On(kernel, s390);
                world.Run(ops);
                world.CompareAll();
                world.End();
            },
            cases: 40,
            StepsPerProgram,
            Print);

    [Theory]
    [InlineData("4.14")]
    [InlineData("4.19")]
    [InlineData("5.4")]
    [InlineData("5.10")]
    [InlineData("5.15")]
    [InlineData("6.1")]
    [InlineData("6.6")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    public void On_two_nodes_pages_move_and_nobody_sees_anything_of_it(string kernel)
        => Programs.Check(
            ops =>
            {
                var world = RandomWorld.On(kernel, s390: false, nodes: true);
                world.Run(ops);
                world.CompareAll();
                world.End();
            },
            cases: 20,
            StepsPerProgram,
            Print);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_restored_machine_equals_the_one_that_was_marked_and_goes_on_in_the_same_way(string kernel, bool s390)
        => Gen.Select(Programs, Programs).Check(
            both =>
            {
                var (before, after) = both;
                var world = RandomWorld.On(kernel, s390, audits: false);
                world.Run(before);
                var handles = world.SaveHandles();
                var snapshot = world.Machine.Snapshot();
                var marked = world.Machine.Fingerprint();
                world.Run(after);
                var end = world.Machine.Fingerprint();

                world.Machine.Restore(snapshot);
                world.LoadHandles(handles);

                world.Machine.Fingerprint().Should().Be(marked);
                world.Machine.Audit().Should().BeEmpty();
                world.Run(after);
                world.Machine.Fingerprint().Should().Be(end);
                world.Machine.Audit().Should().BeEmpty();
                world.Machine.Restore(snapshot);
                world.Machine.Fingerprint().Should().Be(marked);
            },
            cases: 10,
            4 * StepsPerProgram);

    private static string Print(Op[] ops) => string.Join('\n', ops.Select((op, i) => $"{i + 1}: {op.Kind},{op.Who},{op.Slot},{op.Page},{op.Count},{op.Value}"));
}
