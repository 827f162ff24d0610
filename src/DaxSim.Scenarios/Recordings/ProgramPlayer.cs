using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Recordings;

/// <summary>Plays programs with explicit operands on a simulated kernel, each on the machine as it was before the first.</summary>
/// <param name="kernel">The kernel.</param>
public sealed class ProgramPlayer(KernelPolicy kernel)
{
    /// <summary>Why nothing is known of a program that does not begin with its set-up line.</summary>
    public const string NoSetup = "the program has no set-up line";

    // Programs are short; of an endless one no step is explained.
    private const int MostRemembered = 4096;
    private const int UsualSlots = 6;
    private const int UsualSlotPages = 8;
    private ProgramMachine? machine;
    private readonly List<RecordedLine> played = [];
    private StepRunner? runner;
    private (int Slots, int Pages) shape;
    private string? lostBecause = NoSetup;

    /// <summary>The kernel.</summary>
    public KernelPolicy Kernel => kernel;

    /// <summary>Starts the program that a set-up line announces.</summary>
    public void Begin(RecordedLine setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        runner = null;
        played.Clear();
        shape = (Bounded(setup, "slots", UsualSlots, 64), Bounded(setup, "slot_pages", UsualSlotPages, 4096));
        try
        {
            machine ??= new ProgramMachine(kernel);
            runner = Restart(machine);
            lostBecause = null;
        }
        catch (ProgramMachineException e)
        {
            lostBecause = e.Message;
        }
    }

    /// <summary>Gives a program up whose steps are not all there: what follows is unknown until the next one begins.</summary>
    /// <param name="because">Why, as a sentence without its full stop.</param>
    public void GiveUp(string because)
    {
        runner = null;
        lostBecause = because;
    }

    /// <summary>Makes the next step. After an unknown answer the rest of the program is unknown too, because the machine's state is.</summary>
    public Answer Play(RecordedLine step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (runner is null)
        {
            return Answer.Unknown(lostBecause ?? NoSetup);
        }

        if (played.Count <= MostRemembered)
        {
            played.Add(step);
        }

        try
        {
            var answer = runner.Run(step);
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

    /// <summary>
    /// How the last step came to its answer: the program is played again up to it, and it is made with its decisions recorded. Afterwards the machine is as
    /// it was. Null when there is nothing to explain: the program was given up, the step could not be made, or the program is longer than any real one.
    /// </summary>
    public Explanation? ExplainLast()
    {
        if (machine is null || runner is null || played.Count == 0 || played.Count > MostRemembered)
        {
            return null;
        }

        runner = Restart(machine);
        for (var i = 0; i < played.Count - 1; i++)
        {
            TryRun(runner, played[i]);
        }

        var last = played[^1];
        var explanation = machine.Explain(() => TryRun(runner, last));
        TryRun(runner, last);
        return explanation;
    }

    private StepRunner Restart(ProgramMachine on)
    {
        on.Restart();
        return new StepRunner(on, shape.Slots, shape.Pages);
    }

    /// <summary>Makes a step whose answer is known; one that cannot be made changes nothing.</summary>
    private static Verdict TryRun(StepRunner on, RecordedLine step)
    {
        try
        {
            return on.Run(step).FirstFailure ?? Verdict.Ok;
        }
        catch (FormatException)
        {
            return Verdict.Ok;
        }
    }

    private static int Bounded(RecordedLine setup, string name, int usual, int maximum) => setup.Number(name) is { } number and > 0 && number <= maximum ? (int)number : usual;
}
