using DaxSim.Conformance.Reading;
using DaxSim.Conformance.S390;
using DaxSim.Policy;

namespace DaxSim.Conformance.Adapter;

/// <summary>Builds the machines that the recordings were made on.</summary>
internal static class OracleMachine
{
    /// <summary>The kernel of a cells, programs or old recording.</summary>
    internal static KernelPolicy X86(KernelRelease release, bool separateExt2 = false)
    {
        var config = KernelConfig.Default(release.Version, Architecture.X8664).With("EXT2_FS", separateExt2 ? KconfigValue.Yes : KconfigValue.No);
        return KernelPolicy.Mainline(release.Version, Architecture.X8664, config);
    }

    /// <summary>The kernel of an s390 recording: ext2 is served by the ext4 driver.</summary>
    internal static KernelPolicy S390(KernelRelease release)
        => KernelPolicy.Mainline(release.Version, Architecture.S390X, KernelConfig.Default(release.Version, Architecture.S390X).With("EXT2_FS", KconfigValue.No));

    /// <summary>The machine of the s390 recordings: 512 MiB for Linux, the segments above.</summary>
    internal static Machine Segments(KernelRelease release, bool underZvm)
        => Machine.Build(m =>
        {
            m.Kernel(S390(release)).Ram("512M").ZVm(underZvm);
            Conformance.S390.Segments.DefineAll(m);
        });

    /// <summary>The machine of the cells and programs: every pmem mode, an ordinary disk, reserved memory, 16 huge pages.</summary>
    internal static ISimulatedMachine Modern(KernelRelease release) => throw new SetupException($"memory operations are not simulated yet on {release}");
}
