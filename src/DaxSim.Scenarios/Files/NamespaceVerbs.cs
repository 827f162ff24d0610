using System.Globalization;
using DaxSim.Memory;
using DaxSim.Outcomes;
using static DaxSim.Scenarios.Files.Field;

namespace DaxSim.Scenarios.Files;

/// <summary>Drivers and namespaces of persistent memory on a running machine.</summary>
internal static class NamespaceVerbs
{
    private static readonly (string Word, PmemMode Mode)[] Modes = [("raw", PmemMode.Raw), ("fsdax", PmemMode.FsDax), ("sector", PmemMode.Sector), ("devdax", PmemMode.DevDax)];

    private static StepField Namespace => Word("namespace", "The namespace (namespace0.0), or the device that a driver made of it.");

    internal static IReadOnlyList<StepVerb> All { get; } =
    [
        new("unbind", "Takes a driver off its device or namespace (ndctl disable-namespace); blocked while references on its pages are waited for.", r => new StepOutcome(r.Machine.BeginUnbind(r.Text("device")).Verdict))
        {
            Fields = [Word("device", "The device, or its namespace.")], Shorthand = "device",
        },
        new("bind", "A driver takes a namespace again (ndctl enable-namespace); returns the device.", r => Device(r, r.Machine.BindNamespace(r.Text("namespace")))) { Fields = [Namespace], Shorthand = "namespace" },
        new("reconfigure", "Gives a namespace another mode and binds it (ndctl create-namespace -e); returns the device.", r => Device(r, r.Machine.ReconfigureNamespace(
            r.Text("namespace"), Modes.First(m => m.Word == r.Text("mode")).Mode, r.Text("map", "mem") == "dev" ? MemmapPlacement.Device : MemmapPlacement.Ram, r.Text("align", "2M"))))
        {
            Fields = [Namespace, Choice("mode", "The new mode.", [.. Modes.Select(m => m.Word)]) with { Required = true }, Choice("map", "Where the struct pages lie; mem unless given.", "mem", "dev"), Word("align", "The alignment of a devdax namespace; 2M unless given.", required: false)],
        },
        new("force-raw", "Writes the attribute force_raw of a namespace that is not bound.", r => new StepOutcome(r.Machine.SetForceRaw(r.Text("namespace"), r.Bool("on", true)))) { Fields = [Namespace, Bool("on", "false takes it back.")], Shorthand = "namespace" },
        new("namespace-error", "A part of a namespace becomes a known media error, wherever it lies: info block and struct pages too.", r =>
        {
            r.Machine.InjectNamespaceError(r.Text("namespace"), r.Size("offset", 0), r.Size("length", 512));
            return new StepOutcome(Verdict.Ok);
        })
        {
            Fields = [Namespace, Size("offset", "Where it begins in the namespace."), Size("length", "How long it is; 512 unless given.")],
        },
        new("clear-errors", "Asks the firmware to clear media errors of a namespace (ndctl clear-errors); returns the bytes.", r => StepOutcome.Of(r.Machine.ClearMediaErrors(r.Text("namespace"), r.Size("offset", 0), r.Size("length", 512)), n => n.ToString(CultureInfo.InvariantCulture)))
        {
            Fields = [Namespace, Size("offset", "Where to begin in the namespace."), Size("length", "How many bytes; 512 unless given.")],
        },
        new("badblocks", "The known media errors of a namespace, first sector and number of each; returns none without any.", r =>
            new StepOutcome(Verdict.Ok, r.Machine.FindNamespace(r.Text("namespace")) is { MediaErrors.Count: > 0 } space ? string.Join(", ", space.MediaErrors) : "none"))
        {
            Fields = [Namespace], Shorthand = "namespace",
        },
    ];

    private static StepOutcome Device(StepRun r, Verdict bound)
        => bound.IsOk ? new StepOutcome(bound, r.Machine.FindNamespace(r.Text("namespace"))!.Device) : new StepOutcome(bound);
}
