using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Cells;

/// <summary>What one operation on one mapping comes to on one kernel, and why.</summary>
public sealed class CellAnswer
{
    internal CellAnswer(CellMapping mapping, CellOperation operation, string? failedStep, bool? usesDax, Reason? mountReason, Explanation explanation, PageView? child)
    {
        Mapping = mapping;
        Operation = operation;
        FailedStep = failedStep;
        UsesDax = usesDax;
        MountReason = mountReason;
        Explanation = explanation;
        Child = child;
    }

    /// <summary>The mapping.</summary>
    public CellMapping Mapping { get; }

    /// <summary>The operation.</summary>
    public CellOperation Operation { get; }

    /// <summary>The step of the preparation that failed, so that the operation was never tried: <c>device</c>, <c>mount</c>, <c>open</c>, <c>mmap</c>, <c>touch</c>; null when all went well.</summary>
    public string? FailedStep { get; }

    /// <summary>Whether the file is mapped with DAX; null when no filesystem was mounted.</summary>
    public bool? UsesDax { get; }

    /// <summary>What decided about DAX when the filesystem was mounted.</summary>
    public Reason? MountReason { get; }

    /// <summary>The operation (or the failed step) with its decisions, messages and pages.</summary>
    public Explanation Explanation { get; }

    /// <summary>The child's page after a fork; null for other operations.</summary>
    public PageView? Child { get; }

    /// <summary>The outcome.</summary>
    public Verdict Verdict => Explanation.Verdict;

    /// <summary><c>ok</c>, <c>errno</c>, <c>signal</c>, <c>oops</c>, <c>undefined</c>, <c>unknown</c>; <c>blocked</c> where the call never returns by itself.</summary>
    public string Outcome => Verdict.Kind switch
    {
        VerdictKind.Ok => "ok",
        VerdictKind.Errno => "errno",
        VerdictKind.Signal => "signal",
        VerdictKind.Oops => "oops",
        VerdictKind.Undefined => "undefined",
        VerdictKind.Blocked => "blocked",
        _ => "unknown",
    };

    /// <summary>The error number, <see cref="Errno.None"/> unless the outcome is an errno.</summary>
    public Errno Errno => Verdict.Errno;

    /// <summary>The signal, or null.</summary>
    public Signal? Signal => Verdict.Kind == VerdictKind.Signal ? Verdict.Signal.Signal : null;

    /// <summary>True when the kernel reported a bad page map on the way.</summary>
    public bool BadPageMap => (Explanation.Taints & Taints.BadPage) != 0 || Explanation.Log.Any(e => e.Text.StartsWith("BUG: Bad page map", StringComparison.Ordinal));

    /// <summary>For example <c>EFAULT</c>, <c>ok</c>, <c>mount: EINVAL</c>.</summary>
    public override string ToString() => $"{(FailedStep is null ? "" : $"{FailedStep}: ")}{(Verdict.IsOk ? "ok" : Verdict.ToString())}";
}
