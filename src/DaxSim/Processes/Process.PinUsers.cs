using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.Processes;

// Drivers that let a device or a guest work on a process's memory: how each takes the pages in its era, and what it does with
// device memory that has no struct page (gup-fork 7, rows 15 to 19).
public sealed partial class Process
{
    /// <summary>RDMA: ibv_reg_mr(3), that is ib_umem_get: all the pages or none.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="writable">The device may write.</param>
    /// <returns>The region; EFAULT (EEXIST from 5.18 on) for memory without struct page, EOPNOTSUPP for DAX files from 4.15 on, EINVAL for a length of 0.</returns>
    public Result<UserFrames> RegisterRdmaMemory(ulong address, long length, bool writable = true)
    {
        var rule = Kernel.Policy.RdmaMemory;
        var force = !writable && rule != RdmaMemoryRule.LongTermPinUnforced;
        var flags = (writable || force ? GupFlags.Write : 0) | (force ? GupFlags.Force : 0) | (rule == RdmaMemoryRule.Reference ? 0 : GupFlags.LongTerm)
            | (rule >= RdmaMemoryRule.LongTermPin ? GupFlags.Pin : GupFlags.Get);
        using var call = Call("ibv_reg_mr", address);
        return call.Of(TakeAll("ib_umem_get", address, length, flags, fast: rule >= RdmaMemoryRule.LongTermPin, Errno.None, PolicyProperty.RdmaMemory));
    }

