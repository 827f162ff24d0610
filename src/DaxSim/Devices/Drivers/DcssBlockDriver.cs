using System.Globalization;
using DaxSim.Outcomes;

namespace DaxSim.Devices.Drivers;

/// <summary>The files below /sys/devices/dcssblk: add and remove, and those of each device.</summary>
/// <remarks>Every function returns what write(2) returns: the number of bytes taken, or the error.</remarks>
internal static class DcssBlockDriver
{
    private const int MaximumName = 8;

    /// <summary>dcssblk_add_store: loads a segment, or several joined by colons, as one block device.</summary>
    internal static Result<int> Add(DeviceTable table, string text)
    {
        const string Function = "dcssblk_add_store";
        if (text.Length == 0)
        {
            // A write of nothing never reaches the driver.
            return 0;
        }

        var end = text.AsSpan().IndexOfAny('\n', '\0');
        var list = end < 0 ? text : text[..end];
        if (list.Length == 0)
        {
            return Verdict.Fail(Errno.ENAMETOOLONG, new Reason(Function, "The list of segments is empty."));
        }

        var names = new List<string>();
        var segments = new List<LoadedSegment>();
        var failure = LoadAll(table, list, names, segments);
        if (!failure.IsOk)
        {
            foreach (var name in names)
            {
                table.Segments!.Unload(name);
            }

            return failure;
        }

        var low = segments.Min(s => s.Region.Start);
        var high = segments.Max(s => s.Region.End);
        table.Print(KernelLogLevel.Info, Subsystem.Block, string.Create(CultureInfo.InvariantCulture, $"dcssblk: Loaded {list} with total size {high - low} bytes and capacity {(high - low) >> 9} sectors"));
        var disk = new DcssDisk(table, table.NextName("dcssblk"), [.. names], [.. segments.Select(table.Segments!.TypeSeenByCaller)], new PfnRange(low >> table.PageShift, (high - low) >> table.PageShift));
        disk.SetUpDax(list);
        table.Add(disk);
        return text.Length;
    }

