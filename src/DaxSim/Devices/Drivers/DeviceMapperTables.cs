using System.Globalization;
using DaxSim.Outcomes;

namespace DaxSim.Devices.Drivers;

/// <summary>Makes device-mapper tables from names of devices.</summary>
internal static class DeviceMapperTables
{
    internal static Result<DeviceMapperTarget[]> Linear(DeviceTable table, IReadOnlyList<DmSegment> segments)
    {
        if (segments.Count == 0)
        {
            throw new InvalidOperationException("A linear table needs at least one device.");
        }

        var targets = new DeviceMapperTarget[segments.Count];
        var at = 0UL;
        for (var i = 0; i < targets.Length; i++)
        {
            var segment = segments[i];
            if (FindMember(table, segment.Device, out var missing) is not { } member)
            {
                return missing;
            }

            var length = segment.Sectors ?? (member.SectorCount > segment.StartSector ? member.SectorCount - segment.StartSector : 0);
            if (length == 0 || segment.StartSector + length > member.SectorCount)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"A linear target over {member.Name} from sector {segment.StartSector} with {length} sectors does not fit its {member.SectorCount} sectors."));
            }

            targets[i] = new LinearTarget(at, length, member, segment.StartSector);
            at += length;
        }

        return targets;
    }

    internal static Result<DeviceMapperTarget[]> Striped(DeviceTable table, long chunkBytes, IReadOnlyList<string> devices)
    {
        var chunk = (ulong)chunkBytes >> BlockDevice.SectorShift;
        if (chunk == 0 || devices.Count == 0)
        {
            throw new InvalidOperationException("A striped table needs at least one device and chunks of at least one sector.");
        }

        var members = new BlockDevice[devices.Count];
        for (var i = 0; i < members.Length; i++)
        {
            if (FindMember(table, devices[i], out var missing) is not { } member)
            {
                return missing;
            }

            members[i] = member;
        }

        // Whole chunks only, and of every member as many as the smallest has.
        var perMember = members.Min(m => m.SectorCount) / chunk * chunk;
        return perMember == 0
            ? throw new InvalidOperationException("The smallest member of the striped table does not hold one chunk.")
            : new DeviceMapperTarget[] { new StripedTarget(0, perMember * (ulong)members.Length, chunk, members) };
    }

    private static BlockDevice? FindMember(DeviceTable table, string name, out Verdict missing)
    {
        missing = Verdict.Ok;
        if (table.Find(name) is { } member)
        {
            return member;
        }

        var refusal = table.FindRefusal(name) ?? throw new InvalidOperationException($"There is no device {name} for the device-mapper table: add it first.");
        missing = Verdict.Fail(Errno.ENODEV, refusal.Reason with { Because = $"The member {refusal.Device} is missing: {refusal.Reason.Because}" });
        return null;
    }
}
