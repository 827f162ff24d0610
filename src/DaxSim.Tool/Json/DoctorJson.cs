using DaxSim.Outcomes;
using DaxSim.Scenarios.Import;

namespace DaxSim.Tool.Json;

/// <summary>What <c>daxsim import --json</c> prints.</summary>
internal sealed record ImportJson(ImportedFileJson[] Files, string? KernelRelease, string? Kernel, string? Arch, string[] Devices, string[] Mounts, string[] Notes, string Machine)
{
    internal static ImportJson Of(HostDump dump, MachineImport import, string text) => new(
        [.. dump.Files.Select(f => new ImportedFileJson(f.Name, f.Kind.ToString().ToLowerInvariant()))],
        dump.KernelRelease,
        import.Machine.Kernel?.ToString(),
        import.Machine.Architecture?.Name,
        [.. import.Machine.Devices.Select(d => d.Spec is { } spec ? d.Name is null ? spec.ToString() : $"{d.Name} = {spec}" : $"{d.Name ?? "partition"} = {d.Stacked!.Kind.ToString().ToLowerInvariant()} on {string.Join(", ", d.Stacked.On)}")],
        [.. import.Machine.Mounts.Select(m => $"{m.Device} {m.Path} {m.Type} {m.Options}".TrimEnd())],
        [.. import.Notes],
        text);
}

/// <summary>A file that was read.</summary>
internal sealed record ImportedFileJson(string Name, string Kind);

/// <summary>What <c>daxsim doctor --json</c> prints.</summary>
internal sealed record DoctorJson(string Kernel, string Arch, string[] Notes, DoctorFindingJson[] Findings)
{
    internal static DoctorJson Of(DoctorReport report, IReadOnlyList<string> notes) => new(report.Policy.Version.ToString(), report.Policy.Architecture.Name, [.. notes], [.. report.Findings.Select(DoctorFindingJson.Of)]);
}

/// <summary>One mount or device.</summary>
internal sealed record DoctorFindingJson(
    string Device, string? Path, string? Fs, string Options, string Health, bool Ill, string? Errno, DoctorAdviceJson[] Advice, string? Because, string? Function, string? DecidedBy, string[] Log, DoctorEraJson[] Kernels)
{
    internal static DoctorFindingJson Of(DoctorFinding finding) => new(
        finding.Device,
        finding.Path,
        finding.Type,
        finding.Options,
        Word(finding.Health),
        finding.IsIll,
        NameOf(finding.Errno),
        [.. finding.Advice.Select(a => new DoctorAdviceJson(a.Problem, a.Cure))],
        finding.Reason?.Because,
        finding.Reason?.Function,
        finding.Reason?.DecidedBy,
        [.. finding.Log],
        [.. finding.Kernels.Select(k => new DoctorEraJson(k.First.ToString(), k.Last.ToString(), Word(k.Health), NameOf(k.Errno)))]);

    private static string? NameOf(Errno errno) => errno == Outcomes.Errno.None ? null : errno.ToString();

    private static string Word(DaxHealth health) => health switch
    {
        DaxHealth.Works => "works",
        DaxHealth.NotAsked => "not-asked",
        DaxHealth.NotAskedAndImpossible => "not-asked-impossible",
        DaxHealth.WithoutDax => "without-dax",
        DaxHealth.MountFails => "mount-fails",
        DaxHealth.Absent => "absent",
        _ => "unknown",
    };
}

/// <summary>What stands in the way, and what removes it.</summary>
internal sealed record DoctorAdviceJson(string Problem, string Cure);

/// <summary>Releases on which it stands the same.</summary>
internal sealed record DoctorEraJson(string First, string Last, string Health, string? Errno);
