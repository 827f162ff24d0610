using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>What follow_page_mask found.</summary>
internal enum FollowCode
{
    /// <summary>A page, referenced as the flags ask.</summary>
    Page,

    /// <summary>Nothing that may be followed: a fault is needed.</summary>
    Fault,

    /// <summary>-EMLINK: a fault that unshares is needed.</summary>
    Unshare,

    /// <summary>-EEXIST: an entry without a struct page.</summary>
    NoStructPage,

    /// <summary>An error.</summary>
    Error,
}

/// <summary>follow_page_mask and follow_page_pte: from an address to a page with a reference (mm/gup.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>The pfn stored for a page that the kernel never wrote: whoever uses it uses garbage.</summary>
    internal const ulong GarbagePage = ulong.MaxValue;

    internal FollowCode FollowPage(AddressSpace space, Vma area, ulong address, GupFlags flags, bool cowBroken, out ulong pfn, out Verdict error)
    {
        pfn = 0;
        error = default;
        var table = space.PageTable;
        var page = PageOf(address);
        if (!table.Pmds.IsEmpty)
        {
            var index = page >> table.PmdOrder;
            var pmd = table.Pmds[index];
            if (pmd.IsPresent)
            {
                return FollowPmd(space, area, page, index, pmd, flags, out pfn, out error);
            }
        }

        var pte = table[page];
        if (pte.IsNone)
        {
            // no_page_table: a dump leaves a hole where nothing was ever mapped and nobody would read a page in.
            if ((flags & GupFlags.Dump) != 0 && (area.IsAnonymous || HasNoFaultHandler(area)))
            {
                error = Verdict.Fail(Errno.EFAULT, Because("no_page_table", "A dump leaves a hole here."));
                return FollowCode.Error;
            }

            return FollowCode.Fault;
        }

        if (!pte.IsPresent)
        {
            return FollowCode.Fault;
        }

        return FollowPte(space, area, page, pte, flags, cowBroken, out pfn, out error);
    }

    private static bool HasNoFaultHandler(Vma area) => area.File?.Inode.Kind is FileSystems.MappingKind.DevMem or FileSystems.MappingKind.PciBar;

    private FollowCode FollowPte(AddressSpace space, Vma area, ulong page, Pte pte, GupFlags flags, bool cowBroken, out ulong pfn, out Verdict error)
    {
        error = default;
        pfn = 0;
        var write = (flags & GupFlags.Write) != 0;
        if (pte.IsProtNone && !CanFollowProtNone(area, flags))
        {
            return FollowCode.Fault;
        }

        if (Policy.FollowWrite != FollowWriteRule.AnonExclusive && write && !CanFollowWrite(pte, area, flags, cowBroken, page, isPage: false))
        {
            Trace?.Step("follow_page_pte", "write wanted: is the entry writable?", "no: fault first", PolicyProperty.FollowWrite);
            return FollowCode.Fault;
        }

        var wanted = (flags & (GupFlags.Get | GupFlags.Pin)) != 0;
        var normal = TryNormalPage(space, area, page, pte, "follow_page_pte", out pfn);
        if (Policy.FollowWrite == FollowWriteRule.AnonExclusive && write && !CanFollowWrite(pte, area, flags, cowBroken, page, normal))
        {
            Trace?.Step("follow_page_pte", "write wanted: is the entry writable?", "no: fault first", PolicyProperty.FollowWrite);
            return FollowCode.Fault;
        }

        if (!normal)
        {
            if (pte.IsDevmap && wanted)
            {
                // The reference on the pagemap is held only while the page's own is taken.
                if (Memory.PagemapOf(pfn) is not { } pagemap || pagemap.Dead)
                {
                    Trace?.Step("get_dev_pagemap", "is the device still there?", "no: try again", PolicyProperty.DevmapPte);
                    return FollowCode.Fault;
                }
            }
            else if ((flags & GupFlags.Dump) != 0)
            {
                error = Verdict.Fail(Errno.EFAULT, Because("follow_page_pte", "A dump leaves a hole where there is no struct page."));
                return FollowCode.Error;
            }
            else if (!pte.IsZero || area.Has(VmFlags.PfnMap))
            {
                return FollowPfnPte(flags, out error);
            }
        }

        if (!pte.IsWrite && MustUnshare(area, pfn, flags, pte))
        {
            return FollowCode.Unshare;
        }

        if (wanted)
        {
            Grab(pfn, flags);
        }

        if ((flags & GupFlags.Touch) != 0 && write && !pte.Has(PteFlags.Dirty))
        {
            MarkPageDirty(pfn);
        }

        return FollowCode.Page;
    }

    /// <summary>follow_pfn_pte: the entry exists, but there is no struct page to hand out.</summary>
    private FollowCode FollowPfnPte(GupFlags flags, out Verdict error)
    {
        error = default;
        var rule = Policy.GupWithoutStructPage;
        if ((flags & (GupFlags.Get | GupFlags.Pin)) == 0 && Policy.GupPrefaultWithoutStructPage == GupPrefaultRule.Efault)
        {
            error = Verdict.Fail(Errno.EFAULT, Because("follow_page_pte", "The entry is special: there is no struct page.", PolicyProperty.GupPrefaultWithoutStructPage));
            return FollowCode.Error;
        }

        if ((flags & GupFlags.Get) != 0 && rule != GupWithoutStructPageRule.Eexist)
        {
            error = Verdict.Fail(Errno.EFAULT, Because("follow_pfn_pte", "The entry is special: there is no struct page to take a reference on.", PolicyProperty.GupWithoutStructPage));
            return FollowCode.Error;
        }

        Trace?.Step("follow_pfn_pte", "an entry without a struct page", "-EEXIST", PolicyProperty.GupWithoutStructPage);
        return FollowCode.NoStructPage;
    }

    private FollowCode FollowPmd(AddressSpace space, Vma area, ulong page, ulong index, Pte pmd, GupFlags flags, out ulong pfn, out Verdict error)
    {
        error = default;
        var table = space.PageTable;
        pfn = pmd.IsZero ? HugeZeroPfn(page) : table.PmdPfn(index, pmd) + (page & (table.PagesPerPmd - 1));
        var write = (flags & GupFlags.Write) != 0;
        if (pmd.IsProtNone && !CanFollowProtNone(area, flags))
        {
            return FollowCode.Fault;
        }

        var head = pmd.IsZero ? pfn : table.PmdPfn(index, pmd);
        if (write && !pmd.IsWrite)
        {
            var forced = (flags & GupFlags.Force) != 0 && !area.Has(VmFlags.Write) && !pmd.IsZero && Memory.PageOf(head).IsAnon
                && (Policy.FollowWrite == FollowWriteRule.AnonExclusive ? Memory.PageOf(head).Has(PageFlags.AnonExclusive) : pmd.Has(PteFlags.Dirty));
            if (!forced)
            {
                return FollowCode.Fault;
            }
        }

        var wanted = (flags & (GupFlags.Get | GupFlags.Pin)) != 0;
        if (pmd.IsDevmap)
        {
            if (!wanted)
            {
                return FollowCode.NoStructPage;
            }

            if (Memory.PagemapOf(pfn) is not { Dead: false })
            {
                error = Verdict.Fail(Errno.EFAULT, Because("follow_devmap_pmd", "The device is being removed."));
                return FollowCode.Error;
            }
        }
        else if (pmd.IsZero && (flags & GupFlags.Dump) != 0)
        {
            error = Verdict.Fail(Errno.EFAULT, Because("follow_trans_huge_pmd", "A dump leaves a hole for the huge zero page."));
            return FollowCode.Error;
        }

        if (!pmd.IsWrite && MustUnshare(area, head, flags, pmd))
        {
            return FollowCode.Unshare;
        }

        if (wanted)
        {
            Grab(pfn, flags);
        }

        return FollowCode.Page;
    }

    /// <summary>can_follow_write_pte of the era.</summary>
    private bool CanFollowWrite(Pte pte, Vma area, GupFlags flags, bool cowBroken, ulong page, bool isPage)
    {
        if (pte.IsWrite)
        {
            return true;
        }

        switch (Policy.FollowWrite)
        {
            case FollowWriteRule.WritableOnly:
                // The caller drops FOLL_WRITE after breaking COW (Dirty COW).
                return false;
            case FollowWriteRule.CowBrokenAndDirty:
                return (flags & GupFlags.Force) != 0 && cowBroken && pte.Has(PteFlags.Dirty);
            case FollowWriteRule.CowBrokenAndDirtyWithoutForce:
                return cowBroken && pte.Has(PteFlags.Dirty);
            default:
                if ((flags & GupFlags.Force) == 0 || area.Has(VmFlags.Shared | VmFlags.MayShare | VmFlags.Write) || !area.Has(VmFlags.MayWrite) || !isPage || (area.IsUserfaultProtected && pte.Has(PteFlags.UffdWp)) || (TracksSoftDirty(area) && !pte.Has(PteFlags.SoftDirty)))
                {
                    return false;
                }

                var state = Memory.PageOf(PfnOf(pte, page));
                return state.IsAnon && state.Has(PageFlags.AnonExclusive);
        }
    }

    /// <summary>gup_must_unshare: a read-only pin of an anonymous page that others may still share.</summary>
    private bool MustUnshare(Vma area, ulong pfn, GupFlags flags, Pte pte)
    {
        if (Policy.PinUnshare == PinUnshareRule.Never || (flags & (GupFlags.Write | GupFlags.Pin)) != GupFlags.Pin)
        {
            return false;
        }

        if (pte.IsZero || !Memory.PageOf(pfn).IsAnon)
        {
            return Policy.PinUnshare == PinUnshareRule.AnonAndLongTermFile && (flags & GupFlags.LongTerm) != 0 && area.IsCow;
        }

        return !Memory.PageOf(pfn).Has(PageFlags.AnonExclusive);
    }
}
