using DaxSim.AddressSpaces;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Cells;

/// <summary>A machine on which a process has one page mapped as a <see cref="CellMapping"/> says; operations are tried on it one by one, each on the same state.</summary>
public sealed class CellMachine
{
    private const string DirectDisk = "sdz";
    private const string CacheDisk = "sdy";
    private const string ReservedStart = "128M";

    private string? failedStep;
    private Explanation? failure;
    private bool? usesDax;
    private Reason? mountReason;

    private CellMachine(Machine machine, CellMapping mapping)
    {
        Machine = machine;
        Mapping = mapping;
        machine.Trace = new DecisionTrace();
        Prepare();
        machine.Trace = null;
    }

    /// <summary>The mapping.</summary>
    public CellMapping Mapping { get; }

    /// <summary>The machine, prepared.</summary>
    public Machine Machine { get; }

    /// <summary>The process that has the mapping; null when the preparation failed before it was started.</summary>
    public Process? Process { get; private set; }

    /// <summary>Where the page is mapped.</summary>
    public ulong Address { get; private set; }

    /// <summary>How long the mapping is: a page, or a huge page.</summary>
    public ulong Length { get; private set; }

    /// <summary>Puts the machine together and maps the page.</summary>
    /// <param name="policy">The kernel.</param>
    /// <param name="mapping">The mapping.</param>
    /// <exception cref="InvalidOperationException">The device does not fit into a machine; the message says why.</exception>
    /// <exception cref="ArgumentException">The filesystem cannot be made on the device; the message says why.</exception>
    public static CellMachine Build(KernelPolicy policy, CellMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(mapping);
        var machine = Machine.Build(m =>
        {
            m.Kernel(policy).Disk("1M", DirectDisk);
            switch (mapping.Backing)
            {
                case CellBacking.PageCache:
                    m.Disk("64M", CacheDisk);
                    break;
                case CellBacking.HugeTlb:
                    m.HugePages(8);
                    break;
                case CellBacking.DeviceMemory:
                    m.Reserve("16M", ReservedStart);
                    break;
            }

            if (mapping.Device is { } device)
            {
                m.Device(device);
            }
        });
        return new CellMachine(machine, mapping);
    }

    /// <summary>Answers one cell: a machine of its own, one operation.</summary>
    /// <inheritdoc cref="Build"/>
    public static CellAnswer Ask(KernelPolicy policy, CellMapping mapping, CellOperation operation) => Build(policy, mapping).Try(operation);

    /// <summary>Tries an operation; afterwards the machine is as it was before.</summary>
    public CellAnswer Try(CellOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (failure is not null)
        {
            return new CellAnswer(Mapping, operation, failedStep, usesDax, mountReason, failure, null);
        }

        var run = new CellRun(Machine, Process!, Mapping, Address, Length, DirectDisk);
        var explanation = Machine.Explain(Process!, Address, () => operation.Run(run));
        return new CellAnswer(Mapping, operation, null, usesDax, mountReason, explanation, run.Child);
    }

    private void Prepare()
    {
        var opened = Open(out var step);
        if (!opened.IsOk)
        {
            Fail(step, opened.Verdict);
            return;
        }

        var file = opened.Value;
        Process = Machine.Spawn("cell");
        Length = Mapping.Backing switch
        {
            CellBacking.HugeTlb => 1UL << Machine.Policy.Architecture.PmdShift,
            CellBacking.DeviceDax => (ulong)Math.Max(Mapping.Device!.Size("align") ?? 2 << 20, 1 << Machine.Policy.Architecture.PageShift),
            _ => (ulong)Machine.Policy.Architecture.PageSize,
        };
        var writable = !Mapping.IsShared || file is null || file.File.CanWrite;
        var flags = (Mapping.IsShared ? MapFlags.Shared : MapFlags.Private) | (Mapping.Backing == CellBacking.HugeTlb ? MapFlags.HugeTlb : 0);
        var offset = Mapping.Backing == CellBacking.DeviceMemory ? ByteSize.Parse(ReservedStart) : 0;
        var mapped = Process.Mmap(0, Length, Prot.Read | Prot.Exec | (writable ? Prot.Write : 0), flags, file, offset);
        if (!mapped.IsOk)
        {
            Fail("mmap", mapped.Verdict);
            return;
        }

        Address = mapped.Value;
        var touched = Mapping.State switch
        {
            CellState.Read => Process.ReadByte(Address).Verdict,
            CellState.Written => Process.WriteByte(Address, (byte)'w'),
            _ => Verdict.Ok,
        };
        if (!touched.IsOk)
        {
            Fail("touch", touched);
        }
    }

    private Result<FileHandle?> Open(out string step)
    {
        step = "open";
        switch (Mapping.Backing)
        {
            case CellBacking.Anonymous or CellBacking.HugeTlb:
                return new Result<FileHandle?>((FileHandle?)null);
            case CellBacking.Shmem:
                var memory = Machine.CreateMemFd("cell");
                memory.WriteBytes(0, Content);
                return memory;
            case CellBacking.DeviceMemory:
                return Machine.OpenDevMem();
            case CellBacking.PageCache:
                return OpenOn(CacheDisk, "ext4", "", out step);
            case CellBacking.DeviceDax:
                if (Refused is { } missing)
                {
                    step = "device";
                    return missing;
                }

                return Wrap(Machine.OpenDevice(Machine.Devices[^1].Name));
            default:
                if (Refused is { } refused)
                {
                    step = "device";
                    return refused;
                }

                var device = Mapping.Device!.Kind == DeviceKind.VirtioFs ? "virtiofs0" : Machine.Devices[^1].Name;
                return OpenOn(device, Mapping.FileSystem!, Machine.UsualDaxOptions(device, Mapping.FileSystem!), out step);
        }
    }

    private Verdict? Refused => Machine.Refusals.Count > 0 ? Verdict.Fail(Errno.ENODEV, Machine.Refusals[^1].Reason) : null;

    private byte[] Content
    {
        get
        {
            var bytes = new byte[Machine.Policy.Architecture.PageSize];
            Array.Fill(bytes, (byte)'a');
            return bytes;
        }
    }

    private Result<FileHandle?> OpenOn(string device, string type, string options, out string step)
    {
        step = "mount";
        if (type != "virtiofs")
        {
            Machine.Format(device, type);
        }

        var mounted = Machine.Mount(device, "/mnt", type, options);
        if (!mounted.IsOk)
        {
            return mounted.Verdict;
        }

        step = "open";
        mountReason = Mapping.Backing == CellBacking.File ? mounted.Value.DaxReason : null;
        mounted.Value.PlaceFile("cell", Content);
        usesDax = mounted.Value.UsesDax("cell").Value;
        return Wrap(mounted.Value.Open("cell", mounted.Value.IsReadOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite));
    }

    private static Result<FileHandle?> Wrap(Result<FileHandle> file) => file.IsOk ? file.Value : file.Verdict;

    private void Fail(string step, Verdict verdict)
    {
        failedStep = step;
        var view = step == "touch" && Process is { } process ? process.View(Address) : null;
        failure = new Explanation(verdict, Machine.Trace!.Steps, Machine.Log.Entries.ToArray(), Machine.Log.Taints, view, view, Machine);
    }
}
