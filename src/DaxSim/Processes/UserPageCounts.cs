using DaxSim.AddressSpaces;
using DaxSim.State;

namespace DaxSim.Processes;

/// <summary>How often each page was taken into arrays of the callers' own, by reference and by pin.</summary>
internal sealed class UserPageCounts : IPageHolder
{
    private readonly ExtentMap<int> references;
    private readonly ExtentMap<int> pins;
    private ulong[] scratch = new ulong[16];

    internal UserPageCounts(Journal journal)
    {
        references = new(journal);
        pins = new(journal);
    }

    private UserPageCounts(UserPageCounts original, CloneContext context)
    {
        references = context.Map(original.references);
        pins = context.Map(original.pins);
    }

    string IPageHolder.HolderName => "get_user_pages into an array";

    IEnumerable<(ulong Pfn, bool Pin)> IPageHolder.Held => Held(references, pin: false).Concat(Held(pins, pin: true));

    object ICloned.CloneInto(CloneContext context) => new UserPageCounts(this, context);

    void IDescribed.Describe(StateDigest digest)
    {
        digest.Add(references);
        digest.Add(pins);
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
        var counts = pin ? pins : references;
        foreach (var pfn in pfns)
        {
            if (pfn != MemoryManager.GarbagePage)
            {
                counts[pfn] = counts[pfn] + 1;
            }
        }
    }

    internal void Remove(ReadOnlySpan<ulong> pfns, bool pin)
    {
        var counts = pin ? pins : references;
        for (var i = 0; i < pfns.Length; i++)
        {
            if (pfns[i] == MemoryManager.GarbagePage)
            {
                continue;
            }

            var count = counts[pfns[i]];
            if (count == 0)
            {
                Add(pfns[..i], pin);
                throw new InvalidOperationException($"pfn {pfns[i]:x} is not {(pin ? "pinned" : "referenced")} by anybody who called with an array of their own: each get or pin is released once.");
            }

            counts[pfns[i]] = count - 1;
        }
    }

    private static IEnumerable<(ulong Pfn, bool Pin)> Held(ExtentMap<int> counts, bool pin)
    {
        foreach (var extent in counts.Extents())
        {
            for (var pfn = extent.Start; pfn < extent.End; pfn++)
            {
                for (var i = 0; i < extent.Value; i++)
                {
                    yield return (pfn, pin);
                }
            }
        }
    }
}
