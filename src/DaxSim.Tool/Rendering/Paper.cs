using Spectre.Console;
using Spectre.Console.Rendering;

namespace DaxSim.Tool.Rendering;

/// <summary>Builds up lines of styled text; a Spectre renderable that writes exactly what was put down.</summary>
internal sealed class Paper : Renderable
{
    private readonly List<Segment> segments = [];
    private int column;

    /// <summary>Puts text on the current line.</summary>
    internal Paper Put(string text, Style? style = null)
    {
        if (text.Length > 0)
        {
            segments.Add(new Segment(text, style ?? Style.Plain));
            column += text.Length;
        }

        return this;
    }

    /// <summary>Fills the current line with blanks up to a column.</summary>
    internal Paper To(int position) => Put(new string(' ', Math.Max(0, position - column)));

    /// <summary>Ends the line. Blanks at its end are taken back.</summary>
    internal Paper Line()
    {
        while (segments.Count > 0 && !segments[^1].IsLineBreak && segments[^1].Text is var last && last.EndsWith(' '))
        {
            var text = last.TrimEnd(' ');
            if (text.Length > 0)
            {
                segments[^1] = new Segment(text, segments[^1].Style);
                break;
            }

            segments.RemoveAt(segments.Count - 1);
        }

        segments.Add(Segment.LineBreak);
        column = 0;
        return this;
    }

    /// <summary>Puts a paragraph, broken between words so that no line passes <paramref name="width"/>, all lines indented alike.</summary>
    internal Paper Wrap(string text, int indent, int? width, Style? style = null)
    {
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > indent && width is { } limit && column + 1 + word.Length > limit)
            {
                Line();
            }

            if (column < indent)
            {
                To(indent);
            }
            else if (column > indent)
            {
                Put(" ", style);
            }

            Put(word, style);
        }

        return this;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => segments;
}
