using DaxSim.Outcomes;

namespace DaxSim.Devices;

/// <summary>A namespace of persistent memory as the rest of the kernel sees it: memory that drivers take and let go.</summary>
internal interface IPmemNamespace
{
    /// <summary>For example <c>namespace0.0</c>.</summary>
    string Name { get; }

    /// <summary>The block device that a driver made of it; null when there is none.</summary>
    BlockDevice? Disk { get; }

    /// <summary>The dax range that a driver made of it; null when there is none.</summary>
    CharacterDax? Range { get; }

    /// <summary>The driver's probe.</summary>
    /// <param name="trace">Collects the tests, or null.</param>
    Verdict Bind(DecisionTrace? trace = null);

    /// <summary>The driver let go of it.</summary>
    void Release();

    /// <summary>Is that the name of the block device or dax range that it becomes, now or when it is bound?</summary>
    bool Owns(string device);
}
