using DaxSim.FileSystems;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>One address space (struct mm_struct): its areas in address order, its page table and its counters.</summary>
/// <remarks>Readers and writers of the areas follow the mmap lock's rules; a fault and a slow get_user_pages are readers.</remarks>
internal sealed class AddressSpace : Recoverable
{
    internal AddressSpace(Journal journal, int id, string name, PageTable pageTable, ulong mmapBase)
        : base(journal)
    {
        Id = id;
        Name = name;
        Areas = new(journal);
        Lock = new(journal);
        PageTable = pageTable;
        MmapBase = mmapBase;
    }

    internal int Id { get; }

    /// <summary>The command name of its process, for kernel messages.</summary>
    internal string Name { get; }

    internal StateList<Vma> Areas { get; private set; }

    internal MmapLock Lock { get; private set; }

    internal PageTable PageTable { get; private set; }

    internal ulong MmapBase { get; }

    /// <summary>MMF_HAS_PINNED (mm->has_pinned from 5.9): a page of this address space was once pinned with FOLL_PIN.</summary>
    internal bool HasPinned { get; private set; }

    /// <summary>mm->write_protect_seq: odd while fork copies COW page tables.</summary>
    internal int WriteProtectSequence { get; private set; }

    /// <summary>MM_ANONPAGES in pages.</summary>
    internal long AnonPages { get; private set; }

    /// <summary>MM_FILEPAGES in pages.</summary>
    internal long FilePages { get; private set; }

    /// <summary>MM_SHMEMPAGES in pages.</summary>
    internal long ShmemPages { get; private set; }

    /// <summary>MM_SWAPENTS: entries whose page is swapped out.</summary>
    internal long SwapEntries { get; private set; }

    /// <summary>VM_LOCKED areas' size in pages (mm->locked_vm).</summary>
    internal long LockedPages { get; private set; }

    internal long MinorFaults { get; private set; }

    internal long MajorFaults { get; private set; }

    /// <summary>mm->def_flags: VM_LOCKED after mlockall(MCL_FUTURE).</summary>
    internal VmFlags DefaultFlags { get; private set; }

    /// <summary>Users (mm_users): processes that share it with CLONE_VM.</summary>
    internal int Users { get; private set; } = 1;

    /// <summary>mm->exe_file: the program that runs here, which nobody may open for writing; null without execve.</summary>
    internal Inode? Executable { get; private set; }

    /// <summary>mm->arg_start.</summary>
    internal ulong ArgumentsStart { get; private set; }

    /// <summary>mm->arg_end.</summary>
    internal ulong ArgumentsEnd { get; private set; }

    /// <summary>mm->start_brk.</summary>
    internal ulong HeapStart { get; private set; } = MemoryManager.UsualHeap;

    /// <summary>mm->brk.</summary>
    internal ulong HeapEnd { get; private set; } = MemoryManager.UsualHeap;

    /// <summary>mm->env_start; 0 without an environment.</summary>
    internal ulong EnvironmentStart { get; private set; }

    /// <summary>mm->env_end.</summary>
    internal ulong EnvironmentEnd { get; private set; }

    /// <summary>Where the thread runs, and by which policy it allocates, that last made a call; what faults of this address space go by. Null: node 0, no policy.</summary>
    internal TaskPlacement? Placement { get; private set; }

    /// <summary>True once exit_mmap ran: nothing may use it any more.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>get_dumpable: may others of the same user look into it?</summary>
    internal bool IsDumpable { get; private set; } = true;

    /// <summary>Page tables without entries; kept only where a release's behaviour depends on them.</summary>
    internal SpareTables SpareTables { get; private set; } = SpareTables.None;

    internal void SetSpareTables(SpareTables tables)
    {
        if (tables != SpareTables)
        {
            Touch();
            SpareTables = tables;
        }
    }

    internal void SetDumpable(bool dumpable)
    {
        Touch();
        IsDumpable = dumpable;
    }

    internal void SetPlacement(TaskPlacement? placement)
    {
        Touch();
        Placement = placement;
    }

    internal void SetExecutable(Inode? inode)
    {
        Touch();
        Executable = inode;
    }

    internal void SetArguments(ulong start, ulong end)
    {
        Touch();
        ArgumentsStart = start;
        ArgumentsEnd = end;
    }

    internal void SetHeap(ulong start, ulong end)
    {
        Touch();
        HeapStart = start;
        HeapEnd = end;
    }

    internal void SetEnvironment(ulong start, ulong end)
    {
        Touch();
        EnvironmentStart = start;
        EnvironmentEnd = end;
    }

    internal void SetHasPinned()
    {
        if (!HasPinned)
        {
            Touch();
            HasPinned = true;
        }
    }

    internal void BumpWriteProtectSequence()
    {
        Touch();
        WriteProtectSequence++;
    }

    internal void CountRss(long anon, long file, long shmem)
    {
        Touch();
        AnonPages += anon;
        FilePages += file;
        ShmemPages += shmem;
    }

    internal void CountRss(Memory.ResidentPages pages)
    {
        if ((pages.Anon | pages.File | pages.Shmem) != 0)
        {
            CountRss(pages.Anon, pages.File, pages.Shmem);
        }
    }

