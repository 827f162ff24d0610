using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.Devices.Drivers;

/// <summary>kmem (drivers/dax/kmem.c): turns a dax range into system RAM.</summary>
internal static class KmemRange
{
    /// <summary>The usual size of a memory block, the unit of memory hotplug.</summary>
    private const ulong MemoryBlock = 128UL << 20;

    internal static void Online(DeviceTable table, string name, ulong bytes, int node, ulong? start, ulong from)
    {
        const string Function = "dev_dax_kmem_probe";
        if (node < 0)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Dax, $"kmem {name}: rejecting DAX region with invalid node: {node}");
            table.Refuse(name, new Reason(Function, $"The node {node} is invalid (EINVAL)."));
            return;
        }

        var at = start ?? table.Memory.FindGap(from, bytes, MemoryBlock);
        var first = (at + MemoryBlock - 1) / MemoryBlock * MemoryBlock;
        var end = (at + bytes) / MemoryBlock * MemoryBlock;
        if (first >= end)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Dax, $"kmem {name}: rejecting DAX region without any memory after alignment");
            table.Refuse(name, new Reason(Function, $"The range holds no whole memory block of {ByteSize.Format((long)MemoryBlock)} (EINVAL)."));
            return;
        }

        var region = new MemoryRegion("System RAM (kmem)", RegionKind.SystemRam, first, end - first);
        if (table.Memory.TryAdd(region) is { } other)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Dax, $"kmem {name}: mapping0: 0x{first:x}-0x{end - 1:x} could not reserve region");
            table.Refuse(name, new Reason(Function, $"The range overlaps {other} (EBUSY)."));
            return;
        }

        table.AddRange(new CharacterDax(table, name, new PfnRange(first >> table.PageShift, (end - first) >> table.PageShift), table.PageSize, null, DaxRangeDriver.Kmem));
    }
}
