using System.Globalization;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>Every device of a machine, and what its drivers share: the kernel's policy, its log and its memory.</summary>
internal sealed class DeviceTable : Recoverable
{
    private StateList<BlockDevice> disks;
    private StateList<DeviceRefusal> refusals;
    private StateList<CharacterDax> ranges;
    private StateList<IPmemNamespace> namespaces;
    private StateList<IVirtioFsDevice> virtioFs;
    private SavedSegments? segments;

    internal DeviceTable(Journal journal, KernelPolicy policy, KernelLog log, PhysicalMemory memory)
        : base(journal)
    {
        Policy = policy;
        Log = log;
        Memory = memory;
        disks = new(journal);
        refusals = new(journal);
        ranges = new(journal);
        namespaces = new(journal);
        virtioFs = new(journal);
        if (policy.Architecture.CanRunUnderZvm)
        {
            segments = new SavedSegments(this);
        }
    }

    internal KernelPolicy Policy { get; }

    internal KernelLog Log { get; private set; }

    internal PhysicalMemory Memory { get; private set; }

    internal Journal HostJournal => Journal;

    internal int PageShift => Memory.PageShift;

    internal int PageSize => Memory.PageSize;

    /// <summary>The saved segments of z/VM; null on an architecture that cannot run under it.</summary>
    internal SavedSegments? Segments => segments;

    /// <summary>The block devices, in the order in which they appeared.</summary>
    internal IReadOnlyList<BlockDevice> Disks => disks;

    /// <summary>The dax ranges that are no block devices.</summary>
    internal IReadOnlyList<CharacterDax> Ranges => ranges;

    /// <summary>The namespaces of persistent memory, in the order in which they were described.</summary>
    internal IReadOnlyList<IPmemNamespace> Namespaces => namespaces;

    /// <summary>The virtio filesystem devices.</summary>
    internal IReadOnlyList<IVirtioFsDevice> VirtioFs => virtioFs;

    /// <summary>The devices that this kernel could not drive, with the reasons.</summary>
    internal IReadOnlyList<DeviceRefusal> Refusals => refusals;

    /// <summary>Finds a block device by name, with or without <c>/dev/</c>.</summary>
    internal BlockDevice? Find(string name)
    {
        name = Strip(name);
        foreach (var disk in disks)
        {
            if (disk.Name == name)
            {
                return disk;
            }
        }

        return null;
    }

    /// <summary>Finds why a device is missing, by name with or without <c>/dev/</c>.</summary>
    internal DeviceRefusal? FindRefusal(string name)
    {
        name = Strip(name);
        foreach (var refusal in refusals)
        {
            if (refusal.Device == name)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The device that a page frame belongs to, or null.</summary>
    internal BlockDevice? OwnerOf(ulong pfn)
    {
        foreach (var disk in disks)
        {
            if (!disk.IsPartition && disk.Frames is { } frames && frames.Contains(pfn))
            {
                return disk;
            }
        }

        return null;
    }

    internal T Add<T>(T device)
        where T : BlockDevice
    {
        if (Find(device.Name) is not null)
        {
            throw new InvalidOperationException($"There is already a device {device.Name}: give the other one another name.");
        }

        disks.Add(device);
        return device;
    }

    internal void AddVirtioFs(IVirtioFsDevice device) => virtioFs.Add(device);

    internal void AddRange(CharacterDax range) => ranges.Add(range);

    internal void RemoveRange(CharacterDax range) => ranges.Remove(range);

    /// <summary>Finds a namespace by its own name, or by that of the device that was made of it.</summary>
    internal IPmemNamespace? FindNamespace(string name)
    {
        name = Strip(name);
        foreach (var space in namespaces)
        {
            if (space.Name == name || space.Disk?.Name == name || space.Range?.Name == name)
            {
                return space;
            }
        }

        return null;
    }

    /// <summary>Describes a namespace and lets its driver probe it; what the driver refuses is remembered.</summary>
    internal void AddNamespace(IPmemNamespace space, string device)
    {
        namespaces.Add(space);
        var bound = space.Bind();
        if (!bound.IsOk)
        {
            Refuse(device, bound.Reason!);
        }
    }

    /// <summary>Finds a dax range by name, with or without <c>/dev/</c>.</summary>
    internal CharacterDax? FindRange(string name)
    {
        name = Strip(name);
        foreach (var range in ranges)
        {
            if (range.Name == name)
            {
                return range;
            }
        }

        return null;
    }

    internal void Remove(BlockDevice device) => disks.Remove(device);

    internal void Refuse(string device, Reason reason) => refusals.Add(new DeviceRefusal(device, reason));

    /// <summary>The first free name such as pmem0, pmem1, …</summary>
    internal string NextName(string prefix, string suffix = "", int first = 0)
    {
        for (var i = first; ; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}{suffix}");
            if (Find(name) is null && !IsOwned(name))
            {
                return name;
            }
        }
    }

    /// <summary>The first free name of a dax range: dax0.0, dax1.0, …</summary>
    internal string NextRangeName()
    {
        for (var i = 0; ; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"dax{i}.0");
            if (FindRange(name) is null && !IsOwned(name))
            {
                return name;
            }
        }
    }

