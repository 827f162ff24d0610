namespace DaxSim.FileSystems;

/// <summary>What an inode that leaves the cache asks of those who keep its pages. The floor above implements it.</summary>
internal interface IInodePages
{
    /// <summary>Writes back what is dirty and drops what is in memory of a file that nobody uses (evict_inode).</summary>
    void Forget(Inode inode);
}
