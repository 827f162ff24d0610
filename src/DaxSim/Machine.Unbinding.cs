using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.Outcomes;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>Writes a device's name to its driver's <c>unbind</c> file (ndctl disable-namespace): the dax device dies and its struct pages are taken away.</summary>
    /// <param name="device">A device-dax range, a persistent memory disk or a namespace, for example <c>/dev/dax0.0</c> or <c>namespace0.0</c>.</param>
    /// <returns>The operation, which sleeps while references on pages hold it up (up to 5.17). Unknown while a filesystem is mounted there.</returns>
    /// <exception cref="ArgumentException">There is no such device, or its driver's memory cannot be unbound.</exception>
    public DeviceUnbinding BeginUnbind(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (DeviceTable.FindNamespace(device) is { } space)
        {
            device = space.Disk?.Name ?? space.Range?.Name ?? throw new ArgumentException($"{device} is not bound to a driver.", nameof(device));
        }

        if (DeviceTable.SharesSection(device) is { } shared)
        {
            return new DeviceUnbinding(Verdict.Unknown(shared));
        }

        if (DeviceTable.FindRange(device) is { } range)
        {
            return new DeviceUnbinding(new UnbindOperation(journal, MemoryManager, range));
        }

        var disk = RequireDisk(device);
        if (disk.Driver is not "pmem")
        {
            throw new ArgumentException($"{device} is driven by {disk.Driver}: only device-dax ranges and persistent memory disks (pmem) can be unbound.", nameof(device));
        }

        var user = FileSystemTable.Mounts.FirstOrDefault(m => m.Instance.Image.Device is { } used && (used == disk || used.Name.StartsWith(disk.Name, StringComparison.Ordinal)));
        return user is null
            ? new DeviceUnbinding(new UnbindOperation(journal, MemoryManager, disk))
            : new DeviceUnbinding(Verdict.Unknown(MemoryManager.Because("pmem_release_disk", $"A filesystem is mounted on {device}: what it does when its device goes is not modelled. Unmount it first.")));
    }
}

/// <summary>The unbinding of a driver, which may be asleep for references on its pages.</summary>
public sealed class DeviceUnbinding
{
    private readonly UnbindOperation? operation;

    internal DeviceUnbinding(Verdict verdict) => Verdict = verdict;

    internal DeviceUnbinding(UnbindOperation operation)
    {
        this.operation = operation;
        Verdict = operation.Run();
    }

    /// <summary>The outcome so far; <see cref="VerdictKind.Blocked"/> while asleep.</summary>
    public Verdict Verdict { get; private set; }

    /// <summary>True while it sleeps. It can go on once the references are given back; no signal ends the sleep.</summary>
    public bool IsBlocked => operation is { IsBlocked: true };

    /// <summary>Goes on if it can: over, or still asleep.</summary>
    public Verdict Resume() => operation is null ? Verdict : Verdict = operation.Run();
}
