using DaxSim.Devices;
using DaxSim.Devices.Drivers;
using DaxSim.Memory;

namespace DaxSim;

public sealed partial class MachineBuilder
{
    private const long DefaultRam = 512L << 20;

    private readonly List<MemoryRegion> regions = [];
    private long ramBytes;

    /// <summary>Gives the machine that much RAM, from address 0. Without this it has 512 MiB.</summary>
    /// <param name="size">For example <c>512M</c>.</param>
    public MachineBuilder Ram(string size) => Ram(ByteSize.Parse(size));

    /// <summary>Gives the machine that much RAM, from address 0.</summary>
    public MachineBuilder Ram(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        ramBytes = bytes;
        return this;
    }

    /// <summary>Adds an ordinary disk: /dev/sda, /dev/sdb, … unless named.</summary>
    public MachineBuilder Disk(string size, string? name = null) => Disk(ByteSize.Parse(size), name);

    /// <summary>Adds an ordinary disk.</summary>
    public MachineBuilder Disk(long bytes, string? name = null)
        => AddStep(table => table.Add(new Disk(table, name ?? table.NextLetterName("sd"), bytes)));

    /// <summary>Adds a pmem namespace in raw mode of an ordinary region: no struct pages.</summary>
    public MachineBuilder Pmem(string size, string? name = null)
    {
        var bytes = ByteSize.Parse(size);
        return AddStep(table =>
        {
            var start = table.Memory.FindGap(1UL << 32, (ulong)bytes, 1UL << 27);
            table.Memory.TryAdd(new MemoryRegion("Persistent Memory", RegionKind.PersistentMemory, start, (ulong)bytes));
            table.Add(new PmemDisk(table, name ?? table.NextName("pmem"), new PfnRange(start >> table.PageShift, (ulong)bytes >> table.PageShift), null, synchronous: true));
        });
    }

    private MachineBuilder AddStep(Action<DeviceTable> step)
    {
        steps.Add(machine => step(machine.DeviceTable));
        return this;
    }

    private void AssembleMemory(Machine machine)
    {
        machine.Memory.TryAdd(new MemoryRegion("System RAM", RegionKind.SystemRam, 0, (ulong)(ramBytes == 0 ? DefaultRam : ramBytes)));
        foreach (var region in regions)
        {
            machine.Memory.TryAdd(region);
        }
    }
}
