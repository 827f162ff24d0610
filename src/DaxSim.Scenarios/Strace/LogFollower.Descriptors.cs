using System.Text;

namespace DaxSim.Scenarios.Strace;

/// <summary>Descriptors, paths and the files of placed devices.</summary>
internal sealed partial class LogFollower
{
    /// <summary>Placed files that are remembered although nobody uses them.</summary>
    private const int IdleFiles = 4096;

    private const string WithPaths = "let strace print paths: strace -y";

    private readonly Dictionary<string, LogFile>[] files;
    private readonly Queue<int>[] idle;
    private readonly int[] slots;
    private int onlyProcess;

    private void FollowDescriptors(LogCall call, in LogArguments arguments, in LogResult result)
    {
        switch (call)
        {
            case LogCall.Open or LogCall.Creat or LogCall.OpenAt or LogCall.OpenAt2:
                FollowOpen(call, arguments, result);
                break;
            case LogCall.Close:
                // Whatever close says, the descriptor is gone, unless there was none.
                if (LogText.TryDescriptor(arguments[0], out var closed, out _) && !result.ErrnoName.SequenceEqual("EBADF"u8))
                {
                    CloseDescriptor(closed);
                }

                break;
            case LogCall.CloseRange:
                if (result.IsOk && LogText.TryNumber(arguments[0], out var first) && LogText.TryNumber(arguments[1], out var last) && first <= int.MaxValue)
                {
                    var onlyMark = arguments[2].IndexOf("CLOEXEC"u8) >= 0;
                    foreach (var number in process.Descriptors.From((int)first, (int)Math.Min(last, int.MaxValue)))
                    {
                        if (onlyMark)
                        {
                            process.Descriptors.SetCloseOnExec(number, true);
                        }
                        else
                        {
                            CloseDescriptor(number);
                        }
                    }
                }

                break;
            case LogCall.Dup or LogCall.Dup2 or LogCall.Dup3:
                if (result.IsOk && LogText.TryDescriptor(arguments[0], out var from, out var target))
                {
                    Duplicate(from, target, (int)result.Value, call == LogCall.Dup3 && arguments[2].IndexOf("O_CLOEXEC"u8) >= 0);
                }

                break;
            case LogCall.Fcntl:
                FollowFcntl(arguments, result);
                break;
            case LogCall.Pipe or LogCall.SocketPair:
                FollowPair(call, call == LogCall.Pipe ? arguments[0] : arguments[3], arguments, result);
                break;
            case LogCall.Socket:
                if (result.IsOk)
                {
                    Install((int)result.Value, Make(LogTarget.Stream, 2), HasCloseOnExec(arguments));
                }

                break;
            case LogCall.MemfdCreate or LogCall.MemfdSecret:
                if (result.IsOk)
                {
                    Install((int)result.Value, Make(LogTarget.Memory, 2), HasCloseOnExec(arguments));
                }

                break;
            case LogCall.Chdir:
                ResolveProgram(null);
                if (result.IsOk && LogText.TryString(arguments[0], out var directory, out var whole))
                {
                    process.Directory.Value = whole ? LogPaths.Resolve(process.Directory.Value, directory) : null;
                }

                break;
            case LogCall.Fchdir:
                ResolveProgram(null);
                if (result.IsOk && LogText.TryDescriptor(arguments[0], out var to, out var path))
                {
                    process.Directory.Value = PathOf(to, path);
                }

                break;
        }
    }

