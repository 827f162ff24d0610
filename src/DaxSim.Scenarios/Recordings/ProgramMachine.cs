using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Scenarios.Recordings;

/// <summary>The machine that every program starts on: three files of four pages, reserved memory without struct pages, one pipe, a source and a destination for direct I/O, and process P0.</summary>
/// <remarks>
/// Page i of <c>pagecache</c> (ext4 on a disk), <c>dax</c> (ext4 with dax on an fsdax namespace) and <c>tmpfs</c> is filled with 0x80+i, 0x90+i and 0xa0+i; of
/// <c>devmem</c> (/dev/mem of the reserved memory, eight pages) with 0xb0+i; of the source with 0xe0+i. A coordinator, which is no part of the program, makes them
/// and does what programs do to each other from outside.
/// </remarks>
internal sealed class ProgramMachine
{
    private const int FilePages = 4;
    private const int DeviceMemoryPages = 8;
    private const long DeviceMemoryStart = 0x3000_0000;
    private const ulong DeviceMemoryWindow = 0x7000_0000_0000;

    private readonly Process first;
    private readonly MachineSnapshot start;
    private readonly Dictionary<string, FileHandle> files = new(StringComparer.Ordinal);
    private Dictionary<string, Process?> processes = new(StringComparer.Ordinal);

    /// <exception cref="ProgramMachineException">This kernel cannot have such a machine.</exception>
    internal ProgramMachine(KernelPolicy kernel)
    {
        Machine = Machine.Build(m => m.Kernel(kernel).Ram("1G").Reserve("128M", "768M").HugePages(16).TransparentHugePages(always: true)
            .Disk("256M", "vda").Pmem("128M", PmemMode.FsDax, name: "pmem0"));
        Coordinator = Machine.Spawn("coordinator");
        var disk = Mount("vda", "/mnt/ext4", "");
        var dax = Mount("pmem0", "/mnt/dax", "dax");
        files["pagecache"] = Filled(Open(disk, "rnd"), 0x80);
        files["dax"] = Filled(Open(dax, "rnd"), 0x90);
        files["tmpfs"] = Filled(Machine.CreateTmpfsFile("rnd"), 0xa0);
        files["devmem"] = Machine.OpenDevMem();
        FillDeviceMemory();
        var source = Filled(Open(disk, "rsrc"), 0xe0);
        BufferedSource = Filled(Machine.CreateTmpfsFile("src"), 0xe0);
        DirectSource = source.Reopen(OpenFlags.ReadOnly | OpenFlags.Direct).Value;
        Destination = Open(disk, "rdst");
        DirectDestination = Destination.Reopen(OpenFlags.ReadWrite | OpenFlags.Direct).Value;
        Require(Destination.WriteBytes(0, new byte[StepOperands.PageSize]));
        Require(Destination.Sync());
        Pipe = Machine.CreatePipe();
        first = Machine.Spawn("P0");
        processes["P0"] = first;
        start = Machine.Snapshot();
    }

    internal Machine Machine { get; }

    internal Process Coordinator { get; }

    internal FileHandle DirectSource { get; }

    internal FileHandle DirectDestination { get; }

    internal FileHandle Destination { get; }

    internal FileHandle BufferedSource { get; }

    internal Pipe Pipe { get; }

    /// <summary>Back to the state before the first step.</summary>
    internal void Restart()
    {
        Machine.Restore(start);
        processes.Clear();
        processes["P0"] = first;
    }

    /// <summary>Makes a step with its decisions recorded, and takes it back.</summary>
    internal Explanation Explain(Func<Verdict> step)
    {
        var labels = new Dictionary<string, Process?>(processes, StringComparer.Ordinal);
        var explanation = Machine.Explain(step);
        processes = labels;
        return explanation;
    }

    /// <summary>The file of that name, or null.</summary>
    internal FileHandle? File(string name) => files.GetValueOrDefault(name);

    /// <summary>Offset 0 of the file's mappings: /dev/mem is mapped from the reserved memory on.</summary>
    internal static long MappingStart(string file) => file == "devmem" ? DeviceMemoryStart : 0;

    /// <summary>A process by its label; null when it does not exist (a refused fork still uses up the label).</summary>
    internal Process? Process(string label) => processes.GetValueOrDefault(label);

    /// <summary>Records what became of a label.</summary>
    internal void SetProcess(string label, Process? process) => processes[label] = process;

    /// <summary>The first byte of a page of the reserved memory.</summary>
    internal Result<byte> DeviceMemoryByte(int page) => Coordinator.ReadByte(DeviceMemoryWindow + ((ulong)page * StepOperands.PageSize));

    private Mount Mount(string device, string path, string options)
    {
        if (Machine.FindDevice(device) is null)
        {
            var refusal = Machine.Refusals.Count > 0 ? $" {Machine.Refusals[0]}" : "";
            throw new ProgramMachineException($"kernel {Machine.Policy.Version} has no device {device}.{refusal}");
        }

        Machine.Format(device, "ext4", 4096);
        var mounted = Machine.Mount($"/dev/{device}", path, "ext4", options);
        return mounted.IsOk ? mounted.Value : throw new ProgramMachineException($"{device} cannot be mounted with '{options}' on kernel {Machine.Policy.Version}: {mounted.Verdict} ({mounted.Verdict.Reason})");
    }

    private static FileHandle Open(Mount mount, string name)
    {
        var opened = mount.Open(name, OpenFlags.ReadWrite | OpenFlags.Create);
        return opened.IsOk ? opened.Value : throw new ProgramMachineException($"{name} cannot be made: {opened.Verdict} ({opened.Verdict.Reason})");
    }

    private static FileHandle Filled(FileHandle file, int firstValue)
    {
        var page = new byte[StepOperands.PageSize];
        for (var i = 0; i < FilePages; i++)
        {
            Array.Fill(page, (byte)(firstValue + i));
            Require(file.WriteBytes(i * (long)StepOperands.PageSize, page));
        }

        Require(file.Sync());
        return file;
    }

    private void FillDeviceMemory()
    {
        Require(Coordinator.Mmap(DeviceMemoryWindow, DeviceMemoryPages * StepOperands.PageSize, Prot.Read | Prot.Write, MapFlags.Shared | MapFlags.Fixed, files["devmem"], DeviceMemoryStart).Verdict);
        var page = new byte[StepOperands.PageSize];
        for (var i = 0; i < DeviceMemoryPages; i++)
        {
            Array.Fill(page, (byte)(0xb0 + i));
            Require(Coordinator.Write(DeviceMemoryWindow + ((ulong)i * StepOperands.PageSize), page));
        }
    }

    private static void Require(Verdict verdict)
    {
        if (!verdict.IsOk)
        {
            throw new ProgramMachineException($"the programs' files cannot be made: {verdict} ({verdict.Reason})");
        }
    }
}

/// <summary>A kernel cannot have the machine that programs run on; the message says why.</summary>
internal sealed class ProgramMachineException(string message) : Exception(message);
