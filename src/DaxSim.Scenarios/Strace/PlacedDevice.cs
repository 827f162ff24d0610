using System.Diagnostics.CodeAnalysis;

namespace DaxSim.Scenarios.Strace;

/// <summary>
/// Where a directory, or one file, of the recorded system is to lie in the simulated machine: <c>/usr=dcssblk:SR</c>,
/// <c>/home/u/data=pmem:fsdax@xfs:dax,ro</c>.
/// </summary>
/// <param name="Path">An absolute path: everything below it, or the file itself.</param>
/// <param name="Device">The device.</param>
/// <param name="FileSystem">The filesystem; null for the first of <see cref="UsualFileSystems"/> that gives DAX on the kernel, else the first that mounts.</param>
/// <param name="Options">Mount options; null for those of an administrator who wants DAX (<see cref="Machine.UsualDaxOptions"/>).</param>
public sealed record PlacedDevice(string Path, DeviceSpec Device, string? FileSystem = null, string? Options = null)
{
    /// <summary>The filesystems that are tried, in that order, when none is named: what people put on such a device.</summary>
    public IReadOnlyList<string> UsualFileSystems
        => Device.Kind switch
        {
            DeviceKind.VirtioFs => ["virtiofs"],
            DeviceKind.DcssBlock or DeviceKind.AxonRam or DeviceKind.Xpram => ["ext2", "ext4", "xfs"],
            _ => ["ext4", "xfs", "ext2"],
        };

    /// <summary>Reads a placement.</summary>
    /// <param name="text"><c>PATH=DEVICE[@FS[:OPTIONS]]</c>.</param>
    /// <exception cref="FormatException">The text is none; the message says what to write instead.</exception>
    public static PlacedDevice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryRead(text, out var placed, out var problem) ? placed : throw new FormatException(problem);
    }

    /// <summary>Reads a placement without throwing.</summary>
    /// <param name="text"><c>PATH=DEVICE[@FS[:OPTIONS]]</c>.</param>
    /// <param name="placed">What was read.</param>
    /// <param name="problem">One line that says what is wrong.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out PlacedDevice? placed, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        placed = null;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == text.Length - 1)
        {
            problem = $"'{Shorten(text)}' is no placement: write PATH=DEVICE, for example /usr=dcssblk:SR.";
            return false;
        }

        var path = LogPaths.Normalize(text[..equals]);
        if (path is null)
        {
            problem = $"'{Shorten(text[..equals])}' is no absolute path: write it like /usr=dcssblk:SR.";
            return false;
        }

        var device = text[(equals + 1)..];
        string? fileSystem = null;
        string? options = null;
        var at = device.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            fileSystem = device[(at + 1)..];
            device = device[..at];
            var colon = fileSystem.IndexOf(':', StringComparison.Ordinal);
            if (colon >= 0)
            {
                options = fileSystem[(colon + 1)..];
                fileSystem = fileSystem[..colon];
            }

            if (!Machine.FileSystemTypes.Contains(fileSystem))
            {
                problem = $"'{Shorten(fileSystem)}' is not a modelled filesystem: choose one of {string.Join(", ", Machine.FileSystemTypes)}, as in /usr=dcssblk:SR@ext2:ro,dax.";
                return false;
            }

            if (options is not null && options.AsSpan().ContainsAnyInRange('\0', '\u001f'))
            {
                problem = "The mount options hold control characters: write them separated by commas, for example ro,dax.";
                return false;
            }
        }

        if (!DeviceSpec.TryRead(device, out var spec, out problem))
        {
            return false;
        }

        if (spec.Kind is DeviceKind.DeviceDax or DeviceKind.Kmem)
        {
            problem = $"{spec} carries no filesystem, so no directory can lie on it: place the path on pmem:fsdax, for example.";
            return false;
        }

        if (fileSystem is not null && (fileSystem == "virtiofs") != (spec.Kind == DeviceKind.VirtioFs))
        {
            problem = $"{fileSystem} does not lie on {spec}: virtiofs has its own kind of device and no other.";
            return false;
        }

        placed = new PlacedDevice(path, spec, fileSystem, options);
        return true;
    }

    /// <summary>For example <c>/usr=dcssblk:SR</c>; <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => $"{Path}={Device}{(FileSystem is null ? "" : $"@{FileSystem}{(Options is null ? "" : $":{Options}")}")}";

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}
