using DaxSim.AddressSpaces;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Testing;

/// <summary>A machine with one process and something to map: what most tests of fork and get_user_pages begin with. See <see cref="Machines"/>.</summary>
/// <remarks>Its machine records decisions (<see cref="DaxSim.Machine.RecordsDecisions"/>), so that a failed expectation can say why.</remarks>
public class ReadyMachine
{
    private FileHandle? file;

    internal ReadyMachine(Machine machine, FileHandle? file)
    {
        Machine = machine;
        this.file = file;
        Process = machine.Spawn("sh");
    }

    /// <summary>The machine.</summary>
    public Machine Machine { get; }

    /// <summary>A process that has mapped nothing yet. <see cref="DaxSim.Machine.Spawn"/> starts more.</summary>
    public Process Process { get; }

    /// <summary>The kernel that the machine runs.</summary>
    public KernelPolicy Kernel => Machine.Policy;

    /// <summary>PAGE_SIZE in bytes: 4096, or 65536 on powerpc.</summary>
    public ulong PageSize => (ulong)Kernel.Architecture.PageSize;

    /// <summary>True when there is a file or device to map; false for <see cref="Machines.Anonymous(string)"/>.</summary>
    public bool HasFile => file is not null;

    /// <summary>The open file or device.</summary>
    /// <exception cref="InvalidOperationException">The machine was made for anonymous memory and has none.</exception>
    public FileHandle File => file ?? throw new InvalidOperationException("This machine has no file: it was made for anonymous memory. Use Machines.PageCache or Machines.Pmem for one with a file.");

    /// <summary>Where a mapping of the file has to begin, in bytes: 0, but the physical address for <see cref="Machines.DeviceMemory(string)"/>.</summary>
    public long FileOffset { get; internal init; }

    /// <summary>mmap(2) by <see cref="Process"/> of the first bytes of <see cref="File"/>, or of anonymous memory where there is no file.</summary>
    /// <param name="flags"><see cref="MapFlags.Private"/> or <see cref="MapFlags.Shared"/>, with any others.</param>
    /// <param name="protection">PROT_*.</param>
    /// <param name="pages">How many pages; for device-dax of 2 MiB, how many of those.</param>
    /// <returns>The address.</returns>
    /// <exception cref="InvalidOperationException">The mapping fails; the message tells the errno and why. To expect a failure call <see cref="DaxSim.Processes.Process.Mmap"/>.</exception>
    public ulong Map(MapFlags flags = MapFlags.Private, Prot protection = Prot.Read | Prot.Write, int pages = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pages);
        var mapped = Process.Mmap(0, (ulong)pages * MappingUnit, protection, flags, file, FileOffset);
        return mapped.IsOk ? mapped.Value : throw new InvalidOperationException($"mmap fails on this machine.\n{Explanation.Report(mapped.Verdict)}");
    }

    /// <summary>Maps one page with <see cref="Map"/> and loads from it or stores to it, so that there is a page table entry.</summary>
    /// <param name="flags"><see cref="MapFlags.Private"/> or <see cref="MapFlags.Shared"/>.</param>
    /// <param name="write">Store rather than load; on a private mapping that makes a copy of its own.</param>
    /// <returns>The address.</returns>
    /// <exception cref="InvalidOperationException">The mapping or the access fails; the message tells why.</exception>
    public ulong MapAndTouch(MapFlags flags = MapFlags.Private, bool write = false)
    {
        var address = Map(flags, write || (HasFile && file!.CanWrite) || !HasFile || (flags & (MapFlags)3) == MapFlags.Private ? Prot.Read | Prot.Write : Prot.Read);
        var touched = write ? Process.WriteByte(address, 1) : Process.ReadByte(address).Verdict;
        return touched.IsOk ? address : throw new InvalidOperationException($"The access fails on this machine.\n{Explanation.Report(touched)}");
    }

    /// <summary>The process that fork(2) makes of <see cref="Process"/>.</summary>
    /// <exception cref="InvalidOperationException">fork fails; the message tells why.</exception>
    public Process Fork()
    {
        var child = Process.Fork();
        return child.IsOk ? child.Value : throw new InvalidOperationException($"fork fails on this machine.\n{Explanation.Report(child.Verdict)}");
    }

    /// <summary>The parts, for <c>var (machine, process) = Machines.Anonymous("6.1");</c>.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="process">Its process.</param>
    public void Deconstruct(out Machine machine, out Process process) => (machine, process) = (Machine, Process);

    /// <summary>The size of the smallest mapping: a page, or the alignment of a device-dax device.</summary>
    internal ulong MappingUnit { get => field == 0 ? PageSize : field; init; }
}

/// <summary>A <see cref="ReadyMachine"/> with a mounted filesystem.</summary>
public sealed class MountedMachine : ReadyMachine
{
    internal MountedMachine(Machine machine, Mount mount, FileHandle file)
        : base(machine, file)
    {
        Mount = mount;
    }

    /// <summary>The filesystem that <see cref="ReadyMachine.File"/> lies on.</summary>
    public Mount Mount { get; }

    /// <summary>The device below the filesystem, for example <c>/dev/pmem0</c>.</summary>
    public string Device => Mount.Source;

    /// <summary>The parts, for <c>var (machine, mount, process) = Machines.Pmem("6.1");</c>.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="mount">The mounted filesystem.</param>
    /// <param name="process">The machine's process.</param>
    public void Deconstruct(out Machine machine, out Mount mount, out Process process) => (machine, mount, process) = (Machine, Mount, Process);
}
