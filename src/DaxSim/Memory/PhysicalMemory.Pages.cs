using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>The struct pages of the memmap and the allocator of system RAM.</summary>
internal sealed partial class PhysicalMemory
{
    private ExtentMap<PageState> pages = null!;
    private ExtentMap<Distance> indexes = null!;
    private ExtentMap<Number> freed = null!;
    private ExtentMap<Number> poisoned = null!;
    private const ulong LowMemory = 1UL << 20;

    private Allocator allocator = null!;

    /// <summary>The pfn of the shared zero page: the first frame of system RAM.</summary>
    internal ulong ZeroPfn { get; private set; }

    /// <summary>Struct page states by pfn. Only pfns with a struct page have one; asking for another's state is a defect of the caller.</summary>
    internal ExtentMap<PageState> Pages => pages;

    /// <summary>Pages taken from RAM and not yet given back.</summary>
    internal long AllocatedPages => allocator.InUse;

    /// <summary>A number for a new owner of page cache pages (an inode), unique in the machine.</summary>
    internal int NewOwner() => allocator.NewOwner();

    /// <summary>The state of a page that is known to have a struct page.</summary>
    internal PageState PageOf(ulong pfn) => pages[pfn];

    /// <summary>The same where it lies, until any page changes.</summary>
    internal ref readonly PageState Peek(ulong pfn) => ref pages.Peek(pfn);

    /// <summary>page->index: kept apart from the states and relative to the pfn, so that neighbours in disorder may still be alike.</summary>
    internal ulong IndexOf(ulong pfn) => indexes[pfn] + pfn;

    /// <summary>The struct page of a pfn, if a memmap covers it.</summary>
    internal bool TryGetPage(ulong pfn, out PageState page)
    {
        if (!HasStructPage(pfn))
        {
            page = default;
            return false;
        }

        page = pages[pfn];
        return true;
    }

    /// <summary>page_count() of an idle page of that memmap.</summary>
    internal int IdleReferences(ulong pfn) => PagemapOf(pfn)?.IdleRefCount ?? 0;

    /// <summary>page_count().</summary>
    internal int PageCount(ulong pfn) => IdleReferences(pfn) + pages[HeadOf(pfn)].References;

    /// <summary>compound_head(): folios are naturally aligned.</summary>
    internal ulong HeadOf(ulong pfn)
    {
        var order = pages.Peek(pfn).Order;
        return order == 0 ? pfn : pfn & ~((1UL << order) - 1);
    }

    /// <summary>Takes 2^order naturally aligned frames from system RAM, zero-filled, with one reference. False when RAM is exhausted.</summary>
    internal bool TryAllocate(int order, PageFlags flags, int owner, ulong index, out ulong pfn) => TryAllocate(order, flags, owner, index, Choice, out pfn);

    /// <summary>The same with the nodes that it may come from; on a machine with one node they do not matter.</summary>
    internal bool TryAllocate(int order, PageFlags flags, int owner, ulong index, NodeChoice nodes, out ulong pfn)
    {
        if (!(HasNodes ? TryTakeFromNodes(order, nodes, index >> order, out pfn) : TryTakeFrames(order, out pfn)))
        {
            return false;
        }

        var count = 1UL << order;
        Contents.Fill(pfn, pfn + count, 0);
        pages.Set(pfn, pfn + count, new PageState { References = 1, Flags = flags | PageFlags.Allocated, Owner = owner, Order = (byte)order });
        indexes.Set(pfn, pfn + count, index - pfn);
        allocator.Add((long)count);
        return true;
    }

    /// <summary>Gives the frames of a folio whose last reference is gone back to RAM.</summary>
    internal void Free(ulong head)
    {
        FreeRange(head, head + (1UL << pages[head].Order));
    }

    private void FreeRange(ulong start, ulong end)
    {
        pages.Clear(start, end);
        indexes.Clear(start, end);
        allocator.Add(-(long)(end - start));
        if (poisoned.IsEmpty)
        {
            freed.Set(start, end, 1);
            return;
        }

        for (var pfn = start; pfn < end; pfn++)
        {
            if (poisoned[pfn] == 0)
            {
                freed.Set(pfn, pfn + 1, 1);
            }
        }
    }

