using System.Globalization;
using DaxSim.Memory;
using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Scenarios.Import;

/// <summary>Makes a machine of a host's dump.</summary>
/// <remarks>Taken over are the kernel, what was built into it, RAM, everything that offers DAX, and what the filesystems that know DAX lie on.</remarks>
public sealed class MachineImport
{
    private const long TwoMiB = 2 << 20;

    private readonly HostDump dump;
    private readonly List<MachineDevice> devices = [];
    private readonly List<string> notes;

    /// <summary>How a device of the host is called on the machine, without /dev/.</summary>
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    private MachineImport(HostDump dump)
    {
        this.dump = dump;
        notes = [.. dump.Notes];
    }

    /// <summary>The machine.</summary>
    public MachineFile Machine { get; private set; } = null!;

    /// <summary>What was left out or guessed, one sentence each.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>Makes a machine of a dump.</summary>
    /// <param name="dump">What was read.</param>
    /// <exception cref="FormatException">The dump describes a machine that cannot be; the message is one line.</exception>
    public static MachineImport Of(HostDump dump)
    {
        ArgumentNullException.ThrowIfNull(dump);
        var import = new MachineImport(dump);
        import.Run();
        return import;
    }

    /// <summary>The machine file, with the origin and the notes as comment.</summary>
    public string Write()
    {
        string[] lines =
        [
            $"Imported from {string.Join(", ", dump.Files.Select(f => f.Name))}.",
            .. dump.KernelRelease is { } release ? [$"The host calls its kernel {release}."] : Array.Empty<string>(),
            .. notes,
        ];
        return Machine.Write(string.Join('\n', lines));
    }

    private void Run()
    {
        AddNamespaces();
        AddDaxDevices();
        AddSegments();
        foreach (var disk in dump.BlockDevices)
        {
            if (IsMemory(disk.Name))
            {
                Ensure(disk.Name);
            }
        }

        var mounts = new List<MachineMount>();
        foreach (var mount in dump.Mounts)
        {
            if (Mount(mount, mounts) is { } made)
            {
                mounts.Add(made);
            }
        }

        var architecture = dump.Architecture;
        Machine = new MachineFile
        {
            Kernel = dump.Kernel,
            Architecture = architecture,
            Config = Config(),
            Memory = Ram((architecture ?? Architecture.X8664).PageSize),
            Devices = devices,
            Mounts = mounts,
        };
    }

    /// <summary>Only what differs from what distributions choose, so that the machine may run other kernels too.</summary>
    private List<ConfigSymbol> Config()
    {
        if (dump.Config is not { } config)
        {
            return [];
        }

        var version = dump.Kernel ?? config.Version;
        var (own, usual) = (config.For(version, config.Architecture), KernelConfig.Default(version, config.Architecture));
        return [.. KernelConfig.Symbols.Where(s => own[s] != usual[s]).Select(s => new ConfigSymbol(s, own[s]))];
    }

    private List<MemoryRegion> Ram(int pageSize)
    {
        var page = (ulong)pageSize;
        var regions = new List<MemoryRegion>();
        foreach (var range in dump.Memory.Where(r => r is { Depth: 0, Name: "System RAM" }))
        {
            var (start, end) = ((range.Start + page - 1) / page * page, (range.Start + range.Length) / page * page);
            if (end > start)
            {
                regions.Add(new MemoryRegion("System RAM", RegionKind.SystemRam, start, end - start));
            }
        }

        return regions;
    }

    private void AddNamespaces()
    {
        foreach (var space in dump.Namespaces.OrderBy(n => n.Name, NaturalOrder.Instance))
        {
            if (!space.IsEnabled)
            {
                notes.Add($"{space.Name} was left out: it is disabled.");
                continue;
            }

            var range = WholeRange(space);
            var block = dump.BlockDevices.FirstOrDefault(b => b.Name == space.BlockDevice);
            var usable = block?.Size ?? space.Size;
            if ((range is null ? usable : (long)range.Length) is not { } size || size <= 0)
            {
                notes.Add($"{space.Name} was left out: no file says how large it is.");
                continue;
            }

            if (range is null)
            {
                // What a list shows is what is left of the namespace: the info block and struct pages on the device lie before it.
                size += space.Mode switch { "fsdax" or "devdax" when space.Map == "dev" => (size / 63) + TwoMiB, "fsdax" or "devdax" or "sector" => TwoMiB, _ => 0 };
            }

            size = (size + TwoMiB - 1) / TwoMiB * TwoMiB;
            var at = range is not null && range.Start % 65536 == 0 ? $",at=0x{range.Start:x}" : "";
            var legacy = space.Provider == "e820" || dump.Memory.Any(r => r.Name == "Persistent Memory (legacy)" && range is not null && r.Start <= range.Start && range.Start < r.Start + r.Length);
            var text = space switch
            {
                { Mode: "devdax" } => $"devdax:size={ByteSize.Format(size)}{(space.Align is { } align && align > 0 && long.IsPow2(align) ? $",align={ByteSize.Format(align)}" : "")}",
                _ when legacy && space.Mode is "raw" or "fsdax" => $"e820:size={ByteSize.Format(size)}",
                _ when space.Provider?.StartsWith("virtio", StringComparison.Ordinal) is true && space.Mode is "raw" or "fsdax" => $"virtio-pmem:size={ByteSize.Format(size)}",
                { Mode: "fsdax" } => $"pmem:fsdax,size={ByteSize.Format(size)}{at}{(space.Map == "dev" ? ",map=dev" : "")}",
                { Mode: "raw" } => $"pmem:raw,size={ByteSize.Format(size)}{at}",
                _ => $"pmem:btt,size={ByteSize.Format(size)}{at}",
            };
            var name = space.Mode == "devdax" ? space.CharacterDevice : space.BlockDevice;
            Add(name ?? space.Name, DeviceSpec.Parse(text), named: name is not null);
        }
    }

