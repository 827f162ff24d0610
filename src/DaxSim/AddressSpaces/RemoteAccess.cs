using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.AddressSpaces;

/// <summary>Access to another process's memory: process_vm_readv and writev, access_remote_vm (ptrace, /proc/pid/mem).</summary>
internal sealed partial class MemoryManager
{
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
        var flags = (write ? GupFlags.Write : 0) | (pin ? GupFlags.Pin : GupFlags.Get) | GupFlags.Remote | GupFlags.Touch;
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
                    return done > 0 ? done : Verdict.Fail(Errno.EFAULT, result.Verdict.Reason);
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

    /// <summary>__access_remote_vm: how many bytes could be copied, and why not more.</summary>
    internal int AccessRemote(AddressSpace space, AddressSpace? current, ulong address, Span<byte> buffer, bool write, bool force, out Reason? stopped)
    {
        var done = 0;
        stopped = null;
        while (done < buffer.Length)
        {
            var at = address + (ulong)done;
            var offset = (int)(at & (PageSize - 1));
            var part = buffer.Slice(done, Math.Min(buffer.Length - done, (int)PageSize - offset));
            var result = GetUserPages(space, current, at, 1, (write ? GupFlags.Write : 0) | (force ? GupFlags.Force : 0) | GupFlags.Get | GupFlags.Remote, onePage);
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

            if (!TryAccessPhysical(space, at, part, write, out stopped))
            {
                stopped ??= result.Verdict.Reason;
                break;
            }

            done += part.Length;
        }

        return done;
    }

    /// <summary>generic_access_phys: the driver's access method, for areas of device memory where ioremap can keep the protection.</summary>
    private bool TryAccessPhysical(AddressSpace space, ulong address, Span<byte> part, bool write, out Reason? stopped)
    {
        stopped = null;
        if (space.Find(address) is not { } area || area.Inode?.Kind is not (MappingKind.DevMem or MappingKind.PciBar) || !HasIoremapProt)
        {
            return false;
        }

        var page = PageOf(address);
        var pte = space.PageTable[page];
        if (!pte.IsPresent || (write && !pte.IsWrite))
        {
            stopped = Because("follow_phys", "The entry is not writable.");
            return false;
        }

        if (!pte.IsSpecial)
        {
            // The page was copied on write: it is RAM now, and RAM is never ioremapped.
            stopped = Because("ioremap_prot", "The page is ordinary RAM, copied on write, which cannot be mapped as device memory.");
            if (Policy.IoremapOfRam == IoremapOfRamRule.WarnsOnce && counters.WarnOnce("ioremap on RAM"))
            {
                Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"ioremap on RAM at 0x{pte.Pfn(page) << PageShift:x16} - 0x{((pte.Pfn(page) + 1) << PageShift) - 1:x16}");
                Log.Print(KernelLogLevel.Warning, Subsystem.Mm, $"WARNING: CPU: 0 PID: {space.Id} at arch/x86/mm/ioremap.c __ioremap_caller");
                Log.Taint(Taints.Warn);
            }

            return false;
        }

        Trace?.Step("generic_access_phys", "get_user_pages failed: has the driver an access method?", "yes: the bytes are copied through a mapping of the kernel's own", PolicyProperty.IoremapProt);
        var offset = (int)(address & (PageSize - 1));
        if (write)
        {
            Memory.Contents.Write(pte.Pfn(page), offset, part);
        }
        else
        {
            Memory.Contents.Read(pte.Pfn(page), offset, part);
        }

        return true;
    }

    /// <summary>HAVE_IOREMAP_PROT: x86 and powerpc always, others by era.</summary>
    private bool HasIoremapProt => Policy.IoremapProt == IoremapProtRule.Available;
}
