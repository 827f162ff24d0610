using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Replay;

/// <summary>One simulated boot of a recorded kernel, answering the observations of a file one after the other.</summary>
internal interface IReplaySession
{
    /// <summary>The simulator's answer to an observation.</summary>
    Answer Replay(Observation observation);
}
