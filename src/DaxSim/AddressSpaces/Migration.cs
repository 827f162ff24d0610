using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>move_pages: what each page's status says (mm/migrate.c).</summary>
internal sealed partial class MemoryManager
{
    /// <summary>The node of a page, or a negative error number.</summary>
    internal int NodeStatus(AddressSpace space, ulong address, bool move)
    {
        var area = space.Find(address);
        if (area is null || (move && !IsMigratable(area)))
        {
            return -(int)Errno.EFAULT;
        }

        if (Policy.MovePagesLookup == MovePagesLookupRule.WalksEntries)
        {
            return WalkedStatus(space, address);
        }

        if (area.Inode?.Kind == MappingKind.SecretMemory)
        {
            return -(int)Errno.ENOENT;
        }

        var reference = move || Policy.MovePagesLookup == MovePagesLookupRule.FollowsWithReference ? GupFlags.Get : GupFlags.None;
        var code = FollowPage(space, area, address, GupFlags.Dump | reference, cowBroken: false, out var pfn, out var error);
        switch (code)
        {
            case FollowCode.Page:
                if (reference != 0)
                {
                    Release(pfn, pin: false);
                }

                return Memory.PagemapOf(pfn) is not null && reference != 0 ? -(int)Errno.ENOENT : Memory.NodeOf(pfn);
            case FollowCode.NoStructPage:
                return -(int)Errno.EEXIST;
            case FollowCode.Error:
                return -(int)error.Errno;
            default:
                return -(int)Errno.ENOENT;
        }
    }

    /// <summary>vma_migratable.</summary>
    private bool IsMigratable(Vma area) => !area.Has(VmFlags.Io | VmFlags.PfnMap) && (!area.Has(VmFlags.HugeTlb) || Policy.HugeTlbMigration != HugeTlbMigrationRule.AreasLeftOut) && !(area.IsDax && Policy.DaxMigration == DaxMigrationRule.Refused);

    /// <summary>folio_walk_start: zero pages are an error, everything without a folio is not there.</summary>
    private int WalkedStatus(AddressSpace space, ulong address)
    {
        var page = PageOf(address);
        var pte = space.PageTable[page];
        var pmd = pte.IsNone ? space.PageTable.PmdOf(page) : default;
        var entry = pte.IsNone ? pmd : pte;
        if (!entry.IsPresent)
        {
            return -(int)Errno.ENOENT;
        }

        if (entry.IsZero)
        {
            return -(int)Errno.EFAULT;
        }

        if (entry.IsSpecial || entry.IsDevmap)
        {
            return -(int)Errno.ENOENT;
        }

        var pfn = pte.IsNone ? space.PageTable.PmdPfn(page >> space.PageTable.PmdOrder, pmd) : pte.Pfn(page);
        return Memory.PagemapOf(pfn) is not null ? -(int)Errno.ENOENT : Memory.NodeOf(pfn);
    }
}
