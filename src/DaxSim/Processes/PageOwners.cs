using DaxSim.AddressSpaces;
using DaxSim.Memory;

namespace DaxSim.Processes;

/// <summary>Finds out who has a page, as rmap_walk does: by the place in the file or anonymous area, not by searching page tables.</summary>
internal static class PageOwners
{
    /// <summary>Everybody who has the page behind an address; nobody for the zero page, which belongs to no one.</summary>
    internal static IReadOnlyList<PageOwner> Of(RunningKernel kernel, AddressSpace space, ulong address, PageView view)
    {
        if (view.Pfn is not { } pfn || pfn == kernel.Memory.ZeroPfn || space.Find(address) is not { } area)
        {
            return [];
        }

        var owners = new List<PageOwner>();

        var mm = kernel.MemoryManager;
        var place = area.PageOffset + ((address - area.Start) >> mm.PageShift);
        foreach (var process in kernel.Living)
        {
            foreach (var other in process.Space.Areas.Span)
            {
                var at = other.Start + ((place - other.PageOffset) << mm.PageShift);
                if (place >= other.PageOffset && at < other.End && mm.FrameAt(process.Space, at) == pfn)
                {
                    owners.Add(new(PageOwnerKind.Mapping, process.Label, process.Id, at, 1));
                }
            }
        }

        if (view.HasStructPage)
        {
            AddHolders(kernel, pfn, area, view, owners);
        }

        return owners.AsReadOnly();
    }

    private static void AddHolders(RunningKernel kernel, ulong pfn, Vma area, PageView view, List<PageOwner> owners)
    {
        var memory = kernel.Memory;
        var head = memory.HeadOf(pfn);
        var state = memory.PageOf(head);
        var cached = state.Has(PageFlags.PageCache) && kernel.MemoryManager.FileOf(state.Owner) is { HasPageCache: true } file ? file : null;
        if (cached is not null)
        {
            owners.Add(new(PageOwnerKind.PageCache, area.File is { } open && open.Inode == cached && open.Path.Length > 0 ? open.Path : cached.Name.Length > 0 ? cached.Name : "anonymous shared memory", null, null, 1));
        }

        if (view.Pins == 0 && view.References <= view.Mappings + (cached is null ? 0 : 1))
        {
            return;
        }

        foreach (var holder in kernel.MemoryManager.Holders)
        {
            var (references, pins) = (0, 0);
            foreach (var (held, pin) in holder.Held)
            {
                if (memory.HasStructPage(held) && memory.HeadOf(held) == head)
                {
                    references += pin ? 0 : 1;
                    pins += pin ? 1 : 0;
                }
            }

            if (references > 0)
            {
                owners.Add(new(PageOwnerKind.Reference, holder.HolderName, null, null, references));
            }

            if (pins > 0)
            {
                owners.Add(new(PageOwnerKind.Pin, holder.HolderName, null, null, pins));
            }
        }
    }
}
