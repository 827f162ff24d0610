namespace DaxSim.Policy;

/// <summary>What the layer between drivers and filesystems did when, and where device memory could have struct pages.</summary>
internal static class DeviceChanges
{
    private static readonly Architecture[] S390 = [Architecture.S390X];

    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        // ---- The interface between drivers and filesystems ----
        new("direct-access-size", "4.0", "block: change direct_access calling convention", (PolicyProperty.DirectAccessInterface, (int)DirectAccessInterface.SizedKaddrPfn))
        {
            Commit = "dd22f551ac0a",
            Effect = "direct_access takes a size and returns the bytes available; bdev_direct_access tests operation, range and alignment in front of it.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.1, 1.3",
        },
        new("direct-access-no-size", "4.3", "[direct_access loses its size argument]", (PolicyProperty.DirectAccessInterface, (int)DirectAccessInterface.Unsized))
        {
            Effect = "The driver no longer sees how much is wanted.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.1",
        },
        new("direct-access-page-multiple", "4.5", "dax: guarantee page aligned results from bdev_direct_access()", (PolicyProperty.DirectAccessLength, (int)DirectAccessLength.PageMultiple))
        {
            Commit = "fe683adabfe6",
            Effect = "bdev_direct_access refuses a length that is no page multiple with ENXIO, which dcssblk's is.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.3 test 6",
        },
        new("pfn-t", "4.5", "mm, dax, pmem: introduce pfn_t", (PolicyProperty.PfnRepresentation, (int)PfnRepresentation.PfnT), (PolicyProperty.PmemPfnFlags, (int)PmemPfnFlags.DevAndMap), (PolicyProperty.DcssPfnFlags, (int)DcssPfnFlags.Dev))
        {
            Commit = "34c0fd540e79",
            Effect = "A driver says of a pfn whether it is device memory (PFN_DEV) and whether it made struct pages for it (PFN_MAP).",
            Evidence = Evidence.Source,
            Source = "dax-support 1.2, 3.1, 3.2",
        },
        new("direct-access-size-again", "4.7", "[direct_access gets its size argument back]", (PolicyProperty.DirectAccessInterface, (int)DirectAccessInterface.Sized))
        {
            Effect = "The driver sees how much is wanted, so that pmem can test that range for media errors.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.1",
        },
        new("queue-flag-dax", "4.8", "block: add QUEUE_FLAG_DAX for devices to advertise their DAX support", (PolicyProperty.QueueDaxFlag, (int)QueueDaxFlag.Advertised))
        {
            Commit = "163d4baaebe4",
            Effect = "bdev_direct_access demands the queue's DAX flag; axonram does not set it and loses DAX until 4.11.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.3, 3.3",
        },
        new("dax-operations", "4.12", "dax: introduce dax_operations", (PolicyProperty.DirectAccessInterface, (int)DirectAccessInterface.DaxOperations), (PolicyProperty.DirectAccessLength, (int)DirectAccessLength.Any))
        {
            Commit = "6568b08b7781",
            Effect = "direct_access belongs to a dax_device and counts pages.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.1, 1.4",
        },
        new("pfn-t-special", "4.16", "mm, dax: introduce pfn_t_special()", (PolicyProperty.PfnRepresentation, (int)PfnRepresentation.PfnTWithSpecial), (PolicyProperty.DcssPfnFlags, (int)DcssPfnFlags.DevSpecial))
        {
            Commit = "785a3fab4adb",
            Effect = "A driver can say that a pfn never has a struct page (PFN_SPECIAL); dcssblk does.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.2, 3.2",
        },
        new("fs-dax-limited", "4.16", "dax: require 'struct page' by default for filesystem dax [CONFIG_FS_DAX_LIMITED]", (PolicyProperty.FsDaxLimited, (int)FsDaxLimitedSelection.ByDcssblk))
        {
            Effect = "DCSSBLK selects FS_DAX_LIMITED: kernels with it keep DAX without struct pages.",
            Evidence = Evidence.Recorded,
            Source = "recordings of 4.16.13 and 4.19 on s390x; dax-support 4.2",
        },
        new("dax-sync-flag", "5.3", "libnvdimm: add dax_dev sync flag", (PolicyProperty.DaxSynchronousFlag, (int)DaxSynchronousFlag.Tracked))
        {
            Commit = "fefc1d97fa4b",
            Effect = "A dax device knows whether its flushes are synchronous; MAP_SYNC is refused where they are not.",
            Evidence = Evidence.Source,
            Source = "dax-support 6.3",
        },
        new("dax-negative-length", "5.13", "[dax_direct_access answers EINVAL to a negative length]", (PolicyProperty.DaxNegativeLength, (int)DaxNegativeLength.Einval))
        {
            Effect = "A negative number of pages gives EINVAL; before, the number itself came back as if it were an error.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.4 (absent in 5.12.9, present in 5.14.2)",
        },
        new("fs-dax-needs-pages-or-limited", "5.18", "fsdax: depend on ZONE_DEVICE || FS_DAX_LIMITED", (PolicyProperty.FsDaxDependency, (int)FsDaxDependency.ZoneDeviceOrLimited))
        {
            Commit = "f74515986e63",
            Effect = "FS_DAX cannot be built without ZONE_DEVICE or FS_DAX_LIMITED.",
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 1.16",
        },
        new("dax-access-mode", "5.19", "dax: introduce DAX_RECOVERY_WRITE dax access mode", (PolicyProperty.DirectAccessInterface, (int)DirectAccessInterface.DaxOperationsWithMode), (PolicyProperty.PmemBadblocks, (int)PmemBadblocks.EioUnlessRecovering))
        {
            Commit = "e511c4a3d2a1",
            Effect = "A write may ask for memory with media errors, which pmem then repairs.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.1, 3.1 (absent in 5.17, present in 5.19)",
        },
        new("dax-holder", "6.0", "dax: introduce holder for dax_device", (PolicyProperty.DaxHolder, (int)DaxHolder.Exclusive))
        {
            Commit = "8012b8660855",
            Effect = "A filesystem can hold a dax device exclusively; xfs does.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.16",
        },
        new("dcssblk-dax-broken", "6.15", "dcssblk: mark DAX broken, remove FS_DAX_LIMITED support", (PolicyProperty.DcssDax, (int)DcssDax.Broken), (PolicyProperty.DcssPfnFlags, (int)DcssPfnFlags.Dev), (PolicyProperty.FsDaxLimited, (int)FsDaxLimitedSelection.ByNobody))
        {
            Commit = "653d7825c149",
            Effect = "dcssblk registers no dax device, and nobody selects FS_DAX_LIMITED any more: -o dax on a segment is refused.",
            Architectures = S390,
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 1.17",
        },
        new("fsdax-page-refcount", "6.15", "fs/dax: properly refcount fs dax pages", (PolicyProperty.FsDaxIdlePage, (int)FsDaxIdlePage.NoReference), (PolicyProperty.PmemPfnFlags, (int)PmemPfnFlags.NoneSet), (PolicyProperty.DaxPages, (int)DaxPageRule.CountedLikeFilePages))
        {
            Commit = "38607c62b34b",
            Effect = "An idle filesystem-DAX page has reference count 0 and is mapped and counted like any other page, so memory without struct page cannot be mapped; pmem sets no pfn_t flag.",
            Evidence = Evidence.Recorded,
            Source = "cells 7.2 against 6.1 (smaps, pagemap); dax-support 1.17, 3.1; gup-fork 8.1",
        },
        new("fs-dax-needs-pages", "6.17", "[pfn_t and FS_DAX_LIMITED are removed, FS_DAX depends on ZONE_DEVICE]", (PolicyProperty.PfnRepresentation, (int)PfnRepresentation.NumberAgain), (PolicyProperty.DcssPfnFlags, (int)DcssPfnFlags.None), (PolicyProperty.FsDaxLimited, (int)FsDaxLimitedSelection.Absent), (PolicyProperty.FsDaxDependency, (int)FsDaxDependency.ZoneDevice), (PolicyProperty.LimitedFsDaxPagemap, (int)LimitedFsDaxPagemap.Allowed))
        {
            Effect = "There is no filesystem DAX without struct pages any more, and a pfn is a plain number again.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.18",
        },
        new("fsdev", "7.1", "[drivers/dax/fsdev.c, fs_dax_get]", (PolicyProperty.FsdevDriver, (int)LaterDriver.Present), (PolicyProperty.DaxOperationsTest, (int)DaxOperationsTest.Tested))
        {
            Effect = "A dax range can be bound to fsdev and lent to a filesystem; dax_direct_access tests that there are operations.",
            Evidence = Evidence.Source,
            Source = "dax-support 1.18, 3.6 (absent in 7.0, present in 7.1.5)",
        },

