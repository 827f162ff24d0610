using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Faults that map a whole PMD: transparent huge pages, DAX and device-dax (mm/huge_memory.c, fs/dax.c, drivers/dax/device.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>/sys/kernel/mm/transparent_hugepage/enabled: "always" when true, "madvise" otherwise.</summary>
    internal bool TransparentHugePagesAlways { get; set; }

    /// <summary>The PMD level of __handle_mm_fault. False: go on with base pages.</summary>
    internal bool TryHugeFault(AddressSpace space, Vma area, ulong address, FaultFlags flags, out FaultResult result)
    {
        var write = (flags & FaultFlags.Write) != 0;
        var unshare = (flags & FaultFlags.Unshare) != 0;
        result = FaultResult.Done;
        var table = space.PageTable;
        var index = address >> PmdShift;
        var pmd = table.Pmds.IsEmpty ? default : table.Pmds[index];
        if (pmd.IsNone)
        {
            return CouldBeHuge(area, index) && TryMapHuge(space, area, index, write, out result);
        }

        if (pmd.IsProtNone && IsHint(area, pmd))
        {
            HugeHintFault(space, area, index, pmd);
            pmd = table.Pmds[index];
        }

        if ((write || unshare) && !pmd.IsWrite)
        {
            if (pmd.Has(PteFlags.UffdWp) && area.IsUserfaultProtected && write)
            {
                if (!area.Handler!.Has(UserfaultFeatures.WriteProtectAsync))
                {
                    result = HandleUserfault(area, address, flags, UserfaultMode.WriteProtect);
                    return true;
                }

                // wp_huge_pmd: each page resolves its own protection.
                SplitPmd(space, area, index);
                return false;
            }

            return TryHugeWriteProtect(space, area, index, pmd, write, unshare);
        }

        var touched = pmd.With(PteFlags.Young | (write ? Dirtied(area) : 0));
        if (!touched.Equals(pmd))
        {
            table.Pmds[index] = touched;
        }

        return true;
    }

    /// <summary>__split_huge_pmd: anonymous memory becomes 512 entries of the same folio; file memory is simply unmapped and faults in again.</summary>
    internal void SplitPmd(AddressSpace space, Vma area, ulong index)
    {
        var table = space.PageTable;
        var pmd = table.Pmds[index];
        if (pmd.IsNone)
        {
            return;
        }

        var first = index << table.PmdOrder;
        table.Pmds[index] = default;
        var flags = pmd.Flags & ~PteFlags.Huge;
        if (pmd.Has(PteFlags.Migration))
        {
            SplitMovingPmd(space, index, pmd);
            return;
        }

        if (pmd.IsZero)
        {
            table.Ptes.Set(first, first + table.PagesPerPmd, new Pte(first, 0, flags | PteFlags.Special));
            return;
        }

        var pfn = table.PmdPfn(index, pmd);
        if (!IsAnonHuge(area, pmd, pfn))
        {
            ZapPmdEntries(space, area, new(index, index + 1, pmd));
            return;
        }

        var exclusive = Memory.PageOf(pfn).Has(PageFlags.AnonExclusive);
        Memory.AddMapping(pfn, -1, entire: true);
        Memory.Get(pfn, (int)table.PagesPerPmd - 1);
        var change = new SubpageMapping(1, exclusive);
        Memory.Pages.Transform(pfn, pfn + table.PagesPerPmd, ref change);
        table.Ptes.Set(first, first + table.PagesPerPmd, new Pte(first, pfn, flags));
    }

    /// <summary>Splits the PMDs that a range cuts through, so that base page entries can be changed one by one.</summary>
    internal void SplitPmdsAt(AddressSpace space, Vma area, ulong start, ulong end)
    {
        if (space.PageTable.Pmds.IsEmpty)
        {
            return;
        }

        if ((start & (PmdSize - 1)) != 0 && space.PageTable.Pmds[start >> PmdShift].Has(PteFlags.Present | PteFlags.Migration))
        {
            SplitPmd(space, area, start >> PmdShift);
        }

        if ((end & (PmdSize - 1)) != 0 && space.PageTable.Pmds[end >> PmdShift].Has(PteFlags.Present | PteFlags.Migration))
        {
            SplitPmd(space, area, end >> PmdShift);
        }
    }

    private bool IsAnonHuge(Vma area, Pte pmd, ulong pfn)
        => !pmd.IsSpecial && !pmd.IsDevmap && Memory.HasStructPage(pfn) && Memory.PageOf(pfn).IsAnon && !area.Has(VmFlags.HugeTlb);

    private bool CouldBeHuge(Vma area, ulong index)
    {
        if (index << PmdShift < area.Start || (index + 1) << PmdShift > area.End)
        {
            return false;
        }

        return area.File is null
            ? area.IsAnonymous && (area.HandlerModes & UserfaultMode.Missing) == 0 && !area.Has(VmFlags.NoHugePage) && (TransparentHugePagesAlways || area.Has(VmFlags.HugePage))
            : area.File.Inode.Kind switch
            {
                MappingKind.FsDax => !area.Has(VmFlags.NoHugePage) && DaxUsesHugePages,
                MappingKind.DeviceDax => !area.Has(VmFlags.NoHugePage) && area.File.Inode.FolioOrder > 0,
                _ => false,
            };
    }

    /// <summary>The option FS_DAX_PMD came with the repair of what the first kernel with DAX PMDs did; that one only needed huge pages.</summary>
    private bool DaxUsesHugePages => Policy.DaxHugePages switch
    {
        DaxHugePageRule.Never => false,
        DaxHugePageRule.ForAnyMemory => Policy.Config.IsEnabled("TRANSPARENT_HUGEPAGE"),
        _ => Policy.Config.IsEnabled("FS_DAX_PMD"),
    };

    private bool TryMapHuge(AddressSpace space, Vma area, ulong index, bool write, out FaultResult result)
    {
        result = FaultResult.Done;
        if (area.File is null)
        {
            return TryMapHugeAnon(space, area, index, write);
        }

        if (space.PageTable.Ptes.TryNext(index << space.PageTable.PmdOrder, (index + 1) << space.PageTable.PmdOrder, out _))
        {
            // There is a page table already, be it only for markers.
            return false;
        }

        return area.File.Inode.Kind == MappingKind.DeviceDax
            ? TryMapHugeDeviceDax(space, area, index, 1, out result)
            : TryMapHugeDax(space, area, index, 1, write);
    }

    /// <summary>do_huge_pmd_anonymous_page.</summary>
    private bool TryMapHugeAnon(AddressSpace space, Vma area, ulong index, bool write)
    {
        var table = space.PageTable;
        if (table.Ptes.TryNext(index << table.PmdOrder, (index + 1) << table.PmdOrder, out _))
        {
            return false;
        }

        if (!write)
        {
            if (!TryHugeZeroPage())
            {
                return false;
            }

            table.Pmds[index] = table.MakePmd(index, 0, AreaBits(area) | PteFlags.Present | PteFlags.Zero | PteFlags.Special | PteFlags.Young);
            return true;
        }

        if (!PrepareAnon(space, area) || !MayAllocate()
            || !Memory.TryAllocate(table.PmdOrder, PageFlags.Anon | PageFlags.SwapBacked, area.Anon!.Root.Id, area.PageIndex(index << PmdShift, PageShift), ChoiceFor(area), out var pfn))
        {
            return false;
        }

        Memory.AddMapping(pfn, 1, entire: true);
        Memory.SetFlags(pfn, PageFlags.AnonExclusive);
        space.CountRss((long)table.PagesPerPmd, 0, 0);
        table.Pmds[index] = table.MakePmd(index, pfn, AreaBits(area) | PteFlags.Present | PteFlags.Young | Dirtied(area) | (area.Has(VmFlags.Write) ? PteFlags.Write : 0));
        return true;
    }

    /// <summary>dax_iomap_pmd_fault for so many PMDs that are alike (a fault: one); false is FALLBACK, and nothing is done.</summary>
    private bool TryMapHugeDax(AddressSpace space, Vma area, ulong index, ulong count, bool write)
    {
        var table = space.PageTable;
        var inode = area.File!.Inode;
        var address = index << PmdShift;
        var pages = count << table.PmdOrder;
        var fileIndex = area.PageIndex(address, PageShift);
        if ((fileIndex & (table.PagesPerPmd - 1)) != 0 || (write && !area.IsShared) || fileIndex + pages > inode.PagesInSize
            || table.Ptes.TryNext(index << table.PmdOrder, (index + count) << table.PmdOrder, out _))
        {
            return false;
        }

        // An entry for a single page in the way, or an extent that is not one whole aligned piece: base pages.
        var entry = inode.Cache.StretchAt(fileIndex, fileIndex + pages);
        if (entry.Length != pages || (!entry.Value.IsNone && !entry.Value.Has(CacheFlags.Pmd)))
        {
            return false;
        }

        var block = inode.Blocks.StretchAt(fileIndex, fileIndex + pages);
        if (block.Length != pages)
        {
            return false;
        }

        if (block.Value.IsNone && write)
        {
            // iomap_begin is asked for the whole PMD. What an allocator that does not align gives cannot be mapped, so that it is not asked for here.
            if (!inode.AllocatesAligned || inode.Preallocate(fileIndex, fileIndex + pages, table.PagesPerPmd) != Errno.None)
            {
                return false;
            }

            block = inode.Blocks.StretchAt(fileIndex, fileIndex + pages);
            if (block.Length != pages)
            {
                return false;
            }
        }

        if (block.Value.IsNone || (block.Value.Has(CacheFlags.Unwritten) && !write))
        {
            if (!TryHugeZeroPage())
            {
                return false;
            }

            inode.Cache.Set(fileIndex, fileIndex + pages, new CacheEntry(0, 0, CacheFlags.Zero | CacheFlags.Pmd));
            table.Pmds.Set(index, index + count, table.MakePmd(index, 0, AreaBits(area) | PteFlags.Present | PteFlags.Zero | PteFlags.Special | PteFlags.Young));
            return true;
        }

        var access = inode.Volume!.Access(block.Value.Target(fileIndex), (long)pages);
        if (!access.IsOk || access.Value.Bytes < (long)(count << PmdShift) || (access.Value.Pfn & (table.PagesPerPmd - 1)) != 0
            || (Policy.DaxHugePages == DaxHugePageRule.ForPagesWithStructPage && (Memory.StructPagesFrom(access.Value.Pfn, access.Value.Pfn + pages) < (count == 1 ? 1 : pages) || (Policy.DaxPages != DaxPageRule.CountedLikeFilePages && !IsDevmap(access.Value.Flags)))))
        {
            return false;
        }

        if (block.Value.Has(CacheFlags.Unwritten))
        {
            if (entry.Value.Has(CacheFlags.Zero))
            {
                UnmapRange(inode, fileIndex, fileIndex + pages, evenCopies: false);
            }

            inode.Blocks.Set(fileIndex, fileIndex + pages, block.Value.Without(CacheFlags.Unwritten));
            Memory.Contents.Fill(access.Value.Pfn, access.Value.Pfn + pages, 0);
        }

        FinishSyncFault(area, inode, fileIndex, pages, write);
        var dirty = write || entry.Value.Has(CacheFlags.Dirty);
        inode.Cache.Set(fileIndex, fileIndex + pages, new CacheEntry(fileIndex, access.Value.Pfn, CacheFlags.Pmd | (dirty ? CacheFlags.Dirty : 0)));
        if (Policy.DaxPageOwner != DaxPageOwnerRule.Nobody)
        {
            inode.NameDaxPages(access.Value.Pfn, pages, fileIndex);
        }

        InstallDevicePmds(space, area, index, count, access.Value.Pfn, access.Value.Flags, write);
        return true;
    }

    private void InstallDevicePmds(AddressSpace space, Vma area, ulong index, ulong count, ulong pfn, PfnFlags pfnFlags, bool write)
    {
        var table = space.PageTable;
        var flags = AreaBits(area) | PteFlags.Present | PteFlags.Young | (write ? PteFlags.Write | Dirtied(area) : NewEntriesAreWritable(area) ? PteFlags.Write : 0);
        if (Policy.DaxPages == DaxPageRule.CountedLikeFilePages)
        {
            // dax_folio_init: a PMD entry makes one folio of its pages.
            var pages = count << table.PmdOrder;
            var change = new OrderChange((byte)table.PmdOrder);
            Memory.Pages.TransformAll(pfn, pfn + pages, ref change);
            Memory.AddEntireMappings(pfn, pages, 1);
            space.CountRss(0, (long)pages, 0);
        }
        else if (IsDevmap(pfnFlags))
        {
            flags |= PteFlags.Devmap;
        }

        table.Pmds.Set(index, index + count, table.MakePmd(index, pfn, flags));
    }

    /// <summary>wp_huge_pmd; false: the PMD was split, go on with base pages.</summary>
    private bool TryHugeWriteProtect(AddressSpace space, Vma area, ulong index, Pte pmd, bool write, bool unshare)
    {
        var table = space.PageTable;
        if (pmd.IsZero && area.File is null && Policy.HugeZeroWrite == HugeZeroWriteRule.HugePage)
        {
            table.Pmds[index] = default;
            if (TryMapHugeAnon(space, area, index, write: true))
            {
                return true;
            }

            table.Pmds[index] = pmd;
            SplitPmd(space, area, index);
            return false;
        }

        var pfn = pmd.IsZero ? 0 : table.PmdPfn(index, pmd);
        if (!pmd.IsZero && IsAnonHuge(area, pmd, pfn))
        {
            var head = Memory.PageOf(pfn);
            var reuse = Policy.HugeAnonReuse switch
            {
                HugeAnonReuseRule.Exclusive => head.Has(PageFlags.AnonExclusive) || (head.EntireMapCount == 1 && Memory.PageCount(pfn) == 1),
                _ => head.EntireMapCount + MostMappedSubpage(pfn, table.PagesPerPmd) == 1,
            };
            if (reuse)
            {
                if (!unshare)
                {
                    Memory.SetFlags(pfn, PageFlags.AnonExclusive);
                    table.Pmds[index] = pmd.With(PteFlags.Young | Dirtied(area) | (area.Has(VmFlags.Write) ? PteFlags.Write : 0));
                }

                return true;
            }
        }
        else if (area.IsShared && write)
        {
            if (pmd.IsZero)
            {
                table.Pmds[index] = default;
                if (TryMapHugeDax(space, area, index, 1, write: true))
                {
                    return true;
                }

                table.Pmds[index] = pmd;
                SplitPmd(space, area, index);
                ClearZeroEntries(space, area, index);
                return false;
            }

            var inode = area.File!.Inode;
            var fileIndex = area.PageIndex(index << PmdShift, PageShift);
            FinishSyncFault(area, inode, fileIndex, table.PagesPerPmd, write: true);
            var entry = inode.Cache[fileIndex];
            inode.Cache.Set(fileIndex, fileIndex + table.PagesPerPmd, entry.With(CacheFlags.Dirty));
            table.Pmds[index] = pmd.With(PteFlags.Write | Dirtied(area) | PteFlags.Young);
            return true;
        }

        SplitPmd(space, area, index);
        return false;
    }

    /// <summary>page_trans_huge_mapcount without the whole mappings: somebody who split his entry maps the pages one by one.</summary>
    private int MostMappedSubpage(ulong head, ulong pages)
    {
        var most = 0;
        foreach (var extent in Memory.Pages.Extents(head, head + pages))
        {
            most = Math.Max(most, extent.Value.MapCount);
        }

        return most;
    }

    /// <summary>A huge zero entry of a file goes away entirely when one page of it gets a block.</summary>
    private void ClearZeroEntries(AddressSpace space, Vma area, ulong index)
    {
        var table = space.PageTable;
        table.Ptes.Clear(index << table.PmdOrder, (index + 1) << table.PmdOrder);
        var inode = area.File!.Inode;
        var fileIndex = area.PageIndex(index << PmdShift, PageShift);
        UnmapRange(inode, fileIndex, fileIndex + table.PagesPerPmd, evenCopies: false);
        inode.DropCache(fileIndex, fileIndex + table.PagesPerPmd);
    }

    private struct SubpageMapping(int number, bool exclusive) : State.IExtentTransform<PageState>
    {
        public readonly PageState Apply(ulong start, ulong end, PageState value)
        {
            value.MapCount += number;
            if (exclusive)
            {
                value.Flags |= PageFlags.AnonExclusive;
            }

            return value;
        }
    }

    private readonly struct OrderChange(byte order) : State.IExtentTransform<PageState>
    {
        public PageState Apply(ulong start, ulong end, PageState value)
        {
            value.Order = order;
            return value;
        }
    }
}
