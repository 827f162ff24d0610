using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

/// <summary>A process of a simulated machine. Its calls are system calls; its <see cref="ReadByte"/> and <see cref="WriteByte"/> are the CPU's loads and stores.</summary>
/// <remarks>A handle stays valid across snapshots as long as the process exists in the state that is restored.</remarks>
public sealed partial class Process
{
    private readonly ProcessState state;

    internal Process(Machine machine, ProcessState state)
    {
        Machine = machine;
        this.state = state;
    }

    /// <summary>The machine it runs on.</summary>
    public Machine Machine { get; }

    /// <summary>The process id.</summary>
    public int Id => state.Id;

    /// <summary>The command name, as kernel messages show it.</summary>
    public string Name => state.Name;

    /// <summary>False once it has exited or was killed.</summary>
    public bool IsAlive => state.IsAlive && Machine.Knows(state);

    internal ProcessState State => state;

    internal AddressSpace Space
    {
        get
        {
            if (!Machine.Knows(state))
            {
                throw new InvalidOperationException($"Process {Id} ({Name}) does not exist in the machine's present state: it was started after the snapshot that was restored.");
            }

            return state.IsAlive ? state.Space : throw new InvalidOperationException($"Process {Id} ({Name}) has exited: start or fork another one.");
        }
    }

    private MemoryManager Mm => Machine.MemoryManager;

    /// <summary>fork(2): a copy of the process, its private memory shared for copy on write.</summary>
    /// <returns>The child, or ENOMEM with everything undone.</returns>
    public Result<Process> Fork()
    {
        var operation = new ForkOperation(Mm, Space, Name);
        var verdict = operation.Run();
        if (!verdict.IsOk)
        {
            if (verdict.Kind == VerdictKind.Oops)
            {
                Machine.Log.Taint(Taints.Die);
            }

            return verdict;
        }

        return new Result<Process>(Machine.Adopt(operation.Child, Name, Id), Mm.Because("copy_page_range", "fork copies page tables; it neither faults nor calls get_user_pages.", Policy.PolicyProperty.ForkCopies));
    }

    /// <summary>exit(2): every mapping goes, and with it the pages that nobody else uses.</summary>
    public void Exit() => Machine.End(state, Signal.None);

    /// <summary>A signal that nobody catches ends the process.</summary>
    internal void Kill(Signal signal) => Machine.End(state, signal);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}[{Id}]";
}
