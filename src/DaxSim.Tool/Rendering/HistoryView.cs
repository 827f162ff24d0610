using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Rendering;

/// <summary>The history as text: one paragraph per change, grouped by release.</summary>
internal static class HistoryView
{
    private const int Indent = 8;

    internal static void Write(ToolConsole console, IReadOnlyList<ChangeWithEffects> items)
    {
        var paper = new Paper();
        foreach (var release in items.GroupBy(i => i.Change.Since))
        {
            var first = true;
            foreach (var item in release)
            {
                paper.Put(first ? $"{release.Key}" : "", Palette.Strong).To(Indent);
                first = false;
                Write(paper, item, console);
            }
        }

        paper.Put($"{items.Count} change{(items.Count == 1 ? "" : "s")}", Palette.Faint).Line();
        console.Ansi().Write(paper);
    }

    private static void Write(Paper paper, ChangeWithEffects item, ToolConsole console)
    {
        var change = item.Change;
        var arrow = console.Unicode ? "→" : "->";
        paper.Put(change.Commit ?? "(no id)", Palette.Name).Put("  ").Wrap(change.Title, Indent, console.Width, Palette.Strong).Line();
        paper.Wrap(change.Effect, Indent, console.Width).Line();
        foreach (var effect in item.Effects)
        {
            var where = effect.Architectures.Count == Policy.Architecture.All.Count ? "" : $" ({string.Join(", ", effect.Architectures)})";
            paper.Wrap($"{effect.Property}: {effect.Before} {arrow} {effect.After}{where}", Indent, console.Width, Palette.Middling).Line();
        }

        var ports = change.Backports.Count == 0 ? "" : $"; also in {string.Join(", ", change.Backports)}";
        paper.Wrap($"{change.Key}; {change.Evidence}, {change.Source}{ports}", Indent, console.Width, Palette.Faint).Line().Line();
    }
}
