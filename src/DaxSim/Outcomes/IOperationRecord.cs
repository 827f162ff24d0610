namespace DaxSim.Outcomes;

/// <summary>What was kept of one operation on a machine that records its decisions; a verdict carries it in place of the bare reason.</summary>
internal interface IOperationRecord
{
    /// <summary>The reason that the outcome itself gave.</summary>
    Reason? Given { get; }

    /// <summary>All that was kept, as text of several lines.</summary>
    string Report();
}
