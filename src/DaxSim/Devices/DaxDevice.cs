using DaxSim.Memory;
using DaxSim.Outcomes;
using DaxSim.State;

namespace DaxSim.Devices;

/// <summary>What a driver's direct_access handed out: where the memory is and how much of it follows.</summary>
/// <param name="Pfn">The first page frame.</param>
/// <param name="Flags">The pfn_t flags of the era.</param>
/// <param name="Bytes">How many bytes follow contiguously from there (an old driver may report a number that is no page multiple).</param>
internal readonly record struct DirectAccess(ulong Pfn, PfnFlags Flags, long Bytes);
