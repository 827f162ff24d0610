using DaxSim.FileSystems;
using DaxSim.Outcomes;
using DaxSim.Policy;

namespace DaxSim.AddressSpaces;

/// <summary>PAGE_IS_* with Linux's values: what PAGEMAP_SCAN knows of a page.</summary>
[Flags]
public enum PageCategories
{
    /// <summary>Nothing: no page is there.</summary>
    None = 0,

    /// <summary>PAGE_IS_WPALLOWED: the area is registered for asynchronous write protection.</summary>
    WriteProtectAllowed = 1,

    /// <summary>PAGE_IS_WRITTEN: userfaultfd does not protect the page.</summary>
    Written = 2,

    /// <summary>PAGE_IS_FILE: a file page or shared anonymous memory.</summary>
    File = 4,

    /// <summary>PAGE_IS_PRESENT.</summary>
    Present = 8,

    /// <summary>PAGE_IS_SWAPPED: the entry is a swap entry; markers are too.</summary>
    Swapped = 16,

    /// <summary>PAGE_IS_PFNZERO: the zero page.</summary>
    ZeroPage = 32,

    /// <summary>PAGE_IS_HUGE: mapped by a PMD.</summary>
    Huge = 64,

    /// <summary>PAGE_IS_SOFT_DIRTY.</summary>
    SoftDirty = 128,
}

/// <summary>struct pm_scan_arg: what PAGEMAP_SCAN is to look for.</summary>
/// <param name="Start">First byte, page-aligned.</param>
/// <param name="End">The byte behind the last.</param>
public sealed record PagemapScanRequest(ulong Start, ulong End)
{
    /// <summary>PM_SCAN_WP_MATCHING: protects the pages that it finds and that were written.</summary>
    public bool WriteProtect { get; init; }

    /// <summary>PM_SCAN_CHECK_WPASYNC: EPERM where an area is not registered for asynchronous write protection.</summary>
    public bool CheckWriteProtect { get; init; }

    /// <summary>category_inverted: these are wanted absent.</summary>
    public PageCategories Inverted { get; init; }

    /// <summary>category_mask: all of these are needed.</summary>
    public PageCategories Required { get; init; }

    /// <summary>category_anyof_mask: one of these is needed; none: does not matter.</summary>
    public PageCategories AnyOf { get; init; }

    /// <summary>return_mask: what regions tell.</summary>
    public PageCategories Return { get; init; }

    /// <summary>max_pages: stop after so many; 0: no limit.</summary>
    public ulong MaxPages { get; init; }

    /// <summary>vec_len: how many regions there is room for; 0: none, only protect.</summary>
    public int MaxRegions { get; init; } = int.MaxValue;
}

/// <summary>struct page_region.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">The byte behind the last.</param>
/// <param name="Categories">What all its pages have in common, of what was asked for.</param>
public readonly record struct PagemapRegion(ulong Start, ulong End, PageCategories Categories);

/// <summary>What PAGEMAP_SCAN found.</summary>
/// <param name="Regions">In address order.</param>
/// <param name="WalkEnd">walk_end: where it stopped.</param>
public sealed record PagemapScanResult(IReadOnlyList<PagemapRegion> Regions, ulong WalkEnd);

/// <summary>The ioctl PAGEMAP_SCAN of /proc/pid/pagemap (fs/proc/task_mmu.c).</summary>
internal sealed partial class MemoryManager
{
    internal Result<PagemapScanResult> ScanPagemap(AddressSpace space, PagemapScanRequest request)
    {
        space.Lock.MustBeReadable("PAGEMAP_SCAN");
        if (Policy.Userfault < UserfaultRule.WriteProtectAsync)
        {
            return Verdict.Fail(Errno.ENOTTY, Because("vfs_ioctl", "pagemap has no ioctl yet.", PolicyProperty.Userfault));
        }

        if ((request.Start & (PageSize - 1)) != 0)
        {
            return Verdict.Fail(Errno.EINVAL, Because("pagemap_scan_get_args", "The address is not a multiple of the page size."));
        }

        return request.End < request.Start || request.End > TaskSize
            ? Verdict.Fail(Errno.EFAULT, Because("pagemap_scan_get_args", "The range is beyond user space."))
            : new PagemapScan(this, space, request, RoundUp(request.End)).Run();
    }

