namespace DaxSim.Scenarios.Files;

/// <summary>Something a step can do: its word, its fields, and how it is done with the library.</summary>
internal sealed class StepVerb(string name, string description, Func<StepRun, StepOutcome> run)
{
    /// <summary>The word in the file, for example <c>mmap</c>.</summary>
    internal string Name { get; } = name;

    /// <summary>What it does.</summary>
    internal string Description { get; } = description;

    internal Func<StepRun, StepOutcome> Run { get; } = run;

    internal IReadOnlyList<StepField> Fields { get; init; } = [];

    /// <summary>The field that is meant when the value is one word instead of a mapping; null when there is none.</summary>
    internal string? Shorthand { get; init; }

    /// <summary>What the result is, that can be named with <c>as</c>.</summary>
    internal NameKind Gives { get; init; }

    /// <summary>The word itself names the result: <c>spawn: shell</c>.</summary>
    internal string? NamedBy { get; init; }

    /// <summary>A process does it.</summary>
    internal bool InProcess { get; init; }

    /// <summary>Continues something that only exists as an object in the program's hands, so it is not tried beforehand for an explanation.</summary>
    internal bool OnceOnly { get; init; }

    /// <summary>Every verb, by theme.</summary>
    internal static IReadOnlyList<StepVerb> All { get; } = [.. ProcessVerbs.All, .. MemoryVerbs.All, .. FileVerbs.All, .. PageVerbs.All, .. RemoteVerbs.All, .. NamespaceVerbs.All];

    internal static StepVerb? Find(string name) => All.FirstOrDefault(v => v.Name == name);
}

/// <summary>Ways to write down fields shortly.</summary>
internal static class Field
{
    internal static StepField At(string description = "The address.") => new("at", FieldKind.Address, description) { Required = true };

    internal static StepField Address(string name, string description) => new(name, FieldKind.Address, description) { Required = true };

    internal static StepField Name(string name, NameKind kind, string description, bool required = true) => new(name, FieldKind.Name, description) { Names = kind, Required = required };

    internal static StepField Word(string name, string description, bool required = true) => new(name, FieldKind.Text, description) { Required = required };

    internal static StepField Size(string name, string description, bool required = false) => new(name, FieldKind.Size, description) { Required = required };

    internal static StepField Number(string name, string description) => new(name, FieldKind.Number, description);

    internal static StepField Byte(string name, string description) => new(name, FieldKind.Byte, description) { Required = true };

    internal static StepField Bool(string name, string description) => new(name, FieldKind.Bool, description);

    internal static StepField Flags(string name, string description, params string[] choices) => new(name, FieldKind.Flags, description) { Choices = choices };

    internal static StepField Choice(string name, string description, params string[] choices) => new(name, FieldKind.Choice, description) { Choices = choices };
}
