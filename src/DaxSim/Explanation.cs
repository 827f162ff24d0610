using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim;

/// <summary>One operation, run for the sake of explanation: what came out, which tests were made on the way, what the kernel printed, what changed.</summary>
/// <remarks>Made by <see cref="Machine.Explain(Func{Verdict})"/> and its like, or kept by a machine that records its decisions (<see cref="Machine.RecordsDecisions"/>).</remarks>
public sealed partial class Explanation : IOperationRecord
{
    private readonly Machine machine;
    private readonly RecordedOperation? recorded;
    private readonly Reason? given;

    internal Explanation(Verdict verdict, RecordedOperation recorded, Machine machine)
        : this(verdict, recorded.Trace.Steps, recorded.Log, recorded.Taints, recorded.Before, recorded.After, machine)
    {
        this.recorded = recorded;
    }

    internal Explanation(Verdict verdict, IReadOnlyList<DecisionStep> steps, IReadOnlyList<KernelLogEntry> log, Taints taints, PageView? before, PageView? after, Machine machine)
    {
        this.machine = machine;
        Verdict = verdict;
        Steps = [.. steps];
        Log = log;
        Taints = taints;
        Before = before;
        After = after;
        given = verdict.Reason;
        Because = given ?? LastStep();
    }

    /// <summary>What was called, for example <c>get_user_pages of sh[1] at 0x7fffeffff000</c>; null when <see cref="Machine.Explain(Func{Verdict})"/> was told to run something of the caller's own.</summary>
    public string? Operation => recorded?.Describe();

    Reason? IOperationRecord.Given => given;

    /// <summary>The explanation that a recording machine kept of the call with this outcome.</summary>
    /// <returns>Null when the machine did not record.</returns>
    public static Explanation? Of(Verdict verdict) => verdict.Record as Explanation;

    /// <inheritdoc cref="Of(Verdict)"/>
    public static Explanation? Of<T>(Result<T> result) => Of(result.Verdict);

    /// <summary>The explanation of the last call that a recording machine made before a page was looked at: as a rule the step that a test is about.</summary>
    /// <param name="page">What <see cref="Process.View"/> saw.</param>
    /// <returns>Null when the machine did not record, or made no call yet.</returns>
    public static Explanation? Of(PageView page)
    {
        ArgumentNullException.ThrowIfNull(page);
        return page.Preceding.Record as Explanation;
    }

    /// <summary>The explanation of the last call that a recording machine made.</summary>
    /// <param name="machine">The machine.</param>
    /// <returns>Null when the machine does not record, made no call yet, or was restored to a snapshot since.</returns>
    public static Explanation? Of(Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return machine.Kernel.Recorder?.Last as Explanation;
    }

    /// <summary>The outcome.</summary>
    public Verdict Verdict { get; }

    /// <summary>Why, for a success too: the reason that the outcome gives itself, else the last test that was made; null when there was none.</summary>
    public Reason? Because { get; }

    /// <summary>The commit that set the deciding behaviour; null when the behaviour is as old as 3.10 (or the commit's id is not known).</summary>
    public string? DecidedBy => Because?.DecidedBy;

    /// <summary>The tests that the kernel's functions made, in order.</summary>
    public IReadOnlyList<DecisionStep> Steps { get; }

    /// <summary>How many steps were left out in the middle of <see cref="Steps"/>: a recording machine keeps 128 of a call.</summary>
    public int OmittedSteps => recorded?.Trace.Omitted ?? 0;

    /// <summary>What the kernel printed meanwhile, oldest first.</summary>
    public IReadOnlyList<KernelLogEntry> Log { get; }

    /// <summary>What the kernel printed meanwhile, as dmesg shows it without time stamps.</summary>
    public IReadOnlyList<string> LogLines => [.. Log.Select(e => e.Text.TrimEnd('\n'))];

    /// <summary>The taint flags that the operation added.</summary>
    public Taints Taints { get; }

    /// <summary>The page before, when one was named.</summary>
    public PageView? Before { get; }

    /// <summary>The page after, when one was named and its process is still alive.</summary>
    public PageView? After { get; }

    /// <summary>For example <c>EFAULT: follow_pfn_pte: …</c>.</summary>
    public override string ToString() => Because is null ? Verdict.ToString() : $"{Verdict}: {Because}";

    private Reason? LastStep()
        => Steps.Count == 0 ? null : new Reason(Steps[^1].Function, $"{Sentence(Steps[^1])}.", Steps[^1].Property, Steps[^1].Property is { } property ? machine.Policy.SetBy(property) : null);

    private static string Sentence(DecisionStep step) => $"{char.ToUpperInvariant(step.Test[0])}{step.Test[1..]} {char.ToUpperInvariant(step.Answer[0])}{step.Answer[1..]}";
}
