namespace DaxSim.Policy;

/// <summary>What changed in the system calls that take references on user memory.</summary>
internal static class ProcessChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("ioremap-prot-310", "3.10", "[x86 and powerpc can ioremap with the protection of a mapping]", p => p with { IoremapProt = IoremapProtRule.Available })
        {
            Effect = "ptrace and /proc/pid/mem reach device memory through the driver's access method.",
            Architectures = [Architecture.X8664, Architecture.Ppc64Cell, Architecture.Ppc64Le],
            Evidence = Evidence.Recorded,
            Source = "old 4.14.177 devmem; gup-fork 7.2",
        },
        new("s390-ioremap-prot", "5.10", "[s390 can ioremap with protection, with PCI]", p => p with { IoremapProt = IoremapProtRule.Available })
        {
            Effect = "ptrace of device memory works on s390 kernels with PCI.",
            Architectures = [Architecture.S390X],
            Evidence = Evidence.Source,
            Source = "gup-fork 7.2 (absent in 4.14, if PCI in 5.10)",
        },
        new("process-vm-pin", "5.6", "mm/process_vm_access: set FOLL_PIN via pin_user_pages_remote()", p => p with { ProcessVmReferences = ProcessVmReferenceRule.Pin })
        {
            Commit = "803e4572d7c5",
            Effect = "process_vm_readv and writev pin the other process's pages.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 pvm_readv pins",
        },
        new("ioremap-ram-warning", "6.1", "[ioremap of RAM warns on the way from ptrace]", p => p with { IoremapOfRam = IoremapOfRamRule.WarnsOnce })
        {
            Effect = "Peeking at a PFNMAP page that was copied on write prints a warning once.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 devmem_private; silent in 5.10, first release in between not known",
        },
        new("direct-io-pin", "6.5", "block: convert bio_map_user_iov and direct I/O to iov_iter_extract_pages", p => p with { DirectIoReferences = DirectIoReferenceRule.Pin })
        {
            Effect = "Direct I/O pins the user's pages, so a fork meanwhile no longer diverts the data.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.1 against 7.2 inflight_fork_parent_write; gup-fork 6.5",
        },
        new("io-uring-pin", "5.6", "fs/io_uring: set FOLL_PIN via pin_user_pages()", p => p with { RingReferences = RingReferenceRule.Pin })
        {
            Commit = "2113b05d039e",
            Effect = "io_uring pins registered buffers with FOLL_PIN.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 iouring_register pins",
        },
        new("io-uring-file-buffers", "6.5", "io_uring/rsrc: Remove unused file-backed buffer test", p => p with { RingFileBuffers = RingFileBufferRule.Allowed })
        {
            Effect = "io_uring registers memory of any file that can be pinned for long.",
            Evidence = Evidence.Recorded,
            Source = "modern.md: refused on 5.10 and 6.1, allowed on 6.12; first release in between not known",
        },
        new("proc-mem-force-config", "6.12", "proc: add config & param to block forcing mem writes", p => p with { ProcMemForce = ProcMemForceRule.ByConfiguration })
        {
            Commit = "41e8149c8892",
            Effect = "A kernel can be configured so that /proc/pid/mem does not override protections.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 procmem_none",
        },
    ];
}
