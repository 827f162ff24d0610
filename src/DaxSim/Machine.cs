using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim;

/// <summary>
/// A simulated machine: one kernel, its physical memory, devices, filesystems and processes. The front door of the library.
/// </summary>
/// <remarks>
/// <para>Ownership, from the bottom: <see cref="Policy"/> and <see cref="Log"/>, physical memory, devices, filesystems, address spaces, processes.</para>
/// <para>A machine is not thread-safe; use <c>Clone</c> to work on several threads.</para>
/// </remarks>
public sealed partial class Machine
{
    private readonly Journal journal;

    private Machine(KernelPolicy policy)
    {
        journal = new();
        Policy = policy;
        Log = new KernelLog(journal);
        Memory = new PhysicalMemory(journal, policy.Architecture.PageShift);
        openedDevices = new(journal, OrdinalOrder.Instance);
        Kernel = new Processes.RunningKernel(journal, policy, Memory, Log);
        DeviceTable = new Devices.DeviceTable(journal, policy, Log, Memory);
        FileSystemTable = new FileSystems.FileSystemTable(journal, DeviceTable) { Pages = MemoryManager };
        Kernel.FileSystems = FileSystemTable;
    }

    /// <summary>How this machine's kernel behaves.</summary>
    public KernelPolicy Policy { get; }

    /// <summary>The simulated dmesg and the taint flags.</summary>
    public KernelLog Log { get; }

    internal PhysicalMemory Memory { get; }

    /// <summary>Collects the decisions of the operation that is being explained; null at all other times.</summary>
    internal DecisionTrace? Trace { get => MemoryManager.Trace; set => MemoryManager.Trace = value; }

    /// <summary>Builds a machine.</summary>
    /// <param name="configure">Says which kernel it runs and what it is made of.</param>
    /// <exception cref="InvalidOperationException">The description does not fit together; the message says what to change.</exception>
    public static Machine Build(Action<MachineBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new MachineBuilder();
        configure(builder);
        using var observed = OperationObservation.Begin("build", builder.Policy, silent: false);
        var machine = new Machine(builder.Policy);
        builder.Assemble(machine);
        observed.End(Verdict.Ok);
        return machine;
    }
}
