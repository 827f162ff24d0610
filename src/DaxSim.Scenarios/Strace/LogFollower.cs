using System.Text;
using DaxSim.Outcomes;

namespace DaxSim.Scenarios.Strace;

/// <summary>
/// Reads the records of logs in order and rebuilds what the recorded kernel kept for its processes: who runs in which memory, what
/// the descriptors refer to, where things are mapped. What concerns placed devices becomes steps for the simulated machines.
/// The log's own results are followed, so all of this is the same for every kernel and done once.
/// </summary>
internal sealed partial class LogFollower
{
    private readonly IReadOnlyList<PlacedDevice> places;
    private readonly byte[][] prefixes;
    private readonly Dictionary<int, LogProcess> processes = [];
    private StepBatch batch;
    private int nextSpace = 1;
    private int nextDescription = 1;
    private int log;
    private long line;
    private LogProcess process = null!;
    private string callName = "";
    private int newborn;
    private readonly HashSet<int> attached = [];
    private LogProcess? interrupted;
    private LogProcess? unfinished;

    /// <summary>Follows logs.</summary>
    /// <param name="logs">Their names.</param>
    /// <param name="places">What lies where.</param>
    /// <param name="batch">The first batch to fill.</param>
    internal LogFollower(IReadOnlyList<string> logs, IReadOnlyList<PlacedDevice> places, StepBatch batch)
    {
        this.places = places;
        this.batch = batch;
        Undecided = new UndecidedList(logs);
        prefixes = [.. places.Select(static p => Encoding.UTF8.GetBytes(p.Path)), .. places.Any(static p => LogPaths.IsAt("/usr", p.Path) || LogPaths.IsAt(p.Path, "/usr")) ? (byte[][])["/lib"u8.ToArray(), "/bin"u8.ToArray(), "/sbin"u8.ToArray()] : []];
        slots = new int[places.Count];
        files = [.. places.Select(_ => new Dictionary<string, LogFile>(StringComparer.Ordinal))];
        idle = [.. places.Select(_ => new Queue<int>())];
    }

    internal UndecidedList Undecided { get; }

    /// <summary>Called with a full batch; gives the next to fill by <see cref="Continue"/>.</summary>
    internal Action<StepBatch> Full { get; set; } = static _ => throw new InvalidOperationException("Nobody takes the steps.");

    /// <summary>Calls that were read, whether they concern anything or not.</summary>
    internal long Calls { get; private set; }

    /// <summary>Processes and threads that appeared.</summary>
    internal int ProcessCount { get; private set; }

    internal void Continue(StepBatch next) => batch = next;

    /// <summary>The child that the last line gave birth to, 0 when it did not.</summary>
    internal int TakeNewborn()
    {
        var born = newborn;
        newborn = 0;
        return born;
    }

    /// <summary>Hands on what is left.</summary>
    internal void Finish()
    {
        FinishDump();
        foreach (var left in processes.Values)
        {
            process = left;
            ResolveProgram(null);
        }

        if (batch.Count > 0)
        {
            Full(batch);
        }
    }

    /// <summary>Follows one line. Returns what is wrong with it, or null.</summary>
    /// <param name="record">The line.</param>
    /// <param name="ofLog">The log's number.</param>
    /// <param name="number">The line's number.</param>
    /// <param name="filePid">The process that the whole file is of (-ff); 0 when lines say it or there is only one.</param>
    internal string? Follow(in LogRecord record, int ofLog, long number, int filePid)
    {
        if (dumped is not null && record.Kind != RecordKind.Dump)
        {
            FinishDump();
        }

        (log, line) = (ofLog, number);
        if (record.Attached != 0)
        {
            attached.Add(record.Attached);
        }

        switch (record.Kind)
        {
            case RecordKind.Call:
                Calls++;
                return Call(record, filePid);
            case RecordKind.Unfinished:
                Unfinished(record, filePid);
                return null;
            case RecordKind.Resumed:
                Calls++;
                return Resume(record, filePid);
            case RecordKind.Signal:
                Enter(WhoIs(in record, filePid));
                ExecutedAt(record.Instruction);
                return null;
            case RecordKind.Exit:
                Enter(WhoIs(in record, filePid));
                End(process);
                return null;
            case RecordKind.Frame:
                Frame(record.Rest);
                return null;
            case RecordKind.Dump:
                Dump(record.Rest);
                return null;
            case RecordKind.Garbage:
                return record.Problem;
            default:
                return null;
        }
    }

    private string? Call(in LogRecord record, int filePid)
    {
        var call = LogCalls.Find(record.Name, out var name);
        if (call == LogCall.None && record.Instruction == 0)
        {
            // A call of no interest; but its process must be known to exist, or its first interesting line would be taken for its beginning.
            var pid = WhoIs(in record, filePid);
            if (!IsCurrent(pid))
            {
                Enter(pid);
            }

            return null;
        }

        Enter(WhoIs(in record, filePid), call);
        ExecutedAt(record.Instruction);
        return call == LogCall.None ? null : Complete(call, name!, record.Rest);
    }

