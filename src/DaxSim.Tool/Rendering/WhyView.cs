using DaxSim.Tool.Questions;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>An explanation as paragraphs.</summary>
internal static class WhyView
{
    private const int WidestParagraph = 100;

    internal static void Write(ToolConsole console, MountExplanation explanation)
        => Write(console, Prose.Of(explanation), Palette.Of(explanation.Answer.Outcome), "admit");

    internal static void Write(ToolConsole console, CellExplanation explanation)
        => Write(console, CellProse.Of(explanation), Palette.Of(OperationCell.Of(explanation.Answer)), "cell");

    private static void Write(ToolConsole console, IEnumerable<string> paragraphs, Style heading, string elsewhere)
    {
        var paper = new Paper();
        var width = Math.Min(console.Width ?? WidestParagraph, WidestParagraph);
        var first = true;
        foreach (var paragraph in paragraphs)
        {
            paper.Wrap(paragraph, 0, width, first ? heading : null).Line().Line();
            first = false;
        }

        paper.Wrap($"All tests of the decision: the same question to 'daxsim {elsewhere}'.", 0, width, Palette.Faint).Line();
        console.Ansi().Write(paper);
    }
}
