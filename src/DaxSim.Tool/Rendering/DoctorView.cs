using DaxSim.Outcomes;
using DaxSim.Scenarios.Import;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>The findings of the doctor, a paragraph each.</summary>
internal static class DoctorView
{
    private const int Indent = 4;

    internal static void Write(ToolConsole console, DoctorReport report, IReadOnlyList<string> notes)
    {
        var paper = new Paper();
        paper.Put($"Kernel {report.Policy.Version} {report.Policy.Architecture}").Line();
        foreach (var note in notes)
        {
            paper.Put("  note: ").Wrap(note, 8, console.Width).Line();
        }

        foreach (var finding in report.Findings)
        {
            paper.Line();
            Write(paper, console, finding);
        }

        paper.Line().Put(Summary(report)).Line();
        console.Ansi().Write(paper);
    }

    private static void Write(Paper paper, ToolConsole console, DoctorFinding finding)
    {
        var (sign, style) = finding.Health switch
        {
            DaxHealth.Works => (console.Unicode ? "✓" : "+", new Style(Color.Green)),
            _ when finding.IsIll => (console.Unicode ? "×" : "x", new Style(Color.Red)),
            _ => (console.Unicode ? "·" : "-", Style.Plain),
        };
        var subject = finding.Path is null ? $"{finding.Device}, not mounted" : $"{finding.Path}: {finding.Device}, {finding.Type}{(finding.Options.Length == 0 ? "" : $", -o {finding.Options}")}";
        paper.Put(sign, style).Put($" {subject}").Line();
        paper.Put("    ").Wrap(Short(finding), Indent, console.Width).Line();
        foreach (var advice in finding.Advice)
        {
            paper.Put("  why ").Wrap(advice.Problem, 6, console.Width).Line();
            paper.Put("  do  ").Wrap(advice.Cure, 6, console.Width).Line();
        }

        if (finding is { Reason: { } reason, Health: not DaxHealth.Works })
        {
            paper.Put("    ").Wrap($"the kernel, in {reason.Function}: {reason.Because}{(reason.Change is { } change && !reason.Because.Contains("(since", StringComparison.Ordinal) ? $" (since {change.Since}, {change.Commit ?? change.Key})" : "")}", Indent, console.Width).Line();
        }

        if (finding.Health is DaxHealth.MountFails or DaxHealth.WithoutDax)
        {
            foreach (var line in finding.Log)
            {
                paper.Put($"    dmesg: {line}").Line();
            }
        }

        if (finding.Kernels.Count > 0)
        {
            paper.Put("    ").Wrap($"kernels: {string.Join("; ", finding.Kernels.Select(Era))}", Indent, console.Width).Line();
        }
    }

    private static string Short(DoctorFinding finding) => finding.Health switch
    {
        DaxHealth.Works when finding.Path is null && finding.Device.StartsWith("/dev/dax", StringComparison.Ordinal) => "the character device is there",
        DaxHealth.Works when finding.Path is null => "ext4 would have DAX on it",
        DaxHealth.Works => "has DAX",
        DaxHealth.NotAsked => "has no DAX",
        DaxHealth.NotAskedAndImpossible => "has no DAX, and could not have it",
        DaxHealth.WithoutDax when finding.Path is null => "ext4 would be mounted without DAX on it",
        DaxHealth.WithoutDax => "is mounted, but without DAX",
        DaxHealth.MountFails when finding.Path is null => $"ext4 with DAX could not be mounted on it: {finding.Errno}",
        DaxHealth.MountFails => $"the mount fails with {finding.Errno}",
        DaxHealth.Absent => "this kernel has no such device or filesystem",
        _ => "not known",
    };

    private static string Era(DoctorEra era)
    {
        var releases = era.First == era.Last ? $"{era.First}" : $"{era.First} to {era.Last}";
        return $"{releases} {era.Health switch
        {
            DaxHealth.Works => "DAX",
            DaxHealth.NotAsked => "possible",
            DaxHealth.NotAskedAndImpossible => "impossible",
            DaxHealth.WithoutDax => "mounted without DAX",
            DaxHealth.MountFails => $"fails with {era.Errno}",
            DaxHealth.Absent => "not there",
            _ => "unknown",
        }}";
    }

    private static string Summary(DoctorReport report)
    {
        var ill = report.Findings.Count(f => f.IsIll);
        return report.Findings.Count == 0
            ? "There is no device that could do DAX, and nobody asks for it."
            : ill switch
            {
                0 => "Whoever asked for DAX has it.",
                1 => "One mount does not get the DAX that was asked for.",
                _ => $"{ill} mounts do not get the DAX that was asked for.",
            };
    }
}
