using System.Text.RegularExpressions;

namespace DaxSim.Scenarios.Import;

/// <summary>What can be said of a block device by its name alone, and the words for one that lsblk lists.</summary>
internal static partial class GuessedDisks
{
    internal static HostBlockDevice Of(string name)
    {
        var match = PartitionName().Match(name);
        return match.Success
            ? new HostBlockDevice(name, "part") { Parents = [match.Groups["plain"].Success ? match.Groups["plain"].Value : match.Groups["disk"].Value] }
            : new HostBlockDevice(name, name.StartsWith("loop", StringComparison.Ordinal) ? "loop" : "disk");
    }

    internal static string SpecOf(HostBlockDevice block, List<string> notes)
    {
        var size = block.Size is > 0 and var bytes ? $"size={ByteSize.Format((bytes + (2 << 20) - 1) / (2 << 20) * (2 << 20))}" : null;
        string Words(string kind, string? sector = null)
        {
            var settings = string.Join(',', new[] { size, sector }.OfType<string>());
            return settings.Length == 0 ? kind : $"{kind}{(kind.Contains(':', StringComparison.Ordinal) ? ',' : ':')}{settings}";
        }

        switch (block.Name)
        {
            case var n when PmemSector().IsMatch(n):
                return Words("pmem:btt");
            case var n when n.StartsWith("pmem", StringComparison.Ordinal):
                notes.Add($"The mode of {n} is not known; it is taken for fsdax (ndctl list -NRDu tells).");
                return Words("pmem:fsdax");
            case var n when n.StartsWith("dcssblk", StringComparison.Ordinal):
                notes.Add($"The segment type of {n} is not known; it is taken for {(block.IsReadOnly ? "shared and read-only (SR)" : "exclusive and writable (EW)")}.");
                return Words(block.IsReadOnly ? "dcssblk:SR" : "dcssblk:EW");
            case var n when n.StartsWith("axonram", StringComparison.Ordinal):
                return Words("axonram");
            case var n when RamDisk().IsMatch(n):
                return Words("brd");
            case var n when n.StartsWith("loop", StringComparison.Ordinal):
                return Words("loop");
            default:
                return Words("disk", block.SectorSize == 4096 ? "sector=4096" : null);
        }
    }

    [GeneratedRegex(@"^(?<disk>(nvme\d+n\d+|mmcblk\d+|pmem\d+(\.\d+)?s?|loop\d+))p\d+$|^(?<plain>(sd|vd|hd|xvd|dasd)[a-z]+)\d+$")]
    private static partial Regex PartitionName();

    [GeneratedRegex(@"^pmem\d+(\.\d+)?s$")]
    private static partial Regex PmemSector();

    [GeneratedRegex(@"^ram\d+$")]
    private static partial Regex RamDisk();
}