    internal void CountSwap(long entries)
    {
        Touch();
        SwapEntries += entries;
    }

    internal void CountLocked(long pages)
    {
        Touch();
        LockedPages += pages;
    }

    internal void CountFault(bool major)
    {
        Touch();
        if (major)
        {
            MajorFaults++;
        }
        else
        {
            MinorFaults++;
        }
    }

    internal void SetDefaultFlags(VmFlags flags)
    {
        Touch();
        DefaultFlags = flags;
    }

    internal void AddUser(int number)
    {
        Touch();
        Users += number;
    }

    internal void MarkGone()
    {
        Touch();
        IsGone = true;
    }

    /// <summary>The index of the first area that ends above an address; <see cref="StateList{T}.Count"/> if there is none.</summary>
    internal int IndexAbove(ulong address)
    {
        var areas = Areas.Span;
        int low = 0, high = areas.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (areas[middle].End <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>find_vma: the first area that ends above the address (it may begin above it too).</summary>
    internal Vma? FindAbove(ulong address)
    {
        var index = IndexAbove(address);
        return index < Areas.Count ? Areas.Span[index] : null;
    }

    /// <summary>vma_lookup: the area that contains the address.</summary>
    internal Vma? Find(ulong address)
    {
        var areas = Areas.Span;
        var index = IndexAbove(address);
        return index < areas.Length && areas[index].Start <= address ? areas[index] : null;
    }

    internal void Insert(Vma area) => Areas.Insert(IndexAbove(area.Start), area);

    /// <summary>The areas that overlap a range, in order; a copy, so that the caller may change them.</summary>
    internal Vma[] Overlapping(ulong start, ulong end)
    {
        var first = IndexAbove(start);
        var last = first;
        while (last < Areas.Count && Areas.Span[last].Start < end)
        {
            last++;
        }

        return Areas.Span[first..last].ToArray();
    }

    /// <summary>True when nothing is mapped in the range.</summary>
    internal bool IsFree(ulong start, ulong end) => FindAbove(start) is not { } area || area.Start >= end;

    /// <summary>get_unmapped_area, top down: the highest free range below <see cref="MmapBase"/>. 0 when there is none.</summary>
    internal ulong FindFree(ulong length, ulong alignment)
    {
        var end = MmapBase;
        for (var i = Areas.Count - 1; i >= 0; i--)
        {
            var area = Areas.Span[i];
            if (area.Start >= end)
            {
                continue;
            }

            if (area.End < end && end - area.End >= length)
            {
                var start = (end - length) & ~(alignment - 1);
                if (start >= area.End)
                {
                    return start;
                }
            }

            end = Math.Min(end, area.Start);
        }

        return end >= length ? (end - length) & ~(alignment - 1) : 0;
    }

    internal override void Describe(StateDigest digest)
    {
        digest.Add(Id);
        digest.Add(Name);
        digest.Add(MmapBase);
        digest.Add(HasPinned);
        digest.Add(WriteProtectSequence);
        digest.Add(AnonPages);
        digest.Add(FilePages);
        digest.Add(ShmemPages);
        digest.Add(SwapEntries);
        digest.Add(LockedPages);
        digest.Add(MinorFaults);
        digest.Add(MajorFaults);
        digest.Add(DefaultFlags);
        digest.Add(Users);
        digest.Add(IsGone);
        digest.Add(Executable);
        digest.Add(ArgumentsStart);
        digest.Add(ArgumentsEnd);
        digest.Add(HeapStart);
        digest.Add(HeapEnd);
        digest.Add(EnvironmentStart);
        digest.Add(EnvironmentEnd);
        digest.Add(Placement?.ToString() ?? "");
        digest.Add(IsDumpable);
        digest.Add(Lock);
        digest.Add(Areas);
        digest.Add(PageTable.Ptes);
        digest.Add(PageTable.Pmds);
        digest.Add(PageTable.Puds);
        SpareTables.Describe(digest);
    }

    private protected override void CopyFrom(Recoverable state)
    {
        var other = (AddressSpace)state;
        HasPinned = other.HasPinned;
        WriteProtectSequence = other.WriteProtectSequence;
        AnonPages = other.AnonPages;
        FilePages = other.FilePages;
        ShmemPages = other.ShmemPages;
        SwapEntries = other.SwapEntries;
        LockedPages = other.LockedPages;
        MinorFaults = other.MinorFaults;
        MajorFaults = other.MajorFaults;
        DefaultFlags = other.DefaultFlags;
        Users = other.Users;
        IsGone = other.IsGone;
        Executable = other.Executable;
        ArgumentsStart = other.ArgumentsStart;
        ArgumentsEnd = other.ArgumentsEnd;
        HeapStart = other.HeapStart;
        HeapEnd = other.HeapEnd;
        EnvironmentStart = other.EnvironmentStart;
        EnvironmentEnd = other.EnvironmentEnd;
        Placement = other.Placement;
        IsDumpable = other.IsDumpable;
        SpareTables = other.SpareTables;
    }

    private protected override void Remap(CloneContext context)
    {
        Areas = context.Map(Areas);
        Lock = context.Map(Lock);
        PageTable = PageTable.CloneInto(context);
        Executable = context.MapOrNull(Executable);
    }
}
