using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>
/// fork's dup_mmap as resumable steps: one per area for its set-up, one per run of entries that are copied alike. No step
/// calls get_user_pages or takes a fault: on no modelled kernel does fork need either.
/// </summary>
internal sealed class ForkOperation
{
    private readonly MemoryManager mm;
    private Vma[]? areas;
    private bool locked;
    private int areaIndex = -1;
    private Vma? childArea;
    private ulong page;
    private bool copying;
    private bool sequenceOdd;
    private bool looked;
    private bool early;
    private readonly List<(UserfaultContext Parent, UserfaultContext Child)> userfaults = [];

    internal ForkOperation(MemoryManager mm, AddressSpace parent, string childName)
    {
        this.mm = mm;
        Parent = parent;
        Child = mm.CreateSpace(childName);
    }

    internal AddressSpace Parent { get; }

    /// <summary>The child's address space; gone again when the fork fails.</summary>
    internal AddressSpace Child { get; }

    internal bool IsFinished { get; private set; }

    /// <summary>True between asking whether a page is pinned and sharing or copying it.</summary>
    internal bool HasLooked => looked;

    internal Verdict Verdict { get; private set; }

    /// <summary>True while it sleeps for the mmap lock, which a fault or a slow get_user_pages holds.</summary>
    internal bool IsBlocked => !IsFinished && !locked && !Parent.Lock.IsFree;

    internal Verdict Run()
    {
        if (!locked)
        {
            Parent.Lock.MustBeFree("fork");
        }

        while (Step(alone: true))
        {
        }

        return Verdict;
    }

    /// <summary>Does the next step: nothing while it is blocked. False when fork is over.</summary>
    internal bool Step()
    {
        if (!IsFinished && !locked && !(locked = Parent.Lock.TryWrite()))
        {
            return true;
        }

        return Step(alone: false);
    }

    private bool Step(bool alone)
    {
        if (IsFinished)
        {
            return false;
        }

        areas ??= Parent.Areas.Span.ToArray();
        if (copying)
        {
            CopyStep(alone);
        }
        else if (++areaIndex < areas.Length)
        {
            BeginArea(areas[areaIndex]);
        }
        else
        {
            Child.SetDefaultFlags(VmFlags.None);
            if (Parent.HasPinned)
            {
                Child.SetHasPinned();
            }

            IsFinished = true;
        }

        if (IsFinished && locked)
        {
            Parent.Lock.EndWrite();
        }

        return !IsFinished;
    }

    /// <summary>dup_mmap for one area up to copy_page_range.</summary>
    private void BeginArea(Vma area)
    {
        if (area.Has(VmFlags.DontCopy))
        {
            mm.Trace?.Step("dup_mmap", $"area {area.Start:x}: VM_DONTCOPY?", "yes: not in the child");
            return;
        }

        if (!mm.MayAllocate())
        {
            Fail("dup_mmap", "No memory for the child's area.");
            return;
        }

        var child = area.Duplicate();
        childArea = child;
        child.SetReservation(false);
        child.SetFlags(area.Flags & ~(VmFlags.Locked | VmFlags.LockOnFault));
        mm.ForkUserfault(area, child, Child, userfaults);
        if (!area.Has(VmFlags.WipeOnFork) && !mm.ForkAnon(area, child))
        {
            Fail("anon_vma_fork", "No memory for the child's anon_vma.");
            return;
        }

        // Linked to the file before the entries are copied, so that a concurrent write-protect finds them.
        Child.Insert(child);
        if (area.Has(VmFlags.WipeOnFork))
        {
            return;
        }

        if (!mm.ForkCopiesEntries(area, child))
        {
            mm.Trace?.Step("copy_page_range", $"area {area.Start:x}: copy its entries?", "no: the child faults them in", PolicyProperty.ForkCopies);
            return;
        }

        if (mm.ForkTrackRefuses(Parent, area))
        {
            Fail("track_pfn_copy", "The first page of the PFNMAP area cannot be resolved: it was copied on write.", PolicyProperty.PfnMapForkTracking);
            return;
        }

        mm.Trace?.Step("copy_page_range", $"area {area.Start:x}: copy its entries?", "yes", PolicyProperty.ForkCopies);
        if (area.IsCow && mm.Policy.WriteProtectSequence == WriteProtectSequenceRule.CheckedByFastPin)
        {
            Parent.BumpWriteProtectSequence();
            sequenceOdd = true;
        }

        mm.CopyTables(Parent, area.Start, area.Length, Child, area.Start);
        page = area.Start >> mm.PageShift;
        copying = true;
    }

