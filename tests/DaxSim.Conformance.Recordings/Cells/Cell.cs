using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>The cell ended before its operation did: a refused fork, or a wait that the recorder's alarm would cut off.</summary>
internal sealed class CellEnd : Exception
{
}

/// <summary>One observation being replayed: a mapping in a state, the process that has it, and the answer as it grows.</summary>
/// <remarks>The conventions (addresses, contents, names of fields) are those of the recordings' description.</remarks>
internal sealed class Cell
{
    /// <summary>Where every mapping is placed; nothing else is near.</summary>
    internal const ulong Base = 0x100_0000_0000;

    /// <summary>Where a moved mapping goes.</summary>
    internal const ulong Elsewhere = Base + 0x1000_0000;

    /// <summary>Where a second mapping of the same file goes.</summary>
    internal const ulong Second = Base + 0x4000_0000;

    internal Cell(ISimulatedMachine machine, MappingDefinition mapping, string state, string operation)
    {
        Operation = operation;
        Machine = machine;
        Mapping = mapping;
        State = state;
        Agent = machine.Spawn("agent");
        Process = mapping.Kind == MappingKind.Special ? ForkOfTheRecorder() : machine.Spawn("cells");
        Length = mapping.Length;
        Address = Base;
    }

    /// <summary>
    /// The kernel's own areas are shared with the recorder, which the cell is a fork of, and with init: every C library reads the header of the vDSO
    /// when a program starts, and the recorder reads the clock.
    /// </summary>
    private ISimulatedProcess ForkOfTheRecorder()
    {
        var init = Machine.SpawnProgram("init");
        var recorder = Machine.SpawnProgram("cells");
        foreach (var process in new[] { init, recorder })
        {
            if (process.FindArea("[vdso]").Value is { } image)
            {
                Note(process.Load(image.Start).Verdict);
            }
        }

        if (recorder.FindArea("[vvar]").Value is { } data)
        {
            Note(recorder.Load(data.Start).Verdict);
        }

        return recorder.Fork("cells").Value;
    }

    internal ISimulatedMachine Machine { get; }

    internal MappingDefinition Mapping { get; }

    internal string State { get; }

    /// <summary>The operation's name.</summary>
    internal string Operation { get; }

    internal Answer Answer { get; } = new();

    /// <summary>The process that has the mapping.</summary>
    internal ISimulatedProcess Process { get; }

    /// <summary>A process that was there before the mapping and does not share it.</summary>
    internal ISimulatedProcess Agent { get; }

    internal ulong Address { get; set; }

    internal ulong Length { get; set; }

    /// <summary>The descriptor that was mapped, or null.</summary>
    internal ISimulatedFile? Descriptor { get; set; }

    /// <summary>True for what pread can look at.</summary>
    internal bool IsFile => Mapping.Kind is MappingKind.File or MappingKind.MemoryFile;

    internal string Path => $"{Mapping.Place}/cellfile";

    /// <summary>The address of page i.</summary>
    internal ulong P(int page) => Address + ((ulong)page * Page);

    // ---- the main outcome ----

    /// <summary>The main outcome is a system call's that returns 0.</summary>
    internal bool Main(Verdict verdict) => Main(verdict.IsOk ? new Result<long>(0) : new Result<long>(verdict));

    /// <summary>The main outcome is a system call's; with <paramref name="wanted"/> a smaller count is "partial".</summary>
    internal bool Main(Result<long> result, long wanted = -1)
    {
        Answer.Note(result.Verdict);
        switch (result.Verdict.Kind)
        {
            case VerdictKind.Ok:
                Answer.Set("result", wanted >= 0 && result.Value < wanted ? "partial" : "ok").Set("ret", result.Value);
                return true;
            case VerdictKind.Errno:
                Answer.Set("result", "errno").Set("errno", Name(result.Verdict.Errno));
                return false;
            case VerdictKind.Blocked:
                Timeout();
                return false;
            default:
                Strange(result.Verdict);
                return false;
        }
    }

    /// <summary>The main outcome is an access by the CPU.</summary>
    internal bool MainAccess(Verdict verdict)
    {
        Answer.Note(verdict);
        switch (verdict.Kind)
        {
            case VerdictKind.Ok:
                Answer.Set("result", "ok");
                return true;
            case VerdictKind.Signal:
                Answer.Set("result", "signal").Set("signal", verdict.Signal.Signal.ToString()).Set("si_code", Code(verdict.Signal.Code));
                return false;
            case VerdictKind.Blocked:
                Timeout();
                return false;
            default:
                Strange(verdict);
                return false;
        }
    }

    /// <summary>The step in which the cell failed before its main call.</summary>
    internal void Step(string step) => Answer.Set("step", step);

