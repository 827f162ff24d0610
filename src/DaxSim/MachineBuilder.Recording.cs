namespace DaxSim;

public sealed partial class MachineBuilder
{
    private bool? records;

    /// <summary>Lets each call on the machine keep its explanation, so that an assertion that fails can print it: see <see cref="Machine.RecordsDecisions"/>.</summary>
    /// <remarks>
    /// Without this the switch <c>DaxSim.RecordDecisions</c> decides (System.AppContext, a line of runtimeconfig.json). The packages
    /// DaxSim.Testing and DaxSim.FluentAssertions switch it on in the test projects that use them.
    /// </remarks>
    /// <param name="on">False: do not, whatever the switch says.</param>
    public MachineBuilder RecordDecisions(bool on = true)
    {
        records = on;
        return this;
    }

    private bool Records => records ?? (AppContext.TryGetSwitch("DaxSim.RecordDecisions", out var on) && on);
}
