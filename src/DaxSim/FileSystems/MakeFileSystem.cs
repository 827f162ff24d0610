using System.Globalization;
using System.Numerics;
using DaxSim.Devices;

namespace DaxSim.FileSystems;

/// <summary>mkfs: reads what is wanted, strictly, and writes an empty filesystem.</summary>
internal static class MakeFileSystem
{
    private const int LargestBlock = 65536;

    internal static void On(FileSystemTable table, BlockDevice device, string type, int? blockSize, IReadOnlyList<string> features)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(features);
        if (FileSystemTable.FindType(type) is not { } driver || driver is VirtioFsDriver)
        {
            throw new ArgumentException($"There is no mkfs for '{type}': choose ext2, ext4, xfs or erofs.", nameof(type));
        }

        var size = blockSize ?? table.Memory.PageSize;
        var smallest = driver is Ext2Driver or Ext4Driver ? 1024 : 512;
        if (!BitOperations.IsPow2(size) || size < smallest || size > LargestBlock)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A block size of {size} is not possible: {type} takes powers of two from {smallest} to {LargestBlock}."), nameof(blockSize));
        }

        var chosen = new List<string>(driver.DefaultFeatures);
        var sectorSize = Math.Max(512, device.LogicalBlockSize);
        string? uuid = null;
        foreach (var feature in features)
        {
            if (feature.StartsWith("uuid=", StringComparison.Ordinal))
            {
                uuid = feature[5..];
            }
            else if (feature.StartsWith("sectsize=", StringComparison.Ordinal) && int.TryParse(feature.AsSpan(9), NumberStyles.None, CultureInfo.InvariantCulture, out var sector) && BitOperations.IsPow2(sector))
            {
                sectorSize = sector;
            }
            else
            {
                Choose(driver, chosen, feature);
            }
        }

        table.Format(device, driver, size, sectorSize, [.. chosen], uuid);
    }

    /// <summary><c>name</c>, <c>name=1</c>, and <c>^name</c> or <c>name=0</c> to leave it out.</summary>
    private static void Choose(FileSystemDriver driver, List<string> chosen, string feature)
    {
        var off = feature.StartsWith('^') || feature.EndsWith("=0", StringComparison.Ordinal);
        var name = feature.TrimStart('^');
        if (name.EndsWith("=0", StringComparison.Ordinal) || name.EndsWith("=1", StringComparison.Ordinal))
        {
            name = name[..^2];
        }

        if (!driver.KnownFeatures.Contains(name))
        {
            throw new ArgumentException($"'{feature}' is no feature of {driver.Name} that DaxSim knows: {(driver.KnownFeatures.Count == 0 ? "there are none" : $"choose among {string.Join(", ", driver.KnownFeatures)}, with ^ before it to leave it out")}.", nameof(feature));
        }

        chosen.Remove(name);
        if (!off)
        {
            chosen.Add(name);
        }
    }
}
