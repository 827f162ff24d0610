using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Splitting, merging and anon_vmas (mm/vma.c, mm/rmap.c): which neighbouring areas are one decides what mremap accepts.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>__split_vma: cuts an area at an address; the part above becomes a new area. EINVAL where its kind forbids it, ENOMEM without memory.</summary>
    private Verdict Split(AddressSpace space, Vma area, ulong address)
    {
        if (MaySplit(area, address) is { IsOk: false } refused)
        {
            return refused;
        }

        if (!MayAllocate())
        {
            return Verdict.Fail(Errno.ENOMEM, Because("__split_vma", "No memory for an area."));
        }

        // vma_adjust_trans_huge: no huge entry lies across two areas.
        SplitPmdsAt(space, area, address, address);
        var upper = area.Duplicate();
        upper.SetRange(address, area.End, area.PageIndex(address, PageShift));
        area.SetRange(area.Start, address, area.PageOffset);
        LinkAnon(upper, area.Anon, area.AnonChain);
        space.Insert(upper);
        return Verdict.Ok;
    }

    /// <summary>vm_operations_struct.may_split (split): huge pages and the alignment of a device-dax device hold together.</summary>
    internal Verdict MaySplit(Vma area, ulong address)
    {
        if (area.Has(VmFlags.HugeTlb) && (address & (PmdSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("hugetlb_vm_op_split", "A hugetlb area can only be cut between huge pages."));
        }

        return area.Inode is { Kind: MappingKind.DeviceDax } device && Policy.DeviceDaxSplit == DeviceDaxSplitRule.AtAlignment && (address & ((PageSize << device.FolioOrder) - 1)) != 0
            ? Verdict.Fail(Errno.EINVAL, Because("dev_dax_may_split", $"The area can only be cut at multiples of {PageSize << device.FolioOrder} bytes, the alignment of the device.", PolicyProperty.DeviceDaxSplit))
            : Verdict.Ok;
    }

    /// <summary>Makes the range begin and end at area borders.</summary>
    internal Verdict SplitAt(AddressSpace space, ulong start, ulong end)
    {
        if (space.Find(start) is { } first && first.Start < start && Split(space, first, start) is { IsOk: false } refused)
        {
            return refused;
        }

        return space.Find(end) is not { } last || last.Start >= end ? Verdict.Ok : Split(space, last, end);
    }

    /// <summary>vma_merge after an area changed: joins it with its neighbours where they have become alike. Returns the area that now covers it.</summary>
    internal Vma MergeNeighbours(AddressSpace space, Vma area)
    {
        var index = space.IndexAbove(area.Start);
        var previous = index > 0 ? space.Areas[index - 1] : null;
        var next = index + 1 < space.Areas.Count ? space.Areas[index + 1] : null;
        var withPrevious = previous is not null && CanJoin(previous, area) && AnonMergeable(area, previous);
        var withNext = next is not null && CanJoin(area, next) && AnonMergeable(area, next);
        if (withPrevious && withNext && previous!.Anon != next!.Anon && previous.Anon is not null && next.Anon is not null)
        {
            withNext = false;
        }

        if (withNext)
        {
            // The upper of two areas is the one that grows, so its VM_SOFTDIRTY stays.
            MergeSoftDirty(area, survivor: next!, gone: area);
            space.Areas.RemoveAt(index + 1);
            Absorb(area, next!);
            area.SetRange(area.Start, next!.End, area.PageOffset);
        }

        if (withPrevious)
        {
            MergeSoftDirty(previous!, survivor: previous!, gone: area);
            space.Areas.RemoveAt(index);
            Absorb(previous!, area);
            previous!.SetRange(previous.Start, area.End, previous.PageOffset);
            return previous;
        }

        return area;
    }

    /// <summary>anon_vma_prepare: gives an area an anon_vma before its first anonymous page, a neighbour's where that is possible.</summary>
    internal bool PrepareAnon(AddressSpace space, Vma area)
    {
        if (area.Anon is not null)
        {
            return true;
        }

        var index = space.IndexAbove(area.Start);
        var next = index + 1 < space.Areas.Count ? space.Areas[index + 1] : null;
        var previous = index > 0 ? space.Areas[index - 1] : null;
        var anon = next is not null && next.AnonChain.Count == 1 && AnonCompatible(area, next) ? next.Anon : null;
        anon ??= previous is not null && previous.AnonChain.Count == 1 && AnonCompatible(previous, area) ? previous.Anon : null;
        if (anon is null)
        {
            if (!MayAllocate())
            {
                return false;
            }

            anon = new AnonVma(Journal, counters.NextAnonVma(), parent: null);
            anon.AddChild(1);
        }

        LinkAnon(area, anon, [anon]);
        return true;
    }

    /// <summary>anon_vma_clone: the area takes part in every anon_vma of a chain, one of which is its own.</summary>
    internal static void LinkAnon(Vma area, AnonVma? own, IReadOnlyList<AnonVma> chain)
    {
        area.SetAnon(own, chain);
        own?.AddActive(1);
        foreach (var anon in chain)
        {
            anon.AddLink(1);
        }
    }

    /// <summary>unlink_anon_vmas: the area goes away; an anon_vma that no area takes part in any more leaves its parent.</summary>
    internal static void ReleaseAnon(Vma area)
    {
        area.Anon?.AddActive(-1);
        foreach (var anon in area.AnonChain)
        {
            anon.AddLink(-1);
            if (anon.Links == 0)
            {
                anon.Parent?.AddChild(-1);
            }
        }

        area.SetAnon(null, []);
    }

    /// <summary>VM_SOFTDIRTY does not keep areas apart: the one that survives decides, or from 6.19 the one that is dirty.</summary>
    private void MergeSoftDirty(Vma joined, Vma survivor, Vma gone)
    {
        var clean = survivor.Has(VmFlags.SoftClean) && (Policy.SoftDirtyMerge == SoftDirtyMergeRule.SurvivorDecides || gone.Has(VmFlags.SoftClean));
        joined.SetFlags(clean ? joined.Flags | VmFlags.SoftClean : joined.Flags & ~VmFlags.SoftClean);
    }

    private static void Absorb(Vma into, Vma gone)
    {
        if (into.Anon is null && gone.Anon is not null)
        {
            LinkAnon(into, gone.Anon, gone.AnonChain);
        }

        ReleaseAnon(gone);
    }

    /// <summary>The parts of vma_merge that do not concern anon_vmas: same flags, same open file, neighbouring pages, nothing special.</summary>
    private bool CanJoin(Vma low, Vma high)
        => low.End == high.Start
            && ((low.Flags ^ high.Flags) & ~VmFlags.SoftClean) == 0
            && !low.Has(VmFlags.Special)
            && low.File == high.File
            && low.Special == high.Special
            && low.Handler == high.Handler
            && low.HandlerModes == high.HandlerModes
            && low.Policy == high.Policy
            && !HasCloseOperation(low)
            && high.PageOffset == low.PageOffset + ((low.End - low.Start) >> PageShift);

    /// <summary>Areas whose vm_ops have a close operation are never merged (hugetlbfs).</summary>
    private static bool HasCloseOperation(Vma area) => area.Has(VmFlags.HugeTlb);

    /// <summary>is_mergeable_anon_vma for an area that changed and the neighbour it would join.</summary>
    private bool AnonMergeable(Vma changed, Vma neighbour)
    {
        if (changed.Anon == neighbour.Anon)
        {
            return true;
        }

        if (changed.Anon is not null && neighbour.Anon is not null)
        {
            return false;
        }

        // The area without an anon_vma of its own decides nothing; the other one must not have been inherited from a parent.
        return Policy.AreaMerging switch
        {
            AreaMergeRule.NeighbourMustBeTouched => neighbour.AnonChain.Count == 1,
            _ => (changed.Anon is not null ? changed : neighbour).AnonChain.Count == 1,
        };
    }

    private bool AnonCompatible(Vma low, Vma high)
        => low.End == high.Start
            && low.File == high.File
            && low.Special == high.Special
            && low.Policy == high.Policy
            && ((low.Flags ^ high.Flags) & ~(VmFlags.Read | VmFlags.Write | VmFlags.Exec | VmFlags.SoftClean)) == 0
            && high.PageOffset == low.PageOffset + ((low.End - low.Start) >> PageShift);
}
