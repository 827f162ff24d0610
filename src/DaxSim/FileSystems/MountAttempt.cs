using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.FileSystems;

/// <summary>One mount or remount under way: what was asked, and what the driver decides step by step.</summary>
internal sealed class MountAttempt(FileSystemTable table, FileSystemImage image, MountOptions options, string mountedAs, DecisionTrace? trace)
{
    internal FileSystemTable Table { get; } = table;

    internal FileSystemImage Image { get; } = image;

    internal MountOptions Options { get; } = options;

    /// <summary>The type that mount(2) named.</summary>
    internal string MountedAs { get; } = mountedAs;

    internal DecisionTrace? Trace { get; } = trace;

    internal KernelPolicy Policy => Table.Policy;

    internal BlockDevice Device => Image.Device ?? throw new InvalidOperationException($"A {Image.Type} filesystem has no block device (simulator defect).");

    internal string Id => Image.Device?.Name ?? Image.Type;

    /// <summary>The DAX mode that the options ask for; null when they say nothing.</summary>
    internal DaxMountMode? Asked { get; set; }

    /// <summary>The data mode that the options ask for; null when they say nothing.</summary>
    internal DataMode? AskedData { get; set; }

    internal bool SaidXip { get; set; }

    /// <summary>The realtime device of xfs.</summary>
    internal BlockDevice? Realtime { get; set; }

    /// <summary>Further devices of erofs.</summary>
    internal List<string> ExtraDevices { get; } = [];

    /// <summary>inode_share of erofs.</summary>
    internal bool InodeShare { get; set; }

    /// <summary>True when a virtiofs device has a DAX window.</summary>
    internal bool HasWindow { get; init; }

    internal void Print(KernelLogLevel level, string text) => Table.Log.Print(level, Subsystem.FileSystem, text);

    internal Reason Because(string function, string because, PolicyProperty? property = null)
        => new(function, because, property, property is { } p ? Policy.SetBy(p) : null);

    internal void Step(string function, string test, string answer, PolicyProperty? property = null) => Trace?.Step(function, test, answer, property);

    /// <summary>The reason of a filesystem's reaction to a refusal: the refusal's own cause if some change brought it, else the reaction's.</summary>
    internal Reason React(string function, string reaction, Reason cause, PolicyProperty property)
    {
        var since = Policy.SetBy(property) is { } change ? $" (since {change.Since}{(change.Commit is null ? "" : $", {change.Commit}")})" : "";
        var text = $"{reaction}{since}: {cause.Because}";
        return cause.Change is not null || Policy.SetBy(property) is null
            ? new Reason(function, text, cause.Property, cause.Change)
            : Because(function, text, property);
    }
}