    private void FollowOpen(LogCall call, in LogArguments arguments, in LogResult result)
    {
        var first = call is LogCall.OpenAt or LogCall.OpenAt2 ? 1 : 0;
        var flags = call switch
        {
            LogCall.Creat => 1 | LogFlags.OpenCreate | LogFlags.OpenTruncate,
            LogCall.OpenAt2 => LogFlags.Open(LogArguments.Member(arguments[2], "flags"u8)),
            _ => LogFlags.Open(arguments[first + 1]),
        };
        var directory = process.Directory.Value;
        if (first == 1 && LogText.TryDescriptor(arguments[0], out var at, out var target))
        {
            directory = PathOf(at, target) ?? directory;
            if (at == -100 && !target.IsEmpty)
            {
                process.Directory.Value ??= directory;
                ResolveProgram(directory);
            }
        }

        var path = LogText.TryString(arguments[first], out var text, out var whole) && whole ? LogPaths.Resolve(directory, text) : null;
        if (!result.IsOk)
        {
            return;
        }

        if (!result.Target.IsEmpty && PathIn(result.Target) is { } told)
        {
            if (path is not null)
            {
                LearnOwnId(path, told);
            }

            path = told;
        }
        else if (path is not null)
        {
            path = ThroughLinks(path);
        }

        if (path is null && whole && text.Length > 0 && places.Count > 0)
        {
            Unknown("The path that was opened is relative, and from which directory is not in the log; it was taken for one elsewhere.", WithPaths);
            Install((int)result.Value, Make(LogTarget.Elsewhere, flags), (flags & LogFlags.OpenCloseOnExec) != 0);
            return;
        }

        OpenAt((int)result.Value, path, flags, in result);
    }

    private void OpenAt(int descriptor, string? path, int flags, in LogResult result)
    {
        var description = Describe(path, flags);
        Install(descriptor, description, (flags & LogFlags.OpenCloseOnExec) != 0);
        if (description.Target == LogTarget.Placed)
        {
            var step = Begin(StepKind.Open, in result);
            step.Description = description;
            step.File = description.File;
            step.Flags = flags;
            step.Length = (ulong)Math.Max(0, description.File!.Size);
            Emit(step);
            if ((flags & LogFlags.OpenTruncate) != 0)
            {
                description.File.Size = 0;
            }
        }
        else if (path is null && places.Count > 0)
        {
            Unknown("The path that was opened is not in the log as a whole, so whether the file lies on a placed device is not known; it was taken for one elsewhere.", $"{WithPaths} -s 4096");
        }
    }

    /// <summary>A description for a path.</summary>
    private LogDescription Describe(string? path, int flags)
    {
        if (path is null)
        {
            return Make(LogTarget.Elsewhere, flags);
        }

        if (ProcessOf(path, "/mem") is var of and > 0)
        {
            return new LogDescription { Id = nextDescription++, Target = LogTarget.ProcessMemory, Process = of, Flags = flags, Path = path };
        }

        if ((ProcessOf(path, "/maps") is > 0 and var listed ? listed : ProcessOf(path, "/smaps")) is var mapped and > 0)
        {
            return new LogDescription { Id = nextDescription++, Target = LogTarget.ProcessMaps, Process = mapped, Flags = flags, Path = path };
        }

        var file = (flags & (LogFlags.OpenDirectory | LogFlags.OpenPath)) != 0 ? null : FindPlaced(path);
        if (file is not null)
        {
            file.Users++;
        }

        return new LogDescription { Id = nextDescription++, Target = file is null ? path.StartsWith("/dev/shm/", StringComparison.Ordinal) ? LogTarget.Memory : LogTarget.Elsewhere : LogTarget.Placed, File = file, Flags = flags, Path = path };
    }

    private LogDescription Make(LogTarget target, int flags) => new() { Id = nextDescription++, Target = target, Flags = flags };

    /// <summary>Of <c>/proc/12/task/12/mem</c>, 12; of <c>/proc/self/mem</c>, the present process.</summary>
    private int ProcessOf(string path, string end)
    {
        if (!path.StartsWith("/proc/", StringComparison.Ordinal) || !path.EndsWith(end, StringComparison.Ordinal))
        {
            return 0;
        }

        var parts = path.Split('/');
        var word = parts.Length is 4 ? parts[2] : parts.Length == 6 && parts[3] == "task" ? parts[4] : "";
        return word is "self" or "thread-self" ? process.Pid
            : !LogText.TryPid(Encoding.ASCII.GetBytes(word), out var pid) ? 0
            : pid == onlyProcess ? OnlyPid
            : pid;
    }

