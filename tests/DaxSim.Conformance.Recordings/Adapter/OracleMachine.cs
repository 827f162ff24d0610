using DaxSim.Conformance.Reading;

namespace DaxSim.Conformance.Adapter;

/// <summary>Builds the machines that the recordings were made on.</summary>
internal static class OracleMachine
{
    /// <summary>The machine of the cells and programs: every pmem mode, an ordinary disk, reserved memory, 16 huge pages.</summary>
    internal static ISimulatedMachine Modern(KernelRelease release) => throw new SetupException($"memory operations are not simulated yet on {release}");
}
