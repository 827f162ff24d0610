namespace DaxSim;

/// <summary>The counters of /proc/vmstat that speak of pins.</summary>
/// <param name="PinsAcquired">nr_foll_pin_acquired: references taken with FOLL_PIN since the machine was built.</param>
/// <param name="PinsReleased">nr_foll_pin_released: those given back.</param>
public readonly record struct PinCounters(long PinsAcquired, long PinsReleased);

public sealed partial class Machine
{
    /// <summary>The pins counted in /proc/vmstat.</summary>
    public PinCounters PinCounters => new(MemoryManager.PinsAcquired, MemoryManager.PinsReleased);

    /// <summary>ksmd's work (/sys/kernel/mm/ksm/run = 1) until nothing more can be merged: equal anonymous pages of areas with MADV_MERGEABLE become one page. Held pages and pages of files and devices are left alone.</summary>
    /// <param name="useZeroPages">/sys/kernel/mm/ksm/use_zero_pages: pages full of zeroes become the zero page. Kernels before 4.12 have no such switch.</param>
    /// <returns>How many page table entries map a merged page, or the zero page, now that did not before.</returns>
    public int MergeEqualPages(bool useZeroPages = false) => MemoryManager.MergeEqualPages(useZeroPages);

    /// <summary>khugepaged's work until nothing more can be collapsed: ranges of anonymous memory that may consist of huge pages and have at least one page become one. Held pages block that; files and devices are not looked at.</summary>
    /// <returns>How many huge pages were made.</returns>
    public int CollapseHugePages() => MemoryManager.CollapseByScan();
}
