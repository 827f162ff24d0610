using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>Copying the memory manager into another machine, and its fingerprint.</summary>
internal sealed partial class MemoryManager : IDescribed
{
    private MemoryManager(CloneContext context, MemoryManager original, PhysicalMemory memory, KernelLog log)
    {
        // Registered first: sleeping operations refer back to it.
        context.Register(original, this);
        Journal = context.Journal;
        Policy = original.Policy;
        Memory = memory;
        Log = log;
        PageShift = original.PageShift;
        PmdShift = original.PmdShift;
        FastGup = original.FastGup;
        HugeTlbPoolSize = original.HugeTlbPoolSize;
        TransparentHugePagesAlways = original.TransparentHugePagesAlways;
        spaces = context.Map(original.spaces);
        counters = context.Map(original.counters);
        files = context.Map(original.files);
        waiters = context.Map(original.waiters);
        probes = context.Map(original.probes);
        handlers = context.Map(original.handlers);
        migrations = context.Map(original.migrations);
        Balancing = context.Map(original.Balancing);
    }

    internal MemoryManager CloneInto(CloneContext context, PhysicalMemory memory, KernelLog log) => new(context, this, memory, log);

    /// <summary>Whoever holds pages besides page tables knows the kernel, so this comes when the kernel's counterpart is known.</summary>
    internal void CloneHolders(CloneContext context, MemoryManager original) => holders = context.Map(original.holders);

    public void Describe(StateDigest digest)
    {
        digest.Add(HugeTlbPoolSize);
        digest.Add(TransparentHugePagesAlways);
        digest.Add(spaces);
        digest.Add(counters);
        digest.Add(files);
        digest.Add(waiters);
        digest.Add(handlers);
        digest.Add(migrations);
        digest.Add(Balancing);
        digest.Add(holders);
        digest.Add(probes);
    }
}
