using DaxSim.Policy;

namespace DaxSim.Scenarios.Recordings;

/// <summary>Plays programs with explicit operands on a simulated kernel, each on the machine as it was before the first.</summary>
/// <param name="kernel">The kernel.</param>
public sealed class ProgramPlayer(KernelPolicy kernel)
{
    /// <summary>Why nothing is known of a program that does not begin with its set-up line.</summary>
    public const string NoSetup = "the program has no set-up line";

    private const int UsualSlots = 6;
    private const int UsualSlotPages = 8;
    private ProgramMachine? machine;
    private StepRunner? runner;
    private string? lostBecause = NoSetup;

    /// <summary>The kernel.</summary>
    public KernelPolicy Kernel => kernel;

    /// <summary>Starts the program that a set-up line announces.</summary>
    public void Begin(RecordedLine setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        runner = null;
        try
        {
            machine ??= new ProgramMachine(kernel);
            machine.Restart();
            runner = new StepRunner(machine, Bounded(setup, "slots", UsualSlots, 64), Bounded(setup, "slot_pages", UsualSlotPages, 4096));
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

    /// <summary>Makes the next step, and explains it when its answer is worth it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="isWorthIt">Looks at the answer; when it says true the step is taken back, made again with its decisions recorded, and made a last time.</param>
    public (Answer Answer, Explanation? Explanation) Play(RecordedLine step, Func<Answer, bool> isWorthIt)
    {
        ArgumentNullException.ThrowIfNull(isWorthIt);
        if (runner is not { } before || machine is null)
        {
            return (Play(step), null);
        }

        var state = machine.Save();
        var answer = Play(step);
        if (!isWorthIt(answer))
        {
            return (answer, null);
        }

        machine.Return(state);
        runner = before;
        Explanation? explanation = null;
        try
        {
            explanation = machine.Machine.Explain(() => before.Run(step).FirstFailure ?? Outcomes.Verdict.Ok);
        }
        catch (FormatException)
        {
            // The answer says so itself.
        }

        machine.Return(state);
        return (Play(step), explanation);
    }

    private static int Bounded(RecordedLine setup, string name, int usual, int maximum) => setup.Number(name) is { } number and > 0 && number <= maximum ? (int)number : usual;
}
