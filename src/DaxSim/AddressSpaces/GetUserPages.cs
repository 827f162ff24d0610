using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>get_user_pages and pin_user_pages: what may be asked, the long-term rules, fast before slow (mm/gup.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>get_user_pages_fast and pin_user_pages_fast by the owner of the address space.</summary>
    internal GupResult GetUserPagesFast(AddressSpace space, ulong address, int count, GupFlags flags, ulong[] pages, int offset = 0)
    {
        var fast = new GupFastOperation(this, space, address, count, flags, pages, offset).Run();
        if (fast == count || (flags & GupFlags.FastOnly) != 0)
        {
            return new GupResult(fast, Verdict.Ok);
        }

        return ContinueSlowly(space, address, count, flags, pages, offset, fast);
    }

    /// <summary>internal_get_user_pages_fast after the lockless walk took <paramref name="fast"/> pages: the rest the slow way.</summary>
    internal GupResult ContinueSlowly(AddressSpace space, ulong address, int count, GupFlags flags, ulong[] pages, int offset, int fast)
    {
        var slow = GetUserPages(space, space, address + ((ulong)fast << PageShift), count - fast, flags | GupFlags.Touch | GupFlags.Unlockable, pages, offset + fast);
        if (fast > 0)
        {
            return new GupResult(fast + slow.Count, slow.Verdict.Kind == VerdictKind.Undefined ? slow.Verdict : Verdict.Ok);
        }

        return slow;
    }

    /// <summary>get_user_pages, get_user_pages_remote and pin_user_pages: the slow path with the long-term rules around it.</summary>
    /// <param name="space">Whose pages.</param>
    /// <param name="current">The address space of whoever runs.</param>
    /// <param name="address">User address; rounded down to a page.</param>
    /// <param name="count">Pages wanted.</param>
    /// <param name="flags">FOLL_* flags.</param>
    /// <param name="pages">Where the pfns go; null only to fault the pages in.</param>
    /// <param name="offset">Where in <paramref name="pages"/> the first goes.</param>
    internal GupResult GetUserPages(AddressSpace space, AddressSpace? current, ulong address, int count, GupFlags flags, ulong[]? pages, int offset = 0)
    {
        if ((flags & GupFlags.Pin) != 0 && Policy.ForkEarlyCopy != ForkEarlyCopyRule.Never)
        {
            space.SetHasPinned();
        }

        var result = new GupSlowOperation(this, space, current, address, count, flags, pages, offset).Run();
        if ((flags & GupFlags.LongTerm) == 0 || pages is null || result.Count == 0 || result.Verdict.Kind == VerdictKind.Undefined)
        {
            // Where garbage was handed out, giving it back for the long-term rule is as undefined as keeping it.
            return result;
        }

        if (Policy.FsDaxLongTerm == FsDaxLongTermRule.RefusedAfterPinning && TouchesFsDax(space, address, result.Count))
        {
            for (var i = 0; i < result.Count; i++)
            {
                Release(pages[offset + i], (flags & GupFlags.Pin) != 0);
            }

            return new GupResult(0, Verdict.Fail(Errno.EOPNOTSUPP, Because("check_dax_vmas", "A page of a DAX file may not be pinned for long: the file could never be truncated.", PolicyProperty.FsDaxLongTerm)));
        }

        return result;
    }

    /// <summary>Releases pages that get_user_pages or pin_user_pages returned; a written page becomes dirty.</summary>
    internal void ReleasePages(ulong[] pages, int offset, int count, bool pin, bool dirty, ReleaseKind kind = ReleaseKind.Other)
        => ReleasePages(pages.AsSpan(offset, count), pin, dirty, kind);

    /// <inheritdoc cref="ReleasePages(ulong[], int, int, bool, bool, ReleaseKind)"/>
    internal void ReleasePages(ReadOnlySpan<ulong> pages, bool pin, bool dirty, ReleaseKind kind = ReleaseKind.Other)
    {
        foreach (var page in pages)
        {
            if (page == GarbagePage)
            {
                continue;
            }

            if (dirty)
            {
                MarkPageDirty(page);
            }

            Release(page, pin, kind);
        }
    }

    /// <summary>check_vma_flags in the order of the era; Ok or the errno that leaves get_user_pages.</summary>
    internal Verdict CheckAreaFlags(Vma area, GupFlags flags)
    {
        if (area.Has(VmFlags.Io | VmFlags.PfnMap))
        {
            return Refuse(flags, Errno.EFAULT, "The area is VM_IO or VM_PFNMAP: device memory.");
        }

        if ((flags & GupFlags.Anon) != 0 && !area.IsAnonymous && Policy.GupAnonOnly == GupAnonOnlyRule.Refused)
        {
            return Refuse(flags, Errno.EFAULT, "Anonymous memory was asked for.");
        }

        if ((flags & GupFlags.LongTerm) != 0 && area.IsFsDax && Policy.FsDaxLongTerm == FsDaxLongTermRule.RefusedBeforePinning)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, Because("check_vma_flags", "A page of a DAX file may not be pinned for long: the file could never be truncated.", PolicyProperty.FsDaxLongTerm));
        }

        if (area.Inode?.Kind == MappingKind.SecretMemory)
        {
            return Refuse(flags, Errno.EFAULT, "The area is secret memory.");
        }

        if ((flags & GupFlags.Write) != 0)
        {
            if (Policy.LongTermFileWrite == LongTermFileWriteRule.RefusedWhereDirtyIsTracked && (flags & (GupFlags.Pin | GupFlags.LongTerm)) == (GupFlags.Pin | GupFlags.LongTerm)
                && area.IsShared && area.Has(VmFlags.Write) && WantsWriteNotify(area))
            {
                return Verdict.Fail(Errno.EFAULT, Because("writable_file_mapping_allowed", "A long-term writer would dirty the file's pages behind the filesystem's back.", PolicyProperty.LongTermFileWrite));
            }

            if (!area.Has(VmFlags.Write))
            {
                if ((flags & GupFlags.Force) == 0)
                {
                    return Refuse(flags, Errno.EFAULT, "The area is not writable.");
                }

                if (area.Has(VmFlags.HugeTlb) && Policy.ForcedHugeTlbWrite == ForcedHugeTlbWriteRule.Refused)
                {
                    return Refuse(flags, Errno.EFAULT, "A forced write to hugetlb memory is refused.");
                }

                if (!area.IsCow)
                {
                    WarnOfForcedShared(area);
                    return Refuse(flags, Errno.EFAULT, "A shared area that is not writable cannot be forced.");
                }
            }
        }
        else if (!area.Has(VmFlags.Read) && ((flags & GupFlags.Force) == 0 || !area.Has(VmFlags.MayRead)))
        {
            return Refuse(flags, Errno.EFAULT, "The area is not readable.");
        }

        return Verdict.Ok;
    }

    /// <summary>gup_pte_range and gup_huge_pmd up to the reference: may the walk take this entry's page?</summary>
    internal bool FastGupAllows(Pte pte, bool huge, ulong page, PageTable table, GupFlags flags, out ulong pfn)
    {
        pfn = 0;
        if (!pte.IsPresent)
        {
            return false;
        }

        if (huge)
        {
            pfn = pte.IsZero ? HugeZeroPfn(page) : table.PmdPfn(page >> table.PmdOrder, pte) + (page & (table.PagesPerPmd - 1));
        }
        else
        {
            pfn = PfnOf(pte, page);
        }

        var write = (flags & GupFlags.Write) != 0 || (FastGup.ReadsBreakCow && (flags & GupFlags.FastOnly) == 0);
        var permitted = !pte.IsProtNone && (!write || pte.IsWrite);
        if (pte.IsDevmap)
        {
            if (!permitted && Policy.FastGupDevmapWrite == FastGupDevmapWriteRule.Checked)
            {
                return false;
            }

            if ((flags & GupFlags.LongTerm) != 0 && Policy.FastGupLongTermDevmap == FastGupLongTermRule.LeftToTheSlowPath)
            {
                return false;
            }

            return Memory.PagemapOf(pfn) is { Dead: false };
        }

        if (!permitted || (pte.IsSpecial && !(huge && pte.IsZero)))
        {
            return false;
        }

        if (!Memory.HasStructPage(pfn))
        {
            // No architecture in this model lacks the special bit, so a raw pfn without it is a defect of the page table.
            return false;
        }

        // A page of a DAX file is never long-term pinnable.
        return (flags & (GupFlags.Pin | GupFlags.LongTerm)) != (GupFlags.Pin | GupFlags.LongTerm)
            || Memory.PagemapOf(pfn) is not { Type: PagemapType.FsDax } || Memory.PageOf(pfn).IsAnon;
    }

    /// <summary>gup_fast_folio_allowed, asked once the reference is held: secret memory, and files that must hear of a long-term writer.</summary>
    private bool FastGupAllowsFolio(ulong pfn, GupFlags flags)
    {
        // Every page of a folio has these flags of its head.
        ref readonly var state = ref Memory.Peek(pfn);
        if (state.Has(PageFlags.Secret))
        {
            return false;
        }

        if (FastGup.GivesUnownedBack && state is { Order: 0, Owner: 0, IsAnon: false } && !state.Has(PageFlags.PageCache | PageFlags.SwapBacked)
            && Memory.PagemapOf(pfn) is null && Policy.Config.IsEnabled("SECRETMEM"))
        {
            return false;
        }

        const GupFlags LongTermWriter = GupFlags.Pin | GupFlags.LongTerm | GupFlags.Write;
        return (flags & LongTermWriter) != LongTermWriter || Policy.LongTermFileWrite != LongTermFileWriteRule.RefusedWhereDirtyIsTracked
            || state.IsAnon || state.Has(PageFlags.SwapBacked) || state.Has(PageFlags.Hugetlb);
    }

    /// <summary>The last test of the walk, after the entry was read again: a read-only pin of a page that may be shared is dropped.</summary>
    internal bool FastGupKeeps(Pte pte, ulong pfn, GupFlags flags)
    {
        if (!FastGupAllowsFolio(pfn, flags))
        {
            return false;
        }

        if (pte.IsWrite || Policy.PinUnshare == PinUnshareRule.Never || (flags & (GupFlags.Write | GupFlags.Pin)) != GupFlags.Pin)
        {
            return true;
        }

        ref readonly var state = ref Memory.Peek(pte.Has(PteFlags.Huge) ? Memory.HeadOf(pfn) : pfn);
        if (!state.IsAnon)
        {
            // Without the area at hand the walk cannot tell a COW mapping of a file: a long-term pin goes the slow way.
            return Policy.PinUnshare != PinUnshareRule.AnonAndLongTermFile || (flags & GupFlags.LongTerm) == 0;
        }

        return state.Has(PageFlags.AnonExclusive);
    }

    private Verdict Refuse(GupFlags flags, Errno errno, string because)
        => Verdict.Fail((flags & GupFlags.MadvPopulate) != 0 ? Errno.EINVAL : errno, Because("check_vma_flags", because));

    private bool TouchesFsDax(AddressSpace space, ulong address, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (space.Find(address + ((ulong)i << PageShift)) is { IsFsDax: true })
            {
                return true;
            }
        }

        return false;
    }
}
