using DaxSim.Policy;

namespace DaxSim.Tool.Questions;

/// <summary>The filesystems that know DAX, and how each is asked for it.</summary>
internal static class FileSystemNames
{
    internal static IReadOnlyList<string> All { get; } = ["ext2", "ext4", "xfs", "erofs", "virtiofs"];

    internal static string Read(string text)
        => All.Contains(text) ? text : throw new UsageException($"'{text}' is not a modelled filesystem: choose one of {string.Join(", ", All)}.{Spelling.DidYouMean(text, All)}");

    /// <summary>The options with which an administrator would ask for DAX: xip for the ext2 that has XIP instead, read-only on a read-only device.</summary>
    internal static string DaxOptions(KernelPolicy policy, string fileSystem, bool readOnly)
        => (fileSystem == "ext2" && policy.Ext2DaxOption == Ext2DaxOption.Xip, readOnly) switch
        {
            (true, true) => "ro,xip",
            (true, false) => "xip",
            (false, true) => "ro,dax",
            _ => "dax",
        };

    /// <summary>Whether such a filesystem can lie on such a device: virtiofs has its own kind of device and no other.</summary>
    internal static bool Fits(string fileSystem, DeviceSpec device) => (fileSystem == "virtiofs") == (device.Kind == DeviceKind.VirtioFs);
}
