using DaxSim.FileSystems;
using DaxSim.Memory;

namespace DaxSim.AddressSpaces;

/// <summary>
/// One page fault as the kernel's atomic steps: look at the entry, prepare (allocate, ask the file, copy), then take the page
/// table lock, see whether the entry is still what it was, and install. Between two steps anything may happen.
/// </summary>
internal struct FaultOperation
{
    private Phase phase;
    private Pte original;
    private ulong newPage;
    private Pte newPte;
    private bool anonymousCopy;
    private bool locked;
    private bool major;
    private bool waits;
    private int pageShift;
    private CopySource source;

    internal FaultOperation(AddressSpace space, Vma area, ulong address, FaultFlags flags, AddressSpace? current)
    {
        Space = space;
        Area = area;
        Address = address;
        Flags = flags;
        Current = current;
    }

    private enum Phase : byte
    {
        Look,
        InstallAnonymous,
        InstallCopy,
        InstallSwapped,
        Finished,
    }

    /// <summary>What a copy on write copies from.</summary>
    private enum CopySource : byte
    {
        Nothing,
        NormalPage,
        NoPage,
    }

    internal AddressSpace Space { get; }

    internal Vma Area { get; }

    internal ulong Address { get; }

    internal FaultFlags Flags { get; }

    /// <summary>The address space of whoever runs: what a copy through the user address reads. Null for a kernel thread.</summary>
    internal AddressSpace? Current { get; }

    internal FaultResult Result { get; private set; }

    private readonly bool IsWrite => (Flags & FaultFlags.Write) != 0;

    private readonly bool IsUnshare => (Flags & FaultFlags.Unshare) != 0;

    /// <summary>True while it sleeps for the mmap lock, which fork holds, or for a page that is being moved.</summary>
    internal readonly bool IsBlocked => phase == Phase.Look && ((!locked && Space.Lock.IsWritten) || IsMigrating);

    /// <summary>True while it sleeps for a page that is being moved (migration_entry_wait).</summary>
    internal readonly bool IsMigrating => waits && phase == Phase.Look && (Space.PageTable[Address >> pageShift].Has(PteFlags.Migration) || Space.PageTable.PmdOf(Address >> pageShift).Has(PteFlags.Migration));

    /// <summary>Runs all steps back to back.</summary>
    internal FaultResult Run(MemoryManager mm)
    {
        Space.Lock.MustBeReadable("A page fault");
        while (StepUnderLock(mm))
        {
            if (waits && IsMigrating)
            {
                StopWaiting(mm);
            }
        }

        return Result;
    }

    /// <summary>Does the next step: nothing while it is blocked. False when the fault is over.</summary>
    internal bool Step(MemoryManager mm)
    {
        if (!locked && phase != Phase.Finished && !(locked = Space.Lock.TryRead()))
        {
            return true;
        }

        if (StepUnderLock(mm))
        {
            return true;
        }

        if (locked)
        {
            Space.Lock.EndRead();
            locked = false;
        }

        return false;
    }

    /// <summary>The next step where the caller has the lock, or nothing else runs.</summary>
    internal bool StepUnderLock(MemoryManager mm)
    {
        switch (phase)
        {
            case Phase.Look:
                Look(mm);
                break;
            case Phase.InstallAnonymous:
                InstallAnonymous(mm);
                break;
            case Phase.InstallCopy:
                InstallCopy(mm);
                break;
            case Phase.InstallSwapped:
                InstallSwapped(mm);
                break;
        }

        return phase != Phase.Finished;
    }

    /// <summary>Ends as asleep: whoever runs operations whole tries again when the page is there.</summary>
    internal void StopWaiting(MemoryManager mm)
    {
        var page = Address >> mm.PageShift;
        var table = Space.PageTable;
        Finish(mm.WaitForMove(table.PmdOf(page) is { IsNone: false } pmd ? table.PmdPfn(page >> table.PmdOrder, pmd) : original.Pfn(page), huge: table[page].IsNone));
    }

    private void Finish(FaultResult result)
    {
        Result = result;
        phase = Phase.Finished;
    }

