using System.Numerics;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>What mbind(2) does to pages that are there already (MPOL_MF_*), with the kernel's numbers.</summary>
[Flags]
public enum MbindFlags
{
    /// <summary>Nothing: the policy is for pages to come.</summary>
    None = 0,

    /// <summary>MPOL_MF_STRICT: EIO where a page lies elsewhere.</summary>
    Strict = 1,

    /// <summary>MPOL_MF_MOVE: moves the pages that only this process maps.</summary>
    Move = 2,

    /// <summary>MPOL_MF_MOVE_ALL: moves the others too.</summary>
    MoveAll = 4,
}

/// <summary>Memory policies of tasks and mappings (mm/mempolicy.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>sanitize_mpol_flags, get_nodes, mpol_new and mpol_set_nodemask: the policy that a call describes; null for none.</summary>
    internal Verdict TryMakePolicy(MemoryPolicyMode mode, ulong nodes, MemoryPolicyFlags flags, out MemoryPolicy? policy)
    {
        policy = null;
        var known = mode switch
        {
            MemoryPolicyMode.PreferredMany => Policy.PolicyModes >= PolicyModesRule.PreferredMany,
            MemoryPolicyMode.WeightedInterleave => Policy.PolicyModes >= PolicyModesRule.WeightedInterleave,
            _ => mode is >= MemoryPolicyMode.Default and <= MemoryPolicyMode.Local,
        };
        const MemoryPolicyFlags places = MemoryPolicyFlags.StaticNodes | MemoryPolicyFlags.RelativeNodes;
        if (!known || (flags & ~(places | MemoryPolicyFlags.NumaBalancing)) != 0)
        {
            return Refused("sanitize_mpol_flags", "The kernel does not know this mode.", PolicyProperty.PolicyModes);
        }

        if ((flags & places) == places)
        {
            return Refused("sanitize_mpol_flags", "Nodes cannot be static and relative at once.");
        }

        if ((flags & MemoryPolicyFlags.NumaBalancing) != 0 && (mode != MemoryPolicyMode.Bind || Policy.BoundBalancing == BoundBalancingRule.Never))
        {
            return Refused("sanitize_mpol_flags", "MPOL_F_NUMA_BALANCING goes with MPOL_BIND only.", PolicyProperty.BoundBalancing);
        }

        switch (mode)
        {
            case MemoryPolicyMode.Default:
                return nodes == 0 ? Verdict.Ok : Refused("mpol_new", "MPOL_DEFAULT takes no nodes.");
            case MemoryPolicyMode.Local:
            case MemoryPolicyMode.Preferred when nodes == 0:
                if (nodes != 0 || (flags & places) != 0)
                {
                    return Refused("mpol_new", "A local policy takes neither nodes nor flags.");
                }

                policy = new MemoryPolicy(MemoryPolicyMode.Local, 0);
                return Verdict.Ok;
        }

        var there = nodes & Memory.NodesWithMemory;
        if (there == 0)
        {
            return Refused("mpol_set_nodemask", "None of the nodes has memory.");
        }

        policy = new MemoryPolicy(mode, mode == MemoryPolicyMode.Preferred ? 1UL << BitOperations.TrailingZeroCount(there) : there, flags);
        return Verdict.Ok;
    }

    private Verdict Refused(string function, string because, PolicyProperty? property = null) => Verdict.Fail(Errno.EINVAL, Because(function, because, property));

    /// <summary>The number that get_mempolicy shows for a policy.</summary>
    internal int WordOf(MemoryPolicy? policy) => policy switch
    {
        null => 0,
        { Mode: MemoryPolicyMode.Local } when Policy.LocalPolicy == LocalPolicyRule.PreferredWithoutNode => (int)MemoryPolicyMode.Preferred,
        _ => (int)policy.Mode | (int)policy.Flags,
    };

    /// <summary>The policy that numa_maps and get_mempolicy(MPOL_F_ADDR) show of a mapping; null when it has none of its own.</summary>
    internal static MemoryPolicy? ShownPolicy(Vma area, ulong address, int pageShift) => PolicyAt(area, area.PageIndex(address, pageShift));

    /// <summary>do_mbind, once its arguments are known to be good.</summary>
    internal Verdict Mbind(AddressSpace space, ulong start, ulong end, MemoryPolicy? policy, MbindFlags flags)
    {
        for (var at = start; at < end;)
        {
            if (space.Find(at) is not { } area)
            {
                return Verdict.Fail(Errno.EFAULT, Because("queue_pages_range", "Part of the range is not mapped."));
            }

            at = area.End;
        }

        var moves = (flags & (MbindFlags.Move | MbindFlags.MoveAll)) != 0;
        var strict = policy is not null && (flags & MbindFlags.Strict) != 0;
        var misplaced = new List<(Vma Area, List<ulong> Pages)>();
        var unmovable = false;
        if (Memory.HasNodes && (moves || strict))
        {
            foreach (var area in space.Overlapping(start, end))
            {
                if (!strict && !IsMigratable(area))
                {
                    continue;
                }

                // With MPOL_MF_STRICT mappings that cannot be migrated are looked at too.
                var (from, to) = (Math.Max(start, area.Start), Math.Min(end, area.End));
                bool Misplaced(ulong pfn) => ((policy?.Nodes ?? 0) >> Memory.NodeOf(pfn) & 1) == 0;
                var pages = new List<ulong>();
                QueuePages(space, area, from, to, Misplaced, pages);
                var devices = HasDevicePmd(space, from, to, Misplaced);
                if ((pages.Count > 0 || devices) && !moves)
                {
                    return Verdict.Fail(Errno.EIO, Because("queue_folio_required", "A page lies on another node (MPOL_MF_STRICT): the policy is not set."));
                }

                unmovable |= devices;
                if (pages.Count > 0 && !IsMigratable(area))
                {
                    unmovable = true;
                    if (Policy.MbindUnmigratable == MbindUnmigratableRule.LeavesThem)
                    {
                        pages.Clear();
                    }
                }

                unmovable |= pages.RemoveAll(p => !CanIsolate(p)) > 0;
                if ((flags & MbindFlags.MoveAll) == 0)
                {
                    unmovable |= pages.RemoveAll(IsMappedByOthers) > 0 && Policy.MbindShared == MbindSharedRule.CountsAsFailure;
                }

                misplaced.Add((area, pages));
            }
        }

        if (SetPolicy(space, start, end, policy) is { IsOk: false } refused)
        {
            return refused;
        }

        var choice = ChoiceOf(policy);
        var failed = misplaced.Sum(m => m.Pages.Count(p => (Memory.NodeOf(p) != choice.Node || choice.Interleaved != 0) && !MoveTo(p, choice).IsOk));
        return strict && (unmovable || failed > 0)
            ? Verdict.Fail(Errno.EIO, Because("do_mbind", "Not every page could be moved (MPOL_MF_STRICT); the policy is set, and the others were moved."))
            : Verdict.Ok;
    }

    /// <summary>queue_folios_pmd: unlike a PTE, a PMD is not asked whether its page is device memory.</summary>
    private bool HasDevicePmd(AddressSpace space, ulong start, ulong end, Func<ulong, bool> misplaced)
    {
        var table = space.PageTable;
        foreach (var run in table.Pmds.Extents(start >> PmdShift, (end + PmdSize - 1) >> PmdShift))
        {
            for (var index = run.Start; run.Value.IsPresent && !run.Value.IsZero && index < run.End; index++)
            {
                var pfn = table.PmdPfn(index, run.Value);
                if (Memory.PagemapOf(pfn) is not null && misplaced(pfn))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>mbind_range and vma_replace_policy.</summary>
    private Verdict SetPolicy(AddressSpace space, ulong start, ulong end, MemoryPolicy? policy)
    {
        for (var at = start; at < end;)
        {
            var area = space.Find(at)!;
            var stop = Math.Min(area.End, end);
            if (area.Inode is { Kind: MappingKind.Shmem } file)
            {
                file.SetPolicy(area.PageIndex(at, PageShift), area.PageIndex(at, PageShift) + ((stop - at) >> PageShift), policy);
            }

            if (area.Policy != policy)
            {
                if (SplitAt(space, at, stop) is { IsOk: false } refused)
                {
                    return refused;
                }

                area = space.Find(at)!;
                area.SetPolicy(policy);
                MergeNeighbours(space, area);
            }

            at = stop;
        }

        return Verdict.Ok;
    }
}
