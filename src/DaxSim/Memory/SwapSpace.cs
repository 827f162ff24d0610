using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>
/// The swap areas, how often each slot is referenced (swap_map), and the swap cache: pages that are in memory and have a slot too.
/// A slot is named by a swap entry, whose upper half is the area's number and whose lower half is the slot.
/// </summary>
internal sealed class SwapSpace(Journal journal) : Recoverable(journal)
{
    /// <summary>SWAP_MAP_MAX: up to so many references a byte of swap_map counts.</summary>
    internal const int MostPlainReferences = 62;

    /// <summary>SWAP_CONT_MAX: what a byte of a continuation page counts, and 1.</summary>
    private const int ContinuedDigit = 128;

    private const int OffsetBits = 32;
    private const int FileBits = 36;
    private const int ContinuationShift = 12;

    private StateList<SwapArea> areas = new(journal);
    private ExtentMap<Number> references = new(journal);
    private ExtentMap<SwapLink> cache = new(journal);
    private ExtentMap<SwapLink> entries = new(journal);
    private ExtentMap<SwapLink> files = new(journal);
    private ExtentMap<Number> continuations = new(journal);

    /// <summary>Every area that was ever added, by number; those that were taken off stay listed.</summary>
    internal IReadOnlyList<SwapArea> Areas => areas;

    /// <summary>How often each entry is referenced, by page tables and memory files.</summary>
    internal ExtentMap<Number> References => references;

    /// <summary>Which page of memory has the bytes of a slot as well, by entry.</summary>
    internal ExtentMap<SwapLink> Cache => cache;

    /// <summary>Which slot a page of the swap cache has, by pfn.</summary>
    internal ExtentMap<SwapLink> Entries => entries;

    /// <summary>Places of memory files whose page is swapped out: see <see cref="FileKey"/>.</summary>
    internal ExtentMap<SwapLink> Files => files;

    /// <summary>vmstat pswpin.</summary>
    internal long PagesIn { get; private set; }

    /// <summary>vmstat pswpout.</summary>
    internal long PagesOut { get; private set; }

    /// <summary>total_swap_pages: slots of the areas that are on.</summary>
    internal ulong TotalPages
    {
        get
        {
            ulong total = 0;
            foreach (var area in areas)
            {
                total += area.IsOn ? area.Slots - 1 : 0;
            }

            return total;
        }
    }

    /// <summary>Is any slot free?</summary>
    internal bool HasRoom => UsedPages < TotalPages;

    /// <summary>vm_swap_full: less than half of the slots is free.</summary>
    internal bool IsHalfFull => UsedPages * 2 > TotalPages;

    private ulong UsedPages
    {
        get
        {
            ulong used = 0;
            for (var number = 0; number < areas.Count; number++)
            {
                used += areas[number].IsOn ? UsedIn(number) : 0;
            }

            return used;
        }
    }

    internal static int AreaOf(ulong entry) => (int)(entry >> OffsetBits);

    internal static ulong OffsetOf(ulong entry) => entry & ((1UL << OffsetBits) - 1);

    internal static ulong FirstEntry(int area) => (ulong)area << OffsetBits;

    /// <summary>The key of a page of a memory file. Ranges of a file are ranges of keys.</summary>
    internal static ulong FileKey(int inode, ulong index) => ((ulong)inode << FileBits) + Math.Min(index, (1UL << FileBits) - 1);

    internal SwapArea Add(string name, ulong slots, bool isSynchronous, int pageSize)
    {
        var area = new SwapArea(Journal, name, slots, isSynchronous, pageSize);
        areas.Add(area);
        return area;
    }

    /// <summary>The slots of an area that are taken.</summary>
    internal ulong UsedIn(int area)
    {
        ulong used = 0;
        var (first, end) = (FirstEntry(area), FirstEntry(area + 1));
        for (var at = first; at < end;)
        {
            var counted = references.StretchAt(at, end);
            var cached = cache.StretchAt(at, counted.End);
            used += counted.Value != 0 || !cached.Value.IsNone ? cached.Length : 0;
            at = cached.End;
        }

        return used;
    }

    /// <summary>get_swap_page: a free slot of the first area that has one.</summary>
    internal bool TryAllocate(out ulong entry)
    {
        for (var number = 0; number < areas.Count; number++)
        {
            var area = areas[number];
            if (area.IsOn && (TryFind(number, area.Next, area.Slots, out entry) || TryFind(number, 1, area.Next, out entry)))
            {
                area.MoveTo(OffsetOf(entry) + 1);
                return true;
            }
        }

        entry = 0;
        return false;
    }

    private bool TryFind(int number, ulong from, ulong to, out ulong entry)
    {
        var end = FirstEntry(number) + to;
        for (entry = FirstEntry(number) + from; entry < end;)
        {
            var counted = references.StretchAt(entry, end);
            var cached = cache.StretchAt(entry, end);
            if (counted.Value == 0 && cached.Value.IsNone)
            {
                return true;
            }

            entry = counted.Value != 0 ? counted.End : cached.End;
        }

        return false;
    }

