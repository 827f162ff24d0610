using System.CommandLine;
using System.CommandLine.Parsing;

namespace DaxSim.Tool;

/// <summary>Turns what the parser found wrong into one line that says what to do.</summary>
internal static class UsageProblem
{
    internal static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var where = command is RootCommand ? "daxsim" : $"daxsim {command.Name}";
        var unknown = parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null;
        if (unknown is not null)
        {
            var words = unknown.StartsWith('-') ? OptionsOf(command) : command.Subcommands.Select(c => c.Name);
            var kind = unknown.StartsWith('-') ? "option" : command is RootCommand ? "command" : "argument";
            return $"'{unknown}' is no {kind} of '{where}'.{Spelling.DidYouMean(unknown, words)} See '{where} --help'.";
        }

        var error = parsed.Errors[0];
        return error.SymbolResult is OptionResult { IdentifierToken: { } token } option && option.Tokens.Count == 0
            ? $"{token.Value} needs a value. See '{where} --help'."
            : $"{error.Message} See '{where} --help'.";
    }

    private static IEnumerable<string> OptionsOf(Command command)
        => command.Options.SelectMany(o => o.Aliases.Prepend(o.Name)).Append("--help");
}
