using System.Globalization;
using System.Text.RegularExpressions;

namespace DaxSim.Scenarios.Import;

/// <summary>Reads what blkid, xfs_info, dumpe2fs and tune2fs say of a filesystem: /proc/mounts tells neither block size nor features.</summary>
internal static partial class FileSystemFactsReader
{
    private static readonly string[] ExtFeatures = ["inline_data", "encrypt", "verity"];

    internal static void ReadBlkid(HostFile file, HostDump dump)
    {
        foreach (var line in file.Text.Split('\n'))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon <= 0 || !line.StartsWith('/'))
            {
                continue;
            }

            var tags = BlkidTag().Matches(line).GroupBy(m => m.Groups["key"].Value).ToDictionary(g => g.Key, g => g.First().Groups["value"].Value);
            if (!tags.TryGetValue("TYPE", out var type))
            {
                continue;
            }

            // For XFS the number is the sector size, not that of the blocks.
            var block = type.StartsWith("ext", StringComparison.Ordinal) && tags.TryGetValue("BLOCK_SIZE", out var size) ? Number(size) : null;
            dump.FileSystemList.Add(new HostFileSystem(line[..colon], type, block, [], tags.GetValueOrDefault("UUID")));
        }
    }

    internal static void ReadXfsInfo(HostFile file, HostDump dump)
    {
        var text = file.Text;
        if (!MetaData().IsMatch(text) || DataBlocks().Match(text) is not { Success: true } data)
        {
            throw new FormatException($"{file.Name}: it is not what xfs_info prints: meta-data= and data = bsize= are missing.");
        }

        var features = new List<string>();
        if (Reflink().Match(text) is { Success: true } reflink)
        {
            features.Add(reflink.Groups[1].Value == "1" ? "reflink" : "^reflink");
        }

        dump.FileSystemList.Add(new HostFileSystem(MetaData().Match(text).Groups[1].Value, "xfs", Number(data.Groups[1].Value), features, null));
    }

    internal static void ReadExt(HostFile file, HostDump dump)
    {
        var values = file.Text.Split('\n').Select(l => l.Split(':', 2)).Where(p => p.Length == 2).GroupBy(p => p[0].Trim()).ToDictionary(g => g.Key, g => g.First()[1].Trim());
        if (!values.TryGetValue("Block size", out var size))
        {
            throw new FormatException($"{file.Name}: it is not what dumpe2fs -h or tune2fs -l prints: 'Block size:' is missing.");
        }

        var features = (values.GetValueOrDefault("Filesystem features") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // The device stands nowhere in it, so the file's name may tell: dumpe2fs.pmem0.
        var path = values.GetValueOrDefault("Last mounted on") is { } mounted && mounted.StartsWith('/') ? mounted
            : NamedAfter().Match(Path.GetFileName(file.Name[(file.Name.LastIndexOf(':') + 1)..])) is { Success: true } name ? $"/dev/{name.Groups[1].Value}"
            : "";
        var type = features.Contains("extent") || features.Contains("extents") ? "ext4" : "ext2";
        dump.FileSystemList.Add(new HostFileSystem(path, type, Number(size), [.. ExtFeatures.Where(features.Contains)], values.GetValueOrDefault("Filesystem UUID")));
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 512 and <= 65536 && int.IsPow2(number) ? number : null;

    [GeneratedRegex("""(?<key>[A-Z_]+)="(?<value>[^"]*)"(\s|$)""")]
    private static partial Regex BlkidTag();

    [GeneratedRegex(@"^(?:dumpe2fs|tune2fs)(?:[._-](?:-?[hl]|dev))*[._-](\w[\w-]*?)(?:\.txt|\.log|\.out)?$", RegexOptions.IgnoreCase)]
    private static partial Regex NamedAfter();

    [GeneratedRegex(@"^meta-data=(\S+)", RegexOptions.Multiline)]
    private static partial Regex MetaData();

    [GeneratedRegex(@"^data\s+=\s*bsize=(\d+)", RegexOptions.Multiline)]
    private static partial Regex DataBlocks();

    [GeneratedRegex(@"\breflink=(\d)")]
    private static partial Regex Reflink();
}
