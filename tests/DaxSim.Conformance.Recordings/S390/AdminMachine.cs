using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Reading;
using DaxSim.Memory;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.S390;

/// <summary>The recorded s390x machine as its administrator sees it.</summary>
internal sealed class AdminMachine
{
    private const string MountPoint = "/m";
    private readonly KernelRelease release;
    private readonly List<string> added = [];
    private int logged;
    private string? installed;
    private bool unmountNext;

    internal AdminMachine(KernelRelease release, bool underZvm)
    {
        this.release = release;
        Machine = OracleMachine.Segments(release, underZvm);
        logged = Machine.Log.Entries.Count;
    }

    internal Machine Machine { get; }

    internal bool IsMounted => Machine.Mounts.Any(m => m.Path == MountPoint);

    /// <summary>What the script does silently before its next call: it unmounts, and clears the log.</summary>
    internal void BeginStep()
    {
        if (unmountNext)
        {
            Unmounted();
            unmountNext = false;
        }

        logged = Machine.Log.Entries.Count;
    }

    /// <summary>What the kernel printed since the last question, as the recorder keeps it.</summary>
    internal string TakeMessages()
    {
        var lines = Machine.Log.Entries.Skip(logged).Where(e => e.Level < KernelLogLevel.Debug).Select(e => AsRecorded(e.Text)).ToList();
        logged = Machine.Log.Entries.Count;
        return string.Join("\n", lines);
    }

    /// <summary>The recorder drops everything up to the first bracket, which is the time stamp's; hand-built kernels print none.</summary>
    private string AsRecorded(string text)
    {
        var bracket = text.IndexOf(']', StringComparison.Ordinal);
        return release.IsDistribution || bracket < 0 ? text : text[(bracket + 1)..].TrimStart(' ');
    }

    internal AdminLine Add(string text)
    {
        added.Add(text);
        return Written(text, "/sys/devices/dcssblk/add", Machine.Dcss.Add(text));
    }

    internal AdminLine Remove(string text) => Written(text, "/sys/devices/dcssblk/remove", Machine.Dcss.Remove(text));

    internal AdminLine WriteSegment(string segment, string attribute, string text)
        => Written(text, $"/sys/devices/dcssblk/{segment}/{attribute}", attribute == "shared" ? Machine.Dcss.SetShared(segment, text) : Machine.Dcss.Save(segment, text));

    private static AdminLine Written(string text, string path, Result<int> result)
    {
        var value = $"write \"{text}\" to {path}: {(result.IsOk ? result.Value : -1)}";
        return new AdminLine(result.IsOk ? "ok" : "errno", result.IsOk ? null : result.Errno.ToString(), value) { Because = result.Verdict.Reason?.ToString() };
    }

    internal AdminLine ReadSegment(string segment, string attribute)
    {
        var path = $"/sys/devices/dcssblk/{segment}/{attribute}";
        if (Machine.Dcss.Find(segment) is not { } device)
        {
            return new AdminLine("errno", "EBADF", $"{path}: ");
        }

        return new AdminLine("ok", null, $"{path}: {attribute switch
        {
            "shared" => device.Shared ? "1" : "0",
            "save" => device.SavePending ? "1" : "0",
            _ => string.Join("\n", device.Segments),
        }}");
    }

    internal AdminLine ReadBlock(string attribute)
    {
        var path = $"/sys/block/dcssblk0/{attribute}";
        if (Machine.FindDevice("dcssblk0") is not { } device)
        {
            return new AdminLine("errno", "EBADF", $"{path}: ");
        }

        return new AdminLine("ok", null, $"{path}: {attribute switch
        {
            "ro" => device.IsReadOnly ? 1 : 0,
            "size" => device.Sectors,
            "queue/dax" => device.QueueDax ? 1 : 0,
            _ => device.LogicalBlockSize,
        }}");
    }

    /// <summary>The class of device-dax, which is not built for s390x, and the disk's directory.</summary>
    internal AdminLine ListBlock()
        => Machine.FindDevice("dcssblk0") is not { } device
            ? AdminLine.Unknown("nobody recorded this without a device")
            : new("ok", null, $"ls /sys/class/dax /sys/devices/virtual/dax: ls: /sys/class/dax: No such file or directory  block dir: {string.Concat(device.SysfsNames.Select(n => n + " "))}");

