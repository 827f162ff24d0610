using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>hugetlb memory: whole folios from a pool, reserved when they are mapped (mm/hugetlb.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Folios of the pool (nr_hugepages).</summary>
    internal int HugeTlbPoolSize { get; set; }

    /// <summary>Folios in use or promised to mappings.</summary>
    internal int HugeTlbCommitted => counters.HugeTlbCommitted;

    /// <summary>hugetlb_reserve_pages: false is ENOMEM.</summary>
    internal bool TryReserveHugeTlb(int folios)
    {
        if (counters.HugeTlbCommitted + folios > HugeTlbPoolSize)
        {
            return false;
        }

        counters.CommitHugeTlb(folios);
        return true;
    }

    internal void ReleaseHugeTlb(int folios) => counters.CommitHugeTlb(-folios);

    /// <summary>hugetlb_fault with hugetlb_no_page and hugetlb_wp.</summary>
    internal FaultResult HugeTlbFault(AddressSpace space, Vma area, ulong address, FaultFlags flags)
    {
        var write = (flags & FaultFlags.Write) != 0;
        var unshare = (flags & FaultFlags.Unshare) != 0;
        var table = space.PageTable;
        var index = address >> PmdShift;
        var pmd = table.Pmds[index];
        if (pmd.IsMarker && !area.IsUserfaultProtected)
        {
            table.Pmds[index] = pmd = default;
        }

        if (pmd.IsNoneMostly)
        {
            if (FileUserfault(area, index << PmdShift, flags) is { } handled)
            {
                return handled;
            }

            var mapped = HugeTlbNoPage(space, area, index, write);
            if (pmd.IsMarker && mapped.Code == FaultCode.Done)
            {
                table.Pmds[index] = table.Pmds[index].Without(PteFlags.Write).With(PteFlags.UffdWp);
            }

            return mapped;
        }

        if (pmd.Has(PteFlags.UffdWp) && write)
        {
            if (ProtectedStore(area, index << PmdShift, ref pmd, flags) is { } asked)
            {
                return asked;
            }

            table.Pmds[index] = pmd;
        }

        if (pmd.Has(PteFlags.HwPoison))
        {
            return new FaultResult(FaultCode.HwPoison, Because("hugetlb_fault", "The huge page is dead: memory failure left a hwpoison entry."));
        }

        if ((write || unshare) && !pmd.IsWrite)
        {
            return HugeTlbWriteProtect(space, area, index, pmd, unshare);
        }

        table.Pmds[index] = pmd.With(PteFlags.Young | (write ? PteFlags.Dirty : 0));
        return FaultResult.Done;
    }

    /// <summary>unmap_hugepage_range.</summary>
    private void ZapHugeTlb(AddressSpace space, Vma area, ulong start, ulong end, bool keepMarkers)
    {
        var table = space.PageTable;
        foreach (var extent in table.Pmds.Extents(start >> PmdShift, (end + PmdSize - 1) >> PmdShift).ToArray())
        {
            for (var index = extent.Start; index < extent.End; index++)
            {
                var pfn = table.PmdPfn(index, extent.Value);
                table.Pmds[index] = keepMarkers && area.IsUserfaultProtected && extent.Value.Has(PteFlags.UffdWp) ? Pte.Marker : default;
                if (!extent.Value.IsPresent)
                {
                    // A poisoned page gave up its mapping when it failed.
                    continue;
                }

                Memory.AddMapping(pfn, -1, entire: true);
                Memory.Put(pfn, 1);
            }
        }
    }

    private FaultResult HugeTlbNoPage(AddressSpace space, Vma area, ulong index, bool write)
    {
        var table = space.PageTable;
        var inode = area.File!.Inode;
        var address = index << PmdShift;
        var fileIndex = area.PageIndex(address, PageShift);
        if (inode.Cache[fileIndex] is { IsNone: false } cached && Memory.IsFolioPoisoned(cached.Target(fileIndex)))
        {
            return new FaultResult(FaultCode.HwPoison, Because("hugetlb_no_page", "The file's huge page is poisoned.", PolicyProperty.HugeTlbFailure));
        }

        ulong pfn;
        if (!area.IsShared && (write || inode.Cache[fileIndex].IsNone))
        {
            if (!PrepareAnon(space, area) || !MayAllocate()
                || !Memory.TryAllocate(table.PmdOrder, PageFlags.Anon | PageFlags.Hugetlb, area.Anon!.Root.Id, fileIndex, ChoiceFor(area), out pfn))
            {
                return new FaultResult(FaultCode.Sigbus, Because("hugetlb_no_page", "The pool has no huge page left."));
            }

            if (!inode.Cache[fileIndex].IsNone)
            {
                CopyFolio(inode.Cache[fileIndex].Target(fileIndex), pfn, table.PagesPerPmd);
            }

            Memory.SetFlags(pfn, PageFlags.AnonExclusive);
        }
        else
        {
            if (fileIndex >= inode.PagesInSize)
            {
                return BeyondEnd();
            }

            // dequeue_hugetlb_folio_vma goes by the mapping's policy, for the file's pages too.
            (var usual, Memory.Choice) = (Memory.Choice, Memory.HasNodes ? ChoiceFor(area) : default);
            var error = inode.GetCachePage(fileIndex, out pfn);
            Memory.Choice = usual;
            if (error != Errno.None)
            {
                return new FaultResult(FaultCode.Sigbus, Because("hugetlb_no_page", "The pool has no huge page left."));
            }

            Memory.Get(pfn, 1);
        }

        Memory.AddMapping(pfn, 1, entire: true);
        // A private page that was only read gets the write bit with the first store, which nobody else has to be asked for then.
        var writable = area.Has(VmFlags.Write) && (area.IsShared || (write && Memory.PageOf(pfn).IsAnon));
        table.Pmds[index] = table.MakePmd(index, pfn, AreaBits(area) | PteFlags.Present | PteFlags.Young | (writable ? PteFlags.Write | PteFlags.Dirty : 0));
        Trace?.Step("hugetlb_no_page", "what is mapped?", $"a page of the huge page pool, pfn {pfn:x}");
        return FaultResult.Done;
    }

    private FaultResult HugeTlbWriteProtect(AddressSpace space, Vma area, ulong index, Pte pmd, bool unshare)
    {
        var table = space.PageTable;
        if (area.IsShared)
        {
            table.Pmds[index] = pmd.With(PteFlags.Write | PteFlags.Dirty | PteFlags.Young);
            return FaultResult.Done;
        }

        var pfn = table.PmdPfn(index, pmd);
        var head = Memory.PageOf(pfn);
        if (head.IsAnon && head.EntireMapCount == 1)
        {
            if (!unshare)
            {
                table.Pmds[index] = pmd.With(PteFlags.Write | PteFlags.Dirty | PteFlags.Young);
            }

            Memory.SetFlags(pfn, PageFlags.AnonExclusive);
            return FaultResult.Done;
        }

        if (!PrepareAnon(space, area) || !MayAllocate()
            || !Memory.TryAllocate(table.PmdOrder, PageFlags.Anon | PageFlags.Hugetlb, area.Anon!.Root.Id, Memory.IndexOf(pfn), ChoiceFor(area), out var copy))
        {
            return new FaultResult(FaultCode.Sigbus, Because("hugetlb_wp", "The pool has no huge page left for a copy."));
        }

        CopyFolio(pfn, copy, table.PagesPerPmd);
        Memory.SetFlags(copy, PageFlags.AnonExclusive);
        Memory.AddMapping(copy, 1, entire: true);
        Memory.AddMapping(pfn, -1, entire: true);
        Memory.Put(pfn, 1);
        table.Pmds[index] = table.MakePmd(index, copy, AreaBits(area) | PteFlags.Present | PteFlags.Young | PteFlags.Dirty | (unshare || !area.Has(VmFlags.Write) ? 0 : PteFlags.Write));
        return FaultResult.Done;
    }

    private void CopyFolio(ulong from, ulong to, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
        {
            Memory.Contents.CopyPage(Memory.Contents, from + i, to + i);
        }
    }
}
