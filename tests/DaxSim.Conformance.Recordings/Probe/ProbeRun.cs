using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Comparison;
using DaxSim.Conformance.Reading;
using DaxSim.Outcomes;
using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Probe;

/// <summary>The probe's process died of a signal, or the answer became unknown.</summary>
internal sealed class ProbeEnd : Exception
{
}

/// <summary>Where a case's mappings come from.</summary>
/// <param name="FilePath">The file that is mapped.</param>
/// <param name="DeviceMemoryStart">The offset of /dev/mem mappings.</param>
/// <param name="ReadOnlyMount">True when the filesystem is mounted read-only: the file is there already, and shared mappings are only readable.</param>
/// <param name="Disk">The block device for direct I/O.</param>
/// <param name="BigEndian">How words are printed.</param>
internal sealed record ProbeCase(string FilePath, long DeviceMemoryStart, bool ReadOnlyMount, string Disk, bool BigEndian);

/// <summary>One observation of the old and s390 probes being replayed: a process with a mapping of four pages.</summary>
internal sealed class ProbeRun
{
    internal const int Pages = 4;
    internal const ulong Length = Pages * Page;
    private const ulong FirstMapping = 0x200_0000_0000;
    private const ulong MappingDistance = 0x1000_0000;

    private ulong next = FirstMapping;
    private ISimulatedFile? descriptor;

    internal ProbeRun(ISimulatedMachine machine, ProbeCase setting, ProbeMapping kind, char state)
    {
        Machine = machine;
        Setting = setting;
        Kind = kind;
        State = state;
        Process = machine.Spawn("probe");
        Prot = setting.ReadOnlyMount && kind == ProbeMapping.Shared ? ProtRead : ReadWrite;
    }

    internal ISimulatedMachine Machine { get; }

    internal ProbeCase Setting { get; }

    internal ProbeMapping Kind { get; }

    /// <summary>u untouched, r read-touched, w written.</summary>
    internal char State { get; }

    internal ISimulatedProcess Process { get; }

    /// <summary>The protection of new mappings.</summary>
    internal int Prot { get; set; }

    internal Answer Answer { get; } = new();

    internal string Value { get; set; } = "";

    internal bool IsOnFile => Kind is ProbeMapping.Shared or ProbeMapping.Private or ProbeMapping.Hole;

    // ---- how it ended ----
    internal void Ok(string value) => Finish("ok", null, value);

    internal void Partial(string value) => Finish("partial", null, value);

    internal void Fail(Errno errno, string value) => Finish("errno", errno == Errno.None ? null : errno.ToString(), value);

    internal void Fail(Verdict verdict, string value)
    {
        Note(verdict);
        Fail(verdict.Errno, value);
    }

    /// <summary>The recorder prints no line for this operation and mapping.</summary>
    internal void Skip()
    {
        Answer.SetUnknown("the recorder has no such line");
        throw new ProbeEnd();
    }

    /// <summary>Ends the run as unknown when a call is; an oops kills the caller.</summary>
    internal void Note(Verdict verdict)
    {
        Answer.Note(verdict);
        if (verdict.Kind == VerdictKind.Unknown)
        {
            throw new ProbeEnd();
        }

        if (verdict.Kind == VerdictKind.Oops)
        {
            Kill(Signal.SIGSEGV);
        }
    }

    /// <summary>The process dies of a signal that it does not catch.</summary>
    internal void Kill(Signal signal)
    {
        Answer.Set("result", "signal").Set("errno", FieldValue.Null).Set("signal", signal.ToString()).Set("value", Value);
        throw new ProbeEnd();
    }

    private void Finish(string result, string? errno, string value)
        => Answer.Set("result", result).Set("errno", errno is null ? FieldValue.Null : FieldValue.OfText(errno)).Set("signal", FieldValue.Null).Set("value", value);

    // ---- the mapping ----

    /// <summary>Fills the file and maps it; anonymous memory is filled through the mapping.</summary>
    internal ulong Map()
    {
        FillFile();
        var at = MapAt(null, 0);
        if (!at.IsOk)
        {
            Fail(at.Verdict, "mmap");
            throw new ProbeEnd();
        }

        if ((Prot & ProtWrite) != 0 && !IsOnFile)
        {
            for (var page = 0; page < Pages; page++)
            {
                Fill(Process, at.Value + ((ulong)page * Page), Page, (byte)('a' + page));
            }
        }

        return at.Value;
    }

    /// <summary>Maps and brings the mapping into the state.</summary>
    internal ulong MapInState() => MapInState(State);

    /// <summary>Maps and brings the mapping into a state.</summary>
    internal ulong MapInState(char state)
    {
        var at = Map();
        Touch(Process, at, state);
        return at;
    }

    /// <summary>Reads each page, or stores W behind its first byte.</summary>
    internal void Touch(ISimulatedProcess process, ulong at, char state)
    {
        for (var page = 0; page < Pages; page++)
        {
            if (state == 'r')
            {
                Load(process, at + ((ulong)page * Page));
            }
            else if (state == 'w')
            {
                Store(process, at + ((ulong)page * Page) + 1, 'W');
            }
        }
    }

    /// <summary>Maps at an address (MAP_FIXED) or at a free one.</summary>
    internal Result<ulong> MapAt(ulong? hint, int extraFlags) => MapAt(Process, hint, extraFlags);

