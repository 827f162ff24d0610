using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>Recounts everything that is counted, from the page tables, page caches and holders up.</summary>
internal sealed partial class MemoryManager
{
    private StateList<IPageHolder> holders = null!;

    /// <summary>Who holds pages besides page tables and page caches.</summary>
    internal IReadOnlyList<IPageHolder> Holders => holders;

    internal void AddHolder(IPageHolder holder) => holders.Add(holder);

    internal void RemoveHolder(IPageHolder holder) => holders.Remove(holder);

    /// <summary>Proves that counts equal the references there are, that entries and struct pages agree, and that nothing refers to a free frame.</summary>
    internal List<AuditFinding> Audit()
    {
        var findings = new List<AuditFinding>();
        var expected = new SortedDictionary<ulong, Expected>();
        foreach (var space in spaces)
        {
            AuditAreas(space, findings);
            AuditEntries(space, expected, findings);
        }

        AuditCaches(expected, findings);
        foreach (var holder in holders)
        {
            foreach (var (pfn, pin) in holder.Held)
            {
                if (pin && pfn == Memory.ZeroPfn && Policy.ZeroPagePin == ZeroPagePinRule.NotCounted)
                {
                    continue;
                }

                var head = Memory.HeadOf(pfn);
                var e = expected.GetValueOrDefault(head);
                e.References += pin && Policy.PinCounting == PinCountingRule.Biased && Memory.PageOf(head).Order == 0 ? PinBias : 1;
                e.Pins += pin ? 1 : 0;
                expected[head] = e;
            }
        }

        ComparePages(expected, findings);
        AuditPagemaps(findings);
        return findings;
    }

    private void AuditAreas(AddressSpace space, List<AuditFinding> findings)
    {
        ulong end = 0;
        long locked = 0;
        foreach (var area in space.Areas)
        {
            if (area.Start < end || area.End <= area.Start || ((area.Start | area.End) & (PageSize - 1)) != 0)
            {
                findings.Add(new($"{space.Name}: area {area} overlaps its predecessor, is empty or is not page-aligned."));
            }

            end = area.End;
            locked += area.Has(VmFlags.Locked) ? (long)(area.Length >> PageShift) : 0;
            if (area.Anon is not null && !area.AnonChain.Contains(area.Anon))
            {
                findings.Add(new($"{space.Name}: area {area} is not part of its own anon_vma."));
            }
        }

        if (locked != space.LockedPages)
        {
            findings.Add(new($"{space.Name}: {space.LockedPages} pages are counted as locked, its locked areas have {locked}."));
        }
    }

    private void AuditEntries(AddressSpace space, SortedDictionary<ulong, Expected> expected, List<AuditFinding> findings)
    {
        var rss = new Resident();
        foreach (var run in space.PageTable.Ptes.Extents())
        {
            for (var page = run.Start; page < run.End; page++)
            {
                var area = space.Find(page << PageShift);
                if (area is null)
                {
                    findings.Add(new($"{space.Name}: an entry maps 0x{page << PageShift:x}, where there is no area."));
                    break;
                }

                if (!space.PageTable.PmdOf(page).IsNone)
                {
                    findings.Add(new($"{space.Name}: 0x{page << PageShift:x} is mapped by a PMD and by a base entry."));
                }

                if (run.Value.IsSpecial || !run.Value.IsPresent)
                {
                    // No counts: every further page of the run in the same area is as this one.
                    page = Math.Min(run.End, area.End >> PageShift) - 1;
                    continue;
                }

                var pfn = run.Value.Pfn(page);
                Expect(space, expected, findings, ref rss, pfn, entire: false);
                if (run.Value.IsWrite && !area.IsShared && Memory.HasStructPage(pfn) && !Memory.PageOf(pfn).IsAnon)
                {
                    findings.Add(new($"{space.Name}: 0x{page << PageShift:x} of a private mapping is writable but not a private page."));
                }
            }
        }

        foreach (var run in space.PageTable.Pmds.Extents())
        {
            for (var index = run.Start; index < run.End; index++)
            {
                if (space.Find(index << PmdShift) is null)
                {
                    findings.Add(new($"{space.Name}: a PMD maps 0x{index << PmdShift:x}, where there is no area."));
                }

                if (!run.Value.IsSpecial && !run.Value.IsDevmap)
                {
                    var pfn = space.PageTable.PmdPfn(index, run.Value);
                    if (Memory.HasStructPage(pfn))
                    {
                        Expect(space, expected, findings, ref rss, pfn, entire: true);
                    }
                }
            }
        }

        if (rss.Anon != space.AnonPages || rss.File != space.FilePages || rss.Shmem != space.ShmemPages)
        {
            findings.Add(new($"{space.Name}: counted as resident are {space.AnonPages} anonymous, {space.FilePages} file and {space.ShmemPages} shmem pages; mapped are {rss.Anon}, {rss.File} and {rss.Shmem}."));
        }
    }

