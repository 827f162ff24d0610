using DaxSim.Cells;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Scenarios.Reports;

namespace DaxSim.Tool.Questions;

/// <summary>The matrices as heat maps of a report: neighbouring kernels that answer alike are one cell with its explanation.</summary>
internal static class ReportMatrices
{
    private const int MostTests = 24;

    internal static ReportMatrix OfMounts(KernelChoice choice, IReadOnlyList<DeviceSpec> devices)
    {
        var matrix = Matrix.Ask(choice, devices, FileSystemNames.All, null);
        var policies = matrix.Rows.Select(r => r.Architecture).Distinct().ToDictionary(a => a, a => choice.Versions.Select(v => choice.PolicyOf(v, a)).ToList());
        var rows = new ReportRow[matrix.Rows.Count];
        Parallel.For(0, rows.Length, i =>
        {
            var row = matrix.Rows[i];
            var eras = Eras(row.Cells, c => (c.Outcome, c.Errno, c.DecidedBy)).Select(e => Era(choice, policies[row.Architecture][e.First], row, e.First, e.Count)).ToList();
            rows[i] = new ReportRow($"{row.Device} on {row.Architecture}", row.FileSystem, eras);
        });
        return new ReportMatrix(
            "May the filesystem use DAX?",
            "Every device and filesystem, mounted with the option dax (xip where ext2 had that) on every kernel. Open a cell to read why; with the keyboard, arrow keys move and Enter opens.",
            [.. matrix.Kernels.Select(k => k.ToString())],
            rows);
    }

    internal static ReportMatrix OfOperations(KernelChoice choice, CellMapping mapping)
    {
        var architecture = choice.Architecture ?? mapping.UsualArchitecture;
        var operations = CellOperation.All;
        var policies = choice.Versions.Select(v => choice.PolicyOf(v, architecture)).ToList();
        var answers = new CellAnswer[choice.Versions.Count][];
        Parallel.For(0, answers.Length, i =>
        {
            var machine = CellQuestion.Prepare(policies[i], mapping);
            answers[i] = [.. operations.Select(machine.Try)];
        });
        var rows = operations.Select((operation, o) =>
        {
            var cells = answers.Select(a => a[o]).ToArray();
            var eras = Eras(cells, c => (c.Outcome, c.Errno, c.Signal, c.FailedStep, c.UsesDax, c.BadPageMap, c.Explanation.DecidedBy))
                .Select(e => new ReportEra(e.First, e.Count, LabelOf(cells[e.First]), ToneOf(cells[e.First]), Explain(choice, policies[e.First], cells[e.First], e.First, e.Count))).ToList();
            return new ReportRow(null, operation.Name, eras);
        });
        return new ReportMatrix(
            $"What may be done with {mapping}",
            $"One page, mapped {(mapping.IsShared ? "shared" : "privately")} on {architecture}, and every operation on it, each on every kernel.",
            [.. choice.Versions.Select(k => k.ToString())],
            [.. rows]);
    }

    private static List<(int First, int Count)> Eras<TCell, TKey>(IReadOnlyList<TCell> cells, Func<TCell, TKey> key)
    {
        var eras = new List<(int First, int Count)>();
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0 && EqualityComparer<TKey>.Default.Equals(key(cells[i]), key(cells[i - 1])))
            {
                eras[^1] = (eras[^1].First, eras[^1].Count + 1);
            }
            else
            {
                eras.Add((i, 1));
            }
        }

        return eras;
    }

    private static ReportEra Era(KernelChoice choice, KernelPolicy policy, MatrixRow row, int first, int count)
    {
        var answer = Mounting.Ask(new MountQuestion(policy, row.Device, row.FileSystem, null, [], null));
        var (label, tone) = answer.Outcome switch
        {
            CellOutcome.Dax => ("dax", ReportTone.Good),
            CellOutcome.NoDax => ("no dax", ReportTone.Middling),
            CellOutcome.Refused => (answer.Errno.ToString(), ReportTone.Bad),
            CellOutcome.Absent => ("not there", ReportTone.Absent),
            _ => ("unknown", ReportTone.Odd),
        };
        return new ReportEra(first, count, label, tone, new ReportExplanation(
            $"{row.FileSystem} on {row.Device}, kernel {Kernels(choice, first, count)} {row.Architecture}, {answer.OptionsText}",
            Prose.Short(answer),
            [.. Paragraphs(answer.Reason, policy), .. Lines(answer.Log)],
            Tests(answer.Tests),
            $"daxsim why --kernel {choice.Versions[first]} --arch {row.Architecture} --device {row.Device} --fs {row.FileSystem}"));
    }

    private static ReportExplanation Explain(KernelChoice choice, KernelPolicy policy, CellAnswer answer, int first, int count) => new(
        $"{answer.Operation.Name} on {answer.Mapping}, kernel {Kernels(choice, first, count)} {policy.Architecture}",
        answer.ToString(),
        [.. Opening(answer), .. Paragraphs(answer.Explanation.Because, policy), .. Lines(answer.Explanation.LogLines)],
        Tests(answer.Explanation.Steps),
        $"daxsim why --kernel {choice.Versions[first]} --arch {policy.Architecture} --mapping {answer.Mapping} --op {answer.Operation.Name}");

    private static IEnumerable<string> Opening(CellAnswer answer)
    {
        var what = answer.Operation.Description;
        yield return answer.FailedStep is { } step
            ? $"Not tried: {what}. The step {step} failed before it."
            : $"What is done: {what}.{(answer.BadPageMap ? " The kernel reports a bad page map and is tainted." : "")}";
        if (answer.Explanation.Before is { } before)
        {
            yield return $"The page before: {before}.";
        }
    }

    private static IEnumerable<string> Paragraphs(Reason? reason, KernelPolicy policy)
    {
        if (reason is not null)
        {
            yield return $"{reason.Function} decided: {Prose.Sentence(reason.Because)}";
            yield return Prose.Origin(reason, policy);
        }
    }

    private static IEnumerable<string> Lines(IReadOnlyList<string> log) => log.Count == 0 ? [] : [$"The kernel printed: {string.Join(" / ", log.Take(4))}"];

    private static List<string> Tests(IReadOnlyList<DecisionStep> steps) => [.. steps.Take(MostTests).Select(s => $"{s.Function}: {s.Test} {s.Answer}")];

    private static string Kernels(KernelChoice choice, int first, int count) => count == 1 ? choice.Versions[first].ToString() : $"{choice.Versions[first]} to {choice.Versions[first + count - 1]}";

    private static string LabelOf(CellAnswer answer) => OperationCell.Of(answer).IsAbsent ? "not there" : answer.ErrnoName() ?? answer.SignalName() ?? (answer.BadPageMap && answer.Outcome == "ok" ? "ok, reported" : answer.Outcome == "ok" && answer.UsesDax == false && answer.MountReason is not null ? "ok, no dax" : answer.Outcome);

    private static ReportTone ToneOf(CellAnswer answer) => answer.Outcome switch
    {
        _ when OperationCell.Of(answer).IsAbsent => ReportTone.Absent,
        "ok" => answer.BadPageMap || (answer.UsesDax == false && answer.MountReason is not null) ? ReportTone.Middling : ReportTone.Good,
        "errno" => ReportTone.Bad,
        "signal" => ReportTone.Signal,
        _ => ReportTone.Odd,
    };
}