    private sealed class PagemapScan(MemoryManager mm, AddressSpace space, PagemapScanRequest request, ulong end)
    {
        private readonly List<PagemapRegion> regions = [];
        private ulong found;
        private ulong walkEnd;
        private bool full;

        private bool HasRoom => request.MaxRegions > 0;

        internal Result<PagemapScanResult> Run()
        {
            foreach (var area in space.Overlapping(request.Start, end))
            {
                var allowed = area.UsesMarkers && area.Handler!.Has(UserfaultFeatures.WriteProtectAsync);
                if (!allowed && request.CheckWriteProtect)
                {
                    return Verdict.Fail(Errno.EPERM, mm.Because("pagemap_scan_test_walk", "An area is not registered for asynchronous write protection."));
                }

                if ((!allowed && request.WriteProtect) || area.Has(VmFlags.PfnMap))
                {
                    continue;
                }

                var category = (allowed ? PageCategories.WriteProtectAllowed : 0) | (mm.IsSoftDirty(area) ? PageCategories.SoftDirty : 0);
                var required = request.Required & PageCategories.WriteProtectAllowed;
                if (((category ^ request.Inverted) & required) != required)
                {
                    continue;
                }

                Walk(area, category, Math.Max(request.Start, area.Start), Math.Min(end, area.End));
                if (full)
                {
                    break;
                }
            }

            return new PagemapScanResult(regions, full ? walkEnd : end);
        }

        private void Walk(Vma area, PageCategories category, ulong from, ulong to)
        {
            for (var at = from; at < to && !full;)
            {
                var stop = Math.Min(to, (at | (mm.PmdSize - 1)) + 1);
                var pmd = space.PageTable.Pmds[at >> mm.PmdShift];
                if (area.Has(VmFlags.HugeTlb) || !pmd.IsNone)
                {
                    stop = Huge(area, category, at, stop, pmd);
                }
                else if (!space.PageTable.Ptes.TryNext(mm.PageOf(at & ~(mm.PmdSize - 1)), mm.PageOf((at | (mm.PmdSize - 1)) + 1), out _))
                {
                    Hole(area, category, at, stop);
                }
                else
                {
                    Entries(area, category, at, stop);
                }

                at = stop;
            }
        }

        /// <summary>pagemap_scan_thp_entry and pagemap_scan_hugetlb_entry. Returns where to go on.</summary>
        private ulong Huge(Vma area, PageCategories category, ulong from, ulong to, Pte pmd)
        {
            var categories = category | PageCategories.Huge;
            if (pmd.IsPresent)
            {
                var pfn = pmd.IsZero ? 0 : space.PageTable.PmdPfn(from >> mm.PmdShift, pmd);
                var file = !pmd.IsZero && !pmd.IsDevmap && !pmd.IsSpecial && mm.Memory.HasStructPage(pfn) && !mm.Memory.PageOf(pfn).IsAnon;
                categories |= PageCategories.Present | (file ? PageCategories.File : 0) | (pmd.IsZero ? PageCategories.ZeroPage : 0);
            }
            else if (!pmd.IsNone)
            {
                categories |= PageCategories.Swapped;
            }

            categories |= !pmd.IsNone && !pmd.Has(PteFlags.UffdWp) ? PageCategories.Written : 0;
            categories |= pmd.Has(PteFlags.SoftDirty) ? PageCategories.SoftDirty : 0;
            if (!IsInteresting(categories))
            {
                return to;
            }

            var (before, count) = (regions.ToArray(), found);
            var stop = Output(categories, from, to);
            if (stop == from || !request.WriteProtect || (categories & PageCategories.Written) == 0)
            {
                return to;
            }

            if (stop == from + mm.PmdSize)
            {
                mm.ProtectRange(space, area, from, stop, protect: true);
                return to;
            }

            // Only a part is wanted: a transparent huge page is split and looked at again, one of hugetlb is left out.
            (found, full) = (count, area.Has(VmFlags.HugeTlb));
            regions.Clear();
            regions.AddRange(before);
            walkEnd = from;
            if (!full)
            {
                mm.SplitPmd(space, area, from >> mm.PmdShift);
            }

            return full ? to : from;
        }

        private void Hole(Vma area, PageCategories category, ulong from, ulong to)
        {
            if (!IsInteresting(category))
            {
                return;
            }

            var stop = Output(category, from, to);
            if (stop > from && request.WriteProtect)
            {
                mm.ProtectRange(space, area, from, stop, protect: true);
            }
        }

