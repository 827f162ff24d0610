using DaxSim.FileSystems;
using DaxSim.Memory;

namespace DaxSim.AddressSpaces;

/// <summary>What a thread has to do with nodes: where it runs, and by which policy it allocates. Immutable.</summary>
/// <param name="Node">The node of the processor that runs it.</param>
/// <param name="Policy">What set_mempolicy said; null for nothing.</param>
internal sealed record TaskPlacement(int Node, MemoryPolicy? Policy)
{
    internal static TaskPlacement Usual { get; } = new(0, null);
}

/// <summary>Whose nodes and policies count for an allocation (mm/mempolicy.c). Only machines with several nodes ask.</summary>
internal sealed partial class MemoryManager
{
    private TaskPlacement acting = TaskPlacement.Usual;

    /// <summary>A thread makes a call.</summary>
    internal void Act(AddressSpace space, TaskPlacement? placement)
    {
        if (!ReferenceEquals(space.Placement, placement))
        {
            space.SetPlacement(placement);
        }

        ActFor(space);
    }

    /// <summary>An operation of the thread goes on that last made a call in the address space.</summary>
    internal void ActFor(AddressSpace space) => ActAs(space.Placement ?? TaskPlacement.Usual);

    /// <summary>A call that is no process's: files are also written from outside, by whoever set the machine up.</summary>
    internal void ActAsNobody() => ActAs(TaskPlacement.Usual);

    private void ActAs(TaskPlacement placement)
    {
        acting = placement;
        Memory.LocalNode = acting.Node;
        Memory.Choice = ChoiceOf(acting.Policy);
    }

    private NodeChoice ChoiceOf(MemoryPolicy? policy) => policy?.Choose(acting.Node) ?? new NodeChoice(acting.Node, 0, 0);

    /// <summary>get_vma_policy: the file's own policy there, the mapping's, or the task's.</summary>
    private static MemoryPolicy? PolicyAt(Vma area, ulong index) => area.Inode is { Kind: MappingKind.Shmem } file ? file.PolicyAt(index) : area.Policy;

    /// <summary>Where a page of a mapping comes from that does not belong to a file's cache.</summary>
    internal NodeChoice ChoiceFor(Vma area) => Memory.HasNodes ? ChoiceAt(area, area.PageOffset) : default;

    private NodeChoice ChoiceAt(Vma area, ulong index) => PolicyAt(area, index) is { } policy ? ChoiceOf(policy) : Memory.Choice;

    /// <summary>hpage_collapse_find_target_node: the node that most of the pages lie on; the first of several.</summary>
    private NodeChoice CollapseChoice(PageTable table, ulong first)
    {
        if (!Memory.HasNodes)
        {
            return default;
        }

        var counts = new int[Memory.NodeCount];
        for (var page = first; page < first + table.PagesPerPmd; page++)
        {
            var pte = table[page];
            if (pte.IsPresent && !pte.IsZero)
            {
                counts[Memory.NodeOf(pte.Pfn(page))]++;
            }
        }

        return new NodeChoice(Array.IndexOf(counts, counts.Max()), 0, 0);
    }
}
