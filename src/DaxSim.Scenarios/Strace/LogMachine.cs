using System.Globalization;
using DaxSim.AddressSpaces;
using DaxSim.Devices;
using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;
using DaxSim.Processes;

namespace DaxSim.Scenarios.Strace;

/// <summary>
/// One simulated machine that takes the steps of the logs. It decides nothing itself: every step is a call of the library, and what
/// comes out is compared with what the log says.
/// </summary>
internal sealed partial class LogMachine
{
    /// <summary>Buffers that one ring can have (IORING_MAX_REG_BUFFERS).</summary>
    internal const int MostRegistered = 16384;

    private const int MostRemarks = 1000;
    private const int MostKernelLines = 200;

    private readonly Machine machine;
    private readonly IReadOnlyList<PlacedDevice> places;
    private readonly IReadOnlyList<string> logs;
    private readonly int mostFindings;
    private readonly Mount?[] mounts;
    private readonly StraceMount[] told;
    private readonly Dictionary<int, Process> processes = [];
    private readonly Dictionary<int, FileHandle> handles = [];
    private readonly Dictionary<int, List<IoRing?>> rings = [];
    private readonly Dictionary<(int Place, int Slot), long> planted = [];
    private readonly Dictionary<(int Place, int Slot), long> sizes = [];
    private readonly List<StraceFinding> findings = [];
    private readonly Dictionary<(string, string), StraceRemark> remarks = [];
    private readonly UndecidedList undecided;
    private readonly FileHandle elsewhere;
    private readonly FileHandle elsewhereDirect;
    private readonly FileHandle program;
    private readonly Pipe pipe;
    private long findingCount;
    private long failureCount;
    private long steps;

    internal LogMachine(KernelPolicy policy, IReadOnlyList<PlacedDevice> places, IReadOnlyList<string> logs, int mostFindings)
    {
        this.places = places;
        this.logs = logs;
        this.mostFindings = mostFindings;
        undecided = new UndecidedList(logs);
        mounts = new Mount?[places.Count];
        told = new StraceMount[places.Count];
        var specs = places.Select(static p => Enlarge(p.Device)).ToArray();
        var refusals = specs.Select(s => RefusalOf(policy, s)).ToArray();
        machine = Machine.Build(m =>
        {
            m.Kernel(policy).Ram("16G");
            for (var i = 0; i < specs.Length; i++)
            {
                if (refusals[i] is null)
                {
                    m.Device(specs[i]);
                }
            }

            m.Device(DeviceSpec.Parse("disk:size=16T"));
        });
        MountPlaces(specs, refusals);
        (elsewhere, elsewhereDirect, program) = MakeElsewhere();
        pipe = machine.CreatePipe();
        ReportMounts();
    }

    internal Machine Machine => machine;

    /// <summary>Takes the steps of a batch.</summary>
    internal void Run(StepBatch batch)
    {
        foreach (ref readonly var step in batch.Steps.AsSpan(0, batch.Count))
        {
            steps++;
            try
            {
                Take(in step);
            }
            catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
            {
                // The library refuses to be used like that; the log goes on, and the report says that this step was not taken.
                undecided.Add(step.Log, step.Line, Pid(in step), step.Call, $"The step could not be simulated: {problem.Message.ReplaceLineEndings(" ")}", "nothing helps; please report it");
            }
        }
    }

    /// <summary>The answer, once all steps are taken.</summary>
    internal StraceAnswer Finish() => new(machine.Policy)
    {
        Mounts = told,
        Findings = findings,
        FindingCount = findingCount,
        FailureCount = failureCount,
        Remarks = [.. remarks.Values],
        Undecided = undecided.Items,
        Steps = steps,
        KernelLog = [.. machine.Log.Entries.Take(MostKernelLines).Select(static e => e.Text.TrimEnd('\n'))],
    };

    private static string NameOf(LogFile file) => string.Create(CultureInfo.InvariantCulture, $"f{file.Slot}");

