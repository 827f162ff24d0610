namespace DaxSim.Policy;

/// <summary>The areas that the kernel adds to every program: [vdso], [vvar].</summary>
internal static class SpecialAreaChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("vvar-area", "3.16", "x86, vdso: Move the vvar area before the vdso text", (PolicyProperty.VvarLayout, (int)VvarLayoutRule.DataAndTimer))
        {
            Architectures = [Architecture.X8664],
            Effect = "Programs have an area [vvar] with the vDSO's data, before only reachable in the kernel's fixed map.",
            Evidence = Evidence.Derived,
            Source = "cells 5.10 has the area; release and shape of the older one from memory",
        },
        new("vvar-fault", "4.5", "x86/vdso: Use .fault for the vDSO text mapping; x86/vdso: Use ->fault() instead of remap_pfn_range() for the vvar mapping", (PolicyProperty.VvarPages, (int)VvarPagesRule.RawFrames))
        {
            Architectures = [Architecture.X8664],
            Effect = "The pages of [vvar] are mapped one by one when they are touched.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 vvar move_pages_status (a page that was never touched is not there); the release is from memory",
        },
        new("vvar-clocks", "4.12", "x86/vdso: Add VCLOCK_HVCLOCK vDSO clock read method", (PolicyProperty.VvarLayout, (int)VvarLayoutRule.DataAndClocks))
        {
            Architectures = [Architecture.X8664],
            Effect = "[vvar] has three pages.",
            Evidence = Evidence.Derived,
            Source = "from memory",
        },
        new("mincore-conservative", "5.2", "mm/mincore.c: make mincore() more conservative", (PolicyProperty.MincoreWithoutFile, (int)MincoreWithoutFileRule.AllPresent))
        {
            Commit = "134fca9063ad",
            Effect = "mincore calls every page present that its caller could not write to, and so all of [vdso] and [vvar].",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 vvar and vdso mincore; id and release from memory",
        },
        new("vvar-time-namespace", "5.6", "x86/vdso: Add time napespace page", (PolicyProperty.VvarLayout, (int)VvarLayoutRule.WithTimeNamespace))
        {
            Architectures = [Architecture.X8664],
            Effect = "[vvar] has four pages; the last belongs to time namespaces.",
            Evidence = Evidence.Recorded,
            Source = "cells 5.10 vvar smaps (16 kB); the release is from memory",
        },
        new("fast-gup-secretmem-mapping", "6.10", "mm: merge folio_is_secretmem() and folio_fast_pin_allowed() into gup_fast_folio_allowed()", (PolicyProperty.FastGupUnownedPage, (int)FastGupUnownedPageRule.GivenBack))
        {
            Commit = "f002882ca369",
            Effect = "With secret memory built in, the lockless walk takes a small page without a mapping and gives it back at once; the slow path decides.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 vvar odirect_write (one pin taken and given back, then EFAULT), 6.12.107 vdso/rd/odirect_write; id and release from memory",
        },
        new("vvar-vclock-area", "6.13", "x86/vdso: Split virtual clock pages into dedicated mapping", (PolicyProperty.VvarLayout, (int)VvarLayoutRule.ClocksApart))
        {
            Commit = "e93d2521b27f",
            Architectures = [Architecture.X8664],
            Effect = "The pages of paravirtual clocks are an area of their own, [vvar_vclock].",
            Evidence = Evidence.Derived,
            Source = "the patch that switched x86 to the generic storage shows it; id and release from memory",
        },
        new("vvar-generic", "6.15", "x86/vdso: Switch to generic storage implementation", (PolicyProperty.VvarLayout, (int)VvarLayoutRule.Generic))
        {
            Commit = "dafde29605eb",
            Architectures = [Architecture.X8664],
            Effect = "The third page of [vvar] holds random number state; faults by other processes are refused.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 vvar mlock (page 2 present after it was read) against 6.1; lib/vdso/datastore.c",
        },
        new("vvar-struct-pages", "7.1", "vdso/datastore: Map pages through struct page", (PolicyProperty.VvarPages, (int)VvarPagesRule.PagesOfDeviceArea))
        {
            Architectures = [Architecture.X8664],
            Effect = "[vvar] is VM_MIXEDMAP and its pages are ordinary: counted in Rss, visible in pagemap; VM_IO still keeps get_user_pages out.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 vvar smaps, pagemap against 6.1; the release between is not known",
        },
        new("vvar-no-io", "7.3", "vdso/datastore: Allow prefaulting by mlockall()", (PolicyProperty.VvarPages, (int)VvarPagesRule.OrdinaryPages), (PolicyProperty.VvarLayout, (int)VvarLayoutRule.GenericWhole))
        {
            Architectures = [Architecture.X8664],
            Effect = "[vvar] is no longer VM_IO: get_user_pages works on it, and mlockall faults all of it in, pages without a use too.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.3.4 against 7.2 vvar odirect_write, mlock, smaps",
        },
        new("fast-gup-unowned", "7.3", "[the lockless walk keeps pages without a mapping again]", (PolicyProperty.FastGupUnownedPage, (int)FastGupUnownedPageRule.Kept))
        {
            Effect = "Pages of the vDSO are pinned without the slow path.",
            Evidence = Evidence.Recorded,
            Source = "cells 6.12.107 (two pins taken, one of them given back at once) and 7.3.4 (one) vdso/rd/odirect_write; commit not known",
        },
    ];
}
