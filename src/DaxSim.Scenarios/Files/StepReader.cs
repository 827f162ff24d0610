using System.Buffers;
using DaxSim.Text;

namespace DaxSim.Scenarios.Files;

/// <summary>Reads the steps and looks every name up: what a step uses an earlier one must have given.</summary>
internal sealed class StepReader
{
    /// <summary>The keys that every step may have beside its verb.</summary>
    internal static IReadOnlyList<(string Name, string Description)> CommonKeys { get; } =
    [
        ("in", "The process that does it; may be left out while there is only one."),
        ("as", "The name that the result gets."),
        ("expect", "What it comes to: an outcome, or kernels with their outcomes. Without this it must succeed."),
        ("only", "The only kernels on which it is tried."),
        ("log", "A piece of text that the kernel must print meanwhile."),
        ("note", "A remark for the reader."),
    ];

    private const int MostSteps = 1000;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private static readonly string[] Common = [.. CommonKeys.Select(k => k.Name)];

    private readonly Dictionary<string, NameKind> names = new(StringComparer.Ordinal);
    private readonly List<string> processes = [];

    internal static IReadOnlyList<ScenarioStep> Read(YamlNode node)
    {
        var items = node.AsList("steps");
        if (items.Count > MostSteps)
        {
            throw node.Problem($"A scenario has at most {MostSteps} steps, this one has {items.Count}.");
        }

        var reader = new StepReader();
        return [.. items.Select(reader.ReadStep)];
    }

    private ScenarioStep ReadStep(YamlNode node)
    {
        var entries = node.AsMapping("A step");
        var action = entries.FirstOrDefault(e => !Common.Contains(e.Key))
            ?? throw node.Problem($"The step does nothing: give it an action such as mmap, fork or load. The actions are {string.Join(", ", StepVerb.All.Select(v => v.Name))}.");
        var verb = StepVerb.Find(action.Key)
            ?? throw YamlNode.Problem(action.Place, $"'{YamlNode.Shorten(action.Key)}' is no action.{Spelling.DidYouMean(action.Key, StepVerb.All.Select(v => v.Name).Concat(Common))} The actions are {string.Join(", ", StepVerb.All.Select(v => v.Name))}.");
        var map = node.AsMap($"A step that does {verb.Name}", [verb.Name, .. Common]);
        var process = ReadProcess(verb, map, action.Place);
        var (arguments, text) = ReadArguments(verb, action);
        var given = ReadName(verb, map, arguments, action.Place);
        return new ScenarioStep(verb, arguments, action.Place)
        {
            Text = text,
            Process = process,
            As = given,
            Expect = map.Has("expect", out var expect) ? Expectation.Read(expect) : null,
            Only = map.Read("only", KernelRange.Parse),
            Log = map.Text("log"),
            Note = map.Text("note"),
        };
    }

    private string? ReadProcess(StepVerb verb, YamlMap map, FilePlace place)
    {
        if (map.Has("in", out var node))
        {
            var name = node.AsText("in");
            return verb.InProcess ? LookUp(node, "in", name, NameKind.Process) : throw node.Problem($"No process does {verb.Name}: leave in: out.");
        }

        if (!verb.InProcess)
        {
            return null;
        }

        return processes.Count switch
        {
            0 => throw YamlNode.Problem(place, $"A process must do {verb.Name}: start one before, with a step - spawn: NAME."),
            1 => processes[0],
            _ => throw YamlNode.Problem(place, $"Say which process does {verb.Name}: in: {string.Join(" or ", processes)}."),
        };
    }

