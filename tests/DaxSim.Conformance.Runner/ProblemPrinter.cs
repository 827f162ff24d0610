using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Runner;

/// <summary>Prints input problems, one line each, up to a limit; a file of garbage does not flood the terminal.</summary>
internal sealed class ProblemPrinter(TextWriter error, int maximum)
{
    private long count;

    internal void Print(InputProblem problem)
    {
        if (++count <= maximum)
        {
            error.WriteLine(problem);
        }
    }

    internal void Finish()
    {
        if (count > maximum)
        {
            error.WriteLine($"{count - maximum} further problems are not shown.");
        }
    }
}
