using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>The known media errors of a device (struct badblocks), in 512-byte sectors.</summary>
internal sealed class Badblocks(Journal journal) : Recoverable(journal)
{
    private ExtentMap<Number> sectors = new(journal);

    internal bool IsEmpty => sectors.IsEmpty;

    /// <summary>badblocks_set.</summary>
    internal void Add(ulong firstSector, ulong count) => sectors.Set(firstSector, firstSector + count, 1);

    /// <summary>badblocks_clear.</summary>
    internal void Clear(ulong firstSector, ulong count) => sectors.Clear(firstSector, firstSector + count);

    /// <summary>badblocks_check: the first bad range that touches the sectors, cut to them.</summary>
    internal bool TryFind(ulong firstSector, ulong count, out ulong firstBad, out ulong badCount)
    {
        if (sectors.TryNext(firstSector, firstSector + count, out var extent))
        {
            firstBad = extent.Start;
            badCount = extent.Length;
            return true;
        }

        firstBad = badCount = 0;
        return false;
    }

    internal override void Describe(StateDigest digest) => digest.Add(sectors);

    private protected override void CopyFrom(Recoverable state) => sectors = ((Badblocks)state).sectors;

    private protected override void Remap(CloneContext context) => sectors = context.Map(sectors);
}
