using System.Globalization;
using DaxSim.Policy;
using DaxSim.Tool.Questions;

namespace DaxSim.Tool.Rendering;

/// <summary>
/// The matrix of operations as text: a symbol per cell, a letter per error, breaking into blocks where the terminal is narrow; a few
/// kernels get words.
/// </summary>
internal sealed class OperationMatrixView
{
    private const int MostWordColumns = 8;
    private const int WordWidth = 13;

    private static readonly (string Errno, char Letter)[] Letters =
    [
        ("EFAULT", 'F'), ("EEXIST", 'E'), ("EIO", 'I'), ("EOPNOTSUPP", 'N'), ("EINVAL", 'V'), ("ENOSYS", 'Y'), ("ENOMEM", 'M'), ("EACCES", 'A'), ("ENOENT", 'T'), ("EBUSY", 'B'), ("ENODEV", 'D'),
    ];

    private readonly ToolConsole console;
    private readonly OperationMatrix matrix;
    private readonly Paper paper = new();
    private readonly string[] headers;
    private readonly bool[] gaps;
    private readonly int labelWidth;

    private OperationMatrixView(ToolConsole console, OperationMatrix matrix)
    {
        this.console = console;
        this.matrix = matrix;
        headers = matrix.KernelsAreColumns ? [.. matrix.Kernels.Select((k, i) => Header(k, i == 0 || !SameSeries(i - 1, i)))] : [.. matrix.Operations.Select(o => o.Name)];
        var height = headers.Max(h => h.Length);
        headers = [.. headers.Select(h => matrix.KernelsAreColumns ? h.PadRight(height) : h.PadLeft(height))];
        gaps = [.. Enumerable.Range(0, headers.Length).Select(i => matrix.KernelsAreColumns && i > 0 && !SameSeries(i - 1, i))];
        labelWidth = 4 + matrix.Rows.Max(r => Label(r).Length);
    }

    internal static void Write(ToolConsole console, OperationMatrix matrix)
    {
        var view = new OperationMatrixView(console, matrix);
        var words = matrix.KernelsAreColumns && matrix.Kernels.Count <= MostWordColumns && (console.Width ?? int.MaxValue) >= view.labelWidth + (matrix.Kernels.Count * WordWidth);
        if (words)
        {
            view.WriteWords();
        }
        else
        {
            view.WriteSymbols();
        }

        view.WriteLegend(words);
        console.Ansi().Write(view.paper);
    }

    private void WriteSymbols()
    {
        var width = console.Width ?? int.MaxValue;
        var spacing = labelWidth + Extent(0, headers.Length, 2) <= width ? 2 : 1;
        for (var first = 0; first < headers.Length;)
        {
            var count = 1;
            while (first + count < headers.Length && labelWidth + Extent(first, count + 1, spacing) <= width)
            {
                count++;
            }

            if (first > 0)
            {
                paper.Line();
            }

            for (var line = 0; line < headers[0].Length; line++)
            {
                paper.To(labelWidth);
                for (var i = first; i < first + count; i++)
                {
                    paper.Put(Blanks(i, first, spacing)).Put($"{headers[i][line]}", Palette.Strong);
                }

                paper.Line();
            }

            WriteRows((row, _) =>
            {
                for (var i = first; i < first + count; i++)
                {
                    paper.Put(Blanks(i, first, spacing)).Put(Symbol(row.Cells[i]), Palette.Of(row.Cells[i]));
                }
            });
            first += count;
        }
    }

    private void WriteWords()
    {
        paper.To(labelWidth);
        foreach (var kernel in matrix.Kernels)
        {
            paper.Put(kernel.ToString().PadRight(WordWidth), Palette.Strong);
        }

        paper.Line();
        WriteRows((row, _) =>
        {
            foreach (var cell in row.Cells)
            {
                paper.Put($"{Symbol(cell)} {Word(cell)}".PadRight(WordWidth), Palette.Of(cell));
            }
        });
    }

    private void WriteRows(Action<OperationRow, int> cells)
    {
        string? heading = null;
        foreach (var row in matrix.Rows)
        {
            var own = Heading(row);
            if (own != heading)
            {
                heading = own;
                paper.Put(own, Palette.Name).Put(" ").Wrap(row.Architecture.ToString(), 0, console.Width, Palette.Faint).Line();
            }

            paper.Put("  ").Put(Label(row)).To(labelWidth);
            cells(row, 0);
            paper.Line();
        }
    }

