using System.Runtime.CompilerServices;
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

    /// <summary>The steps back to back. A method of its own: inlined it would crowd out what it inlines itself.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal int Run()
    {
        if (Begin())
        {
            while (Done < Count && ReadEntry())
            {
                TakeReference();

                // Nothing ran since the entry was read, so reading it again would show the same.
                if (mm.FastGup.ReadsEntryAgain && !Keep())
                {
                    break;
                }
            }

            End();
        }

        phase = Phase.Finished;
        return Done;
    }

    internal bool Step()
    {
        switch (phase)
        {
            case Phase.Begin:
                phase = Begin() ? Phase.ReadEntry : Phase.Finished;
                break;
            case Phase.ReadEntry:
                phase = ReadEntry() ? Phase.TakeReference : Phase.End;
                break;
            case Phase.TakeReference:
                TakeReference();
                phase = mm.FastGup.ReadsEntryAgain ? Phase.ReadAgain : NextPhase;
                break;
            case Phase.ReadAgain:
                phase = ReadAgain() ? NextPhase : Phase.End;
                break;
            case Phase.End:
                End();
                phase = Phase.Finished;
                break;
        }

        return phase != Phase.Finished;
    }

    private readonly Phase NextPhase => Done < Count ? Phase.ReadEntry : Phase.End;

    /// <summary>False while fork copies the page tables.</summary>
    private bool Begin()
    {
        if ((flags & GupFlags.Pin) == 0)
        {
            return true;
        }

        if (mm.Policy.ForkEarlyCopy != ForkEarlyCopyRule.Never)
        {
            Space.SetHasPinned();
        }

        sequence = Space.WriteProtectSequence;
        return mm.Policy.WriteProtectSequence != WriteProtectSequenceRule.CheckedByFastPin || (sequence & 1) == 0;
    }

    /// <summary>False where the walk ends.</summary>
    private bool ReadEntry()
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

        var allowed = mm.FastGupAllows(seen, seenHuge, page, table, flags, out pfn);
        if (mm.Trace is { } trace)
        {
            Tell(trace, allowed);
        }

        return allowed;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void Tell(Outcomes.DecisionTrace trace, bool allowed)
        => trace.Step("gup_pte_range", $"may the lockless walk take the entry ({seen.Describe()})?", allowed ? $"yes: the struct page of pfn {pfn:x}" : "no: left to the slow path", allowed ? mm.StructPageProperty(pfn) : null);

    private void TakeReference()
    {
        mm.Grab(pfn, flags);
        pages[offset + Done] = pfn;
        Done++;
    }

    /// <summary>False where the entry changed meanwhile, or the page may not be kept: the reference is given back.</summary>
    private bool ReadAgain()
    {
        var page = (Address >> mm.PageShift) + (ulong)(Done - 1);
        var now = seenHuge ? Space.PageTable.PmdOf(page) : Space.PageTable[page];
        if (now.Equals(seen))
        {
            return Keep();
        }

        Done--;
        mm.Release(pfn, (flags & GupFlags.Pin) != 0);
        return false;
    }

    /// <summary>False, and the reference is given back, where the page is not one to keep.</summary>
    private bool Keep()
    {
        if (mm.FastGupKeeps(seen, pfn, flags))
        {
            return true;
        }

        Done--;
        mm.Release(pfn, (flags & GupFlags.Pin) != 0);
        return false;
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
    }
}
