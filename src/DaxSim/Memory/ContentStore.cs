using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>
/// The bytes of pages (of physical memory, by pfn) or blocks (of a disk, by number). Pages that were never written read as
/// zeros and cost nothing; pages full of one byte cost next to nothing.
/// </summary>
internal sealed class ContentStore
{
    private const int LeafShift = 6;

    private readonly Journal journal;
    private readonly ExtentMap<Number> fills;
    private readonly StateMap<ulong, Leaf> leaves;

    internal ContentStore(Journal journal, int pageSize)
    {
        this.journal = journal;
        PageSize = pageSize;
        fills = new(journal);
        leaves = new(journal);
    }

    private ContentStore(CloneContext context, ContentStore original)
    {
        journal = context.Journal;
        PageSize = original.PageSize;
        fills = context.Map(original.fills);
        leaves = context.Map(original.leaves);
    }

    /// <summary>Bytes per page or block.</summary>
    internal int PageSize { get; }

    internal byte ReadByte(ulong page, int offset) => Find(page) is { } bytes ? bytes[offset] : FillOf(page);

    internal void Read(ulong page, int offset, Span<byte> destination)
    {
        if (Find(page) is { } bytes)
        {
            bytes.Read(offset, destination);
        }
        else
        {
            destination.Fill(FillOf(page));
        }
    }

    internal void WriteByte(ulong page, int offset, byte value) => Own(page).Write(offset, [value]);

    internal void Write(ulong page, int offset, ReadOnlySpan<byte> source)
    {
        if (source.Length == PageSize && source.IndexOfAnyExcept(source[0]) < 0)
        {
            Fill(page, page + 1, source[0]);
            return;
        }

        if (Find(page) is null && source.IndexOfAnyExcept(FillOf(page)) < 0)
        {
            // What is there already needs no bytes of its own.
            return;
        }

        Own(page).Write(offset, source);
    }

    /// <summary>Makes every byte of the pages the same.</summary>
    internal void Fill(ulong start, ulong end, byte value)
    {
        for (var i = start; i < end;)
        {
            var leafEnd = ((i >> LeafShift) + 1) << LeafShift;
            if (leaves.Count == 0)
            {
                break;
            }

            if (leaves.TryGetValue(i >> LeafShift, out var leaf))
            {
                for (var page = i; page < Math.Min(end, leafEnd); page++)
                {
                    leaf.Set((int)(page & ((1 << LeafShift) - 1)), null);
                }
            }
            else if (end - i > 1 << 20)
            {
                // A huge range: visit only the leaves there are.
                foreach (var key in leaves.Keys.ToArray())
                {
                    if (key > i >> LeafShift && key << LeafShift < end)
                    {
                        var first = Math.Max(i, key << LeafShift);
                        Fill(first, Math.Min(end, first + (1 << LeafShift)), value);
                    }
                }

                break;
            }

            i = leafEnd;
        }

        fills.Set(start, end, value == 0 ? 0 : 0x100 | value);
    }

    /// <summary>Copies one page or block, possibly from another store.</summary>
    internal void CopyPage(ContentStore source, ulong from, ulong to)
    {
        if (source.Find(from) is { } bytes)
        {
            Own(to).CopyBytes(bytes, Math.Min(PageSize, source.PageSize));
        }
        else
        {
            Fill(to, to + 1, source.FillOf(from));
        }
    }

    /// <summary>Makes a range of pages equal to one of another store; costs what the source holds, not how long the range is.</summary>
    internal void CopyRange(ContentStore source, ulong from, ulong to, ulong count)
    {
        Fill(to, to + count, 0);
        foreach (var extent in source.fills.Extents(from, from + count))
        {
            fills.Set(to + (extent.Start - from), to + (extent.End - from), extent.Value);
        }

        foreach (var (key, leaf) in source.leaves)
        {
            var first = key << LeafShift;
            for (var i = 0UL; i < 1 << LeafShift; i++)
            {
                if (first + i >= from && first + i < from + count && leaf[(int)i] is not null)
                {
                    CopyPage(source, first + i, to + (first + i - from));
                }
            }
        }
    }

    internal ContentStore CloneInto(CloneContext context) => new(context, this);

    internal void Describe(StateDigest digest)
    {
        digest.Add(fills);
        foreach (var (key, leaf) in leaves)
        {
            for (var i = 0; i < 1 << LeafShift; i++)
            {
                if (leaf[i] is { HasOtherThanZeros: true } bytes)
                {
                    digest.Add((key << LeafShift) + (ulong)i);
                    bytes.Describe(digest);
                }
            }
        }

        digest.Add(ulong.MaxValue);
    }

