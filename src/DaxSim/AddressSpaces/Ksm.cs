using System.IO.Hashing;
using DaxSim.Memory;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>
/// Merging of equal pages (mm/ksm.c). Anonymous pages of areas that asked for it (MADV_MERGEABLE) are compared; of those that are equal one
/// becomes the merged page, mapped read-only by all, and the others are given back. A page that anybody holds besides its mappings is left alone.
/// </summary>
internal sealed partial class MemoryManager
{
    /// <summary>ksm_max_page_sharing: a merged page is mapped by no more entries; then another one is made.</summary>
    private const int MostSharers = 256;

    /// <summary>ksm_compatible: would the area be scanned if it asked?</summary>
    private static bool MayBeMerged(Vma area) => !area.Has(VmFlags.Shared | VmFlags.MayShare | VmFlags.Special | VmFlags.HugeTlb) && !area.IsDax && area.Inode?.Kind != FileSystems.MappingKind.SecretMemory;

    /// <summary>Enough scans of ksmd that everything that can be merged is.</summary>
    /// <param name="useZeroPages">use_zero_pages.</param>
    /// <returns>How many entries now map a merged page, or the zero page, that did not before.</returns>
    internal int MergeEqualPages(bool useZeroPages)
    {
        useZeroPages &= Policy.MergedZeroes == MergedZeroesRule.BySwitch;
        var stable = new Dictionary<UInt128, ulong>();
        foreach (var extent in Memory.Pages.Extents())
        {
            for (var pfn = extent.Start; extent.Value.Has(PageFlags.Merged) && pfn < extent.End; pfn++)
            {
                stable.TryAdd(HashOf(pfn), pfn);
            }
        }

        var merged = 0;
        var unstable = new Dictionary<UInt128, Candidate>();
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas.Span.ToArray())
            {
                if (!area.Has(VmFlags.Mergeable))
                {
                    continue;
                }

                foreach (var candidate in CandidatesIn(space, area))
                {
                    merged += Merge(candidate, stable, unstable, useZeroPages);
                }
            }
        }

        return merged;
    }

    private List<Candidate> CandidatesIn(AddressSpace space, Vma area)
    {
        var table = space.PageTable;
        var list = new List<Candidate>();
        foreach (var run in table.Ptes.Extents(PageOf(area.Start), PageOf(area.End)))
        {
            for (var page = run.Start; run.Value.IsPresent && !run.Value.IsSpecial && page < run.End; page++)
            {
                list.Add(new Candidate(space, area, page));
            }
        }

        foreach (var run in table.Pmds.Extents((area.Start + PmdSize - 1) >> PmdShift, area.End >> PmdShift))
        {
            for (var page = run.Start << table.PmdOrder; run.Value.IsPresent && !run.Value.IsZero && page < run.End << table.PmdOrder; page++)
            {
                list.Add(new Candidate(space, area, page));
            }
        }

        return list;
    }

    /// <summary>cmp_and_merge_page.</summary>
    private int Merge(Candidate candidate, Dictionary<UInt128, ulong> stable, Dictionary<UInt128, Candidate> unstable, bool useZeroPages)
    {
        if (!TryReadableFrame(candidate.Space, candidate.Page, out var pfn) || !Memory.HasStructPage(pfn) || !Memory.PageOf(Memory.HeadOf(pfn)).IsAnon || Memory.PageOf(pfn).Has(PageFlags.Merged))
        {
            return 0;
        }

        var hash = HashOf(pfn);
        if (stable.TryGetValue(hash, out var target) && SameContent(pfn, target) && Memory.PageOf(target).MapCount < MostSharers)
        {
            return TryReplace(candidate, pfn, target) ? 1 : 0;
        }

        if (useZeroPages && IsZero(pfn))
        {
            return TryReplaceByZeroPage(candidate, pfn) ? 1 : 0;
        }

        if (!unstable.TryGetValue(hash, out var other))
        {
            unstable.Add(hash, candidate);
            return 0;
        }

        if (!TryReadableFrame(other.Space, other.Page, out var first) || first == pfn || !SameContent(pfn, first))
        {
            return 0;
        }

        if (!TryWriteProtect(other, first))
        {
            // The one that was there cannot be merged; perhaps this one can, with a third.
            unstable[hash] = candidate;
            return 0;
        }

        if (!TryWriteProtect(candidate, pfn))
        {
            return 0;
        }

        unstable.Remove(hash);
        MakeMerged(first);
        stable[hash] = first;
        TryReplace(candidate, pfn, first);
        return 2;
    }

    /// <summary>write_protect_page: fails where somebody holds the page besides its mappings, whose stores it could not hear of. A huge page is split first.</summary>
    private bool TryWriteProtect(Candidate candidate, ulong pfn)
    {
        if (Memory.PageOf(pfn).Order > 0)
        {
            Memory.Get(pfn, 1);
            var split = SplitFolio(pfn);
            Memory.Put(pfn, 1);
            if (!split.IsOk)
            {
                return false;
            }
        }

        var state = Memory.PageOf(pfn);
        if (state.References != state.MapCount + PhysicalMemory.SwapCacheReferences(state))
        {
            Trace?.Step("write_protect_page", $"does anybody hold pfn {pfn:x} besides its {state.MapCount} mappings?", "yes: it is not merged");
            return false;
        }

        var table = candidate.Space.PageTable;
        if (table[candidate.Page].Has(PteFlags.Dirty))
        {
            Memory.SetFlags(pfn, PageFlags.Dirty);
        }

        table[candidate.Page] = table[candidate.Page].Without(PteFlags.Write | PteFlags.Dirty);
        return true;
    }

    /// <summary>set_page_stable_node: from now on nobody owns the page alone, and nobody writes it.</summary>
    private void MakeMerged(ulong pfn) => Memory.SetFlags(pfn, PageFlags.Merged | PageFlags.Dirty, PageFlags.AnonExclusive);

    /// <summary>replace_page: one entry maps the merged page instead of its own.</summary>
    private bool TryReplace(Candidate candidate, ulong pfn, ulong target)
    {
        if (!TryWriteProtect(candidate, pfn))
        {
            return false;
        }

        var table = candidate.Space.PageTable;
        table[candidate.Page] = new Pte(candidate.Page, target, table[candidate.Page].Flags);
        Memory.Get(target, 1);
        Memory.AddMapping(target, 1);
        RemoveMapping(candidate.Space, pfn, count: false);
        return true;
    }

    /// <summary>replace_page with the zero page, which nobody counts: the page no longer belongs to the resident set.</summary>
    private bool TryReplaceByZeroPage(Candidate candidate, ulong pfn)
    {
        if (!TryWriteProtect(candidate, pfn))
        {
            return false;
        }

        var table = candidate.Space.PageTable;
        var kept = table[candidate.Page].Flags & (PteFlags.Young | PteFlags.SoftDirty | PteFlags.ProtNone);
        table[candidate.Page] = new Pte(candidate.Page, 0, kept | PteFlags.Present | PteFlags.Special | PteFlags.Zero);
        RemoveMapping(candidate.Space, pfn);
        return true;
    }

    private bool IsZero(ulong pfn)
    {
        var bytes = new byte[PageSize];
        Memory.Contents.Read(pfn, 0, bytes);
        return !bytes.AsSpan().ContainsAnyExcept((byte)0);
    }

    /// <summary>unmerge_ksm_pages: every merged page of the range is copied, as by a store.</summary>
    private void UnmergePages(AddressSpace space, Vma area, ulong start, ulong end)
    {
        for (var page = PageOf(start); page < PageOf(end); page++)
        {
            var pte = space.PageTable[page];
            if (pte.IsPresent && !pte.IsSpecial && Memory.HasStructPage(pte.Pfn(page)) && Memory.PageOf(pte.Pfn(page)).Has(PageFlags.Merged))
            {
                HandleFault(space, area, page << PageShift, Policy.PinUnshare == PinUnshareRule.Never ? FaultFlags.Write | FaultFlags.Remote : FaultFlags.Unshare | FaultFlags.Remote, null);
            }
        }
    }

    private UInt128 HashOf(ulong pfn)
    {
        var bytes = new byte[PageSize];
        Memory.Contents.Read(pfn, 0, bytes);
        return XxHash128.HashToUInt128(bytes);
    }

    private bool SameContent(ulong one, ulong other)
    {
        var bytes = new byte[2 * PageSize];
        Memory.Contents.Read(one, 0, bytes.AsSpan(0, (int)PageSize));
        Memory.Contents.Read(other, 0, bytes.AsSpan((int)PageSize));
        return bytes.AsSpan(0, (int)PageSize).SequenceEqual(bytes.AsSpan((int)PageSize));
    }

    /// <summary>An entry that may be merged (struct ksm_rmap_item).</summary>
    private readonly record struct Candidate(AddressSpace Space, Vma Area, ulong Page);
}
