namespace DaxSim.Conformance.S390;

/// <summary>Where the cases that mount something other than a type's own image get their segment and filesystem from.</summary>
internal static class MountCases
{
    /// <summary>The segment and the filesystem of a case such as <c>mnt-EW-ext4-ro</c> or <c>ew-xfs</c>; null for another case.</summary>
    internal static (string Segment, string Variant)? Find(string name) => name switch
    {
        "mnt-EW" or "mnt-EW-ext4" or "mnt-EW-ext4-ro" or "ew-ext4" or "nodax-ext4" => ("DAXEW", "ext4"),
        "mnt-EW-ext2" or "ew-ext2" => ("DAXEW", "real-ext2"),
        "mnt-BIG" or "mnt-BIG-xfs" or "mnt-BIG-xfs-ro" or "ew-xfs" => ("DAXBIG", "xfs"),
        "mnt-BIG-xfs-reflink" => ("DAXBIG", "xfs-reflink-new"),
        "sr-ext4" => ("DAXSR", "ext4-nojournal"),
        "odd-ext4" => ("DAXODD", "ext4-nojournal"),
        _ => null,
    };

    /// <summary>True for cases in which only the segment was mounted; in the others ordinary filesystems were mounted before it.</summary>
    internal static bool IsOfMountsOnly(string name) => name.StartsWith("mnt-", StringComparison.Ordinal) || name.StartsWith("add-", StringComparison.Ordinal);

    /// <summary>The command in a recorded value: <c>mount -t ext4 -o ro,dax; /proc/mounts: …</c>.</summary>
    internal static (string Type, string Options)? Command(string value)
    {
        const string Start = "mount -t ";
        const string Options = " -o ";
        var end = value.IndexOf(';', StringComparison.Ordinal);
        if (!value.StartsWith(Start, StringComparison.Ordinal) || end < 0)
        {
            return null;
        }

        var at = value.IndexOf(Options, StringComparison.Ordinal);
        return at < 0 || at > end ? null : (value[Start.Length..at], value[(at + Options.Length)..end]);
    }
}
