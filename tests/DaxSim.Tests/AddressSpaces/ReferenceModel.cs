using DaxSim.Outcomes;

namespace DaxSim.Tests.AddressSpaces;

/// <summary>What private anonymous and shared file memory contain, page by page and as simply as can be: one record per page, copied whole at fork.</summary>
internal sealed class ReferenceModel
{
    private const int Pages = 64;

    private readonly byte[][] files;
    private readonly int[] sizes;
    private readonly PageRecord?[][] spaces;
    private int areas;

    internal ReferenceModel(int fileCount, int filePages, int processes)
    {
        files = [.. Enumerable.Range(0, fileCount).Select(_ => new byte[filePages * 2])];
        sizes = [.. Enumerable.Repeat(filePages, fileCount)];
        spaces = [.. Enumerable.Range(0, processes).Select(_ => new PageRecord?[Pages])];
    }

    private ReferenceModel(ReferenceModel other)
    {
        files = [.. other.files.Select(f => (byte[])f.Clone())];
        sizes = [.. other.sizes];
        var boxes = new Dictionary<byte[], byte[]>(ReferenceEqualityComparer.Instance);
        spaces = [.. other.spaces.Select(s => s.Select(r => r is null ? null : r with { Common = Box(r.Common) }).ToArray())];
        areas = other.areas;

        byte[]? Box(byte[]? common)
        {
            if (common is not null && !boxes.ContainsKey(common))
            {
                boxes[common] = (byte[])common.Clone();
            }

            return common is null ? null : boxes[common];
        }
    }

    /// <summary>What one page of a process is. A private page has its own byte once it was copied; before, it shows its file.</summary>
    private sealed record PageRecord
    {
        internal bool Shared { get; init; }

        internal bool Readable { get; set; } = true;

        internal bool Writable { get; set; }

        /// <summary>The file and page behind it; -1 for private anonymous memory.</summary>
        internal int File { get; init; } = -1;

        internal int Index { get; init; }

        /// <summary>The byte of shared anonymous memory, of which every forked copy holds the same box.</summary>
        internal byte[]? Common { get; init; }

        /// <summary>The private copy, if there is one.</summary>
        internal byte? Own { get; set; }

        internal int Area { get; init; }
    }

    internal ReferenceModel Copy() => new(this);

    internal int FileSize(int file) => sizes[file];

    internal byte ReadFile(int file, int page) => files[file][page];

    internal void WriteFile(int file, int page, byte value) => files[file][page] = value;

    internal void Map(int who, int page, int count, bool shared, bool writable, int file, int offset)
    {
        areas++;
        for (var i = 0; i < count; i++)
        {
            spaces[who][page + i] = new PageRecord
            {
                Shared = shared,
                Writable = writable,
                File = file,
                Index = offset + i,
                Common = shared && file < 0 ? new byte[1] : null,
                Area = areas,
            };
        }
    }

    internal void Unmap(int who, int page, int count) => Array.Clear(spaces[who], page, count);

    internal void Protect(int who, int page, int count, bool readable, bool writable)
    {
        for (var i = page; i < page + count && spaces[who][i] is { } record; i++)
        {
            record.Readable = readable;
            record.Writable = writable;
        }
    }

    internal SiCode Load(int who, int page, out byte value)
    {
        value = 0;
        if (spaces[who][page] is not { } record)
        {
            return SiCode.SEGV_MAPERR;
        }

        if (!record.Readable)
        {
            return SiCode.SEGV_ACCERR;
        }

        if (IsPastEnd(record))
        {
            return SiCode.BUS_ADRERR;
        }

        value = Content(record);
        return SiCode.None;
    }

    internal SiCode Store(int who, int page, byte value)
    {
        if (spaces[who][page] is not { } record)
        {
            return SiCode.SEGV_MAPERR;
        }

        if (!record.Writable)
        {
            return SiCode.SEGV_ACCERR;
        }

        if (IsPastEnd(record))
        {
            return SiCode.BUS_ADRERR;
        }

        Write(record, value);
        return SiCode.None;
    }

    /// <summary>A debugger's store that succeeded.</summary>
    internal void Force(int who, int page, byte value) => Write(spaces[who][page]!, value);

    internal void Fork(int parent, int child)
    {
        for (var i = 0; i < Pages; i++)
        {
            spaces[child][i] = spaces[parent][i] is { } record ? record with { } : null;
        }
    }

    internal void Exit(int who) => Array.Clear(spaces[who]);

    internal void DontNeed(int who, int page, int count)
    {
        for (var i = page; i < page + count; i++)
        {
            if (spaces[who][i] is { } record)
            {
                record.Own = null;
            }
        }
    }

    internal void Truncate(int file, int pages)
    {
        for (var i = pages; i < files[file].Length; i++)
        {
            files[file][i] = 0;
        }

        sizes[file] = pages;

        // Truncation takes private copies away too.
        DropCopies(file, pages);
    }

    /// <summary>Private copies of a file's pages are lost.</summary>
    internal void DropCopies(int file, int from)
    {
        foreach (var record in Of(file, from, int.MaxValue))
        {
            record.Own = null;
        }
    }

    /// <summary>Private pages of a file show the file again.</summary>
    internal void LoseCopies(int file)
    {
        foreach (var record in Of(file, 0, int.MaxValue))
        {
            record.Own = null;
        }
    }

    internal void Punch(int file, int page, int count)
    {
        for (var i = page; i < page + count && i < files[file].Length; i++)
        {
            files[file][i] = 0;
        }
    }

    /// <summary>Private pages become copies of what they show.</summary>
    internal void Detach(int who, int page, int count)
    {
        for (var i = page; i < page + count; i++)
        {
            if (spaces[who][i] is { Shared: false } record)
            {
                record.Own = Content(record);
            }
        }
    }

    internal bool IsOneArea(int who, int page, int count)
        => spaces[who][page] is { } first && Enumerable.Range(page, count).All(i => spaces[who][i] is { } r && r.Area == first.Area && r.Readable == first.Readable && r.Writable == first.Writable && r.Index - first.Index == i - page);

    internal void Move(int who, int page, int to, int count)
    {
        areas++;
        var moved = spaces[who][page..(page + count)];
        Unmap(who, page, count);
        for (var i = 0; i < count; i++)
        {
            spaces[who][to + i] = moved[i]! with { Area = areas };
        }
    }

    private static void Assign(PageRecord record, byte value) => record.Own = value;

    private void Write(PageRecord record, byte value)
    {
        if (!record.Shared)
        {
            Assign(record, value);
        }
        else if (record.Common is { } common)
        {
            common[0] = value;
        }
        else
        {
            files[record.File][record.Index] = value;
        }
    }

    private byte Content(PageRecord record)
        => record.Own ?? (record.Common is { } common ? common[0] : record.File < 0 ? (byte)0 : files[record.File][record.Index]);

    private bool IsPastEnd(PageRecord record) => record.File >= 0 && record.Index >= sizes[record.File];

    private IEnumerable<PageRecord> Of(int file, int from, int until)
        => spaces.SelectMany(s => s).OfType<PageRecord>().Where(r => r.File == file && r.Index >= from && r.Index < until);
}
