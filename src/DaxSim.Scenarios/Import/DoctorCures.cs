using DaxSim.Policy;
using DaxSim.Scenarios.Files;

namespace DaxSim.Scenarios.Import;

/// <summary>What an administrator can change, each as a change of the machine that can be tried.</summary>
internal static class DoctorCures
{
    private static readonly string[] Symbols = ["FS_DAX", "ZONE_DEVICE", "NVDIMM_PFN", "ND_PFN", "DAX", "BLK_DEV_PMEM", "DCSSBLK", "FS_DAX_LIMITED", "EXT2_FS_XIP", "BLK_DEV_RAM_DAX", "TRANSPARENT_HUGEPAGE"];

    private static readonly string[] Conflicting = ["reflink", "inline_data", "encrypt", "verity"];

    /// <summary>What to write into fstab.</summary>
    internal static string AskFor(MachineFile machine, MachineMount mount, KernelVersion version)
        => $"mount with -o {machine.Build(version).UsualDaxOptions(mount.Device, mount.Type)}";

    /// <summary>The single changes that make DAX work; failing that, the first pair.</summary>
    internal static IReadOnlyList<DoctorAdvice> Find(MachineFile machine, MachineMount mount, KernelVersion version)
    {
        if (!Trial.AsksForDax(mount.Options))
        {
            mount = mount with { Options = MachineMount.UsualDax };
        }

        var cures = All(machine, mount, version).ToList();
        var single = cures.Where(c => Helps(c.Apply((machine, mount)), version)).ToList();
        if (single.Count > 0)
        {
            return [.. single.Select(c => c.Advice)];
        }

        foreach (var first in cures)
        {
            foreach (var second in cures.SkipWhile(c => c != first).Skip(1))
            {
                if (Helps(second.Apply(first.Apply((machine, mount))), version))
                {
                    return [first.Advice, second.Advice];
                }
            }
        }

        return [];
    }

    /// <summary>The devices in words that a device lies on; itself when it lies on none.</summary>
    internal static List<MachineDevice> BasesOf(MachineFile machine, string device, int depth = 0)
    {
        var index = IndexOf(machine, Doctor.Strip(device));
        return index < 0 || depth > 8 ? []
            : machine.Devices[index] is { Stacked: { } stack } ? [.. stack.On.SelectMany(o => BasesOf(machine, o, depth + 1))]
            : [machine.Devices[index]];
    }

    private static bool Helps((MachineFile Machine, MachineMount Mount) changed, KernelVersion version)
    {
        try
        {
            return Trial.Of(changed.Machine, changed.Mount, version).Health == DaxHealth.Works;
        }
        catch (InvalidOperationException)
        {
            // The change does not fit this machine, so it is no cure.
            return false;
        }
    }

    private static IEnumerable<Cure> All(MachineFile machine, MachineMount mount, KernelVersion version)
    {
        var page = machine.ChosenArchitecture.PageSize;
        if (mount.BlockSize is { } block && block != page)
        {
            yield return new(
                $"asked for DAX, but the filesystem has {Bytes(block)} blocks and the pages of this kernel are {Bytes(page)}",
                $"make the filesystem anew with {(mount.Type == "xfs" ? $"mkfs.xfs -b size={page}" : $"mkfs.{mount.Type} -b {page}")}, which erases it",
                m => (m.Machine, m.Mount with { BlockSize = null }));
        }

        foreach (var feature in mount.Features.Where(f => Conflicting.Contains(f)))
        {
            yield return new(
                $"the filesystem has the feature {feature}, which this kernel does not combine with DAX",
                $"make the filesystem anew with {(mount.Type == "xfs" ? $"mkfs.xfs -m {feature}=0" : $"mkfs.{mount.Type} -O ^{feature}")}, which erases it",
                m => (m.Machine, m.Mount with { Features = [.. m.Mount.Features.Select(f => f == feature ? $"^{feature}" : f)] }));
        }

        if (mount.Type == "xfs" && !mount.Features.Any(f => f.EndsWith("reflink", StringComparison.Ordinal)))
        {
            yield return new(
                "mkfs.xfs makes filesystems with reflink, which this kernel does not combine with DAX",
                "make the filesystem anew with mkfs.xfs -m reflink=0, which erases it",
                m => (m.Machine, m.Mount with { Features = [.. m.Mount.Features, "^reflink"] }));
        }

        foreach (var option in mount.Options.Split(',').Where(o => o is "data=journal" or "dax=never" or "nodax" or "dax=inode"))
        {
            yield return new(
                $"the mount option {option} rules DAX out",
                $"mount without {option}",
                m => (m.Machine, m.Mount with { Options = string.Join(',', m.Mount.Options.Split(',').Where(o => o != option)) }));
        }

        var usual = machine.Build(version).UsualDaxOptions(mount.Device, mount.Type);
        if (mount.Options != MachineMount.UsualDax && mount.Options != usual)
        {
            yield return new(
                $"the option that asks for DAX is called otherwise on this kernel, or the device is read-only",
                $"mount with -o {usual}",
                m => (m.Machine, m.Mount with { Options = MachineMount.UsualDax }));
        }

        foreach (var cure in OfDevices(machine, mount))
        {
            yield return cure;
        }

        foreach (var symbol in Symbols.Where(s => !machine.PolicyOf(version).Config.IsEnabled(s)))
        {
            yield return new(
                $"this kernel is built without CONFIG_{symbol}",
                $"boot a kernel with CONFIG_{symbol}=y",
                m => (m.Machine with { Config = [.. m.Machine.Config.Where(c => c.Symbol != symbol), new ConfigSymbol(symbol, KconfigValue.Yes)] }, m.Mount));
        }
    }

