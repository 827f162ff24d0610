namespace DaxSim.Policy;

/// <summary>How the users of get_user_pages hold pages, and how held pages fare.</summary>
internal static class PinChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("shared-force-warning", "3.15", "mm: get_user_pages(write,force) refuse to COW in shared areas", (PolicyProperty.SharedForce, (int)SharedForceRule.WarnsOnce))
        {
            Commit = "cda540ace6a1",
            Effect = "ptrace's POKE to a shared area without PROT_WRITE warns once where mprotect could make it writable.",
            Evidence = Evidence.Recorded,
            Source = "old 3.19.8 ptrace_poke_ro_mapping; release and id from memory",
        },
        new("generic-access-whole", "4.0", "mm/memory.c: actually remap enough memory", (PolicyProperty.GenericAccess, (int)GenericAccessRule.WholeRequest))
        {
            Commit = "9cb12d7b4cca",
            Effect = "A driver's access method maps as much as was asked for, so that /proc/pid/mem reads on past the end of a device memory mapping.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10, 6.1 and 7.2 procmem_read_span of devmem and pcibar; release and id from memory",
        },
        new("shared-force-warning-retired", "4.5", "mm: retire GUP WARN_ON_ONCE that outlived its usefulness", (PolicyProperty.SharedForce, (int)SharedForceRule.Silent))
        {
            Effect = "The warning is gone.",
            Evidence = Evidence.Mail,
            Source = "the patch against 4.5-rc1 on linux-mm; silent in old 4.14.177",
        },
        new("generic-access-within-area", "7.3", "[a driver's access method stops at the end of the area]", (PolicyProperty.GenericAccess, (int)GenericAccessRule.WithinArea))
        {
            Effect = "/proc/pid/mem no longer reads on past the end of a device memory mapping.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2.12 against 7.3.4 procmem_read_span of devmem and pcibar",
        },
        new("hugetlb-early-copy", "5.12", "hugetlb: do early cow when page pinned on src mm", (PolicyProperty.HugeTlbEarlyCopy, (int)HugeTlbEarlyCopyRule.CopiesPinned))
        {
            Commit = "4eae4efa2c29",
            Effect = "fork copies a pinned hugetlb page for the child, as it does with other pinned pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 against 6.1 iouring_fork_parent_write of hugetlb_private; release and id from memory",
        },
        new("video-refuses-dax", "4.15", "mm: fail get_vaddr_frames() for filesystem-dax mappings", (PolicyProperty.VideoBuffer, (int)VideoBufferRule.PagesOrFramesNotDax))
        {
            Commit = "b7f0554a56f2",
            Effect = "V4L2 refuses user buffers in DAX files (EOPNOTSUPP).",
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 7, row 16",
        },
        new("rdma-longterm", "4.15", "IB/core: disable memory registration of filesystem-dax vmas", (PolicyProperty.RdmaMemory, (int)RdmaMemoryRule.LongTermReference))
        {
            Commit = "5f1d43de5416",
            Effect = "RDMA refuses to register DAX files (EOPNOTSUPP).",
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 7, row 15",
        },
        new("vfio-longterm", "4.16", "vfio: disable filesystem-dax page pinning", (PolicyProperty.VfioMemory, (int)VfioMemoryRule.LongTermReference))
        {
            Commit = "94db151dc892",
            Effect = "vfio refuses DAX files (EOPNOTSUPP).",
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 7, row 18; release from memory",
        },
        new("kvm-follows-pfn", "4.8", "KVM: MMU: try to fix up page faults before giving up", (PolicyProperty.KvmDeviceFrame, (int)KvmDeviceFrameRule.FollowsEntry))
        {
            Commit = "add6a0cd1c5b",
            Effect = "KVM takes the frame of device memory from the page table and no longer from the area's offset.",
            Evidence = Evidence.Source,
            Source = "gup-fork 7, row 19",
        },
        new("xdp-umem", "4.18", "xsk: add user memory registration support sockopt", (PolicyProperty.XdpMemory, (int)XdpMemoryRule.Reference))
        {
            Commit = "c0c77d8fb787",
            Effect = "There is AF_XDP, whose packet buffers are user pages.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("xdp-longterm", "5.2", "mm/gup: replace get_user_pages_longterm() with FOLL_LONGTERM", (PolicyProperty.XdpMemory, (int)XdpMemoryRule.LongTermReference))
        {
            Commit = "932f4a630a69",
            Effect = "AF_XDP refuses DAX files (EOPNOTSUPP).",
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 7, row 17",
        },
        new("rdma-pin", "5.6", "IB/{core,hw,umem}: set FOLL_PIN via pin_user_pages*(), fix up ODP", (PolicyProperty.RdmaMemory, (int)RdmaMemoryRule.LongTermPin))
        {
            Commit = "dfa0a4fff11b",
            Effect = "RDMA pins its memory with FOLL_PIN.",
            Evidence = Evidence.CommitMessage,
            Source = "id from memory",
        },
        new("xdp-pin", "5.6", "net/xdp: set FOLL_PIN via pin_user_pages()", (PolicyProperty.XdpMemory, (int)XdpMemoryRule.LongTermPin))
        {
            Commit = "fb48b474c7cd",
            Effect = "AF_XDP pins its memory with FOLL_PIN.",
            Evidence = Evidence.CommitMessage,
            Source = "id from memory",
        },
        new("vfio-pin", "5.7", "vfio, mm: pin_user_pages (FOLL_PIN) and put_user_page() conversion", (PolicyProperty.VfioMemory, (int)VfioMemoryRule.LongTermPin))
        {
            Commit = "19fed0dae9f5",
            Effect = "vfio pins memory with FOLL_PIN.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("vfio-follows-pfn", "5.8", "vfio/type1: Support faulting PFNMAP vmas", (PolicyProperty.VfioDeviceFrame, (int)VfioDeviceFrameRule.FollowsEntry))
        {
            Commit = "41311242221e",
            Effect = "vfio takes the frame of device memory from the page table and faults it in when it is missing.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("video-longterm", "5.12", "mm/frame-vector: Use FOLL_LONGTERM", (PolicyProperty.VideoBuffer, (int)VideoBufferRule.PinsOrFrames))
        {
            Commit = "04769cb1c45e",
            Effect = "V4L2 pins user buffers for long and asks for frame numbers only where that fails.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("video-no-frames", "6.1", "v4l2: don't fall back to follow_pfn() if pin_user_pages_fast() fails", (PolicyProperty.VideoBuffer, (int)VideoBufferRule.PinsOnly))
        {
            Commit = "6647e76ab623",
            Effect = "V4L2 no longer takes device memory (EFAULT).",
            Evidence = Evidence.CommitMessage,
            Source = "gup-fork 7, row 16",
        },
        new("rdma-unforced", "6.2", "RDMA/umem: remove FOLL_FORCE usage", (PolicyProperty.RdmaMemory, (int)RdmaMemoryRule.LongTermPinUnforced))
        {
            Commit = "a9d02b6d7d12",
            Effect = "RDMA no longer asks for write access to memory that the device only reads.",
            Evidence = Evidence.CommitMessage,
            Source = "id from memory",
        },
        new("uprobe-not-dax", "4.17", "ext4, dax: introduce ext4_dax_aops", (PolicyProperty.UprobeFile, (int)UprobeFileRule.NotDax))
        {
            Commit = "5f0663bb4a64",
            Effect = "A uprobe in a DAX file is EIO, because its operations cannot read pages.",
            Evidence = Evidence.Source,
            Source = "gup-fork 7, row 35 (4.14 reaches get_user_pages, 4.19 does not); release and id from memory",
        },
        new("script-line-256", "5.1", "exec: increase BINPRM_BUF_SIZE to 256", (PolicyProperty.ScriptLine, (int)ScriptLineRule.Bytes256))
        {
            Commit = "6eb3c3d0a52d",
            Effect = "The first line of a script may be longer, and an interpreter that does not fit is refused.",
            Evidence = Evidence.CommitMessage,
            Source = "with b5372fe5dc84 of the same release; from memory",
        },
        new("running-text-unprotected", "6.11", "fs: don't block i_writecount during exec", (PolicyProperty.RunningText, (int)RunningTextRule.Unprotected))
        {
            Commit = "2a010c412853",
            Effect = "Running programs can be written and files with writers be run.",
            Evidence = Evidence.CommitMessage,
            Source = "from memory",
        },
        new("running-text-protected-again", "6.13", "Revert fs: don't block i_writecount during exec", (PolicyProperty.RunningText, (int)RunningTextRule.KeptFromWriters))
        {
            Commit = "3b832035387f",
            Effect = "ETXTBSY is back.",
            Backports = [KernelVersion.Parse("6.12.2")],
            Evidence = Evidence.CommitMessage,
            Source = "from memory",
        },
        new("shmem-failure-kept", "5.16", "mm: shmem: don't truncate page if memory failure happens", (PolicyProperty.ShmemFailure, (int)ShmemFailureRule.KeptPoisoned))
        {
            Commit = "a7605426666e",
            Effect = "A poisoned page of a memory file stays in it, so that its loss is noticed.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
    ];
}