    /// <summary>dcssblk_remove_store.</summary>
    internal static Result<int> Remove(DeviceTable table, string text)
    {
        const string Function = "dcssblk_remove_store";
        if (text.Length == 0)
        {
            return 0;
        }

        var end = text.AsSpan().IndexOfAny('\n', '\0');
        var name = (end < 0 ? text : text[..end]).ToUpperInvariant();
        if (name.Length is 0 or > MaximumName)
        {
            return Verdict.Fail(Errno.ENAMETOOLONG, new Reason(Function, $"A segment's name has 1 to {MaximumName} characters."));
        }

        var disk = Find(table, name);
        if (disk is null)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Block, $"dcssblk: Device {name} cannot be removed because it is not a known device");
            return Verdict.Fail(Errno.ENODEV, new Reason(Function, $"There is no device {name}."));
        }

        if (disk.OpenCount != 0)
        {
            table.Print(KernelLogLevel.Warning, Subsystem.Block, $"dcssblk: Device {name} cannot be removed while it is in use");
            return Verdict.Fail(Errno.EBUSY, new Reason(Function, $"The device {name} is open."));
        }

        disk.Remove();
        foreach (var segment in disk.Segments)
        {
            table.Segments!.Unload(segment);
        }

        return text.Length;
    }

    /// <summary>dcssblk_shared_store: '1' reloads the segments shared, '0' as exclusive-writable.</summary>
    internal static Result<int> SetShared(DeviceTable table, DcssDisk disk, string text)
    {
        const string Function = "dcssblk_shared_store";
        if (text.Length == 0)
        {
            return 0;
        }

        if (HasTrailingText(text))
        {
            return Verdict.Fail(Errno.EINVAL, new Reason(Function, "One character is expected."));
        }

        if (disk.OpenCount != 0)
        {
            return Verdict.Fail(Errno.EBUSY, new Reason(Function, $"The device {disk.DeviceName} is open."));
        }

        switch (text[0])
        {
            case '1':
                break;

            case '0' when disk.Type == DcssType.SharedWrittenByCp:
                table.Print(KernelLogLevel.Error, Subsystem.Block, $"dcssblk: DCSS {disk.DeviceName} is of type SC and cannot be loaded as exclusive-writable");
                return Verdict.Fail(Errno.EINVAL, new Reason(Function, $"The segment {disk.DeviceName} is of type SC."));

            case '0':
                break;

            default:
                return Verdict.Fail(Errno.EINVAL, new Reason(Function, "Only 0 and 1 are understood."));
        }

        var exclusive = text[0] == '0';
        foreach (var segment in disk.Segments)
        {
            var verdict = table.Segments!.ModifyShared(segment, exclusive);
            if (!verdict.IsOk && verdict.Errno != Errno.EAGAIN)
            {
                return RemoveAfterFailure(table, disk, segment, verdict);
            }
        }

        disk.SetShared(!exclusive);
        if (exclusive)
        {
            disk.SetReadOnly(false);
        }
        else if (disk.Type.IsReadOnlyWhenShared())
        {
            disk.SetReadOnly(true);
        }

        return text.Length;
    }

    /// <summary>dcssblk_save_store: '1' saves now, or when the device becomes idle; '0' cancels a pending save.</summary>
    internal static Result<int> Save(DeviceTable table, DcssDisk disk, string text)
    {
        const string Function = "dcssblk_save_store";
        if (text.Length == 0)
        {
            return 0;
        }

        if (HasTrailingText(text) || text[0] is not ('0' or '1'))
        {
            return Verdict.Fail(Errno.EINVAL, new Reason(Function, "Only 0 and 1 are understood."));
        }

        if (text[0] == '0')
        {
            if (disk.IsSavePending)
            {
                disk.SetSavePending(false);
                table.Print(KernelLogLevel.Info, Subsystem.Block, $"dcssblk: A pending save request for device {disk.DeviceName} has been canceled");
            }
        }
        else if (disk.OpenCount == 0)
        {
            table.Print(KernelLogLevel.Info, Subsystem.Block, $"dcssblk: All DCSSs that map to device {disk.DeviceName} are saved");
            disk.SaveSegments();
        }
        else
        {
            table.Print(KernelLogLevel.Info, Subsystem.Block, $"dcssblk: Device {disk.DeviceName} is in use, its DCSSs will be saved when it becomes idle");
            disk.SetSavePending(true);
        }

        return text.Length;
    }

    /// <summary>The device of that name below /sys/devices/dcssblk, or null.</summary>
    internal static DcssDisk? Find(DeviceTable table, string deviceName)
    {
        foreach (var disk in table.Disks)
        {
            if (disk is DcssDisk dcss && dcss.DeviceName == deviceName)
            {
                return dcss;
            }
        }

        return null;
    }

    /// <summary>Loads every segment of the list and tests that they fit together; what was loaded stands in the lists even on failure.</summary>
    private static Verdict LoadAll(DeviceTable table, string list, List<string> names, List<LoadedSegment> segments)
    {
        const string Function = "dcssblk_add_store";
        var parts = list.Split(':');
        for (var i = 0; i < parts.Length; i++)
        {
            var name = parts[i].ToUpperInvariant();
            if (name.Length is 0 or > MaximumName)
            {
                return Verdict.Fail(Errno.ENAMETOOLONG, new Reason(Function, $"'{parts[i]}' is no segment name: it has 1 to {MaximumName} characters."));
            }

            if (IsInUse(table, name))
            {
                return Verdict.Fail(Errno.EEXIST, new Reason("dcssblk_load_segment", $"The segment {name} belongs to a device already."));
            }

            var loaded = table.Segments!.Load(name);
            if (!loaded.IsOk)
            {
                return loaded.Verdict;
            }

            names.Add(name);
            segments.Add(loaded.Value);
        }

        return CheckJoined(table, segments);
    }

    /// <summary>dcssblk_is_continuous.</summary>
    private static Verdict CheckJoined(DeviceTable table, List<LoadedSegment> segments)
    {
        const string Function = "dcssblk_is_continuous";
        var sorted = segments.OrderBy(s => s.Region.Start).ToArray();
        for (var i = 0; i + 1 < sorted.Length; i++)
        {
            var (a, b) = (sorted[i], sorted[i + 1]);
            if (a.Region.End != b.Region.Start)
            {
                table.Print(KernelLogLevel.Error, Subsystem.Block, $"dcssblk: Adjacent DCSSs {a.Definition.Name} and {b.Definition.Name} are not contiguous");
                return Verdict.Fail(Errno.EINVAL, new Reason(Function, $"The segment {b.Definition.Name} does not begin where {a.Definition.Name} ends."));
            }

            var (left, right) = (table.Segments!.TypeSeenByCaller(a), table.Segments.TypeSeenByCaller(b));
            if (left != right && (!MayMix(left) || !MayMix(right)))
            {
                table.Print(KernelLogLevel.Error, Subsystem.Block, $"dcssblk: DCSS {a.Definition.Name} and DCSS {b.Definition.Name} have incompatible types");
                return Verdict.Fail(Errno.EINVAL, new Reason(Function, $"Segments of type {left.Code()} and {right.Code()} cannot be joined."));
            }
        }

        return Verdict.Ok;

        static bool MayMix(DcssType type) => type.HasExclusiveBit() && type != DcssType.ExclusiveReadOnly;
    }

    private static bool IsInUse(DeviceTable table, string segment)
    {
        foreach (var disk in table.Disks)
        {
            if (disk is DcssDisk dcss && Array.IndexOf(dcss.Segments, segment) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A segment that could not be loaded again is gone, and with it the device.</summary>
    private static Verdict RemoveAfterFailure(DeviceTable table, DcssDisk disk, string failed, Verdict verdict)
    {
        table.Print(KernelLogLevel.Error, Subsystem.Block, $"dcssblk: DCSS device {disk.DeviceName} is removed after a failed access mode change");
        disk.Remove();
        foreach (var segment in disk.Segments)
        {
            if (segment != failed)
            {
                table.Segments!.Unload(segment);
            }
        }

        return verdict;
    }

    private static bool HasTrailingText(string text) => text.Length > 1 && text[1] is not ('\n' or '\0');
}
