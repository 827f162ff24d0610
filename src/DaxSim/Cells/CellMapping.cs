using System.Diagnostics.CodeAnalysis;
using DaxSim.Policy;

namespace DaxSim.Cells;

/// <summary>What stands behind the mapping of a cell.</summary>
public enum CellBacking
{
    /// <summary>A file of a filesystem that was asked for DAX, on a device: <c>DEVICE/FS</c>.</summary>
    File,

    /// <summary>Anonymous memory; shared, it is shmem without a name.</summary>
    Anonymous,

    /// <summary>A file of tmpfs (memfd).</summary>
    Shmem,

    /// <summary>A file of ext4 on an ordinary disk.</summary>
    PageCache,

    /// <summary>A page of the huge page pool.</summary>
    HugeTlb,

    /// <summary>/dev/mem over a range that is no RAM.</summary>
    DeviceMemory,

    /// <summary>A device-dax character device.</summary>
    DeviceDax,
}

/// <summary>What was done to the page before the operation.</summary>
public enum CellState
{
    /// <summary>Nothing: the page table is empty.</summary>
    Cold,

    /// <summary>It was read.</summary>
    Read,

    /// <summary>It was written.</summary>
    Written,
}

/// <summary>
/// A mapping in words: <c>DEVICE/FS,shared|private,cold|rd|wr</c>, for example <c>dcssblk:EW/ext4,shared,wr</c>; or <c>anon</c>, <c>shmem</c>,
/// <c>pagecache</c>, <c>hugetlb</c>, <c>devmem</c>, <c>devdax</c> in place of <c>DEVICE/FS</c>.
/// </summary>
/// <remarks>Left out, the sharing is <c>shared</c> (of <c>anon</c> <c>private</c>) and the state <c>cold</c>. Reading is strict.</remarks>
public sealed class CellMapping : IEquatable<CellMapping>
{
    private const string Form = "DEVICE/FS,shared|private,cold|rd|wr";

    private static readonly (string Word, CellBacking Backing)[] Words =
    [
        ("anon", CellBacking.Anonymous), ("shmem", CellBacking.Shmem), ("pagecache", CellBacking.PageCache),
        ("hugetlb", CellBacking.HugeTlb), ("devmem", CellBacking.DeviceMemory), ("devdax", CellBacking.DeviceDax),
    ];

    private static readonly string[] Sharings = ["shared", "private"];
    private static readonly string[] States = ["cold", "rd", "wr"];

    private CellMapping(CellBacking backing, DeviceSpec? device, string? fileSystem, bool isShared, CellState state)
    {
        Backing = backing;
        Device = device;
        FileSystem = fileSystem;
        IsShared = isShared;
        State = state;
    }

    /// <summary>What stands behind it.</summary>
    public CellBacking Backing { get; }

    /// <summary>The device of a file or of device-dax; null otherwise.</summary>
    public DeviceSpec? Device { get; }

    /// <summary>The filesystem of a file on a device; null otherwise.</summary>
    public string? FileSystem { get; }

    /// <summary>MAP_SHARED rather than MAP_PRIVATE.</summary>
    public bool IsShared { get; }

    /// <summary>What was done to the page before.</summary>
    public CellState State { get; }

    /// <summary>The architecture on which this is usually met.</summary>
    public Architecture UsualArchitecture => Device?.UsualArchitecture ?? Architecture.X8664;

    /// <summary>What stands behind it, in words: <c>dcssblk:EW/ext4</c>, <c>anon</c>.</summary>
    public string BackingText => Backing switch
    {
        CellBacking.File => $"{Device}/{FileSystem}",
        CellBacking.DeviceDax => Device!.ToString(),
        _ => Array.Find(Words, w => w.Backing == Backing).Word,
    };

    /// <summary>The mappings worth comparing: the rows of the matrix of operations.</summary>
    public static IReadOnlyList<CellMapping> Catalogue { get; } =
    [
        .. from backing in (string[])["dcssblk:EW/ext4", "axonram/ext2", "pmem:raw/ext4", "pmem:fsdax/ext4", "brd/ext4"]
           from kind in (string[])["shared,wr", "private,rd", "private,wr"]
           select Parse($"{backing},{kind}"),
        Parse("devdax,shared,wr"), Parse("devmem,shared,wr"), Parse("devmem,private,wr"), Parse("pagecache,shared,wr"), Parse("pagecache,private,rd"),
        Parse("shmem,shared,wr"), Parse("hugetlb,shared,wr"), Parse("anon,private,rd"), Parse("anon,private,wr"),
    ];

