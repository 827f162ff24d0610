using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Environment;

/// <summary>Replays the <c>env/</c> cases: mounts, remounts, inode flags, partitions, programs, argument checks.</summary>
internal sealed class EnvironmentSession(KernelRelease release) : IReplaySession
{
    /// <inheritdoc/>
    public Answer Replay(Observation observation) => Answer.Unknown($"not replayed on {release}");
}
