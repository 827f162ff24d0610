using System.Globalization;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>The saved segments of a z/VM guest: what CP has defined, and the kernel's loader for them (arch/s390/mm/extmem.c).</summary>
internal sealed class SavedSegments : Recoverable
{
    /// <summary>CP's return code for a segment that does not exist.</summary>
    private const int NoSuchSegment = 44;

    /// <summary>At most so many page ranges fit the query's answer.</summary>
    private const int MaximumRanges = 6;

    /// <summary>The end of the kernel's 1:1 mapping (4 TiB, a four-level page table less vmemmap and vmalloc).</summary>
    private const ulong MappingLimit = 1UL << 42;

    private DeviceTable table;
    private StateList<SegmentDefinition> definitions;
    private StateList<LoadedSegment> loaded;

    internal SavedSegments(DeviceTable table)
        : base(table.HostJournal)
    {
        this.table = table;
        definitions = new(table.HostJournal);
        loaded = new(table.HostJournal);
        IsUnderZvm = true;
    }

    /// <summary>MACHINE_IS_VM.</summary>
    internal bool IsUnderZvm { get; private set; }

    /// <summary>What STSI stores, where it was described.</summary>
    internal SystemInformation? Information { get; private set; }

    internal IReadOnlyList<SegmentDefinition> Definitions => definitions;

    internal IReadOnlyList<LoadedSegment> Loaded => loaded;

    internal void SetUnderZvm(bool value)
    {
        Touch();
        IsUnderZvm = value;
    }

    internal void SetInformation(SystemInformation information)
    {
        Touch();
        Information = information;
        IsUnderZvm = information.IsUnderZvm;
    }

    internal void Define(SegmentDefinition definition) => definitions.Add(definition);

    internal SegmentDefinition? FindDefinition(string name)
    {
        foreach (var definition in definitions)
        {
            if (definition.Name == name)
            {
                return definition;
            }
        }

        return null;
    }

    /// <summary>segment_load with SEGMENT_SHARED, and segment_warning when it fails.</summary>
    /// <returns>The loaded segment; its type as the kernel's caller sees it is <see cref="TypeSeenByCaller"/>.</returns>
    internal Result<LoadedSegment> Load(string name)
    {
        var result = LoadSilently(name);
        if (result.Errno != Errno.None)
        {
            Warn(result.Errno, name);
        }

        return result;
    }

    /// <summary>What segment_load returned for the type.</summary>
    internal DcssType TypeSeenByCaller(LoadedSegment segment)
        => table.Policy.DcssSegmentType == DcssSegmentType.Reported ? segment.Type : DcssType.SharedReadWrite;

