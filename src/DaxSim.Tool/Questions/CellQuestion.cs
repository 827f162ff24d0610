using DaxSim.Cells;
using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>One operation on one mapping on one kernel.</summary>
internal sealed record CellQuestion(KernelPolicy Policy, CellMapping Mapping, CellOperation Operation)
{
    /// <summary>Answers it. What does not fit together is the user's mistake.</summary>
    internal CellAnswer Ask() => Prepare(Policy, Mapping).Try(Operation);

    /// <summary>Puts the machine together on which any operation can then be tried.</summary>
    internal static CellMachine Prepare(KernelPolicy policy, CellMapping mapping)
    {
        try
        {
            return CellMachine.Build(policy, mapping);
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            throw new UsageException($"{mapping.BackingText}: {UsageException.TextOf(problem)}");
        }
    }
}
