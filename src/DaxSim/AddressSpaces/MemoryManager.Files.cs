using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>The files whose pages the memory manager meets, by number: what a page's owner refers to.</summary>
internal sealed partial class MemoryManager
{
    private StateMap<int, Inode> files = null!;

    /// <summary>Every file there is, by number.</summary>
    internal IEnumerable<Inode> Files => files.Values.ToArray();

    internal Inode CreateInode(MappingKind kind, Func<int, Inode>? create = null)
    {
        var number = files.Count == 0 ? 1 : files.Keys[^1] + 1;
        var inode = create is null ? new Inode(Journal, number, kind, Memory) : create(number);
        files[number] = inode;
        return inode;
    }

    internal Inode? FileByNumber(int number) => files.TryGetValue(number, out var inode) ? inode : null;
}
