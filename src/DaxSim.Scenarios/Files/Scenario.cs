using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

/// <summary>A scenario file: a machine, and apart from it the steps that happen there, each with what it is expected to come to. Immutable.</summary>
/// <remarks>Read strictly: a key, name, number or kernel that cannot be meant is an error with file, line and column.</remarks>
public sealed record Scenario
{
    /// <summary>The keys of a file.</summary>
    internal static IReadOnlyList<string> Keys { get; } = ["$schema", "title", "why", "source", "kernels", "machine", "steps"];

    /// <summary>The file's name.</summary>
    public required string File { get; init; }

    /// <summary>What it is about, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>What it shows and why that is so, in a paragraph; empty when the file does not say.</summary>
    public string Why { get; init; } = "";

    /// <summary>Where the expectations come from: recordings, kernel source, commits, mails.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>The kernels it speaks of; null for the machine's own.</summary>
    public KernelRange? Kernels { get; init; }

    /// <summary>The machine.</summary>
    public required MachineFile Machine { get; init; }

    /// <summary>What happens, in order.</summary>
    public required IReadOnlyList<ScenarioStep> Steps { get; init; }

    /// <summary>The kernels it runs on unless others are asked for, oldest first.</summary>
    public IReadOnlyList<KernelVersion> RunsOn => Kernels?.Kernels ?? [Machine.Kernel!.Value];

    /// <summary>Reads a scenario file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatException">It cannot be read; the message is one line with file, line, column and reason.</exception>
    public static Scenario Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Of(YamlReader.ReadFile(path), path, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads the text of a scenario file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="FormatException">It cannot be read; the message is one line with file, line, column and reason.</exception>
    public static Scenario Parse(string text, string name = "scenario.daxsim.yaml")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        return Of(YamlReader.Read(text, name), name, null);
    }

    private static Scenario Of(YamlNode document, string name, string? folder)
    {
        var map = document.AsMap("The file", Keys);
        var title = map.Require("title").AsText("title");
        if (title.Contains('\n', StringComparison.Ordinal))
        {
            throw map.Require("title").Problem("title: one line, please; why: takes a paragraph.");
        }

        var machine = MachineFile.Of(map.Require("machine"), folder);
        var kernels = map.Find("kernels") is { } range ? range.Read("kernels", KernelRange.Parse) : null;
        if (kernels is null && machine.Kernel is null)
        {
            throw document.Problem("The scenario names no kernel: give kernels: \"4.14..4.20\", or kernel: in machine.");
        }

        var scenario = new Scenario
        {
            File = name,
            Title = title,
            Why = map.Text("why")?.Trim() ?? "",
            Sources = map.Texts("source"),
            Kernels = kernels,
            Machine = machine,
            Steps = StepReader.Read(map.Require("steps")),
        };
        foreach (var expect in machine.Mounts.Select(m => m.Expect).Concat(scenario.Steps.Select(s => s.Expect)))
        {
            expect?.Check(scenario.RunsOn);
        }

        return scenario;
    }
}

/// <summary>One step of a scenario. Immutable.</summary>
public sealed class ScenarioStep
{
    internal ScenarioStep(StepVerb verb, IReadOnlyDictionary<string, object> arguments, FilePlace place)
    {
        Verb = verb;
        Arguments = arguments;
        Place = place;
    }

    /// <summary>What is done, for example <c>mmap</c>.</summary>
    public string Action => Verb.Name;

    /// <summary>What it is done with, as the file says it.</summary>
    public required string Text { get; init; }

    /// <summary>The name of the process that does it; null for what no process does.</summary>
    public string? Process { get; internal init; }

    /// <summary>The name that its result gets; null for none.</summary>
    public string? As { get; internal init; }

    /// <summary>What it is expected to come to; null when it must succeed.</summary>
    public Expectation? Expect { get; internal init; }

    /// <summary>The only kernels on which it is tried; null for all.</summary>
    public KernelRange? Only { get; internal init; }

    /// <summary>What the kernel is expected to print meanwhile; null when nothing is expected.</summary>
    public string? Log { get; internal init; }

    /// <summary>A remark for the reader.</summary>
    public string? Note { get; internal init; }

    /// <summary>Where it stands.</summary>
    public FilePlace Place { get; }

    internal StepVerb Verb { get; }

    internal IReadOnlyDictionary<string, object> Arguments { get; }
}
