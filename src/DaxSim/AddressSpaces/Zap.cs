using DaxSim.FileSystems;
using DaxSim.Memory;

namespace DaxSim.AddressSpaces;

/// <summary>Taking pages out of page tables: munmap, exit, MADV_DONTNEED, truncation (zap_page_range, unmap_mapping_range).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>zap_page_range for part of one area.</summary>
    /// <param name="space">The address space.</param>
    /// <param name="area">The area.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">The byte behind the last.</param>
    /// <param name="keepCopies">Anonymous pages of a private file area stay.</param>
    /// <param name="keepMarkers">What userfaultfd protects in an area with a file stays protected (no ZAP_FLAG_DROP_MARKER).</param>
    internal void Zap(AddressSpace space, Vma area, ulong start, ulong end, bool keepCopies = false, bool keepMarkers = false)
    {
        var table = space.PageTable;
        if (area.Has(VmFlags.HugeTlb))
        {
            ZapHugeTlb(space, area, start, end, keepMarkers);
            return;
        }

        SplitPmdsAt(space, area, start, end);
        for (var index = (start + PmdSize - 1) >> PmdShift; table.Pmds.TryNext(index, end >> PmdShift, out var run); index = run.End)
        {
            ZapPmds(space, area, run, keepCopies);
        }

        KeepTables(space, PageOf(start), PageOf(end));
        var zap = new ZapWalk(this, space, area, keepCopies, keepMarkers && !area.IsAnonymous);
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

                Zap(space, area, from, to, keepCopies: !evenCopies, keepMarkers: true);
            }
        }
    }

    /// <summary>mapping_mapped: does any area map the file, whether it has entries there or not?</summary>
    internal bool IsMapped(Inode inode)
    {
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas.Span)
            {
                if (area.Inode == inode)
                {
                    return true;
                }
            }
        }

        return false;
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

    /// <summary>zap_huge_pmd for a run of equal PMD entries; those of device memory are one step however many there are.</summary>
    private void ZapPmds(AddressSpace space, Vma area, State.Extent<Pte> run, bool keepCopies)
    {
        var pmds = space.PageTable.Pmds;
        if (run.Value.IsZero || area.File is not null)
        {
            // In an area with a file no PMD is anonymous (hugetlb has its own way).
            pmds.Clear(run.Start, run.End);
            if (!run.Value.IsZero)
            {
                ZapPmdEntries(space, area, run);
            }

            return;
        }

        for (var index = run.Start; index < run.End && run.Value.Has(PteFlags.Migration); index++)
        {
            // A page on the move is still counted as resident, and holds nothing else.
            pmds[index] = default;
            CountRss(space, space.PageTable.PmdPfn(index, run.Value), -(long)space.PageTable.PagesPerPmd);
        }

        for (var index = run.Start; index < run.End && run.Value.IsPresent; index++)
        {
            if (!keepCopies || !IsAnonHuge(area, run.Value, space.PageTable.PmdPfn(index, run.Value)))
            {
                pmds[index] = default;
                ZapPmdEntries(space, area, new(index, index + 1, run.Value));
            }
        }
    }

    /// <summary>What already cleared PMD entries held goes.</summary>
    private void ZapPmdEntries(AddressSpace space, Vma area, State.Extent<Pte> run)
    {
        if (run.Value.IsSpecial || run.Value.IsDevmap)
        {
            return;
        }

        var table = space.PageTable;
        for (var index = run.Start; index < run.End;)
        {
            var pfn = table.PmdPfn(index, run.Value);
            var pages = (run.End - index) << table.PmdOrder;
            if (Memory.PagemapOf(pfn) is not null)
            {
                pages = Math.Min(pages, Memory.StructPagesFrom(pfn, pfn + pages));
                Memory.AddEntireMappings(pfn, pages, -1);
                space.CountRss(0, -(long)pages, 0);
            }
            else if (Memory.HasStructPage(pfn))
            {
                pages = table.PagesPerPmd;
                var anon = IsAnonHuge(area, run.Value, pfn);
                space.CountRss(anon ? -(long)pages : 0, anon ? 0 : -(long)pages, 0);
                Memory.AddMapping(pfn, -1, entire: true);
                Memory.Put(pfn, 1);
            }

            index += Math.Max(1, pages >> table.PmdOrder);
        }
    }

    private readonly struct CleanTransform : State.IExtentTransform<Pte>
    {
        public Pte Apply(ulong start, ulong end, Pte value) => value.Without(PteFlags.Write | PteFlags.Dirty);
    }

    /// <summary>zap_pte_range over runs: a run of entries without struct pages is one step however long it is.</summary>
    private readonly struct ZapWalk(MemoryManager mm, AddressSpace space, Vma area, bool keepCopies, bool keepMarkers)
    {
        internal void Run(ulong from, ulong limit)
        {
            var ptes = space.PageTable.Ptes;
            for (var page = from; page < limit && ptes.TryNext(page, limit, out var run);)
            {
                if (!keepCopies && mm.TryZapWindow(space, area, run.Start, limit, out page))
                {
                    continue;
                }

                page = run.End;
                if (!run.Value.IsPresent)
                {
                    if (!keepMarkers || !run.Value.IsMarker)
                    {
                        ZapAbsent(run);
                    }

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

                if (keepMarkers && run.Value.Has(PteFlags.UffdWp) && area.IsUserfaultProtected)
                {
                    LeaveMarkers(run.Start, run.End);
                }
            }
        }

        /// <summary>pte_install_uffd_wp_if_needed.</summary>
        private void LeaveMarkers(ulong start, ulong end)
        {
            var ptes = space.PageTable.Ptes;
            for (var at = start; at < end;)
            {
                var run = ptes.StretchAt(at, end);
                if (run.Value.IsNone)
                {
                    ptes.Set(at, run.End, Pte.Marker);
                }

                at = run.End;
            }
        }

        /// <summary>A page on the move is still counted as resident; private copies among them may be kept.</summary>
        private void ZapAbsent(State.Extent<Pte> run)
        {
            if (run.Value.Has(PteFlags.Swap))
            {
                // What is swapped out of a private area is a private copy.
                if (!keepCopies)
                {
                    mm.ZapSwapRun(space, run);
                }

                return;
            }

            for (var page = run.Start; page < run.End; page++)
            {
                if (run.Value.Has(PteFlags.Migration))
                {
                    var pfn = run.Value.Pfn(page);
                    if (keepCopies && mm.Memory.PageOf(pfn).IsAnon)
                    {
                        continue;
                    }

                    mm.CountRss(space, pfn, -1);
                    space.PageTable[page] = default;
                }
            }

            if (!run.Value.Has(PteFlags.Migration))
            {
                space.PageTable.Ptes.Clear(run.Start, run.End);
            }
        }

        private void ZapSpecial(State.Extent<Pte> run)
        {
            // Private copies are never special, so nothing here is kept.
            mm.LookAtSpecialRun(space, area, run.Start, run.End, run.Value, "unmap_page_range");
            space.PageTable.Ptes.Clear(run.Start, run.End);
        }

        private void ZapNormal(State.Extent<Pte> run)
        {
            var memory = mm.Memory;
            var tracked = run.Value.Has(PteFlags.Dirty) && area.File is { Inode.HasPageCache: true };
            var resident = new ResidentPages();
            for (var page = run.Start; page < run.End;)
            {
                var pfn = mm.PfnOf(run.Value, page);
                var count = memory.StructPagesFrom(pfn, pfn + (run.End - page));
                if (count == 0)
                {
                    mm.TryNormalPage(space, area, page, run.Value, "unmap_page_range", out _);
                    space.PageTable[page++] = default;
                    continue;
                }

                if (memory.Swap is not null)
                {
                    // Pages of the swap cache are looked at one by one.
                    count = memory.Pages.StretchAt(pfn, pfn + count) is { Value: var first } alike && first.Has(PageFlags.SwapCache) ? 1 : alike.Length;
                }

                if (keepCopies || tracked)
                {
                    var stretch = memory.Pages.StretchAt(pfn, pfn + count);
                    count = stretch.Length;
                    if (keepCopies && stretch.Value.IsAnon)
                    {
                        page += count;
                        continue;
                    }

                    for (var i = 0UL; tracked && !stretch.Value.IsAnon && i < count; i++)
                    {
                        area.File!.Inode.MarkDirty(area.PageIndex((page + i) << mm.PageShift, mm.PageShift));
                    }
                }

                space.PageTable.Ptes.Clear(page, page + count);
                if (memory.Swap is not null && memory.PageOf(pfn).Has(PageFlags.SwapCache))
                {
                    mm.RemoveMapping(space, pfn);
                    page++;
                    continue;
                }

                memory.AddMappings(pfn, count, -1, PageFlags.None, ref resident);
                page += count;
            }

            space.CountRss(resident);
        }
    }
}
