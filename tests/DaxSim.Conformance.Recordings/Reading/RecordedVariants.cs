using DaxSim.Policy;

namespace DaxSim.Conformance.Reading;

/// <summary>What a recorded release says beyond what every release says.</summary>
internal static class RecordedVariants
{
    extension(KernelRelease release)
    {
        /// <summary>True when the name itself says s390x.</summary>
        internal bool IsS390 => release.Architecture == Architecture.S390X;

        /// <summary>True for the local variant of the recordings' README: FS_DAX_LIMITED selectable, raw pmem answering with PFN_DEV|PFN_SPECIAL, no ARCH_HAS_PMEM_API.</summary>
        internal bool IsLimited => release.Text.EndsWith("-limited", StringComparison.Ordinal);
    }
}