    private void Unfinished(in LogRecord record, int filePid)
    {
        var call = LogCalls.Find(record.Name);
        Enter(WhoIs(in record, filePid), call);
        ExecutedAt(record.Instruction);
        interrupted = record.Attached != 0 ? process : interrupted;
        unfinished = process;
        process.PendingCall = call;
        process.PendingName = LogCalls.NameOf(record.Name);
        process.PendingLine = line;
        process.Pending = call == LogCall.None ? [] : record.Rest.ToArray();
        if (call is LogCall.Exit or LogCall.ExitGroup)
        {
            process.Pending = null;
        }
    }

    private string? Resume(in LogRecord record, int filePid)
    {
        if (record.Name.IsEmpty && (interrupted ?? unfinished) is { } whose)
        {
            process = whose;
            interrupted = null;
        }
        else
        {
            Enter(WhoIs(in record, filePid, resumes: true));
        }

        var pending = process.Pending;
        process.Pending = null;
        if (pending is null)
        {
            // The log may begin in the middle, and an exit is never resumed in a way that matters.
            return record.Name.IsEmpty ? LogLineParser.NoLine : LogCalls.Find(record.Name) is LogCall.None or LogCall.Exit or LogCall.ExitGroup ? null : "the beginning of the call is not in the log";
        }

        var name = record.Name.IsEmpty ? process.PendingName : LogCalls.NameOf(record.Name);
        if (name != process.PendingName)
        {
            return $"{name} resumes, but {process.PendingName} was unfinished";
        }

        if (process.PendingCall == LogCall.None)
        {
            return null;
        }

        var whole = new byte[pending.Length + 1 + record.Rest.Length];
        pending.CopyTo(whole, 0);
        whole[pending.Length] = (byte)' ';
        record.Rest.CopyTo(whole.AsSpan(pending.Length + 1));
        return Complete(process.PendingCall, name, whole);
    }

    private string? Complete(LogCall call, string name, ReadOnlySpan<byte> rest)
    {
        callName = name;
        if (call is LogCall.Stat or LogCall.StatAt or LogCall.Statx && !MayTellSize(rest))
        {
            return null;
        }

        if (!LogArguments.TrySplit(rest, out var arguments))
        {
            return "the call ends before its closing parenthesis";
        }

        if (!LogResult.TryRead(arguments.After, out var result))
        {
            return "the call has no result";
        }

        if (arguments.After.IndexOf("(INJECTED)"u8) < 0)
        {
            // What strace itself answers (-e inject), no kernel was asked.
            Dispatch(call, in arguments, in result);
        }

        return null;
    }

    /// <summary>Quickly: a stat that failed, or of a path that lies on no placed device, tells nothing. Most calls of most logs are such.</summary>
    private bool MayTellSize(ReadOnlySpan<byte> rest)
    {
        var quote = rest.IndexOf((byte)'"');
        if (quote < 0)
        {
            return true;
        }

        if (rest.EndsWith(")"u8) && rest.LastIndexOf(") = -1 E"u8) >= 0)
        {
            return false;
        }

        var path = rest[(quote + 1)..];
        if (path.IsEmpty || path[0] != '/')
        {
            return true;
        }

        foreach (var prefix in prefixes)
        {
            if (path.StartsWith(prefix))
            {
                return true;
            }
        }

        return false;
    }

    private void Dispatch(LogCall call, in LogArguments arguments, in LogResult result)
    {
        switch (call)
        {
            case LogCall.Execve or LogCall.ExecveAt or LogCall.Fork or LogCall.Vfork or LogCall.Clone or LogCall.Clone3 or LogCall.Exit or LogCall.ExitGroup or LogCall.Wait or LogCall.Personality:
                FollowProcess(call, arguments, result);
                break;
            case >= LogCall.Open and <= LogCall.Fchdir:
                FollowDescriptors(call, arguments, result);
                break;
            case >= LogCall.Mmap and <= LogCall.Shmdt:
                FollowMemory(call, arguments, result);
                break;
            case >= LogCall.Read and <= LogCall.Lseek:
                FollowTransfer(call, arguments, result);
                break;
            case >= LogCall.Stat and <= LogCall.MkdirAt:
                FollowFile(call, arguments, result);
                break;
            default:
                FollowOther(call, arguments, result);
                break;
        }
    }

    /// <summary>A step of the present call, with what every step has.</summary>
    private Step Begin(StepKind kind, in LogResult result)
    {
        var step = Implied(kind);
        step.IsImplied = false;
        step.Expected = result.IsOk ? (long)result.Value : -1;
        step.ExpectedErrno = result.Errno;
        return step;
    }

    /// <summary>A step that is no call itself.</summary>
    private Step Implied(StepKind kind)
        => new() { Kind = kind, Log = log, Line = line, Pid = process.Pid, Call = callName, Space = process.Space.Id, IsImplied = true, Expected = -1 };

    private void Emit(in Step step)
    {
        batch.Steps[batch.Count++] = step;
        if (batch.IsFull)
        {
            Full(batch);
        }
    }

    private void Unknown(string why, string record) => Undecided.Add(log, line, process.Pid, callName, why, record);
}
