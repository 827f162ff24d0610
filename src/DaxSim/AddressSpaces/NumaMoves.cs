using System.Numerics;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>move_pages and migrate_pages between nodes (mm/migrate.c, mm/mempolicy.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>
    /// do_pages_move. How many pages were not moved, or what stopped the call; <paramref name="status"/> keeps what it held where the kernel
    /// writes nothing.
    /// </summary>
    internal Result<int> MovePages(AddressSpace space, IReadOnlyList<ulong> addresses, IReadOnlyList<int> nodes, bool all, int[] status)
        => Policy.MovePagesFailure == MovePagesFailureRule.StatusOfThePage ? MoveEachPage(space, addresses, nodes, all, status) : MovePagesByBatches(space, addresses, nodes, all, status);

    private bool HasMemory(int node) => node >= 0 && node < Memory.NodeCount;

    private Verdict NoSuchNode(int node) => Verdict.Fail(Errno.ENODEV, Because("do_pages_move", $"Node {node} has no memory."));

    /// <summary>Up to 4.16: every page has a status of its own, and the call succeeds.</summary>
    private Result<int> MoveEachPage(AddressSpace space, IReadOnlyList<ulong> addresses, IReadOnlyList<int> nodes, bool all, int[] status)
    {
        foreach (var node in nodes)
        {
            if (!HasMemory(node))
            {
                return NoSuchNode(node);
            }
        }

        for (var i = 0; i < addresses.Count; i++)
        {
            var found = PrepareMove(space, addresses[i], nodes[i], all, [], out var pfn);
            var verdict = found == Queued ? MoveTo(pfn, NodeChoice.Only(nodes[i])) : default;
            status[i] = found < 0 ? found : found == Queued && !verdict.IsOk ? -(int)verdict.Errno : nodes[i];
        }

        return 0;
    }

    /// <summary>From 4.17: neighbours that go to one node go together; where one cannot, the call ends, and says nothing of those with it.</summary>
    private Result<int> MovePagesByBatches(AddressSpace space, IReadOnlyList<ulong> addresses, IReadOnlyList<int> nodes, bool all, int[] status)
    {
        var batch = new List<ulong>();
        var start = 0;
        var current = -1;
        for (var i = 0; i < addresses.Count; i++)
        {
            var node = nodes[i];
            if (!HasMemory(node))
            {
                MoveBatch(batch, current, status.AsSpan()[start..i], 0);
                return NoSuchNode(node);
            }

            if (current != node)
            {
                if (current >= 0 && MoveBatch(batch, current, status.AsSpan()[start..i], addresses.Count - i) is var failed and > 0)
                {
                    return failed;
                }

                (current, start) = (node, i);
            }

            var found = PrepareMove(space, addresses[i], node, all, batch, out var pfn);
            if (found == Queued)
            {
                batch.Add(Memory.HeadOf(pfn));
                continue;
            }

            if (found == InPlace && Policy.MovePagesInPlace == MovePagesInPlaceRule.Unwritten)
            {
                // Written only if another page of the batch is moved.
                continue;
            }

            status[i] = found == InPlace ? node : found;
            if (MoveBatch(batch, current, status.AsSpan()[start..i], addresses.Count - i - 1) is var stopped and > 0)
            {
                return stopped;
            }

            current = -1;
        }

        return MoveBatch(batch, current, status.AsSpan()[start..], 0);
    }

    /// <summary>move_pages_and_store_status: how many pages were left, those not tried included; 0 when all were moved.</summary>
    private int MoveBatch(List<ulong> batch, int node, Span<int> status, int untried)
    {
        if (batch.Count == 0)
        {
            return 0;
        }

        var failed = batch.Count(pfn => !MoveTo(pfn, NodeChoice.Only(node)).IsOk);
        batch.Clear();
        if (failed > 0)
        {
            return failed + untried;
        }

        status.Fill(node);
        return 0;
    }

    private const int InPlace = 0;
    private const int Queued = 1;

    /// <summary>add_page_for_migration: a negative error, or whether the page is to be moved.</summary>
    private int PrepareMove(AddressSpace space, ulong address, int node, bool all, List<ulong> isolated, out ulong pfn)
    {
        pfn = 0;
        var found = NodeStatus(space, address, move: true);
        if (found < 0)
        {
            return found;
        }

        if (found == node || FrameAt(space, address) is not { } frame)
        {
            return InPlace;
        }

        pfn = frame;
        if (!all && IsMappedByOthers(frame))
        {
            return -(int)Errno.EACCES;
        }

        var head = Memory.HeadOf(frame);
        if (frame != head && Memory.PageOf(frame).Has(PageFlags.Hugetlb) && Policy.MovePagesTail == MovePagesTailRule.Eacces)
        {
            return -(int)Errno.EACCES;
        }

        return CanIsolate(head) && !isolated.Contains(head) ? Queued : -(int)Errno.EBUSY;
    }

    /// <summary>page_mapcount above 1.</summary>
    private bool IsMappedByOthers(ulong pfn) => Memory.PageOf(pfn).MapCount + Memory.PageOf(Memory.HeadOf(pfn)).EntireMapCount > 1;

    /// <summary>do_migrate_pages: how many pages could not be moved.</summary>
    internal int MigratePages(AddressSpace space, ulong from, ulong to)
    {
        var failed = 0;
        for (var left = from; left != 0;)
        {
            int source = -1, target = -1;
            for (var node = 0; node < 64; node++)
            {
                if ((left >> node & 1) == 0 || (BitOperations.PopCount(from) != BitOperations.PopCount(to) && (to >> node & 1) != 0))
                {
                    continue;
                }

                var place = BitOperations.PopCount(from & ((1UL << node) - 1));
                var goal = new NodeChoice(0, to, 0).First((ulong)place);
                if (goal == node)
                {
                    continue;
                }

                // Nodes that others are to come to are emptied first.
                (source, target) = (node, goal);
                if ((left >> goal & 1) == 0)
                {
                    break;
                }
            }

            if (source < 0)
            {
                break;
            }

            left &= ~(1UL << source);
            failed += MigrateNode(space, source, target);
        }

        return failed;
    }

    /// <summary>migrate_to_node; root may move what others map too.</summary>
    private int MigrateNode(AddressSpace space, int source, int target)
    {
        var pages = new List<ulong>();
        foreach (var area in space.Areas.Span.ToArray())
        {
            if (IsMigratable(area))
            {
                QueuePages(space, area, area.Start, area.End, pfn => Memory.NodeOf(pfn) == source, pages);
            }
        }

        return pages.Count(pfn => !MoveTo(pfn, NodeChoice.Only(target)).IsOk);
    }

    /// <summary>queue_folios_pte_range and its like for huge pages: the folios of a range that are wanted, each once.</summary>
    private void QueuePages(AddressSpace space, Vma area, ulong start, ulong end, Func<ulong, bool> wanted, List<ulong> pages)
    {
        var table = space.PageTable;
        foreach (var run in table.Pmds.Extents(start >> PmdShift, (end + PmdSize - 1) >> PmdShift).ToArray())
        {
            for (var index = run.Start; run.Value.IsPresent && !run.Value.IsZero && !run.Value.IsSpecial && !run.Value.IsDevmap && index < run.End; index++)
            {
                Queue(table.PmdPfn(index, run.Value), wanted, pages);
            }
        }

        foreach (var run in table.Ptes.Extents(PageOf(start), PageOf(end)).ToArray())
        {
            for (var page = run.Start; run.Value.IsPresent && page < run.End; page++)
            {
                if (!run.Value.IsZero && TryNormalPage(space, area, page, run.Value, "queue_folios_pte_range", out var pfn))
                {
                    Queue(pfn, wanted, pages);
                }
                else if (run.Value.IsSpecial && run.Value.IsDevmap)
                {
                    break;
                }
            }
        }
    }

    private void Queue(ulong pfn, Func<ulong, bool> wanted, List<ulong> pages)
    {
        if (Memory.HasStructPage(pfn) && Memory.PagemapOf(pfn) is null && !Memory.PageOf(pfn).Has(PageFlags.Reserved) && wanted(pfn) && Memory.HeadOf(pfn) is var head && !pages.Contains(head))
        {
            pages.Add(head);
        }
    }
}
