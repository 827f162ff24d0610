using DaxSim.AddressSpaces;

namespace DaxSim.Scenarios.Strace;

/// <summary>A mapped range of the log.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">First byte after it.</param>
/// <param name="Protection">PROT_*.</param>
/// <param name="File">The placed file behind it, or null.</param>
/// <param name="Offset">The file offset of <paramref name="Start"/>.</param>
/// <param name="IsShared">MAP_SHARED.</param>
/// <param name="MayBeCopied">It was there before the log tells of it, and its pages may be copies that the program wrote.</param>
internal readonly record struct LogArea(ulong Start, ulong End, Prot Protection, LogFile? File, long Offset, bool IsShared, bool MayBeCopied = false);

/// <summary>The address space of one or several processes of the log.</summary>
internal sealed class LogSpace
{
    /// <summary>Areas that are followed: what a kernel allows (max_map_count).</summary>
    internal const int Most = 65536;

    private readonly List<LogArea> areas = [];

    internal LogSpace(int id) => Id = id;

    internal int Id { get; }

    /// <summary>Processes and threads that run in it.</summary>
    internal int Users { get; set; } = 1;

    /// <summary>The end of the heap, 0 while it is not known.</summary>
    internal ulong Break { get; set; }

    /// <summary>Where the heap began.</summary>
    internal ulong BreakStart { get; set; }

    /// <summary>The placed program it runs, or null.</summary>
    internal LogFile? Program { get; set; }

    /// <summary>True when its beginning is in the log: an execve, or a fork of such a process.</summary>
    internal bool IsWhole { get; set; }

    /// <summary>Mapped ranges with placed files.</summary>
    internal int PlacedAreas { get; private set; }

    internal bool HasPlaced => PlacedAreas > 0 || Program is not null;

    internal IReadOnlyList<LogArea> Areas => areas;

