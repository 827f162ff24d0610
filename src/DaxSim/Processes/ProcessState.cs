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
        this.space = space;
        Group = id;
    }

    internal int Id { get; }

    internal string Name
    {
        get;
        private set
        {
            field = value;
            label = null;
        }
    }

    // Made once it is asked for: every view of a page names its owners.
    private string? label;

    /// <summary>Name and id, for example <c>sh[1]</c>.</summary>
    internal string Label => label ??= $"{Name}[{Id}]";

    internal int Parent { get; }

    // Null once it has exited: a long history of processes keeps names and ends, but no page tables.
    private AddressSpace? space;

    internal AddressSpace Space => space ?? throw new InvalidOperationException($"Process {Id} ({Name}) has exited and has no address space (simulator defect).");

    internal bool IsAlive { get; private set; } = true;

    /// <summary>The signal it died of, or none.</summary>
    internal Outcomes.Signal DiedOf { get; private set; }

    /// <summary>The thread group: the id of its first thread.</summary>
    internal int Group { get; private set; }

    /// <summary>clear_child_tid: the word to clear at the end, or 0.</summary>
    internal ulong ClearTid { get; private set; }

    /// <summary>The head of the list of robust mutexes, or 0.</summary>
    internal ulong RobustList { get; private set; }

    // u_debugreg; null as long as none was written. Neither a child nor a new program has them (flush_ptrace_hw_breakpoint).
    private ulong[]? debug;

    /// <summary>The node that runs the thread and its memory policy; null for node 0 and none.</summary>
    internal TaskPlacement? Placement { get; private set; }

    internal void SetPlacement(TaskPlacement? placement)
    {
        Touch();
        Placement = placement;
    }

    /// <summary>Whom it runs as; 0 is root.</summary>
    internal int UserId { get; private set; }

    /// <summary>The id of the process that traces it; 0 for none.</summary>
    internal int Tracer { get; private set; }

    internal void SetUser(int user)
    {
        Touch();
        UserId = user;
    }

    internal void SetTracer(int tracer)
    {
        Touch();
        Tracer = tracer;
    }

    /// <summary>A debug register is in use.</summary>
    internal bool IsWatching => debug is not null;

    internal ulong DebugRegister(int number) => debug is null ? 0 : debug[number];

    internal void SetDebugRegister(int number, ulong value)
    {
        Touch();
        var registers = debug is null ? new ulong[8] : (ulong[])debug.Clone();
        registers[number] = value;
        debug = registers;
    }

    internal void SetThread(int group, ulong clearTid)
    {
        Touch();
        Group = group;
        ClearTid = clearTid;
    }

    internal void SetRobustList(ulong head)
    {
        Touch();
        RobustList = head;
    }

    internal void Die(Outcomes.Signal signal = Outcomes.Signal.None)
    {
        Touch();
        IsAlive = false;
        DiedOf = signal;
        space = null;
    }

    /// <summary>execve: a new address space under a new name.</summary>
    internal void Exec(string name, AddressSpace space)
    {
        Touch();
        Name = name;
        this.space = space;
        ClearTid = 0;
        RobustList = 0;
        debug = null;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Id);
        digest.Add(Name);
        digest.Add(Parent);
        if (space is not null)
        {
            digest.Add(space);
        }

        digest.Add(IsAlive);
        digest.Add(DiedOf);
        digest.Add(Group);
        digest.Add(ClearTid);
        digest.Add(RobustList);
        digest.Add(Placement?.ToString() ?? "");
        digest.Add(UserId);
        digest.Add(Tracer);
        for (var i = 0; i < 8; i++)
        {
            digest.Add(DebugRegister(i));
        }
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (ProcessState)state;
        Name = other.Name;
        space = other.space;
        IsAlive = other.IsAlive;
        DiedOf = other.DiedOf;
        Group = other.Group;
        ClearTid = other.ClearTid;
        RobustList = other.RobustList;
        debug = other.debug;
        Placement = other.Placement;
        UserId = other.UserId;
        Tracer = other.Tracer;
    }

    private protected override void Remap(CloneContext context) => space = context.MapOrNull(space);
}