    private void WriteLegend(bool words)
    {
        var cells = matrix.Rows.SelectMany(r => r.Cells).ToList();
        paper.Line();
        Explain(cells, c => c is { IsAbsent: false, Outcome: "ok", BadPageMap: false, Dax: not false }, "works");
        Explain(cells, c => c is { IsAbsent: false, Outcome: "ok", BadPageMap: false, Dax: false }, "works, but the mount is without DAX: a page of the page cache");
        Explain(cells, c => c is { IsAbsent: false, Outcome: "ok", BadPageMap: true }, "works, but the kernel reports a bad page map and is tainted");
        foreach (var (errno, letter) in Letters)
        {
            Explain(cells, c => c is { IsAbsent: false, BadPageMap: false } && c.Errno == errno, errno);
            Explain(cells, c => c is { IsAbsent: false, BadPageMap: true } && c.Errno == errno, $"{errno}, and the kernel reports a bad page map");
        }

        Explain(cells, c => c is { IsAbsent: false, Outcome: "errno" } && Array.TrueForAll(Letters, l => l.Errno != c.Errno), "another error");
        Explain(cells, c => c is { IsAbsent: false, Outcome: "signal" }, "a signal");
        Explain(cells, c => c is { IsAbsent: false, Outcome: "oops" or "undefined" or "blocked" }, "the kernel crashes, uses garbage or never returns");
        Explain(cells, c => c is { IsAbsent: false, Outcome: "unknown" }, "unknown");
        Explain(cells, c => c.IsAbsent, "not reached: the kernel lacks the driver, or refuses the mount or the mapping");
        if (!matrix.KernelsAreColumns)
        {
            paper.Wrap($"Kernel {matrix.Kernels[0]}. Columns read downwards.", 0, console.Width, Palette.Faint).Line();
        }
        else if (!words)
        {
            paper.Wrap("Versions read downwards: 4 over 1 over 4 is 4.14.", 0, console.Width, Palette.Faint).Line();
        }

        if (matrix.Choice.Describe() is { } kernels)
        {
            paper.Wrap(kernels, 0, console.Width, Palette.Faint).Line();
        }

        paper.Wrap("Ask about a cell: daxsim why --kernel V --mapping SPEC --op OP.", 0, console.Width, Palette.Faint).Line();
    }

    private void Explain(List<OperationCell> cells, Predicate<OperationCell> kind, string text)
    {
        if (cells.Find(kind) is { } cell)
        {
            paper.Put(Symbol(cell), Palette.Of(cell)).Wrap(text, 0, console.Width).Line();
        }
    }

    private string Blanks(int column, int first, int spacing) => column == first ? "" : new string(' ', gaps[column] ? spacing : spacing - 1);

    private int Extent(int first, int count, int spacing) => (count * spacing) + gaps.Skip(first + 1).Take(count - 1).Count(g => g);

    private bool SameSeries(int left, int right) => matrix.Kernels[left].Major == matrix.Kernels[right].Major;

    private static string Header(KernelVersion version, bool starts)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{(starts ? version.Major : ""),1}{version.Minor,2}");
        return version.IsMainline ? text : string.Create(CultureInfo.InvariantCulture, $"{text}.{version.Patch}");
    }

    private string Heading(OperationRow row) => matrix.KernelsAreColumns ? row.Mapping.ToString() : row.Mapping.BackingText;

    private static string Label(OperationRow row) => row.Operation?.Name ?? row.Mapping.ToString()[(row.Mapping.BackingText.Length + 1)..];

    private static string Word(OperationCell cell) => cell switch
    {
        { IsAbsent: true } => cell.FailedStep == "device" ? "absent" : cell.Errno ?? cell.Outcome,
        { Errno: { } errno } => errno,
        { Signal: { } signal } => signal,
        _ => cell.Outcome,
    };

    private string Symbol(OperationCell cell) => cell switch
    {
        { IsAbsent: true } => console.Unicode ? "·" : ".",
        { Outcome: "ok", BadPageMap: true } => console.Unicode ? "▪" : "+",
        { Outcome: "ok", Dax: false } => console.Unicode ? "□" : "o",
        { Outcome: "ok" } => console.Unicode ? "■" : "#",
        { Outcome: "errno" } => Letter(cell),
        { Outcome: "signal" } => "S",
        { Outcome: "unknown" } => "?",
        _ => "!",
    };

    /// <summary>A capital for the error; a small letter when the kernel is tainted on the way.</summary>
    private string Letter(OperationCell cell)
    {
        var at = Array.FindIndex(Letters, l => l.Errno == cell.Errno);
        return at < 0 ? (console.Unicode ? "×" : "x") : $"{(cell.BadPageMap ? char.ToLowerInvariant(Letters[at].Letter) : Letters[at].Letter)}";
    }
}