    /// <summary>AF_XDP: setsockopt(XDP_UMEM_REG), that is xdp_umem_reg: all the pages or ENOMEM.</summary>
    /// <param name="address">First byte, at a page boundary.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The buffer; ENOPROTOOPT before 4.18, EINVAL for an address inside a page, the errno of the first page, ENOMEM when only part could be taken.</returns>
    public Result<UserFrames> RegisterXdpMemory(ulong address, long length)
    {
        var rule = Kernel.Policy.XdpMemory;
        if (rule == XdpMemoryRule.Missing)
        {
            return Verdict.Fail(Errno.ENOPROTOOPT, Mm.Because("sock_setsockopt", "There are no XDP sockets yet.", PolicyProperty.XdpMemory));
        }

        if ((address & (Mm.PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("xdp_umem_reg", "The buffer must begin at a page boundary."));
        }

        var flags = GupFlags.Write | (rule == XdpMemoryRule.Reference ? 0 : GupFlags.LongTerm) | (rule == XdpMemoryRule.LongTermPin ? GupFlags.Pin : GupFlags.Get);
        using var call = Call("setsockopt(XDP_UMEM_REG)", address);
        return call.Of(TakeAll("xdp_umem_pin_pages", address, length, flags, fast: false, Errno.ENOMEM, PolicyProperty.XdpMemory));
    }

    /// <summary>V4L2: VIDIOC_QBUF of a user pointer, that is get_vaddr_frames: pages, or in most eras the frame numbers of device memory.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The buffer; EFAULT (or EEXIST) where neither works, EOPNOTSUPP for DAX files from 4.15 on.</returns>
    public Result<UserFrames> QueueVideoBuffer(ulong address, long length)
    {
        using var call = Call("ioctl(VIDIOC_QBUF)", address);
        return call.Of(DoQueueVideoBuffer(address, length));
    }

    private Result<UserFrames> DoQueueVideoBuffer(ulong address, long length)
    {
        var rule = Kernel.Policy.VideoBuffer;
        if (Space.Find(address) is not { } area)
        {
            return Verdict.Fail(Errno.EFAULT, Mm.Because("get_vaddr_frames", $"Nothing is mapped at 0x{address:x}."));
        }

        var deviceMemory = area.Has(VmFlags.Io | VmFlags.PfnMap);
        if (rule >= VideoBufferRule.PinsOrFrames)
        {
            var pinned = TakeAll("get_vaddr_frames", address, length, GupFlags.Write | GupFlags.Force | GupFlags.LongTerm | GupFlags.Pin, fast: true, Errno.EFAULT, PolicyProperty.VideoBuffer);
            return pinned.IsOk || rule == VideoBufferRule.PinsOnly || !deviceMemory ? pinned : FramesOf("follow_pfn", address, length, faultIn: false, PolicyProperty.VideoBuffer);
        }

        if (rule == VideoBufferRule.PagesOrFramesNotDax && area.IsFsDax)
        {
            return Verdict.Fail(Errno.EOPNOTSUPP, Mm.Because("get_vaddr_frames", "Memory of a DAX file may not be held as long as a video buffer is.", PolicyProperty.VideoBuffer));
        }

        return deviceMemory
            ? FramesOf("follow_pfn", address, length, faultIn: false, PolicyProperty.VideoBuffer)
            : TakeAll("get_vaddr_frames", address, length, GupFlags.Write | GupFlags.Force | GupFlags.Get, fast: false, Errno.EFAULT, PolicyProperty.VideoBuffer);
    }

    /// <summary>vfio: VFIO_IOMMU_MAP_DMA of the type 1 driver, page by page: a page, or the frame number of device memory (VM_PFNMAP).</summary>
    /// <param name="address">First byte, at a page boundary.</param>
    /// <param name="length">Bytes, whole pages.</param>
    /// <param name="writable">The device may write.</param>
    /// <returns>The memory; EINVAL for a range that is not of whole pages, EFAULT (or EEXIST) for page-less memory that is not VM_PFNMAP, EOPNOTSUPP for DAX files from 4.16 on.</returns>
    public Result<UserFrames> MapForDevice(ulong address, long length, bool writable = true)
    {
        using var call = Call("ioctl(VFIO_IOMMU_MAP_DMA)", address);
        return call.Of(DoMapForDevice(address, length, writable));
    }

    private Result<UserFrames> DoMapForDevice(ulong address, long length, bool writable)
    {
        if (length <= 0 || ((address | (ulong)length) & (Mm.PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because("vfio_dma_do_map", "Address and length must be whole pages."));
        }

        var rule = Kernel.Policy.VfioMemory;
        var flags = (writable ? GupFlags.Write : 0) | (rule == VfioMemoryRule.Reference ? 0 : GupFlags.LongTerm) | (rule == VfioMemoryRule.LongTermPin ? GupFlags.Pin : GupFlags.Get);
        var taken = TakeAll("vaddr_get_pfn", address, length, flags, fast: rule == VfioMemoryRule.Reference, Errno.EFAULT, PolicyProperty.VfioMemory);
        if (taken.IsOk || Space.Find(address) is not { } area || !area.Has(VmFlags.PfnMap))
        {
            return taken;
        }

        return Kernel.Policy.VfioDeviceFrame == VfioDeviceFrameRule.FollowsEntry
            ? FramesOf("follow_fault_pfn", address, length, faultIn: true, PolicyProperty.VfioDeviceFrame)
            : FramesOfArea(area, address, length);
    }

    /// <summary>KVM: the frame for a guest's access to memory of this process (hva_to_pfn). The guest's page table keeps no reference; a notifier takes the frame away when the process unmaps it.</summary>
    /// <param name="address">The address in this process that stands for the guest's page.</param>
    /// <param name="write">The guest writes.</param>
    /// <returns>The frame; EFAULT, which is what KVM_RUN returns, for page-less memory that is not VM_PFNMAP; SIGBUS for a poisoned page.</returns>
    public Result<ulong> GuestAccess(ulong address, bool write)
    {
        using var call = Call("ioctl(KVM_RUN)", address);
        return call.Of(DoGuestAccess(address, write));
    }

    private Result<ulong> DoGuestAccess(ulong address, bool write)
    {
        var pages = new ulong[1];
        var result = Mm.GetUserPagesFast(Space, address, 1, (write ? GupFlags.Write : 0) | GupFlags.Get | GupFlags.HwPoison | GupFlags.HonorNumaFault, pages);
        if (result.Count == 1)
        {
            Mm.ReleasePages(pages, 0, 1, pin: false, dirty: write);
            return pages[0];
        }

        if (result.Verdict.Errno == Errno.EHWPOISON)
        {
            return Verdict.Raise(new SignalInfo(Signal.SIGBUS, SiCode.BUS_MCEERR_AR, address) { AddressLsb = Mm.PageShift }, Mm.Because("kvm_send_hwpoison_signal", "The guest touched a poisoned page: the process that runs it is told."));
        }

        if (Space.Find(address) is { } area && area.Has(VmFlags.Io | VmFlags.PfnMap))
        {
            var followed = Kernel.Policy.KvmDeviceFrame == KvmDeviceFrameRule.FollowsEntry;
            var frames = followed ? FramesOf("hva_to_pfn_remapped", address, 1, faultIn: true, PolicyProperty.KvmDeviceFrame, write) : FramesOfArea(area, address, 1);
            if (frames.IsOk && !followed && Mm.Memory.RegionOf(frames.Value.Pfns[0])?.Kind == Memory.RegionKind.SystemRam)
            {
                Kernel.Log.Taint(Taints.Die);
                return Verdict.Oops(Mm.Because("hva_to_pfn", "The frame counted from the area's beginning is ordinary RAM: BUG_ON(!kvm_is_mmio_pfn(pfn)).", PolicyProperty.KvmDeviceFrame));
            }

            return frames.IsOk ? frames.Value.Pfns[0] : Verdict.Fail(Errno.EFAULT, frames.Verdict.Reason);
        }

        return Verdict.Fail(Errno.EFAULT, result.Verdict.Reason is { } reason
            ? reason with { Because = $"{reason.Because} (hva_to_pfn has a way around get_user_pages for VM_IO and VM_PFNMAP only: KVM_RUN fails.)" }
            : Mm.Because("hva_to_pfn", "The page cannot be had."));
    }

    /// <summary>The pages of a whole range or none of them; <paramref name="shortErrno"/> replaces the error of a page that is not the first.</summary>
    private Result<UserFrames> TakeAll(string function, ulong address, long length, GupFlags flags, bool fast, Errno shortErrno, PolicyProperty property)
    {
        if (length <= 0)
        {
            return Verdict.Fail(Errno.EINVAL, Mm.Because(function, "The range is empty."));
        }

        var first = address & ~(Mm.PageSize - 1);
        var count = (int)((Mm.RoundUp(address + (ulong)length) - first) >> Mm.PageShift);
        var pin = (flags & GupFlags.Pin) != 0;
        var pages = new ulong[count];
        var done = 0;
        while (done < count)
        {
            var result = fast ? Mm.GetUserPagesFast(Space, first + ((ulong)done << Mm.PageShift), count - done, flags, pages, done) : Mm.GetUserPages(Space, Space, first + ((ulong)done << Mm.PageShift), count - done, flags | GupFlags.Touch, pages, done);
            if (result.Verdict.Kind == VerdictKind.Undefined || result.Count == 0)
            {
                Mm.ReleasePages(pages, 0, done + result.Count, pin, dirty: false);
                var why = result.Verdict;
                return why.Kind == VerdictKind.Errno && done > 0 && shortErrno != Errno.None
                    ? Verdict.Fail(shortErrno, Mm.Because(function, "Only part of the range could be taken; what was taken is given back.", property))
                    : why;
            }

            done += result.Count;
        }

        return new UserFrames(new UserPages(Kernel, pages, pin));
    }

    /// <summary>follow_pfn (and fixup_user_fault before it): the frames that the page table names, without references.</summary>
    private Result<UserFrames> FramesOf(string function, ulong address, long length, bool faultIn, PolicyProperty property, bool write = false)
    {
        var first = Mm.PageOf(address);
        var pfns = new ulong[(int)(Mm.PageOf(address + (ulong)length - 1) - first) + 1];
        for (var i = 0; i < pfns.Length; i++)
        {
            var at = (first + (ulong)i) << Mm.PageShift;
            if (Space.Find(at) is not { } area || !area.Has(VmFlags.Io | VmFlags.PfnMap))
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because(function, "Only areas of device memory are followed.", property));
            }

            if (faultIn && !Mm.TryAccess(Space, at, write, out _).IsOk)
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because("fixup_user_fault", "The page cannot be faulted in.", property));
            }

            if (!Mm.TryReadableFrame(Space, first + (ulong)i, out pfns[i]))
            {
                return Verdict.Fail(Errno.EFAULT, Mm.Because(function, "No entry is present, and nobody faults it in.", property));
            }
        }

        return new UserFrames(pfns);
    }

    /// <summary>The frames as an area of device memory had them when it was made: its offset plus the distance from its beginning.</summary>
    private Result<UserFrames> FramesOfArea(Vma area, ulong address, long length)
    {
        var first = Mm.PageOf(address);
        var count = (int)(Mm.PageOf(address + (ulong)length - 1) - first) + 1;
        var start = (area.Inode?.Kind == MappingKind.PciBar ? area.Inode.BasePfn : 0) + area.PageIndex(address, Mm.PageShift);
        return new UserFrames([.. Enumerable.Range(0, count).Select(i => start + (ulong)i)]);
    }
}