        // ---- Struct pages for device memory ----
        new("zone-device-x86", "4.3", "mm: ZONE_DEVICE for \"device memory\"", (PolicyProperty.ZoneDevice, (int)ZoneDeviceSupport.Possible), (PolicyProperty.PmemLength, (int)PmemLength.WholeSections))
        {
            Commit = "033fbae988fc",
            Effect = "Device memory can have struct pages on x86_64; pmem with pages hands out whole sections.",
            Architectures = [Architecture.X8664],
            Evidence = Evidence.Source,
            Source = "dax-support 3.1, 5",
        },
        new("vmem-altmap", "4.5", "x86, mm: introduce vmem_altmap to augment vmemmap_populate()", (PolicyProperty.MemmapOnDevice, (int)MemmapOnDevice.Supported))
        {
            Commit = "4b94ffdc4163",
            Effect = "The struct pages of a namespace can lie on the device itself (map=dev).",
            Evidence = Evidence.Source,
            Source = "dax-support 3.1",
        },
        new("zone-device-ppc64", "4.14", "mm, x86: Add ARCH_HAS_ZONE_DEVICE to Kconfig", (PolicyProperty.ZoneDevice, (int)ZoneDeviceSupport.Possible))
        {
            Commit = "65f7d0497887",
            Effect = "ZONE_DEVICE can be chosen on 64-bit powerpc (book3s).",
            Architectures = [Architecture.Ppc64Le],
            Evidence = Evidence.Source,
            Source = "dax-support 5",
        },
        new("pagemap-types", "4.18", "mm: introduce MEMORY_DEVICE_FS_DAX and CONFIG_DEV_PAGEMAP_OPS", (PolicyProperty.PagemapTyping, (int)PagemapTyping.Typed))
        {
            Commit = "e76384884344",
            Effect = "A pagemap says whether its pages are filesystem DAX; admission demands that.",
            Evidence = Evidence.CommitMessage,
            Source = "dax-support 1.11",
        },
        new("zone-device-arm64", "5.3", "arm64: mm: implement pte_devmap support", (PolicyProperty.ZoneDevice, (int)ZoneDeviceSupport.Possible), (PolicyProperty.DevmapPte, (int)DevmapPteSupport.Bit))
        {
            Commit = "73b20c84d42d",
            Effect = "ZONE_DEVICE can be chosen on arm64, whose page table entries can now be marked devmap.",
            Architectures = [Architecture.Arm64],
            Evidence = Evidence.Source,
            Source = "dax-support 5",
        },
        new("limited-fsdax-pagemap", "5.3", "[memremap_pages refuses MEMORY_DEVICE_FS_DAX under FS_DAX_LIMITED]", (PolicyProperty.LimitedFsDaxPagemap, (int)LimitedFsDaxPagemap.Refused))
        {
            Effect = "A kernel with FS_DAX_LIMITED cannot have a filesystem-DAX device with struct pages: a warning, EINVAL.",
            Evidence = Evidence.Source,
            Source = "dax-support 4.3 (absent in 5.2.1, present in 5.3.1)",
        },
        new("zone-device-s390", "6.17", "[s390 has ZONE_DEVICE]", (PolicyProperty.ZoneDevice, (int)ZoneDeviceSupport.Possible))
        {
            Effect = "ZONE_DEVICE no longer needs a devmap bit, so s390 can have it.",
            Architectures = S390,
            Evidence = Evidence.Recorded,
            Source = "recordings of 7.2 and 7.3 on s390x; dax-support 1.18",
        },
    ];
}
