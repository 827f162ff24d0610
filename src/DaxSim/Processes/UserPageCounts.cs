using System.Diagnostics.CodeAnalysis;
using DaxSim.AddressSpaces;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>How often each page was taken into arrays of the callers' own, by reference and by pin.</summary>
internal sealed class UserPageCounts : Recoverable, IPageHolder
{
    /// <summary>An open hash table: a slot is the page's own or the next free one. The framework's dictionary of these would be compiled anew in each process.</summary>
    private ulong[]? pages;
    private Taken[]? counts;
    private int used;

    /// <summary>The page that was taken or given back last, and its counts, which are not in the table: mostly it is the same page again.</summary>
    private ulong last = MemoryManager.GarbagePage;
    private Taken lastCounts;
    private ulong[] scratch = new ulong[16];

    internal UserPageCounts(Journal journal)
        : base(journal)
    {
    }

    string IPageHolder.HolderName => "get_user_pages into an array";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held
    {
        get
        {
            foreach (var (pfn, held) in All())
            {
                for (var i = 0; i < held.References + held.Pins; i++)
                {
                    yield return (pfn, i >= held.References);
                }
            }
        }
    }

    object ICloned.CloneInto(CloneContext context) => context.Map(this);

    void IDescribed.Describe(StateDigest digest) => Describe(digest);

    internal override void Describe(StateDigest digest)
    {
        foreach (var (pfn, held) in All())
        {
            digest.Add(pfn);
            digest.Add(held.References);
            digest.Add(held.Pins);
        }
    }

    /// <summary>An array that is used during one call only.</summary>
    internal ulong[] Scratch(int length)
    {
        if (scratch.Length < length)
        {
            scratch = new ulong[Math.Max(length, scratch.Length * 2)];
        }

        return scratch;
    }

    internal void Add(ReadOnlySpan<ulong> pfns, bool pin)
    {
        Touch();
        foreach (var pfn in pfns)
        {
            if (pfn != MemoryManager.GarbagePage)
            {
                ref var held = ref Of(pfn);
                held.References += pin ? 0 : 1;
                held.Pins += pin ? 1 : 0;
            }
        }
    }

    internal void Remove(ReadOnlySpan<ulong> pfns, bool pin)
    {
        Touch();
        for (var i = 0; i < pfns.Length; i++)
        {
            if (pfns[i] == MemoryManager.GarbagePage)
            {
                continue;
            }

            ref var held = ref Of(pfns[i]);
            if ((pin ? held.Pins : held.References) == 0)
            {
                Add(pfns[..i], pin);
                ThrowNotTaken(pfns[i], pin);
            }

            held.References -= pin ? 0 : 1;
            held.Pins -= pin ? 1 : 0;
        }
    }

    [DoesNotReturn]
    private static void ThrowNotTaken(ulong pfn, bool pin)
        => throw new InvalidOperationException($"pfn {pfn:x} is not {(pin ? "pinned" : "referenced")} by anybody who called with an array of their own: each get or pin is released once, on the machine that it was taken on.");

    /// <summary>The counts of a page, which becomes the last one.</summary>
    private ref Taken Of(ulong pfn)
    {
        if (pfn != last)
        {
            if (lastCounts.References + lastCounts.Pins != 0)
            {
                Keep(last, lastCounts);
            }

            last = pfn;
            lastCounts = TakeOut(pfn);
        }

        return ref lastCounts;
    }

    private void Keep(ulong pfn, Taken value)
    {
        if (pages is null || counts is null)
        {
            (pages, counts) = (NewTable(8), new Taken[8]);
        }
        else if (used * 2 >= pages.Length)
        {
            var (oldPages, oldCounts) = (pages, counts);
            (pages, counts) = (NewTable(oldPages.Length * 2), new Taken[oldPages.Length * 2]);
            for (var i = 0; i < oldPages.Length; i++)
            {
                if (oldPages[i] != MemoryManager.GarbagePage)
                {
                    Place(pages, counts, oldPages[i], oldCounts[i]);
                }
            }
        }

        Place(pages, counts, pfn, value);
        used++;
    }

    private static ulong[] NewTable(int length)
    {
        var table = new ulong[length];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = MemoryManager.GarbagePage;
        }

        return table;
    }

    private static void Place(ulong[] pages, Taken[] counts, ulong pfn, Taken value)
    {
        var slot = SlotOf(pfn, pages.Length);
        while (pages[slot] != MemoryManager.GarbagePage)
        {
            slot = (slot + 1) & (pages.Length - 1);
        }

        pages[slot] = pfn;
        counts[slot] = value;
    }

    /// <summary>The counts of a page, which leaves the table; what lay behind it moves up to where a search would look for it.</summary>
    private Taken TakeOut(ulong pfn)
    {
        if (used == 0 || pages is null || counts is null)
        {
            return default;
        }

        var mask = pages.Length - 1;
        var slot = SlotOf(pfn, pages.Length);
        while (pages[slot] != pfn)
        {
            if (pages[slot] == MemoryManager.GarbagePage)
            {
                return default;
            }

            slot = (slot + 1) & mask;
        }

        var value = counts[slot];
        used--;
        for (var next = (slot + 1) & mask; pages[next] != MemoryManager.GarbagePage; next = (next + 1) & mask)
        {
            var home = SlotOf(pages[next], pages.Length);
            if (((next - home) & mask) >= ((next - slot) & mask))
            {
                (pages[slot], counts[slot]) = (pages[next], counts[next]);
                slot = next;
            }
        }

        pages[slot] = MemoryManager.GarbagePage;
        return value;
    }

    private static int SlotOf(ulong pfn, int length) => (int)((pfn * 0x9E37_79B9_7F4A_7C15) >> 32) & (length - 1);

    /// <summary>What is held, in ascending order of the pages.</summary>
    private IEnumerable<(ulong Pfn, Taken Counts)> All()
    {
        if (used == 0)
        {
            if (lastCounts.References + lastCounts.Pins != 0)
            {
                yield return (last, lastCounts);
            }

            yield break;
        }

        var all = new List<(ulong Pfn, Taken Counts)>(used + 1);
        for (var i = 0; i < pages!.Length; i++)
        {
            if (pages[i] != MemoryManager.GarbagePage)
            {
                all.Add((pages[i], counts![i]));
            }
        }

        if (lastCounts.References + lastCounts.Pins != 0)
        {
            all.Add((last, lastCounts));
        }

        foreach (var page in all.OrderBy(p => p.Pfn))
        {
            yield return page;
        }
    }

    private protected override void DetachStorage()
    {
        pages = (ulong[]?)pages?.Clone();
        counts = (Taken[]?)counts?.Clone();
        scratch = new ulong[16];
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (UserPageCounts)state;
        (pages, counts, used, last, lastCounts) = (other.pages, other.counts, other.used, other.last, other.lastCounts);
    }

    private struct Taken
    {
        internal int References;
        internal int Pins;
    }
}
