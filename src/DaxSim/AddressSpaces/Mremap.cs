using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>mremap (mm/mremap.c), with the order of tests of each era: a refused move has often already unmapped its destination.</summary>
internal sealed partial class MemoryManager
{
    internal Result<ulong> Mremap(AddressSpace space, ulong address, ulong oldLength, ulong newLength, MremapFlags flags, ulong newAddress)
    {
        space.Lock.MustBeFree("mremap");
        if ((flags & ~(MremapFlags.MayMove | MremapFlags.Fixed | MremapFlags.DontUnmap)) != 0
            || ((flags & MremapFlags.DontUnmap) != 0 && Policy.MremapDontUnmap == MremapDontUnmapRule.Unknown)
            || ((flags & (MremapFlags.Fixed | MremapFlags.DontUnmap)) != 0 && (flags & MremapFlags.MayMove) == 0)
            || ((flags & MremapFlags.DontUnmap) != 0 && oldLength != newLength)
            || (address & (PageSize - 1)) != 0)
        {
            return Invalid("The flags contradict each other, are unknown, or the address is not a multiple of the page size.");
        }

        oldLength = RoundUp(oldLength);
        newLength = RoundUp(newLength);
        if (newLength == 0)
        {
            return Invalid("The new length is 0.");
        }

        var move = (flags & (MremapFlags.Fixed | MremapFlags.DontUnmap)) != 0;
        if (Policy.MremapAcrossAreas == MremapAcrossAreasRule.MovesEveryArea)
        {
            if (move && CheckDestination(address, oldLength, newAddress, newLength, flags) is { IsOk: false } refused)
            {
                return refused;
            }

            if ((flags & MremapFlags.Fixed) != 0 && oldLength == newLength)
            {
                return MoveEveryArea(space, address, oldLength, flags, newAddress);
            }
        }

        var area = space.Find(address);
        if (area is null && Policy.MremapLookup == MremapLookupRule.AreaFirst)
        {
            return NothingMapped(address);
        }

        if (area is not null && area.Has(VmFlags.Sealed))
        {
            return Verdict.Fail(Errno.EPERM, Because("mremap", "The area is sealed."));
        }

        if (area is not null && area.Has(VmFlags.HugeTlb) && Policy.MremapHugeTlb == MremapHugeTlbRule.Allowed)
        {
            oldLength = (oldLength + PmdSize - 1) & ~(PmdSize - 1);
            newLength = (newLength + PmdSize - 1) & ~(PmdSize - 1);
            if (newLength > oldLength || ((address | (move ? newAddress : 0)) & (PmdSize - 1)) != 0)
            {
                return Invalid("hugetlb areas move between multiples of the huge page size and do not grow.");
            }
        }

        if (move)
        {
            return MoveTo(space, address, oldLength, newLength, flags, newAddress);
        }

        if (oldLength >= newLength)
        {
            if (oldLength > newLength)
            {
                var shrunk = UnmapPages(space, address + newLength, address + oldLength);
                if (!shrunk.IsOk)
                {
                    return shrunk;
                }
            }

            return address;
        }

        var verdict = CheckResize(space, address, oldLength, newLength, flags, out area);
        return verdict.IsOk ? Grow(space, area!, address, oldLength, newLength, flags) : verdict;
    }

    private Verdict Invalid(string because) => Verdict.Fail(Errno.EINVAL, Because("mremap", because));

    private Verdict NothingMapped(ulong address) => Verdict.Fail(Errno.EFAULT, Because("mremap", $"Nothing is mapped at 0x{address:x}.", PolicyProperty.MremapLookup));

    private Verdict CheckDestination(ulong address, ulong oldLength, ulong newAddress, ulong newLength, MremapFlags flags)
    {
        if ((flags & MremapFlags.Fixed) == 0)
        {
            return Verdict.Ok;
        }

        if ((newAddress & (PageSize - 1)) != 0 || newLength > TaskSize || newAddress > TaskSize - newLength)
        {
            return Invalid("The new address is unaligned or beyond user space.");
        }

        return address + oldLength > newAddress && newAddress + newLength > address ? Invalid("The old and the new range overlap.") : Verdict.Ok;
    }

