using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>A virtio filesystem device (fs/fuse/virtio_fs.c) with its window of shared memory, through which the host's page cache can be mapped.</summary>
internal sealed class VirtioFsDevice : Recoverable, IVirtioFsDevice, IDaxOperations
{
    private readonly PfnRange window;
    private DeviceTable table;
    private DevPagemap? pagemap;
    private DaxDevice? daxDevice;

    internal VirtioFsDevice(DeviceTable table, string tag, PfnRange window, DevPagemap? pagemap)
        : base(table.HostJournal)
    {
        this.table = table;
        this.window = window;
        this.pagemap = pagemap;
        Tag = tag;
        if (pagemap is not null)
        {
            daxDevice = new DaxDevice(table, tag, this, synchronous: true);
        }
    }

    public string Tag { get; }

    public DaxDevice? DaxDevice => daxDevice;

    public PfnRange Window => window;

    public DevPagemap? Pagemap => pagemap;

    /// <summary>virtio_fs_direct_access: the pages always belong to the driver's own pagemap.</summary>
    public Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, DecisionTrace? trace)
    {
        var flags = table.Policy.PmemPfnFlags == Policy.PmemPfnFlags.DevAndMap ? PfnFlags.Dev | PfnFlags.Map : PfnFlags.None;
        var rest = Math.Max(0, (long)window.PageCount - (long)pgoff);
        return new DirectAccess(window.StartPfn + pgoff, flags, Math.Min(rest, pageCount) << table.PageShift);
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Tag);
        digest.Add(window.StartPfn);
        digest.Add(window.PageCount);
        digest.Add(pagemap);
        digest.Add(daxDevice);
    }

    private protected override void CopyFrom(Recoverable state) => pagemap = ((VirtioFsDevice)state).pagemap;

    private protected override void Remap(CloneContext context)
    {
        table = context.Map(table);
        pagemap = context.MapOrNull(pagemap);
        daxDevice = context.MapOrNull(daxDevice);
    }
}
