namespace DaxSim.Conformance.S390;

/// <summary>One call that the recorder's shell script made: in which case it prints, under which operation, and what it did.</summary>
/// <param name="CaseSuffix">What follows the case's name: "", "-ro" or "-nonshared".</param>
/// <param name="Operation">The operation it prints.</param>
/// <param name="Do">The call.</param>
internal sealed record AdminStep(string CaseSuffix, string Operation, Func<AdminMachine, AdminLine> Do);

/// <summary>What the recorder prints about a call; null where it prints nothing, or where the simulator does not know.</summary>
/// <param name="Result">ok or errno.</param>
/// <param name="Errno">The error's name.</param>
/// <param name="Value">The text.</param>
/// <param name="UnknownBecause">Why nothing is known.</param>
internal sealed record AdminLine(string Result, string? Errno, string Value, string? UnknownBecause = null)
{
    /// <summary>The simulator's explanation.</summary>
    internal string? Because { get; init; }

    internal static AdminLine Unknown(string because) => new("", null, "", because);
}

/// <summary>The sequences of sysfs writes, reads and mounts that the recorder made with each segment, beginning with a machine without devices.</summary>
internal static class AdminScript
{
    private const string NotMounted = "the recorder does this only when the mount succeeded";
    private static readonly string[] TypeNames = ["SW", "SR", "ER", "SN", "EN", "SC"];
    private static readonly string[] LayoutNames = ["DAXMIX", "DAX1M", "DAXODD", "DAXEND", "DAXJ1:DAXJ2", "DAXJ2:DAXJ1"];

    /// <summary>The calls for a case's name without its suffix; empty when it is not one with a sequence.</summary>
    internal static IReadOnlyList<AdminStep> For(string name)
    {
        if (name == "EW")
        {
            return [.. ExclusiveWritable()];
        }

        if (TypeNames.Contains(name))
        {
            return [.. OfType($"DAX{name}")];
        }

        return LayoutNames.Contains(name) ? [.. OfLayout(name)] : [.. AddAndRemove(name)];
    }

    private static IEnumerable<AdminStep> Attributes(string segment, string suffix)
    {
        yield return new(suffix, "attr_shared", m => m.ReadSegment(segment, "shared"));
        yield return new(suffix, "attr_save", m => m.ReadSegment(segment, "save"));
        yield return new(suffix, "attr_seglist", m => m.ReadSegment(segment, "seglist"));
        yield return new(suffix, "attr_ro", m => m.ReadBlock("ro"));
        yield return new(suffix, "attr_size", m => m.ReadBlock("size"));
        yield return new(suffix, "attr_queue_dax", m => m.ReadBlock("queue/dax"));
        yield return new(suffix, "attr_lbs", m => m.ReadBlock("queue/logical_block_size"));
        yield return new(suffix, "attr_dev_dax", static m => m.ListBlock());
        yield return new(suffix, "iomem", static m => m.Iomem());
        yield return new(suffix, "meminfo", m => m.DeviceZone(Earlier(segment)));
    }

    /// <summary>The calls on a whole exclusive-writable segment.</summary>
    private static IEnumerable<AdminStep> ExclusiveWritable()
    {
        const string Segment = "DAXEW";
        yield return new("", "add", m => m.Add(Segment));
        foreach (var step in Attributes(Segment, ""))
        {
            yield return step;
        }

        yield return new("", "add_twice", m => m.Add(Segment));
        yield return new("", "add_overlapping", m => m.Add("DAXOVL"));
        yield return new("", "write_page_odirect", m => m.WritePage());
        yield return new("", "write_page_buffered", m => m.WritePage());
        yield return new("", "shared_to_0", m => m.WriteSegment(Segment, "shared", "0"));
        foreach (var step in Attributes(Segment, "-nonshared"))
        {
            yield return step;
        }

        yield return new("-nonshared", "save_1", m => m.WriteSegment(Segment, "save", "1"));
        yield return new("-nonshared", "save_after", m => m.ReadSegment(Segment, "save"));
        yield return new("-nonshared", "save_0", m => m.WriteSegment(Segment, "save", "0"));
        yield return new("-nonshared", "save_2", m => m.WriteSegment(Segment, "save", "2"));
        yield return new("-nonshared", "shared_to_1", m => m.WriteSegment(Segment, "shared", "1"));
        yield return new("", "shared_after", m => m.ReadSegment(Segment, "shared"));
        yield return new("", "shared_to_2", m => m.WriteSegment(Segment, "shared", "2"));
        yield return new("", "save_1_shared", m => m.WriteSegment(Segment, "save", "1"));
        yield return new("", "remove", m => m.Remove(Segment));
        yield return new("", "remove_twice", m => m.Remove(Segment));
    }