    /// <summary>mremap_to.</summary>
    private Result<ulong> MoveTo(AddressSpace space, ulong address, ulong oldLength, ulong newLength, MremapFlags flags, ulong newAddress)
    {
        var verdict = CheckDestination(address, oldLength, newAddress, newLength, flags);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        if (Policy.MremapAcrossAreas == MremapAcrossAreasRule.MovesEveryArea)
        {
            verdict = CheckResize(space, address, Math.Min(oldLength, newLength), newLength, flags, out _);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        if ((flags & MremapFlags.Fixed) != 0)
        {
            verdict = UnmapPages(space, newAddress, newAddress + newLength);
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        if (oldLength > newLength)
        {
            verdict = UnmapPages(space, address + newLength, address + oldLength);
            if (!verdict.IsOk)
            {
                return verdict;
            }

            oldLength = newLength;
        }

        verdict = CheckResize(space, address, oldLength, newLength, flags, out var area);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        if ((flags & MremapFlags.Fixed) == 0)
        {
            newAddress = space.FindFree(newLength, area!.Has(VmFlags.HugeTlb) ? PmdSize : PageSize);
        }

        return MoveArea(space, area!, address, oldLength, newLength, newAddress, (flags & MremapFlags.DontUnmap) != 0);
    }

    /// <summary>remap_move (6.17+): moves every area of a range, keeping the gaps between them.</summary>
    private Result<ulong> MoveEveryArea(AddressSpace space, ulong address, ulong length, MremapFlags flags, ulong newAddress)
    {
        var areas = space.Overlapping(address, address + length);
        if (areas.Length == 0 || areas[0].Start > address)
        {
            return NothingMapped(address);
        }

        foreach (var original in areas)
        {
            var start = Math.Max(original.Start, address);
            var part = Math.Min(original.End, address + length) - start;
            var moved = MoveTo(space, start, part, part, flags, newAddress + (start - address));
            if (!moved.IsOk)
            {
                return moved;
            }
        }

        return newAddress;
    }

    /// <summary>vma_to_resize and check_prep_vma.</summary>
    private Verdict CheckResize(AddressSpace space, ulong address, ulong oldLength, ulong newLength, MremapFlags flags, out Vma? area)
    {
        area = space.Find(address);
        if (area is null)
        {
            return NothingMapped(address);
        }

        if (area.Has(VmFlags.HugeTlb) && Policy.MremapHugeTlb == MremapHugeTlbRule.Refused)
        {
            return Invalid("hugetlb areas cannot be remapped yet.");
        }

        if (oldLength == 0 && !area.Has(VmFlags.Shared | VmFlags.MayShare) && Policy.MremapDuplicate == MremapDuplicateRule.SharedOnly)
        {
            if (counters.WarnOnce("mremap_duplicate"))
            {
                Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"{space.Name} ({space.Id}): attempted to duplicate a private mapping with mremap.  This is not supported.");
            }

            return Verdict.Fail(Errno.EINVAL, Because("vma_to_resize", "An old length of 0 duplicates shared mappings only.", PolicyProperty.MremapDuplicate));
        }

        if ((flags & MremapFlags.DontUnmap) != 0)
        {
            var refused = Policy.MremapDontUnmap == MremapDontUnmapRule.PrivateAnonymousOnly ? !area.IsAnonymous || area.IsShared : area.Has(VmFlags.DontExpand | VmFlags.PfnMap);
            if (refused)
            {
                return Verdict.Fail(Errno.EINVAL, Because("vma_to_resize", "MREMAP_DONTUNMAP is not possible for this kind of area.", PolicyProperty.MremapDontUnmap));
            }
        }

        if (oldLength > area.End - address)
        {
            return Verdict.Fail(Errno.EFAULT, Because("vma_to_resize", "The old range runs past the end of the area.", PolicyProperty.MremapAcrossAreas));
        }

        if (newLength != oldLength && area.Has(VmFlags.DontExpand | VmFlags.PfnMap) && !(area.Has(VmFlags.HugeTlb) && newLength <= oldLength))
        {
            return Verdict.Fail(Errno.EFAULT, Because("vma_to_resize", "The area may not grow (VM_DONTEXPAND or VM_PFNMAP)."));
        }

        return Verdict.Ok;
    }

    private Result<ulong> Grow(AddressSpace space, Vma area, ulong address, ulong oldLength, ulong newLength, MremapFlags flags)
    {
        var grown = newLength - oldLength;
        if (oldLength == area.End - address && area.End + grown <= TaskSize && space.IsFree(area.End, area.End + grown))
        {
            var end = area.End;
            area.SetRange(area.Start, end + grown, area.PageOffset);
            if (area.Has(VmFlags.Locked))
            {
                space.CountLocked((long)(grown >> PageShift));
                Populate(space, end, end + grown, ignoreErrors: true);
            }

            MergeNeighbours(space, area);
            return address;
        }

        if ((flags & MremapFlags.MayMove) == 0)
        {
            return Verdict.Fail(Errno.ENOMEM, Because("mremap", "The area cannot grow in place and may not move."));
        }

        return MoveArea(space, area, address, oldLength, newLength, space.FindFree(newLength, PageSize), keepOld: false);
    }

    /// <summary>move_vma: a copy of the area at the new place, its entries moved over, the old range unmapped.</summary>
    private Result<ulong> MoveArea(AddressSpace space, Vma area, ulong address, ulong oldLength, ulong newLength, ulong newAddress, bool keepOld)
    {
        if (!MayAllocate())
        {
            return Verdict.Fail(Errno.ENOMEM, Because("copy_vma", "No memory for an area."));
        }

        if (Policy.MremapSplit == MremapSplitRule.BeforeMoving && !keepOld
            && ((area.Start < address && MaySplit(area, address) is { IsOk: false }) || (address + oldLength < area.End && MaySplit(area, address + oldLength) is { IsOk: false })))
        {
            return Verdict.Fail(Errno.EINVAL, Because("move_vma", "The area cannot be cut there.", PolicyProperty.MremapSplit));
        }

        var copy = area.Duplicate();
        var offset = area.File is null && area.Special is null && area.Anon is null && !area.IsShared ? newAddress >> PageShift : area.PageIndex(address, PageShift);
        copy.SetRange(newAddress, newAddress + newLength, offset);
        LinkAnon(copy, area.Anon, area.AnonChain);
        MoveUserfault(space, area, copy, address, address + oldLength);
        var locked = area.Has(VmFlags.Locked);
        space.Insert(copy);
        copy = MergeNeighbours(space, copy);
        area = space.Find(address)!;
        MoveEntries(space, area, address, newAddress, oldLength);
        if (locked)
        {
            space.CountLocked((long)(newLength >> PageShift));
        }

        if (keepOld)
        {
            if (locked)
            {
                space.CountLocked(-(long)(area.Length >> PageShift));
                area.SetFlags(area.Flags & ~(VmFlags.Locked | VmFlags.LockOnFault));
            }

            if (oldLength == area.Length)
            {
                // Nothing anonymous is left in it.
                ReleaseAnon(area);
            }
        }
        else if (oldLength > 0)
        {
            if (copy.OwnsReservation)
            {
                // The promise moves with the area; taking the old one down gives its share back.
                ReleaseHugeTlb(-(int)(oldLength >> PmdShift));
            }

            if (area.Has(VmFlags.ArchPat) && Policy.PfnMapMoveTracking == PfnMapMoveRule.WholeAreaUntracked)
            {
                // untrack_pfn_moved, before the area is cut.
                area.SetFlags(area.Flags & ~VmFlags.ArchPat);
            }

            UnmapPages(space, address, address + oldLength);
        }

        PlantProbes(space, newAddress, newAddress + newLength);
        if (locked && newLength > oldLength)
        {
            Populate(space, newAddress + oldLength, newAddress + newLength, ignoreErrors: true);
        }

        return newAddress;
    }

    /// <summary>move_page_tables: entries keep their frames.</summary>
    private void MoveEntries(AddressSpace space, Vma area, ulong from, ulong to, ulong length)
    {
        var table = space.PageTable;
        var huge = !table.Pmds.IsEmpty;
        if (huge && ((from | to) & (PmdSize - 1)) != 0)
        {
            foreach (var extent in table.Pmds.Extents(from >> PmdShift, (from + length + PmdSize - 1) >> PmdShift).ToArray())
            {
                for (var index = extent.Start; index < extent.End; index++)
                {
                    SplitPmd(space, area, index);
                }
            }
        }
        else if (huge)
        {
            SplitPmdsAt(space, area, from, from + length);
            foreach (var extent in table.Pmds.Extents(from >> PmdShift, (from + length) >> PmdShift).ToArray())
            {
                for (var index = extent.Start; index < extent.End; index++)
                {
                    var target = index - (from >> PmdShift) + (to >> PmdShift);
                    table.Pmds[target] = extent.Value.MovedTo(index, target).With(Moved(area, extent.Value));
                    table.Pmds[index] = default;
                }
            }
        }

        CopyTables(space, from, length, space, to);
        KeepTables(space, PageOf(from), PageOf(from + length));
        var shift = PageOf(to) - PageOf(from);
        foreach (var run in table.Ptes.Extents(PageOf(from), PageOf(from + length)).ToArray())
        {
            table.Ptes.Clear(run.Start, run.End);
            table.Ptes.Set(run.Start + shift, run.End + shift, run.Value.MovedTo(run.Start, run.Start + shift).With(Moved(area, run.Value)));
        }
    }
}