    private static int Pid(in Step step) => step.Pid == LogFollower.OnlyPid ? 0 : step.Pid;

    /// <summary>Files need room: a device whose size nobody gave gets more of it than is usual.</summary>
    private static DeviceSpec Enlarge(DeviceSpec spec)
    {
        if (spec.On.Count > 0 || spec.Setting("size") is not null || spec.Mode == "MIXED")
        {
            return spec;
        }

        var text = spec.ToString();
        return DeviceSpec.TryRead($"{text}{(text.Contains(':', StringComparison.Ordinal) ? ',' : ':')}size={(spec.Kind == DeviceKind.DcssBlock ? "1G" : "8G")}", out var large, out _) ? large : spec;
    }

    /// <summary>Why this kernel makes no such device; asked of a machine of its own, so that the others keep their names.</summary>
    private static DeviceRefusal? RefusalOf(KernelPolicy policy, DeviceSpec spec)
        => Machine.Build(m => m.Kernel(policy).Ram("1G").Device(spec)).Refusals is [var first, ..] ? first : null;

    private Process? ProcessOf(int space) => processes.TryGetValue(space, out var process) && process.IsAlive ? process : null;

    private void Take(in Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Spawn:
                processes[step.Space] = machine.Spawn("program");
                return;
            case StepKind.Open:
                Open(in step);
                return;
            case StepKind.Close:
                Close(in step);
                return;
            case StepKind.Grow:
                Grow(step.File!, (long)step.Length, in step);
                return;
            case StepKind.Execute:
                Execute(in step);
                return;
            case StepKind.Remove or StepKind.ChangeTree:
                ChangeTree(in step);
                return;
        }

        if (ProcessOf(step.Space) is not { } process)
        {
            return;
        }

