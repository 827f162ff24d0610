using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>One or several joined saved segments as a block device (drivers/s390/block/dcssblk.c).</summary>
internal sealed class DcssDisk : BlockDevice, IDaxOperations
{
    private readonly PfnRange frames;
    private DevPagemap? pagemap;

    /// <param name="table">The machine's devices.</param>
    /// <param name="name">The name below /dev.</param>
    /// <param name="segments">The names of its segments, in the order in which they were given.</param>
    /// <param name="types">The types that segment_load reported for them.</param>
    /// <param name="frames">The frames from the lowest to the highest address.</param>
    internal DcssDisk(DeviceTable table, string name, string[] segments, DcssType[] types, PfnRange frames)
        : base(table, name, (long)frames.PageCount << table.PageShift)
    {
        this.frames = frames;
        Segments = segments;
        Types = types;
        IsShared = true;
        SetReadOnly(Type.IsReadOnlyWhenShared());
    }

    internal override string Driver => "dcssblk";

    internal override int LogicalBlockSize => 4096;

    internal override PolicyProperty? DaxDecidedBy => PolicyProperty.DcssDax;

    internal override PfnRange? Frames => frames;

    internal override DevPagemap? Pagemap => pagemap;

    /// <summary>The name of its directory below /sys/devices/dcssblk: that of the first segment.</summary>
    internal string DeviceName => Segments[0];

    internal string[] Segments { get; }

    /// <summary>The types that segment_load reported, in the order of <see cref="Segments"/>.</summary>
    internal DcssType[] Types { get; }

    /// <summary>The type that decides: that of the first segment.</summary>
    internal DcssType Type => Types[0];

    /// <summary>The attribute shared.</summary>
    internal bool IsShared { get; private set; }

    /// <summary>The attribute save: a save will be done when the device becomes idle.</summary>
    internal bool IsSavePending { get; private set; }

    private protected override bool SuppliesDirectAccess => true;

    private protected override bool SetsQueueDaxFlag => true;

    internal void SetShared(bool value)
    {
        Touch();
        IsShared = value;
    }

    internal void SetSavePending(bool value)
    {
        Touch();
        IsSavePending = value;
    }

    /// <summary>dcssblk_setup_dax: registers the dax device, from 6.17 on with struct pages, and tells so.</summary>
    /// <param name="list">The list of segments as it was written to add.</param>
    internal void SetUpDax(string list)
    {
        switch (Policy.DcssDax)
        {
            case DcssDax.Broken when !Policy.Config.IsEnabled("DCSSBLK_DAX"):
                return;

            case DcssDax.ZoneDevicePages:
                if (frames.StartPfn % SubsectionPages != 0 || frames.EndPfn % SubsectionPages != 0)
                {
                    Table.Print(KernelLogLevel.Info, Subsystem.Block, $"dcssblk: DCSS {list} is not aligned to {SubsectionPages << Table.PageShift} bytes, DAX support disabled");
                    return;
                }

                var pages = Table.MapPages(frames, PagemapType.FsDax, MemmapPlacement.Ram);
                if (!pages.IsOk)
                {
                    return;
                }

                Touch();
                pagemap = pages.Value;
                RegisterDax(this);
                Table.Print(KernelLogLevel.Info, Subsystem.Block, $"dcssblk: DAX support enabled for DCSS {list}");
                return;

            default:
                RegisterDax(this);
                return;
        }
    }

    internal override Result<DirectAccess> DriverDirectAccess(ulong sector, long bytes, DecisionTrace? trace)
    {
        const string Function = "dcssblk_direct_access";
        var offset = (long)(sector << SectorShift);
        if (Policy.DcssLength == DcssLength.TestedOnly)
        {
            if (offset % Table.PageSize != 0)
            {
                return Verdict.Fail(Errno.EINVAL, new Reason(Function, $"Sector {sector} does not begin a page."));
            }

            return offset >= SizeBytes
                ? Verdict.Fail(Errno.ERANGE, new Reason(Function, $"Sector {sector} lies beyond the end of {Name}."))
                : new DirectAccess(PfnAt(offset), Flags, Table.PageSize);
        }

        trace?.Step(Function, "how does the driver reckon its size?", Policy.DcssLength.ToString(), PolicyProperty.DcssLength);
        var size = Policy.DcssLength == DcssLength.OneByteShort ? SizeBytes - 1 : SizeBytes;
        return new DirectAccess(PfnAt(offset), Flags, size - offset);
    }