    /// <summary>handle_pte_fault and what it dispatches to.</summary>
    private void Look(MemoryManager mm)
    {
        if (mm.Memory.HasNodes)
        {
            mm.ActFor(Current ?? Space);
        }

        if (Space.PageTable.PmdOf(Address >> mm.PageShift).Has(PteFlags.Migration))
        {
            (waits, pageShift) = (true, mm.PageShift);
            return;
        }

        if (Area.Has(VmFlags.HugeTlb))
        {
            Finish(mm.HugeTlbFault(Space, Area, Address, Flags));
            return;
        }

        if (mm.TryHugeFault(Space, Area, Address, Flags, out var huge))
        {
            Finish(huge);
            return;
        }

        var page = Address >> mm.PageShift;
        original = Space.PageTable[page];
        if (original.IsMarker && !Area.IsUserfaultProtected)
        {
            // pte_marker_clear: left over from a registration that is no more.
            Space.PageTable[page] = original = default;
        }

        if (original.IsNoneMostly)
        {
            if (Area.IsAnonymous)
            {
                AnonymousFault(mm, page);
            }
            else
            {
                FileFault(mm);
            }

            return;
        }

        if (original.Has(PteFlags.Guard))
        {
            Finish(new FaultResult(FaultCode.Sigsegv, mm.Because("handle_pte_marker", "A guard page: every access faults.", Policy.PolicyProperty.GuardRegions)));
            return;
        }

        if (original.Has(PteFlags.Migration))
        {
            (waits, pageShift) = (true, mm.PageShift);
            return;
        }

        if (original.Has(PteFlags.Swap))
        {
            SwapFault(mm, page);
            return;
        }

        if (original.Has(PteFlags.HwPoison))
        {
            Finish(new FaultResult(FaultCode.HwPoison, mm.Because("do_swap_page", "The page is dead: memory failure left a hwpoison entry.")));
            return;
        }

        if (original.IsProtNone && MemoryManager.IsHint(Area, original))
        {
            // do_numa_page ends the fault: a store that needs more faults once more.
            mm.HintFault(Space, Area, page, original);
            if (!IsWrite || Space.PageTable[page].IsWrite)
            {
                Finish(FaultResult.Done);
                return;
            }

            original = Space.PageTable[page];
        }

        if ((IsWrite || IsUnshare) && !original.IsWrite)
        {
            WriteProtectFault(mm, page);
            return;
        }

        // A spurious fault, or only the accessed and dirty bits are missing.
        Space.PageTable[page] = original.With(PteFlags.Young | (IsWrite ? mm.Dirtied(Area) : 0));
        Finish(FaultResult.Done);
    }

    /// <summary>do_swap_page up to taking the page table lock.</summary>
    private void SwapFault(MemoryManager mm, ulong page)
    {
        if (!mm.PrepareAnon(Space, Area))
        {
            Finish(new FaultResult(FaultCode.OutOfMemory, mm.Because("do_swap_page", "No memory for an anon_vma.")));
            return;
        }

        if (!mm.TryReadSwapped(Area, Address, original.Pfn(page), bypass: true, out newPage, out var read))
        {
            Finish(read);
            return;
        }

        major |= read.Major;
        phase = Phase.InstallSwapped;
    }

    /// <summary>The locked half of do_swap_page: the entry must still be the same. What may not be written yet goes through do_wp_page.</summary>
    private void InstallSwapped(MemoryManager mm)
    {
        var page = Address >> mm.PageShift;
        if (!Space.PageTable[page].Equals(original))
        {
            mm.Memory.Put(newPage, 1);
            Finish(new FaultResult(FaultCode.Done, null, major));
        }
        else if (!mm.TryMapSwapped(Space, Area, Address, original, newPage, Flags))
        {
            Finish(new FaultResult(FaultCode.OutOfMemory, mm.Because("ksm_might_need_to_copy", "No page could be allocated.")));
        }
        else if (IsWrite && !Space.PageTable[page].IsWrite)
        {
            original = Space.PageTable[page];
            phase = Phase.Look;
            WriteProtectFault(mm, page);
        }
        else
        {
            Finish(new FaultResult(FaultCode.Done, null, major));
        }
    }

    /// <summary>do_anonymous_page.</summary>
    private void AnonymousFault(MemoryManager mm, ulong page)
    {
        if ((Area.HandlerModes & UserfaultMode.Missing) != 0)
        {
            Finish(mm.HandleUserfault(Area, Address, Flags, UserfaultMode.Missing));
            return;
        }

        if (!IsWrite)
        {
            Space.PageTable[page] = new Pte(page, 0, (original.Flags & PteFlags.UffdWp) | mm.AreaBits(Area) | PteFlags.Present | PteFlags.Special | PteFlags.Zero | PteFlags.Young);
            Finish(FaultResult.Done);
            return;
        }

        if (!mm.PrepareAnon(Space, Area) || !mm.TryAllocateAnon(Area, Address, out newPage))
        {
            Finish(new FaultResult(FaultCode.OutOfMemory, mm.Because("do_anonymous_page", "No page could be allocated.")));
            return;
        }

        phase = Phase.InstallAnonymous;
    }

    /// <summary>The locked half of do_anonymous_page and do_cow_fault: the entry must still be none.</summary>
    private void InstallAnonymous(MemoryManager mm)
    {
        var page = Address >> mm.PageShift;
        if (!Space.PageTable[page].Equals(original))
        {
            mm.Memory.Put(newPage, 1);
            Finish(FaultResult.Done);
            return;
        }

        // Where a marker stood the page comes protected, and the store faults once more.
        mm.InstallAnonPage(Space, Area, Address, newPage, writable: Area.Has(VmFlags.Write) && !IsUnshare && !original.IsMarker, dirty: true);
        if (original.IsMarker)
        {
            Space.PageTable[page] = Space.PageTable[page].With(PteFlags.UffdWp);
        }

        mm.Trace?.Step(Area.IsAnonymous ? "do_anonymous_page" : "do_cow_fault", "what is mapped?", Area.IsAnonymous ? $"a new anonymous page, pfn {newPage:x}" : $"an anonymous copy, pfn {newPage:x}: no page of the file is referenced");
        Space.CountRss(1, 0, 0);
        Finish(new FaultResult(FaultCode.Done, null, major));
    }

