using System.Numerics;
using DaxSim.Memory;

namespace DaxSim.AddressSpaces;

/// <summary>
/// Pages met in any order, one bit each, to be counted afterwards as ranges in their own order: neighbours in memory are mostly
/// alike, however wildly they are mapped.
/// </summary>
internal sealed class PageSet
{
    private ulong[] bits = [];

    /// <summary>Makes room for every pfn below a limit.</summary>
    internal void Reserve(ulong limit)
    {
        var words = (int)((limit + 63) >> 6);
        if (bits.Length < words)
        {
            bits = new ulong[words];
        }
    }

    /// <summary>False when the pfn lies beyond the reserved ones or is in the set already.</summary>
    internal bool TryAdd(ulong pfn)
    {
        var word = pfn >> 6;
        if (word >= (ulong)bits.Length)
        {
            return false;
        }

        ref var place = ref bits[word];
        var bit = 1UL << (int)(pfn & 63);
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
        var word = (int)(from >> 6);
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
        start = ((ulong)word << 6) + (ulong)first;
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

        end = (ulong)word << 6;
        if (word < bits.Length)
        {
            ones = BitOperations.TrailingZeroCount(~bits[word]);
            bits[word] &= ~((1UL << ones) - 1);
            end += (ulong)ones;
        }

        return true;
    }
}

/// <summary>fork and unmapping where every page is mapped differently: whole page tables at once instead of entry by entry.</summary>
internal sealed partial class MemoryManager
{
    private const int ExtentWindow = State.ExtentMap<Pte>.WindowSize;

    private readonly PageSet disordered = new();

    /// <summary>
    /// copy_pte_range for page tables whose entries differ, as many in a row as there are. False, and nothing is done, where the
    /// entries must be looked at one by one: the page table is one of a few runs, or a page may be pinned.
    /// </summary>
    private bool TryCopyWindow(AddressSpace parent, AddressSpace child, Vma area, ulong start, ulong end, out ulong page)
    {
        page = start;
        var source = parent.PageTable.Ptes;
        if (Trace is not null || (area.IsCow && parent.HasPinned) || !source.TryWindow(start, out _))
        {
            return false;
        }

        var resident = new ResidentPages();
        disordered.Reserve(Memory.AllocatedLimit);
        while (page < end && source.TryWindow(page, out var entries))
        {
            var first = (int)(page & ExtentWindow - 1);
            var stop = (int)Math.Min(ExtentWindow, end - (page - (ulong)first));
            var copies = GC.AllocateUninitializedArray<Pte>(ExtentWindow);
            if (!TryCopyTable(area, page - (ulong)first, first, stop, entries, copies, out var writable))
            {
                break;
            }

            if (!child.PageTable.Ptes.TryAddWindow(page, copies))
            {
                for (var i = first; i < stop; i++)
                {
                    child.PageTable[page - (ulong)first + (ulong)i] = copies[i];
                }
            }

            if (area.IsCow && writable)
            {
                WriteProtect(source.OwnWindow(page)[first..stop]);
            }

            CountTable(page - (ulong)first, entries[first..stop], first, 1, ref resident);
            page += (ulong)(stop - first);
        }

        CountDisordered(1, PageFlags.AnonExclusive, ref resident);
        child.CountRss(resident);
        return page > start;
    }

    /// <summary>Makes the child's entries. False where one of the pages has no struct page, or an entry should not be there.</summary>
    private bool TryCopyTable(Vma area, ulong table, int first, int stop, ReadOnlySpan<Pte> entries, Pte[] copies, out bool writable)
    {
        copies.AsSpan(0, first).Clear();
        copies.AsSpan(stop).Clear();
        var changed = ChangedForChild(area) | (area.IsCow ? PteFlags.Write : 0);
        var specials = area.Has(VmFlags.PfnMap | VmFlags.MixedMap) ? PteFlags.Special : PteFlags.Zero | PteFlags.Devmap;
        ulong low = 1;
        ulong length = 0;
        writable = false;
        for (var i = first; i < stop; i++)
        {
            var pte = entries[i];
            if (!pte.IsPresent)
            {
                copies[i] = pte;
                continue;
            }

            copies[i] = pte.Without(changed);
            writable |= pte.IsWrite;
            if (pte.IsSpecial)
            {
                if (!pte.Has(specials))
                {
                    return false;
                }

                continue;
            }

            var pfn = pte.Pfn(table + (ulong)i);
            if (pfn - low >= length)
            {
                low = pfn;
                length = Memory.StructPagesFrom(pfn, ulong.MaxValue);
                if (length == 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static void WriteProtect(Span<Pte> entries)
    {
        foreach (ref var pte in entries)
        {
            if (pte.IsPresent)
            {
                pte = pte.Without(PteFlags.Write);
            }
        }
    }

    /// <summary>Notes the pages that a page table maps; those that cannot be noted are counted at once.</summary>
    private void CountTable(ulong table, ReadOnlySpan<Pte> entries, int first, int number, ref ResidentPages resident)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            var pte = entries[i];
            if (!pte.IsPresent || pte.IsSpecial)
            {
                continue;
            }

            var pfn = pte.Pfn(table + (ulong)(first + i));
            if (!disordered.TryAdd(pfn))
            {
                Memory.AddMappings(pfn, 1, number, number > 0 ? PageFlags.AnonExclusive : PageFlags.None, ref resident);
            }
        }
    }

    private void CountDisordered(int number, PageFlags clear, ref ResidentPages resident)
    {
        for (ulong from = 0; disordered.TryTakeRange(from, out var start, out var end); from = end)
        {
            Memory.AddMappings(start, end - start, number, clear, ref resident);
        }
    }

    /// <summary>zap_pte_range for page tables whose entries differ, in an area without a file. False where there is none of those.</summary>
    private bool TryZapWindow(AddressSpace space, Vma area, ulong start, ulong limit, out ulong page)
    {
        page = start;
        var ptes = space.PageTable.Ptes;
        if (Trace is not null || area.File is not null || !ptes.TryWindow(start, out _))
        {
            return false;
        }

        var resident = new ResidentPages();
        disordered.Reserve(Memory.AllocatedLimit);
        while (page < limit && ptes.TryWindow(page, out var entries))
        {
            var first = (int)(page & ExtentWindow - 1);
            var stop = (int)Math.Min(ExtentWindow, limit - (page - (ulong)first));
            var part = entries[first..stop];
            if (!AreCountable(area, page, part))
            {
                break;
            }

            CountTable(page - (ulong)first, part, first, -1, ref resident);
            page += (ulong)part.Length;
        }

        CountDisordered(-1, PageFlags.None, ref resident);
        space.CountRss(resident);
        ptes.Clear(start, page);
        return page > start;
    }

    private bool AreCountable(Vma area, ulong page, ReadOnlySpan<Pte> entries)
    {
        ulong low = 1;
        ulong length = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var pte = entries[i];
            if (!pte.IsPresent)
            {
                continue;
            }

            if (pte.IsSpecial)
            {
                if (!pte.IsZero && !area.Has(VmFlags.PfnMap | VmFlags.MixedMap))
                {
                    return false;
                }

                continue;
            }

            var pfn = pte.Pfn(page + (ulong)i);
            if (pfn - low >= length)
            {
                low = pfn;
                length = Memory.StructPagesFrom(pfn, ulong.MaxValue);
                if (length == 0)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