    /// <summary>Copies one run of entries (at most one for each page whose page is counted). Where nothing runs in between, looking at a page and sharing it are one step.</summary>
    private void CopyStep(bool alone)
    {
        var area = areas![areaIndex];
        var end = area.End >> mm.PageShift;
        var table = Parent.PageTable;
        if (!table.Pmds.IsEmpty)
        {
            mm.CopyHugeEntries(Parent, Child, area, childArea!, ref page, end, out var fatal);
            if (fatal is { } verdict)
            {
                EndArea();
                Verdict = verdict;
                IsFinished = true;
                return;
            }
        }

        if (!alone && !looked && mm.ForkAsksForPins(Parent, area) && mm.LookForPin(Parent, area, ref page, end, out early))
        {
            looked = true;
            return;
        }

        var done = looked
            ? mm.ShareOrCopy(Parent, Child, area, childArea!, ref page, early, out var failure)
            : mm.CopyEntries(Parent, Child, area, childArea!, ref page, end, out failure);
        looked = false;
        if (!done)
        {
            EndArea();
            Fail(failure!.Function, failure.Because, failure.Property);
            return;
        }

        if (page >= end)
        {
            EndArea();
        }
    }

    private void EndArea()
    {
        copying = false;
        if (sequenceOdd)
        {
            Parent.BumpWriteProtectSequence();
            sequenceOdd = false;
        }
    }

    /// <summary>Undoes everything that was done for the child; the parent keeps what fork may always do to it (write-protected entries).</summary>
    private void Fail(string function, string because, PolicyProperty? property = null)
    {
        if (childArea is not null && Child.Find(childArea.Start) != childArea)
        {
            MemoryManager.ReleaseAnon(childArea);
        }

        mm.DestroySpace(Child);
        mm.ForgetForks(userfaults);
        Verdict = Verdict.Fail(Errno.ENOMEM, mm.Because(function, because, property));
        IsFinished = true;
    }
}

