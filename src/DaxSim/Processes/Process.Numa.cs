using DaxSim.AddressSpaces;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

/// <summary>What get_mempolicy(2) is asked (MPOL_F_*), with the kernel's numbers.</summary>
[Flags]
public enum MemoryPolicyQuery
{
    /// <summary>The task's policy.</summary>
    Task = 0,

    /// <summary>MPOL_F_NODE: a node in place of the mode.</summary>
    Node = 1,

    /// <summary>MPOL_F_ADDR: of the mapping at an address.</summary>
    Address = 2,

    /// <summary>MPOL_F_MEMS_ALLOWED: the nodes that policies may name.</summary>
    Allowed = 4,
}

/// <summary>What get_mempolicy(2) answered.</summary>
/// <param name="Word">The mode with its flags (MPOL_*), or the node that was asked for.</param>
/// <param name="Nodes">The nodes, a bit each.</param>
public readonly record struct MemoryPolicyReport(int Word, ulong Nodes);

/// <summary>What move_pages(2) came to.</summary>
/// <param name="NotMoved">What it returned: how many pages were not moved for other reasons than their status says.</param>
/// <param name="Status">The status array: the node of each page, or a negative error number.</param>
public readonly record struct MovedPages(int NotMoved, IReadOnlyList<int> Status);

// The NUMA calls. On a machine with one node they find everything where it should be.
public sealed partial class Process
{
    private bool HasNuma => Kernel.Policy.Config.IsEnabled("NUMA");

