using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>madvise (mm/madvise.c).</summary>
internal sealed partial class MemoryManager
{
    internal Verdict Madvise(AddressSpace space, ulong address, ulong length, Advice advice, AddressSpace? current = null)
    {
        if (advice is Advice.HwPoison or Advice.SoftOffline && !Policy.Config.IsEnabled("MEMORY_FAILURE"))
        {
            return Verdict.Fail(Errno.EINVAL, Because("madvise_behavior_valid", "The kernel was built without MEMORY_FAILURE."));
        }

        if (!KnowsAdvice(advice))
        {
            return Verdict.Fail(Errno.EINVAL, Because("madvise_behavior_valid", $"This kernel does not know {advice}.", PolicyProperty.MadviseKnows));
        }

        if ((address & (PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("madvise", "The address is not a multiple of the page size."));
        }

        var end = address + RoundUp(length);
        if (end < address)
        {
            return Verdict.Fail(Errno.EINVAL, Because("madvise", "The range wraps around."));
        }

        if (end == address)
        {
            return Verdict.Ok;
        }

        // madvise_need_mmap_write.
        if (advice is Advice.DontNeed or Advice.DontNeedLocked or Advice.Free or Advice.Cold or Advice.PageOut or Advice.Remove or Advice.WillNeed
            or Advice.PopulateRead or Advice.PopulateWrite or Advice.Collapse or Advice.HwPoison or Advice.SoftOffline)
        {
            space.Lock.MustBeReadable("madvise");
        }
        else
        {
            space.Lock.MustBeFree("madvise");
        }

        if (advice is Advice.HwPoison or Advice.SoftOffline)
        {
            return InjectMemoryFailure(space, address, end, advice == Advice.SoftOffline);
        }

        if (advice is Advice.PopulateRead or Advice.PopulateWrite && Policy.PopulateWalk == PopulateWalkRule.WholeRange)
        {
            return MadvisePopulate(space, address, end, advice == Advice.PopulateWrite);
        }

        return WalkAreas(space, address, end, advice);
    }

    private bool KnowsAdvice(Advice advice) => advice switch
    {
        Advice.Free => Policy.MadviseKnows >= MadviseKnowsRule.Free,
        Advice.WipeOnFork or Advice.KeepOnFork => Policy.MadviseKnows >= MadviseKnowsRule.WipeOnFork,
        Advice.Cold or Advice.PageOut => Policy.MadviseKnows >= MadviseKnowsRule.Cold,
        Advice.PopulateRead or Advice.PopulateWrite => Policy.MadviseKnows >= MadviseKnowsRule.Populate,
        Advice.DontNeedLocked => Policy.MadviseKnows >= MadviseKnowsRule.DontNeedLocked,
        Advice.GuardInstall or Advice.GuardRemove => Policy.GuardRegions != GuardRegionRule.Unknown,
        Advice.Collapse => Policy.MadviseKnows >= MadviseKnowsRule.Collapse,
        _ => Enum.IsDefined(advice),
    };

    /// <summary>madvise_walk_vmas: holes are skipped but make the call fail with ENOMEM in the end.</summary>
    private Verdict WalkAreas(AddressSpace space, ulong start, ulong end, Advice advice)
    {
        var holes = false;
        for (var at = start; ;)
        {
            var area = space.FindAbove(at);
            if (area is null)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("madvise_walk_vmas", "Part of the range is not mapped."));
            }

            if (at < area.Start)
            {
                holes = true;
                at = area.Start;
                if (at >= end)
                {
                    break;
                }
            }

            var stop = Math.Min(end, area.End);
            var verdict = AdviseArea(space, area, at, stop, advice);
            if (!verdict.IsOk)
            {
                return verdict;
            }

            at = stop;
            if (at >= end)
            {
                break;
            }
        }

