namespace DaxSim.FileSystems;

/// <summary>What a file asks of the address spaces that map it. The floor above implements it.</summary>
internal interface IFileMappings
{
    /// <summary>
    /// unmap_mapping_range: takes the file's pages from <paramref name="first"/> up to <paramref name="end"/> out of every page table.
    /// With <paramref name="evenCopies"/> private copies of those pages go too (truncation); without it they stay (hole punch).
    /// </summary>
    void UnmapRange(Inode inode, ulong first, ulong end, bool evenCopies);

    /// <summary>page_mkclean / dax_entry_mkclean: write-protects and cleans every shared mapping of those pages, so that the next store is noticed.</summary>
    void MakeClean(Inode inode, ulong first, ulong end);
}
