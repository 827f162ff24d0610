using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DaxSim.AddressSpaces;

/// <summary>
/// Pages met in any order, one bit each, to be counted afterwards as ranges in their own order: neighbours in memory are mostly
/// alike, however wildly they are mapped.
/// </summary>
internal sealed class PageSet
{
    private ulong[] bits = [];
    private ulong length;

    /// <summary>The first pfn that may be in the set; a multiple of 64.</summary>
    internal ulong Base { get; private set; }

    /// <summary>Makes room for the pfns of a range, which must be those of an empty set.</summary>
    internal void Cover(ulong start, ulong end)
    {
        Base = start & ~63UL;
        length = end > start ? end - Base : 0;
        var words = (int)((length + 63) >> 6);
        if (bits.Length < words)
        {
            bits = new ulong[words];
        }
    }

    /// <summary>False when the pfn lies outside of the range or is in the set already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryAdd(ulong pfn)
    {
        pfn -= Base;
        if (pfn >= length)
        {
            return false;
        }

        ref var place = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bits), (nint)(pfn >> 6));
        var bit = 1UL << (int)pfn;
        if ((place & bit) != 0)
        {
            return false;
        }

        place |= bit;
        return true;
    }

    /// <summary>Takes the first range of neighbours at or above <paramref name="from"/> out of the set.</summary>
    internal bool TryTakeRange(ulong from, out ulong start, out ulong end)
    {
        var word = from <= Base ? 0 : (int)((from - Base) >> 6);
        while (word < bits.Length && bits[word] == 0)
        {
            word++;
        }

        if (word >= bits.Length)
        {
            start = end = 0;
            return false;
        }

        var first = BitOperations.TrailingZeroCount(bits[word]);
        start = Base + ((ulong)word << 6) + (ulong)first;
        var ones = BitOperations.TrailingZeroCount(~(bits[word] >> first));
        if (first + ones < 64)
        {
            bits[word] &= ~(((1UL << ones) - 1) << first);
            end = start + (ulong)ones;
            return true;
        }

        bits[word++] &= (1UL << first) - 1;
        while (word < bits.Length && bits[word] == ulong.MaxValue)
        {
            bits[word++] = 0;
        }

        end = Base + ((ulong)word << 6);
        if (word < bits.Length)
        {
            ones = BitOperations.TrailingZeroCount(~bits[word]);
            bits[word] &= ~((1UL << ones) - 1);
            end += (ulong)ones;
        }

        return true;
    }
}