    /// <summary>do_fault: read, private write (copy) or shared write.</summary>
    private void FileFault(MemoryManager mm)
    {
        if (mm.FileUserfault(Area, Address, Flags) is { } handled)
        {
            Finish(handled);
            return;
        }

        if (!IsWrite || Area.IsShared)
        {
            Finish(mm.MapFilePage(Space, Area, Address, IsWrite, (Flags & FaultFlags.Remote) != 0, (Flags & FaultFlags.AllowRetry) != 0));
            return;
        }

        // do_cow_fault
        if (!mm.PrepareAnon(Space, Area) || !mm.TryAllocateAnon(Area, Address, out newPage))
        {
            Finish(new FaultResult(FaultCode.OutOfMemory, mm.Because("do_cow_fault", "No page could be allocated.")));
            return;
        }

        var result = mm.ReadFilePageInto(Area, Address, newPage);
        if (result.Code != FaultCode.Done)
        {
            mm.Memory.Put(newPage, 1);
            Finish(result);
            return;
        }

        major = result.Major;
        phase = Phase.InstallAnonymous;
    }

    /// <summary>do_wp_page.</summary>
    private void WriteProtectFault(MemoryManager mm, ulong page)
    {
        if (original.Has(PteFlags.UffdWp))
        {
            if (mm.ProtectedStore(Area, Address, ref original, Flags) is { } asked)
            {
                Finish(asked);
                return;
            }

            Space.PageTable[page] = original;
        }

        var normal = mm.TryNormalPage(Space, Area, page, original, "do_wp_page", out var pfn);
        if (!IsUnshare && Area.IsShared)
        {
            if (Area.Has(VmFlags.Write))
            {
                Finish(normal ? mm.MakeSharedPageWritable(Space, Area, Address, original) : mm.MakeSharedPfnWritable(Space, Area, Address, original));
                return;
            }

            // FOLL_FORCE never reaches a shared area; a write to one without VM_WRITE was refused before.
            Finish(new FaultResult(FaultCode.Sigsegv));
            return;
        }

        if (normal && mm.Memory.PageOf(pfn).IsAnon)
        {
            if (mm.CanReuseAnon(pfn))
            {
                if (!IsUnshare)
                {
                    // Without VM_WRITE (a forced write) the entry only becomes dirty: maybe_mkwrite asks the area.
                    Space.PageTable[page] = original.With(PteFlags.Young | mm.Dirtied(Area) | (Area.Has(VmFlags.Write) ? PteFlags.Write : 0));
                }

                Finish(new FaultResult(FaultCode.Done, null, major));
                return;
            }
        }

        if (!mm.PrepareAnon(Space, Area) || !mm.TryAllocateAnon(Area, Address, out newPage))
        {
            Finish(new FaultResult(FaultCode.OutOfMemory, mm.Because("wp_page_copy", "No page could be allocated.")));
            return;
        }

        if (original.IsZero)
        {
            source = CopySource.Nothing;
        }
        else if (normal)
        {
            // Holding a reference, as the kernel does, so that the page cannot go away while it is copied.
            source = CopySource.NormalPage;
            mm.Memory.Get(pfn, 1);
            mm.Memory.Contents.CopyPage(mm.Memory.Contents, pfn, newPage);
        }
        else
        {
            source = CopySource.NoPage;
            mm.CopyThroughUserAddress(Current, Address, newPage);
        }

        anonymousCopy = normal && mm.Memory.PageOf(pfn).IsAnon;
        phase = Phase.InstallCopy;
    }

    /// <summary>The locked half of wp_page_copy.</summary>
    private void InstallCopy(MemoryManager mm)
    {
        var page = Address >> mm.PageShift;
        var oldPfn = source == CopySource.NormalPage ? original.Pfn(page) : 0;
        if (!Space.PageTable[page].Equals(original))
        {
            mm.Memory.Put(newPage, 1);
        }
        else
        {
            mm.Trace?.Step("wp_page_copy", "what is mapped in place of the read-only entry?", $"an anonymous copy, pfn {newPage:x}");
            newPte = mm.InstallAnonPage(Space, Area, Address, newPage, writable: Area.Has(VmFlags.Write) && !IsUnshare, dirty: true);
            if (source == CopySource.NormalPage)
            {
                mm.RemoveMapping(Space, oldPfn, count: false);
                if (!anonymousCopy)
                {
                    mm.CountRss(Space, oldPfn, -1);
                    Space.CountRss(1, 0, 0);
                }
            }
            else
            {
                Space.CountRss(1, 0, 0);
            }
        }

        if (source == CopySource.NormalPage)
        {
            mm.Memory.Put(oldPfn, 1);
        }

        Finish(new FaultResult(FaultCode.Done, null, major));
    }
}
