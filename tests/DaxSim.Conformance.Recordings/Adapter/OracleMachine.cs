using DaxSim.Conformance.Reading;
using DaxSim.Devices;
using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.Conformance.Adapter;

/// <summary>Builds the machines that the recordings were made on.</summary>
internal static class OracleMachine
{
    private static readonly (string Device, string Variant, string Path, string Options)[] ModernMounts =
    [
        ("vda", "ext4", "/mnt/ext4", ""), ("pmem0", "ext4", "/mnt/dax", "dax"), ("pmem5", "ext4", "/mnt/e820", "dax"),
        ("pmem3", "xfs-reflink0", "/mnt/xfs", "dax=always"), ("pmem2", "ext4", "/mnt/raw", ""), ("pmem4s", "ext4", "/mnt/btt", ""),
    ];

    /// <summary>The kernel of a cells recording: Debian's.</summary>
    internal static KernelPolicy X86(KernelRelease release)
        => KernelPolicy.Mainline(release.Version, Architecture.X8664, KernelConfig.Debian(release.Version, Architecture.X8664));

    /// <summary>The kernel of an s390 recording: ext2 is served by the ext4 driver.</summary>
    internal static KernelPolicy S390(KernelRelease release)
        => KernelPolicy.Mainline(release.Version, Architecture.S390X, KernelConfig.Default(release.Version, Architecture.S390X).With("EXT2_FS", KconfigValue.No).With("EXT4_USE_FOR_EXT2", KconfigValue.Yes).With("MEMORY_FAILURE", KconfigValue.No).With("NUMA", KconfigValue.No).With("MEM_SOFT_DIRTY", Distribution(release)).With("BLK_DEV_IO_TRACE", Distribution(release)).With("BLK_DEV_INTEGRITY", Distribution(release)));

    /// <summary>What distributions choose and the small configurations built for the recordings do not.</summary>
    private static KconfigValue Distribution(KernelRelease release) => release.IsDistribution ? KconfigValue.Yes : KconfigValue.No;

    /// <summary>The machine of the s390 recordings: 512 MiB for Linux, the segments above.</summary>
    internal static Machine Segments(KernelRelease release, bool underZvm, Action<MachineBuilder>? more = null)
        => Machine.Build(m =>
        {
            m.Kernel(S390(release)).Ram("512M").SystemInformation(Emulator(underZvm));
            Conformance.S390.Segments.DefineAll(m);
            more?.Invoke(m);
        });

    /// <summary>What QEMU without acceleration says of its machine: of every level the same few constants. The recorder has it name z/VM instead of KVM, or not.</summary>
    private static SystemInformation Emulator(bool underZvm)
    {
        const string Name = "QEMU";
        var one = new SystemProcessors(Total: 1, Configured: 1, Standby: 0, Reserved: 0);
        return new SystemInformation
        {
            Manufacturer = Name,
            Type = "8561",
            ModelCapacity = Name,
            SequenceCode = Name,
            Plant = Name,
            Processors = one,
            Capability = 0x443afc29,
            Partition = new LogicalPartition { Name = Name, Characteristics = PartitionCharacteristics.Dedicated, Processors = one },
            VirtualMachines = [new VirtualMachine { Name = Name, ControlProgram = underZvm ? "z/VM" : "KVM/Linux", Processors = one }],
        };
    }

    /// <summary>The machine of the cells: an ordinary disk, a slow one, a pmem namespace of each mode, reserved memory.</summary>
    internal static Machine ModernDevices(KernelRelease release, Action<MachineBuilder>? more = null, bool twoNodes = false)
        => Machine.Build(m =>
        {
            m = twoNodes ? m.Kernel(X86(release)).Node("512M").Node("512M") : m.Kernel(X86(release)).Ram("1G");
            m.Reserve("128M", "768M").Region(new MemoryRegion(OraclePaths.PciRegion, RegionKind.Mmio, OraclePaths.PciStart, OraclePaths.PciLength))
                .HugePages(16).TransparentHugePages(always: true)
                .Disk("256M", "vda").Disk("64M", "vdb")
                .Pmem("128M", PmemMode.FsDax, name: "pmem0")
                .Pmem("128M", name: "pmem2")
                .Pmem("512M", PmemMode.FsDax, name: "pmem3")
                .Pmem("128M", PmemMode.Sector, name: "pmem4s")
                .E820Pmem("128M", "pmem5", start: 512UL << 20)
                .Loop("16M", "loop0");
            more?.Invoke(m);
        });

    /// <summary>The machine of the cells with its mounts; its memory halved between two nodes for those that are about nodes.</summary>
    internal static ISimulatedMachine Modern(KernelRelease release, bool twoNodes = false)
    {
        var machine = ModernDevices(release, m => m.DeviceDax("128M"), twoNodes);
        var mounts = new Dictionary<string, Mount>(StringComparer.Ordinal);
        foreach (var (device, variant, path, options) in ModernMounts)
        {
            ImageRecipes.Make(machine, device, ImageRecipes.Find(variant)!);
            var mounted = machine.Mount($"/dev/{device}", path, variant.Split('-')[0], options);
            if (!mounted.IsOk)
            {
                throw new SetupException($"{device} cannot be mounted on {path}: {mounted.Verdict} {mounted.Verdict.Reason}");
            }

            mounts[path] = mounted.Value;
        }

        return new SimulatedMachine(machine, mounts);
    }
}
