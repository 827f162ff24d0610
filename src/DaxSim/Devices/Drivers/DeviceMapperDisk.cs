using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>A device-mapper device (drivers/md/dm.c) with a table of targets over other block devices.</summary>
internal sealed class DeviceMapperDisk : BlockDevice, IDaxOperations
{
    private readonly bool offersDax;
    private DeviceMapperTarget[] targets;

    /// <param name="table">The machine's devices.</param>
    /// <param name="name">The name below /dev.</param>
    /// <param name="targets">The table, in the order of the mapped sectors, without holes.</param>
    /// <param name="trace">Collects the tests of the members, or null.</param>
    internal DeviceMapperDisk(DeviceTable table, string name, DeviceMapperTarget[] targets, DecisionTrace? trace = null)
        : base(table, name, (long)(targets[^1].End << SectorShift))
    {
        this.targets = targets;
        LogicalBlockSize = targets.SelectMany(t => t.Spans).Select(s => s.Member.LogicalBlockSize).DefaultIfEmpty(512).Max();
        offersDax = OffersDax(trace);
        if (Policy.DeviceMapperDax != DeviceMapperDax.Never)
        {
            // The dax device exists whatever the table says; only the queue's flag tells.
            RegisterDax(this, Policy.DeviceMapperSynchronous == DeviceMapperSynchronous.NotTracked || (offersDax && Members.All(m => m.DaxDevice is { IsSynchronous: true })));
        }

        foreach (var member in Members)
        {
            member.Open(write: false);
        }
    }

    internal override string Driver => "dm";

    internal override int LogicalBlockSize { get; }

    internal override PolicyProperty? DaxDecidedBy => PolicyProperty.DeviceMapperDax;

    /// <summary>The frames, when the table is one linear target.</summary>
    internal override PfnRange? Frames
        => targets is [LinearTarget linear] && linear.Spans.First() is var (member, start, length) && start % SectorsPerPage == 0 && member.Frames is { } frames
            ? new PfnRange(frames.StartPfn + (start / SectorsPerPage), length / SectorsPerPage)
            : null;

    internal override DevPagemap? Pagemap => targets is [LinearTarget linear] ? linear.Spans.First().Member.Pagemap : null;

    private protected override bool SuppliesDirectAccess => Policy.DeviceMapperDax != DeviceMapperDax.Never;

    private protected override bool SetsQueueDaxFlag => offersDax;

    private IEnumerable<BlockDevice> Members => targets.SelectMany(t => t.Spans).Select(s => s.Member);

    private ulong SectorsPerPage => (ulong)Table.PageSize >> SectorShift;

    /// <summary>dm_blk_direct_access (4.8 to 4.11).</summary>
    internal override Result<DirectAccess> DriverDirectAccess(ulong sector, long bytes, DecisionTrace? trace)
    {
        const string Function = "dm_blk_direct_access";
        if (FindTarget(sector) is not { HasDirectAccess: true } target)
        {
            return NoTarget(Function, sector);
        }

        var (member, at, length) = target.Map(sector);
        return member.BdevDirectAccess(at, Math.Min(bytes, (long)(length << SectorShift)), trace);
    }

