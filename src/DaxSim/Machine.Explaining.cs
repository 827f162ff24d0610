using DaxSim.AddressSpaces;
using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>Runs an operation with its decisions recorded, and undoes it: afterwards the machine is as it was.</summary>
    /// <param name="operation">What to do, for example <c>() =&gt; shell.WriteByte(address, 1)</c>. What it starts or opens does not exist afterwards.</param>
    public Explanation Explain(Func<Verdict> operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Explain(operation, view: null);
    }

    /// <inheritdoc cref="Explain(Func{Verdict})"/>
    public Explanation Explain<T>(Func<Result<T>> operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Explain(() => operation().Verdict, view: null);
    }

    /// <summary>Runs an operation with its decisions recorded, looks at a page before and after, and undoes it.</summary>
    /// <param name="process">Whose page to look at.</param>
    /// <param name="address">An address in that page.</param>
    /// <param name="operation">What to do. What it starts or opens does not exist afterwards.</param>
    public Explanation Explain(Process process, ulong address, Func<Verdict> operation)
    {
        Kernel.Require(process);
        ArgumentNullException.ThrowIfNull(operation);
        return Explain(operation, () => process.IsAlive ? process.View(address) : null);
    }

    /// <inheritdoc cref="Explain(Process, ulong, Func{Verdict})"/>
    public Explanation Explain<T>(Process process, ulong address, Func<Result<T>> operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return Explain(process, address, () => operation().Verdict);
    }

    private Explanation Explain(Func<Verdict> operation, Func<PageView?>? view)
    {
        var version = journal.Mark();
        var (printed, taints, trace, silent) = (Log.Entries.Count, Log.Taints, Trace, Log.Silent);
        var last = Kernel.Recorder?.Last;
        var recorder = new DecisionTrace();
        Log.Silent = true;
        try
        {
            var before = view?.Invoke();
            Trace = recorder;
            var verdict = operation();
            Trace = trace;
            return new Explanation(verdict, recorder.Steps, [.. Log.Entries.Skip(printed)], Log.Taints & ~taints, before, view?.Invoke(), this);
        }
        finally
        {
            Trace = trace;
            Log.Silent = silent;
            journal.Return(version);
            if (Kernel.Recorder is { } calls)
            {
                calls.Last = last;
            }
        }
    }
}
