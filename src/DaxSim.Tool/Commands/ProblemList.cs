using DaxSim.Scenarios.Recordings;

namespace DaxSim.Tool.Commands;

/// <summary>Prints problems of the input, one line each, up to a limit: a file of garbage does not flood the terminal.</summary>
internal sealed class ProblemList(ToolConsole console)
{
    private const int Most = 50;
    private long count;

    internal void Add(InputProblem problem)
    {
        if (++count <= Most)
        {
            console.Out.Flush();
            console.Error.WriteLine($"daxsim: {problem}");
        }
    }

    internal void Finish()
    {
        if (count > Most)
        {
            console.Error.WriteLine($"daxsim: {count - Most} further problems are not shown.");
        }
    }
}
