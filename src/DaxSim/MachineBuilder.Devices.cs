using DaxSim.Devices;
using DaxSim.Devices.Drivers;
using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim;

/// <summary>The modes of a persistent memory namespace, as ndctl names them.</summary>
public enum PmemMode
{
    /// <summary>raw: the bare memory. Struct pages only in a region that asks for them.</summary>
    Raw,

    /// <summary>fsdax: with an info block and struct pages.</summary>
    FsDax,

    /// <summary>sector: through a block translation table; no DAX.</summary>
    Sector,

    /// <summary>devdax: a character device that programs map, with an info block and struct pages.</summary>
    DevDax,
}

public sealed partial class MachineBuilder
{
    /// <summary>Where device memory begins to be placed: above what 32-bit addresses reach.</summary>
    private const ulong DeviceMemory = 1UL << 32;

    private const ulong DeviceAlignment = 128UL << 20;

    /// <summary>Adds an ordinary disk, /dev/sda and so on unless named.</summary>
    /// <param name="size">For example <c>1G</c>.</param>
    /// <param name="name">The name below /dev, or null.</param>
    /// <param name="logicalBlockSize">512 or 4096.</param>
    public MachineBuilder Disk(string size, string? name = null, int logicalBlockSize = 512)
    {
        var bytes = ByteSize.Parse(size);
        return AddStep(table => table.Add(new Disk(table, name ?? table.NextLetterName("sd"), bytes, logicalBlockSize)));
    }

