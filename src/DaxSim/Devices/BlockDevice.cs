using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>A block device as the rest of the kernel sees it: a disk or a partition of one.</summary>
internal abstract class BlockDevice : Recoverable
{
    internal const int SectorShift = 9;

    private DeviceTable table;
    private DaxDevice? daxDevice;

    private protected BlockDevice(DeviceTable table, string name, long sizeBytes)
        : base(table.HostJournal)
    {
        this.table = table;
        Name = name;
        SizeBytes = sizeBytes;
    }

    /// <summary>The name below /dev, for example <c>pmem0</c>.</summary>
    internal string Name { get; }

    /// <summary>The driver that made it, for example <c>pmem</c>.</summary>
    internal abstract string Driver { get; }

    /// <summary>The capacity in bytes.</summary>
    internal long SizeBytes { get; }

    internal ulong SectorCount => (ulong)SizeBytes >> SectorShift;

    /// <summary>queue/logical_block_size.</summary>
    internal virtual int LogicalBlockSize => 512;

    /// <summary>The ro attribute (bdev_read_only).</summary>
    internal virtual bool ReadOnly => ReadOnlyMark;

    /// <summary>The disk this is a partition of, or the device itself.</summary>
    internal virtual BlockDevice WholeDisk => this;

    /// <summary>The first sector on the whole disk; 0 for a whole disk.</summary>
    internal virtual ulong StartSector => 0;

    internal bool IsPartition => !ReferenceEquals(WholeDisk, this);

    /// <summary>True when block_device_operations has a direct_access (up to 4.11).</summary>
    internal bool HasDirectAccessOp => Policy.DirectAccessInterface < DirectAccessInterface.DaxOperations && WholeDisk.SuppliesDirectAccess;

    /// <summary>True when the queue advertises DAX (QUEUE_FLAG_DAX from 4.8, BLK_FEAT_DAX by 6.12): the attribute queue/dax.</summary>
    internal bool HasQueueDaxFlag => Policy.QueueDaxFlag == QueueDaxFlag.Advertised && WholeDisk.SetsQueueDaxFlag;

    /// <summary>The dax_device that the driver registered for this disk (4.12 on), or null. A partition has that of its disk.</summary>
    internal DaxDevice? DaxDevice => IsPartition ? WholeDisk.DaxDevice : daxDevice;

    /// <summary>The bytes of a device that does not lie in physical memory; null for one that does.</summary>
    internal virtual ContentStore? Contents => null;

    /// <summary>The page frames that the device's bytes lie in, in order; null for a device that is not one contiguous range of memory.</summary>
    internal virtual PfnRange? Frames => null;

    /// <summary>The pagemap that gives the frames struct pages; null when they have none or are ordinary RAM.</summary>
    internal virtual DevPagemap? Pagemap => null;

    /// <summary>True when the device's pages are ordinary RAM, covered by the normal memmap.</summary>
    internal virtual bool LiesInRam => false;

    /// <summary>Known media errors, in sectors of the whole disk; null for a driver that keeps no list.</summary>
    internal virtual Badblocks? Badblocks => null;

    /// <summary>How many opens (mounts, holders) there are now, those of partitions included.</summary>
    internal int OpenCount { get; private set; }

    /// <summary>True once the driver took the device away (del_gendisk).</summary>
    internal bool IsRemoved { get; private set; }

    internal DeviceTable Table => table;

    internal KernelPolicy Policy => table.Policy;

    private protected bool ReadOnlyMark { get; private set; }

    /// <summary>The driver has a direct_access in its block_device_operations while that is the interface.</summary>
    private protected virtual bool SuppliesDirectAccess => false;

    /// <summary>The driver sets the queue's DAX flag while there is one.</summary>
    private protected virtual bool SetsQueueDaxFlag => false;

    /// <summary>The behaviour that decides whether this driver offers DAX at all; null for a driver that never did.</summary>
    internal virtual PolicyProperty? DaxDecidedBy => null;

    /// <summary>The driver's dax_supported operation (5.2 to 5.16).</summary>
    /// <param name="device">This disk or a partition of it.</param>
    /// <param name="blockSize">The filesystem's block size.</param>
    /// <param name="start">The first sector, relative to <paramref name="device"/>.</param>
    /// <param name="sectors">How many sectors.</param>
    /// <param name="trace">Collects the tests, or null.</param>
    internal virtual AdmissionVerdict DaxSupported(BlockDevice device, int blockSize, ulong start, ulong sectors, DecisionTrace? trace)
        => Admission.GenericFsDaxSupported(DaxDevice, device, blockSize, start, sectors, trace);

