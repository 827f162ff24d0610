using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DaxSim.Memory;

namespace DaxSim.AddressSpaces;

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
        if (Trace is not null || area.Handler is not null || (area.IsCow && parent.HasPinned) || !source.TryWindow(start, out _))
        {
            return false;
        }

        var tables = new TableShape();
        ChildTable? copy = null;
        while (page < end && source.TryWindow(page, out var entries))
        {
            var first = (int)(page & ExtentWindow - 1);
            var stop = (int)Math.Min(ExtentWindow, end - (page - (ulong)first));
            var part = entries[first..stop];
            var shape = TableShape.Of(part, page);
            if (!(shape.AllCounted && area.IsAnonymous) && !AreCountable(area, page, part))
            {
                break;
            }

            tables.Add(shape);
            if (area.IsCow && shape.AnyWritable)
            {
                var own = source.OwnWindow(page)[first..stop];
                CopyTable(own, own, PteFlags.Write, shape.AllCounted);
            }

            copy ??= new ChildTable(ChangedForChild(area, null) | (area.IsCow ? PteFlags.Write : 0));
            if (part.Length < ExtentWindow || !child.PageTable.Ptes.TryDeriveWindow(page, source, copy))
            {
                for (var i = first; i < stop; i++)
                {
                    child.PageTable[page + (ulong)(i - first)] = copy.Of(entries[i]);
                }
            }

            page += (ulong)part.Length;
        }

        child.CountRss(CountTables(area, source, start, page, tables, 1));
        return page > start;
    }

    /// <summary>Counts the pages that whole page tables map, in the order of the pages.</summary>
    private ResidentPages CountTables(Vma area, State.ExtentMap<Pte> entries, ulong start, ulong end, TableShape tables, int number)
    {
        var resident = new ResidentPages();
        var clear = number > 0 ? PageFlags.AnonExclusive : PageFlags.None;
        if (tables.AllCounted && area.IsAnonymous && tables.Count == tables.High - tables.Low + 1
            && Memory.Pages.StretchAt(tables.Low, tables.High + 1).Length == tables.Count)
        {
            // An anonymous page has one place in an area, so as many entries as the range has pages are all of them.
            Memory.AddMappings(tables.Low, tables.Count, number, clear, ref resident);
            return resident;
        }

        disordered.Cover(Memory.ZeroPfn, Memory.AllocatedLimit);
        while (start < end && entries.TryWindowOrOrigin(start, out var table))
        {
            var first = (int)(start & ExtentWindow - 1);
            var part = table[first..(int)Math.Min(ExtentWindow, end - (start - (ulong)first))];
            CountTable(start, part, number, tables.AllCounted, ref resident);
            start += (ulong)part.Length;
        }

        for (ulong from = 0; disordered.TryTakeRange(from, out var low, out var high); from = high)
        {
            Memory.AddMappings(low, high - low, number, clear, ref resident);
        }

        return resident;
    }

    /// <summary>Copies entries without some flags; those that are not present stay as they are.</summary>
    private static void CopyTable(ReadOnlySpan<Pte> entries, Span<Pte> copies, PteFlags without, bool allPresent)
    {
        if (!allPresent)
        {
            for (var i = 0; i < entries.Length; i++)
            {
                copies[i] = entries[i].IsPresent ? entries[i].Without(without) : entries[i];
            }

            return;
        }

        var from = MemoryMarshal.Cast<Pte, ulong>(entries);
        var to = MemoryMarshal.Cast<Pte, ulong>(copies)[..from.Length];
        var mask = ~(ulong)without;
        var at = 0;
        for (var masks = new Vector<ulong>(mask); at <= from.Length - Vector<ulong>.Count; at += Vector<ulong>.Count)
        {
            (new Vector<ulong>(from[at..]) & masks).CopyTo(to[at..]);
        }

        for (; at < from.Length; at++)
        {
            to[at] = from[at] & mask;
        }
    }

    /// <summary>Notes the pages that a page table maps; those that cannot be noted are counted at once.</summary>
    private void CountTable(ulong page, ReadOnlySpan<Pte> entries, int number, bool allCounted, ref ResidentPages resident)
    {
        var pages = disordered;
        for (var i = 0; i < entries.Length; i++)
        {
            var pte = entries[i];
            if (!allCounted && (!pte.IsPresent || pte.IsSpecial))
            {
                continue;
            }

            if (!pages.TryAdd(pte.CountedPfn(page + (ulong)i)))
            {
                Memory.AddMappings(pte.CountedPfn(page + (ulong)i), 1, number, number > 0 ? PageFlags.AnonExclusive : PageFlags.None, ref resident);
            }
        }
    }

    /// <summary>zap_pte_range for page tables whose entries differ, in an area without a file. False where there is none of those.</summary>
    private bool TryZapWindow(AddressSpace space, Vma area, ulong start, ulong limit, out ulong page)
    {
        page = start;
        var ptes = space.PageTable.Ptes;
        if (Trace is not null || area.File is not null || Memory.Swap is { Cache.IsEmpty: false } || !ptes.TryWindowOrOrigin(start, out _))
        {
            return false;
        }

        var tables = new TableShape();
        while (page < limit && ptes.TryWindowOrOrigin(page, out var entries))
        {
            var first = (int)(page & ExtentWindow - 1);
            var stop = (int)Math.Min(ExtentWindow, limit - (page - (ulong)first));
            var part = entries[first..stop];
            var shape = TableShape.Of(part, page);
            if (!(shape.AllCounted && area.IsAnonymous) && !AreCountable(area, page, part))
            {
                break;
            }

            tables.Add(shape);
            page += (ulong)part.Length;
        }

        space.CountRss(CountTables(area, ptes, start, page, tables, -1));
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
                if (!pte.IsNone)
                {
                    // Markers and migration entries have rules of their own.
                    return false;
                }

                continue;
            }

            if (pte.IsSpecial)
            {
                if (IsMisplaced(area, pte))
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

    /// <summary>The entries of a child, which are its parent's without some flags; those that are not present are the same.</summary>
    private sealed class ChildTable(PteFlags without) : State.WindowCopy<Pte>
    {
        internal Pte Of(Pte entry) => entry.IsPresent ? entry.Without(without) : entry;

        internal override void Write(ReadOnlySpan<Pte> values, Span<Pte> copies) => CopyTable(values, copies, without, TableShape.Of(values, 0).AllCounted);
    }
}
