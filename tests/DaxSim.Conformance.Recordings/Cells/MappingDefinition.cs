using static DaxSim.Conformance.Adapter.LinuxNumbers;

namespace DaxSim.Conformance.Cells;

/// <summary>What a mapping maps.</summary>
internal enum MappingKind
{
    Anonymous,
    File,
    MemoryFile,
    DeviceMemory,
    DeviceDax,
    HugePages,
    Secret,
    PciBar,
    Special,
}

/// <summary>One of the recorded mappings: how it is made.</summary>
/// <param name="Name">Its name in the recordings.</param>
/// <param name="Kind">What it maps.</param>
/// <param name="Place">The directory of its file, or the name of the kernel's own mapping.</param>
/// <param name="Prot">The protection.</param>
/// <param name="Flags">The mmap flags, without MAP_FIXED.</param>
/// <param name="Writable">Whether the descriptor is open for writing.</param>
/// <param name="Length">The length in bytes.</param>
/// <param name="Sparse">The file is never written.</param>
/// <param name="InFlight">It takes part in the operations with a transfer in flight.</param>
internal sealed record MappingDefinition(string Name, MappingKind Kind, string Place, int Prot, int Flags, bool Writable, ulong Length, bool Sparse = false, bool InFlight = false)
{
    private const ulong FourPages = 4 * Page;
    private const ulong TwoMegabytes = 2UL << 20;
    private static readonly Dictionary<string, MappingDefinition> ByName = Table().ToDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>True when the process may write through it.</summary>
    internal bool IsWritable => (Prot & ProtWrite) != 0;

    /// <summary>True when it maps at least one huge page's length.</summary>
    internal bool IsHuge => Length >= TwoMegabytes;

    /// <summary>The mapping of that name, or null.</summary>
    internal static MappingDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    private static IEnumerable<MappingDefinition> Table()
    {
        foreach (var definition in Anonymous().Concat(OnFiles("ext4", "/mnt/ext4")).Concat(OnDax()).Concat(OnDevices()))
        {
            yield return definition;
        }
    }

    private static IEnumerable<MappingDefinition> Anonymous()
    {
        yield return new("anon_private", MappingKind.Anonymous, "", ReadWrite, MapPrivate | MapAnonymous, true, FourPages, InFlight: true);
        yield return new("anon_private_ro", MappingKind.Anonymous, "", ProtRead, MapPrivate | MapAnonymous, true, FourPages);
        yield return new("anon_none", MappingKind.Anonymous, "", ProtNone, MapPrivate | MapAnonymous, true, FourPages);
        yield return new("anon_shared", MappingKind.Anonymous, "", ReadWrite, MapShared | MapAnonymous, true, FourPages, InFlight: true);
        yield return new("anon_thp", MappingKind.Anonymous, "", ReadWrite, MapPrivate | MapAnonymous, true, TwoMegabytes);
        yield return new("memfd_shared", MappingKind.MemoryFile, "", ReadWrite, MapShared, true, FourPages);
        yield return new("memfd_private", MappingKind.MemoryFile, "", ReadWrite, MapPrivate, true, FourPages);
        yield return File("tmpfs_shared", "/tmp/t", MapShared) with { InFlight = true };
        yield return File("tmpfs_private", "/tmp/t", MapPrivate);
        yield return new("hugetlb_shared", MappingKind.HugePages, "", ReadWrite, MapShared | MapAnonymous | MapHugetlb, true, TwoMegabytes, InFlight: true);
        yield return new("hugetlb_private", MappingKind.HugePages, "", ReadWrite, MapPrivate | MapAnonymous | MapHugetlb, true, TwoMegabytes, InFlight: true);
        yield return new("secretmem_shared", MappingKind.Secret, "", ReadWrite, MapShared, true, FourPages);
        yield return new("vvar", MappingKind.Special, "[vvar]", ProtRead, 0, false, Page);
        yield return new("vdso", MappingKind.Special, "[vdso]", ProtRead | ProtExec, 0, false, Page);
    }

