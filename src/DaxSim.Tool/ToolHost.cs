using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using DaxSim.Tool.Commands;

namespace DaxSim.Tool;

/// <summary>Runs one command line from beginning to end: the entry point that the program and its tests share.</summary>
internal static class ToolHost
{
    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    internal static int Run(IReadOnlyList<string> args, ToolConsole console)
    {
        try
        {
            var code = Invoke(args, console);
            console.Out.Flush();
            return code;
        }
        catch (UsageException problem)
        {
            return Refuse(console, problem.Message);
        }
        catch (FormatException problem)
        {
            return Refuse(console, problem.Message);
        }
        catch (IOException problem) when (problem is not (FileNotFoundException or FileLoadException))
        {
            // A full disk under the output, for example. A pipe whose reader went away is no error: the runtime drops the rest.
            return Refuse(console, $"cannot read or write: {problem.Message}");
        }
        catch (Exception problem)
        {
            Complain(console, $"internal error: {OneLine(problem.Message)} ({problem.GetType().Name} in {problem.TargetSite?.DeclaringType?.Name}.{problem.TargetSite?.Name}). Please report it with the command line.");
            return ExitCode.InternalError;
        }
    }

    private static int Invoke(IReadOnlyList<string> args, ToolConsole console)
    {
        var root = BuildRoot(console);
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (args.Count == 0)
        {
            return Refuse(console, $"say what to do: {string.Join(", ", root.Subcommands.Select(c => c.Name))}; 'daxsim --help' explains them.");
        }

        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction and not ExampleHelp)
        {
            return Refuse(console, UsageProblem.Describe(parsed));
        }

        return parsed.Invoke(new InvocationConfiguration
        {
            Output = console.Out,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    private static RootCommand BuildRoot(ToolConsole console)
    {
        var root = new RootCommand("DaxSim: may this filesystem use DAX on this device, on every Linux kernel from 3.10 to 7.3, and why.");
        foreach (var command in CommandList.Build(console))
        {
            root.Add(command);
        }

        root.Directives.Clear();
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new ExampleHelp((HelpAction)help.Action!, console);
        }

        return root;
    }

    private static int Refuse(ToolConsole console, string message)
    {
        Complain(console, message);
        return ExitCode.BadUsage;
    }

    private static void Complain(ToolConsole console, string message)
    {
        console.Out.Flush();
        console.Error.WriteLine($"daxsim: {OneLine(message)}");
        console.Error.Flush();
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Replace('\t', ' ').Trim();
}
