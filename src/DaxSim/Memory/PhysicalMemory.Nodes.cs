namespace DaxSim.Memory;

/// <summary>Which node a range of frames belongs to.</summary>
internal sealed record NodeRange(ulong Start, ulong End, int Node);

/// <summary>NUMA: on machines with several nodes every frame belongs to one, and allocations say where they want theirs.</summary>
internal sealed partial class PhysicalMemory
{
    private readonly List<NodeRange> nodeRanges = [];

    /// <summary>How many nodes have RAM; 1 unless the machine was built with more.</summary>
    internal int NodeCount { get; private set; } = 1;

    /// <summary>True on a machine with several nodes. On others nothing here is looked at.</summary>
    internal bool HasNodes { get; private set; }

    /// <summary>node_states[N_MEMORY]: the nodes with RAM, a bit each.</summary>
    internal ulong NodesWithMemory => (1UL << NodeCount) - 1;

    /// <summary>What allocations go by that no mapping's policy speaks about: the policy of the task that runs. Set by every call, so no state of the machine.</summary>
    internal NodeChoice Choice { get; set; }

    /// <summary>numa_node_id: the node of the processor that runs the task.</summary>
    internal int LocalNode { get; set; }

    /// <summary>Says where the nodes' RAM lies, before any region is added.</summary>
    internal void DefineNodes(IReadOnlyList<NodeRange> ranges)
    {
        nodeRanges.AddRange(ranges);
        NodeCount = ranges.Max(r => r.Node) + 1;
        HasNodes = NodeCount > 1;
        allocator.DefineNodes(NodeCount);
    }

    /// <summary>Says which node device memory belongs to.</summary>
    internal void PlaceOnNode(ulong startPfn, ulong endPfn, int node) => nodeRanges.Add(new NodeRange(startPfn, endPfn, node));

    /// <summary>page_to_nid. What was never placed is node 0's.</summary>
    internal int NodeOf(ulong pfn)
    {
        if (HasNodes)
        {
            foreach (var range in nodeRanges)
            {
                if (pfn >= range.Start && pfn < range.End)
                {
                    return range.Node;
                }
            }
        }

        return 0;
    }

    /// <summary>__alloc_pages with a preferred node: that one, then the others that are allowed.</summary>
    private bool TryTakeFromNodes(int order, NodeChoice choice, ulong place, out ulong pfn)
    {
        var first = choice.First(place);
        if (choice.Allows(first) && TryTakeFromNode(order, first, out pfn))
        {
            return true;
        }

        for (var node = 0; node < NodeCount; node++)
        {
            if (node != first && choice.Allows(node) && TryTakeFromNode(order, node, out pfn))
            {
                return true;
            }
        }

        pfn = 0;
        return false;
    }

    private bool TryTakeFromNode(int order, int node, out ulong pfn)
    {
        var count = 1UL << order;
        foreach (var range in nodeRanges)
        {
            if (range.Node != node)
            {
                continue;
            }

            for (var from = range.Start; freed.TryNext(from, range.End, out var extent);)
            {
                var aligned = (Math.Max(extent.Start, range.Start) + count - 1) & ~(count - 1);
                if (aligned + count <= Math.Min(extent.End, range.End))
                {
                    freed.Clear(aligned, aligned + count);
                    pfn = aligned;
                    return true;
                }

                from = extent.End;
            }
        }

        foreach (var range in nodeRanges)
        {
            if (range.Node == node && TryTakeNew(range, count, out pfn))
            {
                return true;
            }
        }

        pfn = 0;
        return false;
    }

    /// <summary>Frames of a range that were never handed out. Ranges of a node lie in ascending order.</summary>
    private bool TryTakeNew(NodeRange range, ulong count, out ulong pfn)
    {
        foreach (var region in Regions)
        {
            var start = Math.Max(region.Start >> PageShift, range.Start);
            var end = Math.Min(Math.Min(region.End >> PageShift, range.End), AllocatableEnd);
            if (region.Kind != RegionKind.SystemRam || start >= end)
            {
                continue;
            }

            var next = Math.Max(Math.Max(allocator.NextOf(range.Node), start), ZeroPfn + 1);
            var aligned = (next + count - 1) & ~(count - 1);
            if (next < end && aligned + count <= end)
            {
                if (aligned > next)
                {
                    freed.Set(next, aligned, 1);
                }

                allocator.MoveTo(range.Node, aligned + count);
                pfn = aligned;
                return true;
            }
        }

        pfn = 0;
        return false;
    }

    private void CopyNodes(PhysicalMemory original)
    {
        nodeRanges.AddRange(original.nodeRanges);
        NodeCount = original.NodeCount;
        HasNodes = original.HasNodes;
    }
}
