using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>One area of /proc/pid/smaps.</summary>
public sealed class SmapsEntry
{
    internal SmapsEntry(ulong start, ulong end, IReadOnlyDictionary<string, long> kilobytes, string flags)
    {
        Start = start;
        End = end;
        Kilobytes = kilobytes;
        VmFlags = flags;
    }

    /// <summary>First address.</summary>
    public ulong Start { get; }

    /// <summary>The address behind the last.</summary>
    public ulong End { get; }

    /// <summary>The lines that this kernel prints, by name (<c>Rss</c>, <c>Private_Dirty</c>): kB, and 0 or 1 for <c>THPeligible</c>.</summary>
    public IReadOnlyDictionary<string, long> Kilobytes { get; }

    /// <summary>The two-letter codes of the VmFlags line, separated by blanks.</summary>
    public string VmFlags { get; }
}

/// <summary>/proc/pid/smaps (fs/proc/task_mmu.c).</summary>
internal sealed partial class MemoryManager
{
    // In the order of the bits, as show_smap_vma_flags prints them.
    private static readonly (VmFlags Flag, string Code)[] FlagCodes =
    [
        (VmFlags.Read, "rd"), (VmFlags.Write, "wr"), (VmFlags.Exec, "ex"), (VmFlags.Shared, "sh"), (VmFlags.MayRead, "mr"), (VmFlags.MayWrite, "mw"), (VmFlags.MayExec, "me"), (VmFlags.MayShare, "ms"),
        (VmFlags.GrowsDown, "gd"), (VmFlags.PfnMap, "pf"), (VmFlags.Locked, "lo"), (VmFlags.Io, "io"), (VmFlags.SeqRead, "sr"), (VmFlags.RandRead, "rr"), (VmFlags.DontCopy, "dc"), (VmFlags.DontExpand, "de"),
        (VmFlags.LockOnFault, "lf"), (VmFlags.Account, "ac"), (VmFlags.NoReserve, "nr"), (VmFlags.HugeTlb, "ht"), (VmFlags.Sync, "sf"), (VmFlags.ArchPat, "ar"), (VmFlags.WipeOnFork, "wf"), (VmFlags.DontDump, "dd"), (VmFlags.SoftClean, "sd"), (VmFlags.MixedMap, "mm"),
        (VmFlags.HugePage, "hg"), (VmFlags.NoHugePage, "nh"), (VmFlags.Mergeable, "mg"),
    ];

    /// <summary>Every area with the pages that its page table shows.</summary>
    internal IReadOnlyList<SmapsEntry> Smaps(AddressSpace space) => [.. space.Areas.Select(area => SmapsOf(space, area))];

    private SmapsEntry SmapsOf(AddressSpace space, Vma area)
    {
        var counts = new SmapsCounts();
        if (area.Has(VmFlags.HugeTlb))
        {
            CountHugeTlb(space, area, counts);
        }
        else if (!area.Has(VmFlags.PfnMap) || Policy.SmapsPfnMap == SmapsPfnMapRule.CopiesCounted)
        {
            CountPmds(space, area, counts);
            CountPages(space, area, counts);
            CountSwappedFile(space, area, counts);
        }

        var lines = new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["Size"] = (long)(area.Length >> 10),
            ["KernelPageSize"] = KernelPageSize(area) >> 10,
            ["MMUPageSize"] = KernelPageSize(area) >> 10,
            ["Rss"] = counts.Resident >> 10,
            ["Pss"] = counts.Proportional >> 22,
            ["Shared_Clean"] = counts.SharedClean >> 10,
            ["Shared_Dirty"] = counts.SharedDirty >> 10,
            ["Private_Clean"] = counts.PrivateClean >> 10,
            ["Private_Dirty"] = counts.PrivateDirty >> 10,
            ["Referenced"] = counts.Referenced >> 10,
            ["Anonymous"] = counts.Anonymous >> 10,
            ["AnonHugePages"] = counts.AnonHuge >> 10,
        };
        if (Policy.SmapsLines >= SmapsLinesRule.ShmemPmd)
        {
            lines["ShmemPmdMapped"] = 0;
        }

        if (Policy.SmapsLines >= SmapsLinesRule.FilePmd)
        {
            lines["FilePmdMapped"] = 0;
        }

        if (Policy.SmapsLines >= SmapsLinesRule.HugeTlb)
        {
            lines["Shared_Hugetlb"] = counts.SharedHugeTlb >> 10;
            lines["Private_Hugetlb"] = counts.PrivateHugeTlb >> 10;
        }

        lines["Swap"] = counts.Swapped >> 10;
        if (Policy.SmapsSwap >= SmapsSwapRule.Proportional)
        {
            lines["SwapPss"] = counts.SwappedProportional >> 22;
        }

