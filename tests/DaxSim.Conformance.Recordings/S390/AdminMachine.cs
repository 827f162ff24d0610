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
    private int logged;

    internal AdminMachine(KernelRelease release, bool underZvm)
    {
        this.release = release;
        Machine = OracleMachine.Segments(release, underZvm);
        logged = Machine.Log.Entries.Count;
    }

    internal Machine Machine { get; }

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

    internal AdminLine Add(string text) => Written(text, "/sys/devices/dcssblk/add", Machine.Dcss.Add(text));

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

    internal AdminLine Iomem()
        => new("ok", null, string.Concat(Machine.MemoryRegions.Where(r => r.Kind == RegionKind.SavedSegment).Select(r => $"{r.Start:x8}-{r.End - 1:x8} : {r.Name}|")));

    internal AdminLine WritePage() => AdminLine.Unknown("I/O on block device nodes is not replayed");

    /// <summary>Makes the filesystem image that the recorder copied to the device, and mounts it.</summary>
    internal AdminLine MountImage(string image, string type, string options, bool keep)
    {
        _ = (image, keep);
        return AdminLine.Unknown($"mount of {type} with {options} at {MountPoint} is not replayed");
    }

    internal AdminLine DaxActive() => AdminLine.Unknown("nothing is mounted");

    /// <summary>Unmounts what is mounted.</summary>
    internal AdminMachine Unmounted() => this;
}