        /// <summary>pagemap_scan_pmd_entry, run by run of equal entries.</summary>
        private void Entries(Vma area, PageCategories category, ulong from, ulong to)
        {
            var ptes = space.PageTable.Ptes;
            var onlyProtect = request.WriteProtect && !HasRoom;
            var onlyWritten = request is { AnyOf: 0, Inverted: 0, Required: PageCategories.Written, Return: PageCategories.Written };
            for (var at = from; at < to && !full;)
            {
                var run = ptes.StretchAt(mm.PageOf(at), mm.PageOf(to));
                var stop = run.End << mm.PageShift;
                if (onlyProtect)
                {
                    Protect(area, run.Value, at, stop);
                    at = stop;
                    continue;
                }

                PageCategories categories;
                if (onlyWritten)
                {
                    // Here an entry that maps nothing counts as written, too.
                    categories = category | (run.Value.Has(PteFlags.UffdWp) ? 0 : PageCategories.Written);
                }
                else
                {
                    stop = Math.Min(stop, at + (SameKind(run.Value, at, stop) << mm.PageShift));
                    categories = category | CategoryOf(area, run.Value, at);
                }

                if (IsInteresting(categories))
                {
                    var done = Output(categories, at, stop);
                    if (done > at && request.WriteProtect && (categories & PageCategories.Written) != 0)
                    {
                        Protect(area, run.Value, at, done);
                    }
                }

                at = stop;
            }
        }

        /// <summary>How many pages from here on are alike for <see cref="CategoryOf"/>: a private mapping may mix file pages with copies.</summary>
        private ulong SameKind(Pte pte, ulong from, ulong to)
        {
            var pages = (to - from) >> mm.PageShift;
            if (!pte.IsPresent || pte.IsSpecial)
            {
                return pages;
            }

            var pfn = pte.Pfn(mm.PageOf(from));
            return Math.Max(1, mm.Memory.Pages.StretchAt(pfn, pfn + pages).Length);
        }

        private PageCategories CategoryOf(Vma area, Pte pte, ulong address)
        {
            if (pte.IsNone)
            {
                return PageCategories.None;
            }

            var categories = (pte.Has(PteFlags.UffdWp) ? 0 : PageCategories.Written) | (pte.Has(PteFlags.SoftDirty) ? PageCategories.SoftDirty : 0);
            if (!pte.IsPresent)
            {
                return categories | PageCategories.Swapped;
            }

            var wanted = (request.Required | request.AnyOf | request.Return | request.Inverted) & PageCategories.File;
            if (wanted != 0 && mm.TryNormalPage(space, area, mm.PageOf(address), pte, "pagemap_page_category", out var pfn) && !mm.Memory.PageOf(pfn).IsAnon)
            {
                categories |= PageCategories.File;
            }

            return categories | PageCategories.Present | (pte.IsZero ? PageCategories.ZeroPage : 0);
        }

        /// <summary>make_uffd_wp_pte.</summary>
        private void Protect(Vma area, Pte pte, ulong from, ulong to)
        {
            if (!pte.Has(PteFlags.UffdWp))
            {
                mm.ProtectRange(space, area, from, to, protect: true);
            }
        }

        private bool IsInteresting(PageCategories categories)
        {
            categories ^= request.Inverted;
            return (categories & request.Required) == request.Required && (request.AnyOf == 0 || (categories & request.AnyOf) != 0);
        }

        /// <summary>pagemap_scan_output: up to where there was room.</summary>
        private ulong Output(PageCategories categories, ulong from, ulong to)
        {
            if (!HasRoom)
            {
                return to;
            }

            categories &= request.Return;
            var pages = (to - from) >> mm.PageShift;
            var limit = request.MaxPages == 0 ? ulong.MaxValue : request.MaxPages;
            if (pages > limit - found)
            {
                pages = limit - found;
                to = from + (pages << mm.PageShift);
                full = true;
            }

            var last = regions.Count - 1;
            if (last >= 0 && regions[last].End == from && regions[last].Categories == categories)
            {
                regions[last] = regions[last] with { End = to };
            }
            else if (regions.Count < request.MaxRegions)
            {
                if (to > from)
                {
                    regions.Add(new(from, to, categories));
                }
            }
            else
            {
                (to, pages, full) = (from, 0, true);
            }

            found += pages;
            walkEnd = full ? to : walkEnd;
            return to;
        }
    }
}