        lines["Locked"] = area.Has(VmFlags.Locked) ? counts.Proportional >> 22 : 0;
        if (Policy.SmapsLines >= SmapsLinesRule.ThpEligible)
        {
            lines["THPeligible"] = MayUseLargePages(area) ? 1 : 0;
        }

        return new SmapsEntry(area.Start, area.End, lines, FlagText(area));
    }

    private string FlagText(Vma area)
    {
        var flags = IsSoftDirty(area) ? area.Flags | VmFlags.SoftClean : area.Flags & ~VmFlags.SoftClean;
        var codes = FlagCodes.Where(c => (flags & c.Flag) != 0).Select(c => c.Code).ToList();
        foreach (var (mode, code) in (ReadOnlySpan<(UserfaultMode, string)>)[(UserfaultMode.Missing, "um"), (UserfaultMode.WriteProtect, "uw"), (UserfaultMode.Minor, "ui")])
        {
            if ((area.HandlerModes & mode) != 0)
            {
                codes.Add(code);
            }
        }

        return string.Join(' ', codes);
    }

    /// <summary>vma_kernel_pagesize.</summary>
    private long KernelPageSize(Vma area) => area.Inode is { Kind: MappingKind.HugeTlb or MappingKind.DeviceDax } inode ? (long)PageSize << inode.FolioOrder : area.Has(VmFlags.HugeTlb) ? (long)PmdSize : (long)PageSize;

    /// <summary>THPeligible: would a fault in the area ever make a large page?</summary>
    private bool MayUseLargePages(Vma area)
    {
        var wanted = (TransparentHugePagesAlways || area.Has(VmFlags.HugePage)) && !area.Has(VmFlags.NoHugePage | VmFlags.HugeTlb | VmFlags.Special);
        if (!wanted || area.IsDax)
        {
            return false;
        }

        return area.IsAnonymous
            ? area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec) && RoundUpTo(area.Start, PmdSize) + PmdSize <= area.End
            : area.Inode is { Kind: MappingKind.PageCache } && Policy.SmapsFileThp == SmapsFileThpRule.LargeFolios;
    }

    private static ulong RoundUpTo(ulong address, ulong size) => (address + size - 1) & ~(size - 1);

    private void CountPages(AddressSpace space, Vma area, SmapsCounts counts)
    {
        var ptes = space.PageTable.Ptes;
        for (var page = PageOf(area.Start); page < PageOf(area.End) && ptes.TryNext(page, PageOf(area.End), out var run);)
        {
            page = run.End;
            for (var at = run.Start; at < run.End && run.Value.Has(PteFlags.Migration); at++)
            {
                // smaps_account: what is on the move counts as mapped once, and not as accessed.
                var moving = run.Value.Pfn(at);
                counts.Add((long)PageSize, 1, IsPageDirty(moving), young: false, Memory.PageOf(moving).IsAnon);
            }

            for (var at = run.Start; at < run.End && run.Value.Has(PteFlags.Swap); at++)
            {
                counts.Swapped += (long)PageSize;
                counts.SwappedProportional += ((long)PageSize << 12) / Math.Max(1, Memory.Swap!.CountOf(run.Value.Pfn(at)));
            }

            for (var at = run.Start; at < run.End && run.Value.IsPresent; at++)
            {
                var before = BadPageMaps;
                if (TryNormalPage(space, area, at, run.Value, "smaps_pte_range", out var pfn))
                {
                    var head = Memory.HeadOf(pfn);
                    var mappings = Memory.PageOf(pfn).MapCount + Memory.PageOf(head).EntireMapCount;
                    counts.Add((long)PageSize, mappings, run.Value.Has(PteFlags.Dirty) || IsPageDirty(pfn), run.Value.Has(PteFlags.Young), Memory.PageOf(pfn).IsAnon);
                }
                else if (BadPageMaps == before)
                {
                    // One entry of the run was passed over in silence: so are the others.
                    break;
                }
            }
        }
    }

    /// <summary>shmem_swap_usage: of a shared or read-only area everything that the file has swapped, of a writable private one what shows through its holes.</summary>
    private void CountSwappedFile(AddressSpace space, Vma area, SmapsCounts counts)
    {
        if (Memory.Swap is not { } swap || Policy.SmapsSwap != SmapsSwapRule.MemoryFilesToo || area.Inode is not { Kind: MappingKind.Shmem } inode)
        {
            return;
        }

        for (var address = area.Start; address < area.End; address += PageSize)
        {
            if (swap.TryFile(inode.Id, area.PageIndex(address, PageShift), out _) && space.PageTable[PageOf(address)].IsNone)
            {
                counts.Swapped += (long)PageSize;
            }
        }
    }

    private void CountPmds(AddressSpace space, Vma area, SmapsCounts counts)
    {
        var table = space.PageTable;
        foreach (var extent in table.Pmds.Extents(area.Start >> PmdShift, (area.End + PmdSize - 1) >> PmdShift).ToArray())
        {
            for (var index = extent.Start; index < extent.End; index++)
            {
                var pmd = extent.Value;
                if (pmd.Has(PteFlags.Migration) && !area.Has(VmFlags.HugeTlb))
                {
                    // smaps_pmd_entry: as with base pages.
                    var moving = Memory.PageOf(table.PmdPfn(index, pmd));
                    counts.Add((long)PmdSize, 1, IsPageDirty(table.PmdPfn(index, pmd)), young: false, moving.IsAnon);
                    counts.AnonHuge += moving.IsAnon ? (long)PmdSize : 0;
                }

                if (!pmd.IsPresent || pmd.IsZero || !Memory.HasStructPage(table.PmdPfn(index, pmd)))
                {
                    continue;
                }

                var pfn = table.PmdPfn(index, pmd);
                var page = Memory.PageOf(pfn);
                if (area.IsDax && !page.IsAnon)
                {
                    CountDaxPmd(area, pmd, pfn, page, counts);
                    continue;
                }

                counts.Add((long)PmdSize, page.EntireMapCount, pmd.Has(PteFlags.Dirty) || IsPageDirty(pfn), pmd.Has(PteFlags.Young), page.IsAnon);
                counts.AnonHuge += page.IsAnon ? (long)PmdSize : 0;
            }
        }
    }

    private void CountDaxPmd(Vma area, Pte pmd, ulong pfn, PageState page, SmapsCounts counts)
    {
        if (Policy.SmapsDaxPmd == SmapsDaxPmdRule.NotCounted)
        {
            return;
        }

        var whole = Policy.SmapsDaxPmd == SmapsDaxPmdRule.CompoundWhole && (area.Inode!.Kind == MappingKind.DeviceDax || Policy.DaxPages == DaxPageRule.CountedLikeFilePages);
        counts.Add(whole ? (long)PmdSize : (long)PageSize, page.MapCount + page.EntireMapCount, pmd.Has(PteFlags.Dirty) || IsPageDirty(pfn), pmd.Has(PteFlags.Young), anonymous: false);
    }

    private void CountHugeTlb(AddressSpace space, Vma area, SmapsCounts counts)
    {
        foreach (var extent in space.PageTable.Pmds.Extents(area.Start >> PmdShift, (area.End + PmdSize - 1) >> PmdShift).ToArray())
        {
            for (var index = extent.Start; index < extent.End && extent.Value.IsPresent; index++)
            {
                var mappings = Memory.PageOf(space.PageTable.PmdPfn(index, extent.Value)).EntireMapCount;
                if (mappings >= 2)
                {
                    counts.SharedHugeTlb += (long)PmdSize;
                }
                else
                {
                    counts.PrivateHugeTlb += (long)PmdSize;
                }
            }
        }
    }

    /// <summary>PG_dirty of a page: a file page keeps it in the file's cache.</summary>
    private bool IsPageDirty(ulong pfn)
    {
        var state = Memory.PageOf(pfn);
        return state.Has(PageFlags.PageCache) && files.TryGetValue(state.Owner, out var inode) ? inode.Cache[Memory.IndexOf(pfn)].Has(CacheFlags.Dirty) : state.Has(PageFlags.Dirty);
    }

    /// <summary>struct mem_size_stats, in bytes; the proportional size has 12 more bits.</summary>
    private sealed class SmapsCounts
    {
        internal long Resident { get; private set; }

        internal long Proportional { get; private set; }

        internal long SharedClean { get; private set; }

        internal long SharedDirty { get; private set; }

        internal long PrivateClean { get; private set; }

        internal long PrivateDirty { get; private set; }

        internal long Referenced { get; private set; }

        internal long Anonymous { get; private set; }

        internal long AnonHuge { get; set; }

        internal long SharedHugeTlb { get; set; }

        internal long PrivateHugeTlb { get; set; }

        internal long Swapped { get; set; }

        internal long SwappedProportional { get; set; }

        /// <summary>smaps_account.</summary>
        internal void Add(long size, int mappings, bool dirty, bool young, bool anonymous)
        {
            Resident += size;
            Anonymous += anonymous ? size : 0;
            Referenced += young ? size : 0;
            Proportional += (size << 12) / Math.Max(1, mappings);
            if (mappings >= 2)
            {
                SharedClean += dirty ? 0 : size;
                SharedDirty += dirty ? size : 0;
            }
            else
            {
                PrivateClean += dirty ? 0 : size;
                PrivateDirty += dirty ? size : 0;
            }
        }
    }
}
