using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>
/// Faulting in DAX mappings ahead of use, by runs of pages that are alike: neighbouring blocks of a file in neighbouring frames,
/// with nothing mapped yet. The outcome is that of a fault at every page; what differs is left to those.
/// </summary>
internal sealed partial class MemoryManager
{
    /// <summary>May populate look for runs in this area at all? Where entries without struct page end the walk, or every page is copied, it may not.</summary>
    private bool FaultsInRuns(Vma area, GupFlags flags)
    {
        var write = (flags & GupFlags.Write) != 0;
        return area.IsDax && area.Handler is null && !TracksSoftDirty(area) && Trace is null && counters.FailAllocation == 0
            && (flags & (GupFlags.Get | GupFlags.Pin)) == 0
            && (!write || (area.IsShared && area.Has(VmFlags.Write)))
            && area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec)
            && (Policy.GupPrefaultWithoutStructPage == GupPrefaultRule.Skipped || Policy.DaxPages == DaxPageRule.CountedLikeFilePages)
            && CheckAreaFlags(area, flags).IsOk;
    }

    /// <summary>Faults in the pages from <paramref name="page"/> on that are alike. How many there were; 0 where the first needs a fault of its own.</summary>
    private ulong PrefaultRun(AddressSpace space, Vma area, ulong page, ulong limit, GupFlags flags)
    {
        var write = (flags & GupFlags.Write) != 0;
        var present = PresentRun(space, area, page, limit, write);
        if (present > 0)
        {
            return present;
        }

        var table = space.PageTable;
        if (!table[page].IsNone || !table.PmdOf(page).IsNone)
        {
            return 0;
        }

        var index = page >> table.PmdOrder;
        if (CouldBeHuge(area, index))
        {
            if ((page & (table.PagesPerPmd - 1)) == 0 && limit - page >= table.PagesPerPmd)
            {
                var count = AlikePmds(space, area, index, (limit - page) >> table.PmdOrder);
                if (count > 0 && TryPrefaultPmds(space, area, index, count, write))
                {
                    return count << table.PmdOrder;
                }
            }
            else if (!NeverHuge(space, area, page, write) && !table.Ptes.TryNext(index << table.PmdOrder, (index + 1) << table.PmdOrder, out _))
            {
                // A fault at a page in the middle may map the whole PMD.
                return 0;
            }
        }

        return area.IsFsDax ? PrefaultBasePages(space, area, page, limit, write) : 0;
    }

    /// <summary>Pages that are mapped already as the flags demand (follow_page finds them).</summary>
    private ulong PresentRun(AddressSpace space, Vma area, ulong page, ulong limit, bool write)
    {
        var table = space.PageTable;
        if (!table.PmdOf(page).IsNone)
        {
            var pmds = table.Pmds.StretchAt(page >> table.PmdOrder, ((limit - 1) >> table.PmdOrder) + 1);
            return IsUsable(pmds.Value, write) ? Math.Min(limit, pmds.End << table.PmdOrder) - page : 0;
        }

        var run = table.Ptes.StretchAt(page, limit);
        if (!IsUsable(run.Value, write) || (write && !run.Value.Has(PteFlags.Dirty)))
        {
            return 0;
        }

        if (run.Value.IsSpecial)
        {
            LookAtSpecialRun(space, area, run.Start, run.End, run.Value, "follow_page_pte");
            return run.Length;
        }

        var pfn = run.Value.Pfn(page);
        return Memory.StructPagesFrom(pfn, pfn + run.Length);
    }

    private static bool IsUsable(Pte pte, bool write) => pte.IsPresent && !pte.IsProtNone && (!write || pte.IsWrite);

    /// <summary>How many PMDs from this one on have no entry yet and lie over one stretch of the file.</summary>
    private ulong AlikePmds(AddressSpace space, Vma area, ulong index, ulong limit)
    {
        var table = space.PageTable;
        var inode = area.File!.Inode;
        var first = index << table.PmdOrder;
        var count = table.Pmds.StretchAt(index, index + limit).Length;
        count = table.Ptes.TryNext(first, first + (count << table.PmdOrder), out var entry) ? (entry.Start - first) >> table.PmdOrder : count;
        var fileIndex = area.PageIndex(index << PmdShift, PageShift);
        if (inode.Kind == MappingKind.DeviceDax)
        {
            return fileIndex < inode.DevicePages ? Math.Min(count, (inode.DevicePages - fileIndex) >> table.PmdOrder) : 0;
        }

        if (fileIndex >= inode.PagesInSize)
        {
            return 0;
        }

        var pages = Math.Min(count << table.PmdOrder, inode.PagesInSize - fileIndex);
        pages = inode.Cache.StretchAt(fileIndex, fileIndex + pages).Length;
        var blocks = inode.Blocks.StretchAt(fileIndex, fileIndex + pages);
        pages = blocks.Value.IsNone ? blocks.Length : AccessibleFrom(inode, blocks.Value.Target(fileIndex), blocks.Length, out _);
        return pages >> table.PmdOrder;
    }

    private bool TryPrefaultPmds(AddressSpace space, Vma area, ulong index, ulong count, bool write)
        => area.IsFsDax ? TryMapHugeDax(space, area, index, count, write) : TryMapHugeDeviceDax(space, area, index, count, out var result) && result.Code == FaultCode.Done;

    /// <summary>dax_iomap_pte_fault for pages that are alike.</summary>
    private ulong PrefaultBasePages(AddressSpace space, Vma area, ulong page, ulong limit, bool write)
    {
        var table = space.PageTable;
        var inode = area.File!.Inode;
        var index = area.PageIndex(page << PageShift, PageShift);
        if (index >= inode.PagesInSize)
        {
            return 0;
        }

        var count = Math.Min(limit - page, inode.PagesInSize - index);
        var pmdIndex = page >> table.PmdOrder;
        if ((CouldBeHuge(area, pmdIndex) || CouldBeHuge(area, pmdIndex + 1)) && !NeverHuge(space, area, page, write))
        {
            // That this PMD cannot be mapped whole says nothing about the next.
            count = Math.Min(count, table.PagesPerPmd - (page & (table.PagesPerPmd - 1)));
        }
        else if (!table.Pmds.IsEmpty && table.Pmds.TryNext(pmdIndex, ((page + count - 1) >> table.PmdOrder) + 1, out var pmd))
        {
            count = Math.Min(count, (pmd.Start << table.PmdOrder) - page);
        }

        count = table.Ptes.StretchAt(page, page + count).Length;
        var cached = inode.Cache.StretchAt(index, index + count);
        var blocks = inode.Blocks.StretchAt(index, cached.End);
        count = blocks.Length;
        var unwritten = blocks.Value.Has(CacheFlags.Unwritten);
        if (!write && (blocks.Value.IsNone || unwritten))
        {
            DaxLoadHole(space, area, page, inode, index, count);
            return count;
        }

        if (blocks.Value.IsNone || (write && blocks.Value.Has(CacheFlags.Shared)))
        {
            return 0;
        }

        count = AccessibleFrom(inode, blocks.Value.Target(index), count, out var access);
        if (count == 0 || (Policy.DaxPages == DaxPageRule.CountedLikeFilePages && !Memory.HasStructPage(access.Pfn)))
        {
            return 0;
        }

        if (unwritten)
        {
            inode.Blocks.Set(index, index + count, blocks.Value.Without(CacheFlags.Unwritten));
            Memory.Contents.Fill(access.Pfn, access.Pfn + count, 0);
            if (!cached.Value.IsNone)
            {
                UnmapRange(inode, index, index + count, evenCopies: false);
                inode.DropCache(index, index + count);
            }
        }

        InsertDaxPages(space, area, page, inode, index, count, access, write);
        LookAtSpecialRun(space, area, page, page + count, table[page], "follow_page_pte");
        return count;
    }

    /// <summary>How many pages of a volume from this one on direct_access gives in one piece, all of them with or all without struct page.</summary>
    private ulong AccessibleFrom(Inode inode, ulong target, ulong count, out DirectAccess access)
    {
        for (; count > 0; count /= 2)
        {
            var answer = inode.Volume!.Access(target, (long)count);
            if (answer.IsOk)
            {
                access = answer.Value;
                return Memory.AlikeFrom(access.Pfn, access.Pfn + Math.Min(count, (ulong)access.Bytes >> PageShift));
            }
        }

        access = default;
        return 0;
    }

    /// <summary>True when no fault on the file's stretch of blocks at this page can map a PMD, wherever in the stretch it happens.</summary>
    private bool NeverHuge(AddressSpace space, Vma area, ulong page, bool write)
    {
        var inode = area.File!.Inode;
        var mask = space.PageTable.PagesPerPmd - 1;
        var index = area.PageIndex(page << PageShift, PageShift);
        if (!area.IsFsDax || ((page ^ index) & mask) != 0)
        {
            return area.IsFsDax;
        }

        var block = inode.Blocks[index];
        if (block.IsNone || inode.Volume!.Access(block.Target(index), 1) is not { IsOk: true } access)
        {
            return false;
        }

        // A read of unwritten blocks maps zeros, for which no frame matters.
        return (write || !block.Has(CacheFlags.Unwritten))
            && (((access.Value.Pfn ^ page) & mask) != 0
                || (Policy.DaxHugePages == DaxHugePageRule.ForPagesWithStructPage && (!Memory.HasStructPage(access.Value.Pfn) || (Policy.DaxPages != DaxPageRule.CountedLikeFilePages && !IsDevmap(access.Value.Flags)))));
    }
}
