using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

/// <summary>Keeps what happens during each call on a machine that records its decisions. Machines that do not have none, and pay a comparison with null.</summary>
internal abstract class OperationRecorder
{
    /// <summary>How many steps of one operation are kept: the first and the last; a fork of a million different pages makes as many.</summary>
    internal const int KeptSteps = 128;

    /// <summary>The record of the call that ended last; null after a snapshot was restored, since it came before another state.</summary>
    internal IOperationRecord? Last { get; set; }

    /// <summary>A call begins.</summary>
    /// <param name="kernel">Of which machine.</param>
    /// <param name="call">Its name.</param>
    /// <param name="what">What it is about when that is no address: a device, a path.</param>
    /// <param name="process">Who calls.</param>
    /// <param name="address">The user address that it is about.</param>
    internal Recording Begin(RunningKernel kernel, string call, string? what = null, Process? process = null, ulong? address = null)
        => new(new RecordedOperation(this, kernel, call, what, process, address), kernel.Guard());

    /// <summary>Makes the record of a call that is over.</summary>
    internal abstract IOperationRecord Keep(RecordedOperation operation, Verdict verdict);
}

/// <summary>
/// A call that may be recorded: hands its outcome on, with the record when there is one. Disposed at the end of the call, so that one that
/// ends with an exception, because the library was used wrongly, leaves no open record behind.
/// </summary>
internal readonly struct Recording(RecordedOperation? operation, SleepGuard? guard = null) : IDisposable
{
    /// <summary>Closes the record of a call that had no outcome.</summary>
    public void Dispose() => operation?.Abandon();

    internal Verdict Of(Verdict verdict)
    {
        verdict = guard is null ? verdict : guard.Of(verdict);
        return operation is null ? verdict : verdict.With(operation.Finish(verdict));
    }

    internal Result<T> Of<T>(Result<T> result)
    {
        result = guard is null ? result : guard.Of(result);
        return operation is null ? result : result.With(operation.Finish(result.Verdict));
    }
}

/// <summary>
/// A call on a machine where faults may sleep. Where one does, the outcome of the call is "blocked" and the machine is as before it,
/// but for the sleeper that a userfaultfd's handler sees: woken, he does the call again.
/// </summary>
internal sealed class SleepGuard(RunningKernel kernel)
{
    private readonly State.Journal.Version before = kernel.Journal.Mark();
    private readonly int sleeps = kernel.MemoryManager.FaultSleeps;

    internal Verdict Of(Verdict verdict) => kernel.MemoryManager.FaultSleeps == sleeps ? verdict : Sleep();

    internal Result<T> Of<T>(Result<T> result) => kernel.MemoryManager.FaultSleeps == sleeps ? result : Sleep();

    private Verdict Sleep()
    {
        var (context, wait, reason) = kernel.MemoryManager.LastSleep;
        kernel.Journal.Return(before);
        context?.Wait(wait);
        return Verdict.Blocked(reason);
    }
}

/// <summary>A call while it is being recorded, and what was there before.</summary>
internal sealed class RecordedOperation
{
    private readonly OperationRecorder recorder;
    private readonly RunningKernel kernel;
    private readonly string call;
    private readonly string? what;
    private readonly ulong? address;
    private readonly DecisionTrace? outer;
    private readonly DecisionTrace trace = new(OperationRecorder.KeptSteps);
    private readonly int printed;
    private readonly Taints taints;
    private bool isOver;

    internal RecordedOperation(OperationRecorder recorder, RunningKernel kernel, string call, string? what, Process? process, ulong? address)
    {
        this.recorder = recorder;
        this.kernel = kernel;
        this.call = call;
        this.what = what;
        this.address = address;
        Process = process;
        printed = kernel.Log.Entries.Count;
        taints = kernel.Log.Taints;
        Before = Look();
        outer = kernel.MemoryManager.Trace;
        kernel.MemoryManager.Trace = trace;
    }

    /// <summary>Who called; null for an administrator's calls.</summary>
    internal Process? Process { get; }

    /// <summary>The page before, when the call is about one.</summary>
    internal PageView? Before { get; }

    /// <summary>The page after, when its process is still alive.</summary>
    internal PageView? After { get; private set; }

    internal DecisionTrace Trace => trace;

    /// <summary>The lines printed meanwhile.</summary>
    internal IReadOnlyList<KernelLogEntry> Log { get; private set; } = [];

    /// <summary>The taint flags added meanwhile.</summary>
    internal Taints Taints { get; private set; }

    internal IOperationRecord Finish(Verdict verdict)
    {
        outer?.Append(trace);
        kernel.MemoryManager.Trace = outer;
        isOver = true;
        if (kernel.Log.Entries.Count > printed)
        {
            Log = [.. kernel.Log.Entries.Skip(printed)];
        }

        Taints = kernel.Log.Taints & ~taints;
        After = Look();
        return recorder.Last = recorder.Keep(this, verdict);
    }

    /// <summary>The call ends; without an outcome when an exception left it.</summary>
    internal void Abandon()
    {
        if (!isOver)
        {
            kernel.MemoryManager.Trace = outer;
            isOver = true;
        }
    }

    /// <summary>For example <c>get_user_pages of sh[1] at 0x7fffeffff000</c>.</summary>
    internal string Describe()
        => $"{call}{(Process is null ? "" : $" of {Process}")}{(address is { } at ? $" at 0x{at:x}" : "")}{(what is null ? "" : $" of {what}")}";

    private PageView? Look() => address is { } at && Process is { IsAlive: true } ? Process.ViewForRecord(at) : null;
}