    /// <summary>SetPageHWPoison: once given back, the frame is never handed out again.</summary>
    internal void Poison(ulong pfn)
    {
        SetFlags(pfn, PageFlags.HwPoison);
        poisoned[pfn] = 1;
    }

    /// <summary>Is a page of the folio that the page belongs to poisoned? Of hugetlb memory the kernel marks the whole folio as well.</summary>
    internal bool IsFolioPoisoned(ulong pfn)
    {
        if (poisoned.IsEmpty)
        {
            return false;
        }

        var head = HeadOf(pfn);
        foreach (var extent in pages.Extents(head, head + (1UL << pages[head].Order)))
        {
            if (extent.Value.Has(PageFlags.HwPoison))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>filemap_remove_folio: the page leaves the page cache, and with it goes the cache's reference.</summary>
    internal void ForgetCachePage(ulong pfn)
    {
        var head = HeadOf(pfn);
        var count = 1UL << pages[head].Order;
        var owner = new OwnerChange(0, PageFlags.PageCache | PageFlags.Dirty);
        pages.TransformAll(head, head + count, ref owner);
        indexes.Clear(head, head + count);
        Put(head, 1);
    }

    /// <summary>Sets page->mapping and index of a range of pages (0: nobody).</summary>
    internal void SetOwner(ulong pfn, ulong count, int owner, ulong index)
    {
        var change = new OwnerChange(owner, PageFlags.None);
        pages.TransformAll(pfn, pfn + count, ref change);
        indexes.Set(pfn, pfn + count, owner == 0 ? 0 : index - pfn);
    }

    /// <summary>get_page: more references on the folio that the page belongs to.</summary>
    internal void Get(ulong pfn, int number) => Count(pfn, number, 0);

    /// <summary>put_page: fewer references, and pins with them; the folio is freed with the last one. True when it was freed.</summary>
    internal bool Put(ulong pfn, int number, int pins = 0)
    {
        Count(pfn, -number, -pins);
        ref readonly var state = ref pages.Peek(pfn);
        if (state.References == 0 && (state.Flags & PageFlags.Allocated) != 0)
        {
            Free(HeadOf(pfn));
            return true;
        }

        return false;
    }

    /// <summary>Changes the reference and pin counts of the folio that the page belongs to.</summary>
    internal void Count(ulong pfn, int references, int pins)
    {
        ref var page = ref pages.Cell(pfn, out var at);
        if (Unsafe.IsNullRef(ref page) || page.Order > 0)
        {
            CountAmongOthers(pfn, references, pins);
            return;
        }

        var now = page.References + references;
        if (now < 0)
        {
            ThrowPutTooOften(pfn, references, page.References);
        }

        page.References = now;
        page.PinCount += pins;
        pages.Settle(at);
    }

    /// <summary>The same for a page that is still like its neighbours, or part of a folio.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CountAmongOthers(ulong pfn, int references, int pins)
    {
        var state = pages[pfn];
        if (state.References + references < 0)
        {
            ThrowPutTooOften(pfn, references, state.References);
        }

        if (state.Order > 0)
        {
            CountFolio(pfn, references, pins, 0);
            return;
        }

        state.References += references;
        state.PinCount += pins;
        pages[pfn] = state;
    }

    [DoesNotReturn]
    private static void ThrowPutTooOften(ulong pfn, int references, int held)
        => throw new InvalidOperationException($"pfn {pfn:x}: {-references} references put, {held} held (simulator defect).");

    /// <summary>Adds to _mapcount (or for a whole mapping to the folio's entire_mapcount) of one page.</summary>
    internal void AddMapping(ulong pfn, int number, bool entire = false)
    {
        var state = pages[pfn];
        if (entire && state.Order > 0)
        {
            CountFolio(pfn, 0, 0, number);
            return;
        }

        if (entire)
        {
            state.EntireMapCount += number;
        }
        else
        {
            state.MapCount += number;
        }

        pages[pfn] = state;
    }

    private void CountFolio(ulong pfn, int references, int pins, int entire)
    {
        var head = HeadOf(pfn);
        var change = new FolioChange(references, pins, entire);
        pages.TransformAll(head, head + (1UL << pages[pfn].Order), ref change);
    }

    internal void SetFlags(ulong pfn, PageFlags set, PageFlags clear = PageFlags.None)
    {
        var state = pages[pfn];
        var flags = (state.Flags & ~clear) | set;
        if (flags != state.Flags)
        {
            state.Flags = flags;
            pages[pfn] = state;
        }
    }

    /// <summary>True when the pfn is system RAM that nobody has allocated.</summary>
    internal bool IsFree(ulong pfn) => memmap[pfn] == SystemMemmap && (pages[pfn].Flags & (PageFlags.Allocated | PageFlags.Reserved)) == 0;

    private bool TryTakeFrames(int order, out ulong pfn)
    {
        var count = 1UL << order;
        ulong from = 0;
        while (freed.TryNext(from, ulong.MaxValue, out var extent))
        {
            var aligned = (extent.Start + count - 1) & ~(count - 1);
            if (aligned + count <= extent.End)
            {
                freed.Clear(aligned, aligned + count);
                pfn = aligned;
                return true;
            }

            from = extent.End;
        }

        foreach (var region in Regions)
        {
            if (region.Kind != RegionKind.SystemRam)
            {
                continue;
            }

            var end = region.End >> PageShift;
            var next = Math.Max(allocator.Next, region.Start >> PageShift);
            var aligned = (next + count - 1) & ~(count - 1);
            if (next < end && aligned + count <= end)
            {
                if (aligned > next)
                {
                    freed.Set(next, aligned, 1);
                }

                allocator.MoveTo(aligned + count);
                pfn = aligned;
                return true;
            }
        }

        pfn = 0;
        return false;
    }

    partial void InitializePages()
    {
        pages = new(Journal);
        indexes = new(Journal);
        freed = new(Journal);
        poisoned = new(Journal);
        allocator = new(Journal);
        swap = new(Journal);
    }

    /// <summary>
    /// Sets a first frame of RAM aside as the zero page. The lowest MiB is handed out to nobody: on x86 it is the firmware's and real
    /// mode's, on s390 and powerpc the interrupt vectors and the kernel lie there.
    /// </summary>
    private void ReserveZeroPage(ulong firstPfn)
    {
        if (ZeroPfn == 0)
        {
            // So frame 0 of a machine is never RAM that anything maps, and a pfn of 0 always means "none".
            ZeroPfn = Math.Max(firstPfn, LowMemory >> PageShift);
            pages.Set(ZeroPfn, ZeroPfn + 1, new PageState { Flags = PageFlags.Reserved });
            allocator.MoveTo(Math.Max(allocator.Next, ZeroPfn + 1));
        }
    }

    private readonly struct OwnerChange(int owner, PageFlags clear) : IExtentTransform<PageState>
    {
        public PageState Apply(ulong start, ulong end, PageState value)
        {
            value.Owner = owner;
            value.Flags &= ~clear;
            return value;
        }
    }

    private readonly struct FolioChange(int references, int pins, int entire) : IExtentTransform<PageState>
    {
        public PageState Apply(ulong start, ulong end, PageState value)
        {
            value.References += references;
            value.PinCount += pins;
            value.EntireMapCount += entire;
            return value;
        }
    }

    private sealed class Allocator(Journal journal) : Recoverable(journal)
    {
        internal ulong Next { get; private set; }

        internal long InUse { get; private set; }

        private int owners;

        internal int NewOwner()
        {
            Touch();
            return ++owners;
        }

        internal void MoveTo(ulong pfn)
        {
            Touch();
            Next = pfn;
        }

        // The same for each node of a machine with several; empty otherwise.
        private ulong[] nextOfNodes = [];

        internal void DefineNodes(int count) => nextOfNodes = new ulong[count];

        internal ulong NextOf(int node) => nextOfNodes[node];

        internal void MoveTo(int node, ulong pfn)
        {
            Touch();
            nextOfNodes = [.. nextOfNodes];
            nextOfNodes[node] = pfn;
            Next = Math.Max(Next, pfn);
        }

        internal void Add(long pages)
        {
            Touch();
            InUse += pages;
        }

        internal override void Describe(StateDigest digest)
        {
            digest.Add(Next);
            digest.Add(InUse);
            digest.Add(owners);
            foreach (var next in nextOfNodes)
            {
                digest.Add(next);
            }
        }

        private protected override void CopyFrom(Recoverable state)
        {
            var other = (Allocator)state;
            Next = other.Next;
            InUse = other.InUse;
            owners = other.owners;
            nextOfNodes = other.nextOfNodes;
        }
    }
}
