using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DaxSim.AddressSpaces;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>How often each page was taken into arrays of the callers' own, by reference and by pin.</summary>
internal sealed class UserPageCounts : Recoverable, IPageHolder
{
    private Dictionary<ulong, Taken> taken = [];
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
            foreach (var (pfn, counts) in taken.OrderBy(t => t.Key))
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
        foreach (var (pfn, counts) in taken.OrderBy(t => t.Key))
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
                ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(taken, pfn, out _);
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

            ref var counts = ref CollectionsMarshal.GetValueRefOrNullRef(taken, pfns[i]);
            if (Unsafe.IsNullRef(ref counts) || (pin ? counts.Pins : counts.References) == 0)
            {
                Add(pfns[..i], pin);
                throw new InvalidOperationException($"pfn {pfns[i]:x} is not {(pin ? "pinned" : "referenced")} by anybody who called with an array of their own: each get or pin is released once.");
            }

            counts.References -= pin ? 0 : 1;
            counts.Pins -= pin ? 1 : 0;
            if (counts.References + counts.Pins == 0)
            {
                taken.Remove(pfns[i]);
            }
        }
    }

    private protected override void DetachStorage()
    {
        taken = new(taken);
        scratch = new ulong[16];
    }

    private protected override void CopyFrom(Recoverable state) => taken = ((UserPageCounts)state).taken;

    private struct Taken
    {
        internal int References;
        internal int Pins;
    }
}
