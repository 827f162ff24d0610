using System.Diagnostics.CodeAnalysis;
using DaxSim.AddressSpaces;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>How often each page was taken into arrays of the callers' own, by reference and by pin.</summary>
internal sealed class UserPageCounts : Recoverable, IPageHolder
{
    private Dictionary<ulong, Taken> taken = [];

    /// <summary>The page that was taken or given back last, and its counts, which are not in the dictionary: mostly it is the same page again.</summary>
    private ulong last = MemoryManager.GarbagePage;
    private Taken lastCounts;
    private ulong[] scratch = new ulong[16];

    internal UserPageCounts(Journal journal)
        : base(journal)
    {
    }

    string IPageHolder.HolderName => "get_user_pages into an array";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held
    {
        get
        {
            foreach (var (pfn, counts) in All())
            {
                for (var i = 0; i < counts.References + counts.Pins; i++)
                {
                    yield return (pfn, i >= counts.References);
                }
            }
        }
    }

    object ICloned.CloneInto(CloneContext context) => context.Map(this);

    void IDescribed.Describe(StateDigest digest) => Describe(digest);

    internal override void Describe(StateDigest digest)
    {
        foreach (var (pfn, counts) in All())
        {
            digest.Add(pfn);
            digest.Add(counts.References);
            digest.Add(counts.Pins);
        }
    }

    /// <summary>An array that is used during one call only.</summary>
    internal ulong[] Scratch(int length)
    {
        if (scratch.Length < length)
        {
            scratch = new ulong[Math.Max(length, scratch.Length * 2)];
        }

        return scratch;
    }

    internal void Add(ReadOnlySpan<ulong> pfns, bool pin)
    {
        Touch();
        foreach (var pfn in pfns)
        {
            if (pfn != MemoryManager.GarbagePage)
            {
                ref var counts = ref Of(pfn);
                counts.References += pin ? 0 : 1;
                counts.Pins += pin ? 1 : 0;
            }
        }
    }

    internal void Remove(ReadOnlySpan<ulong> pfns, bool pin)
    {
        Touch();
        for (var i = 0; i < pfns.Length; i++)
        {
            if (pfns[i] == MemoryManager.GarbagePage)
            {
                continue;
            }

            ref var counts = ref Of(pfns[i]);
            if ((pin ? counts.Pins : counts.References) == 0)
            {
                Add(pfns[..i], pin);
                ThrowNotTaken(pfns[i], pin);
            }

            counts.References -= pin ? 0 : 1;
            counts.Pins -= pin ? 1 : 0;
        }
    }

    [DoesNotReturn]
    private static void ThrowNotTaken(ulong pfn, bool pin)
        => throw new InvalidOperationException($"pfn {pfn:x} is not {(pin ? "pinned" : "referenced")} by anybody who called with an array of their own: each get or pin is released once, on the machine that it was taken on.");

    /// <summary>The counts of a page, which becomes the last one.</summary>
    private ref Taken Of(ulong pfn)
    {
        if (pfn != last)
        {
            if (lastCounts.References + lastCounts.Pins != 0)
            {
                taken[last] = lastCounts;
            }

            last = pfn;
            taken.Remove(pfn, out lastCounts);
        }

        return ref lastCounts;
    }

    private IEnumerable<KeyValuePair<ulong, Taken>> All()
        => (lastCounts.References + lastCounts.Pins == 0 ? taken : taken.Append(new(last, lastCounts))).OrderBy(t => t.Key);

    private protected override void DetachStorage()
    {
        taken = new(taken);
        scratch = new ulong[16];
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (UserPageCounts)state;
        (taken, last, lastCounts) = (other.taken, other.last, other.lastCounts);
    }

    private struct Taken
    {
        internal int References;
        internal int Pins;
    }
}
