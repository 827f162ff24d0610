using DaxSim.Conformance.Adapter;
using DaxSim.Conformance.Probe;
using DaxSim.Conformance.Reading;
using DaxSim.Memory;
using DaxSim.Policy;

namespace DaxSim.Conformance.Old;

/// <summary>The machines of the old recordings: one device per case, and what lies on it.</summary>
internal static class OldCases
{
    /// <summary>The device's name of a case such as <c>raw-ext4</c>; null for another case.</summary>
    internal static string? Device(string name) => Kind(name) switch
    {
        "raw" or "nfitraw" or "e820default" or "fsdaxmem" => "pmem0",
        "ram" or "xip" => "ram0",
        "plain" => "ram1",
        _ => null,
    };

    /// <summary>The filesystem of a case.</summary>
    internal static string FileSystem(string name) => name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..];

    /// <summary>The machine of a case: 1 GiB, two RAM disks, and the namespace that the case speaks of.</summary>
    internal static Machine Build(KernelRelease release, string name)
        => Machine.Build(m =>
        {
            m.Kernel(Kernel(release)).Ram("1G").Brd("64M", "ram0").Brd("64M", "ram1").Disk("64M", "vda").Disk("64M", "vdb").Disk("320M", "vdc");
            switch (Kind(name))
            {
                case "raw":
                    m.E820Pmem("256M", "pmem0", forceRaw: true);
                    break;
                case "e820default":
                    m.E820Pmem("256M", "pmem0");
                    break;
                case "nfitraw":
                    m.Pmem("256M", name: "pmem0");
                    break;
                case "fsdaxmem":
                    m.Pmem("256M", PmemMode.FsDax, MemmapPlacement.Ram, name: "pmem0");
                    break;
            }
        });

    /// <summary>The machine of a case with its filesystem on /mnt/t, and ordinary ones on /mnt/d and /mnt/x.</summary>
    internal static ProbeMachine Mounted(KernelRelease release, string name)
    {
        var machine = Build(release, name == "devmem" ? "nfitraw" : name);
        var mounts = new Dictionary<string, Mount>(StringComparer.Ordinal);
        Mount(machine, mounts, "vdb", "ext4", "/mnt/d", "ext4", "");
        Mount(machine, mounts, "vdc", "xfs", "/mnt/x", "xfs", "");
        if (Device(name) is { } device)
        {
            var type = FileSystem(name);
            Mount(machine, mounts, device, type == "ext2" ? "real-ext2" : type, "/mnt/t", type, Kind(name) switch { "plain" => "", "xip" => "xip", _ => "dax" });
        }

        var start = machine.FindDevice("pmem0")?.PhysicalAddress ?? 0;
        return new ProbeMachine(new SimulatedMachine(machine, mounts), new ProbeCase("/mnt/t/f", (long)start, ReadOnlyMount: false, "/dev/vda", BigEndian: false));
    }

    internal static void Mount(Machine machine, Dictionary<string, Mount> mounts, string device, string variant, string path, string type, string options)
    {
        var recipe = ImageRecipes.Find(variant) ?? throw new SetupException($"no recipe for '{variant}'");
        ImageRecipes.Make(machine, device, recipe);
        var mounted = machine.Mount($"/dev/{device}", path, type, options);
        mounts[path] = mounted.IsOk ? mounted.Value : throw new SetupException($"{device} cannot be mounted: {mounted.Verdict} {mounted.Verdict.Reason}");
    }

    /// <summary>The kernel: built by hand with RAM disks that offer DAX (or XIP), and ext2 of its own.</summary>
    private static KernelPolicy Kernel(KernelRelease release)
    {
        var config = KernelConfig.Default(release.Version, Architecture.X8664)
            .With("BLK_DEV_RAM_DAX", KconfigValue.Yes).With("BLK_DEV_XIP", KconfigValue.Yes).With("EXT2_FS_XIP", KconfigValue.Yes).With("EXT2_FS", KconfigValue.Yes).With("STRICT_DEVMEM", KconfigValue.No).With("MEM_SOFT_DIRTY", KconfigValue.No);
        return release.IsLimited
            ? KernelPolicy.Mainline(release.Version, Architecture.X8664, config.With("FS_DAX_LIMITED", KconfigValue.Yes).With("ARCH_HAS_PMEM_API", KconfigValue.No)) with { PmemPfnFlags = PmemPfnFlags.DevAndSpecial, PmemRawPages = PmemRawPages.Never }
            : KernelPolicy.Mainline(release.Version, Architecture.X8664, config);
    }

    private static string Kind(string name) => name.Split('-')[0];
}
