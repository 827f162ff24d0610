using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Programs;

/// <summary>Replays programs with explicit operands, each on the machine as it was before the first.</summary>
internal sealed class ProgramSession(KernelRelease release) : IReplaySession
{
    private ProgramMachine? machine;
    private StepRunner? runner;
    private string? lostBecause = "the program has no set-up line";
    private int slots = 6;
    private int slotPages = 8;

    /// <summary>Starts the program that a set-up line announces.</summary>
    internal void Begin(Observation setup)
    {
        slots = Bounded(setup, "slots", slots, 64);
        slotPages = Bounded(setup, "slot_pages", slotPages, 4096);
        runner = null;
        try
        {
            machine ??= new ProgramMachine(OracleMachine.Modern(release));
            machine.Restart();
            runner = new StepRunner(machine, slots, slotPages);
            lostBecause = null;
        }
        catch (SetupException e)
        {
            lostBecause = e.Message;
        }
    }

    /// <inheritdoc/>
    public Answer Replay(Observation observation)
    {
        if (runner is null)
        {
            return Answer.Unknown(lostBecause ?? "the program was not started");
        }

        try
        {
            var answer = runner.Run(observation);

            // What follows an unknown step happens on a machine whose state is not known either.
            if (answer.UnknownBecause is { } because)
            {
                lostBecause = $"an earlier step of this program is unknown ({because})";
                runner = null;
            }

            return answer;
        }
        catch (FormatException e)
        {
            return Answer.Unknown($"the step cannot be made: {e.Message}");
        }
    }

    private static int Bounded(Observation setup, string name, int usual, int maximum) => setup.Number(name) is { } number and > 0 && number <= maximum ? (int)number : usual;
}
