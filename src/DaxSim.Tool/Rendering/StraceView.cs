using System.Globalization;
using DaxSim.Outcomes;
using DaxSim.Scenarios.Strace;
using DaxSim.Tool.Json;
using Spectre.Console;

namespace DaxSim.Tool.Rendering;

/// <summary>What became of a recorded program, as text.</summary>
internal static class StraceView
{
    private const int MostGroups = 50;

    internal static void Write(ToolConsole console, IReadOnlyList<StraceReport> reports)
    {
        if (reports.Count > 1)
        {
            var machines = string.Join(" and ", reports.Select(static r => r.Answers[0].Kernel.Architecture.Name));
            console.Ansi().Write(new Paper().Wrap($"These devices never meet in one machine: each was put into its own ({machines}), and what passes between their directories is not answered. --arch asks about one.", 0, console.Width).Line().Line());
        }

        for (var i = 0; i < reports.Count; i++)
        {
            if (i > 0)
            {
                console.Ansi().Write(new Paper().Line());
            }

            Write(console, reports[i]);
        }
    }

    private static void Write(ToolConsole console, StraceReport report)
    {
        var paper = new Paper();
        if (report.Answers.Count == 1)
        {
            WriteOne(paper, console, report, report.Answers[0]);
        }
        else
        {
            WriteSeveral(paper, console, report);
        }

        WriteUndecided(paper, console, report);
        WriteProblems(paper, report);
        console.Ansi().Write(paper);
    }

    private static void WriteOne(Paper paper, ToolConsole console, StraceReport report, StraceAnswer answer)
    {
        paper.Put(answer.Kernel.ToString(), Palette.Strong).Put($"  {Lines(report)}").Line();
        foreach (var mount in answer.Mounts)
        {
            paper.Put(mount.Path, Palette.Name).Put($" on {mount.Device}  {mount.FileSystem}  -o {mount.Options}  ").Put(Result(mount), StyleOf(mount)).Line();
        }

        paper.Line();
        if (answer.Findings.Count == 0)
        {
            paper.Put("Nothing would have gone differently.", Palette.Good).Line();
        }
        else
        {
            var failing = answer.FailureCount;
            paper.Put(failing == 0 ? "Nothing would have failed that worked." : $"{Count(failing, "call or access", "calls or accesses")} would have failed.", failing == 0 ? Palette.Good : Palette.Bad).Line();
        }

        var groups = Groups(answer);
        foreach (var group in groups.Take(MostGroups))
        {
            paper.Line();
            WriteGroup(paper, console, report, group);
        }

        if (groups.Count > MostGroups)
        {
            paper.Line().Put($"… and {groups.Count - MostGroups} more kinds of difference; --json has them all.", Palette.Faint).Line();
        }

        if (answer.Remarks.Count > 0)
        {
            paper.Line().Put("Worked all the same", Palette.Strong).Line();
            foreach (var remark in answer.Remarks)
            {
                paper.To(2).Put($"{Where(remark.Log, remark.Line, report)}{More(remark.Count)} ", Palette.Name).Wrap($"{remark.Syscall} at 0x{remark.Address:x}{(remark.Path is null ? "" : $" of {remark.Path}")}: {remark.Because}", 4, console.Width).Line();
            }
        }
    }

    private static void WriteGroup(Paper paper, ToolConsole console, StraceReport report, List<StraceFinding> group)
    {
        var first = group[0];
        paper.Put(first.Line == 0 ? "before the first line" : Where(first.Log, first.Line, report), Palette.Name).Put("  ").Put(first.Syscall, Palette.Strong)
            .Put(first.Pid == 0 ? "" : $"  pid {first.Pid.ToString(CultureInfo.InvariantCulture)}").Put("  ").Put(Outcome(first), first.Fails ? Palette.Bad : Palette.Good)
            .Put($"  (log: {first.Expected})");
        if (group.Count > 1)
        {
            paper.Put($"  and {Count(group.Count - 1, "more", "more")}, up to line {group[^1].Line.ToString(CultureInfo.InvariantCulture)}", Palette.Faint);
        }

        paper.Line();
        if (first.Path is not null || first.Address is not null)
        {
            paper.To(2).Wrap($"{first.Path}{(first.Address is { } address ? $"{(first.Path is null ? "" : " ")}at 0x{address:x}" : "")}{(first.Page is null ? "" : $": {first.Page}")}", 2, console.Width).Line();
        }

        if (first.Reason is { } reason)
        {
            paper.To(2).Wrap($"{reason.Function}: {reason.Because}", 2, console.Width).Line();
            if (reason.Change is { } change)
            {
                paper.To(2).Put(change.Commit ?? change.Key, Palette.Name).Put(" ").Wrap($"{change.Title} ({change.Since})", 2, console.Width).Line();
            }
        }
    }

