using System.IO.Compression;
using System.Text;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Scenarios.Strace;

namespace DaxSim.Tests.Strace;

/// <summary>Logs for tests: the recorded ones, and written ones.</summary>
internal static class Logs
{
    internal static string Directory { get; } = Path.Combine(AppContext.BaseDirectory, "Data", "strace");

    internal static IReadOnlyList<StraceLog> Recorded(string name) => StraceLog.Find([Path.Combine(Directory, name)]);

    internal static StraceLog Text(string text, string name = "app.strace", int pid = 0) => Bytes(Encoding.UTF8.GetBytes(text), name, pid);

    internal static StraceLog Bytes(byte[] bytes, string name = "app.strace", int pid = 0) => new(name, () => new MemoryStream(bytes), pid, bytes.Length);

    internal static byte[] Unpacked(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(Directory, name)), CompressionMode.Decompress);
        var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    internal static byte[] Packed(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(bytes);
        }

        return packed.ToArray();
    }

    internal static StraceReport Run(IReadOnlyList<StraceLog> logs, string place, params string[] kernels) => Run(logs, [place], kernels);

    internal static StraceReport Run(IReadOnlyList<StraceLog> logs, string[] places, string[] kernels)
    {
        var placed = places.Select(PlacedDevice.Parse).ToList();
        return StraceWhatIf.Run(new StraceQuestion { Logs = logs, Places = placed, Kernels = [.. kernels.Select(k => KernelPolicy.Mainline(k, placed[0].Device.UsualArchitecture))] });
    }

    /// <summary>A written log on /data=dcssblk:EW of kernel 4.16, in which pages have no struct page.</summary>
    internal static StraceReport OnSegment(string text) => Run([Text(text)], "/data=dcssblk:EW", "4.16");

    internal static StraceReport OnSegment(string text, string kernel) => Run([Text(text)], "/data=dcssblk:EW", kernel);

    /// <summary>Runs a log and recounts every reference of the machine afterwards.</summary>
    internal static IReadOnlyList<AuditFinding> Audit(IReadOnlyList<StraceLog> logs, string place, string kernel)
    {
        var placed = PlacedDevice.Parse(place);
        IReadOnlyList<AuditFinding> found = [];
        StraceWhatIf.Run(new StraceQuestion { Logs = logs, Places = [placed], Kernels = [KernelPolicy.Mainline(kernel, placed.Device.UsualArchitecture)] }, machine => found = machine.Audit());
        return found;
    }

    internal static IEnumerable<string> Lines(this StraceReport report)
        => report.Answers[0].Findings.Select(static f => $"{f.Line} {f.Syscall} {(f.Errno != Errno.None ? f.Errno.ToString() : f.Signal ?? f.Outcome)}");
}
