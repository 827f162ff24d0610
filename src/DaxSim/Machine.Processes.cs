using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Processes;
using DaxSim.State;

namespace DaxSim;

public sealed partial class Machine
{
    private readonly StateMap<string, Inode> openedDevices;

    internal Journal Journal => journal;

    internal RunningKernel Kernel { get; }

    internal MemoryManager MemoryManager => Kernel.MemoryManager;

    /// <summary>Starts a process with an empty address space (fork and execve of a program that has mapped nothing yet).</summary>
    /// <param name="name">The command name, as kernel messages show it.</param>
    public Process Spawn(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Kernel.Adopt(MemoryManager.CreateSpace(name), name, parent: 1);
    }

    /// <summary>
    /// Starts a process with what execve maps into every program besides its file: on x86-64 the kernel's own areas [vvar] and [vdso], which
    /// <see cref="Process.Maps"/> lists. Nothing of them is faulted in yet.
    /// </summary>
    /// <param name="name">The command name, as kernel messages show it.</param>
    public Process SpawnProgram(string name)
    {
        var process = Spawn(name);
        if (!MemoryManager.MapSpecialAreas(process.Space))
        {
            throw new InvalidOperationException("The machine has no memory left for the pages of the vDSO: give it more RAM.");
        }

        return process;
    }

    /// <summary>Every process that is alive, in order of creation.</summary>
    public IReadOnlyList<Process> Processes => [.. Kernel.Alive];

    /// <summary>pipe(2).</summary>
    public Pipe CreatePipe() => new(Kernel);

    /// <summary>memfd_create(2): a file in memory, of size 0, without a name in any directory, with mode 0777.</summary>
    /// <param name="name">A name for messages.</param>
    public FileHandle CreateMemFd(string name)
    {
        var inode = MemoryManager.CreateInode(MappingKind.Shmem, name);
        inode.SetLinks(0);
        inode.SetExecutable(true);
        return Kernel.Open(inode, OpenFlags.ReadWrite, $"/memfd:{name}");
    }

    /// <summary>open(2) of a new file on tmpfs: in memory like a memfd, but with a name.</summary>
    /// <param name="path">The path, as /proc/pid/maps shows it.</param>
    public FileHandle CreateTmpfsFile(string path) => Kernel.Open(MemoryManager.CreateInode(MappingKind.Shmem, path), OpenFlags.ReadWrite, path);

    /// <summary>/proc/kpageflags and /proc/kpagecount of one page frame; null behind the end of those files.</summary>
    /// <param name="entry">The pagemap entry that names the frame.</param>
    public PageReport? ReportPage(PagemapEntry entry) => MemoryManager.ReportPage(entry.Pfn);

    /// <summary>open(2) of /dev/mem; file offsets are physical addresses.</summary>
    public FileHandle OpenDevMem(OpenFlags flags = OpenFlags.ReadWrite)
    {
        if (!openedDevices.TryGetValue("mem", out var devMem))
        {
            devMem = new Inode(journal, 0, MappingKind.DevMem, Memory) { Name = "mem", DevicePages = 1UL << (52 - Memory.PageShift) };
            openedDevices["mem"] = devMem;
        }

        return Kernel.Open(devMem, flags, "/dev/mem");
    }

    /// <summary>memfd_secret(2): memory that the kernel itself has no mapping of.</summary>
    /// <returns>The file, of size 0; ENOSYS on kernels without the call (before 5.14, or built without SECRETMEM).</returns>
    public Result<FileHandle> CreateSecretMemory()
        => Policy.Config.IsEnabled("SECRETMEM")
            ? Kernel.Open(MemoryManager.CreateInode(MappingKind.SecretMemory, "secretmem"), OpenFlags.ReadWrite, "/secretmem")
            : Verdict.Fail(Errno.ENOSYS, MemoryManager.Because("sys_ni_syscall", "The kernel has no memfd_secret: it was built without SECRETMEM, or is older."));

    /// <summary>open(2) of a block device or a device-dax device below /dev.</summary>
    /// <param name="device">For example <c>/dev/vda</c> or <c>/dev/dax0.0</c>.</param>
    /// <param name="flags">How to open.</param>
    public Result<FileHandle> OpenDevice(string device, OpenFlags flags = OpenFlags.ReadWrite)
    {
        using var call = Call("open", device);
        return call.Of(DoOpenDevice(device, flags));
    }

