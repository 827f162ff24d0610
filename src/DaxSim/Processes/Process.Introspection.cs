using DaxSim.AddressSpaces;

namespace DaxSim.Processes;

// What /proc/pid/smaps shows, and core files.
public sealed partial class Process
{
    /// <summary>/proc/pid/smaps: one entry per area, in address order. Reading it looks at every page table entry.</summary>
    public IReadOnlyList<SmapsEntry> ReadSmaps() => Mm.Smaps(Space);

    /// <summary>
    /// do_coredump: the core file that a fatal signal would leave. Pages are faulted in as far as the filter asks for them; what has no
    /// struct page becomes a hole. The process is left as it is: let it <see cref="Exit"/>.
    /// </summary>
    /// <param name="filter">/proc/pid/coredump_filter.</param>
    public CoreDump DumpCore(CoreFilter filter = CoreFilter.Default) => Mm.DumpCore(Space, filter);
}