    /// <summary>dm_dax_direct_access (4.12 on).</summary>
    public Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, DecisionTrace? trace)
    {
        const string Function = "dm_dax_direct_access";
        var sector = pgoff * SectorsPerPage;
        if (FindTarget(sector) is not { HasDirectAccess: true } target)
        {
            return NoTarget(Function, sector);
        }

        var (member, at, length) = target.Map(sector);
        var pages = (long)(length / SectorsPerPage);
        if (pages < 1)
        {
            return Verdict.Fail(Errno.EIO, new Reason(Function, "Less than a page is left of the target."));
        }

        at += member.StartSector;
        if (Policy.DeviceMapperDax != DeviceMapperDax.MembersHaveDaxDevice && at % SectorsPerPage != 0)
        {
            return Verdict.Fail(Errno.EINVAL, new Reason("bdev_dax_pgoff", $"Sector {at} of {member.WholeDisk.Name} does not begin a page."));
        }

        return member.DaxDevice is { } dax
            ? dax.DirectAccess(at / SectorsPerPage, Math.Min(pages, pageCount), mode, trace)
            : Verdict.Fail(Errno.EOPNOTSUPP, new Reason("dax_direct_access", $"The member {member.Name} has no dax device."));
    }

    /// <summary>dm_dax_supported: every span of every member must pass.</summary>
    internal override AdmissionVerdict DaxSupported(BlockDevice device, int blockSize, ulong start, ulong sectors, DecisionTrace? trace)
    {
        const string Function = "dm_dax_supported";
        foreach (var target in targets)
        {
            if (!target.HasDirectAccess)
            {
                return new AdmissionVerdict(false, Errno.None, Table.Because(Function, $"A target of {Name} has no direct_access.", PolicyProperty.DeviceMapperDax));
            }

            foreach (var (member, from, length) in target.Spans)
            {
                var verdict = Admission.GenericFsDaxSupported(member.DaxDevice, member, blockSize, from, length, trace);
                if (!verdict.Admitted)
                {
                    return verdict;
                }
            }
        }

        return new AdmissionVerdict(true, Errno.None, Table.Because(Function, $"Every member of {Name} passes.", PolicyProperty.DeviceMapperDax));
    }

    internal override Verdict Read(long offset, Span<byte> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            var place = Place(offset + done, destination.Length - done);
            if (!place.IsOk)
            {
                return place.Verdict;
            }

            var (member, at, count) = place.Value;
            var verdict = member.Read(at, destination.Slice(done, count));
            if (!verdict.IsOk)
            {
                return verdict;
            }

            done += count;
        }

        return Verdict.Ok;
    }

    internal override Verdict Write(long offset, ReadOnlySpan<byte> source)
    {
        if (ReadOnly)
        {
            return Verdict.Fail(Errno.EPERM, new Reason("blkdev_write_iter", $"{Name} is a read-only device."));
        }

        for (var done = 0; done < source.Length;)
        {
            var place = Place(offset + done, source.Length - done);
            if (!place.IsOk)
            {
                return place.Verdict;
            }

            var (member, at, count) = place.Value;
            var verdict = member.Write(at, source.Slice(done, count));
            if (!verdict.IsOk)
            {
                return verdict;
            }

            done += count;
        }

        return Verdict.Ok;
    }

    internal override void Remove()
    {
        base.Remove();
        foreach (var member in Members)
        {
            member.Close();
        }
    }

    /// <summary>dm_table_supports_dax, as it was when the table was loaded.</summary>
    private bool OffersDax(DecisionTrace? trace)
    {
        if (Policy.DeviceMapperDax == DeviceMapperDax.Never || targets.Any(t => !t.HasDirectAccess))
        {
            return false;
        }

        foreach (var target in targets)
        {
            foreach (var (member, start, length) in target.Spans)
            {
                var passes = Policy.DeviceMapperDax switch
                {
                    DeviceMapperDax.QueueFlags => member.HasQueueDaxFlag,
                    DeviceMapperDax.MembersAdmitted => Admission.BdevDaxSupported(member, Table.PageSize, trace).Admitted,
                    DeviceMapperDax.SpansAdmitted => Admission.GenericFsDaxSupported(member.DaxDevice, member, Table.PageSize, start, length, trace).Admitted,
                    _ => HasDaxDevice(member, trace),
                };
                if (!passes)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool HasDaxDevice(BlockDevice member, DecisionTrace? trace)
    {
        if (Admission.FsDaxGetByBdev(member, null, trace) is not null)
        {
            return true;
        }

        Table.Print(KernelLogLevel.Debug, Subsystem.Dax, $"{member.Name}: error: dax unsupported by block device");
        return false;
    }

    private DeviceMapperTarget? FindTarget(ulong sector) => Array.Find(targets, t => sector >= t.Start && sector < t.End);

    private Result<(BlockDevice Member, long Offset, int Count)> Place(long offset, int wanted)
    {
        var sector = (ulong)offset >> SectorShift;
        if (offset < 0 || FindTarget(sector) is not { HasDirectAccess: true } target)
        {
            return Verdict.Fail(Errno.EIO, new Reason("dm_submit_bio", $"No target of {Name} takes the request."));
        }

        var (member, at, length) = target.Map(sector);
        var inSector = offset & ((1 << SectorShift) - 1);
        var count = (int)Math.Min(wanted, (long)(length << SectorShift) - inSector);
        return (member, (long)(at << SectorShift) + inSector, count);
    }

    private Verdict NoTarget(string function, ulong sector) => Verdict.Fail(Errno.EIO, new Reason(function, $"No target of {Name} gives direct access to sector {sector}."));

    internal override void Describe(StateDigest digest)
    {
        base.Describe(digest);
        foreach (var target in targets)
        {
            digest.Add(target.Start);
            digest.Add(target.Length);
            foreach (var (member, start, length) in target.Spans)
            {
                digest.Add(member);
                digest.Add(start);
                digest.Add(length);
            }
        }
    }

    private protected override void Remap(CloneContext context)
    {
        base.Remap(context);
        targets = [.. targets.Select(t => t.CloneInto(context))];
    }
}