        switch (step.Kind)
        {
            case StepKind.Fork:
                Fork(process, in step);
                break;
            case StepKind.Exit:
                process.Exit();
                processes.Remove(step.Space);
                break;
            case StepKind.Map:
                Map(process, in step);
                break;
            case StepKind.Unmap:
                Judge(in step, process.Munmap(step.Address, step.Length), step.Address);
                break;
            case StepKind.Protect:
                Judge(in step, process.Mprotect(step.Address, step.Length, step.Protection), step.Address);
                break;
            case StepKind.Remap:
                Remap(process, in step);
                break;
            case StepKind.Advise:
                Judge(in step, process.Madvise(step.Address, step.Length, (Advice)step.Flags), step.Address);
                break;
            case StepKind.Lock:
                Judge(in step, process.Mlock(step.Address, step.Length, step.Flags != 0), step.Address);
                break;
            case StepKind.Unlock:
                Judge(in step, process.Munlock(step.Address, step.Length), step.Address);
                break;
            case StepKind.LockAll:
                Judge(in step, process.MlockAll((step.Flags & 1) != 0, (step.Flags & 2) != 0), 0);
                break;
            case StepKind.UnlockAll:
                Judge(in step, process.MunlockAll(), 0);
                break;
            case StepKind.MemorySync:
                Judge(in step, process.Msync(step.Address, step.Length, (step.Flags & 4) != 0, (step.Flags & 2) != 0), step.Address);
                break;
            case StepKind.Access:
                Access(process, in step);
                break;
            case StepKind.Truncate or StepKind.Allocate or StepKind.Sync:
                ChangeFile(in step);
                break;
            default:
                TakePages(process, in step);
                break;
        }
    }

    private void Fork(Process parent, in Step step)
    {
        var child = parent.Fork();
        Judge(in step, child.Verdict, 0);
        processes[step.Other] = child.IsOk ? child.Value : machine.Spawn(parent.Name);
    }

    private void Execute(in Step step)
    {
        if (step.Other != 0 || ProcessOf(step.Space) is not { } process)
        {
            process = machine.Spawn("program");
            processes[step.Space] = process;
        }

        var handle = program;
        var name = "program";
        if (step.File is { } file)
        {
            var mount = mounts[file.Place];
            if (mount is not null)
            {
                var size = Math.Max((long)step.Length, 4096);
                if (!Plant(mount, file, size, in step, ProgramImageBytes.Make(LogFollower.ProgramBase, (ulong)size)))
                {
                    return;
                }

                var opened = mount.Open(NameOf(file));
                if (!opened.IsOk)
                {
                    Judge(in step, opened.Verdict, 0);
                    return;
                }

                handle = opened.Value;
                name = file.Path[(file.Path.LastIndexOf('/') + 1)..];
            }
        }

        var entry = process.Execve(handle, name.Length == 0 ? "program" : name.Length > 15 ? name[..15] : name);
        if (!ReferenceEquals(handle, program))
        {
            handle.Close();
        }

        Judge(in step, entry.Verdict, 0);
        if (entry.IsOk)
        {
            var fetched = process.Execute(entry.Value);
            if (step.File is not null)
            {
                Judge(in step, fetched, entry.Value);
            }
        }
        else if (!process.IsAlive)
        {
            processes[step.Space] = machine.Spawn(name);
        }
    }

    private void Map(Process process, in Step step)
    {
        var flags = (MapFlags)step.Flags & ~MapFlags.FixedNoReplace;
        if (step.Description is null)
        {
            process.Mmap(step.Address, step.Length, step.Protection, flags);
            return;
        }

        if (handles.TryGetValue(step.Description.Id, out var handle))
        {
            var mapped = process.Mmap(step.Address, step.Length, step.Protection, flags, handle, step.Offset);
            Judge(in step, mapped.Verdict, step.Address);
            if (mapped.IsOk)
            {
                if (step.ExpectedErrno != Errno.None)
                {
                    process.Munmap(mapped.Value, step.Length);
                }

                return;
            }
        }

        if (step.ExpectedErrno == Errno.None)
        {
            // The program of the log goes on with its mapping: ordinary memory stands for it.
            process.Mmap(step.Address, step.Length, step.Protection, MapFlags.Fixed | MapFlags.Private | MapFlags.Anonymous | MapFlags.NoReserve);
        }
    }

    private void Remap(Process process, in Step step)
    {
        var moved = process.Mremap(step.Address, step.Length, step.Length2, (MremapFlags)step.Flags, step.Address2);
        Judge(in step, moved.Verdict, step.Address);
        if (!moved.IsOk)
        {
            process.Mmap(step.Address2, step.Length2, Prot.Read | Prot.Write, MapFlags.Fixed | MapFlags.Private | MapFlags.Anonymous | MapFlags.NoReserve);
        }
    }

    private void Access(Process process, in Step step)
    {
        var pages = Math.Min((step.Length + 4095) / 4096, 4096);
        for (var i = 0UL; i < pages; i++)
        {
            var address = step.Address + (i << 12);
            var verdict = (step.Protection & Prot.Exec) != 0 ? process.Execute(address) : (step.Protection & Prot.Write) != 0 ? process.Write(address, [0]) : process.ReadByte(address).Verdict;
            if (!verdict.IsOk)
            {
                Judge(in step, verdict, address);
                return;
            }
        }
    }

    private void ChangeFile(in Step step)
    {
        if (step.Description is not { } description || !handles.TryGetValue(description.Id, out var handle))
        {
            return;
        }

        var verdict = step.Kind switch
        {
            StepKind.Truncate => handle.Truncate((long)step.Length),
            StepKind.Allocate => Finish(handle.BeginAllocate((FallocateMode)step.Flags, step.Offset, (long)step.Length)),
            _ => handle.Sync(),
        };
        Judge(in step, verdict, 0);
    }

    private static Verdict Finish(FileOperation operation)
    {
        var verdict = operation.Verdict;
        operation.Interrupt();
        return verdict;
    }
}
