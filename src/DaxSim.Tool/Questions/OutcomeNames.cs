using DaxSim.Cells;
using DaxSim.Outcomes;

namespace DaxSim.Tool.Questions;

/// <summary>Error numbers and signals by their names, as text and JSON show them; null where there is none.</summary>
internal static class OutcomeNames
{
    internal static string? ErrnoName(this CellAnswer answer) => answer.Errno == Errno.None ? null : answer.Errno.ToString();

    internal static string? SignalName(this CellAnswer answer) => answer.Signal?.ToString();
}
