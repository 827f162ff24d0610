using System.Numerics;
using System.Runtime.InteropServices;

namespace DaxSim.AddressSpaces;

/// <summary>What the entries of page tables have in common, and the range that their pages lie in.</summary>
internal struct TableShape
{
    private bool notAll;

    /// <summary>Every entry is present and maps a page that may be counted.</summary>
    internal readonly bool AllCounted => !notAll;

    /// <summary>Some entry has the write bit.</summary>
    internal bool AnyWritable { get; private set; }

    /// <summary>The lowest pfn, where all are counted.</summary>
    internal ulong Low { get; private set; }

    /// <summary>The highest pfn.</summary>
    internal ulong High { get; private set; }

    /// <summary>How many entries there are.</summary>
    internal ulong Count { get; private set; }

    /// <summary>Looks at a part of a page table that begins with the entry of a page.</summary>
    internal static TableShape Of(ReadOnlySpan<Pte> entries, ulong page)
    {
        var bits = MemoryMarshal.Cast<Pte, ulong>(entries);
        var every = ulong.MaxValue;
        var any = 0UL;
        var low = ulong.MaxValue;
        var high = 0UL;
        var i = 0;
        if (bits.Length >= Vector<ulong>.Count)
        {
            var everyBit = Vector<ulong>.AllBitsSet;
            var anyBit = Vector<ulong>.Zero;
            var lows = new Vector<long>(long.MaxValue);
            var highs = Vector<long>.Zero;
            var pages = Vector<ulong>.Indices + new Vector<ulong>(page);
            var step = new Vector<ulong>((ulong)Vector<ulong>.Count);
            var mask = new Vector<ulong>(Pte.PfnMask);
            for (; i <= bits.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            {
                var next = new Vector<ulong>(bits[i..]);
                everyBit &= next;
                anyBit |= next;

                // A pfn has fewer than 63 bits, and signed numbers are compared faster.
                var pfns = (((next >>> Pte.FlagBits) + pages) & mask).As<ulong, long>();
                lows = Vector.Min(lows, pfns);
                highs = Vector.Max(highs, pfns);
                pages += step;
            }

            for (var k = 0; k < Vector<ulong>.Count; k++)
            {
                every &= everyBit[k];
                any |= anyBit[k];
                low = Math.Min(low, (ulong)lows[k]);
                high = Math.Max(high, (ulong)highs[k]);
            }
        }

        for (; i < bits.Length; i++)
        {
            every &= bits[i];
            any |= bits[i];
            var pfn = entries[i].CountedPfn(page + (ulong)i);
            low = Math.Min(low, pfn);
            high = Math.Max(high, pfn);
        }

        return new TableShape
        {
            notAll = (every & (ulong)PteFlags.Present) == 0 || (any & (ulong)PteFlags.Special) != 0,
            AnyWritable = (any & (ulong)PteFlags.Write) != 0,
            Low = low,
            High = high,
            Count = (ulong)entries.Length,
        };
    }

    internal void Add(TableShape other)
    {
        Low = Count == 0 ? other.Low : Math.Min(Low, other.Low);
        High = Math.Max(High, other.High);
        Count += other.Count;
        notAll |= other.notAll;
        AnyWritable |= other.AnyWritable;
    }
}
