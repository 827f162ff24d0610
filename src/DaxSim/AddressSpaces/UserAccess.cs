using DaxSim.Outcomes;

namespace DaxSim.AddressSpaces;

/// <summary>Loads and stores by the CPU: user instructions, and the kernel's copies to and from user memory.</summary>
internal sealed partial class MemoryManager
{
    /// <summary>Makes a page accessible as the hardware demands, faulting as often as needed. On success the frame is known.</summary>
    internal Verdict TryAccess(AddressSpace space, ulong address, bool write, out ulong pfn, bool exec = false, bool user = true)
    {
        pfn = 0;
        for (var attempt = 0; ; attempt++)
        {
            // The no-execute bit of an entry is always that of its area's protection.
            if ((!exec || space.Find(address) is { } code && code.Has(VmFlags.Exec)) && TryHardwareAccess(space, PageOf(address), write, out pfn))
            {
                Trace?.Step("hardware", $"does the page table allow {(write ? "the store" : exec ? "the fetch" : "the load")}?", $"yes: it reaches pfn {pfn:x}, and no one asks for a struct page");
                return user && !Memory.MediaErrors.IsEmpty && IsMediaError(pfn, address) ? MachineCheck(space, address, pfn, write) : Verdict.Ok;
            }

            if (attempt == 16)
            {
                return Verdict.Unknown(Because("handle_mm_fault", "The access faults again and again without progress."));
            }

            var area = space.Find(address);
            if (area is null)
            {
                return Verdict.Raise(new SignalInfo(Signal.SIGSEGV, SiCode.SEGV_MAPERR, address), Because("do_user_addr_fault", $"Nothing is mapped at 0x{address:x}."));
            }

            var allowed = write ? area.Has(VmFlags.Write) : exec ? area.Has(VmFlags.Exec) : area.Has(VmFlags.Read | VmFlags.Write | VmFlags.Exec);
            if (!allowed)
            {
                return Verdict.Raise(new SignalInfo(Signal.SIGSEGV, SiCode.SEGV_ACCERR, address), Because("access_error", $"The area does not allow {(write ? "writing" : exec ? "executing" : "reading")}."));
            }

            Trace?.Step("hardware", $"does the page table allow {(write ? "the store" : exec ? "the fetch" : "the load")}?", "no: page fault");
            var result = HandleFault(space, area, address, (write ? FaultFlags.Write : 0) | (user ? FaultFlags.User : 0) | FaultFlags.AllowRetry, space);
            switch (result.Code)
            {
                case FaultCode.Done:
                    if (user)
                    {
                        space.CountFault(result.Major);
                    }

                    break;
                case FaultCode.Asleep:
                    return Verdict.Blocked(result.Reason!);
                case FaultCode.Sigsegv:
                    return Verdict.Raise(new SignalInfo(Signal.SIGSEGV, SiCode.SEGV_MAPERR, address), result.Reason);
                case FaultCode.HwPoison:
                    return Verdict.Raise(new SignalInfo(Signal.SIGBUS, SiCode.BUS_MCEERR_AR, address) { AddressLsb = FailureShift(area) }, result.Reason);
                case FaultCode.OutOfMemory:
                    return Verdict.Raise(new SignalInfo(Signal.SIGKILL, SiCode.None, address), result.Reason);
                default:
                    return Verdict.Raise(new SignalInfo(Signal.SIGBUS, SiCode.BUS_ADRERR, address), result.Reason);
            }
        }
    }

    /// <summary>copy_to_user: how many bytes could not be copied.</summary>
    internal int CopyToUser(AddressSpace space, ulong address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            var offset = (int)(address & (PageSize - 1));
            var part = Math.Min(source.Length, (int)PageSize - offset);
            if (!TryAccess(space, address, write: true, out var pfn, user: false).IsOk)
            {
                return source.Length;
            }

            Memory.Contents.Write(pfn, offset, source[..part]);
            source = source[part..];
            address += (ulong)part;
        }

        return 0;
    }

    /// <summary>copy_from_user: how many bytes could not be copied.</summary>
    internal int CopyFromUser(AddressSpace space, ulong address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var offset = (int)(address & (PageSize - 1));
            var part = Math.Min(destination.Length, (int)PageSize - offset);
            if (!TryAccess(space, address, write: false, out var pfn, user: false).IsOk)
            {
                return destination.Length;
            }

            Memory.Contents.Read(pfn, offset, destination[..part]);
            destination = destination[part..];
            address += (ulong)part;
        }

        return 0;
    }

    /// <summary>A load or store that the page table alone allows; it marks the entry young and dirty.</summary>
    private bool TryHardwareAccess(AddressSpace space, ulong page, bool write, out ulong pfn)
    {
        var table = space.PageTable;
        var pte = table[page];
        if (pte.IsPresent)
        {
            pfn = PfnOf(pte, page);
            if (pte.IsProtNone || (write && !pte.IsWrite))
            {
                return false;
            }

            var touched = pte.With(write ? PteFlags.Young | PteFlags.Dirty : PteFlags.Young);
            if (!touched.Equals(pte))
            {
                table[page] = touched;
            }

            return true;
        }

        var pmd = table.PmdOf(page);
        if (pmd.IsPresent && !pmd.IsProtNone && (!write || pmd.IsWrite))
        {
            var index = page >> table.PmdOrder;
            pfn = pmd.IsZero ? HugeZeroPfn(page) : table.PmdPfn(index, pmd) + (page & (table.PagesPerPmd - 1));
            var touched = pmd.With(write ? PteFlags.Young | PteFlags.Dirty : PteFlags.Young);
            if (!touched.Equals(pmd))
            {
                table.Pmds[index] = touched;
            }

            return true;
        }

        pfn = 0;
        return false;
    }
}
