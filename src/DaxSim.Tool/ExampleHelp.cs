using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DaxSim.Tool;

/// <summary>A command whose help ends with notes and examples that can be copied.</summary>
internal sealed class ExampleCommand(string name, string description) : Command(name, description)
{
    /// <summary>What the help should say beyond the options, a line each.</summary>
    internal IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Command lines without the leading <c>daxsim</c>.</summary>
    internal required IReadOnlyList<string> Examples { get; init; }
}

/// <summary>The usual help, then notes, examples and exit codes.</summary>
internal sealed class ExampleHelp(HelpAction usual, ToolConsole console) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        usual.MaxWidth = Math.Clamp(console.Width ?? 100, 60, 120);
        usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ExampleCommand command)
        {
            foreach (var note in command.Notes)
            {
                console.Out.WriteLine(note);
            }

            Write("Examples:", command.Examples.Select(e => $"daxsim {e}"));
        }
        else
        {
            Write("Examples:", parseResult.RootCommandResult.Command.Subcommands.OfType<ExampleCommand>().Select(c => $"daxsim {c.Examples[0]}"));
        }

        Write("Exit codes:", ["0 answered, 1 the asked property does not hold, 2 bad usage or input, 3 internal error"]);
        return ExitCode.Ok;
    }

    private void Write(string title, IEnumerable<string> lines)
    {
        console.Out.WriteLine(title);
        foreach (var line in lines)
        {
            console.Out.WriteLine($"  {line}");
        }

        console.Out.WriteLine();
    }
}
