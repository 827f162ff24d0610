using DaxSim.Conformance.Reading;
using DaxSim.Policy;

namespace DaxSim.Conformance.Adapter;

/// <summary>Builds the machines that the recordings were made on.</summary>
internal static class OracleMachine
{
    /// <summary>The kernel of a cells or programs recording: ext2 is served by the ext4 driver.</summary>
    internal static KernelPolicy X86(KernelRelease release)
        => KernelPolicy.Mainline(release.Version, Architecture.X8664, KernelConfig.Default(release.Version, Architecture.X8664).With("EXT2_FS", KconfigValue.No).With("EXT4_USE_FOR_EXT2", KconfigValue.Yes));

    /// <summary>The kernel of an s390 recording: ext2 is served by the ext4 driver.</summary>
    internal static KernelPolicy S390(KernelRelease release)
        => KernelPolicy.Mainline(release.Version, Architecture.S390X, KernelConfig.Default(release.Version, Architecture.S390X).With("EXT2_FS", KconfigValue.No).With("EXT4_USE_FOR_EXT2", KconfigValue.Yes));

    /// <summary>The machine of the s390 recordings: 512 MiB for Linux, the segments above.</summary>
    internal static Machine Segments(KernelRelease release, bool underZvm)
        => Machine.Build(m =>
        {
            m.Kernel(S390(release)).Ram("512M").ZVm(underZvm);
            Conformance.S390.Segments.DefineAll(m);
        });

    /// <summary>The machine of the cells and programs: an ordinary disk, a slow one, a pmem namespace of each mode, reserved memory.</summary>
    internal static Machine ModernDevices(KernelRelease release, Action<MachineBuilder>? more = null)
        => Machine.Build(m =>
        {
            m.Kernel(X86(release)).Ram("1G").Reserve("128M", "768M")
                .Disk("256M", "vda").Disk("64M", "vdb")
                .Pmem("128M", PmemMode.FsDax, name: "pmem0")
                .Pmem("128M", name: "pmem2")
                .Pmem("512M", PmemMode.FsDax, name: "pmem3")
                .Pmem("128M", PmemMode.Sector, name: "pmem4s")
                .E820Pmem("128M", "pmem5")
                .Loop("16M", "loop0");
            more?.Invoke(m);
        });

    /// <summary>The machine of the cells and programs with its mounts.</summary>
    internal static ISimulatedMachine Modern(KernelRelease release) => throw new SetupException($"memory operations are not simulated yet on {release}");
}
