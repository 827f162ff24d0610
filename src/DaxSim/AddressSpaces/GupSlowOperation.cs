using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>__get_user_pages as resumable steps: find the area, follow the page, fault it in, again.</summary>
internal struct GupSlowOperation
{
    /// <summary>Faults at one address after which nothing can change any more without somebody else.</summary>
    private const int LivelockAfter = 16;

    private readonly MemoryManager mm;
    private readonly ulong[]? pages;
    private readonly int offset;
    private GupFlags flags;
    private ulong address;
    private int done;
    private Vma? area;
    private bool cowBroken;
    private bool faulting;
    private bool garbage;
    private bool locked;
    private GupFlags forced;
    private int faultsHere;
    private FaultOperation fault;

    internal GupSlowOperation(MemoryManager mm, AddressSpace space, AddressSpace? current, ulong address, int count, GupFlags flags, ulong[]? pages, int offset)
    {
        this.mm = mm;
        Space = space;
        Current = current;
        this.address = address & ~(mm.PageSize - 1);
        Count = count;
        this.flags = flags;
        this.pages = pages;
        this.offset = offset;
    }

    internal AddressSpace Space { get; }

    internal AddressSpace? Current { get; }

    internal int Count { get; }

    internal bool IsFinished { get; private set; }

    internal GupResult Result { get; private set; }

    /// <summary>True while it sleeps for the mmap lock, which fork holds, or for a page that is being moved.</summary>
    internal readonly bool IsBlocked => !IsFinished && ((!locked && Space.Lock.IsWritten) || (faulting && fault.IsMigrating));

    internal GupResult Run()
    {
        if (!locked)
        {
            Space.Lock.MustBeReadable("get_user_pages");
        }

        while (StepUnderLock())
        {
            if (faulting && fault.IsMigrating)
            {
                fault.StopWaiting(mm);
                faulting = false;
                AfterFault();
            }
        }

        return Result;
    }