    private void Expect(AddressSpace space, SortedDictionary<ulong, Expected> expected, List<AuditFinding> findings, ref Resident rss, ulong pfn, bool entire)
    {
        if (!Memory.HasStructPage(pfn))
        {
            findings.Add(new($"{space.Name}: an ordinary entry maps pfn {pfn:x}, which has no struct page."));
            return;
        }

        if (Memory.IsFree(pfn))
        {
            findings.Add(new($"{space.Name}: an entry maps pfn {pfn:x}, which is free."));
            return;
        }

        var head = Memory.HeadOf(pfn);
        var e = expected.GetValueOrDefault(head);
        e.References++;
        e.EntireMaps += entire ? 1 : 0;
        expected[head] = e;
        if (!entire)
        {
            e = expected.GetValueOrDefault(pfn);
            e.Maps++;
            expected[pfn] = e;
        }

        var state = Memory.PageOf(head);
        var pages = entire ? 1L << state.Order : 1;
        if (state.Has(PageFlags.Hugetlb))
        {
            return;
        }

        rss.Anon += state.IsAnon ? pages : 0;
        rss.Shmem += !state.IsAnon && state.Has(PageFlags.SwapBacked) ? pages : 0;
        rss.File += !state.IsAnon && !state.Has(PageFlags.SwapBacked) ? pages : 0;
    }

    private void AuditCaches(SortedDictionary<ulong, Expected> expected, List<AuditFinding> findings)
    {
        foreach (var (_, inode) in files)
        {
            if (!inode.HasPageCache)
            {
                continue;
            }

            foreach (var extent in inode.Cache.Extents())
            {
                for (var index = extent.Start; index < extent.End; index++)
                {
                    var pfn = extent.Value.Target(index);
                    var state = Memory.PageOf(pfn);
                    if (state.Owner != inode.Id || Memory.IndexOf(pfn) != index || state.IsAnon)
                    {
                        findings.Add(new($"{inode.Name}: page {index} of the page cache is pfn {pfn:x}, which does not belong there."));
                    }

                    if (pfn == Memory.HeadOf(pfn))
                    {
                        var e = expected.GetValueOrDefault(pfn);
                        e.References++;
                        expected[pfn] = e;
                    }
                }
            }
        }
    }

    private void ComparePages(SortedDictionary<ulong, Expected> expected, List<AuditFinding> findings)
    {
        var expectedHeads = new Dictionary<ulong, Expected>();
        foreach (var extent in Memory.Pages.Extents())
        {
            for (var pfn = extent.Start; pfn < extent.End; pfn++)
            {
                var state = extent.Value;
                if (state.Has(PageFlags.Reserved) || (state.Has(PageFlags.PageCache) && !files.ContainsKey(state.Owner)))
                {
                    expected.Remove(pfn);
                    continue;
                }

                var known = expected.TryGetValue(pfn, out var e);
                if (!known && state.References == 0 && state.MapCount == 0 && state.EntireMapCount == 0)
                {
                    // A run of idle device pages or of tail pages.
                    continue;
                }

                if (state.Order > 0 && Memory.HeadOf(pfn) is var head && head != pfn)
                {
                    // What is counted for the folio stands on every page of it; what was found is noted at its head.
                    var folio = expectedHeads.GetValueOrDefault(head);
                    e.References = folio.References;
                    e.EntireMaps = folio.EntireMaps;
                    e.Pins = folio.Pins;
                }
                else if (state.Order > 0)
                {
                    expectedHeads[pfn] = e;
                }

                if (state.References != e.References || state.MapCount != e.Maps || state.EntireMapCount != e.EntireMaps || state.PinCount != e.Pins)
                {
                    findings.Add(new($"pfn {pfn:x}: counted are {state.References} references, {state.MapCount} + {state.EntireMapCount} mappings and {state.PinCount} pins; there are {e.References}, {e.Maps} + {e.EntireMaps} and {e.Pins}."));
                }

                if (state.Has(PageFlags.AnonExclusive) && state.MapCount + state.EntireMapCount > 1)
                {
                    findings.Add(new($"pfn {pfn:x} is marked exclusive but mapped {state.MapCount + state.EntireMapCount} times."));
                }

                expected.Remove(pfn);
            }
        }

        foreach (var (pfn, e) in expected)
        {
            if (e.References + e.Maps > 0 && !Memory.PageOf(pfn).Has(PageFlags.Reserved))
            {
                findings.Add(new($"pfn {pfn:x} is referenced {e.References} times but counts nothing."));
            }
        }
    }

    private void AuditPagemaps(List<AuditFinding> findings)
    {
        foreach (var pagemap in Memory.Pagemaps)
        {
            long held = 0;
            if (Policy.PinnedPagemap == PinnedPagemapRule.HeldByEveryPage)
            {
                held = holders.Sum(h => h.Held.Count(p => Memory.PagemapOf(p.Pfn) == pagemap));
            }

            if (pagemap.References != held)
            {
                findings.Add(new($"The pagemap at pfn {pagemap.StartPfn:x} counts {pagemap.References} references; there are {held}."));
            }
        }
    }

    private struct Expected
    {
        internal int References;
        internal int Maps;
        internal int EntireMaps;
        internal int Pins;
    }

    private struct Resident
    {
        internal long Anon;
        internal long File;
        internal long Shmem;
    }
}
