using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>
/// The lockless walk of get_user_pages_fast as steps: read the entry, take the reference, read the entry again; before and
/// after the walk the fork sequence. It looks at page tables only, never at areas.
/// </summary>
internal struct GupFastOperation
{
    private readonly MemoryManager mm;
    private readonly ulong[] pages;
    private readonly int offset;
    private readonly GupFlags flags;
    private Phase phase;
    private Pte seen;
    private bool seenHuge;
    private ulong pfn;
    private int sequence;

    internal GupFastOperation(MemoryManager mm, AddressSpace space, ulong address, int count, GupFlags flags, ulong[] pages, int offset)
    {
        this.mm = mm;
        Space = space;
        Address = address & ~(mm.PageSize - 1);
        Count = count;
        this.flags = flags;
        this.pages = pages;
        this.offset = offset;
    }

    private enum Phase : byte
    {
        Begin,
        ReadEntry,
        TakeReference,
        ReadAgain,
        End,
        Finished,
    }

    internal AddressSpace Space { get; }

    internal ulong Address { get; }

    internal int Count { get; }

    /// <summary>Pages taken.</summary>
    internal int Done { get; private set; }

    internal int Run()
    {
        while (Step())
        {
        }

        return Done;
    }

    internal bool Step()
    {
        switch (phase)
        {
            case Phase.Begin:
                Begin();
                break;
            case Phase.ReadEntry:
                ReadEntry();
                break;
            case Phase.TakeReference:
                mm.TryGrab(pfn, flags);
                pages[offset + Done] = pfn;
                Done++;
                phase = mm.Policy.FastGupRecheck == FastGupRecheckRule.ReadsEntryAgain ? Phase.ReadAgain : NextPhase;
                break;
            case Phase.ReadAgain:
                ReadAgain();
                break;
            case Phase.End:
                End();
                break;
        }

        return phase != Phase.Finished;
    }

    private readonly Phase NextPhase => Done < Count ? Phase.ReadEntry : Phase.End;

    private void Begin()
    {
        phase = Phase.ReadEntry;
        if ((flags & GupFlags.Pin) == 0)
        {
            return;
        }

        if (mm.Policy.ForkEarlyCopy != ForkEarlyCopyRule.Never)
        {
            Space.SetHasPinned();
        }

        sequence = Space.WriteProtectSequence;
        if (mm.Policy.WriteProtectSequence == WriteProtectSequenceRule.CheckedByFastPin && (sequence & 1) != 0)
        {
            phase = Phase.Finished;
        }
    }

    private void ReadEntry()
    {
        var page = (Address >> mm.PageShift) + (ulong)Done;
        var table = Space.PageTable;
        seenHuge = false;
        seen = table[page];
        if (seen.IsNone && !table.Pmds.IsEmpty)
        {
            seen = table.PmdOf(page);
            seenHuge = true;
        }

        if (mm.FastGupAllows(seen, seenHuge, page, table, flags, out pfn))
        {
            mm.Trace?.Step("gup_pte_range", $"may the lockless walk take the entry ({seen.Describe()})?", $"yes: the struct page of pfn {pfn:x}", mm.StructPageProperty(pfn));
            phase = Phase.TakeReference;
        }
        else
        {
            mm.Trace?.Step("gup_pte_range", $"may the lockless walk take the entry ({seen.Describe()})?", "no: left to the slow path");
            phase = Phase.End;
        }
    }

    private void ReadAgain()
    {
        var page = (Address >> mm.PageShift) + (ulong)(Done - 1);
        var now = seenHuge ? Space.PageTable.PmdOf(page) : Space.PageTable[page];
        if (now.Equals(seen) && mm.FastGupKeeps(seen, pfn, flags))
        {
            phase = NextPhase;
            return;
        }

        Done--;
        mm.Release(pfn, (flags & GupFlags.Pin) != 0);
        phase = Phase.End;
    }

    private void End()
    {
        if ((flags & GupFlags.Pin) != 0 && mm.Policy.WriteProtectSequence == WriteProtectSequenceRule.CheckedByFastPin && sequence != Space.WriteProtectSequence)
        {
            while (Done > 0)
            {
                mm.Release(pages[offset + --Done], pin: true);
            }
        }

        phase = Phase.Finished;
    }
}