    /// <summary>The pages that hold something else than zeros, in order.</summary>
    internal IEnumerable<ulong> NonZeroPages()
    {
        var pages = new SortedSet<ulong>();
        foreach (var extent in fills.Extents())
        {
            // Uniform fills are reported by their first page only: a device filled with one byte is one fact.
            pages.Add(extent.Start);
        }

        foreach (var (key, leaf) in leaves)
        {
            for (var i = 0; i < 1 << LeafShift; i++)
            {
                if (leaf[i] is not null)
                {
                    pages.Add((key << LeafShift) + (ulong)i);
                }
            }
        }

        return pages;
    }

    private byte FillOf(ulong page) => (byte)fills[page];

    private PageBytes? Find(ulong page)
        => leaves.TryGetValue(page >> LeafShift, out var leaf) ? leaf[(int)(page & ((1 << LeafShift) - 1))] : null;

    private PageBytes Own(ulong page)
    {
        if (!leaves.TryGetValue(page >> LeafShift, out var leaf))
        {
            leaf = new Leaf(journal);
            leaves[page >> LeafShift] = leaf;
        }

        var index = (int)(page & ((1 << LeafShift) - 1));
        var bytes = leaf[index];
        if (bytes is null)
        {
            var fill = FillOf(page);
            bytes = new PageBytes(journal, PageSize, fill);
            if (fill != 0)
            {
                fills.Clear(page, page + 1);
            }

            leaf.Set(index, bytes);
        }

        return bytes;
    }

    private sealed class Leaf(Journal journal) : Recoverable(journal)
    {
        private PageBytes?[] pages = new PageBytes?[1 << LeafShift];

        internal PageBytes? this[int index] => pages[index];

        internal void Set(int index, PageBytes? bytes)
        {
            if (pages[index] != bytes)
            {
                Touch();
                pages[index] = bytes;
            }
        }

        internal override void Describe(StateDigest digest)
        {
            foreach (var page in pages)
            {
                digest.Add(page);
            }
        }

        private protected override void DetachStorage() => pages = [.. pages];

        private protected override void CopyFrom(Recoverable state) => pages = ((Leaf)state).pages;

        private protected override void Remap(CloneContext context)
        {
            for (var i = 0; i < pages.Length; i++)
            {
                pages[i] = context.MapOrNull(pages[i]);
            }
        }
    }

    /// <summary>The bytes of one page, in sixteen parts: one that is full of the page's filling needs no bytes. Most stores touch one part.</summary>
    private sealed class PageBytes(Journal journal, int size, byte fill) : Recoverable(journal)
    {
        private const int Parts = 16;

        private readonly int partSize = size / Parts;
        private byte fill = fill;
        private byte[]?[] parts = new byte[]?[Parts];

        internal byte this[int offset] => parts[offset / partSize] is { } part ? part[offset % partSize] : fill;

        internal bool HasOtherThanZeros
        {
            get
            {
                foreach (var part in parts)
                {
                    if (part is null ? fill != 0 : part.AsSpan().ContainsAnyExcept((byte)0))
                    {
                        return true;
                    }
                }

                return false;
            }
        }

        internal void Read(int offset, Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                var (index, start) = (offset / partSize, offset % partSize);
                var length = Math.Min(destination.Length, partSize - start);
                if (parts[index] is { } part)
                {
                    part.AsSpan(start, length).CopyTo(destination);
                }
                else
                {
                    destination[..length].Fill(fill);
                }

                destination = destination[length..];
                offset += length;
            }
        }

        internal void Write(int offset, ReadOnlySpan<byte> source)
        {
            Touch();
            while (!source.IsEmpty)
            {
                var (index, start) = (offset / partSize, offset % partSize);
                var length = Math.Min(source.Length, partSize - start);
                source[..length].CopyTo(Own(index).AsSpan(start));
                source = source[length..];
                offset += length;
            }
        }

        /// <summary>Takes over the first bytes of a page, perhaps of another size.</summary>
        internal void CopyBytes(PageBytes other, int length)
        {
            Touch();
            if (length == size && partSize == other.partSize)
            {
                fill = other.fill;
                for (var i = 0; i < parts.Length; i++)
                {
                    parts[i] = (byte[]?)other.parts[i]?.Clone();
                }

                return;
            }

            for (var offset = 0; offset < length; offset += partSize)
            {
                other.Read(offset, Own(offset / partSize).AsSpan(0, Math.Min(partSize, length - offset)));
            }
        }

        internal override void Describe(StateDigest digest)
        {
            var bytes = new byte[size];
            Read(0, bytes);
            digest.Add(bytes);
        }

        private byte[] Own(int index)
        {
            if (parts[index] is { } part)
            {
                return part;
            }

            part = new byte[partSize];
            if (fill != 0)
            {
                part.AsSpan().Fill(fill);
            }

            parts[index] = part;
            return part;
        }

        private protected override void DetachStorage()
        {
            parts = [.. parts];
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i] = (byte[]?)parts[i]?.Clone();
            }
        }

        private protected override void CopyFrom(Recoverable state)
        {
            var other = (PageBytes)state;
            (parts, fill) = (other.parts, other.fill);
        }
    }
}
