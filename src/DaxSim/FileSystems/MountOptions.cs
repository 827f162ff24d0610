namespace DaxSim.FileSystems;

/// <summary>The options of one mount call, as mount(8) splits them: what the VFS takes as flags, and the rest for the filesystem.</summary>
internal sealed class MountOptions
{
    private static readonly string[] VfsFlags = ["rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "sync", "async", "dirsync", "noatime", "atime", "nodiratime", "relatime", "strictatime", "lazytime", "defaults", "silent"];

    private MountOptions(bool readOnly, string[] data)
    {
        ReadOnly = readOnly;
        Data = data;
    }

    /// <summary>MS_RDONLY.</summary>
    internal bool ReadOnly { get; }

    /// <summary>The options the filesystem reads itself, in order.</summary>
    internal IReadOnlyList<string> Data { get; }

    /// <summary>The data argument of mount(2), as old filesystems print it.</summary>
    internal string DataText => string.Join(",", Data);

    internal static MountOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var readOnly = false;
        var data = new List<string>();
        foreach (var option in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (option is "ro" or "rw")
            {
                readOnly = option == "ro";
            }
            else if (Array.IndexOf(VfsFlags, option) < 0)
            {
                data.Add(option);
            }
        }

        return new(readOnly, [.. data]);
    }
}
