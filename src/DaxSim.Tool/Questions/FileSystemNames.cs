namespace DaxSim.Tool.Questions;

/// <summary>The filesystems that know DAX, and which devices each lies on.</summary>
internal static class FileSystemNames
{
    internal static IReadOnlyList<string> All => Machine.FileSystemTypes;

    internal static string Read(string text)
        => All.Contains(text) ? text : throw new UsageException($"'{text}' is not a modelled filesystem: choose one of {string.Join(", ", All)}.{Spelling.DidYouMean(text, All)}");

    /// <summary>Whether such a filesystem can lie on such a device: virtiofs has its own kind of device and no other.</summary>
    internal static bool Fits(string fileSystem, DeviceSpec device) => (fileSystem == "virtiofs") == (device.Kind == DeviceKind.VirtioFs);
}