    /// <summary>segment_modify_shared.</summary>
    internal Verdict ModifyShared(string name, bool exclusive)
    {
        const string Function = "segment_modify_shared";
        var segment = FindLoaded(name);
        if (segment is null)
        {
            return Verdict.Fail(Errno.EINVAL, new Reason(Function, $"No segment {name} is loaded."));
        }

        if (segment.IsExclusive == exclusive)
        {
            table.Print(KernelLogLevel.Info, Subsystem.Block, $"extmem: DCSS {name} is already in the requested access mode");
            return Verdict.Ok;
        }

        if (segment.References != 1)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Block, $"extmem: DCSS {name} is in use and cannot be reloaded");
            return Verdict.Fail(Errno.EAGAIN, new Reason(Function, $"The segment {name} has {segment.References} users."));
        }

        Purge(segment);
        var code = segment.Definition.TakeReturnCode();
        if (code != 0)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Block, string.Create(CultureInfo.InvariantCulture, $"extmem: Reloading DCSS {name} failed with rc={code}"));
            Discard(segment);
            return Verdict.Fail(Translate(code), new Reason(Function, $"CP answered {code} when the segment {name} was loaded again; it is gone now."));
        }

        segment.SetExclusive(exclusive, exclusive ? CopyContents(segment) : null);
        return Verdict.Ok;
    }

    /// <summary>segment_unload.</summary>
    internal void Unload(string name)
    {
        var segment = FindLoaded(name);
        if (segment is null)
        {
            table.Print(KernelLogLevel.Error, Subsystem.Block, $"extmem: Unloading unknown DCSS {name} failed");
            return;
        }

        segment.AddReference(-1);
        if (segment.References == 0)
        {
            Purge(segment);
            Discard(segment);
        }
    }

    /// <summary>segment_save: DEFSEG and SAVESEG.</summary>
    internal void Save(string name)
    {
        var segment = FindLoaded(name);
        if (segment is null)
        {
            table.Print(KernelLogLevel.Error, Subsystem.Block, $"extmem: Saving unknown DCSS {name} failed");
            return;
        }

        var code = segment.Definition.TakeReturnCode();
        if (code != 0)
        {
            table.Print(KernelLogLevel.Error, Subsystem.Block, string.Create(CultureInfo.InvariantCulture, $"extmem: Saving a DCSS failed with DEFSEG response code {code}"));
        }
        else if (segment.IsExclusive)
        {
            segment.SetExclusive(true, CopyContents(segment));
        }
    }

    private Result<LoadedSegment> LoadSilently(string name)
    {
        const string Function = "segment_load";
        if (!IsUnderZvm)
        {
            return Verdict.Fail(Errno.ENOSYS, new Reason(Function, "The machine does not run under z/VM."));
        }

        // The segment may be loaded already, for another place in the same list. That shares it.
        if (FindLoaded(name) is { } existing)
        {
            if (existing.IsExclusive)
            {
                return Verdict.Fail(Errno.EPERM, new Reason(Function, $"The segment {name} is loaded as exclusive-writable."));
            }

            existing.AddReference(1);
            return existing;
        }

        var definition = FindDefinition(name);
        var code = definition?.TakeReturnCode() ?? NoSuchSegment;
        if (code != 0)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Block, string.Create(CultureInfo.InvariantCulture, $"extmem: Querying a DCSS type failed with rc={code}"));
            return Verdict.Fail(Translate(code), new Reason("query_segment_type", $"CP answered {code} when asked about the segment {name}."));
        }

        if (TypeOf(definition!) is not { } type)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, new Reason("query_segment_type", $"The segment {name} has more than {MaximumRanges} page ranges, or several that are not all EW or EN and contiguous."));
        }

        var start = definition!.Start;
        var end = definition.End;
        foreach (var other in loaded)
        {
            // Compared by MiB, as CP shares segments.
            if (other.Definition.Start >> 20 <= (end - 1) >> 20 && (other.Definition.End - 1) >> 20 >= start >> 20)
            {
                return Verdict.Fail(Errno.EBUSY, new Reason("segment_overlaps_others", $"The segment {name} overlaps the loaded segment {other.Definition.Name}."));
            }
        }

        if (end > MappingLimit)
        {
            return Verdict.Fail(Errno.ERANGE, new Reason("vmem_add_mapping", $"The segment {name} ends at 0x{end:x}, beyond what the kernel can map."));
        }

        var region = new MemoryRegion($"{name,-8} (DCSS)", RegionKind.SavedSegment, start, end - start);
        if (table.Memory.TryAdd(region) is { } used)
        {
            var errno = table.Policy.DcssMemoryOverlap == DcssMemoryOverlap.Enospc ? Errno.ENOSPC : Errno.EBUSY;
            return Verdict.Fail(errno, table.Because("__segment_load", $"The segment {name} overlaps {used}.", PolicyProperty.DcssMemoryOverlap));
        }

        var segment = new LoadedSegment(table.HostJournal, definition, region, type);
        loaded.Insert(0, segment);
        table.Print(KernelLogLevel.Info, Subsystem.Block, $"extmem: DCSS {name} of range {Address(start)} to {Address(end - 1)} and type {type.Code()} loaded in shared access mode");
        return segment;
    }

    /// <summary>segment_warning.</summary>
    private void Warn(Errno errno, string name)
    {
        var text = errno switch
        {
            Errno.ENOENT => $"DCSS {name} cannot be loaded or queried",
            Errno.ENOSYS => $"DCSS {name} cannot be loaded or queried without z/VM",
            Errno.EIO => $"Loading or querying DCSS {name} resulted in a hardware error",
            Errno.EOPNOTSUPP => $"DCSS {name} has multiple page ranges and cannot be loaded or queried",
            Errno.ENOSPC => $"DCSS {name} overlaps with used storage and cannot be loaded",
            Errno.EBUSY => $"{name} needs used memory resources and cannot be loaded or queried",
            Errno.EPERM => $"DCSS {name} is already loaded in a different access mode",
            Errno.ERANGE => string.Create(CultureInfo.InvariantCulture, $"DCSS {name} exceeds the kernel mapping range ({MappingLimit}) and cannot be loaded"),
            _ => null,
        };
        if (text is not null)
        {
            table.Print(KernelLogLevel.Error, Subsystem.Block, $"extmem: {text}");
        }
    }

    private string Address(ulong address)
        => table.Policy.DcssLogAddresses == DcssLogAddresses.Plain ? address.ToString("x16", CultureInfo.InvariantCulture) : "(____ptrval____)";

    /// <summary>The type that the query finds: null when such a segment cannot be used.</summary>
    private static DcssType? TypeOf(SegmentDefinition definition)
    {
        var ranges = definition.Ranges;
        if (ranges.Length > MaximumRanges)
        {
            return null;
        }

        if (ranges.Length == 1)
        {
            return ranges[0].Type;
        }

        var next = ranges[0].Start;
        foreach (var range in ranges)
        {
            if (range.Type is not (DcssType.ExclusiveReadWrite or DcssType.ExclusiveNotSaved) || range.Start != next)
            {
                return null;
            }

            next = range.End;
        }

        return DcssType.MixedExclusive;
    }

    private LoadedSegment? FindLoaded(string name)
    {
        foreach (var segment in loaded)
        {
            if (segment.Definition.Name == name)
            {
                return segment;
            }
        }

        return null;
    }

    private void Discard(LoadedSegment segment)
    {
        table.Memory.Remove(segment.Region);
        loaded.Remove(segment);
    }

    /// <summary>PURGESEG: an exclusive copy that was not saved is lost.</summary>
    private void Purge(LoadedSegment segment)
    {
        if (segment.Saved is { } saved)
        {
            table.Memory.Contents.CopyRange(saved, Pages(segment).StartPfn, Pages(segment).StartPfn, Pages(segment).PageCount);
            segment.SetExclusive(false, null);
        }
    }

    private ContentStore CopyContents(LoadedSegment segment)
    {
        var copy = new ContentStore(table.HostJournal, table.PageSize);
        copy.CopyRange(table.Memory.Contents, Pages(segment).StartPfn, Pages(segment).StartPfn, Pages(segment).PageCount);
        return copy;
    }

    private PfnRange Pages(LoadedSegment segment) => new(segment.Region.Start >> table.PageShift, segment.Region.Length >> table.PageShift);

    private static Errno Translate(int code) => code == NoSuchSegment ? Errno.ENOENT : Errno.EIO;

    internal override void Describe(StateDigest digest)
    {
        digest.Add(IsUnderZvm);
        digest.Add(Information is null ? null : SysinfoText.Write(Information));
        digest.Add(definitions);
        digest.Add(loaded);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (SavedSegments)state;
        IsUnderZvm = other.IsUnderZvm;
        Information = other.Information;
    }

    private protected override void Remap(CloneContext context)
    {
        table = context.Map(table);
        definitions = context.Map(definitions);
        loaded = context.Map(loaded);
    }
}
