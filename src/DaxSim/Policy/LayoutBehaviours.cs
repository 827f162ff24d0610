namespace DaxSim.Policy;

/// <summary>When ext4 looks whether a range that fallocate takes away or shifts lies within the file.</summary>
public enum FallocateRangeRule
{
    /// <summary>Before it looks for pages that are in use: a hole past the end of the file is punched without waiting, and unmaps nothing.</summary>
    BeforeLayoutBreak,

    /// <summary>After that.</summary>
    AfterLayoutBreak,
}

/// <summary>Whether pages of a DAX file can be pinned for long.</summary>
public enum FsDaxLongTermRule
{
    /// <summary>They can.</summary>
    Allowed,

    /// <summary>They are pinned, then the area is looked at and they are given back: EOPNOTSUPP.</summary>
    RefusedAfterPinning,

    /// <summary>The area is looked at first: EOPNOTSUPP.</summary>
    RefusedBeforePinning,
}

/// <summary>Whether taking blocks away from a DAX file waits for references on its pages.</summary>
public enum LayoutBreakRule
{
    /// <summary>It does not: a device may go on writing into blocks that now belong to another file.</summary>
    None,

    /// <summary>xfs waits.</summary>
    XfsOnly,

    /// <summary>ext4 and xfs wait.</summary>
    AllFileSystems,
}

/// <summary>Whether the end of direct I/O wakes whoever waits for a DAX page.</summary>
public enum LayoutWakeupRule
{
    /// <summary>It does.</summary>
    OnLastReference,

    /// <summary>It does not: the sleeper goes on until a signal.</summary>
    ForgottenByDirectIo,
}

/// <summary>Whether the search for referenced pages of a DAX file also unmaps private copies.</summary>
public enum LayoutUnmapRule
{
    /// <summary>It does: what a process wrote into a private mapping is lost.</summary>
    EvenPrivateCopies,

    /// <summary>It does not.</summary>
    FilePages,
}

/// <summary>Which DAX files are searched for referenced pages before blocks are taken away from them.</summary>
public enum LayoutSearchRule
{
    /// <summary>Those that somebody maps at that moment: a reference that outlived its mapping is overlooked.</summary>
    MappedFiles,

    /// <summary>All.</summary>
    EveryFile,
}
