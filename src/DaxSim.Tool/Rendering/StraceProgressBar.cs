using DaxSim.Scenarios.Strace;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>A bar on standard error while a long log is read; nothing when nobody watches.</summary>
internal sealed class StraceProgressBar : IDisposable
{
    private const int Cells = 40;

    private readonly IAnsiConsole console;
    private bool shown;

    private StraceProgressBar(IAnsiConsole console) => this.console = console;

    /// <summary>Null unless standard error is a terminal and output is, too.</summary>
    internal static StraceProgressBar? Start(ToolConsole console)
        => console.Watched
            ? new StraceProgressBar(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = console.Colour ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(console.Error) }))
            : null;

    internal void Show(StraceProgress progress)
    {
        if (progress.BytesTotal <= 0)
        {
            return;
        }

        var done = (int)(Math.Clamp((double)progress.BytesRead / progress.BytesTotal, 0, 1) * Cells);
        console.Write(new ControlCode("\r"));
        console.Write(new Spectre.Console.Text(new string('#', done), new Style(Color.Green)));
        console.Write(new Spectre.Console.Text($"{new string('.', Cells - done)} {progress.Lines:N0} lines"));
        shown = true;
    }

    public void Dispose()
    {
        if (shown)
        {
            console.Write(new ControlCode("\r\u001b[2K"));
        }
    }
}
