using DaxSim.FileSystems;
using DaxSim.Outcomes;

namespace DaxSim;

/// <summary>What one mount came to, and why: what <c>daxsim admit</c> prints.</summary>
public sealed class AdmissionReport
{
    internal AdmissionReport(Verdict verdict, Mount? mount, IReadOnlyList<KernelLogEntry> log, IReadOnlyList<DecisionStep> tests)
    {
        Verdict = verdict;
        Reason = mount?.DaxReason ?? verdict.Reason;
        Log = log;
        Tests = [.. tests];
        DaxMode = mount?.DaxMode;
        ShownOption = mount?.ShownDaxOption;
        ProcMountsLine = mount?.ProcMountsLine;
        Result = mount switch
        {
            null => verdict.Kind == VerdictKind.Errno ? "errno" : verdict.Kind == VerdictKind.Unknown ? "unknown" : "oops",
            { IsDax: true } => "dax",
            _ => "no-dax",
        };
    }

    /// <summary><c>dax</c>: mounted, and new files use it. <c>no-dax</c>: mounted without. <c>errno</c>: the mount failed. <c>unknown</c> where nothing is known.</summary>
    public string Result { get; }

    /// <summary>The outcome of the mount call.</summary>
    public Verdict Verdict { get; }

    /// <summary>The error number of a failed mount, else <see cref="Outcomes.Errno.None"/>.</summary>
    public Errno Errno => Verdict.Errno;

    /// <summary>What the kernel printed, oldest first.</summary>
    public IReadOnlyList<KernelLogEntry> Log { get; }

    /// <summary>What the kernel printed, as dmesg shows it without time stamps.</summary>
    public IReadOnlyList<string> LogLines => [.. Log.Select(e => e.Text.TrimEnd('\n'))];

    /// <summary>The test that decided, and the change that made it so.</summary>
    public Reason? Reason { get; }

    /// <summary>The id of the deciding commit; null when it is as old as 3.10 or its id is not known.</summary>
    public string? DecidedBy => Reason?.DecidedBy;

    /// <summary>The tests that were made, in order, with their answers.</summary>
    public IReadOnlyList<DecisionStep> Tests { get; }

    /// <summary>The mount-wide decision; null when the mount failed.</summary>
    public DaxMountMode? DaxMode { get; }

    /// <summary>What /proc/mounts shows of DAX; null when the mount failed.</summary>
    public string? ShownOption { get; }

    /// <summary>The line of /proc/mounts; null when the mount failed.</summary>
    public string? ProcMountsLine { get; }

    /// <summary>For example <c>errno EINVAL: ext4_fill_super: …</c>.</summary>
    public override string ToString() => Errno == Errno.None ? $"{Result}: {Reason}" : $"{Result} {Errno}: {Reason}";
}
