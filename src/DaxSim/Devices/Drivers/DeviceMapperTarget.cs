using DaxSim.State;

namespace DaxSim.Devices.Drivers;

/// <summary>One target of a device-mapper table: a range of the mapped device and where its sectors really are.</summary>
internal abstract class DeviceMapperTarget(ulong start, ulong length)
{
    /// <summary>The first sector of the mapped device.</summary>
    internal ulong Start { get; } = start;

    /// <summary>How many sectors.</summary>
    internal ulong Length { get; } = length;

    internal ulong End => Start + Length;

    /// <summary>The target has a direct_access operation.</summary>
    internal virtual bool HasDirectAccess => true;

    /// <summary>Every member, with the span of it that the target uses, in sectors.</summary>
    internal abstract IEnumerable<(BlockDevice Member, ulong Start, ulong Length)> Spans { get; }

    /// <summary>Where a sector of the mapped device lies, and how many sectors from there on lie together.</summary>
    internal abstract (BlockDevice Member, ulong Sector, ulong Length) Map(ulong sector);

    internal abstract DeviceMapperTarget CloneInto(CloneContext context);
}

/// <summary>linear: one stretch of one member.</summary>
internal sealed class LinearTarget(ulong start, ulong length, BlockDevice member, ulong memberStart) : DeviceMapperTarget(start, length)
{
    internal override IEnumerable<(BlockDevice Member, ulong Start, ulong Length)> Spans => [(member, memberStart, Length)];

    internal override (BlockDevice Member, ulong Sector, ulong Length) Map(ulong sector) => (member, memberStart + (sector - Start), End - sector);

    internal override DeviceMapperTarget CloneInto(CloneContext context) => new LinearTarget(Start, Length, context.Map(member), memberStart);
}

/// <summary>striped: chunks dealt out to the members in turn.</summary>
internal sealed class StripedTarget(ulong start, ulong length, ulong chunk, BlockDevice[] members) : DeviceMapperTarget(start, length)
{
    internal override IEnumerable<(BlockDevice Member, ulong Start, ulong Length)> Spans => members.Select(m => (m, 0UL, Length / (ulong)members.Length));

    internal override (BlockDevice Member, ulong Sector, ulong Length) Map(ulong sector)
    {
        var offset = sector - Start;
        var number = offset / chunk;
        var inChunk = offset % chunk;
        return (members[number % (ulong)members.Length], (number / (ulong)members.Length * chunk) + inChunk, Math.Min(chunk - inChunk, End - sector));
    }

    internal override DeviceMapperTarget CloneInto(CloneContext context) => new StripedTarget(Start, Length, chunk, [.. members.Select(context.Map)]);
}

/// <summary>error: every access fails.</summary>
internal sealed class ErrorTarget(ulong start, ulong length) : DeviceMapperTarget(start, length)
{
    internal override bool HasDirectAccess => false;

    internal override IEnumerable<(BlockDevice Member, ulong Start, ulong Length)> Spans => [];

    internal override (BlockDevice Member, ulong Sector, ulong Length) Map(ulong sector) => throw new InvalidOperationException("An error target maps nothing (simulator defect).");

    internal override DeviceMapperTarget CloneInto(CloneContext context) => this;
}
