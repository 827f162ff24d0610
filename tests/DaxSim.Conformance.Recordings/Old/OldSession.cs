using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Old;

/// <summary>Replays the recordings of kernels from 3.19 to 4.19.</summary>
internal sealed class OldSession(KernelRelease release) : IReplaySession
{
    /// <inheritdoc/>
    public Answer Replay(Observation observation) => Answer.Unknown($"operations on mappings are not replayed yet on {release}");
}
