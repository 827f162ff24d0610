using System.Numerics;
using DaxSim.Outcomes;

namespace DaxSim.FileSystems;

/// <summary>What an open file remembers of how it is read (struct file_ra_state), in pages.</summary>
/// <param name="Start">Where the last window read ahead begins.</param>
/// <param name="Size">Pages of that window.</param>
/// <param name="AsyncSize">So many pages before the window's end, the mark for reading on was put.</param>
/// <param name="Previous">The page in which the last read ended; <see cref="ulong.MaxValue"/> before the first.</param>
internal readonly record struct ReadAheadState(ulong Start, ulong Size, ulong AsyncSize, ulong Previous);

// mm/readahead.c for devices with the usual 128 KiB: page_cache_sync_ra and page_cache_async_ra, base pages only.
internal sealed partial class OpenFile
{
    private const ulong MostReadAhead = 32;

    internal ReadAheadState ReadAhead { get; private set; } = new(0, 0, 0, ulong.MaxValue);

    internal void SetReadAhead(ulong start, ulong size, ulong asyncSize) => Keep(ReadAhead with { Start = start, Size = size, AsyncSize = asyncSize });

    /// <summary>A read ended in this page (ra->prev_pos).</summary>
    internal void ReadEndedIn(ulong index) => Keep(ReadAhead with { Previous = index });

    /// <summary>page_cache_sync_ra: a read of so many pages misses the first. At the file's beginning, after the last read, or behind pages that look like a sequential reader's, more is read than asked.</summary>
    internal void ReadAheadAtMiss(ulong index, ulong wanted)
    {
        var state = ReadAhead;
        if (index == 0 || wanted > MostReadAhead || unchecked(index - state.Previous) <= 1)
        {
            var size = FirstWindow(wanted);
            ReadWindow(index, size, size > wanted ? size - wanted : size);
            return;
        }

        // count_history_pages.
        ulong history = 0;
        while (history < Math.Min(index, MostReadAhead) && Inode.HasPage(index - history - 1))
        {
            history++;
        }

        if (history <= wanted)
        {
            ReadPages(index, wanted, 0);
            return;
        }

        ReadWindow(index, Math.Min((history == index ? 2 * history : history) + wanted, MostReadAhead), 1);
    }

    /// <summary>page_cache_async_ra: the page with the mark was reached.</summary>
    internal void ReadAheadAfterMark(ulong index, ulong wanted)
    {
        var state = ReadAhead;
        if (index == state.Start + state.Size - state.AsyncSize)
        {
            var next = NextWindow(state.Size);
            ReadWindow(state.Start + state.Size, next, next);
            return;
        }

        var start = index + 1;
        while (start - index <= MostReadAhead && Inode.HasPage(start))
        {
            start++;
        }

        if (start - index <= MostReadAhead)
        {
            var size = NextWindow(start - index + wanted);
            ReadWindow(start, size, size);
        }
    }

    /// <summary>get_init_ra_size.</summary>
    private static ulong FirstWindow(ulong wanted)
    {
        var size = BitOperations.RoundUpToPowerOf2(wanted);
        return size <= MostReadAhead / 32 ? size * 4 : size <= MostReadAhead / 4 ? size * 2 : MostReadAhead;
    }

    /// <summary>get_next_ra_size.</summary>
    private static ulong NextWindow(ulong size) => size < MostReadAhead / 16 ? 4 * size : size <= MostReadAhead / 2 ? 2 * size : MostReadAhead;

    private void ReadWindow(ulong start, ulong size, ulong asyncSize)
    {
        SetReadAhead(start, size, asyncSize);
        ReadPages(start, size, asyncSize);
    }

    /// <summary>do_page_cache_ra: reads what is not in memory, up to the end of the file, and marks the first page of the last <paramref name="ahead"/> if it was read.</summary>
    private void ReadPages(ulong start, ulong count, ulong ahead)
    {
        var end = Math.Min(start + count, Inode.PagesInSize);
        for (var page = start; page < end; page++)
        {
            if (Inode.HasPage(page))
            {
                continue;
            }

            if (Inode.GetCachePage(page, out _) != Errno.None)
            {
                return;
            }

            if (ahead > 0 && page + ahead == end)
            {
                Inode.MarkReclaimed(page, true);
            }
        }
    }

    private void Keep(ReadAheadState state)
    {
        if (state != ReadAhead)
        {
            Touch();
            ReadAhead = state;
        }
    }
}