/// <summary>The pieces of fork that know page tables (copy_page_range, mm/rmap.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>exit_mmap: everything goes.</summary>
    internal void DestroySpace(AddressSpace space)
    {
        foreach (var area in space.Areas.Span.ToArray())
        {
            Zap(space, area, area.Start, area.End);
            ForgetArea(space, area);
        }

        var areas = space.Areas.Span.ToArray();
        space.Areas.Clear();
        space.MarkGone();
        spaces.Remove(space);
        foreach (var handler in handlers)
        {
            if (handler.Space == space)
            {
                handler.Waiting.Clear();
            }
        }

        foreach (var area in areas)
        {
            ReleaseUnnamedFile(area);
        }
    }

    /// <summary>vma_needs_copy.</summary>
    internal bool ForkCopiesEntries(Vma area, Vma child) => area.Anon is not null || child.IsUserfaultProtected || Policy.ForkCopies switch
    {
        ForkCopyRule.SpecialAndHugeTlb => area.Has(VmFlags.HugeTlb | VmFlags.PfnMap | VmFlags.MixedMap),
        _ => area.Has(VmFlags.PfnMap | VmFlags.MixedMap),
    };

    /// <summary>track_pfn_copy (x86): a PFNMAP area whose first page no longer maps a raw pfn makes fork fail.</summary>
    internal bool ForkTrackRefuses(AddressSpace space, Vma area)
    {
        if (Policy.PfnMapForkTracking != PfnMapForkRule.FirstPageMustBeRaw || !area.Has(VmFlags.ArchPat) || area.IsShared)
        {
            return false;
        }

        var page = PageOf(area.Start);
        var pte = space.PageTable[page];
        return pte.IsPresent && !pte.IsSpecial;
    }

    /// <summary>anon_vma_fork: the child area may map the parent's anonymous pages, and gets an anon_vma of its own for new ones.</summary>
    internal bool ForkAnon(Vma parent, Vma child)
    {
        if (parent.Anon is null)
        {
            return true;
        }

        // An inherited anon_vma that nobody uses any more is taken over instead of making a new one.
        var reused = parent.AnonChain.FirstOrDefault(a => a != parent.Anon && a.ActiveVmas == 0 && a.Children < 2);
        if (reused is not null)
        {
            LinkAnon(child, reused, parent.AnonChain);
            return true;
        }

        if (!MayAllocate())
        {
            return false;
        }

        var anon = new AnonVma(Journal, counters.NextAnonVma(), parent.Anon);
        parent.Anon.AddChild(1);
        LinkAnon(child, anon, [.. parent.AnonChain, anon]);
        return true;
    }

    /// <summary>
    /// copy_pte_range for the next run of equal entries, or for a page table whose entries differ. What is counted is counted
    /// for whole ranges of pages. False: out of memory.
    /// </summary>
    internal bool CopyEntries(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ref ulong page, ulong end, out Reason? failure)
    {
        failure = null;
        var ptes = parent.PageTable.Ptes;
        if (!ptes.TryNext(page, end, out var run))
        {
            page = end;
            return true;
        }

        if (!MayAllocate())
        {
            failure = Because("copy_pte_range", "No memory for a page table.");
            return false;
        }

        if (TryCopyWindow(parent, child, area, run.Start, end, out page))
        {
            return true;
        }

        page = run.End;
        if (!run.Value.IsPresent)
        {
            if (run.Value.Has(PteFlags.Swap))
            {
                failure = TryCopySwapRun(parent, child, area, childArea, run) ? null : Because("add_swap_count_continuation", "No memory to count more references of a swap entry in.");
                return failure is null;
            }

            CopyAbsentRun(parent, child, area, childArea, run);
            return true;
        }

        if (run.Value.IsSpecial)
        {
            CopySpecialRun(parent, child, area, childArea, run);
            return true;
        }

        return CopyNormalRun(parent, child, area, childArea, run, out failure);
    }

    /// <summary>copy_present_page for a run of entries whose pages may be counted.</summary>
    private bool CopyNormalRun(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, State.Extent<Pte> run, out Reason? failure)
    {
        failure = null;
        var resident = new ResidentPages();
        var perhapsPinned = area.IsCow && parent.HasPinned;
        for (var page = run.Start; page < run.End;)
        {
            var pfn = PfnOf(run.Value, page);
            var count = Memory.StructPagesFrom(pfn, pfn + (run.End - page));
            if (count == 0)
            {
                TryNormalPage(parent, area, page, run.Value, "copy_page_range", out _);
                CopyAlike(parent, child, area, childArea, page, page + 1, run.Value);
                page++;
                continue;
            }

            if (perhapsPinned)
            {
                count = Memory.Pages.StretchAt(pfn, pfn + count).Length;
                if (Memory.PageOf(pfn).IsAnon && MustCopyEarly(parent, area, pfn))
                {
                    if (!TryCopyPinned(parent, child, area, childArea, page, pfn))
                    {
                        child.CountRss(resident);
                        failure = Because("copy_present_page", "No page for the early copy of a pinned page.", PolicyProperty.ForkEarlyCopy);
                        return false;
                    }

                    page++;
                    continue;
                }
            }

            Memory.AddMappings(pfn, count, 1, PageFlags.AnonExclusive, ref resident);
            CopyAlike(parent, child, area, childArea, page, page + count, run.Value);
            page += count;
        }

        child.CountRss(resident);
        return true;
    }

    /// <summary>page_needs_cow_for_dma and page_try_dup_anon_rmap.</summary>
    private bool MustCopyEarly(AddressSpace parent, Vma area, ulong pfn)
    {
        if (!area.IsCow || !parent.HasPinned)
        {
            return false;
        }

        return Policy.ForkEarlyCopy switch
        {
            ForkEarlyCopyRule.MaybePinned => MaybePinned(pfn),
            ForkEarlyCopyRule.MaybePinnedAndExclusive => Memory.PageOf(pfn).Has(PageFlags.AnonExclusive) && MaybePinned(pfn),
            _ => false,
        };
    }

    private bool TryCopyPinned(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ulong page, ulong pfn)
    {
        Trace?.Step("copy_present_page", $"pfn {pfn:x} may be pinned?", "yes: the child gets its own copy now", PolicyProperty.ForkEarlyCopy);
        var address = page << PageShift;
        if (!TryAllocateAnon(childArea, address, out var copy))
        {
            return false;
        }

        Memory.Contents.CopyPage(Memory.Contents, pfn, copy);
        InstallAnonPage(child, childArea, address, copy, writable: area.Has(VmFlags.Write), dirty: true);
        child.CountRss(1, 0, 0);
        return true;
    }

    /// <summary>Copies equal entries: write-protected on both sides in a COW area, clean for the child in a shared one, old for the child.</summary>
    private void CopyAlike(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, ulong start, ulong end, Pte pte)
    {
        if (area.IsCow && pte.IsWrite)
        {
            pte = pte.Without(PteFlags.Write);
            parent.PageTable.Ptes.Set(start, end, pte);
        }

        child.PageTable.Ptes.Set(start, end, pte.Without(ChangedForChild(area, childArea)));
    }

    private void CopySpecialRun(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, State.Extent<Pte> run)
    {
        LookAtSpecialRun(parent, area, run.Start, run.End, run.Value, "copy_page_range");
        CopyAlike(parent, child, area, childArea, run.Start, run.End, run.Value);
    }

    /// <summary>copy_nonpresent_pte: markers are copied only to where userfaultfd protects pages; a page on the move is shared like any other.</summary>
    private void CopyAbsentRun(AddressSpace parent, AddressSpace child, Vma area, Vma childArea, State.Extent<Pte> run)
    {
        if (run.Value.Has(PteFlags.Migration))
        {
            var entry = area.IsCow ? run.Value.Without(PteFlags.Write) : run.Value;
            for (var page = run.Start; page < run.End; page++)
            {
                CountRss(child, entry.Pfn(page), 1);
                if (area.IsCow)
                {
                    Memory.SetFlags(entry.Pfn(page), PageFlags.None, PageFlags.AnonExclusive);
                }
            }

            parent.PageTable.Ptes.Set(run.Start, run.End, entry);
            child.PageTable.Ptes.Set(run.Start, run.End, KeepsProtection(area, childArea) ? entry : entry.Without(PteFlags.UffdWp));
            return;
        }

        if (!run.Value.IsMarker || childArea.IsUserfaultProtected)
        {
            child.PageTable.Ptes.Set(run.Start, run.End, run.Value);
        }
    }

    /// <summary>The bits that a child's entries do not inherit.</summary>
    private PteFlags ChangedForChild(Vma area, Vma? childArea)
        => (area.IsShared ? PteFlags.Dirty | PteFlags.Young : PteFlags.Young) | (KeepsProtection(area, childArea) ? 0 : PteFlags.UffdWp);

    /// <summary>Does the child keep userfaultfd's bits? Only where its area is registered; at first the parent's was asked.</summary>
    private bool KeepsProtection(Vma area, Vma? childArea)
        => childArea is { IsUserfaultProtected: true } || (Policy.UserfaultFork == UserfaultForkRule.ParentDecides && area.IsUserfaultProtected);
}