    /// <summary>In a log without ids, <c>"/proc/self/x" ... = 3&lt;/proc/12/x&gt;</c> tells the id.</summary>
    private void LearnOwnId(string path, string told)
    {
        if (process.Pid == OnlyPid && path.StartsWith("/proc/self/", StringComparison.Ordinal) && told.Split('/') is [_, "proc", var word, ..] && LogText.TryPid(Encoding.ASCII.GetBytes(word), out var pid))
        {
            onlyProcess = pid;
        }
    }

    private LogFile? FindPlaced(string path)
    {
        var best = -1;
        var own = LogPaths.OwnFileSystem(path);
        for (var i = 0; i < places.Count; i++)
        {
            if (LogPaths.IsAt(path, places[i].Path) && (own is null || LogPaths.IsAt(places[i].Path, own)) && (best < 0 || places[i].Path.Length > places[best].Path.Length))
            {
                best = i;
            }
        }

        if (best < 0)
        {
            return null;
        }

        if (files[best].TryGetValue(path, out var file))
        {
            return file;
        }

        if (files[best].Count > IdleFiles)
        {
            DropIdle(best);
        }

        file = new LogFile(best, idle[best].TryDequeue(out var slot) ? slot : slots[best]++, path);
        files[best][path] = file;
        return file;
    }

    private void DropIdle(int place)
    {
        foreach (var (path, file) in files[place].ToArray())
        {
            if (file.Users == 0)
            {
                files[place].Remove(path);
                idle[place].Enqueue(file.Slot);
            }
        }
    }

    /// <summary>A file whose name is gone and that nobody uses any more makes room.</summary>
    private void Release(LogFile file)
    {
        if (file is { Users: 0, IsRemoved: true })
        {
            file.IsRemoved = false;
            idle[file.Place].Enqueue(file.Slot);
        }
    }

    /// <summary>Where strace prints no resolved paths, the directories that are links into /usr on present systems are taken to be.</summary>
    private string ThroughLinks(string path)
    {
        if (!LogPaths.IsMergedIntoUsr(path))
        {
            return path;
        }

        var usr = false;
        foreach (var place in places)
        {
            if (LogPaths.IsAt(path, place.Path) && place.Path.Length > 1)
            {
                return path;
            }

            usr |= LogPaths.IsAt("/usr", place.Path) || LogPaths.IsAt(place.Path, "/usr");
        }

        if (usr)
        {
            Unknown($"Whether {path[..(path.IndexOf('/', 1) is > 0 and var end ? end : path.Length)]} is a link into /usr is not in the log; it was taken to be one.", WithPaths);
        }

        return $"/usr{path}";
    }

    /// <summary>The path that -y put behind a descriptor; null for a socket, a pipe and the like.</summary>
    private static string? PathIn(ReadOnlySpan<byte> target)
    {
        if (target.IsEmpty || target[0] != '/')
        {
            return null;
        }

        // -yy: /dev/null<char 1:3>
        var kind = target.IndexOf((byte)'<');
        var path = LogText.Unescape(kind > 0 ? target[..kind] : target);
        return LogPaths.Normalize(path.EndsWith(" (deleted)", StringComparison.Ordinal) ? path[..^" (deleted)".Length] : path);
    }

    private string? PathOf(int descriptor, ReadOnlySpan<byte> target)
        => PathIn(target) ?? (descriptor == -100 ? process.Directory.Value : process.Descriptors.Find(descriptor) is { Path.Length: > 0 } description ? description.Path : null);

    /// <summary>
    /// What a descriptor argument refers to. One that the log did not open is known by its path, if -y gives it.
    /// </summary>
    private LogDescription? Find(ReadOnlySpan<byte> argument, out int descriptor)
    {
        if (!LogText.TryDescriptor(argument, out descriptor, out var target) || descriptor < 0)
        {
            return null;
        }

        var known = process.Descriptors.Find(descriptor);
        if (known is not null)
        {
            return known;
        }

        if (PathIn(target) is { } path)
        {
            // Opened before the log begins, or by a call that is not followed.
            var result = new LogResult { IsKnown = true, Value = (ulong)descriptor };
            OpenAt(descriptor, path, 2, in result);
            return process.Descriptors.Find(descriptor);
        }

        if (target.IsEmpty && descriptor > 2 && places.Count > 0)
        {
            Unknown("The descriptor was opened before the log begins or by a call that is not in it; it was taken for a file elsewhere.", WithPaths);
            Install(descriptor, Make(LogTarget.Elsewhere, 2), closeOnExec: false);
        }

        return process.Descriptors.Find(descriptor);
    }

