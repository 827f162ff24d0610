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
        var expected = new ExtentMap<Expected>(new Journal());
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

                if (pfn != GarbagePage && !Memory.HasStructPage(pfn))
                {
                    findings.Add(new($"{holder.HolderName} holds pfn {pfn:x}, whose struct page went with its device: unbinding did not wait."));
                    continue;
                }

                var references = pin && Policy.PinCounting == PinCountingRule.Biased && Memory.PageOf(pfn).Order == 0 ? PinBias : 1;
                ExpectFolio(expected, pfn, new Expected { References = references, Pins = pin ? 1 : 0 });
            }
        }

        foreach (var migration in migrations)
        {
            foreach (var pfn in migration.Held)
            {
                ExpectFolio(expected, pfn, new Expected { References = 1 });
            }
        }

        AuditSwap(expected, findings);
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

    private void AuditEntries(AddressSpace space, ExtentMap<Expected> expected, List<AuditFinding> findings)
    {
        var rss = new ResidentPages();
        foreach (var run in space.PageTable.Ptes.Extents())
        {
            for (var page = run.Start; page < run.End;)
            {
                var area = space.Find(page << PageShift);
                if (area is null)
                {
                    findings.Add(new($"{space.Name}: an entry maps 0x{page << PageShift:x}, where there is no area."));
                    break;
                }

                var stop = Math.Min(run.End, area.End >> PageShift);
                AuditRun(space, area, new(page, stop, run.Value), expected, findings, ref rss);
                page = stop;
            }
        }

        foreach (var run in space.PageTable.Pmds.Extents())
        {
            AuditPmdRun(space, run, expected, findings, ref rss);
        }

        if (rss.Anon != space.AnonPages || rss.File != space.FilePages || rss.Shmem != space.ShmemPages)
        {
            findings.Add(new($"{space.Name}: counted as resident are {space.AnonPages} anonymous, {space.FilePages} file and {space.ShmemPages} shmem pages; mapped are {rss.Anon}, {rss.File} and {rss.Shmem}."));
        }
    }

    /// <summary>Equal base page entries of one area.</summary>
    private void AuditRun(AddressSpace space, Vma area, Extent<Pte> run, ExtentMap<Expected> expected, List<AuditFinding> findings, ref ResidentPages rss)
    {
        var table = space.PageTable;
        if (!table.Pmds.IsEmpty && table.Pmds.TryNext(run.Start >> table.PmdOrder, ((run.End - 1) >> table.PmdOrder) + 1, out var pmd))
        {
            findings.Add(new($"{space.Name}: 0x{Math.Max(run.Start, pmd.Start << table.PmdOrder) << PageShift:x} is mapped by a PMD and by a base entry."));
        }

        if (run.Value.Has(PteFlags.Migration))
        {
            for (var page = run.Start; page < run.End; page++)
            {
                var pfn = run.Value.Pfn(page);
                rss.Add(Memory.PageOf(pfn), 1);
                if (!migrations.Any(m => m.Concerns(pfn)))
                {
                    findings.Add(new($"{space.Name}: 0x{page << PageShift:x} waits for the move of pfn {pfn:x}, which nobody moves."));
                }
            }

            return;
        }

        if (run.Value.IsSpecial || !run.Value.IsPresent)
        {
            return;
        }

        for (var page = run.Start; page < run.End;)
        {
            var pfn = run.Value.Pfn(page);
            var count = Memory.StructPagesFrom(pfn, pfn + (run.End - page));
            if (count == 0)
            {
                findings.Add(new($"{space.Name}: an ordinary entry maps pfn {pfn:x}, which has no struct page."));
                page++;
                continue;
            }

            var stretch = Memory.Pages.StretchAt(pfn, pfn + count);
            if (Memory.IsFree(pfn))
            {
                findings.Add(new($"{space.Name}: an entry maps pfn {pfn:x}, which is free."));
            }
            else
            {
                Expect(expected, pfn, stretch.End, new Expected { Maps = 1 });
                if (stretch.Value.Order == 0)
                {
                    Expect(expected, pfn, stretch.End, new Expected { References = 1 });
                }
                else
                {
                    for (var each = pfn; each < stretch.End; each++)
                    {
                        ExpectFolio(expected, each, new Expected { References = 1 });
                    }
                }

                rss.Add(stretch.Value, (long)stretch.Length);
                if (run.Value.IsWrite && !area.IsShared && !stretch.Value.IsAnon)
                {
                    findings.Add(new($"{space.Name}: 0x{page << PageShift:x} of a private mapping is writable but not a private page."));
                }
            }

            page += stretch.Length;
        }
    }

    /// <summary>Equal PMD entries. Device pages, which may be very many, are looked at as one range.</summary>
    private void AuditPmdRun(AddressSpace space, Extent<Pte> run, ExtentMap<Expected> expected, List<AuditFinding> findings, ref ResidentPages rss)
    {
        var table = space.PageTable;
        for (var index = run.Start; index < run.End;)
        {
            var area = space.Find(index << PmdShift);
            if (area is null)
            {
                findings.Add(new($"{space.Name}: a PMD maps 0x{index << PmdShift:x}, where there is no area."));
                return;
            }

            var stop = Math.Max(index + 1, Math.Min(run.End, area.End >> PmdShift));
            if (run.Value.Has(PteFlags.Migration))
            {
                var moving = table.PmdPfn(index, run.Value);
                stop = index + 1;
                rss.Add(Memory.PageOf(moving), (long)table.PagesPerPmd);
                if (!migrations.Any(m => m.Concerns(moving)))
                {
                    findings.Add(new($"{space.Name}: 0x{index << PmdShift:x} waits for the move of pfn {moving:x}, which nobody moves."));
                }
            }
            else if (run.Value.IsPresent && !run.Value.IsSpecial && !run.Value.IsDevmap)
            {
                var pfn = table.PmdPfn(index, run.Value);
                stop = Memory.PagemapOf(pfn) is null ? index + 1 : stop;
                var end = pfn + ((stop - index) << table.PmdOrder);
                if (Memory.HasStructPage(pfn))
                {
                    if (Memory.IsFree(pfn))
                    {
                        findings.Add(new($"{space.Name}: an entry maps pfn {pfn:x}, which is free."));
                    }

                    Expect(expected, pfn, end, new Expected { References = 1, EntireMaps = 1 });
                    rss.Add(Memory.PageOf(pfn), (long)(end - pfn));
                }
            }

            index = stop;
        }
    }

    /// <summary>What is counted for a folio is expected on every page of it.</summary>
    private void ExpectFolio(ExtentMap<Expected> expected, ulong pfn, Expected more)
    {
        var head = Memory.HeadOf(pfn);
        Expect(expected, head, head + (1UL << Memory.PageOf(pfn).Order), more);
    }

    private static void Expect(ExtentMap<Expected> expected, ulong start, ulong end, Expected more)
    {
        var change = new ExpectMore(more);
        expected.TransformAll(start, end, ref change);
    }

    private void AuditCaches(ExtentMap<Expected> expected, List<AuditFinding> findings)
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
                        ExpectFolio(expected, pfn, new Expected { References = 1 });
                    }
                }
            }
        }
    }

    private void ComparePages(ExtentMap<Expected> expected, List<AuditFinding> findings)
    {
        foreach (var extent in Memory.Pages.Extents())
        {
            var state = extent.Value;
            if (state.Has(PageFlags.Reserved) || (state.Has(PageFlags.PageCache) && !files.ContainsKey(state.Owner)))
            {
                continue;
            }

            for (var pfn = extent.Start; pfn < extent.End;)
            {
                var stretch = expected.StretchAt(pfn, extent.End);
                var e = stretch.Value;
                if (state.References != e.References || state.MapCount != e.Maps || state.EntireMapCount != e.EntireMaps || state.PinCount != e.Pins)
                {
                    findings.Add(new($"pfn {pfn:x}: counted are {state.References} references, {state.MapCount} + {state.EntireMapCount} mappings and {state.PinCount} pins; there are {e.References}, {e.Maps} + {e.EntireMaps} and {e.Pins}."));
                }

                pfn = stretch.End;
            }

            if (state.Has(PageFlags.AnonExclusive) && state.MapCount + state.EntireMapCount > 1)
            {
                findings.Add(new($"pfn {extent.Start:x} is marked exclusive but mapped {state.MapCount + state.EntireMapCount} times."));
            }
        }

        foreach (var extent in expected.Extents())
        {
            for (var pfn = extent.Start; pfn < extent.End;)
            {
                var stretch = Memory.Pages.StretchAt(pfn, extent.End);
                if (stretch.Value.Equals(default) && extent.Value.References + extent.Value.Maps > 0)
                {
                    findings.Add(new($"pfn {pfn:x} is referenced {extent.Value.References} times but counts nothing."));
                }

                pfn = stretch.End;
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

    private record struct Expected(int References, int Maps, int EntireMaps, int Pins);

    private readonly struct ExpectMore(Expected more) : IExtentTransform<Expected>
    {
        public Expected Apply(ulong start, ulong end, Expected value)
            => new(value.References + more.References, value.Maps + more.Maps, value.EntireMaps + more.EntireMaps, value.Pins + more.Pins);
    }
}