    /// <summary>The mappings that ext4 has without DAX and with it.</summary>
    private static IEnumerable<MappingDefinition> OnFiles(string prefix, string place)
    {
        yield return File($"{prefix}_shared", place, MapShared) with { InFlight = true };
        yield return File($"{prefix}_private", place, MapPrivate) with { InFlight = true };
        yield return File($"{prefix}_shared_rdprot", place, MapShared) with { Prot = ProtRead };
        yield return File($"{prefix}_shared_ro", place, MapShared) with { Prot = ProtRead, Writable = false };
        yield return File($"{prefix}_private_ro", place, MapPrivate) with { Prot = ProtRead, Writable = false };
        yield return File($"{prefix}_private_rx", place, MapPrivate) with { Prot = ProtRead | ProtExec, Writable = false };
        yield return File($"{prefix}_shared_wo", place, MapShared) with { Writable = false };
        yield return File($"{prefix}_private_rofd", place, MapPrivate) with { Writable = false };
        yield return File($"{prefix}_sync", place, MapSharedValidate | MapSync);
        yield return File($"{prefix}_hole_shared", place, MapShared) with { Sparse = true };
        yield return File($"{prefix}_hole_private", place, MapPrivate) with { Sparse = true };
    }

    private static IEnumerable<MappingDefinition> OnDax()
    {
        yield return File("pmemraw_shared", "/mnt/raw", MapShared);
        yield return File("btt_shared", "/mnt/btt", MapShared);
        foreach (var definition in OnFiles("ext4dax", "/mnt/dax"))
        {
            yield return definition;
        }

        yield return File("ext4dax_pmd_shared", "/mnt/dax", MapShared) with { Length = TwoMegabytes, InFlight = true };
        yield return File("ext4dax_pmd_private", "/mnt/dax", MapPrivate) with { Length = TwoMegabytes };
        yield return File("ext4dax_pmdhole_shared", "/mnt/dax", MapShared) with { Length = TwoMegabytes, Sparse = true };
        yield return File("e820dax_shared", "/mnt/e820", MapShared) with { InFlight = true };
        yield return File("e820dax_private", "/mnt/e820", MapPrivate);
        yield return File("e820dax_sync", "/mnt/e820", MapSharedValidate | MapSync);
        yield return File("xfsdax_shared", "/mnt/xfs", MapShared) with { InFlight = true };
        yield return File("xfsdax_private", "/mnt/xfs", MapPrivate);
        yield return File("xfsdax_sync", "/mnt/xfs", MapSharedValidate | MapSync);
        yield return File("xfsdax_shared_ro", "/mnt/xfs", MapShared) with { Prot = ProtRead, Writable = false };
        yield return File("xfsdax_private_ro", "/mnt/xfs", MapPrivate) with { Prot = ProtRead, Writable = false };
        yield return File("xfsdax_hole_shared", "/mnt/xfs", MapShared) with { Sparse = true };
    }

    private static IEnumerable<MappingDefinition> OnDevices()
    {
        yield return new("devdax_shared", MappingKind.DeviceDax, "", ReadWrite, MapShared, true, TwoMegabytes, InFlight: true);
        yield return new("devdax_shared_ro", MappingKind.DeviceDax, "", ProtRead, MapShared, false, TwoMegabytes);
        yield return new("devdax_sync", MappingKind.DeviceDax, "", ReadWrite, MapSharedValidate | MapSync, true, TwoMegabytes);
        yield return new("devdax_private", MappingKind.DeviceDax, "", ReadWrite, MapPrivate, true, TwoMegabytes);
        yield return new("devdax_private_ro", MappingKind.DeviceDax, "", ProtRead, MapPrivate, false, TwoMegabytes);
        yield return new("devdax_4k", MappingKind.DeviceDax, "", ReadWrite, MapShared, true, FourPages);
        yield return new("devmem_shared", MappingKind.DeviceMemory, "", ReadWrite, MapShared, true, FourPages, InFlight: true);
        yield return new("devmem_private", MappingKind.DeviceMemory, "", ReadWrite, MapPrivate, true, FourPages, InFlight: true);
        yield return new("devmem_shared_ro", MappingKind.DeviceMemory, "", ProtRead, MapShared, false, FourPages);
        yield return new("devmem_private_ro", MappingKind.DeviceMemory, "", ProtRead, MapPrivate, false, FourPages);
        yield return new("pcibar_shared", MappingKind.PciBar, "", ReadWrite, MapShared, true, FourPages);
        yield return new("pcibar_private", MappingKind.PciBar, "", ReadWrite, MapPrivate, true, FourPages);
    }

    private static MappingDefinition File(string name, string place, int flags) => new(name, MappingKind.File, place, ReadWrite, flags, true, FourPages);
}
