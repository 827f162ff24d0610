namespace DaxSim;

public sealed partial class MachineBuilder
{
    /// <summary>The pool of huge pages (vm.nr_hugepages).</summary>
    /// <param name="count">How many.</param>
    public MachineBuilder HugePages(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        steps.Add(machine => machine.MemoryManager.HugeTlbPoolSize = count);
        return this;
    }

    /// <summary>Transparent huge pages for every fitting area ("always") or only after MADV_HUGEPAGE ("madvise", the default).</summary>
    public MachineBuilder TransparentHugePages(bool always)
    {
        steps.Add(machine => machine.MemoryManager.TransparentHugePagesAlways = always);
        return this;
    }
}
