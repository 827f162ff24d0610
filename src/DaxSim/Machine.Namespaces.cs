using System.Globalization;
using DaxSim.Devices;
using DaxSim.Devices.Drivers;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim;

public sealed partial class Machine
{
    /// <summary>The namespaces of persistent memory, bound or not, in the order in which they were described.</summary>
    public IReadOnlyList<NamespaceInfo> Namespaces => [.. DeviceTable.Namespaces.Select(n => new NamespaceInfo((PmemNamespace)n, DeviceTable))];

    /// <summary>What can be said of a namespace now, or null when there is none.</summary>
    /// <param name="name">For example <c>namespace0.0</c>, or the device that a driver made of it, with or without <c>/dev/</c>.</param>
    public NamespaceInfo? FindNamespace(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return DeviceTable.FindNamespace(name) is { } space ? new NamespaceInfo((PmemNamespace)space, DeviceTable) : null;
    }

    /// <summary>Enables a namespace (ndctl enable-namespace): its driver probes it again and makes a device of it, as the info block on the media says.</summary>
    /// <remarks>
    /// What lies on the media is what lay there. With IO_STRICT_DEVMEM the memory is closed to /dev/mem from now on, and since 5.8 mappings
    /// that programs have of it are taken back (revoke_devmem).
    /// </remarks>
    /// <param name="name">The namespace. One that is bound stays as it is.</param>
    /// <returns>Ok, or why the driver does not take it. Unknown where struct pages would be written over bad memory (up to 4.19).</returns>
    /// <exception cref="ArgumentException">There is no such namespace.</exception>
    public Verdict BindNamespace(string name)
    {
        var space = RequireNamespace(name);
        using var call = Call("bind", name);
        var presence = DriverPresence.OfPmem(DeviceTable) ?? (space.Setup.Mode == NamespaceMode.DevDax && !space.ForceRaw ? DriverPresence.OfDeviceDax(DeviceTable) : null);
        if (presence is not null)
        {
            return call.Of(Verdict.Fail(Errno.ENXIO, presence));
        }

        var bound = space.Bind(Trace);
        if (bound.IsOk)
        {
            MemoryManager.RevokeDevMem(space.Frames.StartPfn, space.Frames.PageCount);
        }

        return call.Of(bound);
    }

    /// <summary>Gives a namespace another mode and binds it (ndctl create-namespace -e NAME -m MODE). The data behind the info block stays.</summary>
    /// <param name="name">The namespace.</param>
    /// <param name="mode">The new mode.</param>
    /// <param name="map">Where its struct pages are to lie.</param>
    /// <param name="align">The alignment of a devdax namespace: a page, 2M or 1G.</param>
    /// <returns>Ok; EBUSY while a driver has it (unbind it first); what <see cref="BindNamespace"/> says; unknown from and to sector mode.</returns>
    /// <exception cref="ArgumentException">There is no such namespace.</exception>
    public Verdict ReconfigureNamespace(string name, PmemMode mode, MemmapPlacement map = MemmapPlacement.Ram, string align = "2M")
    {
        var space = RequireNamespace(name);
        var setup = new NamespaceSetup((NamespaceMode)mode, map, ByteSize.Parse(align));
        if (space.IsBound)
        {
            return Verdict.Fail(Errno.EBUSY, new Reason("mode_store", $"{space.Name} is in use as {space.Disk?.Name ?? space.Range!.Name}: unbind it first."));
        }

        if (mode == PmemMode.Sector || space.Setup.Mode == NamespaceMode.Sector)
        {
            return Verdict.Unknown(new Reason("nd_btt_probe", "How the blocks of sector mode lie on the media is not modelled."));
        }

        space.Configure(setup);
        return BindNamespace(space.Name);
    }

    /// <summary>Writes the attribute force_raw of a namespace: with 1 the next driver does not look at the info block.</summary>
    /// <returns>Ok, or EBUSY while a driver has the namespace.</returns>
    /// <exception cref="ArgumentException">There is no such namespace.</exception>
    public Verdict SetForceRaw(string name, bool force)
    {
        var space = RequireNamespace(name);
        if (space.IsBound)
        {
            return Verdict.Fail(Errno.EBUSY, new Reason("force_raw_store", $"{space.Name} is in use as {space.Disk?.Name ?? space.Range!.Name}: unbind it first."));
        }

        space.SetForceRaw(force);
        return Verdict.Ok;
    }

