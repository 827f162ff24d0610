using DaxSim.Outcomes;

namespace DaxSim.Processes;

// What an observer of Telemetry hears of the calls of a process.
public sealed partial class Process
{
    private OperationObservation Observe(string call, ulong address = 0) => OperationObservation.Begin(call, Kernel.Policy, Kernel.Log.Silent, Id, address);

    private void CountUserPages(int count, bool pin)
    {
        if (Telemetry.UserPages.Enabled && !Kernel.Log.Silent)
        {
            Telemetry.UserPages.Add(count, new KeyValuePair<string, object?>("kind", pin ? "pin" : "get"));
        }
    }
}
