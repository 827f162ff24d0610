using DaxSim.Policy;

namespace DaxSim;

/// <summary>Describes a machine: its kernel, memory and devices. Nothing happens before <see cref="Machine.Build"/> puts it together.</summary>
public sealed partial class MachineBuilder
{
    private readonly List<Action<Machine>> steps = [];
    private KernelPolicy? policy;

    internal MachineBuilder()
    {
    }

    internal KernelPolicy Policy => policy ?? throw new InvalidOperationException("The machine has no kernel: call Kernel(\"6.1\", Architecture.X8664) first.");

    /// <summary>Says which kernel the machine runs.</summary>
    /// <param name="version">For example <c>4.14</c> or <c>4.14.74</c>.</param>
    /// <param name="architecture">The architecture.</param>
    public MachineBuilder Kernel(string version, Architecture architecture) => Kernel(KernelPolicy.Mainline(version, architecture));

    /// <summary>Says which kernel the machine runs.</summary>
    public MachineBuilder Kernel(KernelPolicy kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        policy = kernel;
        return this;
    }

    internal void Assemble(Machine machine)
    {
        AssembleMemory(machine);
        foreach (var step in steps)
        {
            step(machine);
        }

        machine.NumaBalancing = true;
        machine.RecordsDecisions = Records;
    }
}
