using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Strace;

/// <summary>Processes: who appears how, who runs in whose memory, who ends.</summary>
internal sealed partial class LogFollower
{
    /// <summary>Where a kernel without address randomization puts a program that may lie anywhere (ELF_ET_DYN_BASE of x86_64).</summary>
    internal const ulong ProgramBase = 0x5555_5555_4000;

    /// <summary>The process id that stands for the only one of a log without ids.</summary>
    internal const int OnlyPid = int.MaxValue;

    private bool firstIsNameless;

    private const string FromTheBeginning = "start the program under strace, and follow its children: strace -f";

    private static bool Is(LogCall call) => call is LogCall.Execve or LogCall.ExecveAt;

    private bool IsCurrent(int pid) => process is not null && process.Pid == pid && process.IsSeen;

    /// <summary>
    /// Whose line it is. On a terminal strace leaves the id out while there is only one process: then it is the one that is left, and
    /// the first one's id becomes known only when it has company.
    /// </summary>
    private int WhoIs(in LogRecord record, int filePid, bool resumes = false)
    {
        if (record.Pid == 0)
        {
            return filePid != 0 ? filePid : OnlyOne();
        }

        if (firstIsNameless && !processes.ContainsKey(record.Pid) && !attached.Contains(record.Pid) && processes.TryGetValue(OnlyPid, out var first) && (resumes || first.Pending is null || attached.Count > 0))
        {
            processes.Remove(OnlyPid);
            first.Pid = record.Pid;
            processes[record.Pid] = first;
            firstIsNameless = false;
            foreach (var child in processes.Values)
            {
                child.Parent = child.Parent == OnlyPid ? record.Pid : child.Parent;
            }
        }

        return record.Pid;
    }

    private int OnlyOne()
    {
        if (process is { IsSeen: true, Pid: OnlyPid } || processes.Count == 0)
        {
            return OnlyPid;
        }

        if (processes.ContainsKey(OnlyPid))
        {
            return OnlyPid;
        }

        var left = 0;
        foreach (var candidate in processes.Values)
        {
            if (candidate.IsSeen)
            {
                left = left == 0 || ReferenceEquals(candidate, process) ? candidate.Pid : left;
            }
        }

        return left == 0 ? OnlyPid : left;
    }

    /// <summary>Makes the line's process the present one; one that was never heard of is somebody's child or was there before.</summary>
    private void Enter(int pid, LogCall first = LogCall.None)
    {
        if (process is null || process.Pid != pid)
        {
            if (!processes.TryGetValue(pid, out var found))
            {
                found = Appear(pid, first);
            }

            process = found;
        }

        process.IsSeen = true;
    }

    private LogProcess Appear(int pid, LogCall first)
    {
        // The child's first line may stand before the end of its parent's fork.
        if (!Is(first))
        {
            LogProcess? parent = null;
            foreach (var candidate in processes.Values)
            {
                if (candidate.Pending is not null && candidate.PendingCall is LogCall.Fork or LogCall.Vfork or LogCall.Clone or LogCall.Clone3 && (parent is null || candidate.PendingLine < parent.PendingLine))
                {
                    parent = candidate;
                }
            }

            if (parent is not null)
            {
                var (now, name) = (process, callName);
                process = parent;
                callName = parent.PendingName;
                var child = Born(pid, parent.PendingCall, FlagsOf(parent.PendingCall, parent.Pending));
                parent.EarlyChild = pid;
                (process, callName) = (now, name);
                return child;
            }
        }

        var fresh = new LogProcess { Pid = pid, Space = new LogSpace(nextSpace++), Descriptors = new LogDescriptors(), Directory = new LogProcess.StrongBox() };
        processes[pid] = fresh;
        firstIsNameless |= pid == OnlyPid;
        ProcessCount++;
        process = fresh;
        Emit(Implied(StepKind.Spawn));
        if (!Is(first))
        {
            Undecided.Add(log, line, pid, "", "The process was running before the log begins, so its mappings and descriptors of that time are not in it.", FromTheBeginning);
        }

        return fresh;
    }

