using DaxSim.FileSystems;
using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>The bits of /proc/pid/coredump_filter: what a core file contains.</summary>
[Flags]
public enum CoreFilter
{
    /// <summary>Nothing but the segments' headers.</summary>
    None = 0,

    /// <summary>Private areas with anonymous pages.</summary>
    AnonymousPrivate = 1,

    /// <summary>Shared memory without a name.</summary>
    AnonymousShared = 2,

    /// <summary>Private areas of files.</summary>
    FilePrivate = 4,

    /// <summary>Shared areas of files.</summary>
    FileShared = 8,

    /// <summary>The first page of files that look like programs.</summary>
    ElfHeaders = 16,

    /// <summary>Private hugetlb areas.</summary>
    HugeTlbPrivate = 32,

    /// <summary>Shared hugetlb areas.</summary>
    HugeTlbShared = 64,

    /// <summary>Private DAX areas.</summary>
    DaxPrivate = 128,

    /// <summary>Shared DAX areas.</summary>
    DaxShared = 256,

    /// <summary>What a process has unless it says otherwise (0x33).</summary>
    Default = AnonymousPrivate | AnonymousShared | ElfHeaders | HugeTlbPrivate,
}

/// <summary>One segment of a core file: an area of the process that dumped it.</summary>
public sealed class CoreSegment
{
    private readonly Dictionary<long, byte[]> pages;
    private readonly int pageSize;

    internal CoreSegment(ulong start, long memorySize, long fileSize, Dictionary<long, byte[]> pages, int pageSize)
    {
        Start = start;
        MemorySize = memorySize;
        FileSize = fileSize;
        this.pages = pages;
        this.pageSize = pageSize;
    }

    /// <summary>p_vaddr: the area's first address.</summary>
    public ulong Start { get; }

    /// <summary>p_memsz.</summary>
    public long MemorySize { get; }

    /// <summary>p_filesz: how much of it is in the file.</summary>
    public long FileSize { get; }

    /// <summary>Pages that are really there; the others are holes, which read as zeros.</summary>
    public int PagesWritten => pages.Count;

    /// <summary>Reads the segment's bytes in the file; stops at <see cref="FileSize"/>.</summary>
    /// <param name="offset">First byte, from the segment's beginning.</param>
    /// <param name="destination">Where they go.</param>
    /// <returns>Bytes read.</returns>
    public int Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var count = (int)Math.Clamp(FileSize - offset, 0, destination.Length);
        for (var done = 0; done < count;)
        {
            var inPage = (int)((offset + done) % pageSize);
            var part = Math.Min(count - done, pageSize - inPage);
            if (pages.TryGetValue((offset + done) / pageSize, out var page))
            {
                page.AsSpan(inPage, part).CopyTo(destination[done..]);
            }
            else
            {
                destination.Slice(done, part).Clear();
            }

            done += part;
        }

        return count;
    }
}

/// <summary>A core file.</summary>
public sealed class CoreDump
{
    internal CoreDump(IReadOnlyList<CoreSegment> segments) => Segments = [.. segments];

    /// <summary>The segments, in address order.</summary>
    public IReadOnlyList<CoreSegment> Segments { get; }

    /// <summary>The segment that contains an address, or null.</summary>
    public CoreSegment? Find(ulong address) => Segments.FirstOrDefault(s => address >= s.Start && address < s.Start + (ulong)s.MemorySize);
}

/// <summary>Core dumps (fs/coredump.c, fs/binfmt_elf.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>elf_core_dump: one segment per area, of the size that the filter gives it.</summary>
    internal CoreDump DumpCore(AddressSpace space, CoreFilter filter)
    {
        var segments = new List<CoreSegment>();
        foreach (var area in space.Areas.Span.ToArray())
        {
            var size = CoreDumpSize(area, filter);
            segments.Add(new CoreSegment(area.Start, (long)area.Length, (long)size, DumpPages(space, area, size), (int)PageSize));
        }

        return new CoreDump(segments);
    }

    /// <summary>vma_dump_size.</summary>
    private ulong CoreDumpSize(Vma area, CoreFilter filter)
    {
        ulong Whole(CoreFilter bit) => (filter & bit) != 0 ? area.Length : 0;

        if (area.Special is not null)
        {
            // always_dump_vma: an area with a name of its own, whatever its flags say.
            return area.Length;
        }

        if (area.Has(VmFlags.DontDump))
        {
            return 0;
        }

        if (area.IsDax && Policy.CoreDumpDax == CoreDumpDaxRule.OwnBits)
        {
            return Whole(area.IsShared ? CoreFilter.DaxShared : CoreFilter.DaxPrivate);
        }

        if (area.Has(VmFlags.HugeTlb))
        {
            return Whole(area.IsShared ? CoreFilter.HugeTlbShared : CoreFilter.HugeTlbPrivate);
        }

        if (area.Has(VmFlags.Io))
        {
            return 0;
        }

        if (area.IsShared)
        {
            return Whole(area.Inode is { Links: 0 } ? CoreFilter.AnonymousShared : CoreFilter.FileShared);
        }

        if (area.Anon is not null && (filter & CoreFilter.AnonymousPrivate) != 0)
        {
            return area.Length;
        }

        if (area.Inode is not { } inode)
        {
            return 0;
        }

        if ((filter & CoreFilter.FilePrivate) != 0)
        {
            return area.Length;
        }

        // The first page of a program tells which one it was.
        return (filter & CoreFilter.ElfHeaders) != 0 && area.PageOffset == 0 && area.Has(VmFlags.Read) && inode.IsExecutable ? PageSize : 0;
    }

    /// <summary>get_dump_page for each page: those that cannot be taken are left out of the file.</summary>
    private Dictionary<long, byte[]> DumpPages(AddressSpace space, Vma area, ulong size)
    {
        var written = new Dictionary<long, byte[]>();
        var page = new ulong[1];
        for (ulong at = 0; at < size; at += PageSize)
        {
            var result = GetUserPages(space, space, area.Start + at, 1, GupFlags.Force | GupFlags.Dump | GupFlags.Get, page);
            if (result.Count == 0 || page[0] == GarbagePage)
            {
                continue;
            }

            if (page[0] != Memory.ZeroPfn)
            {
                var bytes = new byte[PageSize];
                Memory.Contents.Read(page[0], 0, bytes);
                written[(long)(at >> PageShift)] = bytes;
            }

            Release(page[0], pin: false);
        }

        return written;
    }
}
