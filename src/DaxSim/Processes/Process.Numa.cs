using DaxSim.AddressSpaces;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// The NUMA calls, on a machine with the one node 0.
public sealed partial class Process
{
    /// <summary>move_pages(2) of single pages.</summary>
    /// <param name="addresses">One address per page.</param>
    /// <param name="move">True to move them to node 0, false to ask for their status only.</param>
    /// <param name="unwritten">What the status array holds before the call: some kernels leave an element alone.</param>
    /// <returns>The status array: the node, or a negative error number.</returns>
    public Result<int[]> MovePages(IReadOnlyList<ulong> addresses, bool move, int unwritten = 0) => Call("move_pages").Of(DoMovePages(addresses, move, unwritten));

    private Result<int[]> DoMovePages(IReadOnlyList<ulong> addresses, bool move, int unwritten)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (!Kernel.Policy.Config.IsEnabled("NUMA"))
        {
            return Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "The kernel was built without NUMA."));
        }

        var inPlace = move && Kernel.Policy.MovePagesInPlace == MovePagesInPlaceRule.Unwritten ? unwritten : 0;
        return addresses.Select(a => Mm.NodeStatus(Space, a, move) is var status and < 0 ? status : inPlace).ToArray();
    }

    /// <summary>get_mempolicy(2) with MPOL_F_NODE | MPOL_F_ADDR: the node of a page, which is faulted in.</summary>
    public Result<int> NodeOf(ulong address) => Call("get_mempolicy", address).Of(DoNodeOf(address));

    private Result<int> DoNodeOf(ulong address)
    {
        if (!Kernel.Policy.Config.IsEnabled("NUMA"))
        {
            return Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "The kernel was built without NUMA."));
        }

        if (Space.Find(address) is null)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("do_get_mempolicy", "Nothing is mapped there."));
        }

        var pages = new ulong[1];
        var result = Kernel.Policy.NodeLookup == NodeLookupRule.FastFirst ? Mm.GetUserPagesFast(Space, address, 1, GupFlags.Get, pages) : Mm.GetUserPages(Space, Space, address, 1, GupFlags.Get | GupFlags.Touch, pages);
        if (result.Count == 0)
        {
            return result.Verdict;
        }

        Mm.Release(pages[0], pin: false);
        return 0;
    }

    /// <summary>mbind(2) to node 0: a policy for later allocations; pages without a struct page are skipped.</summary>
    public Verdict Mbind(ulong address, ulong length) => Call("mbind", address).Of(DoMbind(address, length));

    private Verdict DoMbind(ulong address, ulong length)
    {
        if (!Kernel.Policy.Config.IsEnabled("NUMA"))
        {
            return Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "The kernel was built without NUMA."));
        }

        for (var at = address; at < address + length; at += Mm.PageSize)
        {
            if (Space.Find(at) is null)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("queue_pages_range", "Part of the range is not mapped."));
            }
        }

        return Verdict.Ok;
    }
}
