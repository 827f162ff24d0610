using DaxSim.AddressSpaces;

namespace DaxSim.Processes;

public sealed partial class Process
{
    /// <summary>Looks at a page of this process without touching it, as no system call can: area, page table entry, counts of the struct page.</summary>
    /// <param name="address">An address in the page.</param>
    public PageView View(ulong address) => Mm.View(Space, address);
}
