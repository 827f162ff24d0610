using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>The files whose pages the memory manager meets, by number: what a page's owner refers to.</summary>
internal sealed partial class MemoryManager
{
    private StateMap<int, Inode> files = null!;

    /// <summary>Every file that was ever opened or mapped.</summary>
    internal IReadOnlyCollection<Inode> Files => files.Values.ToArray();

    /// <summary>An unnamed file of the memory manager's own: shared anonymous memory, memfd, a device.</summary>
    internal Inode CreateInode(MappingKind kind, string name = "") => new(Journal, 0, kind, Memory) { Name = name };

    /// <summary>Remembers a file that is opened or mapped, so that its pages can be led back to it.</summary>
    internal void Register(Inode inode)
    {
        if (!files.ContainsKey(inode.Id))
        {
            files[inode.Id] = inode;
        }
    }

    /// <summary>The file that a page cache page belongs to, if it was ever opened or mapped.</summary>
    internal Inode? FileOf(int owner) => files.TryGetValue(owner, out var inode) ? inode : null;

    /// <summary>unmap_mapping_range of a device-dax range that dies.</summary>
    internal void UnmapDevice(Devices.CharacterDax range)
    {
        foreach (var inode in Files.Where(f => f.DaxRange == range))
        {
            UnmapRange(inode, 0, ulong.MaxValue >> 12, evenCopies: true);
        }
    }

    /// <summary>What del_gendisk does first: dirty pages of the disk's own file, and of its partitions', reach the disk.</summary>
    internal void WriteBackDisk(Devices.BlockDevice disk)
    {
        foreach (var inode in Files.Where(f => f.BlockDevice?.WholeDisk == disk))
        {
            inode.WriteBack(this);
        }
    }

    /// <summary>The pages of a disk that went leave every page table and the page cache.</summary>
    internal void ForgetDisk(Devices.BlockDevice disk)
    {
        foreach (var inode in Files.Where(f => f.BlockDevice?.WholeDisk == disk))
        {
            UnmapRange(inode, 0, ulong.MaxValue >> 12, evenCopies: false);
            inode.DropCache(0, ulong.MaxValue >> 12);
        }
    }

    /// <inheritdoc/>
    public void Forget(Inode inode)
    {
        if (inode.Kind == MappingKind.PageCache)
        {
            inode.WriteBack(this);
        }

        inode.DropCache(0, ulong.MaxValue >> 12);
        files.Remove(inode.Id);
    }

    /// <summary>True when an area maps the file through a description that may write and that was closed meanwhile: it still counts as a writer.</summary>
    internal bool IsMappedByWriter(Inode inode)
    {
        foreach (var space in spaces)
        {
            foreach (var area in space.Areas)
            {
                if (area.Inode == inode && area.File is { CanWrite: true, IsClosed: true })
                {
                    return true;
                }
            }
        }

        return false;
    }
}