    /// <summary>The zone of device memory; what the recorder adds of /proc/meminfo is not compared.</summary>
    /// <param name="earlier">The segments that were loaded and removed before.</param>
    internal AdminLine DeviceZone(IEnumerable<string> earlier)
    {
        var boot = OracleMachine.Segments(release, underZvm: true);
        foreach (var list in earlier)
        {
            boot.Dcss.Add(list);
            boot.Dcss.Remove(list.Split(':')[0]);
        }

        foreach (var list in added)
        {
            boot.Dcss.Add(list);
        }

        return new("ok", null, boot.DeviceZonePages is var pages and > 0 ? $"zone: 1  spanned {pages}  present 0 " : "zone: 0 ");
    }

    internal AdminLine Iomem()
        => new("ok", null, string.Concat(Machine.MemoryRegions.Where(r => r.Kind == RegionKind.SavedSegment).Select(r => $"{r.Start:x8}-{r.End - 1:x8} : {r.Name}|")));

    /// <summary>Reads the first page of the block device and writes it back.</summary>
    internal AdminLine WritePage()
    {
        var page = new byte[LinuxNumbers.Page];
        Machine.ReadDevice("dcssblk0", 0, page);
        var written = Machine.WriteDevice("dcssblk0", 0, page);
        return new AdminLine(written.IsOk ? "ok" : "errno", written.IsOk ? null : written.Errno.ToString(), $"open=ok write={(written.IsOk ? page.Length : -1)} fsync=0 ") { Because = written.Reason?.ToString() };
    }

    /// <summary>Makes the filesystem image that the recorder copied to the device, and mounts it.</summary>
    /// <param name="variant">What mkfs made.</param>
    /// <param name="type">The type that mount(2) names.</param>
    /// <param name="options">The options, as the recorder prints them.</param>
    /// <param name="keep">Whether it stays mounted.</param>
    internal AdminLine MountImage(string variant, string type, string options, bool keep)
    {
        Unmounted();
        if (Machine.FindDevice("dcssblk0") is not null)
        {
            // Images were copied in when the segments were filled, so a read-only device has one too.
            Install(variant);
        }

        var mounted = Machine.Mount("/dev/dcssblk0", MountPoint, type, options);
        var line = mounted.IsOk ? mounted.Value.ProcMountsLine : "";
        var value = $"mount -t {type} -o {options}; /proc/mounts: {line}";
        unmountNext = mounted.IsOk && !keep;
        return new AdminLine(mounted.IsOk ? "ok" : "errno", mounted.IsOk ? null : mounted.Errno.ToString(), value) { Because = mounted.Verdict.Reason?.ToString() };
    }

    private void Install(string variant)
    {
        if (variant == installed)
        {
            return;
        }

        var recipe = ImageRecipes.Find(variant) ?? throw new SetupException($"no recipe for the filesystem '{variant}'");
        var wasReadOnly = Machine.FindDevice("dcssblk0")!.IsReadOnly;
        Machine.SetReadOnly("dcssblk0", false);
        ImageRecipes.Make(Machine, "/dev/dcssblk0", recipe, recipe.Type == "xfs" ? ["sectsize=4096"] : []);
        Machine.SetReadOnly("dcssblk0", wasReadOnly);
        installed = variant;
    }

    /// <summary>The line of /proc/mounts, and statx of a new file.</summary>
    internal AdminLine DaxActive()
    {
        if (Machine.Mounts.FirstOrDefault(m => m.Path == MountPoint) is not { } mount)
        {
            return AdminLine.Unknown("nothing is mounted");
        }

        var file = mount.Open(".sx", FileSystems.OpenFlags.ReadWrite | FileSystems.OpenFlags.Create);
        if (!file.IsOk)
        {
            return AdminLine.Unknown($"the file for statx cannot be made: {file.Verdict}");
        }

        var statx = file.Value.Statx();
        file.Value.Close();
        mount.Remove(".sx");
        return new AdminLine("ok", null, $"{mount.ProcMountsLine} ; {(statx.IsOk ? $"statx of a regular file: STATX_ATTR_DAX={(statx.Value.Attribute ? 1 : 0)} (mask {(statx.Value.Supported ? 1 : 0)})" : $"statx failed {(int)statx.Errno}")}");
    }

    /// <summary>Unmounts what is mounted; what is printed meanwhile is not recorded.</summary>
    internal AdminMachine UnmountedSilently()
    {
        Unmounted();
        logged = Machine.Log.Entries.Count;
        return this;
    }

    /// <summary>Unmounts what is mounted.</summary>
    internal AdminMachine Unmounted()
    {
        while (Machine.Mounts.Any(m => m.Path == MountPoint))
        {
            Machine.Unmount(MountPoint);
        }

        return this;
    }
}