    /// <summary>The index of the first area that ends behind the address.</summary>
    internal int IndexOf(ulong address)
    {
        var (low, high) = (0, areas.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (areas[middle].End <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The area at an address, or null.</summary>
    internal LogArea? Find(ulong address)
    {
        var index = IndexOf(address);
        return index < areas.Count && areas[index].Start <= address ? areas[index] : null;
    }

    /// <summary>True when a byte of the range belongs to a placed file.</summary>
    internal bool TouchesPlaced(ulong address, ulong length)
    {
        if (PlacedAreas == 0)
        {
            return false;
        }

        var end = length > ulong.MaxValue - address ? ulong.MaxValue : address + length;
        for (var index = IndexOf(address); index < areas.Count && areas[index].Start < end; index++)
        {
            if (areas[index].File is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when all of the range is mapped, as far as the log tells.</summary>
    internal bool Knows(ulong address, ulong length)
    {
        var index = IndexOf(address);
        for (var at = address; at - address < length; at = areas[index].End, index++)
        {
            if (index == areas.Count || areas[index].Start > at)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when some of the range is mapped.</summary>
    internal bool Overlaps(ulong address, ulong length)
    {
        var index = IndexOf(address);
        return index < areas.Count && areas[index].Start < address + length;
    }

    /// <summary>The part of a range that is mapped around its first mapped byte, for calls on ranges that the log knows only in part.</summary>
    internal bool TryClip(ref ulong address, ref ulong length)
    {
        var end = address + length;
        var index = IndexOf(address);
        if (index == areas.Count || areas[index].Start >= end)
        {
            return false;
        }

        address = Math.Max(address, areas[index].Start);
        var last = areas[index].End;
        while (last < end && index + 1 < areas.Count && areas[index + 1].Start == last)
        {
            last = areas[++index].End;
        }

        length = Math.Min(last, end) - address;
        return true;
    }

    internal void Map(LogArea area)
    {
        Unmap(area.Start, area.End);
        var index = IndexOf(area.Start);
        Count(area, 1);
        if (area.File is null && index > 0 && areas[index - 1] is { File: null } before && before.End == area.Start && before.Protection == area.Protection && before.IsShared == area.IsShared)
        {
            areas[index - 1] = before with { End = area.End };
            return;
        }

        areas.Insert(index, area);
    }

    internal void Unmap(ulong start, ulong end)
    {
        var index = IndexOf(start);
        if (index == areas.Count || areas[index].Start >= end)
        {
            return;
        }

        SplitAt(start);
        SplitAt(end);
        index = IndexOf(start);
        var count = 0;
        while (index + count < areas.Count && areas[index + count].Start < end)
        {
            Count(areas[index + count], -1);
            count++;
        }

        areas.RemoveRange(index, count);
    }

    internal void Protect(ulong start, ulong end, Prot protection)
    {
        var index = IndexOf(start);
        if (index == areas.Count || areas[index].Start >= end || (areas[index].Start <= start && areas[index].End >= end && areas[index].Protection == protection))
        {
            return;
        }

        SplitAt(start);
        SplitAt(end);
        for (index = IndexOf(start); index < areas.Count && areas[index].Start < end; index++)
        {
            areas[index] = areas[index] with { Protection = protection };
        }
    }

    /// <summary>Pages of placed files in the range may be copies that the program wrote.</summary>
    internal void MarkCopied(ulong start, ulong end)
    {
        SplitAt(start);
        SplitAt(end);
        for (var index = IndexOf(start); index < areas.Count && areas[index].Start < end; index++)
        {
            areas[index] = areas[index] with { MayBeCopied = areas[index].File is not null };
        }
    }

    internal void Clear()
    {
        foreach (var area in areas)
        {
            Count(area, -1);
        }

        areas.Clear();
    }

    internal LogSpace Copy(int id)
    {
        var copy = new LogSpace(id) { Break = Break, BreakStart = BreakStart, Program = Program, IsWhole = IsWhole };
        foreach (var area in areas)
        {
            copy.areas.Add(area);
            copy.Count(area, 1);
        }

        return copy;
    }

    private void SplitAt(ulong address)
    {
        var index = IndexOf(address);
        if (index < areas.Count && areas[index] is var area && area.Start < address)
        {
            Count(area, 1);
            areas[index] = area with { End = address };
            areas.Insert(index + 1, area with { Start = address, Offset = area.Offset + (long)(address - area.Start) });
        }
    }

    private void Count(LogArea area, int by)
    {
        if (area.File is { } file)
        {
            PlacedAreas += by;
            file.Users += by;
        }
    }
}

/// <summary>A process or thread of the log.</summary>
internal sealed class LogProcess
{
    internal required int Pid { get; set; }

    internal required LogSpace Space { get; set; }

    internal required LogDescriptors Descriptors { get; set; }

    /// <summary>The working directory, shared by threads; null inside while it is not known.</summary>
    internal required StrongBox Directory { get; set; }

    internal int Parent { get; set; }

    /// <summary>A child whose lines began, and may have ended, before the end of the fork that made it; 0 for none.</summary>
    internal int EarlyChild { get; set; }

    /// <summary>True once a line of it was read.</summary>
    internal bool IsSeen { get; set; }

    /// <summary>Runs in its parent's memory until it executes a program (vfork).</summary>
    internal bool Borrows { get; set; }

    /// <summary>personality(ADDR_NO_RANDOMIZE).</summary>
    internal bool IsNotRandomized { get; set; }

    /// <summary>True once the program of a process that the log does not show was guessed.</summary>
    internal bool IsGuessed { get; set; }

    /// <summary>True once the dynamic linker of such a process was put where it must be.</summary>
    internal bool HasLoader { get; set; }

    /// <summary>True while what its /proc/PID/maps said holds: until a debugger lets it run on.</summary>
    internal bool HasMaps { get; set; }

    /// <summary>True once a debugger let it run.</summary>
    internal bool HasRun { get; set; }

    /// <summary>What it is taken to run, when the log does not show it.</summary>
    internal List<GuessedImage> Images { get; } = [];

    /// <summary>The arguments of its program.</summary>
    internal IReadOnlyList<string> Arguments { get; set; } = [];

    /// <summary>The program as execve named it, while the directory that the name starts from is not known.</summary>
    internal string? RelativeProgram { get; set; }

    /// <summary>The line of that execve.</summary>
    internal long ExecveLine { get; set; }

    /// <summary>The beginning of a call that another line interrupted.</summary>
    internal byte[]? Pending { get; set; }

    internal LogCall PendingCall { get; set; }

    internal string PendingName { get; set; } = "";

    internal long PendingLine { get; set; }

    /// <summary>An instruction at that address was executed or overwritten by a breakpoint: its page is text, and all of the image below it no data.</summary>
    internal void Executed(ulong address)
    {
        foreach (var image in Images)
        {
            if (address >= image.Start && address < image.End)
            {
                image.TextEnd = Math.Max(image.TextEnd, (address | 4095) + 1);
            }
        }
    }

    /// <summary>True for a page that the program may have written, unseen: of data that was there before, or of a guessed image since it runs.</summary>
    internal bool IsUncertain(ulong address)
    {
        if (Space.Find(address) is { MayBeCopied: true })
        {
            return true;
        }

        if (HasRun)
        {
            foreach (var image in Images)
            {
                if (address >= image.TextEnd && address < image.End)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>A text that several processes share.</summary>
    internal sealed class StrongBox
    {
        internal string? Value { get; set; }
    }
}
