namespace DaxSim.Policy;

/// <summary>What the drivers of DAX devices did when.</summary>
internal static class DriverChanges
{
    private static readonly Architecture[] Pmem = [Architecture.X8664, Architecture.Arm64, Architecture.Ppc64Le];
    private static readonly Architecture[] S390 = [Architecture.S390X];
    private static readonly Architecture[] Cell = [Architecture.Ppc64Cell];

    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        // ---- pmem and its relatives ----
        new("pmem-driver", "4.1", "drivers/block/pmem: Add a driver for persistent memory", (PolicyProperty.PmemDriver, (int)LaterDriver.Present))
        {
            Commit = "9e853f2313e5",
            Effect = "Persistent memory becomes a block device with DAX, at first without struct pages.",
            Architectures = Pmem,
            Evidence = Evidence.Source,
            Source = "dax-support 3.1",
        },
        new("pmem-length-rest", "4.5", "[pmem hands out all that follows]", (PolicyProperty.PmemLength, (int)PmemLength.Rest), (PolicyProperty.PmemRawPages, (int)PmemRawPages.PagemapRegions))
        {
            Effect = "pmem hands out everything up to its end, and gives struct pages to raw namespaces of regions with the PAGEMAP flag.",
            Architectures = Pmem,
            Evidence = Evidence.Source,
            Source = "dax-support 3.1",
        },
        new("pmem-badblocks", "4.7", "dax: enable dax in the presence of known media errors (badblocks)", (PolicyProperty.PmemBadblocks, (int)PmemBadblocks.Eio))
        {
            Commit = "0a70bd430531",
            Effect = "pmem's direct_access fails with EIO for a range with a known media error; clean ranges of the same device work.",
            Architectures = Pmem,
            Evidence = Evidence.Source,
            Source = "dax-support 3.1",
        },
        new("device-dax", "4.7", "/dev/dax, pmem: direct access to persistent memory", (PolicyProperty.DeviceDaxDriver, (int)LaterDriver.Present))
        {
            Commit = "ab68f2622136",
            Effect = "Persistent memory can be a character device that programs map (/dev/dax0.0).",
            Architectures = Pmem,
            Evidence = Evidence.Source,
            Source = "dax-support 3.6",
        },
        new("pmem-queue-flag", "4.18", "pmem: only set QUEUE_FLAG_DAX for fsdax mode", (PolicyProperty.PmemQueueFlag, (int)PmemQueueFlag.OnlyWithPages))
        {
            Commit = "4557641b4c70",
            Effect = "pmem without struct pages no longer advertises DAX.",
            Backports = [KernelVersion.Parse("4.17.4")],
            Architectures = Pmem,
            Evidence = Evidence.Recorded,
            Source = "recording of 4.19; dax-support 3.1",
        },
        new("kmem", "5.1", "device-dax: \"Hotplug\" persistent memory for use like normal RAM", (PolicyProperty.KmemDriver, (int)LaterDriver.Present))
        {
            Commit = "c221c0b0308f",
            Effect = "A dax range can become system RAM.",
            Architectures = Pmem,
            Evidence = Evidence.Source,
            Source = "dax-support 3.6",
        },
        new("pmem-force-raw", "5.1", "libnvdimm/pmem: Honor force_raw for legacy pmem regions", (PolicyProperty.PmemRawPages, (int)PmemRawPages.PagemapRegionsUnlessForced))
        {
            Commit = "fa7d2e639cd9",
            Effect = "A namespace marked force_raw gets no struct pages even in a region with the PAGEMAP flag.",
            Backports = [KernelVersion.Parse("4.14.177"), KernelVersion.Parse("4.19.31")],
            Architectures = Pmem,
            Evidence = Evidence.Recorded,
            Source = "recordings of 4.14.177 (honoured) and 4.19.0 (not); dax-support 3.1; first 4.14 point release not known",
        },
        new("virtio-pmem", "5.3", "virtio-pmem: Add virtio pmem driver", (PolicyProperty.VirtioPmemDriver, (int)LaterDriver.Present))
        {
            Commit = "6e84200c0a29",
            Effect = "A host file can be persistent memory of a guest; its flushes are asynchronous.",
            Architectures = Pmem,
            Evidence = Evidence.Source,
            Source = "dax-support 3.1 (absent in 5.2.1, present in 5.3.1)",
        },
        new("pmem-hwpoison", "6.5", "dax: enable dax fault handler to report VM_FAULT_HWPOISON", (PolicyProperty.PmemBadblocks, (int)PmemBadblocks.EhwpoisonUnlessRecovering))
        {
            Commit = "1ea7ca1b0901",
            Effect = "pmem's direct_access answers EHWPOISON instead of EIO, so that a fault raises SIGBUS with BUS_MCEERR_AR.",
            Architectures = Pmem,
            Evidence = Evidence.Source,
            Source = "dax-support 3.1 (absent in 6.4.6, present in 6.8.1)",
        },

