using DaxSim.Processes;

namespace DaxSim.Scenarios.Files;

/// <summary>A mapping that a step made.</summary>
/// <param name="Name">Its name in the scenario.</param>
/// <param name="Process">Who made it.</param>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
public sealed record ScenarioArea(string Name, string Process, ulong Start, ulong Length);

/// <summary>What the names of a scenario stand for at one moment.</summary>
internal sealed class ScenarioWorld(Machine machine)
{
    internal Machine Machine { get; } = machine;

    /// <summary>In the order in which the names were given.</summary>
    internal List<(string Name, object Thing)> Named { get; } = [];

    internal object? Find(string name)
    {
        var at = Named.FindIndex(n => n.Name == name);
        return at < 0 ? null : Named[at].Thing;
    }

    internal void Set(string name, object thing)
    {
        Named.RemoveAll(n => n.Name == name);
        Named.Add((name, thing));
    }

    internal void Forget(string name) => Named.RemoveAll(n => n.Name == name);
}

/// <summary>One step while it runs: its arguments, and what it works on.</summary>
internal sealed class StepRun(ScenarioWorld world, ScenarioStep step)
{
    internal Machine Machine => world.Machine;

    internal ScenarioStep Step => step;

    internal int PageSize => Machine.Policy.Architecture.PageSize;

    internal Process Process => (Process)world.Find(step.Process!)!;

    internal bool Has(string field) => step.Arguments.ContainsKey(field);

    internal T Thing<T>(string field)
        where T : class
        => (T)world.Find((string)step.Arguments[field])!;

    internal T? Optional<T>(string field)
        where T : class
        => Has(field) ? Thing<T>(field) : null;

    internal string Text(string field, string otherwise = "") => step.Arguments.TryGetValue(field, out var value) ? (string)value : otherwise;

    internal bool Bool(string field, bool otherwise = false) => step.Arguments.TryGetValue(field, out var value) ? (bool)value : otherwise;

    internal long Number(string field, long otherwise = 0) => step.Arguments.TryGetValue(field, out var value) ? (long)value : otherwise;

    internal byte Byte(string field) => (byte)step.Arguments[field];

    internal long Size(string field, long otherwise) => step.Arguments.TryGetValue(field, out var value) ? ((StepSize)value).Bytes(PageSize) : otherwise;

    internal int Int(string field, int otherwise)
        => Size(field, otherwise) is var size && size <= 1 << 30 ? (int)size : throw new ArgumentException($"{field}: at most 1G is moved at once.");

    internal IReadOnlyList<string> Flags(string field) => step.Arguments.TryGetValue(field, out var value) ? (IReadOnlyList<string>)value : [];

    internal MachineMount Mount(string field) => (MachineMount)step.Arguments[field];

    internal ulong Address(string field = "at")
    {
        var address = (StepAddress)step.Arguments[field];
        return address.Area is { } name ? ((ScenarioArea)world.Find(name)!).Start + (ulong)address.Offset.Bytes(PageSize) : address.Absolute;
    }

    /// <summary>The rest of the mapping that an address lies in; a page when it is given as a number.</summary>
    internal ulong Length(string field = "length", string address = "at")
    {
        if (Has(field))
        {
            return (ulong)Size(field, 0);
        }

        var at = (StepAddress)step.Arguments[address];
        return at.Area is { } name && world.Find(name) is ScenarioArea area && area.Length > (ulong)at.Offset.Bytes(PageSize)
            ? area.Length - (ulong)at.Offset.Bytes(PageSize)
            : (ulong)PageSize;
    }

    /// <summary>Why the step cannot be tried: something it needs was not given, or its process is gone. Null when it can.</summary>
    internal string? Missing()
    {
        foreach (var name in Needed())
        {
            switch (world.Find(name))
            {
                case null:
                    return $"there is no {name}: the step that gives it did not succeed";
                case Process { IsAlive: false }:
                    return $"{name} has ended";
            }
        }

        return null;
    }

    private IEnumerable<string> Needed()
    {
        if (step.Process is { } process)
        {
            yield return process;
        }

        foreach (var field in step.Verb.Fields)
        {
            if (step.Arguments.TryGetValue(field.Name, out var value))
            {
                if (field.Kind == FieldKind.Name)
                {
                    yield return (string)value;
                }
                else if (value is StepAddress { Area: { } area })
                {
                    yield return area;
                }
            }
        }
    }
}