    private void FollowProcess(LogCall call, in LogArguments arguments, in LogResult result)
    {
        switch (call)
        {
            case LogCall.Fork or LogCall.Vfork or LogCall.Clone or LogCall.Clone3:
                var isEarly = result.IsOk && result.Value > 0 && result.Value == (ulong)process.EarlyChild;
                process.EarlyChild = 0;
                if (!isEarly && result.IsOk && result.Value is > 0 and <= LogLineParser.LargestPid && !(processes.TryGetValue((int)result.Value, out var known) && known.Parent == process.Pid))
                {
                    var (parent, flags) = (process, call == LogCall.Clone3 ? LogFlags.Clone(LogArguments.Member(arguments[0], "flags"u8)) : FlagsOf(call, arguments));
                    if (known is not null)
                    {
                        // The number is used again.
                        End(known);
                        process = parent;
                    }

                    Born((int)result.Value, call, flags);
                }

                break;
            case LogCall.Execve or LogCall.ExecveAt:
                if (result.IsOk)
                {
                    FollowExecve(call, arguments);
                }

                break;
            case LogCall.Exit or LogCall.ExitGroup:
                break;
            case LogCall.Wait:
                if (result.IsOk && processes.TryGetValue((int)result.Value, out var child) && !child.IsSeen && arguments[1].IndexOf("WIFSTOPPED"u8) < 0 && arguments[1].IndexOf("WIFCONTINUED"u8) < 0)
                {
                    if (!child.IsGuessed && places.Count > 0)
                    {
                        Undecided.Add(log, line, child.Pid, "", "What a child did is not in the log.", "follow the children: strace -f");
                    }

                    End(child);
                }

                break;
            case LogCall.Personality:
                if (result.IsOk && !LogFlags.Is(arguments[0], "", 0xffffffff))
                {
                    process.IsNotRandomized = (LogFlags.Read(arguments[0], [("ADDR_NO_RANDOMIZE", LogFlags.AddressNoRandomize)]) & LogFlags.AddressNoRandomize) != 0;
                }

                break;
        }
    }

