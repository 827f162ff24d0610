using DaxSim.Policy;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>
/// Page tables without entries: what zapping leaves of a table until the areas around it go (free_pgtables). Tables with entries are known
/// by these. Ranges of PMD indexes in order, apart from each other; a value that never changes.
/// </summary>
internal sealed class SpareTables
{
    internal static readonly SpareTables None = new([]);

    private readonly (ulong Start, ulong End)[] ranges;

    private SpareTables((ulong Start, ulong End)[] ranges) => this.ranges = ranges;

    internal ReadOnlySpan<(ulong Start, ulong End)> Ranges => ranges;

    internal bool Contains(ulong pmdIndex)
    {
        foreach (var (start, end) in ranges)
        {
            if (start <= pmdIndex && pmdIndex < end)
            {
                return true;
            }
        }

        return false;
    }

    internal SpareTables With(ulong start, ulong end)
    {
        foreach (var range in ranges)
        {
            if (range.Start <= start && end <= range.End)
            {
                return this;
            }
        }

        var result = new List<(ulong Start, ulong End)>(ranges.Length + 1);
        var placed = false;
        foreach (var range in ranges)
        {
            if (range.End < start)
            {
                result.Add(range);
            }
            else if (end < range.Start)
            {
                if (!placed)
                {
                    result.Add((start, end));
                    placed = true;
                }

                result.Add(range);
            }
            else
            {
                start = Math.Min(start, range.Start);
                end = Math.Max(end, range.End);
            }
        }

        if (!placed)
        {
            result.Add((start, end));
        }

        return new([.. result]);
    }

    internal SpareTables Without(ulong start, ulong end)
    {
        var result = new List<(ulong Start, ulong End)>(ranges.Length + 1);
        var changed = false;
        foreach (var range in ranges)
        {
            if (range.End <= start || end <= range.Start)
            {
                result.Add(range);
                continue;
            }

            changed = true;
            if (range.Start < start)
            {
                result.Add((range.Start, start));
            }

            if (end < range.End)
            {
                result.Add((end, range.End));
            }
        }

        return !changed ? this : result.Count == 0 ? None : new([.. result]);
    }

    internal void Describe(StateDigest digest)
    {
        foreach (var (start, end) in ranges)
        {
            digest.Add(start);
            digest.Add(end);
        }
    }
}

/// <summary>Which page tables exist, where a release's behaviour depends on it (<see cref="KernelPolicy.FaultAround"/>).</summary>
internal sealed partial class MemoryManager
{
    private bool KnowsTables => Policy.FaultAround == FaultAroundRule.NeedsTableAtEnd;

    /// <summary>True when the PMD entry for a page is not none: a page table or a huge leaf.</summary>
    private static bool HasTable(AddressSpace space, ulong pmdIndex)
    {
        var table = space.PageTable;
        var first = pmdIndex << table.PmdOrder;
        return space.SpareTables.Contains(pmdIndex)
            || table.Ptes.TryNext(first, first + table.PagesPerPmd, out _)
            || !table.PmdOf(first).IsNone;
    }

    /// <summary>Entries of these pages are about to go; their tables stay.</summary>
    private void KeepTables(AddressSpace space, ulong firstPage, ulong endPage)
    {
        var table = space.PageTable;
        if (KnowsTables && table.Ptes.TryNext(firstPage, endPage, out var run))
        {
            space.SetSpareTables(space.SpareTables.With(run.Start >> table.PmdOrder, ((endPage - 1) >> table.PmdOrder) + 1));
        }
    }

    /// <summary>free_pgtables: the tables that lie whole between the areas below and above a range that was unmapped.</summary>
    private void FreeTables(AddressSpace space, ulong address)
    {
        if (!KnowsTables)
        {
            return;
        }

        var next = space.IndexAbove(address);
        var floor = next > 0 ? space.Areas.Span[next - 1].End : 0;
        var ceiling = next < space.Areas.Count ? space.Areas.Span[next].Start : TaskSize;
        var (start, end) = ((floor + PmdSize - 1) >> PmdShift, ceiling >> PmdShift);
        if (start < end)
        {
            space.SetSpareTables(space.SpareTables.Without(start, end));
        }
    }

    /// <summary>copy_pte_range and move_page_tables make a table where the original has one, even one without entries in the range.</summary>
    internal void CopyTables(AddressSpace from, ulong start, ulong length, AddressSpace to, ulong target)
    {
        if (!KnowsTables || length == 0)
        {
            return;
        }

        for (ulong offset = 0; offset < length && offset <= PmdSize; offset += PmdSize)
        {
            if (HasTable(from, (start + offset) >> PmdShift))
            {
                to.SetSpareTables(to.SpareTables.With((target + offset) >> PmdShift, ((target + offset) >> PmdShift) + 1));
            }
        }
    }
}
