using DaxSim.Devices;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.FileSystems;

/// <summary>Where ext4 puts file data in relation to its journal.</summary>
internal enum DataMode
{
    /// <summary>There is no journal.</summary>
    None,

    /// <summary>data=ordered, the default.</summary>
    Ordered,

    /// <summary>data=writeback.</summary>
    Writeback,

    /// <summary>data=journal.</summary>
    Journal,
}

/// <summary>A mounted filesystem (struct super_block with what its driver keeps): shared by every mount of the same device.</summary>
internal sealed class FileSystemInstance : Recoverable
{
    private FileSystemTable table;
    private FileSystemImage image;
    private DaxDevice? daxDevice;
    private DaxDevice? realtimeDaxDevice;

    internal FileSystemInstance(FileSystemTable table, FileSystemImage image, FileSystemDriver driver, string mountedAs, bool readOnly)
        : base(table.HostJournal)
    {
        this.table = table;
        this.image = image;
        Driver = driver;
        MountedAs = mountedAs;
        IsReadOnly = readOnly;
        DataMode = image.Has("has_journal") ? DataMode.Ordered : DataMode.None;
    }

    internal FileSystemTable Table => table;

    internal FileSystemImage Image => image;

    internal FileSystemDriver Driver { get; }

    /// <summary>The type that mount(2) named: ext2 for an ext2 filesystem that the ext4 driver serves.</summary>
    internal string MountedAs { get; }

    internal BlockDevice? Device => image.Device;

    /// <summary>s_id: the device's name in messages.</summary>
    internal string Id => image.Device?.Name ?? image.Type;

    internal KernelPolicy Policy => table.Policy;

    /// <summary>SB_RDONLY.</summary>
    internal bool IsReadOnly { get; private set; }

    /// <summary>What the mount decided about DAX.</summary>
    internal DaxMountMode Mode { get; private set; }

    /// <summary>ext2: the option was given as xip.</summary>
    internal bool SaidXip { get; private set; }

    internal DataMode DataMode { get; private set; }

    /// <summary>EXT4_FLAGS_BDEV_IS_DAX, and the like of virtiofs: the device can do DAX.</summary>
    internal bool DeviceIsDax { get; private set; }

    /// <summary>The dax_device that data I/O goes through (s_daxdev, bt_daxdev); null before 4.12 and where there is none.</summary>
    internal DaxDevice? DaxDevice => daxDevice;

    /// <summary>The dax_device of the realtime device of xfs.</summary>
    internal DaxDevice? RealtimeDaxDevice => realtimeDaxDevice;

    /// <summary>How many mounts show it.</summary>
    internal int MountCount { get; private set; }

    /// <summary>How many open files there are.</summary>
    internal int OpenFiles { get; private set; }

    /// <summary>What decided about DAX when it was mounted.</summary>
    internal Reason? DaxReason { get; private set; }

    /// <summary>True when an ordinary new regular file would use DAX.</summary>
    internal bool NewFilesUseDax => Mode is DaxMountMode.Always or DaxMountMode.Xip;

    internal void SetMode(DaxMountMode mode)
    {
        Touch();
        Mode = mode;
    }

    internal void SetSaidXip(bool said)
    {
        Touch();
        SaidXip = said;
    }

    internal void SetDataMode(DataMode mode)
    {
        Touch();
        DataMode = mode;
    }

    internal void SetReadOnly(bool readOnly)
    {
        Touch();
        IsReadOnly = readOnly;
    }

    internal void SetDevices(DaxDevice? data, DaxDevice? realtime = null)
    {
        Touch();
        daxDevice = data;
        realtimeDaxDevice = realtime;
    }

    internal void SetDeviceIsDax(bool value)
    {
        Touch();
        DeviceIsDax = value;
    }

    internal void SetDaxReason(Reason reason)
    {
        Touch();
        DaxReason = reason;
    }

    internal void AddMount(int number)
    {
        Touch();
        MountCount += number;
    }

    internal void AddOpenFile(int number)
    {
        Touch();
        OpenFiles += number;
    }

    /// <summary>Reads an inode in, if it is not cached: its S_DAX is decided now (iget).</summary>
    internal Inode Get(Inode inode)
    {
        if (!inode.IsInCore)
        {
            inode.EnterCore(Driver.UsesDax(this, inode));
        }

        return inode;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(MountedAs);
        digest.Add(image);
        digest.Add(IsReadOnly);
        digest.Add(Mode);
        digest.Add(SaidXip);
        digest.Add(DataMode);
        digest.Add(DeviceIsDax);
        digest.Add(daxDevice);
        digest.Add(realtimeDaxDevice);
        digest.Add(MountCount);
        digest.Add(OpenFiles);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (FileSystemInstance)state;
        IsReadOnly = other.IsReadOnly;
        Mode = other.Mode;
        SaidXip = other.SaidXip;
        DataMode = other.DataMode;
        DeviceIsDax = other.DeviceIsDax;
        daxDevice = other.daxDevice;
        realtimeDaxDevice = other.realtimeDaxDevice;
        MountCount = other.MountCount;
        OpenFiles = other.OpenFiles;
        DaxReason = other.DaxReason;
    }

    private protected override void Remap(CloneContext context)
    {
        table = context.Map(table);
        image = context.Map(image);
        daxDevice = context.MapOrNull(daxDevice);
        realtimeDaxDevice = context.MapOrNull(realtimeDaxDevice);
    }
}
