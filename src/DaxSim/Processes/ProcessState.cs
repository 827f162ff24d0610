using DaxSim.AddressSpaces;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>What a process is in the machine's state; <see cref="Process"/> is the handle that users hold.</summary>
internal sealed class ProcessState : Recoverable
{
    internal ProcessState(Journal journal, int id, string name, int parent, AddressSpace space)
        : base(journal)
    {
        Id = id;
        Name = name;
        Parent = parent;
        Space = space;
    }

    internal int Id { get; }

    internal string Name { get; private set; }

    internal int Parent { get; }

    internal AddressSpace Space { get; private set; }

    internal bool IsAlive { get; private set; } = true;

    /// <summary>The signal it died of, or none.</summary>
    internal Outcomes.Signal DiedOf { get; private set; }

    internal void Die(Outcomes.Signal signal = Outcomes.Signal.None)
    {
        Touch();
        IsAlive = false;
        DiedOf = signal;
    }

    /// <summary>execve: a new address space under a new name.</summary>
    internal void Exec(string name, AddressSpace space)
    {
        Touch();
        Name = name;
        Space = space;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Id);
        digest.Add(Name);
        digest.Add(Parent);
        digest.Add(Space);
        digest.Add(IsAlive);
        digest.Add(DiedOf);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (ProcessState)state;
        Name = other.Name;
        Space = other.Space;
        IsAlive = other.IsAlive;
        DiedOf = other.DiedOf;
    }

    private protected override void Remap(CloneContext context) => Space = context.Map(Space);
}