    public Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, DecisionTrace? trace)
    {
        // The rest is reckoned without sign, so an offset beyond the end has "very much" behind it.
        var offset = (long)(pgoff << Table.PageShift);
        var rest = SizeBytes - offset;
        return new DirectAccess(PfnAt(offset), Flags, rest >= 0 ? rest : long.MaxValue >> Table.PageShift << Table.PageShift);
    }

    internal override Verdict Write(long offset, ReadOnlySpan<byte> source)
    {
        var verdict = CheckRequest(offset, source.Length);
        if (verdict.IsOk && !ReadOnly && IsShared && Type.IsReadOnlyWhenShared())
        {
            Table.Print(KernelLogLevel.Warning, Subsystem.Block, $"dcssblk: Writing to {DeviceName} failed because it is a read-only device");
            return Verdict.Fail(Errno.EIO, new Reason("dcssblk_submit_bio", $"The segment {DeviceName} is of type {Type.Code()} and loaded shared."));
        }

        return verdict.IsOk ? base.Write(offset, source) : verdict;
    }

    internal override Verdict Read(long offset, Span<byte> destination)
    {
        var verdict = CheckRequest(offset, destination.Length);
        return verdict.IsOk ? base.Read(offset, destination) : verdict;
    }

    /// <summary>dcssblk_release: a pending save happens when the last user is gone.</summary>
    internal override void Close()
    {
        base.Close();
        if (OpenCount == 0 && IsSavePending)
        {
            Table.Print(KernelLogLevel.Info, Subsystem.Block, $"dcssblk: Device {DeviceName} has become idle and is being saved now");
            SaveSegments();
            SetSavePending(false);
        }
    }

    internal void SaveSegments()
    {
        for (var i = 0; i < Segments.Length; i++)
        {
            if (Types[i].IsNotSaved())
            {
                Table.Print(KernelLogLevel.Warning, Subsystem.Block, $"dcssblk: DCSS {Segments[i]} is of type SN or EN and cannot be saved");
            }
            else
            {
                Table.Segments!.Save(Segments[i]);
            }
        }
    }

    internal override void Remove()
    {
        base.Remove();
        if (pagemap is not null)
        {
            Table.UnmapPages(pagemap);
            Touch();
            pagemap = null;
        }
    }

    private const ulong SubsectionPages = 512;

    private PfnFlags Flags => Policy.DcssPfnFlags switch
    {
        DcssPfnFlags.Dev => PfnFlags.Dev,
        DcssPfnFlags.DevSpecial => PfnFlags.Dev | PfnFlags.Special,
        _ => PfnFlags.None,
    };

    private ulong PfnAt(long offset) => frames.StartPfn + ((ulong)offset >> Table.PageShift);

    private Verdict CheckRequest(long offset, int length)
        => offset % Table.PageSize == 0 && length % Table.PageSize == 0
            ? Verdict.Ok
            : Verdict.Fail(Errno.EIO, new Reason("dcssblk_submit_bio", "The request is not made of whole pages."));

    internal override void Describe(StateDigest digest)
    {
        base.Describe(digest);
        digest.Add(string.Join(',', Segments));
        digest.Add(IsShared);
        digest.Add(IsSavePending);
        digest.Add(pagemap);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        base.CopyFrom(state);
        var other = (DcssDisk)state;
        pagemap = other.pagemap;
        IsShared = other.IsShared;
        IsSavePending = other.IsSavePending;
    }

    private protected override void Remap(CloneContext context)
    {
        base.Remap(context);
        pagemap = context.MapOrNull(pagemap);
    }
}
