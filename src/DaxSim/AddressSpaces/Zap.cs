using DaxSim.FileSystems;
using DaxSim.Memory;

namespace DaxSim.AddressSpaces;

/// <summary>Taking pages out of page tables: munmap, exit, MADV_DONTNEED, truncation (zap_page_range, unmap_mapping_range).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>zap_page_range for part of one area. With <paramref name="keepCopies"/> anonymous pages of a private file area stay.</summary>
    internal void Zap(AddressSpace space, Vma area, ulong start, ulong end, bool keepCopies = false)
    {
        var table = space.PageTable;
        if (area.Has(VmFlags.HugeTlb))
        {
            ZapHugeTlb(space, area, start, end);
            return;
        }

        SplitPmdsAt(space, area, start, end);
        foreach (var extent in table.Pmds.Extents((start + PmdSize - 1) >> PmdShift, end >> PmdShift).ToArray())
        {
            for (var index = extent.Start; index < extent.End; index++)
            {
                ZapPmd(space, area, index, keepCopies);
            }
        }

        var zap = new ZapWalk(this, space, area, keepCopies);
        zap.Run(PageOf(start), PageOf(end));
        WakeWaitersForUnmappedPages();
    }

    /// <inheritdoc/>
    public void UnmapRange(Inode inode, ulong first, ulong end, bool evenCopies)
    {
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas.Span.ToArray())
            {
                if (area.Inode != inode || !TryOverlap(area, first, end, out var from, out var to))
                {
                    continue;
                }

                Zap(space, area, from, to, keepCopies: !evenCopies);
            }
        }
    }

    /// <inheritdoc/>
    public void MakeClean(Inode inode, ulong first, ulong end)
    {
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas.Span.ToArray())
            {
                if (area.Inode != inode || !area.IsShared || !TryOverlap(area, first, end, out var from, out var to))
                {
                    continue;
                }

                var clean = default(CleanTransform);
                space.PageTable.Ptes.Transform(PageOf(from), PageOf(to), ref clean);
                if (!space.PageTable.Pmds.IsEmpty)
                {
                    space.PageTable.Pmds.Transform(from >> PmdShift, (to + PmdSize - 1) >> PmdShift, ref clean);
                }
            }
        }
    }

    /// <summary>The addresses of an area that map file pages of a range.</summary>
    internal bool TryOverlap(Vma area, ulong first, ulong end, out ulong from, out ulong to)
    {
        var areaEnd = area.PageOffset + (area.Length >> PageShift);
        var low = Math.Max(first, area.PageOffset);
        var high = Math.Min(end, areaEnd);
        from = area.Start + ((low - area.PageOffset) << PageShift);
        to = area.Start + ((high - area.PageOffset) << PageShift);
        return low < high;
    }

    private void ZapPmd(AddressSpace space, Vma area, ulong index, bool keepCopies)
    {
        var table = space.PageTable;
        var pmd = table.Pmds[index];
        var pfn = pmd.IsZero ? 0 : table.PmdPfn(index, pmd);
        if (pmd.IsZero)
        {
            table.Pmds[index] = default;
            return;
        }

        if (keepCopies && IsAnonHuge(area, pmd, pfn))
        {
            return;
        }

        table.Pmds[index] = default;
        ZapPmdEntry(space, area, pmd, pfn, table.PagesPerPmd);
    }

    /// <summary>What an already cleared PMD entry held goes.</summary>
    private void ZapPmdEntry(AddressSpace space, Vma area, Pte pmd, ulong pfn, ulong pages)
    {
        if (pmd.IsSpecial || pmd.IsDevmap || !Memory.HasStructPage(pfn))
        {
            return;
        }

        var anon = IsAnonHuge(area, pmd, pfn);
        space.CountRss(anon ? -(long)pages : 0, anon ? 0 : -(long)pages, 0);
        Memory.AddMapping(pfn, -1, entire: true);
        Memory.Put(pfn, 1);
    }

    private readonly struct CleanTransform : State.IExtentTransform<Pte>
    {
        public Pte Apply(ulong start, ulong end, Pte value) => value.Without(PteFlags.Write | PteFlags.Dirty);
    }

    /// <summary>zap_pte_range over runs: a run of entries without struct pages is one step however long it is.</summary>
    private readonly struct ZapWalk(MemoryManager mm, AddressSpace space, Vma area, bool keepCopies)
    {
        internal void Run(ulong from, ulong limit)
        {
            var ptes = space.PageTable.Ptes;
            for (var page = from; page < limit && ptes.TryNext(page, limit, out var run);)
            {
                page = run.End;
                if (!run.Value.IsPresent)
                {
                    ptes.Clear(run.Start, run.End);
                    continue;
                }

                if (run.Value.IsSpecial)
                {
                    ZapSpecial(run);
                }
                else
                {
                    ZapNormal(run);
                }
            }
        }

        private void ZapSpecial(State.Extent<Pte> run)
        {
            // Private copies are never special, so nothing here is kept. Each page's entry is looked at, which may report it;
            // once the outcome of the first is silence, the rest of the run is as silent.
            for (var page = run.Start; page < run.End; page++)
            {
                var before = mm.BadPageMaps;
                mm.TryNormalPage(space, area, page, run.Value, "unmap_page_range", out _);
                if (mm.BadPageMaps == before)
                {
                    break;
                }
            }

            space.PageTable.Ptes.Clear(run.Start, run.End);
        }

        private void ZapNormal(State.Extent<Pte> run)
        {
            for (var page = run.Start; page < run.End; page++)
            {
                if (!mm.TryNormalPage(space, area, page, run.Value, "unmap_page_range", out var pfn))
                {
                    space.PageTable[page] = default;
                    continue;
                }

                if (keepCopies && mm.Memory.PageOf(pfn).IsAnon)
                {
                    continue;
                }

                space.PageTable[page] = default;
                if (run.Value.Has(PteFlags.Dirty) && area.File is { } file && file.Inode.HasPageCache && !mm.Memory.PageOf(pfn).IsAnon)
                {
                    file.Inode.MarkDirty(area.PageIndex(page << mm.PageShift, mm.PageShift));
                }

                mm.RemoveMapping(space, pfn);
            }
        }
    }
}
