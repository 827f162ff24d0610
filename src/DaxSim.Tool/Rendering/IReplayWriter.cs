using DaxSim.Scenarios.Recordings;

namespace DaxSim.Tool.Rendering;

/// <summary>Puts a replay on the console while it goes on.</summary>
internal interface IReplayWriter : IDisposable
{
    /// <summary>A file begins.</summary>
    void Begin(string file);

    /// <summary>A step was made.</summary>
    void Step(ReplayedStep step);

    /// <summary>The file was read to its end.</summary>
    void End(ProgramReplay replay);

    /// <summary>There are no more files.</summary>
    void Finish();
}
