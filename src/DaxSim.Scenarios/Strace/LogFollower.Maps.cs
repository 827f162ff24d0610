using System.Buffers.Text;
using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Strace;

/// <summary>
/// /proc/PID/maps in the log: a program that reads its own mappings, a debugger that reads its target's, a cat beside it. What stands
/// there is known from then on, whoever made the mappings.
/// </summary>
internal sealed partial class LogFollower
{
    /// <summary>Bytes of one read of /proc/PID/maps: the kernel gives no more than a buffer at a time.</summary>
    private const int LargestMapsRead = 1 << 20;

    private LogDescription? dumped;
    private long dumpedAt;
    private byte[] dumpedString = [];
    private int dumpedLength;
    private readonly List<byte> dump = [];

    private void FollowMaps(LogDescription description, LogCall call, in LogArguments arguments, in LogResult result)
    {
        if (places.Count == 0 || !result.IsOk || call is not (LogCall.Read or LogCall.Pread) || result.Value > LargestMapsRead)
        {
            return;
        }

        var position = description.Offset;
        if (call == LogCall.Read)
        {
            description.Offset += (long)result.Value;
        }
        else if (!LogText.TryNumber(arguments[3], out var given) || given > long.MaxValue)
        {
            return;
        }
        else
        {
            position = (long)given;
        }

        if (result.Value == 0)
        {
            EndMaps(description, position);
        }
        else if (LogText.TryBytes(arguments[1], out var bytes, out var whole) && whole)
        {
            ReadMaps(description, position, bytes, (int)result.Value);
        }
        else
        {
            // -e read prints the bytes in the lines that follow, even where the call itself is raw or its string cut.
            (dumped, dumpedAt, dumpedString, dumpedLength) = (description, position, bytes, (int)result.Value);
            dump.Clear();
        }
    }

    /// <summary>A row of a dump: <c>00010  63 6f 6e 73 74 61 6e 74  00 00 00 00 00 00 00 00  constant........ |</c>.</summary>
    private void Dump(ReadOnlySpan<byte> row)
    {
        var space = row.IndexOf("  "u8);
        if (dumped is null || space < 0 || !LogText.TryHex(row[..space], out var offset) || offset != (ulong)dump.Count)
        {
            return;
        }

        row = row[(space + 2)..];
        for (var i = 0; i < 16 && dump.Count < dumpedLength; i++)
        {
            // A gap divides the sixteen bytes into halves.
            var column = (i * 3) + (i / 8);
            if (column + 2 > row.Length || !Utf8Parser.TryParse(row.Slice(column, 2), out byte value, out var used, 'x') || used != 2)
            {
                return;
            }

            dump.Add(value);
        }
    }

    private void FinishDump()
    {
        if (dumped is not { } description)
        {
            return;
        }

        dumped = null;
        ReadMaps(description, dumpedAt, dump.Count == dumpedLength ? [.. dump] : dumpedString, dumpedLength);
    }

    private void ReadMaps(LogDescription description, long position, byte[] text, int length)
    {
        var reading = description.Maps ??= new MapsReading();
        if (position == 0)
        {
            reading.Restart();
        }
        else if (position != reading.Position)
        {
            reading.Lose();
        }

        foreach (var mapping in reading.Add(text))
        {
            Learn(description.Process, reading, mapping);
            reading.Previous = mapping;
        }

        if (text.Length < length)
        {
            reading.Lose();
        }

        reading.Position = position + length;
    }

    /// <summary>The end of the file: nothing is mapped behind its last line, and all that is mapped is known.</summary>
    private void EndMaps(LogDescription description, long position)
    {
        if (description.Maps is not { IsFromStart: true, Previous: { } last } reading || reading.Position != position || !processes.TryGetValue(description.Process, out var target))
        {
            return;
        }

        var now = process;
        process = target;
        UnmapStale(last.End, TopOfMemory);
        target.HasMaps = true;
        process = now;
    }

