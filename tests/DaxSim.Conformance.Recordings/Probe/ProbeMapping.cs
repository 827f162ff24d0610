namespace DaxSim.Conformance.Probe;

/// <summary>The kinds of mapping of the old and s390 recordings.</summary>
internal enum ProbeMapping
{
    /// <summary>MAP_SHARED of a file whose pages are full of a, b, c, d.</summary>
    Shared,

    /// <summary>MAP_PRIVATE of such a file.</summary>
    Private,

    /// <summary>Private anonymous memory, filled by the process.</summary>
    Anonymous,

    /// <summary>Shared anonymous memory, filled by the process.</summary>
    AnonymousShared,

    /// <summary>MAP_SHARED of /dev/mem, filled by the process.</summary>
    DeviceMemory,

    /// <summary>MAP_SHARED of a file that was never written.</summary>
    Hole,

    /// <summary>No mapping of its own: a program on the filesystem is executed.</summary>
    Program,
}
