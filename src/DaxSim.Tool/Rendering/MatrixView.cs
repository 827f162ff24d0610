using System.Globalization;
using DaxSim.Policy;
using DaxSim.Tool.Questions;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>
/// The matrix as text: a line per filesystem under each device, a column per kernel. Many kernels get a symbol each and break into
/// blocks where the terminal is narrow; a few get words.
/// </summary>
internal sealed class MatrixView
{
    private const int LabelWidth = 12;
    private const int MostWordColumns = 8;
    private const int WordWidth = 13;

    private readonly ToolConsole console;
    private readonly Matrix matrix;
    private readonly Paper paper = new();

    private MatrixView(ToolConsole console, Matrix matrix)
    {
        this.console = console;
        this.matrix = matrix;
    }

    internal static void Write(ToolConsole console, Matrix matrix)
    {
        var view = new MatrixView(console, matrix);
        var wordsFit = matrix.Kernels.Count <= MostWordColumns && (console.Width ?? int.MaxValue) >= LabelWidth + (matrix.Kernels.Count * WordWidth);
        if (wordsFit)
        {
            view.WriteWords();
        }
        else
        {
            view.WriteSymbols();
        }

        view.WriteLegend(wordsFit);
        console.Ansi().Write(view.paper);
    }

    /// <summary>Puts a blank between columns where all of them then still fit.</summary>
    private void WriteSymbols()
    {
        var width = console.Width ?? int.MaxValue;
        var spacing = LabelWidth + Extent(0, matrix.Kernels.Count, 2) <= width ? 2 : 1;
        for (var first = 0; first < matrix.Kernels.Count;)
        {
            var count = 1;
            while (first + count < matrix.Kernels.Count && LabelWidth + Extent(first, count + 1, spacing) <= width)
            {
                count++;
            }

            if (first > 0)
            {
                paper.Line();
            }

            WriteBlock(first, count, spacing);
            first += count;
        }
    }

    private void WriteBlock(int first, int count, int spacing)
    {
        foreach (var line in HeaderLines(first, count))
        {
            paper.To(LabelWidth);
            ForColumns(first, count, spacing, i => (line(matrix.Kernels[i], i == first || !SameSeries(i - 1, i)), Palette.Strong));
            paper.Line();
        }

        foreach (var group in matrix.Rows.GroupBy(r => (r.Device, r.Architecture)))
        {
            WriteDevice(group.Key.Device, group.Key.Architecture);
            foreach (var row in group)
            {
                paper.Put("  ").Put(row.FileSystem).To(LabelWidth);
                ForColumns(first, count, spacing, i => (Symbol(row.Cells[i].Outcome), Palette.Of(row.Cells[i].Outcome)));
                paper.Line();
            }
        }
    }

    /// <summary>Calls back for every column and puts what it answers, cut or padded to the column; series are set apart by a blank.</summary>
    private void ForColumns(int first, int count, int spacing, Func<int, (string Text, Style Style)> cell)
    {
        for (var i = first; i < first + count; i++)
        {
            if (i > first)
            {
                paper.Put(new string(' ', SameSeries(i - 1, i) ? spacing - 1 : spacing));
            }

            var (text, style) = cell(i);
            paper.Put(text, style);
        }
    }

    /// <summary>The version written downwards: the major number once per series, then the digits of the rest.</summary>
    private List<Func<KernelVersion, bool, string>> HeaderLines(int first, int count)
    {
        var points = matrix.Kernels.Skip(first).Take(count).Any(k => !k.IsMainline);
        List<Func<KernelVersion, bool, string>> lines =
        [
            (k, starts) => starts ? Digit(k.Major) : " ",
            (k, _) => k.Minor >= 10 ? Digit(k.Minor / 10) : " ",
            (k, _) => Digit(k.Minor % 10),
        ];
        if (points)
        {
            lines.Add((k, _) => k.IsMainline ? " " : ".");
            lines.Add((k, _) => k.Patch >= 100 ? Digit(k.Patch / 100 % 10) : " ");
            lines.Add((k, _) => k.Patch >= 10 ? Digit(k.Patch / 10 % 10) : " ");
            lines.Add((k, _) => k.IsMainline ? " " : Digit(k.Patch % 10));
        }

        return lines;
    }

    private void WriteWords()
    {
        paper.To(LabelWidth);
        foreach (var kernel in matrix.Kernels)
        {
            paper.Put(kernel.ToString().PadRight(WordWidth), Palette.Strong);
        }

        paper.Line();
        foreach (var group in matrix.Rows.GroupBy(r => (r.Device, r.Architecture)))
        {
            WriteDevice(group.Key.Device, group.Key.Architecture);
            foreach (var row in group)
            {
                paper.Put("  ").Put(row.FileSystem).To(LabelWidth);
                foreach (var cell in row.Cells)
                {
                    paper.Put($"{Symbol(cell.Outcome)} {Word(cell)}".PadRight(WordWidth), Palette.Of(cell.Outcome));
                }

                paper.Line();
            }
        }
    }

    private void WriteDevice(DeviceSpec device, Architecture architecture)
        => paper.Put(device.ToString(), Palette.Name).Put(" ").Wrap(architecture.ToString(), 0, console.Width, Palette.Faint).Line();

    private void WriteLegend(bool words)
    {
        paper.Line();
        foreach (var outcome in Enum.GetValues<CellOutcome>().Where(o => matrix.Rows.Any(r => r.Cells.Any(c => c.Outcome == o))))
        {
            paper.Put(Symbol(outcome), Palette.Of(outcome)).Wrap(Explain(outcome), 0, console.Width).Line();
        }

        paper.Wrap($"Mounted with: {matrix.OptionsText}.", 0, console.Width, Palette.Faint).Line();
        if (matrix.Choice.Describe() is { } kernels)
        {
            paper.Wrap(kernels, 0, console.Width, Palette.Faint).Line();
        }

        if (!words)
        {
            paper.Wrap("Versions read downwards: 4 over 1 over 4 is 4.14.", 0, console.Width, Palette.Faint).Line();
        }

        paper.Wrap("Ask about a cell: daxsim why --kernel V --device D --fs T.", 0, console.Width, Palette.Faint).Line();
    }

    private int Extent(int first, int count, int spacing)
    {
        var gaps = 0;
        for (var i = first + 1; i < first + count; i++)
        {
            gaps += SameSeries(i - 1, i) ? 0 : 1;
        }

        return (count * spacing) + gaps;
    }

    private bool SameSeries(int left, int right) => matrix.Kernels[left].Major == matrix.Kernels[right].Major;

    private static string Digit(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Word(MatrixCell cell) => cell.Outcome switch
    {
        CellOutcome.Dax => "dax",
        CellOutcome.NoDax => "no dax",
        CellOutcome.Refused => cell.Errno.ToString(),
        CellOutcome.Absent => "absent",
        _ => "unknown",
    };

    private static string Explain(CellOutcome outcome) => outcome switch
    {
        CellOutcome.Dax => "mounted with DAX",
        CellOutcome.NoDax => "mounted, but without DAX",
        CellOutcome.Refused => "the mount fails",
        CellOutcome.Absent => "this kernel has no such driver or filesystem",
        _ => "unknown",
    };

    private string Symbol(CellOutcome outcome) => outcome switch
    {
        CellOutcome.Dax => console.Unicode ? "■" : "#",
        CellOutcome.NoDax => console.Unicode ? "□" : "o",
        CellOutcome.Refused => console.Unicode ? "×" : "x",
        CellOutcome.Absent => console.Unicode ? "·" : ".",
        _ => "?",
    };
}
