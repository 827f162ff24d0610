using DaxSim.Memory;

namespace DaxSim;

public sealed partial class MachineBuilder
{
    /// <summary>The kernel counts nodes in a word here; more than these are no machine that anybody describes by hand.</summary>
    private const int MostNodes = 63;

    private readonly List<long> nodes = [];

    /// <summary>
    /// Adds a NUMA node with RAM and one processor. The nodes' RAM lies in the order in which they are added, from address 0; what
    /// <see cref="Reserve"/>, <see cref="Region"/> and <see cref="E820Pmem"/> cut out of it belongs to the same node. Instead of <see cref="Ram(string)"/>.
    /// </summary>
    /// <param name="ram">How much RAM the node has, for example <c>512M</c>.</param>
    public MachineBuilder Node(string ram) => Node(ByteSize.Parse(ram));

    /// <summary>Adds a NUMA node with RAM and one processor: see <see cref="Node(string)"/>.</summary>
    /// <param name="bytes">How much RAM the node has: a multiple of the page size.</param>
    public MachineBuilder Node(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        if (nodes.Count == MostNodes)
        {
            throw new InvalidOperationException($"A machine has at most {MostNodes} nodes.");
        }

        nodes.Add(bytes);
        return this;
    }

    /// <summary>Says that the device memory at an address belongs to a node (the proximity domain that firmware reports); without this it is node 0's.</summary>
    /// <param name="node">The node.</param>
    /// <param name="start">First physical address.</param>
    /// <param name="bytes">How much.</param>
    public MachineBuilder MemoryOnNode(int node, ulong start, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(node);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        steps.Add(machine =>
        {
            if (node >= machine.Memory.NodeCount)
            {
                throw new InvalidOperationException($"There is no node {node}: the machine has {machine.Memory.NodeCount}. Add nodes with Node(\"512M\").");
            }

            machine.Memory.PlaceOnNode(start >> machine.Memory.PageShift, (start + (ulong)bytes) >> machine.Memory.PageShift, node);
        });
        return this;
    }

    private void DefineNodes(Machine machine)
    {
        if (nodes.Count == 0)
        {
            return;
        }

        if (ramBytes >= 0)
        {
            throw new InvalidOperationException("The machine has both Ram and Node: give each node its RAM with Node, and leave Ram out.");
        }

        var ranges = new List<NodeRange>();
        var at = 0UL;
        foreach (var bytes in nodes)
        {
            if (bytes % machine.Memory.PageSize != 0)
            {
                throw new InvalidOperationException($"A node with {bytes} bytes of RAM is not possible: the size must be a multiple of the page size, {machine.Memory.PageSize}.");
            }

            ranges.Add(new NodeRange(at >> machine.Memory.PageShift, (at + (ulong)bytes) >> machine.Memory.PageShift, ranges.Count));
            at += (ulong)bytes;
        }

        ramBytes = (long)at;
        if (machine.Policy.Config.IsEnabled("NUMA"))
        {
            machine.Memory.DefineNodes(ranges);
        }
    }
}
