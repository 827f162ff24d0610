using DaxSim.Tool.Questions;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>The colours. Every one of them only repeats what a symbol or word beside it says.</summary>
internal static class Palette
{
    internal static Style Good { get; } = new(Color.Green);

    internal static Style Middling { get; } = new(Color.Yellow);

    internal static Style Bad { get; } = new(Color.Red);

    internal static Style Faint { get; } = new(Color.Grey);

    internal static Style Strong { get; } = new(decoration: Decoration.Bold);

    internal static Style Name { get; } = new(Color.Aqua);

    internal static Style Odd { get; } = new(Color.Fuchsia);

    /// <summary>The colour of an outcome.</summary>
    internal static Style Of(CellOutcome outcome) => outcome switch
    {
        CellOutcome.Dax => Good,
        CellOutcome.NoDax => Middling,
        CellOutcome.Refused => Bad,
        CellOutcome.Absent => Faint,
        _ => Odd,
    };

    /// <summary>The colour of a cell's outcome.</summary>
    internal static Style Of(OperationCell cell) => cell.Outcome switch
    {
        _ when cell.IsAbsent => Faint,
        "ok" when cell.Dax == false => Middling,
        "ok" => cell.BadPageMap ? Middling : Good,
        "errno" or "signal" => Bad,
        _ => Odd,
    };
}