    /// <summary>Reads a mapping.</summary>
    /// <param name="text">For example <c>pmem:raw/ext4,private,rd</c>.</param>
    /// <exception cref="FormatException">The text describes no mapping; the message says why and what there is instead.</exception>
    public static CellMapping Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryRead(text, out var mapping, out var problem) ? mapping : throw new FormatException(problem);
    }

    /// <summary>Reads a mapping without throwing; on failure <paramref name="problem"/> is one line that says what is wrong.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out CellMapping? mapping, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        mapping = null;
        var slash = text.LastIndexOf('/');
        var parts = text[(slash + 1)..].Split(',');
        CellBacking backing;
        DeviceSpec? device = null;
        string? fileSystem = null;
        string[] words;
        if (slash >= 0)
        {
            (backing, fileSystem, words) = (CellBacking.File, parts[0], parts[1..]);
            if (!DeviceSpec.TryRead(text[..slash], out device, out problem))
            {
                return false;
            }

            if (!Machine.FileSystemTypes.Contains(fileSystem))
            {
                problem = $"'{fileSystem}' is not a modelled filesystem: choose one of {string.Join(", ", Machine.FileSystemTypes)}.{Spelling.DidYouMean(fileSystem, Machine.FileSystemTypes)}";
                return false;
            }

            if (device.Kind is DeviceKind.DeviceDax or DeviceKind.Kmem || (fileSystem == "virtiofs") != (device.Kind == DeviceKind.VirtioFs))
            {
                problem = $"{fileSystem} does not lie on {device}: {(device.Kind == DeviceKind.DeviceDax ? "write devdax alone" : device.Kind == DeviceKind.Kmem ? "kmem becomes RAM, write anon" : "virtiofs lies on the device virtiofs only, and on that no other filesystem")}.";
                return false;
            }
        }
        else if (!TryReadWord(text, parts, out backing, out device, out words, out problem))
        {
            return false;
        }

        if (!TryReadRest(text, words, backing, out var isShared, out var state, out problem))
        {
            return false;
        }

        mapping = new CellMapping(backing, device, fileSystem, isShared, state);
        return true;
    }

    /// <summary>The same mapping in another state.</summary>
    public CellMapping InState(CellState state) => new(Backing, Device, FileSystem, IsShared, state);

    /// <inheritdoc/>
    public bool Equals(CellMapping? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CellMapping);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(ToString(), StringComparison.Ordinal);

    /// <summary>The canonical text, sharing and state included; <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => $"{BackingText},{(IsShared ? "shared" : "private")},{States[(int)State]}";

    private static bool TryReadWord(string text, string[] parts, out CellBacking backing, out DeviceSpec? device, out string[] words, [NotNullWhen(false)] out string? problem)
    {
        (backing, device, words, problem) = (default, null, parts[1..], null);
        var head = parts[0].Split(':')[0];
        var at = Array.FindIndex(Words, w => w.Word == head);
        if (at < 0)
        {
            problem = DeviceSpec.TryRead(parts[0], out _, out _)
                ? $"'{text}' names no filesystem: write {parts[0]}/ext4,shared,wr, for example. The form is {Form}."
                : $"'{parts[0]}' is no mapping: write {Form}, with {string.Join(", ", Words.Select(w => w.Word))} in place of DEVICE/FS where wanted.{Spelling.DidYouMean(parts[0], Words.Select(w => w.Word))}";
            return false;
        }

        backing = Words[at].Backing;
        if (backing == CellBacking.DeviceDax)
        {
            var settings = parts.Skip(1).TakeWhile(p => p.Contains('=', StringComparison.Ordinal)).Count();
            words = parts[(1 + settings)..];
            return DeviceSpec.TryRead(string.Join(',', parts[..(1 + settings)]), out device, out problem);
        }

        if (parts[0] != head)
        {
            problem = $"'{parts[0]}': {head} takes no settings.";
            return false;
        }

        return true;
    }

    private static bool TryReadRest(string text, string[] words, CellBacking backing, out bool isShared, out CellState state, [NotNullWhen(false)] out string? problem)
    {
        (isShared, state, problem) = (backing != CellBacking.Anonymous, CellState.Cold, null);
        int sharings = 0, states = 0;
        foreach (var word in words)
        {
            if (Array.IndexOf(Sharings, word) is >= 0 and var sharing)
            {
                isShared = sharing == 0;
                sharings++;
            }
            else if (Array.IndexOf(States, word) is >= 0 and var found)
            {
                state = (CellState)found;
                states++;
            }
            else
            {
                problem = $"'{word}' in '{text}' is neither shared nor private, nor one of cold, rd, wr: write {Form}.{Spelling.DidYouMean(word, Sharings.Concat(States))}";
                return false;
            }
        }

        if (sharings > 1 || states > 1)
        {
            problem = $"'{text}' says {(sharings > 1 ? "the sharing" : "the state")} twice: write {Form}.";
            return false;
        }

        return true;
    }
}
