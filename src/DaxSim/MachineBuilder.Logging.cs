using DaxSim.Outcomes;
using Microsoft.Extensions.Logging;

namespace DaxSim;

public sealed partial class MachineBuilder
{
    /// <summary>Hands every line of the simulated dmesg on to loggers of the factory, one category per subsystem: DaxSim.Mm, DaxSim.Dax, DaxSim.Block, DaxSim.FileSystem and DaxSim.Process.</summary>
    /// <remarks>Lines that a mere explanation would print are not handed on.</remarks>
    public MachineBuilder Logging(ILoggerFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);

        // Before everything else, so that the drivers' first words are heard.
        steps.Insert(0, machine => machine.Log.Observer = new KernelLogForwarder(factory).Forward);
        return this;
    }
}
