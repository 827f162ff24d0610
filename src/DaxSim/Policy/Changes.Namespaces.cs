namespace DaxSim.Policy;

/// <summary>Namespaces of persistent memory that come and go on a running machine, and who else reaches their memory meanwhile.</summary>
internal static class NamespaceChanges
{
    internal static IReadOnlyList<KernelChange> All { get; } =
    [
        new("section-busy", "4.5", "mm: introduce find_dev_pagemap()", (PolicyProperty.SectionSharing, (int)SectionSharingRule.RefusedAsBusy))
        {
            Commit = "9476df7d80df",
            Effect = "A second device in a section of memory is refused with EBUSY.",
            Evidence = Evidence.Source,
            Source = "devm_memremap_pages as the multi-order patch of September 2017 removes it (one entry a section, EBUSY); id and release from memory",
        },
        new("section-ram", "4.6", "mm: fix mixed zone detection in devm_memremap_pages", (PolicyProperty.RamInSection, (int)RamInSectionRule.TrimmedOrRefused))
        {
            Commit = "5f29a77cd957",
            Effect = "Device memory that shares a section with RAM gets no struct pages (ENXIO); a namespace with an info block is trimmed to whole sections.",
            Evidence = Evidence.CommitMessage,
            Source = "5f29a77cd957 and cfe30b872058 (libnvdimm, pmem: adjust for section collisions with 'System RAM'), both of March 2016",
        },
        new("region-badblocks", "4.12", "libnvdimm: add mechanism to publish badblocks at the region level", (PolicyProperty.RegionBadblocks, (int)RegionBadblocksRule.Listed))
        {
            Commit = "6a6bef90425e",
            Effect = "A region lists its media errors, those under device-dax too, and an error cleared by the firmware leaves the list.",
            Evidence = Evidence.Source,
            Source = "ndctl daxdev-errors.sh asks for 4.12 (\"lacks dax dev error handling\"); id from memory",
        },
        new("section-multiorder", "4.14", "mm, devm_memremap_pages: use multi-order radix for ZONE_DEVICE lookups", (PolicyProperty.SectionSharing, (int)SectionSharingRule.Unnoticed))
        {
            Commit = "ab1b597ee0e4",
            Effect = "Page maps are looked up by page instead of section, so that two devices in one section are not noticed any more.",
            Evidence = Evidence.Source,
            Source = "the patch (foreach_order_pgoff over the range itself); __add_pages ignores EEXIST; id and release from memory",
        },
        new("section-conflict", "4.19", "mm: disallow mappings that conflict for devm_memremap_pages()", (PolicyProperty.SectionSharing, (int)SectionSharingRule.RefusedWithWarning))
        {
            Commit = "15d36fecd0bd",
            Effect = "A second device whose first or last section has struct pages already is refused with ENOMEM and a warning.",
            Evidence = Evidence.Source,
            Source = "the patch of June 2018; id and release from memory, point releases that have it not known",
        },
        new("metadata-errors", "4.20", "libnvdimm, pfn: during init, clear errors in the metadata area", (PolicyProperty.MetadataErrors, (int)MetadataErrorRule.Cleared))
        {
            Commit = "48af2f7e52f4",
            Effect = "Media errors where struct pages are to lie are cleared when the namespace is probed.",
            Evidence = Evidence.Source,
            Source = "nd_pfn_clear_memmap_errors; ndctl pfn-meta-errors.sh asks for 4.20 (\"may lack PFN metadata error handling\"); id from memory",
        },
        new("sub-sections", "5.3", "mm/sparsemem: support sub-section hotplug", (PolicyProperty.SectionSharing, (int)SectionSharingRule.SubSections))
        {
            Commit = "ba72b4c8cf60",
            Effect = "Struct pages come and go by sub-sections of 2 MiB: small neighbouring namespaces do not collide.",
            Evidence = Evidence.Source,
            Source = "memremap_pages asks for its own range only; ndctl sub-section.sh asks for 5.3",
        },
        new("devmem-revoked", "5.8", "/dev/mem: Revoke mappings when a driver claims the region", (PolicyProperty.DevMemRevocation, (int)DevMemRevocationRule.Revoked))
        {
            Commit = "3234ac664a87",
            Effect = "With IO_STRICT_DEVMEM a driver that claims memory takes away the mappings that programs have of it through /dev/mem.",
            Evidence = Evidence.Source,
            Source = "revoke_devmem, the patch of May 2020; later moved to the resource code as revoke_iomem; ndctl revoke-devmem.c",
        },
    ];
}
