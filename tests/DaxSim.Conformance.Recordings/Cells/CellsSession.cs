using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Conformance.Replay;

namespace DaxSim.Conformance.Cells;

internal sealed class CellsSession(KernelRelease release) : IReplaySession
{
    public Answer Replay(Observation observation) => Answer.Unknown($"not modelled on {release}");

    internal void Begin(Observation observation) => _ = observation.Line;
}
