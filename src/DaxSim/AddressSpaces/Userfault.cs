using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>userfaultfd: who may be registered, and what a fault in a registered area does (fs/userfaultfd.c).</summary>
internal sealed partial class MemoryManager
{
    private StateList<UserfaultContext> handlers = null!;

    /// <summary>The contexts of open descriptors, oldest first.</summary>
    internal IReadOnlyList<UserfaultContext> UserfaultHandlers => handlers;

    /// <summary>May a fault fall asleep? Only with a handler in user space or a page on the move.</summary>
    internal bool FaultsMaySleep => handlers.Count > 0 || migrations.Count > 0;

    /// <summary>How often a fault fell asleep; not part of the machine's state.</summary>
    internal int FaultSleeps { get; private set; }

    /// <summary>Who fell asleep last: for which handler, if for one, and why.</summary>
    internal (UserfaultContext? Context, UserfaultWait Wait, Reason Reason) LastSleep { get; private set; }

    private void FallAsleep(UserfaultContext? context, UserfaultWait wait, Reason reason)
    {
        context?.Wait(wait);
        LastSleep = (context, wait, reason);
        FaultSleeps++;
    }

    /// <summary>userfaultfd(2) and UFFDIO_API.</summary>
    internal Result<UserfaultContext> OpenUserfault(AddressSpace space, UserfaultFeatures features)
    {
        if (Policy.Userfault == UserfaultRule.Missing || !Policy.Config.IsEnabled("USERFAULTFD"))
        {
            return Verdict.Fail(Errno.ENOSYS, Because("sys_ni_syscall", "There is no userfaultfd.", PolicyProperty.Userfault));
        }

        if ((features & ~KnownUserfaultFeatures) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_api", $"This kernel does not know {features & ~KnownUserfaultFeatures}.", PolicyProperty.Userfault));
        }

        return Adopt(space, (features & UserfaultFeatures.WriteProtectAsync) != 0 ? features | UserfaultFeatures.WriteProtectUnpopulated : features);
    }

    private UserfaultContext Adopt(AddressSpace space, UserfaultFeatures features)
    {
        var context = new UserfaultContext(Journal, counters.NextSpace(), space, features);
        handlers.Add(context);
        return context;
    }

    /// <summary>What UFFDIO_API offers.</summary>
    internal UserfaultFeatures KnownUserfaultFeatures
    {
        get
        {
            var known = UserfaultFeatures.None;
            known |= Policy.UserfaultFeature >= UserfaultFeatureRule.Events ? UserfaultFeatures.EventFork | UserfaultFeatures.EventRemap | UserfaultFeatures.EventRemove | UserfaultFeatures.EventUnmap : 0;
            known |= Policy.UserfaultFeature >= UserfaultFeatureRule.Signals ? UserfaultFeatures.Sigbus | UserfaultFeatures.ThreadId : 0;
            known |= Policy.Userfault >= UserfaultRule.MissingShared ? UserfaultFeatures.MissingHugeTlb | UserfaultFeatures.MissingShmem : 0;
            known |= Policy.Userfault >= UserfaultRule.MinorShared ? UserfaultFeatures.MinorHugeTlb | UserfaultFeatures.MinorShmem : 0;
            if (Policy.UserfaultProtection == UserfaultProtectionRule.Available)
            {
                known |= Policy.Userfault >= UserfaultRule.WriteProtectAnon ? UserfaultFeatures.WriteProtect : 0;
                known |= Policy.Userfault >= UserfaultRule.WriteProtectShared ? UserfaultFeatures.WriteProtectShared : 0;
                known |= Policy.Userfault >= UserfaultRule.WriteProtectUnpopulated ? UserfaultFeatures.WriteProtectUnpopulated : 0;
                known |= Policy.Userfault >= UserfaultRule.WriteProtectAsync ? UserfaultFeatures.WriteProtectAsync : 0;
            }

            return known;
        }
    }