    /// <summary>Five seconds pass and the recorder's alarm ends the cell.</summary>
    internal void Timeout()
    {
        Answer.Set("result", "timeout").Set("signal", "SIGALRM").Set("killed", 1);
        throw new CellEnd();
    }

    private void Strange(Verdict verdict)
    {
        if (verdict.Kind == VerdictKind.Unknown)
        {
            Answer.SetUnknown(verdict.Reason?.ToString() ?? "the simulator answers Unknown");
            throw new CellEnd();
        }

        Answer.Set("result", verdict.Kind.ToString());
        throw new CellEnd();
    }

    // ---- secondary fields ----

    /// <summary>A field that shows a system call's outcome.</summary>
    internal void Call(string name, Verdict verdict) => Answer.Set(name, Text(verdict.IsOk ? new Result<long>(0) : new Result<long>(verdict)));

    /// <summary>A field that shows a system call's return value or error.</summary>
    internal void Call(string name, Result<long> result) => Answer.Set(name, Text(result));

    /// <summary>A field that shows a byte that the process loads.</summary>
    internal void Load(string name, ulong address) => Answer.Set(name, LoadText(Process, address));

    /// <summary>A field that shows how a store of the process went.</summary>
    internal void Store(string name, ulong address, char value) => Answer.Set(name, StoreText(Process, address, value));

    /// <summary>A field that shows the first byte of a page of the file, for mappings that have one.</summary>
    internal void FileByte(string name, int page)
    {
        if (IsFile && Descriptor is { } file)
        {
            var bytes = file.Read(1, page * (long)Page);
            Answer.Note(bytes.Verdict);
            Answer.Set(name, !bytes.IsOk ? Name(bytes.Verdict.Errno) : bytes.Value is [var value] ? ByteText(value) : "EOF");
        }
    }

    /// <summary>A field that shows the next byte of a pipe.</summary>
    internal void PipeByte(string name, ISimulatedPipe pipe) => Answer.Set(name, PipeText(pipe));

    internal string PipeText(ISimulatedPipe pipe)
    {
        var bytes = pipe.Read(1);
        Note(bytes.Verdict);
        return !bytes.IsOk ? Name(bytes.Verdict.Errno) : bytes.Value is [var value] ? ByteText(value) : "EOF";
    }

    internal string Text(Result<long> result)
    {
        Note(result.Verdict);
        return result.IsOk ? $"{result.Value}" : Name(result.Verdict.Errno);
    }

    internal string Text(Verdict verdict) => Text(verdict.IsOk ? new Result<long>(0) : new Result<long>(verdict));

    internal string LoadText(ISimulatedProcess process, ulong address)
    {
        var value = process.Load(address);
        Note(value.Verdict);
        return value.IsOk ? ByteText(value.Value) : Fault(value.Verdict);
    }

    internal string StoreText(ISimulatedProcess process, ulong address, char value)
    {
        var verdict = process.Store(address, (byte)value);
        Note(verdict);
        return verdict.IsOk ? "ok" : Fault(verdict);
    }

    /// <summary>A byte as the recorder prints it.</summary>
    internal static string ByteText(byte value) => value is >= (byte)'0' and <= (byte)'z' and not (byte)'\\' ? ((char)value).ToString() : $"0x{value:x2}";

    // ---- processes and files ----

    /// <summary>Forks the process; a refusal is the cell's outcome.</summary>
    internal ISimulatedProcess Fork()
    {
        var child = Process.Fork("cells");
        if (child.IsOk)
        {
            return child.Value;
        }

        Main(child.Verdict);
        Step("fork");
        throw new CellEnd();
    }

    /// <summary>A descriptor of the mapped file that allows writing.</summary>
    internal ISimulatedFile WritableFile() => Mapping.Kind == MappingKind.File ? Machine.Open(Path) : Descriptor!;

    /// <summary>The page-cache file whose pages are full of S, T, U and V.</summary>
    internal ISimulatedFile Source(bool direct = false) => Machine.Open("/mnt/ext4/src", write: false, direct: direct);

    /// <summary>The mapping makes no sense for the operation: the recorder prints no line.</summary>
    internal void Skip()
    {
        Answer.SetUnknown("the recorder has no such cell");
        throw new CellEnd();
    }

    /// <summary>Ends the cell as unknown when a call is.</summary>
    internal void Note(Verdict verdict)
    {
        Answer.Note(verdict);
        if (verdict.Kind == VerdictKind.Unknown)
        {
            throw new CellEnd();
        }
    }

    private static string Fault(Verdict verdict) => verdict.Kind == VerdictKind.Signal ? $"{verdict.Signal.Signal}/{Code(verdict.Signal.Code)}" : verdict.ToString();

    private static string Code(SiCode code) => code switch { SiCode.None => "", SiCode.SI_KERNEL => "SEGV_OTHER", _ => code.ToString() };

    private static string Name(Errno errno) => errno.ToString();
}