        return holes ? Verdict.Fail(Errno.ENOMEM, Because("madvise_walk_vmas", "Part of the range is not mapped.")) : Verdict.Ok;
    }

    private Verdict AdviseArea(AddressSpace space, Vma area, ulong start, ulong end, Advice advice)
    {
        if (area.Has(VmFlags.Sealed) && advice is Advice.DontNeed or Advice.Free or Advice.Remove or Advice.DontFork or Advice.WipeOnFork or Advice.DontNeedLocked
            && !area.Has(VmFlags.Write) && area.IsAnonymous)
        {
            return Verdict.Fail(Errno.EPERM, Because("can_modify_vma_madv", "The area is sealed and read-only."));
        }

        switch (advice)
        {
            case Advice.DontNeed or Advice.DontNeedLocked:
                return DontNeed(space, area, start, end, evenLocked: advice == Advice.DontNeedLocked);
            case Advice.Free:
                return !area.IsAnonymous || area.Has(VmFlags.Locked | VmFlags.HugeTlb | VmFlags.PfnMap)
                    ? Refused(advice, "Only private anonymous memory can be freed lazily.")
                    : LazyFree(space, area, start, end);
            case Advice.PopulateRead or Advice.PopulateWrite:
                return MadvisePopulate(space, start, end, advice == Advice.PopulateWrite);
            case Advice.Remove:
                return RemoveRange(area, start, end);
            case Advice.WillNeed:
                if (Memory.Swap is not null)
                {
                    ReadAheadSwapped(space, area, start, end);
                }

                return Verdict.Ok;
            case Advice.Cold or Advice.PageOut:
                if (area.Has(VmFlags.Locked | VmFlags.HugeTlb | VmFlags.PfnMap))
                {
                    return Refused(advice, "The area is locked, hugetlb or device memory.");
                }

                var advised = AdviseCold(space, area, start, end);
                if (advice == Advice.PageOut && Memory.Swap is not null)
                {
                    ReclaimRange(space, area, start, end, pressure: false);
                }

                return advised;
            case Advice.DoFork when area.Has(Policy.DoFork == DoForkRule.RefusesSpecial ? VmFlags.Special : VmFlags.Io):
                return Verdict.Fail(Errno.EINVAL, Because("madvise_vma_behavior", "A special area cannot be inherited again.", PolicyProperty.DoFork));
            case Advice.WipeOnFork when area.File is not null || area.IsShared:
                return Refused(advice, "Only private anonymous memory can be wiped on fork.");
            case Advice.DoDump when !area.Has(VmFlags.HugeTlb) && area.Has(VmFlags.Special):
                return Refused(advice, "A special area is never dumped.");
            case Advice.HugePage when Policy.MadviseHugePage == MadviseHugePageRule.NeverSharedOrSpecial && area.Has(VmFlags.Special | VmFlags.HugeTlb | VmFlags.Shared | VmFlags.MayShare):
                return Verdict.Fail(Errno.EINVAL, Because("hugepage_madvise", "A shared or special area cannot consist of huge pages.", PolicyProperty.MadviseHugePage));
            case Advice.GuardInstall:
                return InstallGuards(space, area, start, end);
            case Advice.GuardRemove:
                RemoveGuards(space, start, end);
                return Verdict.Ok;
            case Advice.Collapse:
                return area.IsAnonymous && !area.Has(VmFlags.NoHugePage) && area.Start + PmdSize <= area.End && RoundUpToPmd(area.Start) + PmdSize <= area.End ? Collapse(space, area, start, end) : Refused(advice, "Only memory that may consist of huge pages can be collapsed.");
            case Advice.Normal or Advice.Random or Advice.Sequential or Advice.DontFork or Advice.DoFork or Advice.WipeOnFork or Advice.KeepOnFork
                or Advice.DontDump or Advice.DoDump or Advice.HugePage or Advice.NoHugePage or Advice.Mergeable or Advice.Unmergeable:
                return ChangeFlags(space, area, start, end, advice);
            default:
                return Refused(advice, "Unknown advice.");
        }
    }

    private ulong RoundUpToPmd(ulong address) => (address + PmdSize - 1) & ~(PmdSize - 1);

    private Verdict Refused(Advice advice, string because) => Verdict.Fail(Errno.EINVAL, Because($"madvise({advice})", because));

    private Verdict DontNeed(AddressSpace space, Vma area, ulong start, ulong end, bool evenLocked)
    {
        if (area.Has(VmFlags.PfnMap) || (area.Has(VmFlags.Locked) && !evenLocked) || (area.Has(VmFlags.HugeTlb) && Policy.HugeTlbDontNeed == HugeTlbDontNeedRule.Refused))
        {
            return Refused(Advice.DontNeed, "The area is locked, hugetlb or device memory.");
        }

        if (area.Has(VmFlags.HugeTlb))
        {
            if ((start & (PmdSize - 1)) != 0)
            {
                return Refused(Advice.DontNeed, "The address is not a multiple of the huge page size.");
            }

            end &= ~(PmdSize - 1);
        }

        var guards = Policy.GuardRegions == GuardRegionRule.Unknown ? [] : space.PageTable.Ptes.Extents(PageOf(start), PageOf(end)).Where(r => r.Value.Has(PteFlags.Guard)).ToArray();
        Zap(space, area, start, end, keepMarkers: true);
        foreach (var guard in guards)
        {
            // Guard markers outlive MADV_DONTNEED.
            space.PageTable.Ptes.Set(guard.Start, guard.End, guard.Value);
        }

        return Verdict.Ok;
    }

    /// <summary>madvise_guard_install: the pages go, and markers take their place.</summary>
    private Verdict InstallGuards(AddressSpace space, Vma area, ulong start, ulong end)
    {
        var refused = Policy.GuardRegions == GuardRegionRule.OrdinaryMemory
            ? area.Has(VmFlags.Special | VmFlags.HugeTlb | VmFlags.Locked)
            : !area.IsAnonymous || !area.Has(VmFlags.MayWrite) || area.Has(VmFlags.Special | VmFlags.Locked | VmFlags.Shared);
        if (refused)
        {
            return Refused(Advice.GuardInstall, "The area cannot have guard pages.");
        }

        // An anon_vma makes fork copy the markers.
        if (!PrepareAnon(space, area))
        {
            return Verdict.Fail(Errno.ENOMEM, Because("madvise_guard_install", "No memory for an anon_vma."));
        }

        Zap(space, area, start, end);
        space.PageTable.Ptes.Set(PageOf(start), PageOf(end), new Pte(0, 0, PteFlags.Guard));
        return Verdict.Ok;
    }

    private void RemoveGuards(AddressSpace space, ulong start, ulong end)
    {
        foreach (var run in space.PageTable.Ptes.Extents(PageOf(start), PageOf(end)).Where(r => r.Value.Has(PteFlags.Guard)).ToArray())
        {
            space.PageTable.Ptes.Clear(run.Start, run.End);
        }
    }

    /// <summary>madvise_remove: punches a hole into the file behind a shared writable mapping.</summary>
    private Verdict RemoveRange(Vma area, ulong start, ulong end)
    {
        if (area.Has(VmFlags.Locked))
        {
            return Refused(Advice.Remove, "The area is locked.");
        }

        if (area.File is not { } file)
        {
            return Refused(Advice.Remove, "There is no file behind the area.");
        }

        if ((area.Flags & (VmFlags.Shared | VmFlags.MayWrite)) != (VmFlags.Shared | VmFlags.MayWrite))
        {
            return Verdict.Fail(Errno.EACCES, Because("madvise_remove", "Only a shared writable mapping can be removed from its file."));
        }

        var position = (area.PageIndex(start, PageShift) + (file.Inode.Kind == MappingKind.PciBar ? file.Inode.BasePfn : 0)) << PageShift;
        if (CheckAllocation(file.Inode, position) is { IsOk: false } refused)
        {
            return refused;
        }

        return PunchHole(file.Inode, (long)(area.PageIndex(start, PageShift) << PageShift), (long)(end - start));
    }

    private Verdict ChangeFlags(AddressSpace space, Vma area, ulong start, ulong end, Advice advice)
    {
        if (advice == Advice.Unmergeable && area.Has(VmFlags.Mergeable))
        {
            UnmergePages(space, area, start, end);
        }

        var flags = area.Flags;
        flags = advice switch
        {
            Advice.Normal => flags & ~(VmFlags.RandRead | VmFlags.SeqRead),
            Advice.Random => (flags & ~VmFlags.SeqRead) | VmFlags.RandRead,
            Advice.Sequential => (flags & ~VmFlags.RandRead) | VmFlags.SeqRead,
            Advice.DontFork => flags | VmFlags.DontCopy,
            Advice.DoFork => flags & ~VmFlags.DontCopy,
            Advice.WipeOnFork => flags | VmFlags.WipeOnFork,
            Advice.KeepOnFork => flags & ~VmFlags.WipeOnFork,
            Advice.DontDump => flags | VmFlags.DontDump,
            Advice.DoDump => flags & ~VmFlags.DontDump,
            Advice.HugePage => (flags & ~VmFlags.NoHugePage) | VmFlags.HugePage,
            Advice.NoHugePage => (flags & ~VmFlags.HugePage) | VmFlags.NoHugePage,
            Advice.Mergeable when MayBeMerged(area) => flags | VmFlags.Mergeable,
            Advice.Unmergeable => flags & ~VmFlags.Mergeable,
            _ => flags,
        };
        if (flags == area.Flags)
        {
            return Verdict.Ok;
        }

        if (SplitAt(space, start, end) is { IsOk: false } refused)
        {
            return refused;
        }

        area = space.Find(start)!;
        area.SetFlags(flags);
        MergeNeighbours(space, area);
        return Verdict.Ok;
    }

    /// <summary>MADV_COLD and MADV_PAGEOUT: nothing that shows, except that some kernels trip over a DAX PMD.</summary>
    private Verdict AdviseCold(AddressSpace space, Vma area, ulong start, ulong end)
    {
        foreach (var extent in space.PageTable.Pmds.Extents(start >> PmdShift, (end + PmdSize - 1) >> PmdShift).ToArray())
        {
            if (!extent.Value.IsDevmap || Policy.ColdDevmapPmd == ColdDevmapPmdRule.LeftAlone)
            {
                continue;
            }

            for (var index = extent.Start; index < extent.End; index++)
            {
                Log.Print(KernelLogLevel.Error, Subsystem.Mm, $"mm/pgtable-generic.c: bad pmd {(space.PageTable.PmdPfn(index, extent.Value) << PageShift) | (ulong)extent.Value.Flags:x16}");
                space.PageTable.Pmds[index] = default;
            }
        }

        return Verdict.Ok;
    }
}