        // ---- RAM disk ----
        new("brd-xip-enospc", "3.19", "[the RAM disk answers ENOSPC when it gets no page]", (PolicyProperty.BrdDirectAccess, (int)BrdDirectAccess.XipEnospc))
        {
            Effect = "XIP on a RAM disk fails with ENOSPC instead of ENOMEM when no page can be had.",
            Evidence = Evidence.Source,
            Source = "dax-support 3.4 (ENOMEM in 3.10, ENOSPC in 3.19)",
        },
        new("brd-ram-dax", "4.0", "[BLK_DEV_XIP becomes BLK_DEV_RAM_DAX]", (PolicyProperty.BrdDirectAccess, (int)BrdDirectAccess.OnePage))
        {
            Effect = "The RAM disk offers DAX, one page at a time.",
            Evidence = Evidence.Source,
            Source = "dax-support 3.4",
        },
        new("brd-dax-removed", "4.15", "brd: remove dax support", (PolicyProperty.BrdDirectAccess, (int)BrdDirectAccess.Removed))
        {
            Commit = "7a862fbbdec6",
            Effect = "RAM disks have no DAX any more.",
            Evidence = Evidence.Recorded,
            Source = "recordings of 4.14 and 4.19; dax-support 3.4",
        },

        // ---- axonram ----
        new("axonram-pfn", "3.19", "[axonram reports the right pfn]", (PolicyProperty.AxonRamDirectAccess, (int)AxonRamDirectAccess.RightPfn))
        {
            Effect = "The pfn is made from the address of the memory, no longer from that of a local variable.",
            Architectures = Cell,
            Evidence = Evidence.Source,
            Source = "dax-support 3.3 (wrong in 3.10, right in 3.19)",
        },
        new("axonram-unchecked", "4.0", "[axonram reports the bytes available and tests no range]", (PolicyProperty.AxonRamDirectAccess, (int)AxonRamDirectAccess.Unchecked))
        {
            Effect = "axonram hands out what follows an offset without testing that the offset lies inside.",
            Architectures = Cell,
            Evidence = Evidence.Source,
            Source = "dax-support 3.3 (4.1 read, 4.0 not)",
        },
        new("axonram-removed", "4.16", "[axonram is deleted]", (PolicyProperty.AxonRamDriver, (int)LegacyDriver.Removed))
        {
            Effect = "axonram is deleted: the memory banks of Cell blades are no block devices any more.",
            Architectures = Cell,
            Evidence = Evidence.Source,
            Source = "dax-support 3.3 (present in 4.15.15, absent in 4.16)",
        },