    internal Result<ulong> MapAt(ISimulatedProcess process, ulong? hint, int extraFlags)
    {
        var at = hint ?? Reserve();
        var flags = extraFlags | MapFixed;
        switch (Kind)
        {
            case ProbeMapping.Anonymous:
                return process.Mmap(at, Length, Prot, flags | MapAnonymous | MapPrivate, null, 0);
            case ProbeMapping.AnonymousShared:
                return process.Mmap(at, Length, Prot, flags | MapAnonymous | MapShared, null, 0);
            case ProbeMapping.DeviceMemory:
                descriptor ??= Machine.Open("/dev/mem");
                return process.Mmap(at, Length, Prot, flags | MapShared, descriptor, Setting.DeviceMemoryStart);
            default:
                descriptor ??= Machine.Open(Setting.FilePath, write: !Setting.ReadOnlyMount);
                return process.Mmap(at, Length, Prot, flags | (Kind == ProbeMapping.Private ? MapPrivate : MapShared), descriptor, 0);
        }
    }

    /// <summary>A free address far from the others.</summary>
    internal ulong Reserve()
    {
        var at = next;
        next += MappingDistance;
        return at;
    }

    /// <summary>Writes the file anew, unless the mount is read-only.</summary>
    internal void FillFile()
    {
        if (Setting.ReadOnlyMount || !IsOnFile)
        {
            return;
        }

        var file = Machine.Open(Setting.FilePath, create: true);
        Note(file.Truncate(0));
        if (Kind == ProbeMapping.Hole)
        {
            Note(file.Truncate((long)Length));
            return;
        }

        for (var page = 0; page < Pages; page++)
        {
            Note(file.Write([.. Enumerable.Repeat((byte)('a' + page), (int)Page)], page * (long)Page).Verdict);
        }

        Note(file.Sync());
    }

    /// <summary>A new descriptor for the next mapping.</summary>
    internal void ForgetDescriptor() => descriptor = null;

    // ---- access ----

    /// <summary>The process loads a byte; an uncaught fault kills it.</summary>
    internal byte Load(ulong address) => Load(Process, address);

    internal byte Load(ISimulatedProcess process, ulong address)
    {
        var value = process.Load(address);
        Check(value.Verdict);
        return value.Value;
    }

    /// <summary>The process stores a byte; an uncaught fault kills it.</summary>
    internal void Store(ulong address, char value) => Store(Process, address, value);

    internal void Store(ISimulatedProcess process, ulong address, char value) => Check(process.Store(address, (byte)value));

    internal void Fill(ISimulatedProcess process, ulong address, ulong length, byte value)
    {
        Check(process.StoreRange(address, [.. Enumerable.Repeat(value, (int)length)]));
    }

    private void Check(Verdict verdict)
    {
        Note(verdict);
        if (verdict.Kind == VerdictKind.Signal)
        {
            Kill(verdict.Signal.Signal);
        }
    }

    /// <summary>A page-aligned anonymous buffer of four pages full of m.</summary>
    internal ulong Buffer(byte fill = (byte)'m')
    {
        var at = Process.Mmap(Reserve(), Length, ReadWrite, MapPrivate | MapAnonymous | MapFixed, null, 0);
        Note(at.Verdict);
        Fill(Process, at.Value, Length, fill);
        return at.Value;
    }

    /// <summary>A byte of the file or of /dev/mem as read(2) gives it; negative as the recorder counts failures.</summary>
    internal int FileByte(long offset)
    {
        if (Kind is ProbeMapping.Anonymous or ProbeMapping.AnonymousShared)
        {
            return -1;
        }

        var file = Machine.TryOpen(Kind == ProbeMapping.DeviceMemory ? "/dev/mem" : Setting.FilePath, write: false);
        if (!file.IsOk)
        {
            return -2;
        }

        var bytes = file.Value.Read(1, offset + (Kind == ProbeMapping.DeviceMemory ? Setting.DeviceMemoryStart : 0));
        return bytes is { IsOk: true, Value: [var value] } ? value : -3;
    }

    /// <summary>Forks the probe's process.</summary>
    internal ISimulatedProcess? Fork(string refused = "fork") => Fork(Process, refused);

    internal ISimulatedProcess? Fork(ISimulatedProcess process, string refused)
    {
        var child = process.Fork("probe");
        if (child.IsOk)
        {
            return child.Value;
        }

        Fail(child.Verdict, refused);
        return null;
    }

    /// <summary>1 when pagemap calls the page present.</summary>
    internal int Present(ISimulatedProcess process, ulong address)
    {
        var entry = process.Pagemap(address);
        Note(entry.Verdict);
        return entry.Value.Present ? 1 : 0;
    }

    /// <summary>How many of the four pages are present.</summary>
    internal int CountPresent(ISimulatedProcess process, ulong at) => Enumerable.Range(0, Pages).Sum(page => Present(process, at + ((ulong)page * Page)));

    /// <summary>An error's name as the recorder prints it (it knows fewer names than errno.h).</summary>
    internal static string Name(Verdict verdict) => verdict.Errno.ToString();

    /// <summary>Eight bytes as the recorder prints a long.</summary>
    internal string Word(byte[] bytes) => $"0x{(Setting.BigEndian ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes) : System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes)):x}";
}