    private Verdict NoNuma => Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "The kernel was built without NUMA."));

    /// <summary>The node of the processor that runs the thread.</summary>
    public int Node => state.Placement?.Node ?? 0;

    /// <summary>sched_setaffinity(2) to the processor of a node: the thread runs there from now on. Its children begin there.</summary>
    /// <param name="node">The node.</param>
    /// <returns>Ok; EINVAL where there is no such node.</returns>
    public Verdict RunOnNode(int node)
    {
        using var call = Call("sched_setaffinity");
        return call.Of(DoRunOnNode(node));
    }

    private Verdict DoRunOnNode(int node)
    {
        _ = Space;
        if (node < 0 || node >= Kernel.Memory.NodeCount)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("__sched_setaffinity", "No processor of that node is online."));
        }

        state.SetPlacement(Kernel.Memory.HasNodes ? new TaskPlacement(node, state.Placement?.Policy) : null);
        return Verdict.Ok;
    }

    /// <summary>set_mempolicy(2): where the thread's pages come from, unless a mapping says otherwise.</summary>
    /// <param name="mode">How the node is chosen.</param>
    /// <param name="nodes">The nodes, a bit each.</param>
    /// <param name="flags">Flags beside the mode.</param>
    /// <returns>Ok; EINVAL where the kernel does not know the mode, or nodes and mode do not go together; ENOSYS without NUMA.</returns>
    public Verdict SetMemoryPolicy(MemoryPolicyMode mode, ulong nodes = 0, MemoryPolicyFlags flags = MemoryPolicyFlags.None)
    {
        using var call = Call("set_mempolicy");
        return call.Of(DoSetMemoryPolicy(mode, nodes, flags));
    }

    private Verdict DoSetMemoryPolicy(MemoryPolicyMode mode, ulong nodes, MemoryPolicyFlags flags)
    {
        _ = Space;
        if (!HasNuma)
        {
            return NoNuma;
        }

        var made = Mm.TryMakePolicy(mode, nodes, flags, out var policy);
        if (made.IsOk)
        {
            state.SetPlacement(policy is null && Node == 0 ? null : new TaskPlacement(Node, policy));
        }

        return made;
    }

    /// <summary>get_mempolicy(2).</summary>
    /// <param name="query">What is asked.</param>
    /// <param name="address">The address, with <see cref="MemoryPolicyQuery.Address"/>.</param>
    /// <returns>
    /// The answer. EFAULT where nothing is mapped; EINVAL for an address without <see cref="MemoryPolicyQuery.Address"/>, for the next node of a
    /// policy that has none, and where the questions do not go together. Asked for the node of an address, it faults the page in.
    /// </returns>
    public Result<MemoryPolicyReport> GetMemoryPolicy(MemoryPolicyQuery query = MemoryPolicyQuery.Task, ulong address = 0)
    {
        using var call = Call("get_mempolicy", address);
        return call.Of(DoGetMemoryPolicy(query, address));
    }

    private Result<MemoryPolicyReport> DoGetMemoryPolicy(MemoryPolicyQuery query, ulong address)
    {
        var space = Space;
        if (!HasNuma)
        {
            return NoNuma;
        }

        Verdict invalid = Verdict.Fail(Errno.EINVAL, Mm.Because("do_get_mempolicy", "The questions do not go together."));
        if (query == MemoryPolicyQuery.Allowed)
        {
            return new MemoryPolicyReport(0, Kernel.Memory.NodesWithMemory);
        }

        var ofAddress = (query & MemoryPolicyQuery.Address) != 0;
        if ((query & ~(MemoryPolicyQuery.Node | MemoryPolicyQuery.Address)) != 0 || (!ofAddress && address != 0))
        {
            return invalid;
        }

        var policy = state.Placement?.Policy;
        if (ofAddress)
        {
            if (space.Find(address) is not { } area)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("do_get_mempolicy", "Nothing is mapped there."));
            }

            if ((query & MemoryPolicyQuery.Node) != 0)
            {
                var node = DoNodeOf(address);
                return node.IsOk ? new MemoryPolicyReport(node.Value, 0) : node.Verdict;
            }

            policy = MemoryManager.ShownPolicy(area, address, Mm.PageShift);
        }
        else if (query == MemoryPolicyQuery.Node)
        {
            return policy is { Mode: MemoryPolicyMode.Interleave or MemoryPolicyMode.WeightedInterleave }
                ? Verdict.Unknown(Mm.Because("do_get_mempolicy", "The next node depends on every allocation that the kernel made for the thread."))
                : invalid;
        }

        return new MemoryPolicyReport(Mm.WordOf(policy), policy?.Nodes ?? 0);
    }

    /// <summary>move_pages(2): moves single pages to nodes, or asks where they are.</summary>
    /// <param name="addresses">One address per page.</param>
    /// <param name="nodes">The node for each page; null moves nothing and only asks for each page's status.</param>
    /// <param name="flags">With <see cref="MbindFlags.MoveAll"/> pages too that other processes map; otherwise their status is EACCES.</param>
    /// <param name="target">Whose pages; this process's own if null.</param>
    /// <param name="unwritten">What the status array holds before the call: the kernel leaves elements alone.</param>
    /// <returns>
    /// How many were not moved, and each page's status: its node; EFAULT where nothing is mapped or the memory cannot be moved, ENOENT without
    /// a page, EACCES, EBUSY. ENODEV for a node without memory; EINVAL for other flags; EPERM for another's process, or MPOL_MF_MOVE_ALL without root; ENOSYS without NUMA.
    /// </returns>
    public Result<MovedPages> MovePages(IReadOnlyList<ulong> addresses, IReadOnlyList<int>? nodes, MbindFlags flags = MbindFlags.Move, Process? target = null, int unwritten = 0)
    {
        using var call = Call("move_pages");
        return call.Of(DoMovePages(addresses, nodes, flags, target, unwritten));
    }

    private Result<MovedPages> DoMovePages(IReadOnlyList<ulong> addresses, IReadOnlyList<int>? nodes, MbindFlags flags, Process? target, int unwritten)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (nodes is not null && addresses.Count != nodes.Count)
        {
            throw new ArgumentException($"There are {addresses.Count} addresses and {nodes.Count} nodes: give one node for each address.", nameof(nodes));
        }

        var space = Space;
        if (!HasNuma)
        {
            return NoNuma;
        }

        if ((flags & ~(MbindFlags.Move | MbindFlags.MoveAll)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("kernel_move_pages", "A flag is unknown."));
        }

        if ((flags & MbindFlags.MoveAll) != 0 && NeedsNice("kernel_move_pages") is { } unprivileged)
        {
            return unprivileged;
        }

        if (target is not null && RefusedToMove(target) is { } refused)
        {
            return refused;
        }

        var whose = target is null ? space : SpaceOf(target);
        if (nodes is null)
        {
            return new MovedPages(0, [.. addresses.Select(a => Mm.NodeStatus(whose, a, move: false))]);
        }

        var status = new int[addresses.Count];
        Array.Fill(status, unwritten);
        var moved = Mm.MovePages(whose, addresses, nodes, (flags & MbindFlags.MoveAll) != 0, status);
        return moved.IsOk ? new MovedPages(moved.Value, status) : moved.Verdict;
    }

    /// <summary>get_mempolicy(2) with MPOL_F_NODE | MPOL_F_ADDR: the node of a page, which is faulted in.</summary>
    public Result<int> NodeOf(ulong address)
    {
        using var call = Call("get_mempolicy", address);
        return call.Of(DoNodeOf(address));
    }

    private Result<int> DoNodeOf(ulong address)
    {
        var space = Space;
        if (!HasNuma)
        {
            return NoNuma;
        }

        if (space.Find(address) is null)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("do_get_mempolicy", "Nothing is mapped there."));
        }

        var pages = new ulong[1];
        var result = Kernel.Policy.NodeLookup == NodeLookupRule.FastFirst ? Mm.GetUserPagesFast(space, address, 1, GupFlags.Get, pages) : Mm.GetUserPages(space, space, address, 1, GupFlags.Get | GupFlags.Touch, pages);
        if (result.Count == 0)
        {
            return result.Verdict;
        }

        Mm.Release(pages[0], pin: false);
        return Kernel.Memory.NodeOf(pages[0]);
    }

    /// <summary>mbind(2): where the pages of a range come from. Of a shmem mapping it concerns the file, for everybody.</summary>
    /// <param name="address">First address, on a page boundary.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="mode">How the node is chosen; <see cref="MemoryPolicyMode.Default"/> takes the policy away.</param>
    /// <param name="nodes">The nodes, a bit each.</param>
    /// <param name="move">What happens to pages that are there.</param>
    /// <param name="flags">Flags beside the mode.</param>
    /// <returns>Ok; EINVAL for arguments that do not go together; EFAULT where part of the range is not mapped; EIO by MPOL_MF_STRICT; ENOSYS without NUMA.</returns>
    public Verdict Mbind(ulong address, ulong length, MemoryPolicyMode mode, ulong nodes, MbindFlags move = MbindFlags.None, MemoryPolicyFlags flags = MemoryPolicyFlags.None)
    {
        using var call = Call("mbind", address);
        return call.Of(DoMbind(address, length, mode, nodes, move, flags));
    }

    private Verdict DoMbind(ulong address, ulong length, MemoryPolicyMode mode, ulong nodes, MbindFlags move, MemoryPolicyFlags flags)
    {
        var space = Space;
        if (!HasNuma)
        {
            return NoNuma;
        }

        var end = address + ((length + Mm.PageSize - 1) & ~(Mm.PageSize - 1));
        if ((address & (Mm.PageSize - 1)) != 0 || end < address || (move & ~(MbindFlags.Strict | MbindFlags.Move | MbindFlags.MoveAll)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("do_mbind", "The range does not begin on a page boundary, ends before it begins, or a flag is unknown."));
        }

        if ((move & MbindFlags.MoveAll) != 0 && NeedsNice("do_mbind") is { } unprivileged)
        {
            return unprivileged;
        }

        if (Mm.TryMakePolicy(mode, nodes, flags, out var policy) is { IsOk: false } refused)
        {
            return refused;
        }

        return end == address ? Verdict.Ok : Mm.Mbind(space, address, end, policy, move);
    }

    private Verdict? NeedsNice(string function)
        => state.UserId == 0 ? null : Verdict.Fail(Errno.EPERM, Mm.Because(function, "MPOL_MF_MOVE_ALL takes CAP_SYS_NICE."));

    /// <summary>find_mm_struct: whose pages may be moved. Before 4.13 the user had to be the same, and nothing else.</summary>
    private Verdict? RefusedToMove(Process target)
        => Kernel.Policy.MoveAccess == MoveAccessRule.SameUser && target.state.UserId == state.UserId ? null : Refused(target);

    /// <summary>/proc/pid/numa_maps: one entry per area, in address order. Reading it looks at every page table entry; without NUMA there is no such file, and the answer is ENOENT.</summary>
    public Result<IReadOnlyList<NumaMapsEntry>> ReadNumaMaps()
        => HasNuma ? new Result<IReadOnlyList<NumaMapsEntry>>(Mm.NumaMaps(Space, state.Placement?.Policy)) : Verdict.Fail(Errno.ENOENT, Mm.Because("proc_pident_lookup", "The kernel was built without NUMA."));

    /// <summary>migrate_pages(2): moves the pages of a process from some nodes to others; as root those too that others map.</summary>
    /// <param name="from">The nodes to leave, a bit each.</param>
    /// <param name="to">The nodes to go to, a bit each: the n-th of these takes the pages of the n-th of those.</param>
    /// <param name="target">Whose pages; this process itself if null.</param>
    /// <returns>How many pages could not be moved; EINVAL where no node of <paramref name="to"/> exists; EPERM for another's process; ENOSYS without NUMA.</returns>
    public Result<int> MigratePages(ulong from, ulong to, Process? target = null)
    {
        using var call = Call("migrate_pages");
        return call.Of(DoMigratePages(from, to, target));
    }

    private Result<int> DoMigratePages(ulong from, ulong to, Process? target)
    {
        var space = Space;
        if (target is not null)
        {
            if (RefusedToMove(target) is { } refused)
            {
                return refused;
            }

            space = SpaceOf(target);
        }

        if (!HasNuma)
        {
            return NoNuma;
        }

        var there = to & Kernel.Memory.NodesWithMemory;
        if (there == 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("kernel_migrate_pages", "None of the nodes to go to has memory."));
        }

        return Kernel.Memory.HasNodes ? Mm.MigratePages(space, from, there, all: state.UserId == 0) : 0;
    }
}
