using DaxSim.Memory;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>The sysctl of automatic NUMA balancing, and what /proc/vmstat counts of it.</summary>
internal sealed class NumaBalancingState(Journal journal) : Recoverable(journal)
{
    internal bool IsEnabled { get; private set; }

    /// <summary>numa_hint_faults.</summary>
    internal long HintFaults { get; private set; }

    /// <summary>numa_pages_migrated.</summary>
    internal long Migrated { get; private set; }

    internal void Enable(bool enabled)
    {
        Touch();
        IsEnabled = enabled;
    }

    internal void CountFault(bool migrated)
    {
        Touch();
        HintFaults++;
        Migrated += migrated ? 1 : 0;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(IsEnabled);
        digest.Add(HintFaults);
        digest.Add(Migrated);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (NumaBalancingState)state;
        IsEnabled = other.IsEnabled;
        HintFaults = other.HintFaults;
        Migrated = other.Migrated;
    }
}

/// <summary>
/// Automatic NUMA balancing: a scan takes the access right from entries of pages that lie on another node than their process runs on
/// (task_numa_work in kernel/sched/fair.c, change_prot_numa); the next access faults, and the page comes to its process (do_numa_page in mm/memory.c).
/// </summary>
internal sealed partial class MemoryManager
{
    internal NumaBalancingState Balancing { get; private set; } = null!;

    /// <summary>Scans of an address space until every entry is prepared that would be. How many there are.</summary>
    internal int PlantHints(AddressSpace space)
    {
        if (!Balancing.IsEnabled || !Memory.HasNodes)
        {
            return 0;
        }

        ActFor(space);
        var planted = 0;
        foreach (var area in space.Areas.Span.ToArray())
        {
            if (IsBalanced(area))
            {
                planted += PlantHints(space, area);
            }
        }

        return planted;
    }