    /// <summary>userfaultfd_register up to the point where nothing can be refused any more.</summary>
    internal Verdict CheckUserfault(AddressSpace space, ulong address, ulong length, UserfaultMode modes, UserfaultContext? context = null)
    {
        var areas = space.Overlapping(address, address + length);
        if (areas.Length == 0 || modes == UserfaultMode.None || (modes & ~(UserfaultMode.Missing | UserfaultMode.WriteProtect | UserfaultMode.Minor)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_register", "Nothing is mapped there, or the mode is unknown."));
        }

        foreach (var area in areas)
        {
            if (!CanUserfault(area, modes, context is not null && context.Has(UserfaultFeatures.WriteProtectAsync)))
            {
                return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_register", "The memory cannot be handled in user space in that mode.", PolicyProperty.Userfault));
            }

            if (!area.Has(VmFlags.MayWrite))
            {
                return Verdict.Fail(Errno.EPERM, Because("userfaultfd_register", "The mapping may never be written."));
            }

            if (area.Has(VmFlags.HugeTlb) && (((Math.Max(address, area.Start) | Math.Min(address + length, area.End)) & (PmdSize - 1)) != 0))
            {
                return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_register", "A hugetlb area is registered in whole huge pages."));
            }

            if (area.Handler is { } other && other != context)
            {
                return Verdict.Fail(Errno.EBUSY, Because("userfaultfd_register", "Another userfaultfd has the area."));
            }
        }

        return Verdict.Ok;
    }

    /// <summary>UFFDIO_REGISTER.</summary>
    internal Verdict RegisterUserfault(UserfaultContext context, ulong address, ulong length, UserfaultMode modes)
    {
        var space = context.Space;
        space.Lock.MustBeFree("UFFDIO_REGISTER");
        if (!IsUserRange(address, length))
        {
            return Verdict.Fail(Errno.EINVAL, Because("validate_range", "The range is empty, unaligned or beyond user space."));
        }

        var allowed = CheckUserfault(space, address, length, modes, context);
        return allowed.IsOk ? SetHandler(space, address, address + length, context, modes) : allowed;
    }

    /// <summary>UFFDIO_UNREGISTER. Who sleeps in the range goes on.</summary>
    internal Verdict UnregisterUserfault(UserfaultContext context, ulong address, ulong length)
    {
        var space = context.Space;
        space.Lock.MustBeFree("UFFDIO_UNREGISTER");
        if (!IsUserRange(address, length) || space.Overlapping(address, address + length) is not { Length: > 0 } areas || areas.Any(a => a.Has(VmFlags.Special) && !CanUserfault(a, a.HandlerModes, context.Has(UserfaultFeatures.WriteProtectAsync))))
        {
            return Verdict.Fail(Errno.EINVAL, Because("userfaultfd_unregister", "The range is empty, unaligned, or holds memory that cannot be registered."));
        }

        context.Wake(address, address + length);
        ResetProtection(space, address, address + length, context, UserfaultLeavingRule.UnregisterResets);
        return SetHandler(space, address, address + length, null, UserfaultMode.None, context);
    }

    /// <summary>close(2) of the descriptor: every area is free again, and whoever sleeps goes on.</summary>
    internal void CloseUserfault(UserfaultContext context)
    {
        if (!context.Space.IsGone)
        {
            ResetProtection(context.Space, 0, ulong.MaxValue, context, UserfaultLeavingRule.CloseResetsToo);
            SetHandler(context.Space, 0, ulong.MaxValue, null, UserfaultMode.None, context);
        }

        context.Close();
        handlers.Remove(context);
    }

    private void ResetProtection(AddressSpace space, ulong start, ulong end, UserfaultContext context, UserfaultLeavingRule from)
    {
        if (Policy.UserfaultLeaving < from)
        {
            return;
        }

        foreach (var area in space.Overlapping(start, end))
        {
            if (area.Handler == context && area.IsUserfaultProtected)
            {
                ProtectRange(space, area, Math.Max(start, area.Start), Math.Min(end, area.End), protect: false);
            }
        }
    }

    /// <summary>Registers (or with null unregisters) the areas of a range, cutting and joining them as needed.</summary>
    private Verdict SetHandler(AddressSpace space, ulong start, ulong end, UserfaultContext? context, UserfaultMode modes, UserfaultContext? only = null)
    {
        foreach (var each in space.Overlapping(start, end))
        {
            var area = space.Find(Math.Max(each.Start, start))!;
            if ((only is not null && area.Handler != only) || (area.Handler == context && area.HandlerModes == modes))
            {
                continue;
            }

            var (from, to) = (Math.Max(area.Start, start), Math.Min(area.End, end));
            if (SplitAt(space, from, to) is { IsOk: false } refused)
            {
                return refused;
            }

            area = space.Find(from)!;
            area.SetHandler(context, modes);
            MergeNeighbours(space, area);
        }

        return Verdict.Ok;
    }

    private bool IsUserRange(ulong address, ulong length)
        => length > 0 && ((address | length) & (PageSize - 1)) == 0 && address < TaskSize && length <= TaskSize - address;

    /// <summary>handle_userfault: the fault sleeps until the handler wakes it, or is SIGBUS where nobody may or wants to sleep.</summary>
    internal FaultResult HandleUserfault(Vma area, ulong address, FaultFlags flags, UserfaultMode cause)
    {
        var context = area.Handler!;
        if (context.Has(UserfaultFeatures.Sigbus))
        {
            return new FaultResult(FaultCode.Sigbus, Because("handle_userfault", "UFFD_FEATURE_SIGBUS: the handler wants a signal instead of a sleeper.", PolicyProperty.UserfaultFeature));
        }

        if ((flags & FaultFlags.AllowRetry) == 0)
        {
            return new FaultResult(FaultCode.Sigbus, Because("handle_userfault", "The caller cannot let the mmap lock go (no FAULT_FLAG_ALLOW_RETRY), so it cannot sleep for the handler.", PolicyProperty.Userfault));
        }

        var reason = Because("handle_userfault", cause switch
        {
            UserfaultMode.Missing => "The page is missing in an area registered with userfaultfd: the access sleeps until the handler gives one.",
            UserfaultMode.Minor => "The page is in the cache but not mapped, in an area registered for that: the access sleeps until the handler goes on.",
            _ => "userfaultfd protects the page from writes: the store sleeps until the handler takes the protection away.",
        }, PolicyProperty.Userfault);
        var wait = new UserfaultWait(address & ~(PageSize - 1), (flags & FaultFlags.Write) != 0, cause);
        FallAsleep(context, wait, reason);
        return new FaultResult(FaultCode.Asleep, reason);
    }

    /// <summary>The part of do_wp_page that asks userfaultfd. Null: go on, with the bit cleared where the kernel resolves it by itself.</summary>
    internal FaultResult? ProtectedStore(Vma area, ulong address, ref Pte pte, FaultFlags flags)
    {
        if (!area.IsUserfaultProtected || !pte.Has(PteFlags.UffdWp) || (flags & (FaultFlags.Unshare | FaultFlags.Write)) != FaultFlags.Write)
        {
            return null;
        }

        if (!area.Handler!.Has(UserfaultFeatures.WriteProtectAsync))
        {
            Trace?.Step("do_wp_page", "does userfaultfd protect the page?", "yes: its handler decides", PolicyProperty.Userfault);
            return HandleUserfault(area, address, flags, UserfaultMode.WriteProtect);
        }

        Trace?.Step("do_wp_page", "does userfaultfd protect the page?", "yes, but asynchronously: the bit goes, and the store goes on", PolicyProperty.Userfault);
        pte = pte.Without(PteFlags.UffdWp);
        return null;
    }

    /// <summary>vma_can_userfault.</summary>
    private bool CanUserfault(Vma area, UserfaultMode modes, bool asynchronous)
    {
        var shmem = area.Inode?.Kind == MappingKind.Shmem;
        var huge = area.Has(VmFlags.HugeTlb);
        if ((modes & UserfaultMode.WriteProtect) != 0 && (Policy.UserfaultProtection == UserfaultProtectionRule.Missing || Policy.Userfault < UserfaultRule.WriteProtectAnon))
        {
            return false;
        }

        if (asynchronous && modes == UserfaultMode.WriteProtect)
        {
            // The kernel resolves it by itself, so that any memory will do.
            return true;
        }

        if (area.Has(VmFlags.Special & ~VmFlags.DontExpand) || (!area.IsAnonymous && !shmem && !huge))
        {
            return false;
        }

        return ((modes & UserfaultMode.Missing) == 0 || Policy.Userfault >= (area.IsAnonymous ? UserfaultRule.MissingAnon : UserfaultRule.MissingShared))
            && ((modes & UserfaultMode.WriteProtect) == 0 || area.IsAnonymous || Policy.Userfault >= UserfaultRule.WriteProtectShared)
            && ((modes & UserfaultMode.Minor) == 0 || ((shmem || huge) && Policy.Userfault >= UserfaultRule.MinorShared));
    }
}
