namespace DaxSim.Scenarios.Recordings;

/// <summary>How a recorded observation and the simulator's answer relate.</summary>
public enum Agreement
{
    /// <summary>Every deterministic field is the same.</summary>
    Agree,

    /// <summary>At least one deterministic field is not.</summary>
    Differ,

    /// <summary>The simulator does not know, or does not model the operation.</summary>
    Unknown,
}
