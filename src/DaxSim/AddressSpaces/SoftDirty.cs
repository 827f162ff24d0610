using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>Soft-dirty bits: which pages were written since somebody cleared /proc/pid/clear_refs (fs/proc/task_mmu.c).</summary>
/// <remarks>
/// The bit of an entry is kept only in areas without VM_SOFTDIRTY. Elsewhere it would show nothing, since the area as a whole counts as
/// written, and the clearing that takes the area's flag away takes those of the entries too.
/// </remarks>
internal sealed partial class MemoryManager
{
    /// <summary>CONFIG_MEM_SOFT_DIRTY.</summary>
    private bool HasSoftDirty => Policy.Config.IsEnabled("MEM_SOFT_DIRTY");

    /// <summary>VM_SOFTDIRTY: every page of the area counts as written.</summary>
    internal bool IsSoftDirty(Vma area) => Policy.SoftDirtyAreas == SoftDirtyAreaRule.NewAreasToo && !area.Has(VmFlags.SoftClean) && HasSoftDirty;

    /// <summary>Do the area's entries tell what was written?</summary>
    internal bool TracksSoftDirty(Vma area) => (area.Has(VmFlags.SoftClean) || Policy.SoftDirtyAreas == SoftDirtyAreaRule.EntriesOnly) && HasSoftDirty;

    /// <summary>pte_mkdirty.</summary>
    internal PteFlags Dirtied(Vma area) => TracksSoftDirty(area) ? PteFlags.Dirty | PteFlags.SoftDirty : PteFlags.Dirty;

    /// <summary>move_soft_dirty_pte: what mremap moves counts as written.</summary>
    private PteFlags Moved(Vma area, Pte pte) => !pte.IsNoneMostly && !pte.Has(PteFlags.Guard) && TracksSoftDirty(area) ? PteFlags.SoftDirty : PteFlags.None;

    /// <summary>May mprotect make a dirty page writable without a fault? Not while its next store is to be heard of; the first test was the wrong way round.</summary>
    internal bool IsKnownDirty(Vma area, Pte pte) => Policy.SoftDirtyMprotect == SoftDirtyMprotectRule.Inverted || !TracksSoftDirty(area) || pte.Has(PteFlags.SoftDirty);

    /// <summary>Does pagemap show bit 55 yet?</summary>
    private bool ShowsSoftDirty => Policy.PagemapSoftDirty switch
    {
        PagemapSoftDirtyRule.Missing => false,
        PagemapSoftDirtyRule.AfterFirstClear => counters.HasWarned(SoftDirtyMessage),
        _ => true,
    };

    private const string SoftDirtyMessage = "The pagemap bits 55-60 has changed their meaning! See the linux/Documentation/vm/pagemap.txt for details.";

    /// <summary>clear_refs_write.</summary>
    internal Verdict ClearReferences(AddressSpace space, int kind)
    {
        space.Lock.MustBeFree("/proc/pid/clear_refs");
        if (kind < 1 || kind > (Policy.ClearReferences switch { ClearReferencesRule.Young => 3, ClearReferencesRule.SoftDirty => 4, _ => 5 }))
        {
            return Verdict.Fail(Errno.EINVAL, Because("clear_refs_write", $"This kernel does not know the value {kind}.", PolicyProperty.ClearReferences));
        }

        if (kind == 5)
        {
            // The peak of the resident set, which no part of this model reads.
            return Verdict.Ok;
        }

        if (kind == 4 && Policy.PagemapSoftDirty == PagemapSoftDirtyRule.AfterFirstClear && counters.WarnOnce(SoftDirtyMessage))
        {
            Log.Print(KernelLogLevel.Warning, Subsystem.Mm, SoftDirtyMessage);
        }

        foreach (var area in space.Areas.Span)
        {
            if (kind == 4)
            {
                ClearSoftDirty(space, area);
            }
            else if (!area.Has(VmFlags.PfnMap | VmFlags.HugeTlb) && (kind != 2 || area.File is null) && (kind != 3 || area.File is not null))
            {
                ClearYoung(space, area);
            }
        }

        return Verdict.Ok;
    }

    /// <summary>clear_soft_dirty: the flag goes, and the write bit with it, so that the next store faults.</summary>
    private void ClearSoftDirty(AddressSpace space, Vma area)
    {
        if (!HasSoftDirty)
        {
            return;
        }

        var tracked = TracksSoftDirty(area);
        area.SetFlags(area.Flags | VmFlags.SoftClean);
        if (area.Has(VmFlags.PfnMap | VmFlags.HugeTlb))
        {
            // Neither is walked: what is written there never shows again.
            return;
        }

        var table = space.PageTable;
        var (first, end) = (PageOf(area.Start), PageOf(area.End));
        var clear = default(SoftDirtyBit);
        if (!(area.IsCow && space.HasPinned && Policy.SoftDirtyPinned == SoftDirtyPinnedRule.LeftAlone))
        {
            table.Ptes.Transform(first, end, ref clear);
        }
        else
        {
            foreach (var run in table.Ptes.Extents(first, end).ToArray())
            {
                for (var page = run.Start; page < run.End; page++)
                {
                    var pinned = run.Value.IsWrite && TryNormalPage(space, area, page, run.Value, "clear_soft_dirty", out var pfn) && MaybePinned(pfn);

                    // An area that counted as written as a whole kept no bits: a dirty entry had one.
                    table[page] = !pinned ? clear.Apply(page, page + 1, run.Value) : !tracked && run.Value.Has(PteFlags.Dirty) ? run.Value.With(PteFlags.SoftDirty) : run.Value;
                }
            }
        }

        if (!table.Pmds.IsEmpty)
        {
            table.Pmds.Transform(area.Start >> PmdShift, (area.End + PmdSize - 1) >> PmdShift, ref clear);
        }
    }

    /// <summary>ptep_test_and_clear_young for every entry with a page.</summary>
    private void ClearYoung(AddressSpace space, Vma area)
    {
        var table = space.PageTable;
        foreach (var run in table.Ptes.Extents(PageOf(area.Start), PageOf(area.End)).ToArray())
        {
            if (!run.Value.IsPresent)
            {
                continue;
            }

            if (run.Value.IsSpecial)
            {
                LookAtSpecialRun(space, area, run.Start, run.End, run.Value, "clear_refs_pte_range");
                continue;
            }

            table.Ptes.Set(run.Start, run.End, run.Value.Without(PteFlags.Young));
        }

        var old = default(YoungBit);
        if (!table.Pmds.IsEmpty)
        {
            table.Pmds.Transform(area.Start >> PmdShift, (area.End + PmdSize - 1) >> PmdShift, ref old);
        }
    }

    private readonly struct SoftDirtyBit : IExtentTransform<Pte>
    {
        public Pte Apply(ulong start, ulong end, Pte value) => value.IsPresent ? value.Without(PteFlags.SoftDirty | PteFlags.Write) : value.Without(PteFlags.SoftDirty);
    }

    private readonly struct YoungBit : IExtentTransform<Pte>
    {
        public Pte Apply(ulong start, ulong end, Pte value) => value.IsPresent ? value.Without(PteFlags.Young) : value;
    }
}
