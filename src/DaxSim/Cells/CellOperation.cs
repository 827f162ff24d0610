using System.Diagnostics.CodeAnalysis;
using DaxSim.AddressSpaces;
using DaxSim.Outcomes;

namespace DaxSim.Cells;

/// <summary>An operation that can be tried on a mapping.</summary>
public sealed class CellOperation
{
    private CellOperation(string name, string description, Func<CellRun, Verdict> run)
    {
        Name = name;
        Description = description;
        Run = run;
    }

    /// <summary>The name, for example <c>gup-read</c>.</summary>
    public string Name { get; }

    /// <summary>What it does, in a few words.</summary>
    public string Description { get; }

    internal Func<CellRun, Verdict> Run { get; }

    /// <summary>Every operation: the CPU's accesses, fork, get_user_pages, then system calls.</summary>
    public static IReadOnlyList<CellOperation> All { get; } =
    [
        new("load", "a load by the CPU", r => r.Process.ReadByte(r.Address).Verdict),
        new("store", "a store by the CPU", r => r.Process.WriteByte(r.Address, (byte)'s')),
        new("exec", "an instruction fetch by the CPU", r => r.Process.Execute(r.Address)),
        new("fork", "fork(2) of the process", r => r.Fork(null)),
        new("fork-child-load", "fork(2), then a load by the child", r => r.Fork(c => c.ReadByte(r.Address).Verdict)),
        new("fork-child-store", "fork(2), then a store by the child", r => r.Fork(c => c.WriteByte(r.Address, (byte)'c'))),
        new("gup-read", "get_user_pages for reading", r => r.Take(pin: false, fast: false, write: false)),
        new("gup-write", "get_user_pages for writing", r => r.Take(pin: false, fast: false, write: true)),
        new("gup-fast-read", "get_user_pages_fast for reading", r => r.Take(pin: false, fast: true, write: false)),
        new("gup-fast-write", "get_user_pages_fast for writing", r => r.Take(pin: false, fast: true, write: true)),
        new("pin-read", "pin_user_pages for reading (get_user_pages where there is no pin)", r => r.Take(pin: true, fast: false, write: false)),
        new("pin-write", "pin_user_pages for writing (get_user_pages where there is no pin)", r => r.Take(pin: true, fast: false, write: true)),
        new("pin-fast-read", "pin_user_pages_fast for reading", r => r.Take(pin: true, fast: true, write: false)),
        new("pin-fast-write", "pin_user_pages_fast for writing", r => r.Take(pin: true, fast: true, write: true)),
        new("longterm-read", "a long-term pin for reading (RDMA)", r => r.Take(pin: true, fast: false, write: false, longTerm: true)),
        new("longterm-write", "a long-term pin for writing (RDMA)", r => r.Take(pin: true, fast: false, write: true, longTerm: true)),
        new("odirect-read", "read(2) of a disk with O_DIRECT into the page", r => r.Process.Pread(r.Disk(direct: true), r.Address, r.PageSize, 0).Verdict),
        new("odirect-write", "write(2) to a disk with O_DIRECT from the page", r => r.Process.Pwrite(r.Disk(direct: true), r.Address, r.PageSize, 0).Verdict),
        new("buffered-read", "read(2) of a disk into the page, copied", r => r.Process.Pread(r.Disk(direct: false), r.Address, r.PageSize, 0).Verdict),
        new("buffered-write", "write(2) to a disk from the page, copied", r => r.Process.Pwrite(r.Disk(direct: false), r.Address, r.PageSize, 0).Verdict),
        new("ptrace-peek", "PTRACE_PEEKDATA by a debugger", r => r.Other().PtracePeek(r.Process, r.Address).Verdict),
        new("ptrace-poke", "PTRACE_POKEDATA by a debugger", r => r.Other().PtracePoke(r.Process, r.Address, 0x5a5a5a5a5a5a5a5a)),
        new("proc-mem-read", "read(2) of /proc/pid/mem", r => r.Other().ProcMemRead(r.Process, r.Address, new byte[8]).Verdict),
        new("proc-mem-write", "write(2) to /proc/pid/mem", r => r.Other().ProcMemWrite(r.Process, r.Address, new byte[8]).Verdict),
        new("process-vm-read", "process_vm_readv(2) by another process", r => r.Other().ProcessVmReadv(r.Process, r.Address, new byte[8]).Verdict),
        new("process-vm-write", "process_vm_writev(2) by another process", r => r.Other().ProcessVmWritev(r.Process, r.Address, new byte[8]).Verdict),
        new("vmsplice", "vmsplice(2) of the page into a pipe", r => r.Process.Vmsplice(r.Machine.CreatePipe(), r.Address, 64).Verdict),
        new("futex-shared", "FUTEX_WAIT on a shared futex in the page", r => r.Futex(shared: true)),
        new("futex-private", "FUTEX_WAIT on a private futex in the page", r => r.Futex(shared: false)),
        new("mlock", "mlock(2)", r => r.Populate("populate_vma_page_range", r.Process.Mlock(r.Address, r.Length))),
        new("populate-read", "MADV_POPULATE_READ", r => r.Populate("madvise_populate", r.Process.Madvise(r.Address, r.Length, Advice.PopulateRead))),
        new("populate-write", "MADV_POPULATE_WRITE", r => r.Populate("madvise_populate", r.Process.Madvise(r.Address, r.Length, Advice.PopulateWrite))),
        new("io-uring-register", "IORING_REGISTER_BUFFERS with the page", r => r.Process.CreateRing().RegisterBuffer(r.Address, r.PageSize)),
        new("send-zerocopy", "send(2) with MSG_ZEROCOPY from the page", r => r.Process.SendZeroCopy(r.Address, new byte[64]).Verdict),
        new("move-pages", "move_pages(2) of the page", r => r.MovePages(move: true)),
        new("userfaultfd-register", "UFFDIO_REGISTER for missing pages", r => r.Say(r.Process.RegisterUserfault(r.Address, r.Length, UserfaultMode.Missing), "userfaultfd_register", "The area is of a kind whose missing pages user space may supply.")),
        new("madv-dontneed", "MADV_DONTNEED", r => r.Advise(Advice.DontNeed)),
        new("madv-free", "MADV_FREE", r => r.Say(r.Advise(Advice.Free), "madvise_free_pte_range", "The anonymous page may be dropped when memory is short.")),
        new("madv-hwpoison", "MADV_HWPOISON", r => r.Say(r.Advise(Advice.HwPoison), "memory_failure", "get_user_pages found the page, which is now marked as poisoned.")),
        new("madv-soft-offline", "MADV_SOFT_OFFLINE", r => r.Say(r.Advise(Advice.SoftOffline), "soft_offline_page", "get_user_pages found the page, whose content was moved to another one.")),
        new("mprotect", "mprotect(2) to read-only", r => r.Say(r.Process.Mprotect(r.Address, r.Length, Prot.Read), "change_protection", "The permission of area and entry changes: no struct page is needed.")),
        new("mremap", "mremap(2) to another place", r => r.Say(r.Process.Mremap(r.Address, r.Length, r.Length, MremapFlags.MayMove | MremapFlags.Fixed, r.Address - (4 * r.Length)).Verdict, "move_page_tables", "The entry moves as it is: no struct page is needed.")),
        new("msync", "msync(2) with MS_SYNC", r => r.Say(r.Process.Msync(r.Address, r.Length), "msync", "The file is synced, if there is one; the file knows what is dirty, not the struct pages of the mapping.")),
        new("mincore", "mincore(2)", r => r.Mincore()),
        new("pagemap", "read(2) of /proc/pid/pagemap", r => r.Pagemap()),
        new("munmap", "munmap(2)", r => r.Munmap()),
        new("exit", "exit(2) of the process", r => r.Exit()),
    ];

    /// <summary>The operations that the matrix shows unless others are asked for: accesses, fork, references and pins.</summary>
    public static IReadOnlyList<CellOperation> Basic { get; } = [.. All.TakeWhile(o => o.Name != "odirect-read").Where(o => !o.Name.StartsWith("pin-fast", StringComparison.Ordinal))];

    /// <summary>Finds an operation.</summary>
    /// <param name="name">For example <c>gup-read</c>.</param>
    /// <exception cref="FormatException">There is none of that name; the message says which there are.</exception>
    public static CellOperation Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryRead(name, out var operation, out var problem) ? operation : throw new FormatException(problem);
    }

    /// <summary>Finds an operation without throwing; on failure <paramref name="problem"/> is one line that says what is wrong.</summary>
    public static bool TryRead(string name, [NotNullWhen(true)] out CellOperation? operation, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(name);
        operation = All.FirstOrDefault(o => o.Name == name);
        problem = operation is null ? $"'{name}' is no operation.{Spelling.DidYouMean(name, All.Select(o => o.Name))} Choose one of {string.Join(", ", All.Select(o => o.Name))}." : null;
        return operation is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