    /// <summary>A namespace that is not bound now keeps the name of its device.</summary>
    private bool IsOwned(string device)
    {
        foreach (var space in namespaces)
        {
            if (space.Owns(device))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first free name such as sda, sdb, …, sdz, sdaa, …</summary>
    internal string NextLetterName(string prefix)
    {
        for (var i = 0; ; i++)
        {
            var letters = i < 26 ? $"{(char)('a' + i)}" : $"{(char)('a' + (i / 26) - 1)}{(char)('a' + (i % 26))}";
            if (Find(prefix + letters) is null)
            {
                return prefix + letters;
            }
        }
    }

    /// <summary>memremap_pages: gives struct pages to device memory, if this kernel can.</summary>
    internal Result<DevPagemap> MapPages(PfnRange frames, PagemapType type, MemmapPlacement placement)
    {
        const string Function = "memremap_pages";
        if (!Policy.Config.IsEnabled("ZONE_DEVICE"))
        {
            return Verdict.Fail(Errno.ENXIO, Because(Function, "The kernel was built without ZONE_DEVICE.", PolicyProperty.ZoneDevice));
        }

        if (type == PagemapType.FsDax && Policy.LimitedFsDaxPagemap == LimitedFsDaxPagemap.Refused
            && Policy.Config.IsEnabled("FS_DAX_LIMITED"))
        {
            Print(KernelLogLevel.Warning, Subsystem.Mm, "File system DAX not supported");
            Log.Taint(Taints.Warn);
            return Verdict.Fail(Errno.EINVAL, Because(Function, "With FS_DAX_LIMITED no filesystem-DAX pages can be made.", PolicyProperty.LimitedFsDaxPagemap));
        }

        if (MeetsOthers(frames) is { IsOk: false } refused)
        {
            return refused;
        }

        // Only filesystem-DAX pages changed to a free page's count of 0; those of device-dax rest at 1.
        var idle = type == PagemapType.FsDax && Policy.FsDaxIdlePage == FsDaxIdlePage.NoReference ? 0 : 1;
        var kept = Policy.PagemapTyping == PagemapTyping.Typed ? type : PagemapType.Generic;
        return Memory.CreatePagemap(frames.StartPfn, frames.PageCount, kept, placement, idle);
    }

    /// <summary>What devm_memremap_pages asked of the sections that a range lies in, while struct pages came by whole sections.</summary>
    private Verdict MeetsOthers(PfnRange frames)
    {
        const string Function = "devm_memremap_pages";
        if (Policy.SectionSharing == SectionSharingRule.SubSections)
        {
            return Verdict.Ok;
        }

        if (Policy.SectionSharing == SectionSharingRule.RefusedAsBusy && Sections.Neighbour(this, frames) is not null)
        {
            return Verdict.Fail(Errno.EBUSY, Because(Function, "A section of memory that the device lies in has struct pages of another device.", PolicyProperty.SectionSharing));
        }

        if (Policy.SectionSharing == SectionSharingRule.RefusedWithWarning && Sections.IsEdgeTaken(this, frames))
        {
            Print(KernelLogLevel.Warning, Subsystem.Mm, "Conflicting mapping in same section");
            Log.Taint(Taints.Warn);
            return Verdict.Fail(Errno.ENOMEM, Because(Function, "The first or the last section that the device lies in has struct pages of another device.", PolicyProperty.SectionSharing));
        }

        var last = ((frames.StartPfn + frames.PageCount) << PageShift) - 1;
        return Policy.RamInSection == RamInSectionRule.TrimmedOrRefused && (Sections.HoldsRam(this, frames.StartPfn << PageShift) || Sections.HoldsRam(this, last))
            ? Verdict.Fail(Errno.ENXIO, Because(Function, "A section of memory that the device lies in holds system RAM as well.", PolicyProperty.RamInSection))
            : Verdict.Ok;
    }

    /// <summary>Why it is not known what happens when a device goes whose struct pages share a section with another's; null where they do not.</summary>
    internal Reason? SharesSection(string device)
    {
        var pagemap = Find(device)?.WholeDisk.Pagemap ?? FindRange(device)?.Pagemap;
        return Policy.SectionSharing == SectionSharingRule.Unnoticed && pagemap is not null && Sections.Neighbour(this, new PfnRange(pagemap.StartPfn, pagemap.PageCount)) is not null
            ? Because("devm_memremap_pages_release", $"{device} shares a section of memory with another device, whose struct pages go with its own: protection faults were observed.", PolicyProperty.SectionSharing)
            : null;
    }

    /// <summary>memunmap_pages: takes the struct pages away again, at once when nobody refers to them.</summary>
    internal void UnmapPages(DevPagemap pagemap)
    {
        pagemap.Kill();
        if (pagemap.References == 0)
        {
            Memory.RemoveMemmap(pagemap);
        }
    }

    /// <summary>A reason that names the change which set the property.</summary>
    internal Reason Because(string function, string because, PolicyProperty? property = null)
        => new(function, because, property, property is { } p ? Policy.SetBy(p) : null);

    internal void Print(KernelLogLevel level, Subsystem subsystem, string text) => Log.Print(level, subsystem, text);

    private static string Strip(string name) => name.StartsWith("/dev/", StringComparison.Ordinal) ? name[5..] : name;

    internal override void Describe(StateDigest digest)
    {
        digest.Add(disks);
        digest.Add(refusals);
        digest.Add(ranges);
        digest.Add(namespaces);
        digest.Add(virtioFs);
        digest.Add(segments);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (DeviceTable)state;
        disks = other.disks;
        refusals = other.refusals;
    }

    private protected override void Remap(CloneContext context)
    {
        Log = context.Known(Log);
        Memory = context.Known(Memory);
        disks = context.Map(disks);
        refusals = context.Map(refusals);
        ranges = context.Map(ranges);
        namespaces = context.Map(namespaces);
        virtioFs = context.Map(virtioFs);
        segments = context.MapOrNull(segments);
    }
}
