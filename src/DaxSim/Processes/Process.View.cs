using DaxSim.AddressSpaces;

namespace DaxSim.Processes;

public sealed partial class Process
{
    /// <summary>Looks at a page of this process without touching it, as no system call can: area, page table entry, counts of the struct page, and who has it.</summary>
    /// <param name="address">An address in the page.</param>
    public PageView View(ulong address)
    {
        var view = Mm.View(Space, address);
        return view with { ProcessId = Id, ProcessName = Name, Owners = PageOwners.Of(Kernel, Space, address, view) };
    }

    /// <summary>A call of this process begins; its outcome is handed to the recording.</summary>
    private Recording Call(string name, ulong? address = null) => Kernel.Record(name, process: this, address: address);

    /// <summary>A call of this process on another's memory begins.</summary>
    private Recording Call(string name, Process target, ulong? address = null) => Kernel.Record(name, process: target, address: address);
}