    /// <summary>What task_numa_work says of an area.</summary>
    private bool IsBalanced(Vma area)
    {
        // vma_policy_mof asked a shmem file for its policy alone, and took none for one that forbids.
        var ofFile = Policy.HintedShmem == HintedShmemRule.WithPolicyOnly && area.Inode is { Kind: FileSystems.MappingKind.Shmem };
        var policy = PolicyAt(area, area.PageOffset) ?? (ofFile ? null : acting.Policy);
        if ((ofFile && policy is null) || area.Special is not null || !IsMigratable(area) || area.Has(VmFlags.HugeTlb | VmFlags.MixedMap) || (policy is not null && (policy.Flags & MemoryPolicyFlags.NumaBalancing) == 0))
        {
            return false;
        }

        var onlyRead = area.File is not null && area.Has(VmFlags.Read) && !area.Has(VmFlags.Write);
        return area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec) && !(onlyRead && Policy.HintedFiles == HintedFilesRule.WritableOnly);
    }

    private int PlantHints(AddressSpace space, Vma area)
    {
        var table = space.PageTable;
        var planted = 0;
        foreach (var run in table.Ptes.Extents(PageOf(area.Start), PageOf(area.End)).ToArray())
        {
            for (var page = run.Start; run.Value.IsPresent && !run.Value.IsSpecial && !run.Value.IsProtNone && page < run.End; page++)
            {
                if (TryNormalPage(space, area, page, run.Value, "change_pte_range", out var pfn) && IsHinted(space, area, pfn))
                {
                    table[page] = table[page].With(PteFlags.ProtNone);
                    planted++;
                }
            }
        }

        foreach (var run in table.Pmds.Extents(area.Start >> PmdShift, (area.End + PmdSize - 1) >> PmdShift).ToArray())
        {
            for (var index = run.Start; run.Value.IsPresent && !run.Value.IsSpecial && !run.Value.IsDevmap && !run.Value.IsProtNone && index < run.End; index++)
            {
                table.Pmds[index] = run.Value.With(PteFlags.ProtNone);
                planted++;
            }
        }

        return planted;
    }

    /// <summary>What change_pte_range says of a page (prot_numa_skip).</summary>
    private bool IsHinted(AddressSpace space, Vma area, ulong pfn)
    {
        var page = Memory.PageOf(pfn);
        if (Memory.PagemapOf(pfn) is not null || page.Has(PageFlags.Merged) || (Policy.HintedDirty == HintedDirtyRule.LeftAlone && IsFileLru(pfn) && IsPageDirty(pfn)))
        {
            return false;
        }

        var leftAlone = area.IsCow && Policy.HintedCopies switch
        {
            HintedCopiesRule.MappedOnce => page.MapCount != 1,
            HintedCopiesRule.ReferencedOnce => page.References != 1,
            HintedCopiesRule.NeitherPinnedNorShared => page.MapCount > 1 || MaybePinned(pfn),
            _ => false,
        };

        // A single-threaded process's private pages that are where it runs need no look.
        return !leftAlone && (area.IsShared || space.Users > 1 || Memory.NodeOf(pfn) != acting.Node);
    }

    /// <summary>page_is_file_lru: a page of a file that lies on a disk.</summary>
    private bool IsFileLru(ulong pfn) => Memory.PageOf(pfn).Has(PageFlags.PageCache) && !Memory.PageOf(pfn).Has(PageFlags.SwapBacked);

    /// <summary>pte_protnone in an area that may be accessed: the entry waits for a hint fault.</summary>
    internal static bool IsHint(Vma area, Pte entry) => entry.IsProtNone && area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec);

    /// <summary>gup_can_follow_protnone (FOLL_NUMA before 6.1): does get_user_pages take the page behind such an entry without a fault?</summary>
    private bool CanFollowProtNone(Vma area, GupFlags flags)
    {
        if ((flags & GupFlags.Force) != 0)
        {
            return true;
        }

        return Policy.GupHint switch
        {
            // follow_page by itself does not ask for hint faults.
            GupHintRule.FaultsForUsers => (flags & (GupFlags.Dump | GupFlags.Touch)) == GupFlags.Dump,
            GupHintRule.FaultsUnlessForced => false,
            // The entry of a hint is not writable, so that a write faults all the same.
            _ => (flags & GupFlags.HonorNumaFault) == 0 && (flags & GupFlags.Write) == 0,
        } || (Policy.GupHint == GupHintRule.FaultsIfAsked && !area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec));
    }

    /// <summary>do_numa_page: the entry allows access again, and a misplaced page moves to who touched it.</summary>
    internal void HintFault(AddressSpace space, Vma area, ulong page, Pte entry)
    {
        space.PageTable[page] = entry.Without(PteFlags.ProtNone).With(PteFlags.Young);
        var migrated = TryNormalPage(space, area, page, entry, "do_numa_page", out var pfn) && Memory.HasStructPage(pfn) && BringHere(area, pfn, area.PageIndex(page << PageShift, PageShift));
        Balancing.CountFault(migrated);
    }

    /// <summary>do_huge_pmd_numa_page.</summary>
    private void HugeHintFault(AddressSpace space, Vma area, ulong index, Pte pmd)
    {
        space.PageTable.Pmds[index] = pmd.Without(PteFlags.ProtNone).With(PteFlags.Young);
        Balancing.CountFault(BringHere(area, space.PageTable.PmdPfn(index, pmd), area.PageIndex(index << PmdShift, PageShift)));
    }

    /// <summary>mpol_misplaced and migrate_misplaced_folio.</summary>
    private bool BringHere(Vma area, ulong pfn, ulong fileIndex)
    {
        var here = acting.Node;
        if (Memory.NodeOf(pfn) == here)
        {
            return false;
        }

        if ((PolicyAt(area, fileIndex) ?? acting.Policy) is { } policy && ((policy.Flags & MemoryPolicyFlags.NumaBalancing) == 0 || (policy.Nodes >> here & 1) == 0))
        {
            Trace?.Step("mpol_misplaced", "may the page lie where the task runs?", $"no: {policy}");
            return false;
        }

        if (IsFileLru(pfn) && ((IsMappedByOthers(pfn) && area.Has(VmFlags.Exec)) || IsPageDirty(pfn)))
        {
            Trace?.Step("migrate_misplaced_folio", "is it text that others run too, or dirty?", "yes: it stays");
            return false;
        }

        var moved = MoveTo(pfn, NodeChoice.Only(here));
        Trace?.Step("do_numa_page", $"the page lies on another node than {here}", moved.IsOk ? "it was moved here" : "somebody else holds it: it stays");
        return moved.IsOk;
    }
}
