using DaxSim.Conformance.Adapter;
using DaxSim.Outcomes;

namespace DaxSim.Conformance.Programs;

/// <summary>What every program starts with: four files, a source and a destination for direct I/O, one pipe, and process P0.</summary>
/// <remarks>The contents and the order of the calls that made them are those of the recordings' description, "Random traces".</remarks>
internal sealed class ProgramMachine
{
    private const int FilePages = 4;
    private const int DeviceMemoryPages = 8;
    private const long DeviceMemoryStart = 0x3000_0000;
    private const ulong DeviceMemoryWindow = 0x7000_0000_0000;
    private static readonly string[] Paths = ["/mnt/ext4/rnd", "/mnt/dax/rnd", "/tmp/t/rnd"];

    private readonly ISimulatedMachine machine;
    private readonly ISimulatedProcess first;
    private readonly Dictionary<string, ISimulatedFile> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ISimulatedProcess?> processes = new(StringComparer.Ordinal);

    internal ProgramMachine(ISimulatedMachine machine)
    {
        this.machine = machine;
        Coordinator = machine.Spawn("coordinator");
        for (var f = 0; f < Paths.Length; f++)
        {
            var file = machine.Open(Paths[f], create: true);
            Require(file.Truncate(0));
            Fill(file, FilePages, 0x80 + (16 * f));
            Require(file.Sync());
            files[Name(f)] = file;
        }

        files["devmem"] = machine.Open("/dev/mem");
        FillDeviceMemory();
        var source = machine.Open("/mnt/ext4/rsrc", create: true);
        Fill(source, FilePages, 0xe0);
        Require(source.Sync());
        var copied = machine.Open("/tmp/t/src", create: true);
        Fill(copied, FilePages, 0xe0);
        BufferedSource = machine.Open("/tmp/t/src", write: false);
        DirectSource = machine.Open("/mnt/ext4/rsrc", write: false, direct: true);
        DirectDestination = machine.Open("/mnt/ext4/rdst", create: true, direct: true);
        Destination = machine.Open("/mnt/ext4/rdst");
        Require(Destination.Write(new byte[LinuxNumbers.Page], 0).Verdict);
        Require(Destination.Sync());
        Pipe = machine.CreatePipe();
        first = machine.Spawn("P0");
        processes["P0"] = first;
        machine.Mark();
    }

    internal ISimulatedProcess Coordinator { get; }

    internal ISimulatedFile DirectSource { get; }

    internal ISimulatedFile DirectDestination { get; }

    internal ISimulatedFile Destination { get; }

    internal ISimulatedFile BufferedSource { get; }

    internal ISimulatedPipe Pipe { get; }

    /// <summary>Back to the state before the first step.</summary>
    internal void Restart()
    {
        machine.Reset();
        processes.Clear();
        processes["P0"] = first;
    }

    /// <summary>The file of that name, or null.</summary>
    internal ISimulatedFile? File(string name) => files.GetValueOrDefault(name);

    /// <summary>Offset 0 of the file's mappings: /dev/mem is mapped from the reserved region on.</summary>
    internal static long MappingStart(string file) => file == "devmem" ? DeviceMemoryStart : 0;

    /// <summary>A process by its label; null when it does not exist (a refused fork still uses up the label).</summary>
    internal ISimulatedProcess? Process(string label) => processes.GetValueOrDefault(label);

    /// <summary>Records what became of a label.</summary>
    internal void SetProcess(string label, ISimulatedProcess? process) => processes[label] = process;

    /// <summary>The first byte of a page of the reserved region.</summary>
    internal Result<byte> DeviceMemoryByte(int page) => Coordinator.Load(DeviceMemoryWindow + ((ulong)page * LinuxNumbers.Page));

    private static string Name(int file) => file switch { 0 => "pagecache", 1 => "dax", _ => "tmpfs" };

    private static void Fill(ISimulatedFile file, int pages, int first)
    {
        var page = new byte[LinuxNumbers.Page];
        for (var i = 0; i < pages; i++)
        {
            Array.Fill(page, (byte)(first + i));
            Require(file.Write(page, i * (long)LinuxNumbers.Page).Verdict);
        }
    }

    private void FillDeviceMemory()
    {
        var length = DeviceMemoryPages * LinuxNumbers.Page;
        Require(Coordinator.Mmap(DeviceMemoryWindow, length, LinuxNumbers.ReadWrite, LinuxNumbers.MapShared | LinuxNumbers.MapFixed, files["devmem"], DeviceMemoryStart).Verdict);
        var page = new byte[LinuxNumbers.Page];
        for (ulong i = 0; i < DeviceMemoryPages; i++)
        {
            Array.Fill(page, (byte)(0x80 + (16 * 3) + (int)i));
            Require(Coordinator.StoreRange(DeviceMemoryWindow + (i * LinuxNumbers.Page), page));
        }
    }

    private static void Require(Verdict verdict)
    {
        if (!verdict.IsOk)
        {
            throw new SetupException($"the programs' files could not be made: {verdict} {verdict.Reason}");
        }
    }
}
