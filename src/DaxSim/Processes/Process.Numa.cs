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

    /// <summary>/proc/pid/numa_maps: one entry per area, in address order. Reading it looks at every page table entry; without NUMA there is no such file, and the answer is ENOENT.</summary>
    public Result<IReadOnlyList<NumaMapsEntry>> ReadNumaMaps()
        => Kernel.Policy.Config.IsEnabled("NUMA") ? new Result<IReadOnlyList<NumaMapsEntry>>(Mm.NumaMaps(Space)) : Verdict.Fail(Errno.ENOENT, Mm.Because("proc_pident_lookup", "The kernel was built without NUMA."));

    /// <summary>
    /// migrate_pages(2): moves the pages of a process from some nodes to others. With the one node 0 that there is, every page is where it should
    /// be: no page is looked at or moved, whatever the mapping.
    /// </summary>
    /// <param name="target">Whose pages; this process itself if null.</param>
    /// <param name="from">The nodes to leave, a bit each.</param>
    /// <param name="to">The nodes to go to, a bit each.</param>
    /// <returns>How many pages could not be moved: 0; EINVAL where no node of <paramref name="to"/> exists; ENOSYS without NUMA.</returns>
    public Result<int> MigratePages(ulong from, ulong to, Process? target = null) => Call("migrate_pages").Of(DoMigratePages(to, target));

    private Result<int> DoMigratePages(ulong to, Process? target)
    {
        _ = target is null ? Space : SpaceOf(target);
        if (!Kernel.Policy.Config.IsEnabled("NUMA"))
        {
            return Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "The kernel was built without NUMA."));
        }

        return (to & 1) != 0 ? 0 : Verdict.Fail(Errno.EINVAL, Mm.Because("kernel_migrate_pages", "None of the nodes to go to has memory."));
    }
}
