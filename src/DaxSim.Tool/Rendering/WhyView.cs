using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Rendering;

/// <summary>An explanation as paragraphs.</summary>
internal static class WhyView
{
    private const int WidestParagraph = 100;

    internal static void Write(ToolConsole console, Explanation explanation)
    {
        var paper = new Paper();
        var width = Math.Min(console.Width ?? WidestParagraph, WidestParagraph);
        var first = true;
        foreach (var paragraph in Prose.Of(explanation))
        {
            paper.Wrap(paragraph, 0, width, first ? Palette.Of(explanation.Answer.Outcome) : null).Line().Line();
            first = false;
        }

        paper.Wrap("All tests of the decision: the same question to 'daxsim admit'.", 0, width, Palette.Faint).Line();
        console.Ansi().Write(paper);
    }
}
