using DaxSim.FileSystems;

namespace DaxSim.Scenarios.Strace;

/// <summary>A file of the log that lies on a placed device.</summary>
internal sealed class LogFile
{
    internal LogFile(int place, int slot, string path)
    {
        Place = place;
        Slot = slot;
        Path = path;
    }

    /// <summary>Which placement.</summary>
    internal int Place { get; }

    /// <summary>Its number on the device, by which the simulated machine knows it.</summary>
    internal int Slot { get; }

    internal string Path { get; }

    /// <summary>The size that the log tells; -1 while it does not.</summary>
    internal long Size { get; set; } = -1;

    /// <summary>Open descriptions and mappings.</summary>
    internal int Users { get; set; }

    /// <summary>True once its name is gone.</summary>
    internal bool IsRemoved { get; set; }
}

/// <summary>What a descriptor refers to.</summary>
internal enum LogTarget : byte
{
    /// <summary>A file on no placed device, a device, or something that is not told.</summary>
    Elsewhere,

    /// <summary>A file on a placed device.</summary>
    Placed,

    /// <summary>A pipe.</summary>
    Pipe,

    /// <summary>A socket or another thing without offset.</summary>
    Stream,

    /// <summary>memfd_create, /dev/shm.</summary>
    Memory,

    /// <summary>/proc/PID/mem.</summary>
    ProcessMemory,

    /// <summary>/proc/PID/maps.</summary>
    ProcessMaps,

    /// <summary>An io_uring.</summary>
    Ring,
}

/// <summary>An open file description of the log.</summary>
internal sealed class LogDescription
{
    internal required int Id { get; init; }

    internal required LogTarget Target { get; init; }

    internal LogFile? File { get; init; }

    /// <summary>The process whose memory it is.</summary>
    internal int Process { get; init; }

    /// <summary>O_* as in the log.</summary>
    internal int Flags { get; set; }

    internal string Path { get; init; } = "";

    /// <summary>The file position.</summary>
    internal long Offset { get; set; }

    /// <summary>For a ring: buffers of placed files are or were registered with it.</summary>
    internal bool PinsPlaced { get; set; }

    /// <summary>What was read of it, when it is a list of mappings.</summary>
    internal MapsReading? Maps { get; set; }

    /// <summary>Descriptors that refer to it.</summary>
    internal int References { get; set; }

    internal bool IsDirect => (Flags & LogFlags.OpenDirect) != 0;

    internal OpenFlags LibraryFlags => LogFlags.ToLibrary(Flags);
}

/// <summary>A descriptor table; threads share one.</summary>
internal sealed class LogDescriptors
{
    /// <summary>The largest number that is kept: NR_OPEN's usual value.</summary>
    internal const int Largest = 1 << 20;

    private readonly Dictionary<int, (LogDescription Description, bool CloseOnExec)> entries;

    internal LogDescriptors() => entries = [];

    private LogDescriptors(LogDescriptors other)
    {
        entries = new(other.entries);
        foreach (var (description, _) in entries.Values)
        {
            description.References++;
        }
    }

    internal LogDescriptors Copy() => new(this);

    internal LogDescription? Find(int descriptor) => entries.TryGetValue(descriptor, out var entry) ? entry.Description : null;

    internal bool IsCloseOnExec(int descriptor) => entries.TryGetValue(descriptor, out var entry) && entry.CloseOnExec;

    internal void Set(int descriptor, LogDescription description, bool closeOnExec)
    {
        if (descriptor is >= 0 and < Largest)
        {
            description.References++;
            entries[descriptor] = (description, closeOnExec);
        }
    }

    internal void SetCloseOnExec(int descriptor, bool on)
    {
        if (entries.TryGetValue(descriptor, out var entry))
        {
            entries[descriptor] = (entry.Description, on);
        }
    }

    /// <summary>Takes a descriptor out; returns its description when that was the last reference.</summary>
    internal LogDescription? Remove(int descriptor)
        => entries.Remove(descriptor, out var entry) && --entry.Description.References == 0 ? entry.Description : null;

    internal int[] From(int first, int last) => [.. entries.Keys.Where(k => k >= first && k <= last).Order()];

    internal int[] OnExec() => [.. entries.Where(e => e.Value.CloseOnExec).Select(e => e.Key).Order()];
}
