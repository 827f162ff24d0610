using DaxSim.Outcomes;
using DaxSim.Scenarios.Strace;

namespace DaxSim.Tool.Json;

/// <summary>How a placed device was mounted.</summary>
internal sealed record StracePlaceJson(string Path, string Device, string Fs, string Options, string Result, string? Errno, string? Because, string? DecidedBy);

/// <summary>One thing that goes differently.</summary>
internal sealed record StraceFindingJson(
    string Log, long Line, int Pid, string Syscall, string Outcome, string? Errno, string? Signal, long? Bytes, string Expected, string? Address, string? Path, string? Page,
    string? Because, string? Function, string? Property, string? DecidedBy, string? DecidedByTitle, string? Since);

/// <summary>What cannot be known.</summary>
internal sealed record StraceUndecidedJson(string Log, long Line, long Count, int Pid, string Syscall, string Why, string Record);

/// <summary>What worked although memory without struct page was asked for.</summary>
internal sealed record StraceRemarkJson(string Log, long Line, long Count, int Pid, string Syscall, string Address, string? Path, string Because);

/// <summary>A line that could not be read.</summary>
internal sealed record StraceProblemJson(string Log, long Line, string Message);

/// <summary>The counts.</summary>
internal sealed record StraceSummaryJson(bool Fails, long Findings, long Failures, long Undecided, long UnreadLines, long Lines, long Calls, long Processes, long Steps, Dictionary<string, long> Outcomes);

/// <summary>What <c>daxsim strace --json</c> prints for one kernel.</summary>
internal sealed record StraceJson(
    string Kernel, string Arch, StracePlaceJson[] Places, StraceFindingJson[] Findings, StraceRemarkJson[] Worked, StraceUndecidedJson[] Undecided, StraceProblemJson[] Problems, string[] Log, StraceSummaryJson Summary)
{
    /// <summary>What one kernel makes of the logs, on one machine or, where the devices never meet in one, on several.</summary>
    internal static StraceJson Of(IReadOnlyList<(StraceReport Report, StraceAnswer Answer)> machines)
    {
        var parts = machines.Select(static m => Of(m.Report, m.Answer)).ToList();
        if (parts.Count == 1)
        {
            return parts[0];
        }

        var first = parts[0];
        var undecided = parts.SelectMany(static p => p.Undecided).Distinct().OrderBy(static u => u.Log, StringComparer.Ordinal).ThenBy(static u => u.Line).ToArray();
        return first with
        {
            Arch = string.Join(", ", parts.Select(static p => p.Arch)),
            Places = [.. parts.SelectMany(static p => p.Places)],
            Findings = [.. parts.SelectMany(static p => p.Findings).OrderBy(static f => f.Log, StringComparer.Ordinal).ThenBy(static f => f.Line)],
            Worked = [.. parts.SelectMany(static p => p.Worked).OrderBy(static r => r.Log, StringComparer.Ordinal).ThenBy(static r => r.Line)],
            Undecided = undecided,
            Log = [.. parts.SelectMany(static p => p.Log)],
            Summary = first.Summary with
            {
                Fails = parts.Exists(static p => p.Summary.Fails),
                Findings = parts.Sum(static p => p.Summary.Findings),
                Failures = parts.Sum(static p => p.Summary.Failures),
                Undecided = undecided.Length,
                Steps = parts.Sum(static p => p.Summary.Steps),
                Outcomes = parts.SelectMany(static p => p.Summary.Outcomes).GroupBy(static o => o.Key, StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Sum(static o => o.Value)),
            },
        };
    }

    private static StraceJson Of(StraceReport report, StraceAnswer answer)
    {
        var undecided = report.Undecided.Concat(answer.Undecided).OrderBy(static u => u.Log, StringComparer.Ordinal).ThenBy(static u => u.Line).Select(static u => new StraceUndecidedJson(u.Log, u.Line, u.Count, u.Pid, u.Syscall, u.Why, u.Record)).ToArray();
        return new StraceJson(
            answer.Kernel.Version.ToString(),
            answer.Kernel.Architecture.Name,
            [.. answer.Mounts.Select(static m => new StracePlaceJson(m.Path, m.Device, m.FileSystem, m.Options, m.Result, Name(m.Errno), m.Reason?.Because, m.Reason?.DecidedBy))],
            [.. answer.Findings.Select(Of)],
            [.. answer.Remarks.Select(static r => new StraceRemarkJson(r.Log, r.Line, r.Count, r.Pid, r.Syscall, Hex(r.Address)!, r.Path, r.Because))],
            undecided,
            [.. report.Problems.Select(static p => new StraceProblemJson(p.Log, p.Line, p.Message))],
            [.. answer.KernelLog],
            new StraceSummaryJson(
                answer.Fails, answer.FindingCount, answer.FailureCount, undecided.Length, report.ProblemCount, report.Lines, report.Calls, report.Processes, answer.Steps,
                answer.Findings.GroupBy(static f => NameOf(f), StringComparer.Ordinal).OrderBy(static g => g.Key, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.LongCount())));
    }

    /// <summary>The errno or signal of a finding, else its outcome.</summary>
    internal static string NameOf(StraceFinding finding) => Name(finding.Errno) ?? finding.Signal ?? finding.Outcome;

    private static StraceFindingJson Of(StraceFinding finding)
        => new(
            finding.Log, finding.Line, finding.Pid, finding.Syscall, finding.Outcome, Name(finding.Errno), finding.Signal, finding.Bytes >= 0 ? finding.Bytes : null, finding.Expected, Hex(finding.Address), finding.Path, finding.Page,
            finding.Reason?.Because, finding.Reason?.Function, finding.Reason?.Property?.ToString(), finding.Reason?.DecidedBy, finding.Reason?.Change?.Title, finding.Reason?.Change?.Since.ToString());

    private static string? Name(Errno errno) => errno == Outcomes.Errno.None ? null : errno.ToString();

    private static string? Hex(ulong? address) => address is { } value ? FormattableString.Invariant($"0x{value:x}") : null;
}
