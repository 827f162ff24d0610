using System.Globalization;
using System.Text;
using Spectre.Console;

namespace DaxSim.Tool;

/// <summary>Where the program writes, and what the reader's terminal can show.</summary>
internal sealed class ToolConsole
{
    /// <summary>Standard output.</summary>
    internal required TextWriter Out { get; init; }

    /// <summary>Standard error.</summary>
    internal required TextWriter Error { get; init; }

    /// <summary>True when colours may be used: a terminal, and neither NO_COLOR nor TERM=dumb.</summary>
    internal bool Colour { get; init; }

    /// <summary>True when the output's encoding can express more than ASCII.</summary>
    internal bool Unicode { get; init; } = true;

    /// <summary>Columns of the terminal; null when nobody limits them (a pipe or a file).</summary>
    internal int? Width { get; init; }

    /// <summary>True when somebody watches: neither output nor errors go to a file or a pipe.</summary>
    internal bool Watched { get; init; }

    /// <summary>The console of this process.</summary>
    internal static ToolConsole OfProcess()
    {
        var redirected = Console.IsOutputRedirected;
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32768) { AutoFlush = false };
        return new ToolConsole
        {
            Out = output,
            Error = Console.Error,
            Colour = !redirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Watched = !redirected && !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Unicode = IsUtf8(),
            Width = WidthOf(redirected),
        };
    }

    /// <summary>A Spectre console on standard output.</summary>
    internal IAnsiConsole Ansi()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Colour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = Colour ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(Out),
        });
        console.Profile.Width = Width ?? 1000;
        console.Profile.Capabilities.Unicode = Unicode;
        return console;
    }

    private static int? WidthOf(bool redirected)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns > 0)
        {
            return columns;
        }

        return !redirected && Console.WindowWidth > 0 ? Console.WindowWidth : null;
    }

    /// <summary>A locale that is set and does not say UTF-8 gets ASCII; no locale at all gets UTF-8, which is what containers mean by it.</summary>
    private static bool IsUtf8()
    {
        foreach (var name in (ReadOnlySpan<string>)["LC_ALL", "LC_CTYPE", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                return value.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || value.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
            }
        }

        return true;
    }
}