    private Result<FileHandle> DoOpenDevice(string device, OpenFlags flags)
    {
        ArgumentNullException.ThrowIfNull(device);
        var name = device.StartsWith("/dev/", StringComparison.Ordinal) ? device[5..] : device;
        var (foundDisk, foundRange) = (DeviceTable.Find(name), DeviceTable.FindRange(name));
        if (openedDevices.TryGetValue(name, out var known) && known.BlockDevice == foundDisk && known.DaxRange == foundRange && (known.DaxRange is null || (flags & OpenFlags.Direct) == 0))
        {
            return Kernel.Open(known, flags, $"/dev/{name}");
        }

        if ((flags & OpenFlags.Direct) != 0 && foundRange is not null)
        {
            return Verdict.Fail(Errno.EINVAL, MemoryManager.Because("do_dentry_open", "A device-dax device has no direct I/O."));
        }

        Inode inode;
        if (foundDisk is { } disk)
        {
            inode = new Inode(journal, 0, MappingKind.PageCache, Memory) { Name = name, BlockDevice = disk };
            inode.SetSize(disk.SizeBytes);
        }
        else if (foundRange is { } range)
        {
            var order = System.Numerics.BitOperations.Log2((ulong)range.Align) - Memory.PageShift;
            inode = new Inode(journal, 0, MappingKind.DeviceDax, Memory) { Name = name, DaxRange = range, BasePfn = range.Frames.StartPfn, DevicePages = range.Frames.PageCount, FolioOrder = order, SupportsMapSyncFlag = true };
        }
        else
        {
            return Verdict.Fail(Errno.ENOENT, MemoryManager.Because("path_openat", $"There is no /dev/{name}."));
        }

        openedDevices[name] = inode;
        return Kernel.Open(inode, flags, $"/dev/{name}");
    }

    /// <summary>open(2) of a PCI resource in sysfs: a range of device registers or video memory.</summary>
    /// <param name="region">The name of the memory region (of kind <see cref="Memory.RegionKind.Mmio"/>).</param>
    /// <param name="flags">How to open.</param>
    public Result<FileHandle> OpenPciResource(string region, OpenFlags flags = OpenFlags.ReadWrite)
    {
        var found = Memory.Regions.FirstOrDefault(r => r.Name == region && r.Kind == DaxSim.Memory.RegionKind.Mmio);
        if (found is null)
        {
            return Verdict.Fail(Errno.ENOENT, MemoryManager.Because("path_openat", $"There is no device memory called {region}."));
        }

        var inode = new Inode(journal, 0, MappingKind.PciBar, Memory) { Name = region, BasePfn = found.Start >> Memory.PageShift, DevicePages = found.Length >> Memory.PageShift };
        var parts = region.Split(':', 3);
        var bus = parts.Length == 3 ? $"{parts[0]}:{parts[1]}" : "0000:00";
        return Kernel.Open(inode, flags, $"/sys/devices/pci{bus}/{region}/resource0");
    }

    /// <summary>Lets simulated time pass: rate limits of kernel messages depend on it, nothing else.</summary>
    /// <param name="time">How much, not negative.</param>
    public void PassTime(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        MemoryManager.PassTime(time.TotalSeconds);
    }

    /// <summary>Marks the machine's whole state, to come back to it. Cheap; what it costs is paid by the first change of each piece of state afterwards.</summary>
    public MachineSnapshot Snapshot() => new(this, journal.Mark());

    /// <summary>Brings the machine back to a marked state. Costs what differs.</summary>
    /// <exception cref="ArgumentException">The snapshot is of another machine.</exception>
    public void Restore(MachineSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Machine != this)
        {
            throw new ArgumentException("The snapshot was taken of another machine.", nameof(snapshot));
        }

        journal.Return(snapshot.Version);
        if (Kernel.Recorder is { } recorder)
        {
            recorder.Last = null;
        }
    }

    /// <summary>
    /// Recounts every reference, mapping and pin of the machine and compares with what the struct pages say. Empty when all is well.
    /// </summary>
    public IReadOnlyList<AuditFinding> Audit() => MemoryManager.Audit();


}

/// <summary>A marked state of a machine.</summary>
public sealed class MachineSnapshot
{
    internal MachineSnapshot(Machine machine, Journal.Version version)
    {
        Machine = machine;
        Version = version;
    }

    /// <summary>The machine it was taken of.</summary>
    public Machine Machine { get; }

    internal Journal.Version Version { get; }
}
