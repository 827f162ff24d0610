namespace DaxSim.Policy;

/// <summary>Swapping: what reclaim takes, what swap entries remember, and how pages come back.</summary>
internal static class SwapChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("smaps-swap-pss", "4.3", "mm: /proc/pid/smaps:: show proportional swap share of the mapping", (PolicyProperty.SmapsSwap, (int)SmapsSwapRule.Proportional))
        {
            Commit = "8334b96221ff",
            Effect = "smaps has a line SwapPss.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("smaps-swap-shmem", "4.5", "mm, proc: account for shmem swap in /proc/pid/smaps", (PolicyProperty.SmapsSwap, (int)SmapsSwapRule.MemoryFilesToo))
        {
            Commit = "c261e7d94f0d",
            Effect = "Swapped pages of memory files count in smaps.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("collapse-swapped", "4.8", "mm, thp: make swapin readahead to improve thp collapse rate", (PolicyProperty.CollapseSwapped, (int)CollapseSwappedRule.ReadIn))
        {
            Commit = "8a966ed746d6",
            Effect = "khugepaged reads swapped pages in instead of leaving the range alone.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("madvise-free-swapless", "4.12", "mm: enable MADV_FREE for swapless system", (PolicyProperty.MadviseFree, (int)MadviseFreeRule.Lazy))
        {
            Commit = "93e06c7a6453",
            Effect = "MADV_FREE is lazy without swap space, too.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("swap-bypass", "4.15", "mm, swap: skip swapcache for swapin of synchronous device", (PolicyProperty.SwapBypass, (int)SwapBypassRule.SoleOwnerOfFastDevice))
        {
            Commit = "0bcac06f27d7",
            Effect = "What one process alone has on a device in memory is read straight into its page; with aa8d22a11da9 of the same release only then.",
            Evidence = Evidence.CommitMessage,
            Source = "the commit; the release from memory",
        },
        new("pageout-shared", "5.6", "mm: do not allow MADV_PAGEOUT for CoW pages", (PolicyProperty.PageOutShared, (int)PageOutSharedRule.MappedOnce))
        {
            Commit = "12e967fd8e4e",
            Effect = "MADV_PAGEOUT leaves pages alone that another process maps as well.",
            Backports = [KernelVersion.Parse("5.4.28")],
            Evidence = Evidence.Mail,
            Source = "the patch on linux-mm of March 2020 and the list of 5.4.28",
        },
        new("swap-pinned", "5.11", "mm: don't put pinned pages into the swap cache", (PolicyProperty.SwapPinned, (int)SwapPinnedRule.LeftAlone))
        {
            Commit = "feb889fb40fa",
            Backports = [KernelVersion.Parse("5.10.11")],
            Effect = "Reclaim leaves anonymous pages mapped that may be pinned, so that a store of their owner does not take the page from under the pin.",
            Evidence = Evidence.Source,
            Source = "shrink_page_list of 5.18 on linux-mm; recorded on 5.10.262; id and releases from memory",
        },
        new("swap-reuse-freed", "5.18", "mm: optimize do_wp_page() for exclusive pages in the swapcache", (PolicyProperty.SwapReuse, (int)SwapReuseRule.SlotGivenUpFirst))
        {
            Commit = "53a05ad9f21d",
            Effect = "Before the references of a page in the swap cache are counted its slot is given up, if nobody else refers to it; with c145e0b47c77 of the same release at swap-in, too.",
            Evidence = Evidence.Recorded,
            Source = "the series in -mm of March 2022; recorded on 6.1",
        },
        new("lazyfree-held", "5.18", "mm: fix race between MADV_FREE reclaim and blkdev direct IO read", (PolicyProperty.LazyFreeReclaim, (int)LazyFreeReclaimRule.CleanAndUnheld))
        {
            Commit = "6c8e2a256915",
            Effect = "A page that MADV_FREE gave up is not thrown away while somebody holds it, who may still write it.",
            Evidence = Evidence.Mail,
            Source = "the patch in -mm of March 2022; id and release from memory",
        },
        new("swap-exclusive", "5.19", "mm/swap: remember PG_anon_exclusive via a swp pte bit", (PolicyProperty.SwapExclusive, (int)SwapExclusiveRule.Kept))
        {
            Commit = "1493a1913e34",
            Effect = "Swap entries remember that a page is exclusive, so that pins by get_user_pages of pages that were swapped stay reliable.",
            Architectures = [Architecture.X8664, Architecture.S390X, Architecture.Arm64, Architecture.Ppc64Le],
            Evidence = Evidence.Recorded,
            Source = "recorded on 6.1; id, release and architectures from memory",
        },
        new("swap-exclusive-everywhere", "6.3", "mm: remove __HAVE_ARCH_PTE_SWP_EXCLUSIVE", (PolicyProperty.SwapExclusive, (int)SwapExclusiveRule.Kept))
        {
            Commit = "950fe885a894",
            Effect = "Every architecture has the bit.",
            Evidence = Evidence.CommitMessage,
            Source = "id and release from memory",
        },
        new("pageout-huge-shared", "6.10", "mm: madvise: avoid split during MADV_PAGEOUT and MADV_COLD", (PolicyProperty.PageOutHuge, (int)PageOutHugeRule.GoesOn))
        {
            Commit = "3931b871c494",
            Effect = "A page of a large folio that others map does not end MADV_PAGEOUT for the rest of its page table.",
            Evidence = Evidence.Recorded,
            Source = "recorded on 6.1 and 6.12; commit and release from memory",
        },
        new("split-zero-pages", "6.12", "mm: remap unused subpages to shared zeropage when splitting isolated thp", (PolicyProperty.SplitZeroPages, (int)SplitZeroPagesRule.Dropped))
        {
            Commit = "b1f202060afe",
            Effect = "When a huge page is split, pages of it that hold zeros only are given back.",
            Evidence = Evidence.Recorded,
            Source = "recorded on 6.1 and 6.12; commit from memory",
        },
        new("swap-in-writable", "6.11", "mm: set pte writable while pte_soft_dirty() is true in do_swap_page()", (PolicyProperty.SwapInWritable, (int)SwapInWritableRule.AtOnce))
        {
            Commit = "20dfa5b7adc5",
            Effect = "A load makes an exclusive page that comes back from swap writable at once.",
            Evidence = Evidence.Source,
            Source = "do_swap_page in patches on linux-mm; id and release from memory",
        },
        new("swap-given-up", "7.0", "mm, swap: never bypass the swap cache even for SWP_SYNCHRONOUS_IO", (PolicyProperty.SwapBypass, (int)SwapBypassRule.NeverButGivenUp))
        {
            Effect = "Pages are always read through the swap cache, and leave it at once where the device is fast.",
            Evidence = Evidence.Recorded,
            Source = "recorded on 7.2 and 7.3, not on 6.12; the series of December 2025 on linux-mm; the release is derived from that",
        },
    ];
}