    /// <summary>Adds a loop device over a file: /dev/loop0 and so on unless named.</summary>
    public MachineBuilder Loop(string size, string? name = null)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(DriverPresence.OfLoop, table => name ?? table.NextName("loop"), (table, chosen) => table.Add(new Disk(table, chosen, bytes, loop: true)));
    }

    /// <summary>Adds a RAM disk: /dev/ram0 and so on unless named. Its pages come from the end of RAM.</summary>
    public MachineBuilder Brd(string size, string? name = null)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(DriverPresence.OfBrd, table => name ?? table.NextName("ram"), (table, chosen) =>
        {
            var (start, count) = table.Memory.ClaimFromEnd((ulong)(bytes + table.PageSize - 1) >> table.PageShift);
            table.Add(new BrdDisk(table, chosen, bytes, new PfnRange(start, count)));
        });
    }

    /// <summary>Adds a memory bank of a Cell blade: /dev/axonram0 and so on.</summary>
    public MachineBuilder AxonRam(string size)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(DriverPresence.OfAxonRam, table => table.NextName("axonram"), (table, name) =>
        {
            if (bytes == 0)
            {
                table.Print(KernelLogLevel.Warning, Subsystem.Block, $"No DDR2 memory found for {name}");
                table.Refuse(name, new Reason("axon_ram_probe", "The memory controller has no memory (ENODEV)."));
                return;
            }

            var region = Place(table, name, RegionKind.AxonRam, bytes, null, DeviceMemory, DeviceAlignment);
            table.Print(KernelLogLevel.Info, Subsystem.Block, $"Register DDR2 memory device {name} with {bytes >> 20}MB");
            table.Add(new AxonRamDisk(table, name, NvdimmNamespace.Frames(table, region)));
        });
    }

    /// <summary>Adds expanded memory of s390: /dev/slram0 and so on.</summary>
    public MachineBuilder Xpram(string size)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(DriverPresence.OfXpram, table => table.NextName("slram"), (table, name) => table.Add(new XpramDisk(table, name, bytes)));
    }

    /// <summary>Adds a namespace of persistent memory on NVDIMMs: /dev/pmem0 and so on (/dev/pmem0s in sector mode) unless named.</summary>
    /// <param name="size">The size of the namespace; in fsdax and sector mode the device is smaller.</param>
    /// <param name="mode">The namespace's mode.</param>
    /// <param name="map">Where the struct pages of an fsdax namespace lie.</param>
    /// <param name="pagemap">The region asks for struct pages for raw namespaces (ND_REGION_PAGEMAP).</param>
    /// <param name="forceRaw">The namespace is marked force_raw.</param>
    /// <param name="name">The name below /dev, or null.</param>
    /// <param name="start">The physical address, or null for a free one.</param>
    /// <param name="sectorSize">The sector size in sector mode.</param>
    public MachineBuilder Pmem(string size, PmemMode mode = PmemMode.Raw, MemmapPlacement map = MemmapPlacement.Ram, bool pagemap = false, bool forceRaw = false, string? name = null, ulong? start = null, int sectorSize = 4096)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(
            mode switch { PmemMode.Sector => DriverPresence.OfBtt, PmemMode.DevDax => DriverPresence.OfDeviceDax, _ => DriverPresence.OfPmem },
            table => name ?? (mode == PmemMode.DevDax ? table.NextRangeName() : table.NextName("pmem", mode == PmemMode.Sector ? "s" : "")),
            (table, chosen) =>
            {
                var memory = Place(table, "Persistent Memory", RegionKind.PersistentMemory, bytes, start, DeviceMemory, DeviceAlignment);
                table.AddNamespace(new PmemNamespace(table, memory, new NvdimmRegion(pagemap, IsSynchronous: true), new NamespaceSetup((NamespaceMode)mode, map), chosen, forceRaw, sectorSize: sectorSize), chosen);
            });
    }

    /// <summary>Declares RAM persistent, as <c>memmap=size!start</c> on the kernel command line does: a raw namespace that asks for struct pages.</summary>
    /// <param name="size">How much.</param>
    /// <param name="name">The name below /dev, or null.</param>
    /// <param name="forceRaw">The namespace is marked force_raw.</param>
    /// <param name="start">The physical address; RAM that would lie there is cut. Null: behind everything else.</param>
    public MachineBuilder E820Pmem(string size, string? name = null, bool forceRaw = false, ulong? start = null)
    {
        var bytes = ByteSize.Parse(size);
        if (start is { } cut)
        {
            Region(LegacyPmem(cut, (ulong)bytes));
        }

        return AddDriverStep(DriverPresence.OfLegacyPmem, table => name ?? table.NextName("pmem"), (table, chosen) =>
        {
            var memory = start is { } at ? LegacyPmem(at, (ulong)bytes) : Place(table, LegacyPmemName, RegionKind.PersistentMemory, bytes, null, DeviceMemory, DeviceAlignment);
            table.AddNamespace(new PmemNamespace(table, memory, new NvdimmRegion(HasPagemapFlag: true, IsSynchronous: true), new NamespaceSetup(NamespaceMode.Raw), chosen, forceRaw), chosen);
        });
    }

    private const string LegacyPmemName = "Persistent Memory (legacy)";

    private static MemoryRegion LegacyPmem(ulong start, ulong bytes) => new(LegacyPmemName, RegionKind.PersistentMemory, start, bytes);

    /// <summary>Adds persistent memory that a host lends its guest, with asynchronous flushes.</summary>
    public MachineBuilder VirtioPmem(string size, string? name = null)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(DriverPresence.OfVirtioPmem, table => name ?? table.NextName("pmem"), (table, chosen) =>
        {
            var memory = Place(table, "Persistent Memory", RegionKind.PersistentMemory, bytes, null, DeviceMemory, DeviceAlignment);
            table.AddNamespace(new PmemNamespace(table, memory, new NvdimmRegion(HasPagemapFlag: true, IsSynchronous: false), new NamespaceSetup(NamespaceMode.Raw), chosen), chosen);
        });
    }

    /// <summary>Adds a character device for DAX: /dev/dax0.0 and so on.</summary>
    /// <param name="size">The size of the namespace; the device is smaller.</param>
    /// <param name="align">The size of the pieces of a mapping: a page, 2M or 1G on x86_64.</param>
    /// <param name="map">Where the struct pages lie.</param>
    public MachineBuilder DeviceDax(string size, string align = "2M", MemmapPlacement map = MemmapPlacement.Ram)
        => AddDeviceDax(size, align, map, null);

    private MachineBuilder AddDeviceDax(string size, string align, MemmapPlacement map, string? name)
        => AddDaxRange(size, ByteSize.Parse(align), map, DaxRangeDriver.DeviceDax, DriverPresence.OfDeviceDax, name);

    /// <summary>Adds a dax range bound to fsdev: memory for a filesystem such as famfs.</summary>
    public MachineBuilder Fsdev(string size) => AddDaxRange(size, 2 << 20, MemmapPlacement.Ram, DaxRangeDriver.Fsdev, DriverPresence.OfFsdev);

    /// <summary>Adds a dax range bound to kmem: it becomes system RAM.</summary>
    /// <param name="size">The size of the range; whole memory blocks of 128 MiB become RAM.</param>
    /// <param name="node">The NUMA node; negative when the firmware named none.</param>
    /// <param name="start">The physical address, or null for a free one.</param>
    public MachineBuilder Kmem(string size, int node = 0, ulong? start = null)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(DriverPresence.OfKmem, table => table.NextRangeName(), (table, name) => KmemRange.Online(table, name, (ulong)bytes, node, start, DeviceMemory));
    }

    /// <summary>Adds a virtio filesystem device.</summary>
    /// <param name="tag">The tag by which it is mounted.</param>
    /// <param name="window">The size of its DAX window; 0 for none.</param>
    public MachineBuilder VirtioFs(string tag, string window = "0")
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        var bytes = ByteSize.Parse(window);
        return AddDriverStep(DriverPresence.OfVirtioFs, _ => tag, (table, _) => VirtioFsWindow.Attach(table, tag, bytes, DeviceMemory, DeviceAlignment));
    }

    /// <summary>Adds a partition of a disk that was added before: pmem0p1, sda1 and so on.</summary>
    /// <param name="on">The disk's name.</param>
    /// <param name="startSector">The first sector.</param>
    /// <param name="sectors">How many sectors; null for all that follow.</param>
    public MachineBuilder Partition(string on, ulong startSector, ulong? sectors = null)
        => AddStep(table => Partitions.Add(table, on, startSector, sectors));

    /// <summary>Adds a linear device-mapper table over whole devices that were added before: /dev/dm-0 and so on unless named.</summary>
    public MachineBuilder DmLinear(params string[] devices) => DmLinear([.. devices.Select(d => new DmSegment(d))]);

    /// <summary>Adds a linear device-mapper table.</summary>
    /// <param name="segments">The stretches, in the order in which they appear.</param>
    /// <param name="name">The name below /dev, or null.</param>
    public MachineBuilder DmLinear(IReadOnlyList<DmSegment> segments, string? name = null) => AddTable(name, table => DeviceMapperTables.Linear(table, segments));

    /// <summary>Adds a striped device-mapper table.</summary>
    /// <param name="chunk">The size of a chunk, for example <c>64K</c>.</param>
    /// <param name="devices">The members, at least one.</param>
    /// <param name="name">The name below /dev, or null.</param>
    public MachineBuilder DmStripe(string chunk, IReadOnlyList<string> devices, string? name = null)
    {
        var bytes = ByteSize.Parse(chunk);
        return AddTable(name, table => DeviceMapperTables.Striped(table, bytes, devices));
    }

    private MachineBuilder AddTable(string? name, Func<DeviceTable, Result<DeviceMapperTarget[]>> build)
        => AddDriverStep(DriverPresence.OfDeviceMapper, table => name ?? table.NextName("dm-"), (table, chosen) =>
        {
            var targets = build(table);
            if (targets.IsOk)
            {
                table.Add(new DeviceMapperDisk(table, chosen, targets.Value));
            }
            else
            {
                table.Refuse(chosen, targets.Verdict.Reason!);
            }
        });

    private MachineBuilder AddDaxRange(string size, long align, MemmapPlacement map, DaxRangeDriver driver, Func<DeviceTable, Reason?> presence, string? name = null)
    {
        var bytes = ByteSize.Parse(size);
        return AddDriverStep(presence, table => name ?? table.NextRangeName(), (table, chosen) =>
        {
            var memory = Place(table, "Persistent Memory", RegionKind.PersistentMemory, bytes, null, DeviceMemory, Math.Max(DeviceAlignment, (ulong)align));
            table.AddNamespace(new PmemNamespace(table, memory, NvdimmRegion.Nfit, new NamespaceSetup(NamespaceMode.DevDax, map, align), chosen, rangeDriver: driver), chosen);
        });
    }

    /// <summary>A step that only happens where the driver is there; otherwise the device is refused with the reason.</summary>
    private MachineBuilder AddDriverStep(Func<DeviceTable, Reason?> presence, Func<DeviceTable, string> chooseName, Action<DeviceTable, string> add)
        => AddStep(table =>
        {
            var name = chooseName(table);
            if (presence(table) is { } absent)
            {
                table.Refuse(name, absent);
            }
            else
            {
                add(table, name);
            }
        });

    private MachineBuilder AddStep(Action<DeviceTable> step)
    {
        steps.Add(machine => step(machine.DeviceTable));
        return this;
    }
}