    /// <summary>Opens the device, as a mount does.</summary>
    /// <param name="write">Whether writing is wanted.</param>
    internal virtual Verdict Open(bool write)
    {
        if (IsRemoved)
        {
            return Verdict.Fail(Errno.ENXIO, new Reason("blkdev_get_by_path", $"The disk {WholeDisk.Name} is gone."));
        }

        if (write && ReadOnly)
        {
            return Verdict.Fail(Errno.EACCES, new Reason("blkdev_get_by_path", $"{Name} is a read-only device and was opened for writing."));
        }

        Touch();
        OpenCount++;
        return Verdict.Ok;
    }

    /// <summary>Closes what <see cref="Open"/> opened.</summary>
    internal virtual void Close()
    {
        if (OpenCount == 0)
        {
            throw new InvalidOperationException($"{Name} was closed more often than opened (simulator defect).");
        }

        Touch();
        OpenCount--;
    }

    /// <summary>bdev_direct_access (4.0 to 4.11), or what an XIP filesystem gets from the driver before.</summary>
    /// <param name="sector">The sector, relative to the partition.</param>
    /// <param name="bytes">How much is wanted.</param>
    /// <param name="trace">Collects the tests, or null.</param>
    internal Result<DirectAccess> BdevDirectAccess(ulong sector, long bytes, DecisionTrace? trace = null)
        => DirectAccessWrapper.Call(this, sector, bytes, trace);

    /// <summary>The driver's own direct_access of the block_device_operations era.</summary>
    /// <param name="sector">The sector on the whole disk.</param>
    /// <param name="bytes">How much is wanted, where the interface of the era says so.</param>
    /// <param name="trace">Collects the tests, or null.</param>
    internal virtual Result<DirectAccess> DriverDirectAccess(ulong sector, long bytes, DecisionTrace? trace)
        => Verdict.Fail(Errno.EOPNOTSUPP, new Reason("bdev_direct_access", $"The driver of {Name} has no direct_access."));

    /// <summary>Reads through the driver (a bio).</summary>
    internal virtual Verdict Read(long offset, Span<byte> destination) => DeviceTransfer.Read(this, offset, destination);

    /// <summary>Writes through the driver (a bio).</summary>
    internal virtual Verdict Write(long offset, ReadOnlySpan<byte> source) => DeviceTransfer.Write(this, offset, source);

    /// <summary>set_disk_ro.</summary>
    internal void SetReadOnly(bool readOnly)
    {
        if (ReadOnlyMark != readOnly)
        {
            Touch();
            ReadOnlyMark = readOnly;
        }
    }

    /// <summary>Registers a dax_device for this disk, where the kernel has such a thing.</summary>
    private protected DaxDevice? RegisterDax(IDaxOperations operations, bool synchronous = true)
    {
        if (Policy.DirectAccessInterface >= DirectAccessInterface.DaxOperations && Policy.Config.IsEnabled("DAX"))
        {
            Touch();
            daxDevice = new DaxDevice(table, Name, operations, synchronous);
        }

        return daxDevice;
    }

    /// <summary>Takes the disk away: the dax device is killed, and every later open fails.</summary>
    internal virtual void Remove()
    {
        Touch();
        daxDevice?.Kill();
        IsRemoved = true;
        table.Remove(this);
    }

    /// <summary>The driver takes the same disk up again: it is back, with a dax device of its own.</summary>
    private protected void Return(IDaxOperations operations, bool synchronous)
    {
        Touch();
        IsRemoved = false;
        daxDevice = null;
        RegisterDax(operations, synchronous);
        table.Add(this);
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Driver);
        digest.Add(Name);
        digest.Add(SizeBytes);
        digest.Add(LogicalBlockSize);
        digest.Add(ReadOnlyMark);
        digest.Add(OpenCount);
        digest.Add(IsRemoved);
        digest.Add(daxDevice);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (BlockDevice)state;
        daxDevice = other.daxDevice;
        ReadOnlyMark = other.ReadOnlyMark;
        OpenCount = other.OpenCount;
        IsRemoved = other.IsRemoved;
    }

    private protected override void Remap(CloneContext context)
    {
        table = context.Map(table);
        daxDevice = context.MapOrNull(daxDevice);
    }

    /// <summary>For example <c>pmem0 (pmem, 64M)</c>.</summary>
    public override string ToString() => $"{Name} ({Driver}, {ByteSize.Format(SizeBytes)})";
}