    private (IReadOnlyDictionary<string, object> Arguments, string Text) ReadArguments(StepVerb verb, YamlEntry action)
    {
        var arguments = new Dictionary<string, object>(StringComparer.Ordinal);
        var node = action.Value;
        if (node.Entries is null)
        {
            if (node.IsEmpty && !verb.Fields.Any(f => f.Required))
            {
                return (arguments, "");
            }

            var shorthand = verb.Fields.FirstOrDefault(f => f.Name == verb.Shorthand)
                ?? throw node.Problem($"{verb.Name} takes {Choices(verb)}.");
            var missing = verb.Fields.FirstOrDefault(f => f.Required && f != shorthand);
            if (missing is not null)
            {
                throw node.Problem($"{verb.Name} needs '{missing.Name}' too: write {verb.Name}: {{{string.Join(", ", verb.Fields.Where(f => f.Required).Select(f => $"{f.Name}: …"))}}}.");
            }

            arguments[shorthand.Name] = ReadValue(shorthand, node);
            return (arguments, node.Text ?? "");
        }

        if (verb.Fields is [{ Kind: FieldKind.Mount } whole])
        {
            var mount = (MachineMount)whole.Read(node);
            arguments[whole.Name] = mount;
            return (arguments, $"{mount.Device} on {mount.Path} type {mount.Type}{(mount.Options.Length > 0 ? $" -o {mount.Options}" : "")}");
        }

        var map = node.AsMap(verb.Name, [.. verb.Fields.Select(f => f.Name)]);
        foreach (var field in verb.Fields)
        {
            if (map.Has(field.Name, out var value))
            {
                arguments[field.Name] = ReadValue(field, value);
            }
            else if (field.Required)
            {
                throw node.Problem($"{verb.Name} needs '{field.Name}': {field.Description}");
            }
        }

        return (arguments, string.Join(", ", node.Entries.Select(e => $"{e.Key} {TextOf(e.Value)}")));
    }

    private static string TextOf(YamlNode node) => node.Items is { } items ? string.Join('|', items.Select(TextOf)) : node.Text ?? "";

    private static string Choices(StepVerb verb) => verb.Fields.Count == 0 ? "nothing" : $"a mapping with {string.Join(", ", verb.Fields.Select(f => f.Name))}";

    private object ReadValue(StepField field, YamlNode node)
    {
        var value = field.Read(node);
        if (field.Kind == FieldKind.Name)
        {
            LookUp(node, field.Name, (string)value, field.Names);
        }
        else if (value is StepAddress { Area: { } area })
        {
            LookUp(node, field.Name, area, NameKind.Area);
        }

        return value;
    }

    private string LookUp(YamlNode node, string what, string name, NameKind kind)
    {
        if (!names.TryGetValue(name, out var found))
        {
            var known = names.Where(n => n.Value == kind).Select(n => n.Key).ToList();
            throw node.Problem($"{what}: no step before this one gives the {Word(kind)} '{YamlNode.Shorten(name)}'.{Spelling.DidYouMean(name, known)}{(known.Count == 0 ? "" : $" There {(known.Count == 1 ? "is" : "are")} {string.Join(", ", known)}.")}");
        }

        return found == kind ? name : throw node.Problem($"{what}: '{name}' is a {Word(found)}; a {Word(kind)} is wanted.");
    }

    private string? ReadName(StepVerb verb, YamlMap map, IReadOnlyDictionary<string, object> arguments, FilePlace place)
    {
        var node = map.Find("as");
        var name = node?.AsText("as");
        if (verb.NamedBy is { } field)
        {
            if (node is not null)
            {
                throw node.Problem($"{verb.Name} names its result itself: leave as: out.");
            }

            name = arguments.TryGetValue(field, out var given) ? (string)given : null;
        }
        else if (node is not null && verb.Gives == NameKind.None)
        {
            throw node.Problem($"{verb.Name} gives nothing that could have a name: leave as: out.");
        }

        if (name is null)
        {
            return null;
        }

        var at = node?.Place ?? place;
        if (name.AsSpan().ContainsAnyExcept(NameCharacters) || !char.IsAsciiLetter(name[0]))
        {
            throw YamlNode.Problem(at, $"'{YamlNode.Shorten(name)}' is no name: letters, digits, - and _, the first a letter.");
        }

        if (names.TryGetValue(name, out var before) && before != verb.Gives)
        {
            throw YamlNode.Problem(at, $"'{name}' is the name of a {Word(before)} already: choose another.");
        }

        names[name] = verb.Gives;
        if (verb.Gives == NameKind.Process && !processes.Contains(name))
        {
            processes.Add(name);
        }

        return name;
    }

    private static string Word(NameKind kind) => kind switch
    {
        NameKind.Process => "process",
        NameKind.File => "file",
        NameKind.Area => "mapping",
        NameKind.Pages => "set of pages",
        NameKind.Pipe => "pipe",
        NameKind.Ring => "ring",
        NameKind.Operation => "file operation",
        NameKind.Transfer => "transfer",
        _ => "thing",
    };
}