    private void Install(int descriptor, LogDescription description, bool closeOnExec)
    {
        if (descriptor is < 0 or >= LogDescriptors.Largest)
        {
            return;
        }

        CloseDescriptor(descriptor);
        process.Descriptors.Set(descriptor, description, closeOnExec);
    }

    private void CloseDescriptor(int descriptor)
    {
        if (process.Descriptors.Remove(descriptor) is not { } last)
        {
            return;
        }

        if (last.Target is LogTarget.Placed or LogTarget.Ring)
        {
            var step = Implied(StepKind.Close);
            step.Description = last;
            Emit(step);
        }

        if (last.File is { } file)
        {
            file.Users--;
            Release(file);
        }
    }

    private void Duplicate(int from, ReadOnlySpan<byte> target, int to, bool closeOnExec)
    {
        var description = process.Descriptors.Find(from) ?? (PathIn(target) is { } path ? Describe(path, 2) : null);
        if (description is null || from == to)
        {
            return;
        }

        description.References++;
        Install(to, description, closeOnExec);
        description.References--;
    }

    private void FollowFcntl(in LogArguments arguments, in LogResult result)
    {
        if (!result.IsOk || !LogText.TryDescriptor(arguments[0], out var descriptor, out var target))
        {
            return;
        }

        if (LogFlags.Is(arguments[1], "F_DUPFD", 0) || LogFlags.Is(arguments[1], "F_DUPFD_CLOEXEC", 1030))
        {
            Duplicate(descriptor, target, (int)result.Value, LogFlags.Is(arguments[1], "F_DUPFD_CLOEXEC", 1030));
        }
        else if (LogFlags.Is(arguments[1], "F_SETFD", 2))
        {
            process.Descriptors.SetCloseOnExec(descriptor, LogFlags.Read(arguments[2], [("FD_CLOEXEC", 1)]) != 0);
        }
        else if (LogFlags.Is(arguments[1], "F_SETFL", 4) && process.Descriptors.Find(descriptor) is { } description)
        {
            var wasDirect = description.IsDirect;
            description.Flags = (description.Flags & ~(LogFlags.OpenDirect | LogFlags.OpenAppend)) | (LogFlags.Open(arguments[2]) & (LogFlags.OpenDirect | LogFlags.OpenAppend));
            if (description.Target == LogTarget.Placed && description.IsDirect != wasDirect)
            {
                // For the simulated machine it is another way of being open.
                var close = Implied(StepKind.Close);
                close.Description = description;
                Emit(close);
                var open = Begin(StepKind.Open, in result);
                open.Description = description;
                open.File = description.File;
                open.Flags = description.Flags & ~(LogFlags.OpenCreate | LogFlags.OpenTruncate);
                Emit(open);
            }
        }
    }

    /// <summary>pipe([3, 4]) and socketpair(..., [3, 4]).</summary>
    private void FollowPair(LogCall call, ReadOnlySpan<byte> pair, in LogArguments arguments, in LogResult result)
    {
        var both = LogArguments.Inside(pair);
        if (!result.IsOk || both.Count != 2 || !LogText.TryDescriptor(both[0], out var first, out _) || !LogText.TryDescriptor(both[1], out var second, out _))
        {
            return;
        }

        var closeOnExec = HasCloseOnExec(arguments);
        Install(first, Make(call == LogCall.Pipe ? LogTarget.Pipe : LogTarget.Stream, 0), closeOnExec);
        Install(second, Make(call == LogCall.Pipe ? LogTarget.Pipe : LogTarget.Stream, 1), closeOnExec);
    }

    private static bool HasCloseOnExec(in LogArguments arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].IndexOf("_CLOEXEC"u8) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
