using System.Globalization;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>
/// A namespace of persistent memory (struct nd_namespace_common): memory that stays, with what its info block says of it, while drivers
/// come and go. Bound, it is a block device or a dax range; what lies on the media outlives them.
/// </summary>
internal sealed class PmemNamespace : Recoverable, IPmemNamespace
{
    private const ulong InfoFirstSector = 8;
    private const ulong InfoSectors = 8;

    private readonly DaxRangeDriver rangeDriver;
    private readonly int sectorSize;
    private DeviceTable table;
    private StateList<PmemDisk> disks;
    private BlockDevice? disk;
    private CharacterDax? range;
    private string? diskName;
    private string? rangeName;

    internal PmemNamespace(DeviceTable table, MemoryRegion memory, NvdimmRegion region, NamespaceSetup setup, string device, bool forceRaw = false, DaxRangeDriver rangeDriver = DaxRangeDriver.DeviceDax, int sectorSize = 4096)
        : base(table.HostJournal)
    {
        this.table = table;
        this.rangeDriver = rangeDriver;
        this.sectorSize = sectorSize;
        disks = new(table.HostJournal);
        Memory = memory;
        Region = region;
        Setup = setup;
        ForceRaw = forceRaw;
        Name = string.Create(CultureInfo.InvariantCulture, $"namespace{table.Namespaces.Count}.0");
        (diskName, rangeName) = setup.Mode == NamespaceMode.DevDax ? (null, device) : (device, (string?)null);
    }

    /// <summary>For example <c>namespace0.0</c>.</summary>
    public string Name { get; }

    internal MemoryRegion Memory { get; }

    internal NvdimmRegion Region { get; }

    /// <summary>What the info block says.</summary>
    internal NamespaceSetup Setup { get; private set; }

    /// <summary>The attribute force_raw: the info block is not looked at.</summary>
    internal bool ForceRaw { get; private set; }

    /// <summary>The block device that a driver made of it; null when there is none.</summary>
    public BlockDevice? Disk => disk;

    /// <summary>The dax range that a driver made of it; null when there is none.</summary>
    public CharacterDax? Range => range;

    internal bool IsBound => disk is not null || range is not null;

    internal PfnRange Frames => NvdimmNamespace.Frames(table, Memory);

    /// <summary>The media errors of the whole namespace, info block and struct pages included.</summary>
    internal Badblocks Errors => new(table.Memory, Frames.StartPfn, Frames.PageCount);

    /// <summary>The driver's probe (nd_pmem_probe, dax_pmem_probe): what comes of the namespace as the media says it is.</summary>
    /// <param name="trace">Collects the tests, or null.</param>
    public Verdict Bind(DecisionTrace? trace = null)
    {
        if (IsBound)
        {
            return Verdict.Ok;
        }

        if (Setup.Mode == NamespaceMode.Sector && !ForceRaw)
        {
            Take(table.Add(new BttDisk(table, DiskName("s"), (long)Memory.Length, sectorSize)));
            return Verdict.Ok;
        }

        var unreadable = !ForceRaw && Setup.Mode != NamespaceMode.Raw && Errors.TryFind(InfoFirstSector, InfoSectors, out _, out _);
        trace?.Step("nd_pfn_validate", "can the info block be read?", ForceRaw ? "it is not looked at: force_raw" : Setup.Mode == NamespaceMode.Raw ? "there is none" : unreadable ? "no, a media error" : "yes");
        if (ForceRaw || unreadable || Setup.Mode == NamespaceMode.Raw)
        {
            return NvdimmNamespace.AttachRaw(table, this, ForceRaw);
        }

        return Setup.Mode == NamespaceMode.DevDax
            ? NvdimmNamespace.AttachDeviceDax(table, this, rangeDriver, trace)
            : NvdimmNamespace.AttachFsDax(table, this, trace);
    }

    /// <summary>Writes another info block, as ndctl create-namespace -e does; writing it clears an error that lies under it.</summary>
    internal void Configure(NamespaceSetup setup)
    {
        Touch();
        Setup = setup;
        if (setup.Mode != NamespaceMode.Raw)
        {
            Errors.Clear(InfoFirstSector, InfoSectors);
        }
    }

    internal void SetForceRaw(bool force)
    {
        Touch();
        ForceRaw = force;
    }

    /// <summary>pmem_attach_disk: the disk over these frames, the one of last time where there was one.</summary>
    internal void TakeDisk(PfnRange frames, DevPagemap? pages, bool isRaw)
    {
        table.Memory.Claim(Frames.StartPfn, Frames.PageCount);
        foreach (var known in disks)
        {
            if (known.Frames == frames && known.IsRaw == isRaw)
            {
                known.Attach(pages);
                Take(known);
                return;
            }
        }

        var made = new PmemDisk(table, DiskName(""), frames, pages, Region.IsSynchronous || table.Policy.DaxSynchronousFlag == DaxSynchronousFlag.NotTracked, isRaw);
        disks.Add(made);
        Take(table.Add(made));
    }

    /// <summary>dax_pmem_probe: the dax range over these frames.</summary>
    internal void TakeRange(PfnRange frames, long align, DevPagemap pages, DaxRangeDriver driver)
    {
        table.Memory.Claim(Frames.StartPfn, Frames.PageCount);
        Touch();
        rangeName ??= table.NextRangeName();
        if (table.FindRange(rangeName) is { } former)
        {
            table.RemoveRange(former);
        }

        range = new CharacterDax(table, rangeName, frames, align, pages, driver);
        table.AddRange(range);
    }

    /// <summary>The driver let go of it.</summary>
    public void Release()
    {
        Touch();
        disk = null;
        range = null;
        table.Memory.Unclaim(Frames.StartPfn, Frames.PageCount);
    }

    /// <inheritdoc/>
    public bool Owns(string device) => diskName == device || rangeName == device;

    private void Take(BlockDevice taken)
    {
        Touch();
        disk = taken;
    }

    private string DiskName(string suffix)
    {
        if (diskName is null)
        {
            Touch();
            diskName = table.NextName("pmem", suffix);
        }

        return diskName;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Name);
        digest.Add(Setup.ToString());
        digest.Add(ForceRaw);
        digest.Add(disk);
        digest.Add(range);
        digest.Add(disks);
        digest.Add(diskName ?? "");
        digest.Add(rangeName ?? "");
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (PmemNamespace)state;
        Setup = other.Setup;
        ForceRaw = other.ForceRaw;
        disk = other.disk;
        range = other.range;
        diskName = other.diskName;
        rangeName = other.rangeName;
    }

    private protected override void Remap(CloneContext context)
    {
        table = context.Map(table);
        disks = context.Map(disks);
        disk = context.MapOrNull(disk);
        range = context.MapOrNull(range);
    }
}
