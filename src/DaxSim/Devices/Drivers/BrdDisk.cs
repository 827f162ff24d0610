using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>A RAM disk (drivers/block/brd.c): ordinary pages of RAM, allocated when first touched.</summary>
/// <remarks>The pages are taken from the end of RAM, page by page in the order of the disk; that they neighbour each other is never told to anybody.</remarks>
internal sealed class BrdDisk : BlockDevice, IDaxOperations
{
    private readonly PfnRange frames;
    private readonly bool hasDirectAccess;
    private ExtentMap<Number> allocated;

    /// <param name="table">The machine's devices.</param>
    /// <param name="name">The name below /dev.</param>
    /// <param name="sizeBytes">The capacity.</param>
    /// <param name="frames">The pages that can be had for it; fewer than the capacity when RAM is short.</param>
    internal BrdDisk(DeviceTable table, string name, long sizeBytes, PfnRange frames)
        : base(table, name, sizeBytes)
    {
        this.frames = frames;
        allocated = new(table.HostJournal);
        var config = Policy.Config;
        hasDirectAccess = Policy.BrdDirectAccess switch
        {
            BrdDirectAccess.Removed => false,
            BrdDirectAccess.OnePage => !config.Excludes("BLK_DEV_RAM_DAX"),
            _ => !config.Excludes("BLK_DEV_XIP"),
        };
        if (hasDirectAccess)
        {
            RegisterDax(this);
        }
    }

    internal override string Driver => "brd";

    internal override PolicyProperty? DaxDecidedBy => PolicyProperty.BrdDirectAccess;

    internal override PfnRange? Frames => frames;

    internal override bool LiesInRam => true;

    private protected override bool SuppliesDirectAccess => hasDirectAccess;

    private protected override bool SetsQueueDaxFlag => hasDirectAccess;

    /// <summary>How many pages were allocated so far.</summary>
    internal ulong AllocatedPages
    {
        get
        {
            var sum = 0UL;
            foreach (var extent in allocated.Extents())
            {
                sum += extent.Length;
            }

            return sum;
        }
    }

    internal override Result<DirectAccess> DriverDirectAccess(ulong sector, long bytes, DecisionTrace? trace)
    {
        const string Function = "brd_direct_access";
        var offset = (long)(sector << SectorShift);
        if (Policy.BrdDirectAccess <= BrdDirectAccess.XipEnospc)
        {
            if (offset % Table.PageSize != 0)
            {
                return Verdict.Fail(Errno.EINVAL, new Reason(Function, $"Sector {sector} does not begin a page."));
            }

            if (offset + Table.PageSize > SizeBytes)
            {
                return Verdict.Fail(Errno.ERANGE, new Reason(Function, $"Sector {sector} lies beyond the end of {Name}."));
            }
        }

        return Page((ulong)offset >> Table.PageShift, Function);
    }

    public Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, DecisionTrace? trace) => Page(pgoff, "__brd_direct_access");

    internal override Verdict Write(long offset, ReadOnlySpan<byte> source)
    {
        if (offset >= 0 && offset + source.Length <= SizeBytes)
        {
            for (var page = (ulong)offset >> Table.PageShift; page << Table.PageShift < (ulong)(offset + source.Length); page++)
            {
                if (!TryAllocate(page))
                {
                    return Verdict.Fail(Errno.EIO, new Reason("copy_to_brd_setup", $"There is no page of RAM left for {Name}."));
                }
            }
        }

        return base.Write(offset, source);
    }

    /// <summary>brd_insert_page: one page, whatever was asked for.</summary>
    private Result<DirectAccess> Page(ulong page, string function)
    {
        if (!TryAllocate(page))
        {
            var errno = Policy.BrdDirectAccess == BrdDirectAccess.XipEnomem ? Errno.ENOMEM : Errno.ENOSPC;
            return Verdict.Fail(errno, Table.Because(function, $"There is no page of RAM left for {Name}.", PolicyProperty.BrdDirectAccess));
        }

        return new DirectAccess(frames.StartPfn + page, PfnFlags.None, Table.PageSize);
    }

    private bool TryAllocate(ulong page)
    {
        if (page >= frames.PageCount)
        {
            return false;
        }

        if (allocated[page] == 0)
        {
            allocated[page] = 1;
        }

        return true;
    }

    internal override void Describe(StateDigest digest)
    {
        base.Describe(digest);
        digest.Add(allocated);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        base.CopyFrom(state);
        allocated = ((BrdDisk)state).allocated;
    }

    private protected override void Remap(CloneContext context)
    {
        base.Remap(context);
        allocated = context.Map(allocated);
    }
}
