using DaxSim.FileSystems;
using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>Faults on a device-dax mapping (drivers/dax/device.c): only entries of exactly the device's alignment can be made.</summary>
internal sealed partial class MemoryManager
{
    private FaultResult DeviceDaxFault(AddressSpace space, Vma area, ulong address, ulong index, bool write)
    {
        var inode = area.File!.Inode;
        if (inode.DaxRange is { DaxDevice.Alive: false })
        {
            return new FaultResult(FaultCode.Sigbus, Because("dev_dax_huge_fault", $"The device {inode.Name} was unbound."));
        }

        if (inode.FolioOrder > 0)
        {
            return new FaultResult(FaultCode.Sigbus, Because("__dev_dax_pte_fault", $"The device is aligned to {PageSize << inode.FolioOrder} bytes and cannot be mapped by base pages."));
        }

        if (index >= inode.DevicePages)
        {
            return new FaultResult(FaultCode.Sigbus, Because("dax_pgoff_to_phys", "The page lies past the end of the device."));
        }

        var page = PageOf(address);
        if (space.PageTable[page].IsMarker)
        {
            // As with a file's page: the inserter leaves what is not none.
            return FaultResult.Done;
        }

        var flags = AreaBits(area) | PteFlags.Present | PteFlags.Young | (write ? PteFlags.Write | Dirtied(area) : NewEntriesAreWritable(area) ? PteFlags.Write : 0);
        var pte = new Pte(page, inode.BasePfn + index, flags | MapDevicePage(space, inode.BasePfn + index));
        Trace?.Step("__dev_dax_pte_fault", $"what entry for pfn {inode.BasePfn + index:x}?", pte.Describe(), StructPageProperty(inode.BasePfn + index));
        space.PageTable[page] = pte;
        return FaultResult.Done;
    }

    private PteFlags MapDevicePage(AddressSpace space, ulong pfn)
    {
        if (Policy.DaxPages == DaxPageRule.CountedLikeFilePages)
        {
            Memory.Get(pfn, 1);
            Memory.AddMapping(pfn, 1);
            space.CountRss(0, 1, 0);
            return PteFlags.None;
        }

        return PteFlags.Special | (Policy.DevmapPte == DevmapPteSupport.Bit ? PteFlags.Devmap : 0);
    }

    /// <summary>__dev_dax_pmd_fault for so many PMDs (a fault: one).</summary>
    private bool TryMapHugeDeviceDax(AddressSpace space, Vma area, ulong index, ulong count, out FaultResult result)
    {
        result = FaultResult.Done;
        var inode = area.File!.Inode;
        if (inode.DaxRange is { DaxDevice.Alive: false })
        {
            result = new FaultResult(FaultCode.Sigbus, Because("dev_dax_huge_fault", $"The device {inode.Name} was unbound."));
            return true;
        }

        var fileIndex = area.PageIndex(index << PmdShift, PageShift);
        var pages = count << space.PageTable.PmdOrder;
        var table = space.PageTable;
        if (table.Ptes.TryNext(index << table.PmdOrder, (index + count) << table.PmdOrder, out _))
        {
            // A page table hangs there already (guard markers): only the PTE level is asked.
            return false;
        }

        if (inode.FolioOrder > space.PageTable.PmdOrder)
        {
            result = new FaultResult(FaultCode.Sigbus, Because("__dev_dax_pmd_fault", "The device's alignment is larger than a PMD."));
            return true;
        }

        if (fileIndex + pages > inode.DevicePages)
        {
            result = new FaultResult(FaultCode.Sigbus, Because("dax_pgoff_to_phys", "The page lies past the end of the device."));
            return true;
        }

        var pfn = (inode.BasePfn + fileIndex) & ~(space.PageTable.PagesPerPmd - 1);
        if (Policy.DaxPageOwner != DaxPageOwnerRule.Nobody)
        {
            Memory.SetOwner(pfn, pages, inode.Id, fileIndex & ~(space.PageTable.PagesPerPmd - 1));
        }

        InstallDevicePmds(space, area, index, count, pfn, PfnFlags.Dev | PfnFlags.Map, write: false);
        return true;
    }
}
