using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>A pmem namespace as a block device (drivers/nvdimm/pmem.c): /dev/pmemN.</summary>
internal sealed class PmemDisk : BlockDevice, IDaxOperations
{
    private const ulong SectionPages = 1 << 15;

    private readonly PfnRange frames;
    private readonly bool isRaw;
    private readonly bool synchronous;
    private DevPagemap? pagemap;

    /// <param name="table">The machine's devices.</param>
    /// <param name="name">The name below /dev.</param>
    /// <param name="frames">The frames of the data: the namespace without the space that its info block and memmap take.</param>
    /// <param name="pagemap">Its struct pages, or null.</param>
    /// <param name="synchronous">Whether a flush of the CPU's caches makes a store durable.</param>
    /// <param name="isRaw">Whether the namespace has no info block: its struct pages, if any, come from the region's setting.</param>
    internal PmemDisk(DeviceTable table, string name, PfnRange frames, DevPagemap? pagemap, bool synchronous, bool isRaw)
        : base(table, name, (long)frames.PageCount << table.PageShift)
    {
        this.frames = frames;
        this.pagemap = pagemap;
        this.isRaw = isRaw;
        this.synchronous = synchronous;
        RegisterDax(this, synchronous);
    }

    internal override string Driver => "pmem";

    internal override PolicyProperty? DaxDecidedBy => PolicyProperty.PmemQueueFlag;

    internal override PfnRange? Frames => frames;

    internal override DevPagemap? Pagemap => pagemap;

    internal override Badblocks? Badblocks => new Badblocks(Table.Memory, frames.StartPfn, frames.PageCount);

    /// <summary>Without an info block.</summary>
    internal bool IsRaw => isRaw;

    private bool HasPages => pagemap is not null;

    private protected override bool SuppliesDirectAccess => true;

    private protected override bool SetsQueueDaxFlag => Policy.PmemQueueFlag == PmemQueueFlag.Always || HasPages;

    internal override Result<DirectAccess> DriverDirectAccess(ulong sector, long bytes, DecisionTrace? trace)
        => Access((long)(sector << SectorShift), bytes, DaxAccessMode.Access, trace);

    public Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, DecisionTrace? trace)
        => Access((long)pgoff << Table.PageShift, pageCount << Table.PageShift, mode, trace);

    internal override void Remove()
    {
        base.Remove();
        if (pagemap is not null)
        {
            Table.UnmapPages(pagemap);
        }
    }

    /// <summary>pmem_attach_disk for a disk that was there before: what lies on it is what lay on it.</summary>
    /// <param name="pages">Its new struct pages, or null.</param>
    internal void Attach(DevPagemap? pages)
    {
        Return(this, synchronous);
        pagemap = pages;
    }

    /// <summary>__pmem_direct_access.</summary>
    private Result<DirectAccess> Access(long offset, long bytes, DaxAccessMode mode, DecisionTrace? trace)
    {
        const string Function = "pmem_direct_access";
        var rest = SizeBytes - offset;
        var memory = new DirectAccess(frames.StartPfn + ((ulong)offset >> Table.PageShift), Flags, rest);
        if (Policy.PmemLength == PmemLength.WholeSections && HasPages)
        {
            return memory with { Bytes = (long)((ulong)rest / (SectionPages << Table.PageShift) * (SectionPages << Table.PageShift)) };
        }

        var badblocks = Badblocks!.Value;
        if (Policy.PmemBadblocks == PmemBadblocks.NotTested || badblocks.IsEmpty)
        {
            return memory;
        }

        // While the device has any media error, never more than what was asked for is handed out.
        var hit = badblocks.TryFind((ulong)offset >> SectorShift, (ulong)bytes >> SectorShift, out var bad, out _);
        trace?.Step(Function, "does the range hold a known media error?", hit ? $"yes, sector {bad}" : "no", PolicyProperty.PmemBadblocks);
        if (!hit)
        {
            return memory with { Bytes = Math.Min(bytes, rest) };
        }

        if (mode == DaxAccessMode.RecoveryWrite && Policy.PmemBadblocks >= PmemBadblocks.EioUnlessRecovering)
        {
            // The good part before the first bad sector, rounded up to a page: at least the first page.
            var page = Table.PageSize;
            var good = ((long)(bad << SectorShift) - offset + page - 1) / page * page;
            return memory with { Bytes = Math.Max(good, page) };
        }

        var errno = Policy.PmemBadblocks == PmemBadblocks.EhwpoisonUnlessRecovering ? Errno.EHWPOISON : Errno.EIO;
        return Verdict.Fail(errno, Table.Because(Function, $"Sector {bad} of {Name} is a known media error.", PolicyProperty.PmemBadblocks));
    }

    private PfnFlags Flags => Policy.PmemPfnFlags switch
    {
        PmemPfnFlags.DevAndSpecial when isRaw => PfnFlags.Dev | PfnFlags.Special,
        PmemPfnFlags.DevAndMap or PmemPfnFlags.DevAndSpecial => HasPages ? PfnFlags.Dev | PfnFlags.Map : PfnFlags.Dev,
        _ => PfnFlags.None,
    };

    internal override void Describe(StateDigest digest)
    {
        base.Describe(digest);
        digest.Add(frames.StartPfn);
        digest.Add(pagemap);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        base.CopyFrom(state);
        var other = (PmemDisk)state;
        pagemap = other.pagemap;
    }

    private protected override void Remap(CloneContext context)
    {
        base.Remap(context);
        pagemap = context.MapOrNull(pagemap);
    }
}
