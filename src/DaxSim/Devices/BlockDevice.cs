using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>A block device as the rest of the kernel sees it: a disk or a partition of one.</summary>
internal abstract class BlockDevice : Recoverable
{
    private protected BlockDevice(Journal journal, string name)
        : base(journal)
    {
        Name = name;
    }

    /// <summary>The name below /dev, for example <c>pmem0</c>.</summary>
    internal string Name { get; }
}
