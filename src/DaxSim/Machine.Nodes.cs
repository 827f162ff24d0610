using DaxSim.Processes;

namespace DaxSim;

/// <summary>What /proc/vmstat counts of automatic NUMA balancing.</summary>
/// <param name="HintFaults">numa_hint_faults: faults at entries that were prepared.</param>
/// <param name="PagesMigrated">numa_pages_migrated: how many of them moved a page (a huge page counts once here).</param>
public readonly record struct NumaCounters(long HintFaults, long PagesMigrated);

public sealed partial class Machine
{
    /// <summary>How many nodes have RAM: 1 unless the machine was built with <see cref="MachineBuilder.Node(string)"/>, or the kernel without NUMA.</summary>
    public int NodeCount => Memory.NodeCount;

    /// <summary>The node that a page frame belongs to (pfn_to_nid).</summary>
    /// <param name="pfn">The page frame number.</param>
    public int NodeOfFrame(ulong pfn) => Memory.NodeOf(pfn);

    /// <summary>/proc/sys/kernel/numa_balancing. Kernels with NUMA_BALANCING begin with it on a machine with several nodes; on others it stays off.</summary>
    public bool NumaBalancing
    {
        get => MemoryManager.Balancing.IsEnabled;
        set => MemoryManager.Balancing.Enable(value && CanBalance);
    }

    private bool CanBalance => Memory.HasNodes && Policy.Config.IsEnabled("NUMA_BALANCING");

    /// <summary>The counters of automatic NUMA balancing.</summary>
    public NumaCounters NumaCounters => new(MemoryManager.Balancing.HintFaults, MemoryManager.Balancing.Migrated);

    /// <summary>
    /// The scans of automatic NUMA balancing over a process's memory (task_numa_work), until every entry is prepared that would be: pages that lie
    /// elsewhere than the thread runs that last made a call. The next access of each faults and brings the page there, unless somebody holds it.
    /// </summary>
    /// <param name="process">The process.</param>
    /// <returns>How many entries were prepared; 0 where balancing is off.</returns>
    public int PlantNumaHints(Process process)
    {
        Kernel.Require(process);
        return MemoryManager.PlantHints(process.Space);
    }
}
