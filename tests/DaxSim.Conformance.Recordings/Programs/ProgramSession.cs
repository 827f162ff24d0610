using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Programs;

/// <summary>Replays programs with explicit operands.</summary>
internal sealed class ProgramSession(KernelRelease release) : IReplaySession
{
    private readonly ProgramPlayer player = new(OracleMachine.X86(release));

    /// <summary>Starts the program that a set-up line announces.</summary>
    internal void Begin(Observation setup) => player.Begin(setup);

    /// <summary>A program without its set-up line: nothing is known of it.</summary>
    internal void GiveUp() => player.GiveUp(ProgramPlayer.NoSetup);

    /// <inheritdoc/>
    public Answer Replay(Observation observation) => player.Play(observation);
}
