using DaxSim.Conformance.Comparison;

namespace DaxSim.Conformance.Replay;

/// <summary>How many observations agreed, differed and are unknown.</summary>
public sealed class Tally
{
    /// <summary>All of them.</summary>
    public long Observations => Agree + Differ + Unknown;

    /// <summary>Those that agree.</summary>
    public long Agree { get; private set; }

    /// <summary>Those that differ.</summary>
    public long Differ { get; private set; }

    /// <summary>Those the simulator does not know.</summary>
    public long Unknown { get; private set; }

    /// <summary>Counts one more.</summary>
    public void Count(Agreement agreement)
    {
        switch (agreement)
        {
            case Agreement.Agree:
                Agree++;
                break;
            case Agreement.Differ:
                Differ++;
                break;
            default:
                Unknown++;
                break;
        }
    }

    /// <summary>For example <c>12 agree, 0 differ, 3 unknown</c>.</summary>
    public override string ToString() => $"{Agree} agree, {Differ} differ, {Unknown} unknown";
}
