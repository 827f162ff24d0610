using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Processes;

public sealed partial class Process
{
    /// <summary>Looks at a page of this process without touching it, as no system call can: area, page table entry, counts of the struct page, and who has it.</summary>
    /// <param name="address">An address in the page.</param>
    public PageView View(ulong address) => Look(address, Kernel.Recorder?.Last);

    /// <summary>The same for a record of a call: it does not hold the record of the call before, which would hold all that ever were.</summary>
    internal PageView ViewForRecord(ulong address) => Look(address, preceding: null);

    private PageView Look(ulong address, IOperationRecord? preceding)
    {
        var view = Mm.View(Space, address);
        return view with { ProcessId = Id, ProcessName = Name, Owners = PageOwners.Of(Kernel, Space, address, view), Preceding = new PrecedingCall(preceding) };
    }

    /// <summary>A call of this process begins; its outcome is handed to the recording.</summary>
    private Recording Call(string name, ulong? address = null) => Kernel.Record(name, process: this, address: address);

    /// <summary>A call of this process on another's memory begins.</summary>
    private Recording Call(string name, Process target, ulong? address = null) => Kernel.Record(name, process: target, address: address);
}
