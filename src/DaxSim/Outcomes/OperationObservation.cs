using System.Diagnostics;
using DaxSim.Policy;

namespace DaxSim.Outcomes;

/// <summary>One operation while it runs, seen by <see cref="Telemetry"/>. Empty, and free, when nobody listens.</summary>
internal readonly ref struct OperationObservation
{
    private readonly string? operation;
    private readonly KernelPolicy? policy;
    private readonly Activity? activity;

    private OperationObservation(string operation, KernelPolicy policy, int process, ulong address)
    {
        this.operation = operation;
        this.policy = policy;
        activity = Telemetry.Source.StartActivity(operation);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("daxsim.kernel", policy.Version.ToString());
            activity.SetTag("daxsim.architecture", policy.Architecture.Name);
            if (process != 0)
            {
                activity.SetTag("daxsim.process", process);
            }

            if (address != 0)
            {
                activity.SetTag("daxsim.address", $"0x{address:x}");
            }
        }
    }

    /// <summary>Begins to watch, if anybody does.</summary>
    /// <param name="operation">The call's name.</param>
    /// <param name="policy">The kernel.</param>
    /// <param name="silent">True while something is explained: that is not watched.</param>
    /// <param name="process">The calling process, 0 for none.</param>
    /// <param name="address">What it is about, 0 for nothing.</param>
    internal static OperationObservation Begin(string operation, KernelPolicy policy, bool silent, int process = 0, ulong address = 0)
        => (Telemetry.Source.HasListeners() || Telemetry.Operations.Enabled) && !silent ? new(operation, policy, process, address) : default;

    /// <summary>Reports how the operation ended, and hands the result on.</summary>
    internal Result<T> End<T>(Result<T> result)
    {
        if (operation is not null)
        {
            Report(result.Verdict);
        }

        return result;
    }

    /// <inheritdoc cref="End{T}(Result{T})"/>
    internal Verdict End(Verdict verdict)
    {
        if (operation is not null)
        {
            Report(verdict);
        }

        return verdict;
    }

    /// <summary>Ends the activity, also when an exception leaves the operation.</summary>
    public void Dispose() => activity?.Dispose();

    private void Report(Verdict verdict)
    {
        var outcome = verdict.Kind == VerdictKind.Signal ? verdict.Signal.Signal.ToString() : verdict.ToString();
        if (Telemetry.Operations.Enabled)
        {
            Telemetry.Operations.Add(1, new KeyValuePair<string, object?>("operation", operation), new("outcome", outcome), new("kernel", policy!.Version.ToString()));
        }

        if (activity is null)
        {
            return;
        }

        activity.SetStatus(verdict.IsOk ? ActivityStatusCode.Ok : ActivityStatusCode.Error, verdict.IsOk ? null : outcome);
        if (activity.IsAllDataRequested)
        {
            activity.SetTag("daxsim.outcome", verdict.ToString());
            if (verdict.Reason is { } reason)
            {
                activity.SetTag("daxsim.because", $"{reason.Function}: {reason.Because}");
                activity.SetTag("daxsim.commit", reason.DecidedBy);
            }
        }
    }
}
