using DaxSim.Devices;
using DaxSim.Memory;

namespace DaxSim;

public sealed partial class MachineBuilder
{
    private const long DefaultRam = 512L << 20;

    private readonly List<MemoryRegion> regions = [];
    private long ramBytes = -1;

    /// <summary>Gives the machine that much RAM, from address 0. Without this, and without RAM among the regions, it has 512 MiB.</summary>
    /// <param name="size">For example <c>512M</c>.</param>
    public MachineBuilder Ram(string size) => Ram(ByteSize.Parse(size));

    /// <summary>Gives the machine that much RAM, from address 0.</summary>
    /// <param name="bytes">A multiple of the page size.</param>
    public MachineBuilder Ram(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ramBytes = bytes;
        return this;
    }

    /// <summary>Takes a part of the address space away from RAM, as <c>memmap=size$start</c> on the kernel command line does.</summary>
    /// <param name="size">How much.</param>
    /// <param name="start">From which address.</param>
    public MachineBuilder Reserve(string size, string start) => Region(new MemoryRegion("Reserved", RegionKind.Reserved, (ulong)ByteSize.Parse(start), (ulong)ByteSize.Parse(size)));

    /// <summary>Adds a range of physical memory. Where it lies inside the RAM given by <see cref="Ram(long)"/>, the RAM is cut.</summary>
    public MachineBuilder Region(MemoryRegion region)
    {
        ArgumentNullException.ThrowIfNull(region);
        regions.Add(region);
        return this;
    }

    private void AssembleMemory(Machine machine)
    {
        regions.Sort((a, b) => a.Start.CompareTo(b.Start));
        DefineNodes(machine);
        var ram = ramBytes >= 0 || regions.Exists(r => r.Kind == RegionKind.SystemRam) ? Math.Max(ramBytes, 0) : DefaultRam;
        var at = 0UL;
        foreach (var region in regions)
        {
            AddRam(machine, at, Math.Min(region.Start, (ulong)ram));
            if (machine.Memory.TryAdd(region) is { } other)
            {
                throw Overlap(region, other);
            }

            at = Math.Max(at, region.End);
        }

        AddRam(machine, at, (ulong)ram);
    }

    private static void AddRam(Machine machine, ulong start, ulong end)
    {
        if (start >= end)
        {
            return;
        }

        var region = new MemoryRegion("System RAM", RegionKind.SystemRam, start, end - start);
        if (machine.Memory.TryAdd(region) is { } other)
        {
            throw Overlap(region, other);
        }
    }

    private static InvalidOperationException Overlap(MemoryRegion region, MemoryRegion other)
        => new($"The range {region} overlaps {other}: move one of them.");

    /// <summary>Finds room behind everything there is, or takes the place that was asked for.</summary>
    private static MemoryRegion Place(DeviceTable table, string name, RegionKind kind, long bytes, ulong? start, ulong from, ulong alignment)
    {
        if (bytes <= 0 || bytes % table.PageSize != 0)
        {
            throw new InvalidOperationException($"A device of {bytes} bytes is not possible: the size must be a multiple of the page size, {table.PageSize}.");
        }

        var at = start ?? table.Memory.FindGap(from, (ulong)bytes, alignment);
        var region = new MemoryRegion(name, kind, at, (ulong)bytes);
        return table.Memory.TryAdd(region) is { } other ? throw Overlap(region, other) : region;
    }
}
