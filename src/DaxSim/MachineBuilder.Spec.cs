using System.Globalization;
using DaxSim.Devices;
using DaxSim.Devices.Drivers;
using DaxSim.Memory;

namespace DaxSim;

public sealed partial class MachineBuilder
{
    private int describedSegments;
    private int describedTags;

    /// <summary>Adds a device in words, with the devices that it lies on.</summary>
    /// <param name="spec">For example <c>dcssblk:SR</c> or <c>partition:start=63s,on=pmem:fsdax</c>; see <see cref="DeviceSpec"/>.</param>
    /// <exception cref="FormatException">The text describes no device; the message says why.</exception>
    public MachineBuilder Device(string spec) => Device(DeviceSpec.Parse(spec));

    /// <summary>Adds a device in words, with the devices that it lies on.</summary>
    /// <remarks>It gets the next free name of its driver: after the machine is built it is the last of <see cref="Machine.Devices"/>, or of <see cref="Machine.Refusals"/>.</remarks>
    public MachineBuilder Device(DeviceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        AddDescribed(spec);
        return this;
    }

    /// <summary>Adds a device in words under a name of its own.</summary>
    /// <param name="spec">The device.</param>
    /// <param name="name">The name below /dev, or the tag of a virtiofs device.</param>
    /// <exception cref="ArgumentException">The driver names its devices itself (<see cref="CanBeNamed"/>).</exception>
    public MachineBuilder Device(DeviceSpec spec, string name)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!CanBeNamed(spec.Kind))
        {
            throw new ArgumentException($"The driver of {spec} names its devices itself: leave the name out.", nameof(name));
        }

        AddDescribed(spec, name);
        return this;
    }

    /// <summary>True when devices of the kind can be given a name; the others are named by their driver.</summary>
    public static bool CanBeNamed(DeviceKind kind)
        => kind is DeviceKind.Pmem or DeviceKind.E820Pmem or DeviceKind.VirtioPmem or DeviceKind.Brd or DeviceKind.Disk or DeviceKind.Loop
            or DeviceKind.DmLinear or DeviceKind.DmStripe or DeviceKind.VirtioFs or DeviceKind.DeviceDax;

    /// <summary>Adds the devices beneath, then the device. Names exist only when the machine is put together, hence the holders.</summary>
    private DescribedDevice AddDescribed(DeviceSpec spec, string? name = null)
    {
        var beneath = new List<DescribedDevice>(spec.On.Count);
        foreach (var member in spec.On)
        {
            beneath.Add(AddDescribed(member));
        }

        var described = new DescribedDevice();
        AddStep(described.Begin);
        AddDriver(spec, beneath, name);
        AddStep(described.End);
        return described;
    }

    private void AddDriver(DeviceSpec spec, List<DescribedDevice> beneath, string? name)
    {
        var size = ByteSize.Format(spec.SizeBytes);
        switch (spec.Kind)
        {
            case DeviceKind.DcssBlock:
                AddDescribedSegment(spec, size);
                break;
            case DeviceKind.AxonRam:
                AxonRam(size);
                break;
            case DeviceKind.Xpram:
                Xpram(size);
                break;
            case DeviceKind.Brd:
                Brd(size, name);
                break;
            case DeviceKind.Pmem:
                var mode = spec.Mode switch { "raw" => PmemMode.Raw, "btt" => PmemMode.Sector, _ => PmemMode.FsDax };
                Pmem(size, mode, spec.Setting("map") == "dev" ? MemmapPlacement.Device : MemmapPlacement.Ram, spec.Has("pagemap"), name: name, start: (ulong?)spec.Size("at"));
                break;
            case DeviceKind.E820Pmem:
                E820Pmem(size, name);
                break;
            case DeviceKind.VirtioPmem:
                VirtioPmem(size, name);
                break;
            case DeviceKind.DeviceDax:
                AddDeviceDax(size, spec.Setting("align") ?? "2M", MemmapPlacement.Ram, name);
                break;
            case DeviceKind.Kmem:
                Kmem(size, start: (ulong?)spec.Size("at"));
                break;
            case DeviceKind.Disk:
                Disk(size, name, logicalBlockSize: (int)(spec.Size("sector") ?? 512));
                break;
            case DeviceKind.Loop:
                Loop(size, name);
                break;
            case DeviceKind.VirtioFs:
                VirtioFs(name ?? string.Create(CultureInfo.InvariantCulture, $"virtiofs{describedTags++}"), spec.Has("nowindow") ? "0" : size);
                break;
            case DeviceKind.Partition:
                AddStep(table => Partitions.Add(table, beneath[0].Name, spec.Sectors("start") ?? 2048, spec.Sectors("size")));
                break;
            case DeviceKind.DmLinear:
                AddTable(name, table => DeviceMapperTables.Linear(table, [.. beneath.Select(m => new DmSegment(m.Name, spec.Sectors("start") ?? 0))]));
                break;
            case DeviceKind.DmStripe:
                AddTable(name, table => DeviceMapperTables.Striped(table, spec.Size("chunk") ?? 64 << 10, [.. beneath.Select(m => m.Name)]));
                break;
            default:
                throw new InvalidOperationException($"{spec.Kind} has no driver (simulator defect).");
        }
    }

    private void AddDescribedSegment(DeviceSpec spec, string size)
    {
        var name = spec.Setting("name") ?? string.Create(CultureInfo.InvariantCulture, $"SEG{describedSegments}");
        describedSegments++;
        if (spec.Mode != "MIXED")
        {
            Dcss(name, size, DcssTypes.Parse(spec.Mode!), (ulong?)spec.Size("at"), spec.Setting("align"), spec.Has("exclusive"));
            return;
        }

        // One range of each kind that may be mixed; where they lie is known only when the machine is put together.
        var half = (ulong)spec.SizeBytes / 2;
        AddStep(table =>
        {
            var start = (ulong?)spec.Size("at") ?? FindSegmentStart(table, 2 * half, (ulong)(spec.Size("align") ?? (long)SegmentAlignment));
            Define(table, name, [new DcssRange(start, half, DcssType.ExclusiveReadWrite), new DcssRange(start + half, half, DcssType.ExclusiveNotSaved)]);
            Load(table, name, table.NextName("dcssblk"));
        });
    }

    /// <summary>Finds out which name a device got: whatever appeared between its first and its last step.</summary>
    private sealed class DescribedDevice
    {
        private int disks;
        private int ranges;

        internal string Name { get; private set; } = "";

        internal void Begin(DeviceTable table) => (disks, ranges) = (table.Disks.Count, table.Ranges.Count);

        internal void End(DeviceTable table)
        {
            Name = table.Disks.Count > disks ? table.Disks[^1].Name
                : table.Ranges.Count > ranges ? table.Ranges[^1].Name
                : table.Refusals.Count > 0 ? table.Refusals[^1].Device
                : "";
        }
    }
}
