using DaxSim.AddressSpaces;
using DaxSim.Cells;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Rendering;

/// <summary>One operation on one mapping as text: question, outcome, page, tests, dmesg, deciding commit.</summary>
internal static class CellView
{
    private const int PageColumn = 14;

    internal static void Write(ToolConsole console, CellQuestion question, CellAnswer answer)
    {
        var paper = new Paper();
        paper.Put(question.Policy.ToString(), Palette.Strong).Put("  ").Put(question.Mapping.ToString(), Palette.Name).Put($"  {question.Operation}").Line();
        paper.Wrap(CellProse.Verdict(answer), 0, console.Width, Palette.Of(OperationCell.Of(answer))).Line();
        if (answer.UsesDax is { } dax && question.Mapping.Backing == CellBacking.File)
        {
            paper.Wrap(dax ? "The file is mapped with DAX." : $"The file is not mapped with DAX, but through the page cache: {answer.MountReason?.Because}", 0, console.Width, Palette.Faint).Line();
        }

        WritePages(paper, console, answer);
        DecisionView.WriteTests(paper, console, answer.Explanation.Steps);
        DecisionView.WriteLog(paper, answer.Explanation.LogLines);
        DecisionView.WriteReason(paper, console, answer.Explanation.Because);
        console.Ansi().Write(paper);
    }

    private static void WritePages(Paper paper, ToolConsole console, CellAnswer answer)
    {
        if (answer.Explanation.Before is not { } before)
        {
            return;
        }

        paper.Line().Put("Page", Palette.Strong).Line();
        WritePage(paper, console, "area", string.Join(' ', before.AreaFlags ?? []));
        WritePage(paper, console, "before", Text(before));
        WritePage(paper, console, "after", answer.Explanation.After is { } after ? Text(after) : "the process is gone");
        if (answer.Child is { } child)
        {
            WritePage(paper, console, "child", Text(child));
        }
    }

    private static void WritePage(Paper paper, ToolConsole console, string label, string text)
        => paper.To(DecisionView.Indent).Put(label).To(PageColumn).Wrap(text, PageColumn, console.Width).Line();

    private static string Text(PageView view) => $"{view}; RSS {view.ResidentPages}";
}
