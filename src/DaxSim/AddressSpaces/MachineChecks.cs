using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>A program's load that reaches memory which cannot be read any more: the machine check and what the kernel makes of it.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Is the byte a known media error?</summary>
    private bool IsMediaError(ulong pfn, ulong address)
        => Memory.MediaErrors[(pfn << (PageShift - 9)) + ((address & (PageSize - 1)) >> 9)] != 0;

    /// <summary>do_machine_check for a load by a program: memory_failure takes the page away, and the program gets a SIGBUS.</summary>
    private Verdict MachineCheck(AddressSpace space, ulong address, ulong pfn, bool write)
    {
        const string Function = "do_machine_check";
        if (write || Policy.Architecture != Architecture.X8664 || !Policy.Config.IsEnabled("MEMORY_FAILURE"))
        {
            return Verdict.Unknown(Because(Function, write
                ? "What a store to memory that cannot be read does is the processor's matter."
                : "Only x86_64 with MEMORY_FAILURE is modelled: how else a load from bad memory ends is not known."));
        }

        if (!Memory.HasStructPage(pfn) || Policy.DeviceMemoryFailure == DeviceMemoryFailureRule.NotHandled)
        {
            Trace?.Step("memory_failure", "can it treat the page?", "no: not memory that it knows", PolicyProperty.DeviceMemoryFailure);
            return Verdict.Raise(new SignalInfo(Signal.SIGBUS, SiCode.SI_KERNEL, address), Because(Function, $"pfn {pfn:x} cannot be read, and memory_failure does not handle it: the program that touched it is killed.", PolicyProperty.DeviceMemoryFailure));
        }

        // mf_generic_kill_procs: the page leaves every page table, and no entry says why.
        var area = space.Find(address)!;
        var huge = space.PageTable[PageOf(address)].IsNone;
        var index = area.PageIndex(address, PageShift);
        var pages = huge ? space.PageTable.PagesPerPmd : 1;
        Memory.Poison(pfn);
        UnmapRange(area.File!.Inode, index / pages * pages, (index / pages * pages) + pages, evenCopies: false);
        Trace?.Step("memory_failure_dev_pagemap", "who maps the page?", "it leaves every page table, and its users get a SIGBUS", PolicyProperty.DeviceMemoryFailure);
        return Verdict.Raise(new SignalInfo(Signal.SIGBUS, SiCode.BUS_MCEERR_AR, address) { AddressLsb = huge ? PmdShift : PageShift }, Because(Function, $"pfn {pfn:x} cannot be read.", PolicyProperty.DeviceMemoryFailure));
    }
}
