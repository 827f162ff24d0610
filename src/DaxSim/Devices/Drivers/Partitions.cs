using System.Globalization;
using DaxSim.Outcomes;

namespace DaxSim.Devices.Drivers;

/// <summary>Makes partitions of disks.</summary>
internal static class Partitions
{
    internal static void Add(DeviceTable table, string on, ulong startSector, ulong? sectors)
    {
        var disk = table.Find(on);
        if (disk is null)
        {
            var missing = table.FindRefusal(on) ?? throw new InvalidOperationException($"There is no disk {on} to partition: add it first.");
            table.Refuse(NameOf(table, missing.Device), missing.Reason);
            return;
        }

        var name = NameOf(table, disk.Name);
        if (disk is DcssDisk)
        {
            table.Refuse(name, new Reason("dcssblk_add_store", "A device of dcssblk has one minor number and no partitions."));
            return;
        }

        if (disk.IsPartition)
        {
            throw new InvalidOperationException($"{disk.Name} is a partition itself and cannot be partitioned.");
        }

        var count = sectors ?? (disk.SectorCount > startSector ? disk.SectorCount - startSector : 0);
        if (count == 0 || startSector + count > disk.SectorCount || startSector + count < startSector)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"A partition of {disk.Name} from sector {startSector} with {count} sectors does not fit its {disk.SectorCount} sectors."));
        }

        table.Add(new PartitionDevice(disk, name, startSector, count));
    }

    /// <summary>A disk whose name ends in a digit gets a p before the number.</summary>
    private static string NameOf(DeviceTable table, string disk) => table.NextName(char.IsAsciiDigit(disk[^1]) ? $"{disk}p" : disk, first: 1);
}
