using System.Text;

namespace DaxSim.Scenarios.Import;

/// <summary>Recognizes the files of a dump by their names, whoever collected them, and a single file by what is in it.</summary>
internal static class HostFileNames
{
    private static readonly char[] Separators = ['.', '_', '-', ' ', '+'];

    internal static HostFileKind? KindOf(string name)
    {
        var words = name.ToLowerInvariant().Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || name[0] == '.')
        {
            return null;
        }

        bool Has(string word) => Array.IndexOf(words, word) >= 0;
        return words switch
        {
            _ when Has("iomem") => HostFileKind.Iomem,
            _ when Has("ndctl") => HostFileKind.Ndctl,
            _ when Has("daxctl") => HostFileKind.Daxctl,
            _ when Has("lsblk") => HostFileKind.Lsblk,
            _ when Has("fstab") => HostFileKind.Fstab,
            _ when Has("blkid") => HostFileKind.Blkid,
            _ when Has("dumpe2fs") || Has("tune2fs") => HostFileKind.Ext2Info,
            ["xfs", "info", ..] => HostFileKind.XfsInfo,
            _ when Has("uname") || Has("osrelease") => HostFileKind.KernelName,
            ["version"] or ["proc", "version"] or ["version", "txt"] => HostFileKind.KernelName,
            ["mounts", ..] or ["proc", "mounts", ..] => HostFileKind.Mounts,
            ["config"] or ["config", "gz"] or ["kconfig", ..] or ["kernel", "config", ..] or ["proc", "config", ..] => HostFileKind.Config,
            ["config", var version, ..] when char.IsAsciiDigit(version[0]) => HostFileKind.Config,
            _ => null,
        };
    }

    /// <summary>For a file that was named on the command line, whatever it is called.</summary>
    internal static HostFileKind? KindByContent(byte[] bytes)
    {
        if (bytes is [0x1f, 0x8b, ..])
        {
            return HostFileKind.Config;
        }

        var text = Encoding.UTF8.GetString(bytes, 0, Math.Min(bytes.Length, 16384)).TrimStart();
        if (text.Length == 0)
        {
            return null;
        }

        if (text[0] is '[' or '{')
        {
            return text.Contains("\"blockdevices\"", StringComparison.Ordinal) ? HostFileKind.Lsblk
                : text.Contains("namespace", StringComparison.Ordinal) || text.Contains("\"regions\"", StringComparison.Ordinal) ? HostFileKind.Ndctl
                : text.Contains("\"chardev\"", StringComparison.Ordinal) ? HostFileKind.Daxctl
                : null;
        }

        var line = text.AsSpan()[..(text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? end : text.Length)].Trim();
        return text.Contains("CONFIG_", StringComparison.Ordinal) ? HostFileKind.Config
            : IomemReader.LooksLikeLine(line) ? HostFileKind.Iomem
            : line.StartsWith("Linux ") || KernelNameReader.LooksLikeRelease(line) ? HostFileKind.KernelName
            : line.StartsWith("meta-data=") ? HostFileKind.XfsInfo
            : line.StartsWith("Filesystem volume name:") || line.StartsWith("dumpe2fs") || line.StartsWith("tune2fs") ? HostFileKind.Ext2Info
            : line.ToString().Split(' ') is { Length: 6 } fields && fields[1].StartsWith('/') ? HostFileKind.Mounts
            : null;
    }
}
