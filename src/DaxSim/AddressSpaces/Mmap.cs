using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>mmap and munmap (mm/mmap.c, mm/vma.c).</summary>
internal sealed partial class MemoryManager
{
    private const MapFlags LegacyFlags = MapFlags.SharedValidate | MapFlags.Fixed | MapFlags.Anonymous | MapFlags.GrowsDown | MapFlags.Locked
        | MapFlags.NoReserve | MapFlags.Populate | MapFlags.NonBlock | MapFlags.Stack | MapFlags.HugeTlb | (MapFlags)0x1840;

    /// <summary>The top of user space (TASK_SIZE).</summary>
    internal const ulong TaskSize = 0x7fff_ffff_f000;

    internal Result<ulong> Mmap(AddressSpace space, ulong address, ulong length, Prot prot, MapFlags flags, OpenFile? file, ulong offset)
    {
        space.Lock.MustBeFree("mmap");
        if (length == 0 || (offset & (PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("do_mmap", length == 0 ? "The length is 0." : "The offset is not a multiple of the page size."));
        }

        length = RoundUp(length);
        if (length == 0 || length > TaskSize)
        {
            return Verdict.Fail(Errno.ENOMEM, Because("do_mmap", "The length does not fit into the address space."));
        }

        if ((flags & MapFlags.FixedNoReplace) != 0 && Policy.FixedNoReplace == FixedNoReplaceRule.Known)
        {
            flags |= MapFlags.Fixed;
        }
        else
        {
            flags &= ~MapFlags.FixedNoReplace;
        }

        var type = flags & MapFlags.SharedValidate;
        var verdict = CheckMapping(space, address, ref length, prot, flags, type, ref file, offset, out var vmFlags);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        if (file is { Inode: { IsDax: true, IsDaxMapping: false } })
        {
            return Verdict.Unknown(Because("fuse_dax_mmap", "The pages behind the window of virtiofs are the host's: what a mapping of them does is not modelled."));
        }

        if ((flags & MapFlags.Fixed) == 0)
        {
            address = ChooseAddress(space, address, length, file);
            if (address == 0)
            {
                return Verdict.Fail(Errno.ENOMEM, Because("get_unmapped_area", "No free range is large enough."));
            }
        }
        else if ((address & (PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("get_unmapped_area", "The fixed address is not a multiple of the page size."));
        }
        else if (address > TaskSize || length > TaskSize - address)
        {
            return Verdict.Fail(Errno.ENOMEM, Because("get_unmapped_area", "The range lies beyond user space."));
        }

        if ((flags & MapFlags.FixedNoReplace) != 0 && !space.IsFree(address, address + length))
        {
            return Verdict.Fail(Errno.EEXIST, Because("do_mmap", "Something is mapped in the range.", PolicyProperty.FixedNoReplace));
        }

        verdict = MapRegion(space, address, length, vmFlags, file, offset >> PageShift, flags);
        if (!verdict.IsOk)
        {
            return verdict;
        }

        PlantProbes(space, address, address + length);
        if ((flags & (MapFlags.Populate | MapFlags.NonBlock)) == MapFlags.Populate || (vmFlags & VmFlags.Locked) != 0)
        {
            Populate(space, address, address + length, ignoreErrors: true);
        }

        return address;
    }

    /// <summary>do_munmap.</summary>
    internal Verdict Munmap(AddressSpace space, ulong address, ulong length)
    {
        space.Lock.MustBeFree("munmap");
        if ((address & (PageSize - 1)) != 0 || length == 0 || address > TaskSize || length > TaskSize - address)
        {
            return Verdict.Fail(Errno.EINVAL, Because("do_munmap", "The range is empty, unaligned or beyond user space."));
        }

        return UnmapPages(space, address, address + RoundUp(length));
    }

    internal ulong RoundUp(ulong length) => (length + PageSize - 1) & ~(PageSize - 1);

    internal Verdict UnmapPages(AddressSpace space, ulong start, ulong end)
    {
        var areas = space.Overlapping(start, end);
        if (areas.Length == 0)
        {
            return Verdict.Ok;
        }

        foreach (var area in areas)
        {
            if (area.Has(VmFlags.Sealed))
            {
                return Verdict.Fail(Errno.EPERM, Because("do_vmi_align_munmap", "The area is sealed."));
            }
        }

        if (SplitAt(space, start, end) is { IsOk: false } refused)
        {
            return refused;
        }

        foreach (var area in space.Overlapping(start, end))
        {
            Zap(space, area, area.Start, area.End);
            space.Areas.Remove(area);
            ForgetArea(space, area);
            ReleaseUnnamedFile(area);
        }

        FreeTables(space, start);
        return Verdict.Ok;
    }

    /// <summary>What an area held besides its pages: locked pages, huge page reservations, its anon_vmas.</summary>
    private void ForgetArea(AddressSpace space, Vma area)
    {
        if (area.Has(VmFlags.Locked))
        {
            space.CountLocked(-(long)(area.Length >> PageShift));
        }

        if (area.OwnsReservation)
        {
            ReleaseHugeTlb((int)(area.Length >> PmdShift));
        }

        ReleaseAnon(area);
    }

    /// <summary>__fput of a file that only mappings refer to: with the last of them its pages go.</summary>
    private void ReleaseUnnamedFile(Vma gone)
    {
        if (gone.Inode is not { IsUnnamed: true } inode)
        {
            return;
        }

        foreach (var space in spaces)
        {
            foreach (var area in space.Areas)
            {
                if (area.Inode == inode)
                {
                    return;
                }
            }
        }

        if (inode.Kind == MappingKind.HugeTlb && gone.IsShared)
        {
            ReleaseHugeTlb((int)(inode.Size >> PmdShift));
        }

        Forget(inode);
    }

    private Verdict CheckMapping(AddressSpace space, ulong address, ref ulong length, Prot prot, MapFlags flags, MapFlags type, ref OpenFile? file, ulong offset, out VmFlags vmFlags)
    {
        vmFlags = (VmFlags)((int)prot & 7) | VmFlags.MayRead | VmFlags.MayWrite | VmFlags.MayExec | space.DefaultFlags;
        if ((flags & MapFlags.Locked) != 0)
        {
            vmFlags |= VmFlags.Locked;
        }

        if (file is null && (flags & MapFlags.HugeTlb) != 0)
        {
            // hugetlb_file_setup: the unnamed file behind MAP_HUGETLB.
            length = (length + PmdSize - 1) & ~(PmdSize - 1);
            file = CreateHugeTlbFile((long)length);
            if (type == MapFlags.Shared && !TryReserveHugeTlb((int)(length >> PmdShift)))
            {
                return Verdict.Fail(Errno.ENOMEM, Because("hugetlb_reserve_pages", "The pool cannot promise that many huge pages."));
            }
        }

        if (file is null)
        {
            switch (type)
            {
                case MapFlags.Shared:
                    vmFlags |= VmFlags.Shared | VmFlags.MayShare;
                    return Verdict.Ok;
                case MapFlags.Private:
                    return Verdict.Ok;
                default:
                    return Verdict.Fail(Errno.EINVAL, Because("do_mmap", "Anonymous memory is either shared or private."));
            }
        }

        switch (type)
        {
            case MapFlags.SharedValidate when Policy.MapSyncRule == MapSyncRule.UnknownFlag:
                return Verdict.Fail(Errno.EINVAL, Because("do_mmap", "MAP_SHARED_VALIDATE does not exist yet.", PolicyProperty.MapSyncRule));
            case MapFlags.SharedValidate:
                var allowed = LegacyFlags | (file.Inode.SupportsMapSyncFlag ? MapFlags.Sync : 0);
                if ((flags & ~allowed) != 0)
                {
                    return Verdict.Fail(Errno.EOPNOTSUPP, Because("do_mmap", $"The file does not support {flags & ~allowed}.", PolicyProperty.MapSyncRule));
                }

                goto case MapFlags.Shared;
            case MapFlags.Shared:
                if ((prot & Prot.Write) != 0 && !file.CanWrite)
                {
                    return Verdict.Fail(Errno.EACCES, Because("do_mmap", "A shared writable mapping needs a file that is open for writing."));
                }

                vmFlags |= VmFlags.Shared | VmFlags.MayShare;
                if (!file.CanWrite)
                {
                    vmFlags &= ~(VmFlags.MayWrite | VmFlags.Shared);
                }

                break;
            case MapFlags.Private:
                break;
            default:
                return Verdict.Fail(Errno.EINVAL, Because("do_mmap", "A mapping is either shared or private."));
        }

        if (!file.CanRead)
        {
            return Verdict.Fail(Errno.EACCES, Because("do_mmap", "The file is not open for reading."));
        }

        return CheckFileMapping(address, length, offset, flags, type, file, ref vmFlags);
    }

    /// <summary>The mmap method of the file: what it refuses, and the flags it adds.</summary>
    private Verdict CheckFileMapping(ulong address, ulong length, ulong offset, MapFlags flags, MapFlags type, OpenFile file, ref VmFlags vmFlags)
    {
        var inode = file.Inode;
        switch (inode.Kind)
        {
            case MappingKind.DeviceDax:
                vmFlags |= DaxFlags(inode);
                break;
            case MappingKind.FsDax:
                if (type == MapFlags.SharedValidate && (flags & MapFlags.Sync) != 0 && !inode.AllowsMapSync)
                {
                    return Verdict.Fail(Errno.EOPNOTSUPP, Because("daxdev_mapping_supported", "The DAX device cannot make stores durable by itself.", PolicyProperty.MapSyncRule));
                }

                vmFlags |= DaxFlags(inode);
                break;
            case MappingKind.PageCache when type == MapFlags.SharedValidate && (flags & MapFlags.Sync) != 0:
                return Verdict.Fail(Errno.EOPNOTSUPP, Because("daxdev_mapping_supported", "The file does not use DAX.", PolicyProperty.MapSyncRule));
            case MappingKind.DevMem when CheckDevMem(PageOf(offset), length >> PageShift) is { IsOk: false } refused:
                return refused;
            case MappingKind.DevMem or MappingKind.PciBar:
                vmFlags |= VmFlags.Io | VmFlags.PfnMap | VmFlags.DontExpand | VmFlags.DontDump;
                if (Policy.PfnMapForkTracking != PfnMapForkRule.NotTracked)
                {
                    vmFlags |= VmFlags.ArchPat;
                }

                if (inode.Kind == MappingKind.PciBar)
                {
                    // sysfs is SB_I_NOEXEC.
                    vmFlags &= ~VmFlags.MayExec;
                }

                break;
            case MappingKind.HugeTlb:
                vmFlags |= VmFlags.HugeTlb | VmFlags.DontExpand;
                if (((length | address) & (PmdSize - 1)) != 0)
                {
                    return Verdict.Fail(Errno.EINVAL, Because("hugetlbfs_file_mmap", "Address or length is not a multiple of the huge page size."));
                }

                break;
            case MappingKind.SecretMemory:
                if (type == MapFlags.Private)
                {
                    return Verdict.Fail(Errno.EINVAL, Because("secretmem_mmap", "Secret memory must be mapped shared."));
                }

                vmFlags = (vmFlags | VmFlags.DontDump | (Policy.SecretMemoryLock == SecretMemoryLockRule.Locked ? VmFlags.Locked : 0)) & ~VmFlags.MayExec;
                break;
        }

        if (inode.Kind is MappingKind.PciBar or MappingKind.SecretMemory)
        {
            // path_noexec: sysfs and the filesystem of secret memory are never executable.
            if ((vmFlags & VmFlags.Exec) != 0)
            {
                return Verdict.Fail(Errno.EPERM, Because("do_mmap", "The file lies on a filesystem without executable files."));
            }

            vmFlags &= ~VmFlags.MayExec;
        }

        if (type == MapFlags.SharedValidate && (flags & MapFlags.Sync) != 0)
        {
            vmFlags |= VmFlags.Sync;
        }

        return Verdict.Ok;
    }

    /// <summary>The flags of a DAX area in this era; device-dax marks its areas like the filesystems do.</summary>
    private VmFlags DaxFlags(Inode inode)
    {
        var flags = Policy.DaxAreaFlags switch
        {
            DaxAreaFlagsRule.MixedMap => VmFlags.MixedMap,
            DaxAreaFlagsRule.MixedMapAndHugePage => VmFlags.MixedMap | VmFlags.HugePage,
            _ => VmFlags.HugePage,
        };
        return inode.IsWithoutHugeFaults ? flags & ~VmFlags.HugePage : flags;
    }

    private ulong ChooseAddress(AddressSpace space, ulong hint, ulong length, OpenFile? file)
    {
        var alignment = PageSize;
        if (file is { Inode: { Kind: MappingKind.HugeTlb or MappingKind.DeviceDax, FolioOrder: > 0 } } || (file?.Inode.Kind == MappingKind.FsDax && length >= PmdSize))
        {
            alignment = PmdSize;
        }

        hint = RoundUp(hint);
        if (hint != 0 && hint % alignment == 0 && hint + length <= TaskSize && space.IsFree(hint, hint + length))
        {
            return hint;
        }

        return space.FindFree(length, alignment);
    }

    /// <summary>mmap_region.</summary>
    private Verdict MapRegion(AddressSpace space, ulong address, ulong length, VmFlags vmFlags, OpenFile? file, ulong pageOffset, MapFlags flags)
    {
        var verdict = UnmapPages(space, address, address + length);
        if (!verdict.IsOk)
        {
            return verdict.Errno == Errno.EINVAL && Policy.MmapOver == MmapOverRule.OutOfMemory
                ? Verdict.Fail(Errno.ENOMEM, Because("mmap_region", "What is mapped there cannot be cut.", PolicyProperty.MmapOver))
                : verdict;
        }

        if (!MayAllocate())
        {
            return Verdict.Fail(Errno.ENOMEM, Because("vm_area_alloc", "No memory for an area."));
        }

        if (file?.Inode.DaxRange is { } range)
        {
            // The device's mmap method runs after the old mapping is gone.
            verdict = range.CheckMapping((vmFlags & VmFlags.MayShare) != 0, address, address + length, space.Name, Policy.DeviceDaxMmap == DeviceDaxMmapRule.MmapPrepare ? "dax_mmap_prepare" : "dax_mmap");
            if (!verdict.IsOk)
            {
                return verdict;
            }
        }

        if (file is null)
        {
            pageOffset = (vmFlags & VmFlags.Shared) != 0 ? 0 : address >> PageShift;
            if ((vmFlags & VmFlags.Shared) != 0)
            {
                file = CreateShmemFile((long)length);
            }
        }
        else if ((vmFlags & VmFlags.HugeTlb) != 0)
        {
            var folios = (int)(length >> PmdShift);
            if ((vmFlags & VmFlags.Shared) == 0 && !TryReserveHugeTlb(folios))
            {
                return Verdict.Fail(Errno.ENOMEM, Because("hugetlb_reserve_pages", "The pool cannot promise that many huge pages."));
            }
        }

        if ((vmFlags & (VmFlags.NoReserve | VmFlags.Shared | VmFlags.Write | VmFlags.HugeTlb)) == VmFlags.Write)
        {
            // accountable_mapping: copies on write will need memory of their own.
            vmFlags |= VmFlags.Account;
        }

        var lockable = (vmFlags & VmFlags.Special) == 0 && (vmFlags & VmFlags.HugeTlb) == 0 && file is not { Inode.IsDaxMapping: true };
        if (!lockable)
        {
            vmFlags &= ~(VmFlags.Locked | VmFlags.LockOnFault);
        }

        if (file is not null)
        {
            Register(file.Inode);
        }

        var area = new Vma(Journal, address, address + length, vmFlags, file, pageOffset);
        if (area.Has(VmFlags.HugeTlb) && !area.IsShared)
        {
            area.SetReservation(true);
        }

        space.Insert(area);
        if (area.Has(VmFlags.Locked))
        {
            space.CountLocked((long)(length >> PageShift));
        }

        if (file?.Inode.Kind is MappingKind.DevMem or MappingKind.PciBar)
        {
            RemapPfnRange(space, area);
        }

        // mmap_region: whatever it became part of counts as written.
        area = MergeNeighbours(space, area);
        area.SetFlags(area.Flags & ~VmFlags.SoftClean);
        return Verdict.Ok;
    }

    /// <summary>remap_pfn_range: maps device memory whole, at once, without looking for struct pages.</summary>
    private void RemapPfnRange(AddressSpace space, Vma area)
    {
        var first = PageOf(area.Start);
        var pfn = area.File!.Inode.BasePfn + area.PageOffset;
        var flags = AreaBits(area) | PteFlags.Present | PteFlags.Special | PteFlags.Young | (area.IsShared && area.Has(VmFlags.Write) ? PteFlags.Write | PteFlags.Dirty : 0);
        space.PageTable.Ptes.Set(first, PageOf(area.End), new Pte(first, pfn, flags));
    }

    private OpenFile CreateHugeTlbFile(long size)
    {
        var inode = new Inode(Journal, 0, MappingKind.HugeTlb, Memory) { Name = "anon_hugepage", IsUnnamed = true, FolioOrder = PmdShift - PageShift };
        inode.SetSize(size);
        return new OpenFile(Journal, inode, OpenFlags.ReadWrite) { Path = "/anon_hugepage" };
    }

    /// <summary>shmem_zero_setup: the unnamed file behind shared anonymous memory.</summary>
    private OpenFile CreateShmemFile(long size)
    {
        var inode = new Inode(Journal, 0, MappingKind.Shmem, Memory) { IsUnnamed = true };
        inode.SetSize(size);
        inode.SetLinks(0);
        return new OpenFile(Journal, inode, OpenFlags.ReadWrite) { Path = "/dev/zero" };
    }
}
