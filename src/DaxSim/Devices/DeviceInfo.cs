using DaxSim.Memory;

namespace DaxSim.Devices;

/// <summary>Where the struct pages of a device lie.</summary>
public enum StructPages
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>The device consists of ordinary RAM, which has its own.</summary>
    OrdinaryRam,

    /// <summary>In RAM, made by the driver.</summary>
    InRam,

    /// <summary>In the device's own first pages, made by the driver.</summary>
    OnDevice,
}

/// <summary>What can be said of a device from outside, as it was when asked.</summary>
public sealed partial class DeviceInfo
{
    internal DeviceInfo(BlockDevice device)
    {
        policy = device.Table.Policy;
        Name = device.Name;
        Driver = device.WholeDisk.Driver;
        SizeBytes = device.SizeBytes;
        LogicalBlockSize = device.LogicalBlockSize;
        IsReadOnly = device.ReadOnly;
        IsPartition = device.IsPartition;
        StartSector = device.StartSector;
        QueueDax = device.HasQueueDaxFlag;
        HasDirectAccess = device.HasDirectAccessOp || device.DaxDevice is { Alive: true };
        IsSynchronous = device.DaxDevice?.IsSynchronous ?? true;
        StructPages = device.WholeDisk.Pagemap is { } pagemap
            ? pagemap.Placement == MemmapPlacement.Device ? StructPages.OnDevice : StructPages.InRam
            : device.WholeDisk.LiesInRam ? StructPages.OrdinaryRam : StructPages.None;
        CorrectedErrors = (device.WholeDisk as IErrorCountingMemory)?.CorrectedErrors ?? 0;
        if (device.WholeDisk.Frames is { } frames)
        {
            PhysicalAddress = (frames.StartPfn << device.Table.PageShift) + (device.StartSector << BlockDevice.SectorShift);
        }
    }

    internal DeviceInfo(CharacterDax range, DeviceTable table)
    {
        policy = table.Policy;
        Name = range.Name;
        Driver = range.Driver switch { DaxRangeDriver.Kmem => "kmem", DaxRangeDriver.Fsdev => "fsdev_dax", _ => "device_dax" };
        SizeBytes = range.SizeBytes;
        Alignment = range.Align;
        HasDirectAccess = range.DaxDevice is { Alive: true, Operations: not null };
        IsSynchronous = range.DaxDevice.IsSynchronous;
        StructPages = range.Pagemap switch { null => StructPages.None, { Placement: MemmapPlacement.Device } => StructPages.OnDevice, _ => StructPages.InRam };
        PhysicalAddress = range.Frames.StartPfn << table.PageShift;
    }

    /// <summary>The name below /dev.</summary>
    public string Name { get; }

    /// <summary>The driver, for example <c>dcssblk</c>; a partition has that of its disk.</summary>
    public string Driver { get; }

    /// <summary>The capacity in bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>The attribute size: the capacity in 512-byte sectors.</summary>
    public long Sectors => SizeBytes >> BlockDevice.SectorShift;

    /// <summary>The attribute queue/logical_block_size.</summary>
    public int LogicalBlockSize { get; }

    /// <summary>The attribute align of a dax range; 0 for a block device.</summary>
    public long Alignment { get; }

    /// <summary>The attribute ecc of axonram: how many memory errors were corrected.</summary>
    public int CorrectedErrors { get; }

    /// <summary>The attribute ro.</summary>
    public bool IsReadOnly { get; }

    /// <summary>True for a partition.</summary>
    public bool IsPartition { get; }

    /// <summary>The first sector on the whole disk.</summary>
    public ulong StartSector { get; }

    /// <summary>The attribute queue/dax (4.8 on): the queue advertises DAX. It does not promise that DAX works.</summary>
    public bool QueueDax { get; }

    /// <summary>True when filesystems can reach the driver's memory directly: it has a direct_access operation or a live dax device.</summary>
    public bool HasDirectAccess { get; }

    /// <summary>False when stores become durable only by an asynchronous flush, so that MAP_SYNC is refused.</summary>
    public bool IsSynchronous { get; }

    /// <summary>Where the struct pages of the device lie.</summary>
    public StructPages StructPages { get; }

    /// <summary>The physical address of the first byte; null for a device that is not one range of memory.</summary>
    public ulong? PhysicalAddress { get; }

    /// <summary>For example <c>pmem0: pmem, 64M, DAX, no struct pages</c>.</summary>
    public override string ToString()
        => $"{Name}: {Driver}, {ByteSize.Format(SizeBytes)}{(IsReadOnly ? ", read-only" : "")}{(HasDirectAccess ? ", DAX" : "")}, {(StructPages == StructPages.None ? "no struct pages" : "struct pages")}";
}
