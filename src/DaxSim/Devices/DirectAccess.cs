using DaxSim.Memory;

namespace DaxSim.Devices;

/// <summary>What a driver's direct_access handed out: where the memory is and how much of it follows.</summary>
/// <param name="Pfn">The first page frame.</param>
/// <param name="Flags">The pfn_t flags of the era.</param>
/// <param name="Bytes">How many bytes follow contiguously from there (an old driver may report a number that is no page multiple).</param>
internal readonly record struct DirectAccess(ulong Pfn, PfnFlags Flags, long Bytes);

/// <summary>enum dax_access_mode (5.19): what the caller of dax_direct_access is about to do.</summary>
internal enum DaxAccessMode
{
    /// <summary>DAX_ACCESS: an ordinary access; known media errors fail it.</summary>
    Access,

    /// <summary>DAX_RECOVERY_WRITE: the caller will overwrite whole pages through the driver, which may repair them.</summary>
    RecoveryWrite,
}

/// <summary>A range of page frames that a device consists of.</summary>
/// <param name="StartPfn">The first page frame.</param>
/// <param name="PageCount">How many page frames.</param>
internal readonly record struct PfnRange(ulong StartPfn, ulong PageCount)
{
    internal ulong EndPfn => StartPfn + PageCount;

    internal bool Contains(ulong pfn) => pfn >= StartPfn && pfn < EndPfn;
}

/// <summary>struct dax_operations: what a driver lends to its dax_device.</summary>
internal interface IDaxOperations
{
    /// <summary>direct_access of the driver, before the tests that dax_direct_access does around it.</summary>
    /// <returns>The memory (perhaps 0 bytes), or an error.</returns>
    Outcomes.Result<DirectAccess> DaxDirectAccess(ulong pgoff, long pageCount, DaxAccessMode mode, Outcomes.DecisionTrace? trace);
}
