using DaxSim.State;

namespace DaxSim.Memory;

/// <summary>How many pages of each kind a change of mappings concerned (MM_ANONPAGES, MM_FILEPAGES, MM_SHMEMPAGES).</summary>
internal struct ResidentPages
{
    internal long Anon;
    internal long File;
    internal long Shmem;

    internal void Add(PageState state, long number)
    {
        if (state.Has(PageFlags.Hugetlb))
        {
            return;
        }

        if (state.IsAnon)
        {
            Anon += number;
        }
        else if (state.Has(PageFlags.SwapBacked))
        {
            Shmem += number;
        }
        else
        {
            File += number;
        }
    }
}

/// <summary>Counting many neighbouring struct pages at once: what it costs follows how many different states there are.</summary>
internal sealed partial class PhysicalMemory
{
    /// <summary>No pfn of system RAM at or above this was ever allocated.</summary>
    internal ulong AllocatedLimit => allocator.Next;

    /// <summary>How many pfns from this one on have a struct page; 0 when it has none.</summary>
    internal ulong StructPagesFrom(ulong pfn, ulong limit)
    {
        var stretch = memmap.StretchAt(pfn, limit);
        return stretch.Value == 0 ? 0 : stretch.Length;
    }

    /// <summary>How many pfns from this one on belong to the same memmap, or like it to none.</summary>
    internal ulong AlikeFrom(ulong pfn, ulong limit) => memmap.StretchAt(pfn, limit).Length;

    /// <summary>
    /// One more (or with -1 one less) base page entry and reference for every page of a range: page_dup_rmap and get_page, or
    /// page_remove_rmap and put_page. What kinds of pages they were is added to <paramref name="resident"/>.
    /// </summary>
    internal void AddMappings(ulong pfn, ulong count, int number, PageFlags clear, ref ResidentPages resident)
    {
        for (var end = pfn + count; pfn < end;)
        {
            var stretch = pages.StretchAt(pfn, end);
            var state = stretch.Value;
            if (state.Order > 0)
            {
                resident.Add(state, number);
                AddMapping(pfn, number);
                if ((state.Flags & clear) != 0)
                {
                    SetFlags(pfn, PageFlags.None, clear);
                }

                _ = number > 0 ? Count(pfn, number, 0).IsAnon : Put(pfn, -number);
                pfn++;
                continue;
            }

            pfn = stretch.End;
            resident.Add(state, number * (long)stretch.Length);
            state.References += number;
            state.MapCount += number;
            state.Flags &= ~clear;
            if (state.References < 0)
            {
                throw new InvalidOperationException($"pfn {stretch.Start:x}: more references put than held (simulator defect).");
            }

            if (state.References == 0 && state.Has(PageFlags.Allocated))
            {
                FreeRange(stretch.Start, stretch.End);
            }
            else
            {
                pages.Set(stretch.Start, stretch.End, state);
            }
        }
    }

    /// <summary>The same for device pages that PMD entries map: each folio of the range gets one more (or one less) whole mapping and reference.</summary>
    internal void AddEntireMappings(ulong pfn, ulong count, int number)
    {
        var change = new FolioChange(number, 0, number);
        pages.TransformAll(pfn, pfn + count, ref change);
    }
}