    /// <summary>Asks the firmware to clear media errors of a namespace (ND_CMD_CLEAR_ERROR, ndctl clear-errors). The bytes keep what the model has of them: write them anew.</summary>
    /// <param name="name">The namespace, or its device.</param>
    /// <param name="offset">From which byte of the namespace, info block and struct pages included.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>How many bytes were cleared; unknown before regions listed errors (4.12).</returns>
    /// <exception cref="ArgumentException">There is no such namespace.</exception>
    public Result<long> ClearMediaErrors(string name, long offset, long length)
    {
        var space = RequireNamespace(name);
        var (first, count) = SectorsOf(offset, length, (long)space.Memory.Length);
        if (Policy.RegionBadblocks == RegionBadblocksRule.Absent)
        {
            return Verdict.Unknown(MemoryManager.Because("__nd_ioctl", "Which lists of media errors the command reached before regions had one is not known.", PolicyProperty.RegionBadblocks));
        }

        space.Errors.Clear(first, count);
        return (long)count << BlockDevice.SectorShift;
    }

    /// <summary>Makes a part of a namespace a media error that the firmware reports: any byte of it, info block and struct pages included.</summary>
    /// <param name="name">The namespace by its own name.</param>
    /// <param name="offset">Where the error begins, in bytes of the namespace.</param>
    /// <param name="length">How long it is; whole 512-byte sectors become bad.</param>
    /// <exception cref="ArgumentException">There is no such namespace.</exception>
    public void InjectNamespaceError(string name, long offset, long length = 512)
    {
        var space = RequireNamespace(name);
        var (first, count) = SectorsOf(offset, length, (long)space.Memory.Length);
        space.Errors.Add(first, count);
    }

    private static (ulong First, ulong Count) SectorsOf(long offset, long length, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, size);
        var first = (ulong)offset >> BlockDevice.SectorShift;
        return (first, ((ulong)(offset + length - 1) >> BlockDevice.SectorShift) - first + 1);
    }

    private PmemNamespace RequireNamespace(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return (PmemNamespace?)DeviceTable.FindNamespace(name)
            ?? throw new ArgumentException($"There is no namespace {name}; there are {(DeviceTable.Namespaces.Count == 0 ? "none" : string.Join(", ", DeviceTable.Namespaces.Select(n => n.Name)))}.", nameof(name));
    }
}

/// <summary>What can be said of a namespace of persistent memory, as it was when asked (ndctl list -N).</summary>
public sealed class NamespaceInfo
{
    internal NamespaceInfo(PmemNamespace space, DeviceTable table)
    {
        Name = space.Name;
        Mode = (PmemMode)space.Setup.Mode;
        Map = space.Setup.Map;
        ForceRaw = space.ForceRaw;
        Device = space.Disk?.Name ?? space.Range?.Name;
        PhysicalAddress = space.Memory.Start;
        SizeBytes = (long)space.Memory.Length;
        var data = space.Disk?.Frames ?? space.Range?.Frames;
        DataOffset = data is { } frames ? (long)((frames.StartPfn << table.PageShift) - space.Memory.Start) : 0;
        var errors = new List<string>();
        for (ulong from = 0; space.Errors.TryFind(from, space.Errors.Count - from, out var first, out var count); from = first + count)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{first} {count}"));
        }

        MediaErrors = errors;
    }

    /// <summary>For example <c>namespace0.0</c>.</summary>
    public string Name { get; }

    /// <summary>What its info block says.</summary>
    public PmemMode Mode { get; }

    /// <summary>Where its struct pages lie.</summary>
    public MemmapPlacement Map { get; }

    /// <summary>The attribute force_raw.</summary>
    public bool ForceRaw { get; }

    /// <summary>The device that a driver made of it, below /dev; null while it is not bound.</summary>
    public string? Device { get; }

    /// <summary>The attribute resource: where it lies.</summary>
    public ulong PhysicalAddress { get; }

    /// <summary>The attribute size.</summary>
    public long SizeBytes { get; }

    /// <summary>Where its device's first byte lies in the namespace, behind info block and struct pages; 0 while it is not bound.</summary>
    public long DataOffset { get; }

    /// <summary>The attribute badblocks: first sector and number of each known media error, in 512-byte sectors of the namespace.</summary>
    public IReadOnlyList<string> MediaErrors { get; }
}