    private void Learn(int pid, MapsReading reading, MapsLine mapping)
    {
        var special = mapping.Name.Length > 0 && mapping.Name[0] == '[' && mapping.Name is not ("[heap]" or "[stack]") && !mapping.Name.StartsWith("[anon", StringComparison.Ordinal) && !mapping.Name.StartsWith("[stack:", StringComparison.Ordinal);
        if (special || !TryRange(mapping.Start, mapping.End - mapping.Start, out var start, out var length))
        {
            return;
        }

        var file = FileOf(mapping.Name);
        if (!processes.TryGetValue(pid, out var target))
        {
            if (file is null)
            {
                return;
            }

            target = Found(pid);
        }

        var now = process;
        process = target;
        Forget(target);
        if (reading.IsFromStart)
        {
            UnmapStale(reading.Previous is { } previous ? previous.End : 0, start);
        }

        var isNew = Correct(new LogArea(start, start + length, mapping.Protection, file, mapping.Offset, mapping.IsShared && (file is not null || mapping.Name.Length == 0)));
        if (reading.Previous is { } before && mapping.Protection == (Prot.Read | Prot.Write) && file is not null && before.Name == mapping.Name && before.End == mapping.Start && before.Protection == Prot.Read && before.Offset > 0
            && (reading.IsPreviousNew || !target.IsSeen))
        {
            // What lies right before a program's variables was made read-only after it was written (RELRO).
            target.Space.MarkCopied(before.Start, before.End);
        }

        reading.IsPreviousNew = isNew;
        process = now;
    }

    /// <summary>A process that was there before the log begins and appears in it by its mappings only.</summary>
    private LogProcess Found(int pid)
    {
        var found = new LogProcess { Pid = pid, Space = new LogSpace(nextSpace++), Descriptors = new LogDescriptors(), Directory = new LogProcess.StrongBox() };
        processes[pid] = found;
        ProcessCount++;
        var now = process;
        process = found;
        Emit(Implied(StepKind.Spawn));
        process = now;
        return found;
    }

    /// <summary>What was guessed about a process is known now.</summary>
    private void Forget(LogProcess target)
    {
        target.Images.Clear();
        target.RelativeProgram = null;
        if (target.IsSeen)
        {
            return;
        }

        (target.IsGuessed, target.HasLoader) = (true, true);
        if (GiveOwnSpace(target))
        {
            Emit(Implied(StepKind.Spawn));
        }
    }

    /// <summary>The placed file that a line of the list names; null for one elsewhere, for devices, shared memory and a name that is gone.</summary>
    private LogFile? FileOf(string name)
        => name.Length > 0 && name[0] == '/' && !name.EndsWith(" (deleted)", StringComparison.Ordinal) && LogPaths.Normalize(name) is { } path ? FindPlaced(path) : null;

    /// <summary>Takes away what the list shows not to be mapped.</summary>
    private void UnmapStale(ulong start, ulong end)
    {
        var space = process.Space;
        while (start < end && space.IndexOf(start) is var index && index < space.Areas.Count && space.Areas[index] is var area && area.Start < end)
        {
            var from = Math.Max(start, area.Start);
            var to = Math.Min(end, area.End);
            var step = Implied(StepKind.Unmap);
            step.Address = from;
            step.Length = to - from;
            space.Unmap(from, to);
            Emit(step);
            if (area.File is { } file)
            {
                Release(file);
            }

            start = to;
        }
    }

    /// <summary>Makes what is known agree with a line of the list, without touching what agrees. Returns true when some of it was not known.</summary>
    private bool Correct(LogArea told)
    {
        var isNew = false;
        var at = told.Start;
        while (at < told.End)
        {
            var index = process.Space.IndexOf(at);
            var known = index < process.Space.Areas.Count ? process.Space.Areas[index] : default;
            var isThere = known.End > 0 && known.Start <= at;
            var end = Math.Min(told.End, isThere ? known.End : known.End > 0 ? known.Start : told.End);
            var part = told with { Start = at, End = end, Offset = told.Offset + (long)(at - told.Start) };
            if (!isThere || known.File != told.File || (told.File is not null && (known.IsShared != told.IsShared || known.Offset + (long)(at - known.Start) != part.Offset)))
            {
                Replace(part);
                isNew = true;
            }
            else if (known.Protection != told.Protection)
            {
                var step = Implied(StepKind.Protect);
                (step.Address, step.Length, step.Protection) = (part.Start, part.End - part.Start, part.Protection);
                Emit(step);
                process.Space.Protect(part.Start, part.End, part.Protection);
                if (IsData(part) && !process.IsSeen)
                {
                    process.Space.MarkCopied(part.Start, part.End);
                }
            }

            at = end;
        }

        return isNew;
    }

    private void Replace(LogArea part)
    {
        if (process.Space.Areas.Count >= LogSpace.Most)
        {
            return;
        }

        UnmapStale(part.Start, part.End);
        if (part.File is null)
        {
            MapElsewhere(part.Start, part.End - part.Start, part.Protection, part.IsShared);
            return;
        }

        MapPlaced(part with { MayBeCopied = IsData(part) });
        if ((part.Protection & Prot.Exec) != 0)
        {
            // The program runs, so its text was executed.
            EmitAccess(part.Start, 1, Prot.Exec, "(execution)");
        }
    }

    private static bool IsData(LogArea area) => area.File is not null && !area.IsShared && (area.Protection & Prot.Write) != 0;
}
