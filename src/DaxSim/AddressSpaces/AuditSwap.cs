using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.AddressSpaces;

/// <summary>The part of the audit that recounts swap: references of slots, the swap cache, and that no device page is in it.</summary>
internal sealed partial class MemoryManager
{
    private void AuditSwap(ExtentMap<Expected> expected, List<AuditFinding> findings)
    {
        var counted = new ExtentMap<Number>(new Journal());
        var one = default(OneMore);
        foreach (var space in spaces)
        {
            long entries = 0;
            foreach (var run in space.PageTable.Ptes.Extents())
            {
                if (!run.Value.Has(PteFlags.Swap))
                {
                    continue;
                }

                entries += (long)run.Length;
                var first = run.Value.Pfn(run.Start);
                counted.TransformAll(first, first + run.Length, ref one);
                if (space.Find(run.Start << PageShift) is { IsShared: true } area)
                {
                    findings.Add(new($"{space.Name}: a swap entry stands at 0x{run.Start << PageShift:x} of the shared area {area}."));
                }
            }

            if (entries != space.SwapEntries)
            {
                findings.Add(new($"{space.Name}: {space.SwapEntries} entries are counted as swapped, its page table has {entries}."));
            }
        }

        if (Memory.Swap is not { } swap)
        {
            return;
        }

        foreach (var extent in swap.Files.Extents())
        {
            var first = extent.Value.Target(extent.Start);
            counted.TransformAll(first, first + extent.Length, ref one);
        }

        CompareSlots(swap, counted, findings);
        AuditSwapCache(swap, expected, findings);
    }

    private static void CompareSlots(SwapSpace swap, ExtentMap<Number> counted, List<AuditFinding> findings)
    {
        foreach (var (map, other) in new[] { (swap.References, counted), (counted, swap.References) })
        {
            foreach (var extent in map.Extents())
            {
                for (var entry = extent.Start; entry < extent.End; entry++)
                {
                    if (other[entry] != extent.Value && (map == swap.References || other[entry] == 0))
                    {
                        findings.Add(new($"Slot {SwapSpace.OffsetOf(entry)} of swap area {SwapSpace.AreaOf(entry)} counts {(int)swap.References[entry]} references; page tables and files have {(int)counted[entry]}."));
                    }

                    var area = swap.Areas[SwapSpace.AreaOf(entry)];
                    if (!area.IsOn || SwapSpace.OffsetOf(entry) >= area.Slots || SwapSpace.OffsetOf(entry) == 0)
                    {
                        findings.Add(new($"Slot {SwapSpace.OffsetOf(entry)} of {area.Name} is in use, which {(area.IsOn ? "has no such slot" : "is off")}."));
                    }
                }
            }
        }
    }

    private void AuditSwapCache(SwapSpace swap, ExtentMap<Expected> expected, List<AuditFinding> findings)
    {
        foreach (var extent in swap.Cache.Extents())
        {
            for (var entry = extent.Start; entry < extent.End; entry++)
            {
                var pfn = extent.Value.Target(entry);
                if (!Memory.HasStructPage(pfn) || Memory.PagemapOf(pfn) is not null)
                {
                    findings.Add(new($"pfn {pfn:x} is device memory but in the swap cache, slot {SwapSpace.OffsetOf(entry)}."));
                    continue;
                }

                if (!Memory.PageOf(pfn).Has(PageFlags.SwapCache) || swap.EntryOf(pfn) != entry)
                {
                    findings.Add(new($"Slot {SwapSpace.OffsetOf(entry)} has pfn {pfn:x} in the swap cache, which does not know of it."));
                }

                Expect(expected, pfn, pfn + 1, new Expected { References = 1 });
            }
        }

        foreach (var extent in Memory.Pages.Extents())
        {
            if (extent.Value.Has(PageFlags.SwapCache) && swap.Entries[extent.Start].IsNone)
            {
                findings.Add(new($"pfn {extent.Start:x} is marked as in the swap cache but has no slot."));
            }
        }
    }

    private readonly struct OneMore : IExtentTransform<Number>
    {
        public Number Apply(ulong start, ulong end, Number value) => value + 1;
    }
}