    private static void WriteSeveral(Paper paper, ToolConsole console, StraceReport report)
    {
        paper.Put(Lines(report)).Line();
        foreach (var place in report.Answers[0].Mounts)
        {
            paper.Put(place.Path, Palette.Name).Put($" on {place.Device}").Line();
        }

        paper.Line();
        foreach (var era in Eras(report.Answers))
        {
            var first = era[0];
            var name = era.Count == 1 ? first.Kernel.Version.ToString() : $"{first.Kernel.Version}..{era[^1].Kernel.Version}";
            paper.Put(name.PadRight(12), Palette.Strong).Put(string.Join(", ", first.Mounts.Select(static m => $"{m.FileSystem} {Result(m)}")).PadRight(18)).Put("  ");
            if (first.Findings.Count == 0)
            {
                paper.To(34).Put("nothing differs", Palette.Good).Line();
                continue;
            }

            paper.Wrap(string.Join("; ", Kinds(first).Select(static g => $"{g[0].Syscall} {Outcome(g[0])}{(g.Count > 1 ? $" ×{g.Count}" : "")}{(g[0].Line == 0 ? "" : $" from line {g[0].Line}")}").Take(8)), 34, console.Width, first.Fails ? Palette.Bad : Palette.Middling).Line();
            foreach (var commit in Groups(first).Select(static g => g[0].Reason?.Change).OfType<Policy.KernelChange>().Distinct().Take(4))
            {
                paper.To(34).Put(commit.Commit ?? commit.Key, Palette.Name).Put(" ").Wrap($"{commit.Title} ({commit.Since})", 34, console.Width).Line();
            }
        }

        paper.Line().Put("Ask about one kernel with --kernel V, or all with --json.", Palette.Faint).Line();
    }

    /// <summary>Neighbouring kernels with the same answer.</summary>
    private static List<List<StraceAnswer>> Eras(IReadOnlyList<StraceAnswer> answers)
    {
        var eras = new List<List<StraceAnswer>>();
        foreach (var answer in answers)
        {
            if (eras.Count > 0 && Same(eras[^1][0], answer))
            {
                eras[^1].Add(answer);
            }
            else
            {
                eras.Add([answer]);
            }
        }

        return eras;
    }

    private static bool Same(StraceAnswer left, StraceAnswer right)
        => left.FindingCount == right.FindingCount && left.Mounts.Select(static m => (m.FileSystem, m.Result)).SequenceEqual(right.Mounts.Select(static m => (m.FileSystem, m.Result)))
            && left.Findings.Select(static f => (f.Line, f.Outcome, f.Errno, f.Signal, f.Reason?.DecidedBy)).SequenceEqual(right.Findings.Select(static f => (f.Line, f.Outcome, f.Errno, f.Signal, f.Reason?.DecidedBy)));

    private static void WriteUndecided(Paper paper, ToolConsole console, StraceReport report)
    {
        var all = report.Undecided.Concat(report.Answers.SelectMany(static a => a.Undecided).DistinctBy(static u => (u.Syscall, u.Why))).ToList();
        if (all.Count == 0)
        {
            return;
        }

        paper.Line().Put("Not in the log", Palette.Strong).Line();
        foreach (var undecided in all)
        {
            paper.To(2).Put($"{Where(undecided.Log, undecided.Line, report)}{More(undecided.Count)} ", Palette.Name).Wrap($"{(undecided.Syscall.Length == 0 ? "" : $"{undecided.Syscall}: ")}{undecided.Why}", 4, console.Width).Line();
            paper.To(4).Wrap($"To record it: {undecided.Record}.", 4, console.Width, Palette.Faint).Line();
        }
    }

    private static void WriteProblems(Paper paper, StraceReport report)
    {
        if (report.Problems.Count == 0)
        {
            return;
        }

        paper.Line().Put("Could not be read", Palette.Strong).Line();
        foreach (var problem in report.Problems.Take(20))
        {
            paper.To(2).Put(problem.ToString(), Palette.Middling).Line();
        }

        if (report.ProblemCount > 20)
        {
            paper.To(2).Put($"… {report.ProblemCount.ToString(CultureInfo.InvariantCulture)} lines in all", Palette.Faint).Line();
        }
    }

    private static List<List<StraceFinding>> Groups(StraceAnswer answer)
        => [.. answer.Findings.GroupBy(static f => (f.Log, f.Syscall, f.Outcome, f.Errno, f.Signal, f.Path, f.Reason?.Function, f.Reason?.Change)).Select(static g => g.ToList())];

    private static List<List<StraceFinding>> Kinds(StraceAnswer answer)
        => [.. answer.Findings.GroupBy(static f => (f.Syscall, f.Outcome, f.Errno, f.Signal)).Select(static g => g.ToList())];

    private static string Outcome(StraceFinding finding)
        => finding.Outcome switch
        {
            "ok" => "works",
            "short" => $"only {finding.Bytes.ToString(CultureInfo.InvariantCulture)} bytes",
            "undefined" => "the kernel uses garbage",
            "oops" => "the kernel crashes",
            "blocked" => "waits for ever",
            _ => StraceJson.NameOf(finding),
        };

    private static string Result(StraceMount mount)
        => mount.Result switch { "dax" => "DAX", "no-dax" => "no DAX", "errno" => mount.Errno == Errno.ENODEV ? "no such device or filesystem" : $"cannot be mounted: {mount.Errno}", _ => "unknown" };

    private static Style StyleOf(StraceMount mount) => mount.Result switch { "dax" => Palette.Good, "no-dax" => Palette.Middling, _ => Palette.Bad };

    private static string Lines(StraceReport report)
        => string.Create(CultureInfo.InvariantCulture, $"{Count(report.Lines, "line", "lines")}, {Count(report.Calls, "call", "calls")}, {Count(report.Processes, "process or thread", "processes and threads")}");

    private static string Where(string log, long line, StraceReport report)
        => line == 0 ? log : string.Create(CultureInfo.InvariantCulture, $"{(report.LogCount > 1 ? $"{log} " : "")}line {line}");

    private static string More(long count) => count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (+{count - 1})") : "";

    private static string Count(long count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