    /// <summary>swap_count: references, without the swap cache's.</summary>
    internal int CountOf(ulong entry) => references[entry];

    /// <summary>swap_duplicate and swap_free for neighbouring entries: a slot without references that is not in the swap cache is free.</summary>
    internal void Count(ulong entry, ulong number, int more)
    {
        var change = new MoreReferences(more);
        references.TransformAll(entry, entry + number, ref change);
        for (var at = entry; more < 0 && at < entry + number; at++)
        {
            if (references[at] < 0)
            {
                throw new InvalidOperationException($"Swap entry {at:x}: more references given back than there were (simulator defect).");
            }

            FreeIfUnused(at);
        }
    }

    /// <summary>add_swap_count_continuation: how many more pages swap_map needs before an entry can be referenced once more.</summary>
    internal int MissingContinuations(ulong entry)
    {
        var needed = 0;
        for (long most = MostPlainReferences; CountOf(entry) >= most; most = ((most + 1) * ContinuedDigit) - 1)
        {
            needed++;
        }

        return Math.Max(0, needed - continuations[entry >> ContinuationShift]);
    }

    internal void AddContinuation(ulong entry) => continuations[entry >> ContinuationShift] = continuations[entry >> ContinuationShift] + 1;

    /// <summary>The page of the swap cache that has a slot's bytes.</summary>
    internal bool TryCached(ulong entry, out ulong pfn)
    {
        var link = cache[entry];
        pfn = link.Target(entry);
        return !link.IsNone;
    }

    /// <summary>The slot of a page that is in the swap cache.</summary>
    internal ulong EntryOf(ulong pfn) => entries[pfn].Target(pfn);

    /// <summary>Counts are the caller's.</summary>
    internal void AddToCache(ulong entry, ulong pfn)
    {
        cache[entry] = new SwapLink(entry, pfn);
        entries[pfn] = new SwapLink(pfn, entry);
    }

    /// <summary>delete_from_swap_cache; counts are the caller's.</summary>
    internal void RemoveFromCache(ulong pfn)
    {
        var entry = EntryOf(pfn);
        entries[pfn] = default;
        cache[entry] = default;
        FreeIfUnused(entry);
    }

    /// <summary>The slot's page in the swap cache is another one from now on.</summary>
    internal void MoveInCache(ulong entry, ulong from, ulong to)
    {
        entries[from] = default;
        AddToCache(entry, to);
    }

    private void FreeIfUnused(ulong entry)
    {
        if (references[entry] == 0 && cache[entry].IsNone)
        {
            var offset = OffsetOf(entry);
            areas[AreaOf(entry)].Contents.Fill(offset, offset + 1, 0);
        }
    }

    /// <summary>swap_writepage.</summary>
    internal void Write(PhysicalMemory memory, ulong entry, ulong pfn)
    {
        Touch();
        PagesOut++;
        areas[AreaOf(entry)].Contents.CopyPage(memory.Contents, pfn, OffsetOf(entry));
    }

    /// <summary>swap_readpage; false: the device could not read it.</summary>
    internal bool TryRead(PhysicalMemory memory, ulong entry, ulong pfn)
    {
        var area = areas[AreaOf(entry)];
        if (area.FailsReads)
        {
            return false;
        }

        Touch();
        PagesIn++;
        memory.Contents.CopyPage(area.Contents, OffsetOf(entry), pfn);
        return true;
    }

    /// <summary>The entry that stands in the place of a page of a memory file.</summary>
    internal bool TryFile(int inode, ulong index, out ulong entry)
    {
        var key = FileKey(inode, index);
        var link = files[key];
        entry = link.Target(key);
        return !link.IsNone;
    }

    internal void SetFile(int inode, ulong index, ulong entry)
    {
        var key = FileKey(inode, index);
        files[key] = new SwapLink(key, entry);
    }

    internal void ClearFile(int inode, ulong index) => files[FileKey(inode, index)] = default;

    internal override void Describe(StateDigest digest)
    {
        digest.Add(areas);
        digest.Add(references);
        digest.Add(cache);
        digest.Add(entries);
        digest.Add(files);
        digest.Add(continuations);
        digest.Add(PagesIn);
        digest.Add(PagesOut);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (SwapSpace)state;
        PagesIn = other.PagesIn;
        PagesOut = other.PagesOut;
    }

    private protected override void Remap(CloneContext context)
    {
        areas = context.Map(areas);
        references = context.Map(references);
        cache = context.Map(cache);
        entries = context.Map(entries);
        files = context.Map(files);
        continuations = context.Map(continuations);
    }

    private readonly struct MoreReferences(int more) : IExtentTransform<Number>
    {
        public Number Apply(ulong start, ulong end, Number value) => value + more;
    }
}