    /// <summary>Of a namespace with a character device, /proc/iomem shows the part before the device and the device itself as neighbours.</summary>
    private IomemRange? WholeRange(HostNamespace space)
    {
        var range = dump.Memory.FirstOrDefault(r => r.Name == space.Name);
        return range is not null && dump.Memory.FirstOrDefault(r => r.Name == space.CharacterDevice && r.Start == range.Start + range.Length) is { } device
            ? range with { Length = range.Length + device.Length }
            : range;
    }

    private void AddDaxDevices()
    {
        foreach (var device in dump.DaxDevices.Where(d => !names.ContainsKey(d.Name)).OrderBy(d => d.Name, NaturalOrder.Instance))
        {
            var size = device.Size / TwoMiB * TwoMiB;
            if (size == 0)
            {
                notes.Add($"{device.Name} was left out: it is smaller than 2 MiB.");
                continue;
            }

            var align = device.Align is { } bytes && bytes >= 4096 && long.IsPow2(bytes) ? $",align={ByteSize.Format(bytes)}" : "";
            Add(device.Name, DeviceSpec.Parse(device.Mode == "system-ram" ? $"kmem:size={ByteSize.Format(size)}" : $"devdax:size={ByteSize.Format(size)}{align}"), named: device.Mode != "system-ram");
        }
    }

    /// <summary>z/VM segments as /proc/iomem shows them; which block device is which, only their order tells.</summary>
    private void AddSegments()
    {
        var segments = dump.Memory.Where(r => r.Name.EndsWith(" (DCSS)", StringComparison.Ordinal)).OrderBy(r => r.Start).ToList();
        var disks = dump.BlockDevices.Where(b => b.Name.StartsWith("dcssblk", StringComparison.Ordinal)).OrderBy(b => b.Name, NaturalOrder.Instance).ToList();
        for (var i = 0; i < segments.Count; i++)
        {
            var disk = disks.FirstOrDefault(d => d.Size == (long)segments[i].Length && !names.ContainsKey(d.Name)) ?? (i < disks.Count ? disks[i] : null);
            var label = segments[i].Name[..^" (DCSS)".Length].Trim();
            var mode = disk?.IsReadOnly ?? true ? "SR" : "EW";
            notes.Add($"Of the saved segment {label} only place and size are known; it is taken for {(mode == "SR" ? "shared and read-only (SR)" : "exclusive and writable (EW)")}: change it if CP says otherwise.");
            Add(disk?.Name ?? $"dcssblk{i}", DeviceSpec.Parse($"dcssblk:{mode},name={label},size={ByteSize.Format((long)segments[i].Length)},at=0x{segments[i].Start:x}"), named: false);
        }
    }

    private MachineMount? Mount(HostMount mount, List<MachineMount> before)
    {
        var known = HostMountFacts.Of(dump, mount);
        var type = known.Type;
        if (!DaxSim.Machine.FileSystemTypes.Contains(type) || (mount.IsWish && mount.Options.Split(',').Contains("noauto") && known.AsksForDax is false))
        {
            return null;
        }

        if (!mount.Path.StartsWith('/') || before.Exists(m => m.Path == mount.Path))
        {
            return null;
        }

        var source = type == "virtiofs" ? VirtioFs(known.Source) : known.Source.StartsWith("/dev/", StringComparison.Ordinal) ? Ensure(HostMountFacts.NameOf(known.Source)) : null;
        if (source is null)
        {
            if (known.AsksForDax)
            {
                notes.Add($"The mount of {mount.Path} was left out: no file says which device {mount.Source} is.");
            }

            return null;
        }

        if (before.Find(m => m.Device == source) is { } first)
        {
            notes.Add($"The mount of {mount.Path} was left out: {mount.Source} is mounted on {first.Path} already.");
            return null;
        }

        return new MachineMount(source, mount.Path, type)
        {
            Options = known.Options,
            BlockSize = known.BlockSize,
            Features = known.Features,
        };
    }

