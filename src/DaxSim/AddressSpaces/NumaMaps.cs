using System.Text;
using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>One area of /proc/pid/numa_maps. Sizes are pages of <see cref="KernelPageSize"/>.</summary>
/// <param name="Start">First address.</param>
/// <param name="File">The file's path; null without one.</param>
/// <param name="IsHugeTlb">The area consists of pages of the huge page pool.</param>
/// <param name="IsStack">The area is the stack.</param>
/// <param name="Pages">Pages that the page table shows and that belong to a node of memory: no zero pages, no device memory.</param>
/// <param name="Anonymous">Those of them that are anonymous.</param>
/// <param name="Dirty">Those of them that are dirty.</param>
/// <param name="MostMapped">The largest number of mappings of one of them.</param>
/// <param name="KernelPageSize">Bytes of a page of the area.</param>
public readonly record struct NumaMapsEntry(ulong Start, string? File, bool IsHugeTlb, bool IsStack, long Pages, long Anonymous, long Dirty, int MostMapped, long KernelPageSize)
{
    /// <summary>The mapping's memory policy, or else its process's; null for none, which is shown as <c>default</c>.</summary>
    public MemoryPolicy? Policy { get; init; }

    /// <summary>The pages of each node; null on a machine with one node, which has them all.</summary>
    public IReadOnlyList<long>? NodePages { get; init; }

    /// <summary>The line as the kernel prints it behind the address, without <c>active=</c> (which depends on when the lists of pages were last sorted): for example <c>default anon=4 dirty=4 N0=4 kernelpagesize_kB=4</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Policy?.ToString() ?? "default");
        if (File is not null)
        {
            text.Append(" file=");
            foreach (var c in File)
            {
                // seq_file_path escapes what would end the field.
                text.Append(c is ' ' or '\t' or '\n' or '=' or '\\' ? $"\\{Convert.ToString(c, 8).PadLeft(3, '0')}" : c.ToString());
            }
        }
        else if (IsStack)
        {
            text.Append(" stack");
        }

        text.Append(IsHugeTlb ? " huge" : "");
        if (Pages > 0)
        {
            text.Append(Anonymous > 0 ? $" anon={Anonymous}" : "").Append(Dirty > 0 ? $" dirty={Dirty}" : "").Append(Pages != Anonymous && Pages != Dirty ? $" mapped={Pages}" : "")
                .Append(MostMapped > 1 ? $" mapmax={MostMapped}" : "");
            for (var node = 0; node < (NodePages?.Count ?? 1); node++)
            {
                var pages = NodePages is null ? Pages : NodePages[node];
                text.Append(pages > 0 ? $" N{node}={pages}" : "");
            }

            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" kernelpagesize_kB={KernelPageSize >> 10}");
        }

        return text.ToString();
    }
}

/// <summary>/proc/pid/numa_maps (fs/proc/task_mmu.c).</summary>
internal sealed partial class MemoryManager
{
    internal IReadOnlyList<NumaMapsEntry> NumaMaps(AddressSpace space, MemoryPolicy? ofTask) => [.. space.Areas.Span.ToArray().Select(area => NumaMapsOf(space, area, ofTask))];

    private NumaMapsEntry NumaMapsOf(AddressSpace space, Vma area, MemoryPolicy? ofTask)
    {
        var counts = new NumaCounts { OfNodes = Memory.HasNodes ? new long[Memory.NodeCount] : null };
        var table = space.PageTable;
        foreach (var run in table.Pmds.Extents(area.Start >> PmdShift, (area.End + PmdSize - 1) >> PmdShift).ToArray())
        {
            for (var index = run.Start; run.Value.IsPresent && !run.Value.IsZero && !run.Value.IsDevmap && !run.Value.IsSpecial && index < run.End; index++)
            {
                GatherStats(table.PmdPfn(index, run.Value), area.Has(VmFlags.HugeTlb) ? 1 : (long)table.PagesPerPmd, run.Value.Has(PteFlags.Dirty), counts);
            }
        }

        // The image of the vDSO is part of the kernel's, whose pages are reserved and counted nowhere.
        if (area.Special is not { Name: "[vdso]" } && (!area.Has(VmFlags.PfnMap) || Policy.SmapsPfnMap == SmapsPfnMapRule.CopiesCounted))
        {
            foreach (var run in table.Ptes.Extents(PageOf(area.Start), PageOf(area.End)).ToArray())
            {
                for (var page = run.Start; run.Value.IsPresent && page < run.End; page++)
                {
                    if (!run.Value.IsZero && TryNormalPage(space, area, page, run.Value, "gather_pte_stats", out var pfn))
                    {
                        GatherStats(pfn, 1, run.Value.Has(PteFlags.Dirty), counts);
                    }
                    else if (run.Value.IsSpecial && run.Value.IsDevmap)
                    {
                        break;
                    }
                }
            }
        }

        return new NumaMapsEntry(area.Start, PathOf(area), area.Has(VmFlags.HugeTlb), area.Has(VmFlags.GrowsDown), counts.Pages, counts.Anonymous, counts.Dirty, counts.MostMapped, KernelPageSize(area))
        {
            Policy = PolicyAt(area, area.PageOffset) ?? ofTask,
            NodePages = counts.OfNodes,
        };
    }

    /// <summary>d_path: what has no name in any directory is called deleted.</summary>
    private static string? PathOf(Vma area)
    {
        if (area.File is not { } file)
        {
            return null;
        }

        var nameless = file.Inode is { IsUnnamed: true } or { Links: 0 } or { Kind: FileSystems.MappingKind.SecretMemory } || file.Path.StartsWith("/memfd:", StringComparison.Ordinal);
        return nameless ? $"{file.Path} (deleted)" : file.Path;
    }

    /// <summary>can_gather_numa_stats and gather_stats: device memory is on no node that has memory.</summary>
    private void GatherStats(ulong pfn, long pages, bool dirty, NumaCounts counts)
    {
        if (!Memory.HasStructPage(pfn) || Memory.PagemapOf(pfn) is not null || Memory.PageOf(pfn).Has(PageFlags.Reserved))
        {
            return;
        }

        var page = Memory.PageOf(pfn);
        var head = Memory.PageOf(Memory.HeadOf(pfn));
        counts.Pages += pages;
        if (counts.OfNodes is { } nodes)
        {
            nodes[Memory.NodeOf(pfn)] += pages;
        }

        counts.Anonymous += head.IsAnon ? pages : 0;
        // Pages of the pool stay dirty for good once anybody has written them.
        counts.Dirty += dirty || head.Has(PageFlags.Hugetlb) || IsPageDirty(pfn) ? pages : 0;
        counts.MostMapped = Math.Max(counts.MostMapped, page.MapCount + head.EntireMapCount);
    }

    /// <summary>struct numa_maps.</summary>
    private sealed class NumaCounts
    {
        internal long Pages { get; set; }

        internal long[]? OfNodes { get; init; }

        internal long Anonymous { get; set; }

        internal long Dirty { get; set; }

        internal int MostMapped { get; set; }
    }
}
