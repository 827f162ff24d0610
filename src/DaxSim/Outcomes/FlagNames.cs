using System.Collections.ObjectModel;

namespace DaxSim.Outcomes;

/// <summary>
/// The names of the flags that are set, one list per combination: views of pages are taken before and after every recorded call, mostly of the same few combinations.
/// </summary>
/// <param name="flags">The flags that have names, in the order of the lists.</param>
/// <param name="names">Their names.</param>
internal sealed class FlagNames(uint[] flags, string[] names)
{
    // A combination has one place; another that wants it takes it over. Lists are complete before they are stored, so that several threads may.
    private readonly Kept?[] kept = new Kept?[64];

    internal IReadOnlyList<string> Of(uint set)
    {
        ref var place = ref kept[(int)((set * 0x9E37_79B1) >> 26)];
        if (place is { } known && known.Set == set)
        {
            return known.Names;
        }

        var list = new List<string>();
        for (var i = 0; i < flags.Length; i++)
        {
            if ((set & flags[i]) != 0)
            {
                list.Add(names[i]);
            }
        }

        var added = new Kept(set, list.AsReadOnly());
        place = added;
        return added.Names;
    }

    private sealed class Kept(uint set, ReadOnlyCollection<string> names)
    {
        internal readonly uint Set = set;
        internal readonly ReadOnlyCollection<string> Names = names;
    }
}
