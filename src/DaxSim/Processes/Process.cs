using System.Diagnostics.CodeAnalysis;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

/// <summary>A process of a simulated kernel. Its calls are system calls; its <see cref="ReadByte"/> and <see cref="WriteByte"/> are the CPU's loads and stores.</summary>
/// <remarks>A handle stays valid across snapshots as long as the process exists in the state that is restored.</remarks>
public sealed partial class Process
{
    private readonly ProcessState state;

    internal Process(RunningKernel kernel, ProcessState state)
    {
        Kernel = kernel;
        this.state = state;
    }

    internal RunningKernel Kernel { get; }

    /// <summary>The process id.</summary>
    public int Id => state.Id;

    /// <summary>The command name, as kernel messages show it.</summary>
    public string Name => state.Name;

    /// <summary>False once it has exited or was killed.</summary>
    public bool IsAlive => state.IsAlive && Kernel.Knows(state);

    internal ProcessState State => state;

    internal AddressSpace Space
    {
        get
        {
            if (!Kernel.Knows(state) || !state.IsAlive)
            {
                ThrowGone();
            }

            if (Kernel.Memory.HasNodes)
            {
                Mm.Act(state.Space, state.Placement);
            }

            return state.Space;
        }
    }

    [DoesNotReturn]
    private void ThrowGone() => throw new InvalidOperationException(Kernel.Knows(state)
        ? $"Process {Id} ({Name}) has exited: start or fork another one."
        : $"Process {Id} ({Name}) does not exist in the machine's present state: it was started after the snapshot that was restored.");

    /// <summary>The address space of somebody that a call is about: unlike with <see cref="Space"/>, it is not he who acts.</summary>
    private AddressSpace SpaceOfOther(Process target)
    {
        Kernel.Require(target);
        if (!Kernel.Knows(target.state) || !target.state.IsAlive)
        {
            target.ThrowGone();
        }

        return target.state.Space;
    }

    private MemoryManager Mm => Kernel.MemoryManager;

    /// <summary>fork(2): a copy of the process, its private memory shared for copy on write.</summary>
    /// <returns>The child, or ENOMEM with everything undone.</returns>
    public Result<Process> Fork()
    {
        using var call = Call("fork");
        return call.Of(DoFork());
    }

    private Result<Process> DoFork()
    {
        using var observed = Observe("fork");
        var operation = new ForkOperation(Mm, Space, Name);
        var verdict = operation.Run();
        if (!verdict.IsOk)
        {
            if (verdict.Kind == VerdictKind.Oops)
            {
                Kernel.Log.Taint(Taints.Die);
            }

            return observed.End(verdict);
        }

        operation.Child.SetExecutable(Space.Executable);
        operation.Child.SetPlacement(state.Placement);
        operation.Child.SetDumpable(state.Space.IsDumpable);
        operation.Child.SetArguments(Space.ArgumentsStart, Space.ArgumentsEnd);
        operation.Child.SetHeap(Space.HeapStart, Space.HeapEnd);
        operation.Child.SetEnvironment(Space.EnvironmentStart, Space.EnvironmentEnd);
        var child = Kernel.Adopt(operation.Child, Name, Id);
        child.state.SetPlacement(state.Placement);
        child.state.SetUser(state.UserId);
        return observed.End(new Result<Process>(child, Mm.Because("copy_page_range", "fork copies page tables; it neither faults nor calls get_user_pages.", Policy.PolicyProperty.ForkCopies)));
    }

    /// <summary>exit(2) of this thread; with the last one every mapping goes, and with it the pages that nobody else uses.</summary>
    public void Exit()
    {
        using var observed = Observe("exit");
        Kernel.End(state, Signal.None);
        observed.End(Verdict.Ok);
    }

    /// <summary>A signal that nobody catches ends the process.</summary>
    internal void Kill(Signal signal) => EndGroup(signal);

    /// <inheritdoc/>
    public override string ToString() => state.Label;
}
