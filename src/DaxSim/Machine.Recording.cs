using DaxSim.Outcomes;
using DaxSim.Processes;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>
    /// True while each call keeps its explanation, which <see cref="Explanation.Of(Verdict)"/> finds again by the outcome. Meant for tests, where a
    /// failed expectation shall say why; off unless <see cref="MachineBuilder.RecordDecisions"/> or the switch <c>DaxSim.RecordDecisions</c> turned it on.
    /// </summary>
    /// <remarks>Recording changes no outcome. A recorded call costs microseconds, and neighbouring pages are no longer handled as one: turn it off for calls on millions of pages.</remarks>
    public bool RecordsDecisions
    {
        get => Kernel.Recorder is not null;
        set => Kernel.Recorder = value ? Kernel.Recorder ?? new Recorder(this) : null;
    }

    internal Recording Call(string name, string what) => Kernel.Recorder is { } recorder ? recorder.Begin(Kernel, name, what) : default;

    private sealed class Recorder(Machine machine) : OperationRecorder
    {
        internal override IOperationRecord Keep(RecordedOperation operation, Verdict verdict) => new Explanation(verdict, operation, machine);
    }
}