    private static IEnumerable<Cure> OfDevices(MachineFile machine, MachineMount mount)
    {
        foreach (var index in Chain(machine, Doctor.Strip(mount.Device)))
        {
            var device = machine.Devices[index];
            var name = device.Name ?? mount.Device;
            if (device.Spec is { Kind: DeviceKind.Pmem, Mode: "raw" or "btt" } pmem)
            {
                var replaced = DeviceSpec.Parse($"pmem:fsdax,size={ByteSize.Format(pmem.SizeBytes)}{(pmem.Setting("at") is { } at ? $",at={at}" : "")}");
                yield return new(
                    pmem.Mode == "raw"
                        ? $"the namespace of {name} is in raw mode: it has no struct pages, which this kernel wants for DAX"
                        : $"the namespace of {name} is in sector mode: its blocks go through a translation table and cannot be mapped",
                    "make it anew with ndctl create-namespace -f -e NAMESPACE --mode=fsdax, which erases it",
                    m => (Replace(m.Machine, index, device with { Spec = replaced }), m.Mount));
            }

            if (device.Spec is { Kind: DeviceKind.Disk or DeviceKind.Loop } disk)
            {
                yield return new(
                    $"{name} is {(disk.Kind == DeviceKind.Loop ? "a loop device" : "an ordinary disk")}: it is not memory, and DAX needs memory",
                    "put the filesystem on persistent memory",
                    m => (Replace(m.Machine, index, device with { Spec = DeviceSpec.Parse($"pmem:fsdax,size={ByteSize.Format(disk.SizeBytes)}") }), m.Mount));
            }

            if (device.Stacked is { Kind: StackKind.Partition } partition && (partition.Start ?? 1 << 20) % machine.ChosenArchitecture.PageSize != 0)
            {
                yield return new(
                    $"the partition {Doctor.Strip(mount.Device)} begins at sector {partition.Start / 512}, in the middle of a page",
                    "make it anew so that it begins on 1 MiB (sector 2048), which erases it",
                    m => (Replace(m.Machine, index, device with { Stacked = partition with { Start = 1 << 20 } }), m.Mount));
            }

            if (device.Stacked is { Kind: StackKind.Linear or StackKind.Striped } table)
            {
                yield return new(
                    $"{name} is a device-mapper table, which this kernel gives no DAX through",
                    $"mount {table.On[0]} itself",
                    m => (m.Machine, m.Mount with { Device = $"/dev/{table.On[0]}" }));
            }
        }
    }

    /// <summary>A device and all beneath it, by their places in the file.</summary>
    private static List<int> Chain(MachineFile machine, string device, int depth = 0)
    {
        var index = IndexOf(machine, device);
        return index < 0 || depth > 8 ? [] : [index, .. machine.Devices[index].Stacked?.On.SelectMany(o => Chain(machine, o, depth + 1)) ?? []];
    }

    /// <summary>Finds the device of a name: the file's own, that of a partition, or that which its driver will give it.</summary>
    private static int IndexOf(MachineFile machine, string name)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < machine.Devices.Count; i++)
        {
            var device = machine.Devices[i];
            var (prefix, suffix) = device switch
            {
                { Name: { } own } => (own, null),
                { Stacked: { Kind: StackKind.Partition, On: [var on, ..] } } => (char.IsAsciiDigit(on[^1]) ? $"{on}p" : on, ""),
                { Stacked: not null } => ("dm-", ""),
                { Spec.Kind: DeviceKind.DcssBlock } => ("dcssblk", ""),
                { Spec.Kind: DeviceKind.AxonRam } => ("axonram", ""),
                { Spec.Kind: DeviceKind.Xpram } => ("slram", ""),
                { Spec.Kind: DeviceKind.Brd } => ("ram", ""),
                { Spec.Kind: DeviceKind.Loop } => ("loop", ""),
                { Spec: { Kind: DeviceKind.Pmem, Mode: "btt" } } => ("pmem", "s"),
                { Spec.Kind: DeviceKind.Pmem or DeviceKind.E820Pmem or DeviceKind.VirtioPmem } => ("pmem", ""),
                { Spec.Kind: DeviceKind.Disk } => ("sd", "letter"),
                _ => ("", null),
            };
            var count = counts.GetValueOrDefault(prefix);
            counts[prefix] = count + 1;
            var first = device.Stacked?.Kind == StackKind.Partition ? 1 : 0;
            var called = suffix switch { null => prefix, "letter" => $"{prefix}{(char)('a' + count)}", _ => $"{prefix}{count + first}{suffix}" };
            if (called == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static MachineFile Replace(MachineFile machine, int index, MachineDevice device) => machine with { Devices = [.. machine.Devices.Select((d, i) => i == index ? device : d)] };

    private static string Bytes(int size) => size % 1024 == 0 ? $"{size / 1024} KiB" : $"{size} byte";

    private sealed record Cure(string Problem, string Remedy, Func<(MachineFile Machine, MachineMount Mount), (MachineFile Machine, MachineMount Mount)> Apply)
    {
        internal DoctorAdvice Advice => new(Problem, Remedy);
    }
}
