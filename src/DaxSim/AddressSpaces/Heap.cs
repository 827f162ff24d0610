using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>The heap that brk grows (mm/mmap.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Where the heap of a process begins that runs no program of its own: where a position-independent one would have it.</summary>
    internal const ulong UsualHeap = 0x5555_5555_8000;

    /// <summary>brk: the new end of the heap, or the old one where it cannot be moved there.</summary>
    internal ulong Brk(AddressSpace space, ulong end)
    {
        space.Lock.MustBeFree("brk");
        if (end < space.HeapStart || end > TaskSize)
        {
            return space.HeapEnd;
        }

        var (old, wanted) = (RoundUp(space.HeapEnd), RoundUp(end));
        if (wanted < old)
        {
            if (!UnmapPages(space, wanted, old).IsOk)
            {
                return space.HeapEnd;
            }
        }
        else if (wanted > old)
        {
            // One page stays free below the next area.
            if (space.FindAbove(old) is { } next && wanted + PageSize > next.Start)
            {
                return space.HeapEnd;
            }

            if (!Mmap(space, old, wanted - old, Prot.Read | Prot.Write, MapFlags.Private | MapFlags.Fixed | MapFlags.Anonymous, null, 0).IsOk)
            {
                return space.HeapEnd;
            }
        }

        space.SetHeap(space.HeapStart, end);
        return end;
    }
}
