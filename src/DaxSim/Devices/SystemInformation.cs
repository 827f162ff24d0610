namespace DaxSim.Devices;

/// <summary>
/// What the firmware and the hypervisor of an s390x machine say of it through STSI: the text of /proc/sysinfo (sysinfo_show,
/// arch/s390/kernel/sysinfo.c), and whether the kernel takes itself for a guest of z/VM. Texts are without the padding of their fields;
/// a longer one is cut to its field, as the kernel prints it. Lines that the kernel prints only for values that are not here
/// (ratings, multithreading, topology, extended names) are left out, as for firmware that leaves these values zero.
/// </summary>
public sealed record SystemInformation
{
    /// <summary>The manufacturer, 16 characters.</summary>
    public required string Manufacturer { get; init; }

    /// <summary>The machine's type, 4 characters, for example <c>8561</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The model's capacity, 16 characters. The line "Model:" begins with it.</summary>
    public required string ModelCapacity { get; init; }

    /// <summary>The model, 16 characters; empty on machines that are known by their capacity alone.</summary>
    public string Model { get; init; } = "";

    /// <summary>The sequence code (serial number), 16 characters.</summary>
    public required string SequenceCode { get; init; }

    /// <summary>The plant of manufacture, 4 characters.</summary>
    public required string Plant { get; init; }

    /// <summary>The rating of the model's capacity.</summary>
    public uint ModelCapacityRating { get; init; }

    /// <summary>The processors of the machine.</summary>
    public required SystemProcessors Processors { get; init; }

    /// <summary>The capability of a processor, an integer or the bits of a float, as the firmware gives it.</summary>
    public uint Capability { get; init; }

    /// <summary>How much less a processor does when <c>n</c> are used, from 2 on; one for each processor but the first.</summary>
    public IReadOnlyList<uint> Adjustments { get; init; } = [];

    /// <summary>The logical partition, or null on a machine whose configuration level is below 2.</summary>
    public LogicalPartition? Partition { get; init; }

    /// <summary>The virtual machines the kernel runs in, the innermost first; empty in a logical partition.</summary>
    public IReadOnlyList<VirtualMachine> VirtualMachines { get; init; } = [];

    /// <summary>Whether the kernel takes itself for a guest of z/VM (MACHINE_IS_VM): the innermost control program is.</summary>
    public bool IsUnderZvm => VirtualMachines is [var innermost, ..] && innermost.ControlProgram.StartsWith("z/VM", StringComparison.Ordinal);
}
