using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>userfaultfd: what the handler does to ranges, and what fork and mremap do to a registration (mm/userfaultfd.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>UFFDIO_WRITEPROTECT. Taking the protection away wakes who sleeps in the range, unless told not to.</summary>
    internal Verdict WriteProtectUserfault(UserfaultContext context, ulong address, ulong length, bool protect, bool wake)
    {
        var space = context.Space;
        space.Lock.MustBeReadable("UFFDIO_WRITEPROTECT");
        if (!IsUserRange(address, length))
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_writeprotect", "The range is empty, unaligned or beyond user space."));
        }

        var end = address + length;
        var areas = space.Overlapping(address, end);
        if (areas.Length == 0 || (Policy.UserfaultRange == UserfaultRangeRule.OneArea && (areas[0].Start > address || areas[0].End < end)))
        {
            return Verdict.Fail(Errno.ENOENT, Because("mwriteprotect_range", "No single area contains the range.", PolicyProperty.UserfaultRange));
        }

        foreach (var area in areas)
        {
            if (!area.IsUserfaultProtected)
            {
                return Verdict.Fail(Errno.ENOENT, Because("mwriteprotect_range", "An area of the range is not registered for write protection."));
            }

            var (from, to) = (Math.Max(address, area.Start), Math.Min(end, area.End));
            if (area.Has(VmFlags.HugeTlb) && ((from | to) & (PmdSize - 1)) != 0)
            {
                return Verdict.Fail(Errno.EINVAL, Because("mwriteprotect_range", "A hugetlb area is protected in whole huge pages."));
            }

            ProtectRange(space, area, from, to, protect);
        }

        if (!protect && wake)
        {
            context.Wake(address, end);
        }

        return Verdict.Ok;
    }

    /// <summary>uffd_wp_range: change_protection with MM_CP_UFFD_WP or MM_CP_UFFD_WP_RESOLVE.</summary>
    internal void ProtectRange(AddressSpace space, Vma area, ulong start, ulong end, bool protect)
    {
        var table = space.PageTable;
        var markers = protect && area.UsesMarkers;
        var change = new ProtectionBit(this, area, protect, markers);
        if (area.Has(VmFlags.HugeTlb))
        {
            Apply(table.Pmds, start >> PmdShift, end >> PmdShift);
            return;
        }

        if (protect && !area.IsAnonymous)
        {
            // pgtable_split_needed: protection of file memory is kept page by page, and splitting its PMDs unmaps them.
            foreach (var extent in table.Pmds.Extents(start >> PmdShift, (end + PmdSize - 1) >> PmdShift).ToArray())
            {
                for (var index = extent.Start; index < extent.End; index++)
                {
                    SplitPmd(space, area, index);
                }
            }
        }

        SplitPmdsAt(space, area, start, end);
        var pmds = table.Pmds.Extents((start + PmdSize - 1) >> PmdShift, end >> PmdShift).ToArray();
        if (pmds.Length > 0)
        {
            table.Pmds.Transform((start + PmdSize - 1) >> PmdShift, end >> PmdShift, ref change);
        }

        var page = PageOf(start);
        foreach (var extent in pmds)
        {
            Apply(table.Ptes, page, extent.Start << table.PmdOrder);
            page = extent.End << table.PmdOrder;
        }

        Apply(table.Ptes, page, PageOf(end));

        void Apply(ExtentMap<Pte> entries, ulong from, ulong to)
        {
            if (from >= to)
            {
                return;
            }

            if (markers)
            {
                entries.TransformAll(from, to, ref change);
            }
            else
            {
                entries.Transform(from, to, ref change);
            }
        }
    }

    /// <summary>UFFDIO_WAKE.</summary>
    internal Verdict WakeUserfault(UserfaultContext context, ulong address, ulong length)
    {
        if (!IsUserRange(address, length))
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_wake", "The range is empty, unaligned or beyond user space."));
        }

        context.Wake(address, address + length);
        return Verdict.Ok;
    }

    /// <summary>UFFDIO_COPY and, without bytes, UFFDIO_ZEROPAGE: gives missing pages.</summary>
    internal Verdict FillUserfault(UserfaultContext context, ulong address, ReadOnlySpan<byte> source, ulong length, bool zero, bool protect)
    {
        var space = context.Space;
        space.Lock.MustBeReadable("UFFDIO_COPY");
        if (!IsUserRange(address, length) || (!zero && (ulong)source.Length != length))
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_copy", "The range is empty, unaligned, beyond user space, or not as long as the bytes."));
        }

        if (space.Find(address) is not { } area || area.Handler != context || area.End < address + length)
        {
            return Verdict.Fail(Errno.ENOENT, Because("find_dst_vma", "The range is not within one registered area."));
        }

        if (area.Has(VmFlags.HugeTlb))
        {
            return Verdict.Unknown(Because("hugetlb_mcopy_atomic_pte", "Filling missing pages of hugetlb memory is not modelled."));
        }

        if (protect && !area.IsUserfaultProtected)
        {
            return Verdict.Fail(Errno.EINVAL, Because("mfill_atomic", "The area is not registered for write protection."));
        }

        for (var at = address; at < address + length; at += PageSize)
        {
            var page = PageOf(at);
            if (!space.PageTable[page].IsNoneMostly || space.PageTable.PmdOf(page).IsPresent)
            {
                return Verdict.Fail(Errno.EEXIST, Because("mfill_atomic_install_pte", $"0x{at:x} is mapped already."));
            }

            var filled = area.IsAnonymous || !area.IsShared ? FillAnon(space, area, at, zero ? [] : source.Slice((int)(at - address), (int)PageSize), protect) : FillShmem(space, area, at, zero ? [] : source.Slice((int)(at - address), (int)PageSize), protect);
            if (filled != Errno.None)
            {
                return Verdict.Fail(filled, Because("mfill_atomic", filled == Errno.EEXIST ? "The file has the page already." : "No page could be allocated, or the file ends before."));
            }
        }

        context.Wake(address, address + length);
        return Verdict.Ok;
    }

    private Errno FillAnon(AddressSpace space, Vma area, ulong address, ReadOnlySpan<byte> bytes, bool protect)
    {
        var page = PageOf(address);
        if (bytes.IsEmpty && area.IsAnonymous)
        {
            space.PageTable[page] = new Pte(page, 0, AreaBits(area) | PteFlags.Present | PteFlags.Special | PteFlags.Zero | PteFlags.Young);
            return Errno.None;
        }

        if (!PrepareAnon(space, area) || !TryAllocateAnon(area, address, out var pfn))
        {
            return Errno.ENOMEM;
        }

        Memory.Contents.Write(pfn, 0, bytes);
        InstallAnonPage(space, area, address, pfn, writable: area.Has(VmFlags.Write) && !protect, dirty: true);
        if (protect)
        {
            space.PageTable[page] = space.PageTable[page].With(PteFlags.UffdWp);
        }

        space.CountRss(1, 0, 0);
        return Errno.None;
    }

    private Errno FillShmem(AddressSpace space, Vma area, ulong address, ReadOnlySpan<byte> bytes, bool protect)
    {
        var inode = area.File!.Inode;
        var index = area.PageIndex(address, PageShift);
        if (index >= inode.PagesInSize)
        {
            return Errno.EFAULT;
        }

        if (!inode.Cache[index].IsNone)
        {
            return Errno.EEXIST;
        }

        var error = inode.GetCachePage(index, out var pfn);
        if (error != Errno.None)
        {
            return error;
        }

        if (!bytes.IsEmpty)
        {
            Memory.Contents.Write(pfn, 0, bytes);
        }

        inode.MarkDirty(index);
        MapForHandler(space, area, address, pfn, protect);
        return Errno.None;
    }

    private void MapForHandler(AddressSpace space, Vma area, ulong address, ulong pfn, bool protect)
    {
        var page = PageOf(address);
        var marked = space.PageTable[page].IsMarker;
        MapCachePage(space, area, page, pfn, write: area.Has(VmFlags.Write) && !protect && !marked);
        if (protect && !marked)
        {
            space.PageTable[page] = space.PageTable[page].With(PteFlags.UffdWp).Without(PteFlags.Write);
        }
    }

    /// <summary>UFFDIO_CONTINUE: maps the pages that are in the cache.</summary>
    internal Verdict ContinueUserfault(UserfaultContext context, ulong address, ulong length)
    {
        var space = context.Space;
        space.Lock.MustBeReadable("UFFDIO_CONTINUE");
        if (!IsUserRange(address, length))
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_continue", "The range is empty, unaligned or beyond user space."));
        }

        if (space.Find(address) is not { } area || area.Handler != context || area.End < address + length)
        {
            return Verdict.Fail(Errno.ENOENT, Because("find_dst_vma", "The range is not within one registered area."));
        }

        if (area.Has(VmFlags.HugeTlb))
        {
            return Verdict.Unknown(Because("hugetlb_mcopy_atomic_pte", "Minor faults of hugetlb memory are not modelled beyond their being reported."));
        }

        if (area.Inode?.Kind != MappingKind.Shmem || !area.IsShared)
        {
            return Verdict.Fail(Errno.EINVAL, Because("mfill_atomic", "Only shared memory can be continued."));
        }

        for (var at = address; at < address + length; at += PageSize)
        {
            var index = area.PageIndex(at, PageShift);
            if (!space.PageTable[PageOf(at)].IsNoneMostly)
            {
                return Verdict.Fail(Errno.EEXIST, Because("mfill_atomic_install_pte", $"0x{at:x} is mapped already."));
            }

            if (area.Inode.Cache[index].IsNone)
            {
                return Verdict.Fail(Errno.EFAULT, Because("mcontinue_atomic_pte", "The page is not in the cache."));
            }

            MapForHandler(space, area, at, area.Inode.Cache[index].Target(index), protect: false);
        }

        context.Wake(address, address + length);
        return Verdict.Ok;
    }

    /// <summary>shmem_get_folio and hugetlb_no_page: does the handler want to hear of this fault? Null: it does not.</summary>
    internal FaultResult? FileUserfault(Vma area, ulong address, FaultFlags flags)
    {
        if ((area.HandlerModes & (UserfaultMode.Missing | UserfaultMode.Minor)) == 0 || area.Inode is not { Kind: MappingKind.Shmem or MappingKind.HugeTlb } inode)
        {
            return null;
        }

        var index = area.PageIndex(address, PageShift);
        if (index >= inode.PagesInSize)
        {
            return null;
        }

        var cause = inode.Cache[index].IsNone ? UserfaultMode.Missing : UserfaultMode.Minor;
        return (area.HandlerModes & cause) != 0 ? HandleUserfault(area, address, flags, cause) : null;
    }

    /// <summary>dup_userfaultfd: the child's area has a context of its own where the descriptor follows forks, and none otherwise.</summary>
    internal void ForkUserfault(Vma area, Vma child, AddressSpace space, List<(UserfaultContext Parent, UserfaultContext Child)> forked)
    {
        if (area.Handler is not { } handler)
        {
            return;
        }

        if (!handler.Has(UserfaultFeatures.EventFork))
        {
            child.SetHandler(null, UserfaultMode.None);
            return;
        }

        var own = forked.Find(f => f.Parent == handler).Child;
        if (own is null)
        {
            own = Adopt(space, handler.Features);
            handler.Forks.Add(own);
            forked.Add((handler, own));
        }

        child.SetHandler(own, area.HandlerModes);
    }

    /// <summary>dup_userfaultfd_fail: the fork failed, so there is nothing to tell.</summary>
    internal void ForgetForks(List<(UserfaultContext Parent, UserfaultContext Child)> forked)
    {
        foreach (var (parent, child) in forked)
        {
            parent.Forks.Remove(child);
            child.Close();
            handlers.Remove(child);
        }
    }

    /// <summary>mremap_userfaultfd_prep: only a descriptor that asked for it follows the area. Clears the bits that would stay behind in the entries.</summary>
    private void MoveUserfault(AddressSpace space, Vma old, Vma copy, ulong start, ulong end)
    {
        if (old.Handler is not { } handler || handler.Has(UserfaultFeatures.EventRemap))
        {
            return;
        }

        copy.SetHandler(null, UserfaultMode.None);
        if (Policy.UserfaultMremap == UserfaultMremapRule.BitsCleared && old.IsUserfaultProtected)
        {
            ProtectRange(space, old, start, end, protect: false);
        }
    }

    private readonly struct ProtectionBit(MemoryManager mm, Vma area, bool protect, bool markers) : IExtentTransform<Pte>
    {
        public Pte Apply(ulong start, ulong end, Pte value)
        {
            if (value.IsNoneMostly)
            {
                return protect ? markers || value.IsMarker ? Pte.Marker : value : default;
            }

            if (value.Has(PteFlags.Guard | PteFlags.HwPoison))
            {
                return value;
            }

            if (protect)
            {
                return value.Without(PteFlags.Write).With(PteFlags.UffdWp);
            }

            // The write bit comes back with the next store, which decides about copies and dirty pages.
            return value.Has(PteFlags.UffdWp) ? mm.Upgrade(area, start, end, value.Without(PteFlags.UffdWp)) : value;
        }
    }

    /// <summary>MM_CP_TRY_CHANGE_WRITABLE: what a store could do without any further question may be written at once.</summary>
    private Pte Upgrade(Vma area, ulong start, ulong end, Pte value)
    {
        if (Policy.MprotectWritable != MprotectWritableRule.ExclusivePagesAtOnce || !value.IsPresent || value.Has(PteFlags.Huge) || !area.Has(VmFlags.Write))
        {
            return value;
        }

        var change = new ProtectionChange(this, area);
        return change.Apply(start, end, value);
    }
}
