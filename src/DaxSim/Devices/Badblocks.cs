using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>
/// The known media errors of a part of memory (struct badblocks), in 512-byte sectors from its beginning: a window on the one list that
/// the memory keeps, so that a namespace and the devices made of it agree.
/// </summary>
/// <param name="Errors">Bad sectors by physical address.</param>
/// <param name="Start">The first sector of the window.</param>
/// <param name="Count">How many sectors it has.</param>
internal readonly record struct Badblocks(ExtentMap<Number> Errors, ulong Start, ulong Count)
{
    internal Badblocks(PhysicalMemory memory, ulong startPfn, ulong pageCount)
        : this(memory.MediaErrors, startPfn << (memory.PageShift - BlockDevice.SectorShift), pageCount << (memory.PageShift - BlockDevice.SectorShift))
    {
    }

    internal bool IsEmpty => Errors.IsEmpty || !Errors.TryNext(Start, Start + Count, out _);

    /// <summary>badblocks_set.</summary>
    internal void Add(ulong firstSector, ulong count) => Errors.Set(Start + firstSector, Start + firstSector + count, 1);

    /// <summary>badblocks_clear.</summary>
    internal void Clear(ulong firstSector, ulong count) => Errors.Clear(Start + firstSector, Start + firstSector + count);

    /// <summary>badblocks_check: the first bad range that touches the sectors, cut to them.</summary>
    internal bool TryFind(ulong firstSector, ulong count, out ulong firstBad, out ulong badCount)
    {
        var end = Start + Math.Min(firstSector + count, Count);
        if (Errors.TryNext(Start + firstSector, end, out var extent))
        {
            firstBad = extent.Start - Start;
            badCount = extent.Length;
            return true;
        }

        firstBad = badCount = 0;
        return false;
    }
}
