using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.AddressSpaces;

/// <summary>Access to another process's memory: process_vm_readv and writev, access_remote_vm (ptrace, /proc/pid/mem).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>What <see cref="AccessRemote"/> returns where the kernel crashes.</summary>
    internal const int Crashed = -1;

    private readonly ulong[] onePage = new ulong[1];

    /// <summary>
    /// process_vm_rw_core: the remote ranges one after the other, each by one get_user_pages; bytes copied before the first page
    /// that cannot be taken. The page array lives through the whole call, so that an entry which get_user_pages counted but did
    /// not store still names the page of an earlier range.
    /// </summary>
    /// <param name="space">Whose memory.</param>
    /// <param name="current">The caller's address space.</param>
    /// <param name="remote">The ranges there.</param>
    /// <param name="limit">Bytes that the caller's own buffers hold.</param>
    /// <param name="write">process_vm_writev.</param>
    /// <param name="copy">Called with each frame, the offset in it, the position in the caller's buffers and the number of bytes; says how many it copied.</param>
    internal Result<int> ProcessVm(AddressSpace space, AddressSpace? current, IReadOnlyList<IoVec> remote, int limit, bool write, Func<ulong, int, int, int, int> copy)
    {
        const int BatchPages = 1024;
        var pin = Policy.ProcessVmReferences == ProcessVmReferenceRule.Pin;
        var flags = (write ? GupFlags.Write : 0) | (pin ? GupFlags.Pin : GupFlags.Get) | GupFlags.Remote | GupFlags.Touch | GupFlags.Unlockable;
        var stored = new ulong[BatchPages];
        Array.Fill(stored, GarbagePage);
        var pages = new ulong[BatchPages];
        var done = 0;
        foreach (var range in remote)
        {
            for (var (at, left) = (range.Address, Math.Min(range.Length, limit - done)); left > 0;)
            {
                var start = (int)(at & (PageSize - 1));
                var wanted = Math.Min(BatchPages, (int)(((ulong)(start + left) + PageSize - 1) >> PageShift));
                var result = GetUserPages(space, current, at, wanted, flags, pages);
                if (result.Count == 0)
                {
                    return result.Verdict.Kind == VerdictKind.Blocked ? result.Verdict : done > 0 ? done : Verdict.Fail(Errno.EFAULT, result.Verdict.Reason);
                }

                var verdict = CopyBatch(result.Count);
                ReleasePages(pages, 0, result.Count, pin, dirty: write);
                if (!verdict.IsOk)
                {
                    return verdict.Kind == VerdictKind.Errno && done > 0 ? done : verdict;
                }

                Verdict CopyBatch(int count)
                {
                    for (var i = 0; i < count && left > 0; i++)
                    {
                        var offset = (int)(at & (PageSize - 1));
                        var part = Math.Min(left, (int)PageSize - offset);
                        var garbage = pages[i] == GarbagePage;
                        if (garbage && write)
                        {
                            return Verdict.Oops(Because("process_vm_rw_core", "A page without a struct page was counted but no pointer stored; marking what the array held as dirty follows a wild pointer.", PolicyProperty.GupWithoutStructPage));
                        }

                        stored[i] = garbage ? stored[i] : pages[i];
                        var copied = stored[i] == GarbagePage ? 0 : copy(stored[i], offset, done, part);
                        done += copied;
                        at += (ulong)copied;
                        left -= copied;
                        if (copied < part)
                        {
                            return Verdict.Fail(Errno.EFAULT, garbage
                                ? Because("process_vm_rw_pages", "The page was counted, but no page pointer was stored for it.", PolicyProperty.GupWithoutStructPage)
                                : Because("process_vm_rw_pages", "The caller's own buffer could not be accessed."));
                        }
                    }

                    return Verdict.Ok;
                }
            }
        }

        return done;
    }

    /// <summary>
    /// __access_remote_vm: how many bytes could be copied, and why not more. <see cref="Crashed"/> where the kernel reads memory that
    /// it did not map; the reason says so.
    /// </summary>
    internal int AccessRemote(AddressSpace space, AddressSpace? current, ulong address, Span<byte> buffer, bool write, bool force, out Reason? stopped, GupFlags more = GupFlags.None)
    {
        var done = 0;
        stopped = null;
        while (done < buffer.Length)
        {
            var at = address + (ulong)done;
            var offset = (int)(at & (PageSize - 1));
            var part = buffer.Slice(done, Math.Min(buffer.Length - done, (int)PageSize - offset));
            var result = GetUserPages(space, current, at, 1, (write ? GupFlags.Write : 0) | (force ? GupFlags.Force : 0) | GupFlags.Get | GupFlags.Remote | more, onePage);
            if (result.Count == 1)
            {
                var pfn = onePage[0];
                if (write)
                {
                    Memory.Contents.Write(pfn, offset, part);
                    MarkPageDirty(pfn);
                }
                else
                {
                    Memory.Contents.Read(pfn, offset, part);
                }

                Release(pfn, pin: false);
                done += part.Length;
                continue;
            }

            var accessed = AccessPhysical(space, at, buffer[done..], write, out stopped);
            if (accessed == Crashed)
            {
                return Crashed;
            }

            if (accessed == 0)
            {
                stopped ??= result.Verdict.Reason;
                break;
            }

            done += accessed;
        }

        return done;
    }

    /// <summary>
    /// generic_access_phys: the driver's access method, for areas of device memory where ioremap can keep the protection. It takes the
    /// whole of what is left to copy, and goes on past the end of the area, since only the first page's entry is looked at.
    /// </summary>
    private int AccessPhysical(AddressSpace space, ulong address, Span<byte> rest, bool write, out Reason? stopped)
    {
        stopped = null;
        if (space.Find(address) is not { } area || area.Inode?.Kind is not (MappingKind.DevMem or MappingKind.PciBar) || !HasIoremapProt)
        {
            return 0;
        }

        var page = PageOf(address);
        var pte = space.PageTable[page];
        if (!pte.IsPresent || (write && !pte.IsWrite))
        {
            stopped = Because("follow_phys", "The entry is not writable.");
            return 0;
        }

        if (Policy.GenericAccess == GenericAccessRule.WithinArea)
        {
            rest = rest[..(int)Math.Min((ulong)rest.Length, area.End - address)];
        }

        var offset = (int)(address & (PageSize - 1));
        var first = pte.Pfn(page);
        var frames = ((ulong)(offset + rest.Length) + PageSize - 1) >> PageShift;
        if (!pte.IsSpecial || IsRam(first, Policy.GenericAccess == GenericAccessRule.OnePage ? 1 : frames))
        {
            // The page was copied on write: it is RAM now, and RAM is never ioremapped.
            stopped = Because("ioremap_prot", "The page is ordinary RAM, which cannot be mapped as device memory.");
            if (Policy.IoremapOfRam == IoremapOfRamRule.WarnsOnce && counters.WarnOnce("ioremap on RAM"))
            {
                Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"ioremap on RAM at 0x{first << PageShift:x16} - 0x{((first + frames) << PageShift) - 1:x16}");
                Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"WARNING: CPU: 0 PID: {space.Id} at arch/x86/mm/ioremap.c __ioremap_caller");
                Log.Taint(Taints.Warn);
            }

            return 0;
        }

        if (frames > 1 && Policy.GenericAccess == GenericAccessRule.OnePage)
        {
            stopped = Because("generic_access_phys", "One page was mapped for a request that crosses its end: the kernel runs into unmapped addresses.", PolicyProperty.GenericAccess);
            return Crashed;
        }

        Trace?.Step("generic_access_phys", "get_user_pages failed: has the driver an access method?", "yes: the bytes are copied through a mapping of the kernel's own", PolicyProperty.IoremapProt);
        for (var done = 0; done < rest.Length;)
        {
            var at = offset + done;
            var part = rest.Slice(done, Math.Min(rest.Length - done, (int)PageSize - (at & ((int)PageSize - 1))));
            var pfn = first + ((ulong)at >> PageShift);
            if (write)
            {
                Memory.Contents.Write(pfn, at & ((int)PageSize - 1), part);
            }
            else
            {
                Memory.Contents.Read(pfn, at & ((int)PageSize - 1), part);
            }

            done += part.Length;
        }

        return rest.Length;
    }

    private bool IsRam(ulong firstPfn, ulong frames)
    {
        for (var pfn = firstPfn; pfn < firstPfn + frames; pfn++)
        {
            if (Memory.RegionOf(pfn)?.Kind == RegionKind.SystemRam)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>check_vma_flags: somebody may still have relied on forced writes to shared areas.</summary>
    private void WarnOfForcedShared(Vma area)
    {
        if (Policy.SharedForce == SharedForceRule.WarnsOnce && area.Has(VmFlags.MayWrite) && counters.WarnOnce("forced write to a shared area"))
        {
            Log.Print(KernelLogLevel.Warning, Subsystem.Mm, "WARNING: CPU: 0 at mm/gup.c __get_user_pages");
            Log.Taint(Taints.Warn);
        }
    }

    /// <summary>HAVE_IOREMAP_PROT: x86 and powerpc always, others by era.</summary>
    private bool HasIoremapProt => Policy.IoremapProt == IoremapProtRule.Available;
}
