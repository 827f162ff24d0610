using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim.Scenarios.Strace;

/// <summary>Comparing what came out with what the log says.</summary>
internal sealed partial class LogMachine
{
    private void Judge(in Step step, Verdict verdict, ulong? address, Process? process = null) => Judge(in step, verdict, -1, address, process);

    private void Judge(in Step step, Result<int> result, ulong? address, Process? process)
        => Judge(in step, result.Verdict, result.IsOk ? result.Value : -1, address, process);

    private void Judge(in Step step, Verdict verdict, long moved, ulong? address, Process? process)
    {
        switch (verdict.Kind)
        {
            case VerdictKind.Ok:
                if (step.IsImplied)
                {
                    return;
                }

                if (step.ExpectedErrno != Errno.None)
                {
                    Add(in step, "ok", verdict, moved, address, process);
                }
                else if (moved >= 0 && step.Expected > moved)
                {
                    Add(in step, "short", verdict, moved, address, process);
                }

                return;
            case VerdictKind.Unknown:
                undecided.Add(step.Log, step.Line, Pid(in step), step.Call, $"What kernel {machine.Policy.Version} does is not known: {verdict.Reason?.Because}", "nothing helps: nobody has read or recorded this case");
                return;
            case VerdictKind.Errno:
                if (step.IsImplied || verdict.Errno == step.ExpectedErrno)
                {
                    return;
                }

                if (verdict.Errno == Errno.EINVAL && verdict.Reason?.Function == "iomap_dio_bio_iter")
                {
                    undecided.Add(step.Log, step.Line, Pid(in step), step.Call, "The direct transfer is not aligned to 512 bytes; the recorded device or filesystem allowed it, the simulated one does not.", "nothing helps: place the file itself on a device with DAX");
                    return;
                }

                Add(in step, "errno", verdict, -1, address, process);
                return;
            case VerdictKind.Signal:
                Add(in step, "signal", verdict, -1, address, process);
                return;
            default:
                Add(in step, verdict.Kind switch { VerdictKind.Oops => "oops", VerdictKind.Undefined => "undefined", _ => "blocked" }, verdict, -1, address, process);
                return;
        }
    }

    private void Add(in Step step, string outcome, Verdict verdict, long moved, ulong? address, Process? process)
    {
        var owner = process ?? ProcessOf(step.Space);
        var at = address is > 0 ? address : null;
        var page = findings.Count < mostFindings && at is { } looked && owner is { IsAlive: true } ? owner.View(looked).ToString() : null;
        Add(new StraceFinding(
            logs[step.Log],
            step.Line,
            Pid(in step),
            step.Call,
            outcome,
            verdict.Errno,
            verdict.Kind == VerdictKind.Signal ? $"{verdict.Signal.Signal}/{verdict.Signal.Code}" : null,
            moved,
            step.ExpectedErrno != Errno.None ? step.ExpectedErrno.ToString() : step.Expected >= 0 && !step.IsImplied ? Number(step) : "ok",
            at,
            step.File?.Path,
            page,
            verdict.Reason));
    }

    private static string Number(in Step step)
        => step.Kind is StepKind.Map or StepKind.Remap ? System.FormattableString.Invariant($"0x{step.Expected:x}") : step.Expected.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void Add(StraceFinding finding)
    {
        findingCount++;
        failureCount += finding.Fails ? 1 : 0;
        if (findings.Count < mostFindings)
        {
            findings.Add(finding);
        }
    }

    private void Remark(in Step step, PageView after)
    {
        var because = after.Kind == "anonymous"
            ? "The page has no struct page, but writing to it copies it first: an ordinary page takes its place in that process, and is taken instead."
            : "The page has no struct page, and this call did not need one.";
        if (remarks.TryGetValue((step.Call, because), out var known))
        {
            remarks[(step.Call, because)] = known with { Count = known.Count + 1 };
        }
        else if (remarks.Count < MostRemarks)
        {
            remarks[(step.Call, because)] = new StraceRemark(logs[step.Log], step.Line, 1, Pid(in step), step.Call, step.Address, step.File?.Path, because);
        }
    }
}
