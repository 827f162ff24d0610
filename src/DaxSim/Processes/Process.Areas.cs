using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

/// <summary>One line of /proc/pid/maps.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">The address behind the last.</param>
/// <param name="Permissions">For example <c>rw-s</c>.</param>
/// <param name="Offset">File offset in bytes.</param>
/// <param name="Name">The file, or the kernel's name for its own areas and the heap; empty for other anonymous memory.</param>
public readonly record struct MapsLine(ulong Start, ulong End, string Permissions, ulong Offset, string Name);

// The less usual calls on areas.
public sealed partial class Process
{
    /// <summary>/proc/pid/maps, in address order.</summary>
    public IReadOnlyList<MapsLine> Maps => [.. Space.Areas.Select(LineOf)];

    /// <summary>remap_file_pages(2): shows other pages of the file in a part of a shared mapping.</summary>
    /// <param name="address">First byte of the part.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="pageOffset">The first file page to show there, counted in pages (pgoff).</param>
    public Verdict RemapFilePages(ulong address, ulong length, ulong pageOffset)
    {
        using var call = Call("remap_file_pages", address);
        return call.Of(DoRemapFilePages(address, length, pageOffset));
    }

    private Verdict DoRemapFilePages(ulong address, ulong length, ulong page)
    {
        if (Kernel.Policy.RemapFilePages == RemapFilePagesRule.NonlinearMappings)
        {
            return Verdict.Unknown(Mm.Because("sys_remap_file_pages", "Nonlinear mappings (before 4.0) are not modelled.", PolicyProperty.RemapFilePages));
        }

        Mm.WarnDeprecatedRemap(Space);
        var area = Space.Find(address);
        if (area is null || !area.IsShared || area.File is null)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("sys_remap_file_pages", "The range is not part of a shared mapping."));
        }

        if (address + length > area.End)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("sys_remap_file_pages", "The range runs past the mapping."));
        }

        var protection = (area.Has(VmFlags.Read) ? Prot.Read : 0) | (area.Has(VmFlags.Write) ? Prot.Write : 0) | (area.Has(VmFlags.Exec) ? Prot.Exec : 0);
        var flags = MapFlags.Shared | MapFlags.Fixed | MapFlags.Populate | (area.Has(VmFlags.Locked) ? MapFlags.Locked : 0);
        return Mm.Mmap(Space, address, length, protection, flags, area.File, page << Mm.PageShift).Verdict;
    }

    /// <summary>mseal(2): the areas of a range can no longer be changed or unmapped.</summary>
    public Verdict Mseal(ulong address, ulong length)
    {
        using var call = Call("mseal", address);
        return call.Of(Kernel.Policy.Mseal == MsealRule.Missing
            ? Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "There is no mseal yet.", PolicyProperty.Mseal))
            : Mm.Seal(Space, address, length));
    }

    /// <summary>process_madvise(2) on the process itself with one range.</summary>
    /// <returns>Bytes advised, or the errno.</returns>
    public Result<long> ProcessMadvise(ulong address, ulong length, Advice advice)
    {
        using var call = Call("process_madvise", address);
        return call.Of(DoProcessMadvise(address, length, advice));
    }

    private Result<long> DoProcessMadvise(ulong address, ulong length, Advice advice)
    {
        if (Kernel.Policy.ProcessMadvise == ProcessMadviseRule.Missing)
        {
            return Verdict.Fail(Errno.ENOSYS, Mm.Because("sys_ni_syscall", "There is no process_madvise yet.", PolicyProperty.ProcessMadvise));
        }

        if (advice is not (Advice.Cold or Advice.PageOut or Advice.WillNeed or Advice.Collapse))
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("process_madvise_behavior_valid", "The advice cannot be given for another process."));
        }

        var verdict = Mm.Madvise(Space, address, length, advice);
        return verdict.IsOk ? (long)length : verdict;
    }

    /// <summary>What UFFDIO_REGISTER of a new userfaultfd without features would say. Nothing stays registered.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="mode">What the user space handler wants to hear of.</param>
    public Verdict RegisterUserfault(ulong address, ulong length, UserfaultMode mode)
    {
        using var call = Call("UFFDIO_REGISTER", address);
        return call.Of(Mm.CheckUserfault(Space, address, length, mode));
    }

    /// <summary>userfaultfd(2) and UFFDIO_API: a descriptor for faults of this process's memory.</summary>
    /// <param name="features">What is asked of the kernel; EINVAL where it does not know one of them.</param>
    /// <returns>The descriptor, ENOSYS or EINVAL.</returns>
    public Result<Userfaultfd> OpenUserfaultfd(UserfaultFeatures features = UserfaultFeatures.None)
    {
        using var call = Call("userfaultfd");
        return call.Of(DoOpenUserfaultfd(features));
    }

    private Result<Userfaultfd> DoOpenUserfaultfd(UserfaultFeatures features)
    {
        var opened = Mm.OpenUserfault(Space, features);
        return opened.IsOk ? new Userfaultfd(Kernel, opened.Value) : opened.Verdict;
    }

    /// <summary>send(2) with MSG_ZEROCOPY: the pages go out by reference.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="destination">What the receiver gets.</param>
    /// <returns>Bytes sent, or the errno.</returns>
    public Result<int> SendZeroCopy(ulong address, Span<byte> destination)
    {
        using var call = Call("send(MSG_ZEROCOPY)", address);
        return call.Of(DoSendZeroCopy(address, destination));
    }

    private Result<int> DoSendZeroCopy(ulong address, Span<byte> destination)
    {
        if (Kernel.Policy.ZeroCopySend == ZeroCopySendRule.Missing)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("sock_setsockopt", "There is no SO_ZEROCOPY yet.", PolicyProperty.ZeroCopySend));
        }

        var pages = new ulong[1];
        for (var done = 0; done < destination.Length;)
        {
            var at = address + (ulong)done;
            var result = Mm.GetUserPagesFast(Space, at, 1, GupFlags.Get, pages);
            if (result.Count == 0)
            {
                return done > 0 ? done : result.Verdict;
            }

            var offset = (int)(at & (Mm.PageSize - 1));
            var part = Math.Min(destination.Length - done, (int)Mm.PageSize - offset);
            Mm.Memory.Contents.Read(pages[0], offset, destination.Slice(done, part));
            Mm.Release(pages[0], pin: false);
            done += part;
        }

        return destination.Length;
    }

    private MapsLine LineOf(Vma area)
    {
        var permissions = $"{(area.Has(VmFlags.Read) ? 'r' : '-')}{(area.Has(VmFlags.Write) ? 'w' : '-')}{(area.Has(VmFlags.Exec) ? 'x' : '-')}{(area.Has(VmFlags.MayShare) ? 's' : 'p')}";
        // The map of a PCI resource has the bus address for its offset (pci_mmap_resource_range).
        var offset = area.Inode is { Kind: MappingKind.PciBar } resource ? resource.BasePfn + area.PageOffset : area.PageOffset;
        return new MapsLine(area.Start, area.End, permissions, area.File is null ? 0 : offset << Mm.PageShift, area.Special?.Name ?? area.File?.Path ?? (IsHeap(area) ? "[heap]" : ""));
    }

    /// <summary>vma_is_initial_heap.</summary>
    private bool IsHeap(Vma area) => area.Start < Space.HeapEnd && area.End > Space.HeapStart && area.IsAnonymous;
}
