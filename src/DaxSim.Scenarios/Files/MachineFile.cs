using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.Scenarios.Files;

/// <summary>A symbol of the kernel configuration with the value that a machine file gives it.</summary>
/// <param name="Symbol">Without <c>CONFIG_</c>.</param>
/// <param name="Value">y, m or n.</param>
public sealed record ConfigSymbol(string Symbol, KconfigValue Value);

/// <summary>How a device lies on others.</summary>
public enum StackKind
{
    /// <summary>A partition of a disk.</summary>
    Partition,

    /// <summary>A linear device-mapper table over whole devices.</summary>
    Linear,

    /// <summary>A striped device-mapper table.</summary>
    Striped,
}

/// <summary>A device that lies on devices named before it in the file.</summary>
/// <param name="Kind">How.</param>
/// <param name="On">Their names below /dev; one for a partition.</param>
/// <param name="Start">First byte on the device beneath, for a partition (1 MiB unless given) and a linear table (0).</param>
/// <param name="Length">Bytes of a partition; null for all that follow.</param>
/// <param name="Chunk">Bytes of a chunk of a striped table; null for 64 KiB.</param>
public sealed record StackedDevice(StackKind Kind, IReadOnlyList<string> On, long? Start = null, long? Length = null, long? Chunk = null);

/// <summary>A device of a machine file: in words, or lying on others.</summary>
/// <param name="Spec">The device in words; null for a stacked one.</param>
/// <param name="Stacked">What it lies on; null for a device in words.</param>
/// <param name="Name">The name below /dev where it shall have one of its own; null for the driver's next.</param>
public sealed record MachineDevice(DeviceSpec? Spec, StackedDevice? Stacked = null, string? Name = null);

/// <summary>A file that lies on a filesystem before anything happens.</summary>
/// <param name="Path">Below the mount.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Content">What it is filled with, repeated; null for zeroes.</param>
public sealed record MachineFileContent(string Path, long Length, string? Content = null);

/// <summary>A mounted filesystem of a machine file.</summary>
/// <param name="Device">For example <c>/dev/pmem0</c>, or the tag of a virtiofs device.</param>
/// <param name="Path">Where.</param>
/// <param name="Type">For example <c>ext4</c>.</param>
public sealed record MachineMount(string Device, string Path, string Type)
{
    /// <summary>The word in place of mount options that asks for DAX as an administrator of the kernel in question would: <c>xip</c> or <c>dax</c>, and <c>ro</c> on a read-only device.</summary>
    public const string UsualDax = "usual-dax";

    /// <summary>The options of mount(8), or <see cref="UsualDax"/>.</summary>
    public string Options { get; init; } = "";

    /// <summary>The filesystem's block size in bytes; null for the page size.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Features given to mkfs.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>The files on it.</summary>
    public IReadOnlyList<MachineFileContent> Files { get; init; } = [];

    /// <summary>What the mount comes to, where the file says; null when it must succeed.</summary>
    public Expectation? Expect { get; init; }
}

/// <summary>
/// A machine in words, apart from what happens on it: kernel, architecture, configuration, memory, devices and mounts. It is the part
/// <c>machine:</c> of a scenario file, and a file of its own as <c>daxsim import</c> writes it. Immutable.
/// </summary>
/// <remarks>What <see cref="Write"/> writes, <see cref="Parse"/> reads back: written again it is the same text.</remarks>
public sealed partial record MachineFile
{
    /// <summary>The kernel to take when nobody asks for another; null when the file names none.</summary>
    public KernelVersion? Kernel { get; init; }

    /// <summary>The architecture; null for that of the first device, x86_64 without devices.</summary>
    public Architecture? Architecture { get; init; }

    /// <summary>A kernel configuration beside the file, plain or gzip; null for the usual one.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Symbols that are set whatever the configuration says.</summary>
    public IReadOnlyList<ConfigSymbol> Config { get; init; } = [];

    /// <summary>Commits that the kernel is to be without, where it has them.</summary>
    public IReadOnlyList<string> Revert { get; init; } = [];

    /// <summary>Commits that the kernel is to have, where it does not.</summary>
    public IReadOnlyList<string> Pick { get; init; } = [];

    /// <summary>Bytes of RAM from address 0; null for the usual 512 MiB, or for what <see cref="Memory"/> lists.</summary>
    public long? Ram { get; init; }

    /// <summary>Bytes of RAM of each NUMA node, from address 0 on, in place of <see cref="Ram"/>; empty for a machine of one node.</summary>
    public IReadOnlyList<long> Nodes { get; init; } = [];

    /// <summary>Ranges of physical memory with their addresses.</summary>
    public IReadOnlyList<MemoryRegion> Memory { get; init; } = [];

    /// <summary>The pool of huge pages.</summary>
    public int HugePages { get; init; }

    /// <summary>Transparent huge pages: true for always, false for madvise; null for the simulator's usual.</summary>
    public bool? TransparentHugePages { get; init; }

    /// <summary>Whether it runs under z/VM; null for what the architecture usually does.</summary>
    public bool? ZVm { get; init; }

    /// <summary>The devices, in the order in which they appear.</summary>
    public IReadOnlyList<MachineDevice> Devices { get; init; } = [];

    /// <summary>The mounts, in order.</summary>
    public IReadOnlyList<MachineMount> Mounts { get; init; } = [];

    /// <summary>The folder that <see cref="ConfigFile"/> is looked for in; null for the current one.</summary>
    internal string? Folder { get; init; }

    /// <summary>The architecture, chosen from the devices where the file names none.</summary>
    public Architecture ChosenArchitecture
        => Architecture ?? Devices.Select(d => d.Spec?.UsualArchitecture).FirstOrDefault(a => a is not null) ?? Policy.Architecture.X8664;
}