        // ---- s390: xpram and dcssblk ----
        new("xpram-removed", "5.15", "[xpram is deleted]", (PolicyProperty.XpramDriver, (int)LegacyDriver.Removed))
        {
            Effect = "Expanded memory of s390 is no block device any more (it never had DAX).",
            Architectures = S390,
            Evidence = Evidence.Source,
            Source = "dax-support 3.5 (present in 5.14.2, absent in 5.15)",
        },
        new("dcssblk-length-short", "4.0", "[dcssblk reports last byte minus first]", (PolicyProperty.DcssLength, (int)DcssLength.OneByteShort))
        {
            Effect = "dcssblk hands out one byte less than there is; from 4.5 to 4.10 that makes every access fail with ENXIO.",
            Architectures = S390,
            Evidence = Evidence.Source,
            Source = "dax-support 3.2",
        },
        new("dcssblk-length", "4.11", "s390/dcssblk: fix device size calculation in dcssblk_direct_access()", (PolicyProperty.DcssLength, (int)DcssLength.Whole))
        {
            Commit = "a63f53e34db8",
            Effect = "dcssblk hands out what there is, so that DAX on a segment works (again).",
            Backports = [KernelVersion.Parse("4.4.155"), KernelVersion.Parse("4.9.15"), KernelVersion.Parse("4.10.17")],
            Architectures = S390,
            Evidence = Evidence.Source,
            Source = "dax-support 3.2",
        },
        new("hashed-pointers", "4.15", "printk: hash addresses printed with %p", (PolicyProperty.DcssLogAddresses, (int)DcssLogAddresses.Hashed))
        {
            Commit = "ad67b74d2469",
            Effect = "extmem's line about a loaded segment shows (____ptrval____) or hashes instead of its addresses.",
            Architectures = S390,
            Evidence = Evidence.Recorded,
            Source = "recording of 4.19 on s390x",
        },
        new("extmem-real-addresses", "5.0", "[extmem prints the addresses of a segment unhashed]", (PolicyProperty.DcssLogAddresses, (int)DcssLogAddresses.Plain))
        {
            Effect = "extmem's line about a loaded segment shows its addresses again.",
            Architectures = S390,
            Evidence = Evidence.Unconfirmed,
            Source = "recordings on s390x: hashed in 4.19, plain in 6.1",
        },
        new("vmem-segment-list", "5.9", "s390/vmem: get rid of memory segment list", (PolicyProperty.DcssSegmentType, (int)DcssSegmentType.AlwaysSharedWrite), (PolicyProperty.DcssMemoryOverlap, (int)DcssMemoryOverlap.Ebusy))
        {
            Commit = "f05f62d04271",
            Effect = "segment_load answers 0 (type SW) for every segment, so that SR, ER and SC become writable devices; a segment over Linux's memory gives EBUSY instead of ENOSPC.",
            Architectures = S390,
            Evidence = Evidence.Recorded,
            Source = "recording of 5.11 on s390x; message of 8c42dd78df14",
        },
        new("extmem-segment-type", "6.3", "s390/extmem: return correct segment type in __segment_load()", (PolicyProperty.DcssSegmentType, (int)DcssSegmentType.Reported))
        {
            Commit = "8c42dd78df14",
            Effect = "segment_load answers the segment's type again: SR, ER and SC are read-only devices.",
            Backports = [KernelVersion.Parse("5.10.173"), KernelVersion.Parse("5.15.99"), KernelVersion.Parse("6.1.16"), KernelVersion.Parse("6.2.3")],
            Architectures = S390,
            Evidence = Evidence.Recorded,
            Source = "recordings of 5.11 and 6.1.176 on s390x; the commit's message",
        },
        new("dcssblk-zone-device", "6.17", "[dcssblk makes struct pages]", (PolicyProperty.DcssDax, (int)DcssDax.ZoneDevicePages))
        {
            Effect = "Segments that begin and end on a 2 MiB boundary get ZONE_DEVICE pages and DAX; others stay block devices without DAX.",
            Architectures = S390,
            Evidence = Evidence.Recorded,
            Source = "recordings of 7.2 and 7.3 on s390x; dax-support 3.2",
        },

        // ---- device-mapper ----
        new("dm-dax", "4.8", "dm: add infrastructure for DAX support", (PolicyProperty.DeviceMapperDax, (int)DeviceMapperDax.QueueFlags))
        {
            Commit = "545ed20e6df6",
            Effect = "A table of linear or striped targets over DAX queues offers DAX.",
            Evidence = Evidence.Source,
            Source = "dax-support 3.7",
        },
        new("dm-members-admitted", "4.18", "dm: prevent DAX mounts if not supported", (PolicyProperty.DeviceMapperDax, (int)DeviceMapperDax.MembersAdmitted))
        {
            Commit = "dbc626597c39",
            Effect = "Every member of a table must pass the dax core's admission test.",
            Backports = [KernelVersion.Parse("4.17.6")],
            Evidence = Evidence.Source,
            Source = "dax-support 3.7",
        },
        new("dm-synchronous", "5.3", "dm: enable synchronous dax", (PolicyProperty.DeviceMapperSynchronous, (int)DeviceMapperSynchronous.AllMembers))
        {
            Commit = "2e9ee0955d3c",
            Effect = "A device-mapper device is synchronous only if all its members are.",
            Evidence = Evidence.Source,
            Source = "dax-support 3.7",
        },
        new("dm-members-dax-device", "5.17", "[dm only asks its members for a dax_device]", (PolicyProperty.DeviceMapperDax, (int)DeviceMapperDax.MembersHaveDaxDevice))
        {
            Effect = "Every member of a table merely needs a dax device when the table is loaded.",
            Evidence = Evidence.Source,
            Source = "dax-support 3.7",
        },
    ];
}
