namespace DaxSim.Scenarios.Strace;

/// <summary>Calls on files and directories.</summary>
internal sealed partial class LogFollower
{
    private void FollowFile(LogCall call, in LogArguments arguments, in LogResult result)
    {
        if (!result.IsOk || places.Count == 0)
        {
            return;
        }

        switch (call)
        {
            case LogCall.Fstat:
                if (Find(arguments[0], out _) is { File: { } told })
                {
                    LearnSize(told, arguments[1], "st_size"u8);
                }

                break;
            case LogCall.Stat:
                Learn(arguments[0], arguments[1], "st_size"u8, process.Directory.Value);
                break;
            case LogCall.StatAt or LogCall.Statx:
                var member = call == LogCall.Statx ? "stx_size"u8 : "st_size"u8;
                var details = arguments[call == LogCall.Statx ? 4 : 2];
                if (arguments[1].SequenceEqual("\"\""u8))
                {
                    if (Find(arguments[0], out _) is { File: { } open })
                    {
                        LearnSize(open, details, member);
                    }
                }
                else
                {
                    Learn(arguments[1], details, member, DirectoryOf(arguments[0]));
                }

                break;
            case LogCall.Ftruncate:
                if (Find(arguments[0], out _) is { File: { } cut } description && LogText.TryNumber(arguments[1], out var size) && size < 1UL << 46)
                {
                    var step = Begin(StepKind.Truncate, in result);
                    step.Description = description;
                    step.File = cut;
                    step.Length = size;
                    Emit(step);
                    cut.Size = (long)size;
                }

                break;
            case LogCall.Fallocate:
                if (Find(arguments[0], out _) is { File: { } grown } allocated && LogText.TryNumber(arguments[2], out var from) && LogText.TryNumber(arguments[3], out var length) && from < 1UL << 46 && length < 1UL << 46)
                {
                    var step = Begin(StepKind.Allocate, in result);
                    step.Description = allocated;
                    step.File = grown;
                    step.Flags = (int)LogFlags.Read(arguments[1], [("FALLOC_FL_KEEP_SIZE", 1), ("FALLOC_FL_PUNCH_HOLE", 2), ("FALLOC_FL_COLLAPSE_RANGE", 8), ("FALLOC_FL_ZERO_RANGE", 16), ("FALLOC_FL_INSERT_RANGE", 32)]);
                    step.Offset = (long)from;
                    step.Length = length;
                    Emit(step);
                    if ((step.Flags & 1) == 0)
                    {
                        grown.Size = Math.Max(grown.Size, (long)(from + length));
                    }
                }

                break;
            case LogCall.Fsync:
                if (Find(arguments[0], out _) is { File: { } synced } flushed)
                {
                    var step = Begin(StepKind.Sync, in result);
                    step.Description = flushed;
                    step.File = synced;
                    Emit(step);
                }

                break;
            case LogCall.Truncate:
                ChangeTree(arguments[0], process.Directory.Value, remove: false, in result);
                break;
            case LogCall.Unlink or LogCall.Rename or LogCall.Mkdir:
                ChangeTree(arguments[0], process.Directory.Value, remove: callName == "unlink" || call == LogCall.Rename, in result);
                break;
            case LogCall.UnlinkAt or LogCall.RenameAt or LogCall.MkdirAt:
                ChangeTree(arguments[1], DirectoryOf(arguments[0]), remove: call != LogCall.MkdirAt, in result);
                break;
        }
    }

    private string? DirectoryOf(ReadOnlySpan<byte> argument)
        => LogText.TryDescriptor(argument, out var descriptor, out var target) ? PathOf(descriptor, target) : null;

    /// <summary>A stat by path tells the size of a file that may be executed or mapped later.</summary>
    private void Learn(ReadOnlySpan<byte> name, ReadOnlySpan<byte> details, ReadOnlySpan<byte> member, string? directory)
    {
        if (IsRegular(details) && LogText.TryString(name, out var text, out var whole) && whole && LogPaths.Resolve(directory, text) is { } path
            && FindPlaced(ThroughLinks(path)) is { } file)
        {
            LearnSize(file, details, member);
        }
    }

    private static bool IsRegular(ReadOnlySpan<byte> details)
    {
        var mode = LogArguments.Member(details, "st_mode"u8);
        mode = mode.IsEmpty ? LogArguments.Member(details, "stx_mode"u8) : mode;
        return mode.IndexOf("S_IFREG"u8) >= 0 || (LogText.TryNumber(mode, out var bits) && (bits & 0xf000) == 0x8000);
    }

    private void LearnSize(LogFile file, ReadOnlySpan<byte> details, ReadOnlySpan<byte> member)
    {
        if (LogText.TryNumber(LogArguments.Member(details, member), out var size) && size < 1UL << 46)
        {
            SetSize(file, (long)size);
        }
    }

    private void SetSize(LogFile file, long size)
    {
        if (size > file.Size)
        {
            GrowTo(file, size);
        }
    }

    private void GrowTo(LogFile file, long size)
    {
        if (size is < 0 or > 1L << 46)
        {
            return;
        }

        file.Size = size;
        var step = Implied(StepKind.Grow);
        step.File = file;
        step.Length = (ulong)size;
        Emit(step);
    }

    /// <summary>A call that writes to a directory: what a read-only device does not allow.</summary>
    private void ChangeTree(ReadOnlySpan<byte> name, string? directory, bool remove, in LogResult result)
    {
        if (!LogText.TryString(name, out var text, out var whole) || !whole || LogPaths.Resolve(directory, text) is not { } path || FindPlaced(ThroughLinks(path)) is not { } file)
        {
            return;
        }

        var step = Begin(remove ? StepKind.Remove : StepKind.ChangeTree, in result);
        step.File = file;
        Emit(step);
        if (remove)
        {
            files[file.Place].Remove(path);
            file.IsRemoved = true;
            Release(file);
        }
    }
}
