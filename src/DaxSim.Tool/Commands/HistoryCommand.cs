using System.CommandLine;
using System.Text.Json;
using DaxSim.Policy;
using DaxSim.Tool.Json;
using DaxSim.Tool.Questions;
using DaxSim.Tool.Rendering;

namespace DaxSim.Tool.Commands;

/// <summary><c>daxsim history</c>: the changes of the kernel's behaviour that the model knows, and what each does.</summary>
internal static class HistoryCommand
{
    internal static Command Build(ToolConsole console)
    {
        var kernel = KernelOptions.KernelOption("Only changes that came with these kernels, back-ports included: 4.16, 4.12..4.18, ..4.20.");
        var architecture = KernelOptions.ArchitectureOption("Only changes that concern this architecture.");
        var grep = new Option<string?>("--grep") { Description = "Only changes with this text in key, commit, title or effect (letter case aside).", HelpName = "TEXT" };
        var property = new Option<string?>("--property") { Description = "Only changes that alter this behaviour, for example DevmapPte.", HelpName = "NAME" };
        var evidence = new Option<string?>("--evidence") { Description = $"Only changes that are founded this way: {string.Join(", ", Enum.GetNames<Evidence>())}.", HelpName = "KIND" };
        var json = KernelOptions.JsonOption();
        var command = new ExampleCommand("history", "List the changes of the kernel from 3.10 to 7.3 that the model knows, with commit, release and effect.")
        {
            Notes = ["A change is listed with the behaviours it alters, as 'behaviour: before -> after'."],
            Examples =
            [
                "history --kernel 4.16",
                "history --grep dcssblk --arch s390x",
                "history --property DevmapPte --json",
                "history --kernel 5.15..6.0 --evidence Recorded",
            ],
        };
        foreach (var option in (IEnumerable<Option>)[kernel, architecture, grep, property, evidence, json])
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            var filter = new HistoryFilter
            {
                Ranges = KernelSelection.ReadRanges(parsed.GetValue(kernel) ?? []),
                Architecture = parsed.GetValue(architecture) is { } name ? Architecture.Parse(name) : null,
                Text = parsed.GetValue(grep),
                Property = ReadName<PolicyProperty>(parsed.GetValue(property), "behaviour", Enum.GetNames<PolicyProperty>()),
                Evidence = ReadName<Evidence>(parsed.GetValue(evidence), "kind of evidence", Enum.GetNames<Evidence>()),
            };
            var found = filter.Apply();
            if (parsed.GetValue(json))
            {
                console.Out.WriteLine(JsonSerializer.Serialize([.. found.Select(HistoryJson.Of)], ToolJson.Default.HistoryJsonArray));
            }
            else
            {
                HistoryView.Write(console, found);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static T? ReadName<T>(string? text, string what, IEnumerable<string> names)
        where T : struct, Enum
    {
        if (text is null)
        {
            return null;
        }

        return names.FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse<T>(name)
            : throw new UsageException($"'{text}' is no {what}.{Spelling.DidYouMean(text, names)} See 'daxsim history --help'.");
    }
}
