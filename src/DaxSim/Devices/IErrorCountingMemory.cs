namespace DaxSim.Devices;

/// <summary>A device whose memory controller counts the errors it corrected.</summary>
internal interface IErrorCountingMemory
{
    /// <summary>How many so far.</summary>
    int CorrectedErrors { get; }

    /// <summary>One more was corrected.</summary>
    void CountCorrectedError();
}
