namespace DaxSim.AddressSpaces;

/// <summary>What a number written to /proc/pid/clear_refs makes begin anew (enum clear_refs_types, fs/proc/task_mmu.c), with Linux's values.</summary>
public enum ClearReferencesKind
{
    /// <summary>CLEAR_REFS_ALL: no page counts as referenced any more.</summary>
    All = 1,

    /// <summary>CLEAR_REFS_ANON: the pages of anonymous areas no longer do.</summary>
    Anonymous = 2,

    /// <summary>CLEAR_REFS_MAPPED: the pages of file mappings no longer do.</summary>
    Mapped = 3,

    /// <summary>CLEAR_REFS_SOFT_DIRTY: no page counts as written any more (since 3.11).</summary>
    SoftDirty = 4,

    /// <summary>CLEAR_REFS_MM_HIWATER_RSS: the peak of the resident set (since 4.0).</summary>
    PeakResident = 5,
}
