using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.S390;

internal sealed class S390Session(KernelRelease release) : IReplaySession
{
    public Answer Replay(Observation observation) => Answer.Unknown($"not modelled on {release}");

    internal void Begin(Observation observation) => _ = observation.Line;
}