    /// <summary>The calls on a segment of each other type; it holds an ext4 without a journal.</summary>
    private static IEnumerable<AdminStep> OfType(string segment)
    {
        yield return new("", "add", m => m.Add(segment));
        foreach (var step in Attributes(segment, ""))
        {
            yield return step;
        }

        yield return new("", "write_page_odirect", m => m.WritePage());
        yield return new("", "mount", m => m.MountImage("ext4-nojournal", "ext4", "dax", keep: false));
        yield return new("-ro", "mount", m => m.MountImage("ext4-nojournal", "ext4", "ro,dax", keep: false));
        yield return new("", "shared_to_0", m => m.WriteSegment(segment, "shared", "0"));
        yield return new("", "shared_after", m => m.ReadSegment(segment, "shared"));
        yield return new("", "ro_after_nonshared", m => m.ReadBlock("ro"));
        yield return new("-nonshared", "write_page_odirect", m => m.WritePage());
        yield return new("-nonshared", "mount", m => m.MountImage("ext4-nojournal", "ext4", "dax", keep: false));
        yield return new("-nonshared", "save_1", m => m.WriteSegment(segment, "save", "1"));
        yield return new("", "shared_back_to_1", m => m.WriteSegment(segment, "shared", "1"));
        yield return new("", "remove", m => m.Remove(segment));
    }

    /// <summary>The calls on segments of special shape; the files of the device are named after the first segment.</summary>
    private static IEnumerable<AdminStep> OfLayout(string list)
    {
        var segment = list.Split(':')[0];
        yield return new("", "add", m => m.Add(list));
        foreach (var step in Attributes(segment, ""))
        {
            yield return step;
        }

        yield return new("", "mount", m => m.MountImage("ext4-nojournal", "ext4", "dax", keep: true));
        yield return new("", "dax_active", static m => m.DaxActive());
        yield return new("", "remove_while_mounted", m => m.IsMounted ? m.Remove(segment) : AdminLine.Unknown(NotMounted));
        yield return new("", "shared_while_mounted", m => m.IsMounted ? m.WriteSegment(segment, "shared", "0") : AdminLine.Unknown(NotMounted));
        yield return new("", "shared_to_0", m => m.UnmountedSilently().WriteSegment(segment, "shared", "0"));
        yield return new("", "save_nonshared", m => m.WriteSegment(segment, "save", "1"));
        yield return new("", "remove", m => m.Remove(segment));
    }

    /// <summary>What the recorder had loaded before, in the same boot: the zone of device memory still spans it.</summary>
    private static IEnumerable<string> Earlier(string segment)
    {
        string[] order = ["DAXEW", "FILLSR", "FILLER", "FILLSC", "DAXSR", "DAXER", "DAXSW", "DAXSC", "DAXSN", "DAXEN", "DAXMIX", "DAX1M", "DAXODD", "DAXEND", "DAXJ1:DAXJ2"];
        return order.TakeWhile(s => s != segment && !s.StartsWith($"{segment}:", StringComparison.Ordinal));
    }

    private static IEnumerable<AdminStep> AddAndRemove(string name)
    {
        var text = name switch
        {
            "unknown" => "NOSUCH",
            "lower" => "daxew",
            "long" => "NINECHARS",
            "empty" => "",
            "blank" => " ",
            _ => name,
        };
        yield return new("", "add", m => m.Add(text));
        yield return new("", "remove", m => m.Remove(text.Split(':')[0]));
    }
}
