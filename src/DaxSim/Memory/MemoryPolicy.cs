using System.Globalization;
using System.Numerics;
using System.Text;

namespace DaxSim.Memory;

/// <summary>How a memory policy chooses the node of a page (MPOL_*), with the kernel's numbers.</summary>
public enum MemoryPolicyMode
{
    /// <summary>MPOL_DEFAULT: no policy; the node of the processor that runs the task.</summary>
    Default = 0,

    /// <summary>MPOL_PREFERRED: one node, others when it is full. Without a node: <see cref="Local"/>.</summary>
    Preferred = 1,

    /// <summary>MPOL_BIND: the nearest of some nodes, never another.</summary>
    Bind = 2,

    /// <summary>MPOL_INTERLEAVE: some nodes in turn, by the page's place in the mapping.</summary>
    Interleave = 3,

    /// <summary>MPOL_LOCAL: the node of the processor that runs the task, asked for by name.</summary>
    Local = 4,

    /// <summary>MPOL_PREFERRED_MANY (5.15): the nearest of some nodes, others when they are full.</summary>
    PreferredMany = 5,

    /// <summary>MPOL_WEIGHTED_INTERLEAVE (6.9): some nodes in turn, each for as many pages as its weight says. Every node's weight is 1 here.</summary>
    WeightedInterleave = 6,
}

/// <summary>Flags beside the mode of a memory policy (MPOL_F_*), with the kernel's numbers.</summary>
[Flags]
public enum MemoryPolicyFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>MPOL_F_NUMA_BALANCING (5.12): automatic balancing may move pages among the nodes bound to.</summary>
    NumaBalancing = 1 << 13,

    /// <summary>MPOL_F_RELATIVE_NODES: the nodes are counted within those allowed.</summary>
    RelativeNodes = 1 << 14,

    /// <summary>MPOL_F_STATIC_NODES: the nodes stay as they are when the allowed ones change.</summary>
    StaticNodes = 1 << 15,
}

/// <summary>A memory policy (struct mempolicy): of a task, of a mapping, or of a range of a shmem file. Immutable.</summary>
/// <param name="Mode">How the node is chosen; never <see cref="MemoryPolicyMode.Default"/>, which is no policy at all.</param>
/// <param name="Nodes">The nodes, a bit each.</param>
/// <param name="Flags">The flags.</param>
public sealed record MemoryPolicy(MemoryPolicyMode Mode, ulong Nodes, MemoryPolicyFlags Flags = MemoryPolicyFlags.None)
{
    /// <summary>mpol_to_str: as numa_maps shows it, for example <c>bind:1</c> or <c>interleave=static:0-1</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Mode switch
        {
            MemoryPolicyMode.Preferred => "prefer",
            MemoryPolicyMode.Bind => "bind",
            MemoryPolicyMode.Interleave => "interleave",
            MemoryPolicyMode.Local => "local",
            MemoryPolicyMode.PreferredMany => "prefer (many)",
            MemoryPolicyMode.WeightedInterleave => "weighted interleave",
            _ => "default",
        });
        if (Flags != MemoryPolicyFlags.None)
        {
            text.Append((Flags & MemoryPolicyFlags.StaticNodes) != 0 ? "=static" : (Flags & MemoryPolicyFlags.RelativeNodes) != 0 ? "=relative" : "=balancing");
        }

        return Mode is MemoryPolicyMode.Local or MemoryPolicyMode.Default ? text.ToString() : text.Append(':').Append(NodeList(Nodes)).ToString();
    }

    /// <summary>Nodes as the kernel lists them: <c>0-1,3</c>.</summary>
    internal static string NodeList(ulong nodes)
    {
        var parts = new List<string>();
        for (var first = 0; first < 64; first++)
        {
            if ((nodes >> first & 1) == 0)
            {
                continue;
            }

            var last = first;
            while (last < 63 && (nodes >> (last + 1) & 1) != 0)
            {
                last++;
            }

            parts.Add(first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"));
            first = last;
        }

        return string.Join(',', parts);
    }

    /// <summary>policy_node and policy_nodemask: where an allocation under this policy is tried.</summary>
    internal NodeChoice Choose(int local) => Mode switch
    {
        MemoryPolicyMode.Preferred => new NodeChoice(BitOperations.TrailingZeroCount(Nodes), 0, 0),
        MemoryPolicyMode.Bind => new NodeChoice(Near(local), 0, Nodes),
        MemoryPolicyMode.PreferredMany => new NodeChoice(Near(local), 0, 0),
        MemoryPolicyMode.Interleave or MemoryPolicyMode.WeightedInterleave => new NodeChoice(local, Nodes, 0),
        _ => new NodeChoice(local, 0, 0),
    };

    // Every other node is equally far in this model, so that the first of them is the nearest.
    private int Near(int local) => (Nodes >> local & 1) != 0 ? local : BitOperations.TrailingZeroCount(Nodes);
}

/// <summary>Where an allocation is tried: on which node first, and on which at all.</summary>
/// <param name="Node">The first node, unless interleaved.</param>
/// <param name="Interleaved">Nodes of which the page's place chooses the first; 0 for none.</param>
/// <param name="Allowed">The nodes allowed; 0 for all.</param>
internal readonly record struct NodeChoice(int Node, ulong Interleaved, ulong Allowed)
{
    internal static NodeChoice Only(int node) => new(node, 0, 1UL << node);

    /// <summary>offset_il_node (interleave_nid): the n-th of the nodes, counted round.</summary>
    internal int First(ulong place)
    {
        if (Interleaved == 0)
        {
            return Node;
        }

        var nodes = Interleaved;
        for (var skip = place % (ulong)BitOperations.PopCount(Interleaved); skip > 0; skip--)
        {
            nodes &= nodes - 1;
        }

        return BitOperations.TrailingZeroCount(nodes);
    }

    internal bool Allows(int node) => Allowed == 0 || (Allowed >> node & 1) != 0;
}