    /// <summary>Does the next step: nothing while it is blocked. False when it is over.</summary>
    internal bool Step()
    {
        if (!IsFinished && !locked && !(locked = Space.Lock.TryRead()))
        {
            return true;
        }

        if (StepUnderLock())
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

    private bool StepUnderLock()
    {
        if (IsFinished)
        {
            return false;
        }

        if (faulting)
        {
            if (!fault.StepUnderLock(mm))
            {
                faulting = false;
                AfterFault();
            }

            return !IsFinished;
        }

        if (done == Count)
        {
            Finish(Verdict.Ok);
            return false;
        }

        if (area is null || !area.Contains(address))
        {
            FindArea();
            return !IsFinished;
        }

        Follow();
        return !IsFinished;
    }

    private void Finish(Verdict verdict)
    {
        IsFinished = true;
        if (garbage)
        {
            verdict = Verdict.Undefined(mm.Because("__get_user_pages", "An entry without a struct page was counted as a page, but no page pointer was stored: the caller goes on with garbage.", PolicyProperty.GupWithoutStructPage));
        }
        else if (done > 0)
        {
            // A prefix hides the error until the caller asks again.
            verdict = Verdict.Ok;
        }

        Result = new GupResult(done, verdict);
    }

    private void FindArea()
    {
        area = Space.Find(address);
        cowBroken = false;
        if (area is null)
        {
            Finish(Verdict.Fail((flags & GupFlags.MadvPopulate) != 0 ? Errno.ENOMEM : Errno.EFAULT, mm.Because("__get_user_pages", $"Nothing is mapped at 0x{address:x}.")));
            return;
        }

        var verdict = mm.CheckAreaFlags(area, flags);
        if (!verdict.IsOk)
        {
            Finish(verdict);
        }
    }

    private void Follow()
    {
        // should_force_cow_break: in one release every reference in a COW mapping is a write.
        forced = mm.Policy.ForcedCowOnRead == ForcedCowOnReadRule.ReadsOfCowMappingsBreakThem && area!.IsCow && (flags & (GupFlags.Get | GupFlags.Pin)) != 0 ? GupFlags.Write : 0;
        var code = mm.FollowPage(Space, area!, address, flags | forced, cowBroken, out var pfn, out var error);
        switch (code)
        {
            case FollowCode.Page:
                Store(pfn);
                break;
            case FollowCode.NoStructPage when pages is null:
                Advance();
                break;
            case FollowCode.NoStructPage when mm.Policy.GupWithoutStructPage == GupWithoutStructPageRule.Eexist:
                Finish(Verdict.Fail(Errno.EEXIST, mm.Because("follow_pfn_pte", "The entry is special: there is no struct page to take a reference on.", PolicyProperty.GupWithoutStructPage)));
                break;
            case FollowCode.NoStructPage:
                garbage = true;
                Store(MemoryManager.GarbagePage);
                break;
            case FollowCode.Error:
                Finish(error);
                break;
            default:
                BeginFault(code == FollowCode.Unshare);
                break;
        }
    }

    private void Store(ulong pfn)
    {
        if (pages is not null)
        {
            pages[offset + done] = pfn;
            if (pfn != MemoryManager.GarbagePage)
            {
                mm.Trace?.Step("follow_page_mask", "is there a struct page?", $"yes: that of pfn {pfn:x}", forced != 0 ? PolicyProperty.ForcedCowOnRead : mm.StructPageProperty(pfn));
            }
        }

        Advance();
    }

    private void Advance()
    {
        done++;
        faultsHere = 0;
        address += mm.PageSize;
        cowBroken = false;
    }

    /// <summary>faultin_page.</summary>
    private void BeginFault(bool unshare)
    {
        if ((flags & GupFlags.NoFault) != 0)
        {
            Finish(Verdict.Fail(Errno.EFAULT, mm.Because("faultin_page", "FOLL_NOFAULT: the page is not there and may not be faulted in.")));
            return;
        }

        if (++faultsHere > LivelockAfter)
        {
            Finish(Verdict.Blocked(mm.Because("__get_user_pages", "The entry is present but may not be followed, and faults change nothing: the loop spins until somebody else removes the entry.")));
            return;
        }

        var kind = (((flags | forced) & GupFlags.Write) != 0 ? FaultFlags.Write : 0) | ((flags & GupFlags.Remote) != 0 ? FaultFlags.Remote : 0) | (unshare ? FaultFlags.Unshare : 0) | ((flags & GupFlags.Unlockable) != 0 ? FaultFlags.AllowRetry : 0);
        mm.Trace?.Step("faultin_page", "can the page be followed?", $"no: {((kind & FaultFlags.Write) != 0 ? "write " : unshare ? "unshare " : "")}fault first", forced != 0 ? PolicyProperty.ForcedCowOnRead : null);
        fault = new FaultOperation(Space, area!, address, kind, Current);
        faulting = true;
    }

    private void AfterFault()
    {
        var result = fault.Result;
        if (result.Code == FaultCode.Done)
        {
            if (((flags | forced) & GupFlags.Write) != 0 && !area!.Has(VmFlags.Write))
            {
                cowBroken = true;
                if (mm.Policy.FollowWrite == FollowWriteRule.WritableOnly)
                {
                    flags &= ~GupFlags.Write;
                }
            }

            return;
        }

        if (result.Code == FaultCode.Asleep)
        {
            // The call sleeps with what it has taken so far; whoever tries again starts over, so nothing is kept.
            for (; done > 0 && pages is not null && (flags & (GupFlags.Get | GupFlags.Pin)) != 0; done--)
            {
                mm.ReleasePages(pages, offset + done - 1, 1, (flags & GupFlags.Pin) != 0, dirty: false);
            }

            done = 0;
            Finish(Verdict.Blocked(result.Reason!));
            return;
        }

        var errno = result.Code switch
        {
            FaultCode.OutOfMemory => Errno.ENOMEM,
            FaultCode.HwPoison when (flags & GupFlags.HwPoison) != 0 && (mm.Policy.GupHugeTlbPoison == GupHugeTlbPoisonRule.Ehwpoison || !area!.Has(VmFlags.HugeTlb)) => Errno.EHWPOISON,
            _ => Errno.EFAULT,
        };
        Finish(Verdict.Fail(errno, result.Reason ?? mm.Because("vm_fault_to_errno", "The fault failed.")));
    }
}