    private static ulong FlagsOf(LogCall call, in LogArguments arguments)
    {
        if (call != LogCall.Clone)
        {
            return 0;
        }

        // clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, ...), or raw.
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].StartsWith("flags="u8))
            {
                return LogFlags.Clone(arguments[i]["flags=".Length..]);
            }
        }

        return LogFlags.Clone(arguments[0]);
    }

    private static ulong FlagsOf(LogCall call, ReadOnlySpan<byte> unfinished)
    {
        var at = unfinished.IndexOf("flags="u8);
        if (call is LogCall.Fork or LogCall.Vfork || at < 0)
        {
            return 0;
        }

        var flags = unfinished[(at + "flags=".Length)..];
        var end = flags.IndexOfAny((byte)',', (byte)' ', (byte)')');
        return LogFlags.Clone(end < 0 ? flags : flags[..end]);
    }

    /// <summary>A child of the present process.</summary>
    private LogProcess Born(int pid, LogCall call, ulong flags)
    {
        var parent = process;
        var sharesMemory = call == LogCall.Vfork || (flags & LogFlags.CloneVm) != 0;
        var isThread = (flags & LogFlags.CloneThread) != 0;
        var space = sharesMemory ? parent.Space : parent.Space.Copy(nextSpace++);
        if (sharesMemory)
        {
            space.Users++;
        }
        else
        {
            var step = Implied(StepKind.Fork);
            step.Other = space.Id;
            step.IsImplied = false;
            step.Expected = pid;
            Emit(step);
        }

        var child = new LogProcess
        {
            Pid = pid,
            Parent = parent.Pid,
            Space = space,
            Borrows = sharesMemory && !isThread,
            Descriptors = (flags & LogFlags.CloneFiles) != 0 ? parent.Descriptors : parent.Descriptors.Copy(),
            Directory = (flags & LogFlags.CloneFs) != 0 ? parent.Directory : new LogProcess.StrongBox { Value = parent.Directory.Value },
            IsNotRandomized = parent.IsNotRandomized,
            Arguments = parent.Arguments,
        };
        processes[pid] = child;
        ProcessCount++;
        newborn = pid;
        return child;
    }

    private void FollowExecve(LogCall call, in LogArguments arguments)
    {
        var first = call == LogCall.ExecveAt ? 1 : 0;
        var directory = process.Directory.Value;
        if (call == LogCall.ExecveAt && LogText.TryDescriptor(arguments[0], out var descriptor, out var target))
        {
            directory = PathOf(descriptor, target) ?? directory;
        }

        var path = LogText.TryString(arguments[first], out var text, out var whole) && whole ? LogPaths.Resolve(directory, text) : null;
        ResolveProgram(null);
        if (path is null && text.Length > 0 && whole && places.Count > 0)
        {
            // -y shows the directory in the program's first calls.
            process.RelativeProgram = text;
            process.ExecveLine = line;
        }
        else if (path is null && places.Count > 0)
        {
            Unknown("The program's path is not in the log as a whole; it was taken for a program elsewhere.", "do not record the call raw, and let strace print whole strings: -s 4096");
        }

        path = path is null ? null : ThroughLinks(path);
        process.Arguments = ReadArguments(arguments[first + 1]);
        foreach (var number in process.Descriptors.OnExec())
        {
            CloseDescriptor(number);
        }

        var old = process.Space;
        var shared = old.Users > 1;
        var space = old;
        if (shared)
        {
            old.Users--;
            space = new LogSpace(nextSpace++);
            process.Space = space;
        }
        else
        {
            Forget(old);
        }

        process.Borrows = false;
        space.Break = space.BreakStart = 0;
        space.IsWhole = true;
        Start(space, path, shared);
    }

    /// <summary>Makes a program run in a space.</summary>
    private void Start(LogSpace space, string? path, bool isNew)
    {
        var file = path is null ? null : FindPlaced(path);
        var step = Implied(StepKind.Execute);
        step.IsImplied = false;
        step.Space = space.Id;
        step.Other = isNew ? 1 : 0;
        step.File = file;
        space.Program = file;
        if (file is not null)
        {
            var length = (ulong)(Math.Max(file.Size, 1) + 4095) & ~4095UL;
            step.Length = length;
            step.Address = ProgramBase;
            space.Map(new LogArea(ProgramBase, ProgramBase + length, Prot.Read | Prot.Exec, file, 0, false));
        }

        Emit(step);
    }

    /// <summary>The directory of a program that was started by a relative path is told now, or the program does something that depends on it.</summary>
    private void ResolveProgram(string? directory)
    {
        if (process.RelativeProgram is not { } name)
        {
            return;
        }

        process.RelativeProgram = null;
        if (directory is null || LogPaths.Resolve(directory, name) is not { } path)
        {
            Undecided.Add(log, process.ExecveLine, process.Pid, "execve", $"The program was started as {name}, and from which directory is not in the log; it was taken for a program elsewhere.", $"start it by its whole path, or {WithPaths}");
            return;
        }

        if (FindPlaced(ThroughLinks(path)) is not { } file || process.Space.Find(ProgramBase) is not null)
        {
            return;
        }

        process.Space.Program = file;
        MapPlaced(new LogArea(ProgramBase, ProgramBase + RoundUp((ulong)Math.Max(file.Size, 1)), Prot.Read | Prot.Exec, file, 0, false));
        EmitAccess(ProgramBase, 1, Prot.Exec, "execve");
    }

    private static List<string> ReadArguments(ReadOnlySpan<byte> text)
    {
        var list = new List<string>();
        var words = LogArguments.Inside(text);
        for (var i = 0; i < words.Count && i < LogArguments.Most - 1; i++)
        {
            if (LogText.TryString(words[i], out var word, out var whole) && whole)
            {
                list.Add(word);
            }
        }

        // Further words hide in the last part; the program that a debugger runs usually stands last.
        var rest = text;
        var open = rest.LastIndexOf((byte)'"');
        if (open > 0)
        {
            var before = rest[..open].LastIndexOf((byte)'"');
            if (before >= 0 && LogText.TryString(rest[before..], out var last, out var isWhole) && isWhole && !list.Contains(last))
            {
                list.Add(last);
            }
        }

        return list;
    }

    private void End(LogProcess ended)
    {
        processes.Remove(ended.Pid);
        var now = process;
        process = ended;
        ResolveProgram(null);
        if (!SharesDescriptors(ended))
        {
            foreach (var number in ended.Descriptors.From(0, int.MaxValue))
            {
                CloseDescriptor(number);
            }
        }

        if (--ended.Space.Users == 0)
        {
            Forget(ended.Space);
            Emit(Implied(StepKind.Exit));
        }

        // The next line is of another process, or of a new one with the same number.
        process = ReferenceEquals(now, ended) ? null! : now;
    }

    private bool SharesDescriptors(LogProcess of)
    {
        if (of.Space.Users <= 1 && of.Parent == 0)
        {
            return false;
        }

        foreach (var other in processes.Values)
        {
            if (!ReferenceEquals(other, of) && ReferenceEquals(other.Descriptors, of.Descriptors))
            {
                return true;
            }
        }

        return false;
    }

    private void Forget(LogSpace space)
    {
        var held = new HashSet<LogFile>();
        foreach (var area in space.Areas)
        {
            if (area.File is { } file)
            {
                held.Add(file);
            }
        }

        space.Clear();
        space.Program = null;
        foreach (var file in held)
        {
            Release(file);
        }
    }
}