    private string VirtioFs(string tag)
    {
        Add(tag, DeviceSpec.Parse("virtiofs"), named: true);
        notes.Add($"Whether the device of the virtiofs tag {tag} has a DAX window no file tells; it is taken to have one of 1 GiB.");
        return tag;
    }

    private static bool IsMemory(string name) => name.StartsWith("pmem", StringComparison.Ordinal) || name.StartsWith("dcssblk", StringComparison.Ordinal) || name.StartsWith("axonram", StringComparison.Ordinal);

    /// <summary>Makes sure that a block device and those beneath it are there.</summary>
    /// <returns>What it is called on the machine, with /dev/.</returns>
    private string? Ensure(string name, int depth = 0)
    {
        if (names.TryGetValue(name, out var called))
        {
            return $"/dev/{called}";
        }

        if (depth > 8)
        {
            notes.Add($"{name} was left out: its devices are stacked deeper than 8.");
            return null;
        }

        var block = dump.BlockDevices.FirstOrDefault(b => b.Name == name) ?? GuessedDisks.Of(name);
        if (block.Type == "part" && block.Parents is [var disk])
        {
            return Ensure(disk, depth + 1) is null ? null : Partition(block, disk);
        }

        if (block.Type is "lvm" or "linear" or "dm" && block.Parents.Count > 0)
        {
            var beneath = block.Parents.Select(p => Ensure(p, depth + 1)).ToList();
            if (beneath.TrueForAll(b => b is not null))
            {
                names[name] = name;
                devices.Add(new MachineDevice(null, new StackedDevice(StackKind.Linear, [.. beneath.Select(b => b!["/dev/".Length..])], Start: 0), name));
                notes.Add($"{name} is taken for a linear table over {string.Join(" and ", beneath.Select(b => b!["/dev/".Length..]))}: lsblk does not show tables.");
                return $"/dev/{name}";
            }

            return null;
        }

        if (block.Type is "crypt" or "mpath" || block.Type.StartsWith("raid", StringComparison.Ordinal))
        {
            notes.Add($"{name} is taken for an ordinary disk: a device of type {block.Type} hands no memory through.");
        }

        var spec = GuessedDisks.SpecOf(block, notes);
        Add(name, DeviceSpec.Parse(spec), named: true);
        return $"/dev/{names[name]}";
    }

    /// <summary>Partitions are numbered in order of appearance on the machine, so those before this one come first.</summary>
    private string? Partition(HostBlockDevice partition, string disk)
    {
        var number = 0;
        foreach (var other in dump.BlockDevices.Where(b => b.Type == "part" && b.Parents is [var p] && p == disk).OrderBy(b => b.Name, NaturalOrder.Instance))
        {
            number++;
            if (names.ContainsKey(other.Name) || NaturalOrder.Instance.Compare(other.Name, partition.Name) > 0)
            {
                continue;
            }

            Number(other, disk, number);
        }

        if (!names.ContainsKey(partition.Name))
        {
            Number(partition, disk, number + 1);
        }

        return $"/dev/{names[partition.Name]}";
    }

    private void Number(HostBlockDevice partition, string disk, int number)
    {
        var on = names[disk];
        if (partition.Start is null)
        {
            notes.Add($"Where {partition.Name} begins no file tells; it is taken to begin on 1 MiB (lsblk -O shows START).");
        }

        // Without a length it takes the rest, which is as good, and fits whatever the disk was rounded to.
        devices.Add(new MachineDevice(null, new StackedDevice(StackKind.Partition, [on], Start: (long)(partition.Start ?? 2048) * 512)));
        names[partition.Name] = string.Create(CultureInfo.InvariantCulture, $"{on}{(char.IsAsciiDigit(on[^1]) ? "p" : "")}{number}");
    }

    private void Add(string name, DeviceSpec spec, bool named)
    {
        if (names.ContainsKey(name))
        {
            return;
        }

        var own = named && MachineBuilder.CanBeNamed(spec.Kind);
        if (devices.Count >= 256)
        {
            throw new FormatException($"{name}: it is the 257th device: an import takes 256 at most. Give fewer files.");
        }

        // Drivers that name their devices themselves count them.
        var sequence = devices.Count(d => d.Spec?.Kind == spec.Kind);
        names[name] = own ? name : spec.Kind switch
        {
            DeviceKind.DcssBlock => string.Create(CultureInfo.InvariantCulture, $"dcssblk{sequence}"),
            DeviceKind.AxonRam => string.Create(CultureInfo.InvariantCulture, $"axonram{sequence}"),
            _ => name,
        };
        devices.Add(new MachineDevice(spec, null, own ? name : null));
    }
}
